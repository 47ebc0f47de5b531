"""Tiles, the strip of a unit, and the days that a board remembers."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

from desk.board.matrix import matrix_svg
from desk.board.stages import shares
from desk.board.tiles import AT_ONCE, at_once, board_tile, wall_tile
from desk.board.units import Group, Tile, total
from desk.routes import progress
from desk.templating import percent
from models.board import Counts, Day
from models.states import Role
from models.users import User
from pipeline.texts import spoken
from pipeline.types import Kind

HALF = Counts(
    books_expected=4, books_done=2, books_queued=2, scans_waiting=10, scans_read=9, scans_rescan=1,
    entries_review=30, entries_settled=30, entries_released=30,
)  # fmt: skip


def tile(counts: Counts = HALF, name: str = "Xã <Nguyễn> Bỉnh Khiêm") -> Tile:
    return Tile("hp-x@y", name, "Huyện V", ("hp-x@y",), counts, shares(counts))


def test_a_tile_says_every_stage_and_escapes_its_name():
    token = spoken.set("en")
    try:
        drawn = str(board_tile(tile(), "view=plan&kind=KS", percent))
        assert 'href="/progress/units/hp-x%40y?view=plan&amp;kind=KS"' in drawn
        assert "<Nguyễn>" not in drawn and "X. &lt;Nguyễn&gt; Bỉnh Khiêm</b>" in drawn
        title = re.search(r'title="([^"]*)"', drawn)[1]
        assert "not handed over" not in title and "scanned, not read 50 %" in title
        assert "stuck scans 5 %" in title and "released 15 %" in title
        assert "✓ 30 %" in drawn and "★ 15 %" in drawn and "▲ 1</span>" in drawn
        assert 'class="tile empty"' in str(board_tile(tile(Counts()), "", percent))
    finally:
        spoken.reset(token)


def test_a_tile_that_is_kept_is_not_shown_in_the_other_language_or_with_old_counts():
    texts = set()
    for said in ("vi", "en"):
        token = spoken.set(said)
        for counts in (HALF, replace(HALF, entries_review=0)):
            texts.add(str(board_tile(tile(counts), "", percent)))
        spoken.reset(token)
    assert len(texts) == 4


def test_a_long_name_is_cut_on_the_wall_and_whole_in_its_title():
    drawn = str(wall_tile(tile(name="Phường Trần Thành Ngọ"), "", percent))
    assert ">P. Trần Th…</b>" in drawn and 'title="Phường Trần Thành Ngọ: ' in drawn


def test_districts_are_laid_out_at_once_until_the_screen_is_full():
    def group(size: int) -> Group:
        return Group("", (tile(),) * size, HALF, shares(HALF))

    assert at_once([group(3)] * 4) == 4
    assert at_once([group(AT_ONCE - 1), group(5), group(5)]) == 2
    assert at_once([]) == 0


def test_what_waits_is_never_less_than_nothing():
    chance = random.Random(4)
    for _ in range(3000):
        counts = Counts(
            books_expected=chance.randrange(9), books_done=chance.randrange(9),
            scans_read=chance.randrange(9), scans_rescan=chance.randrange(9),
            scans_quarantined=chance.randrange(9), entries_review=chance.randrange(5),
        )  # fmt: skip
        found = shares(counts)
        assert all(share >= 0 for _, share in found.each())
        assert not counts.scans or found.waiting == 0


def test_a_sum_of_counts_is_the_sum_of_each():
    assert total([]) == Counts()
    assert total([HALF, HALF, Counts(books_done=1)]) == HALF + HALF + Counts(books_done=1)


def test_the_strip_of_a_unit_draws_each_stage_once_and_links_each_year():
    token = spoken.set("en")
    by_year = {(Kind.BIRTH, year): HALF for year in range(1950, 1990) if year != 1960}
    drawn = str(matrix_svg(by_year, "then", percent))
    spoken.reset(token)
    assert drawn.count("<a ") == 39 and 'href="?view=then&amp;kind=KS&amp;year=1951#books"' in drawn
    assert drawn.count('<path class="cell released"') == 1 and drawn.count('class="gap"') == 1
    assert "Births 1960: no book of this year" in drawn
    assert "Births 1951: 4 books; scanned, not read 50 %" in drawn
    assert str(matrix_svg({(Kind.BIRTH, 1950): Counts()}, "plan", percent)) == ""


def test_only_the_last_two_days_are_asked_for_again(monkeypatch):
    today = date(2026, 3, 9)
    there = {today - timedelta(days=back): 10 + back for back in range(5)}
    asked = []

    def days(_db, _user, since):
        asked.append(since)
        return [Day(day, n, n, n, n, n) for day, n in sorted(there.items()) if day >= since]

    monkeypatch.setattr(progress, "days", days)
    desk = SimpleNamespace(database=None, past={})
    boss = User(1, "a", "A", Role.ADMIN)
    since = today - timedelta(days=4)
    first = progress._days(desk, boss, since, today)
    there[today], there[today - timedelta(days=1)] = 99, 98
    again = progress._days(desk, boss, since, today)
    assert [one.scans_read for one in first] == [14, 13, 12, 11, 10]
    assert [one.scans_read for one in again] == [14, 13, 12, 98, 99]
    assert asked == [since, today - timedelta(days=1)]
    of_units = User(2, "b", "B", Role.SUPERVISOR, units=frozenset({"x"}))
    progress._days(desk, of_units, since, today)
    progress._days(desk, boss, since + timedelta(days=1), today + timedelta(days=1))
    assert asked[2:] == [since, since + timedelta(days=1)] and len(desk.past) == 1
