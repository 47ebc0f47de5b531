"""The forecast's interval holds the truth as often as it says; stages add up to the whole."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from desk.board.forecast import FEWEST, forecast, weekly
from desk.board.stages import expected_entries, shares
from models.board import Counts, Day


def history(chance: random.Random, spread: float, alike: float):
    """Weekly speeds without end: neighbours resemble each other, one week in ten is a short one."""
    state = chance.gauss(0, spread)
    while True:
        state = alike * state + chance.gauss(0, spread * math.sqrt(1 - alike**2))
        short = 0.4 if chance.random() < 0.1 else 1.0
        yield max(0.0, 1000 * math.exp(state - spread**2 / 2) * short)


@pytest.mark.parametrize("seen", [6, 10])
@pytest.mark.parametrize(("spread", "alike"), [(0.15, 0.0), (0.3, 0.0), (0.3, 0.4), (0.5, 0.3)])
def test_nine_in_ten_intervals_hold_the_truth(seen, spread, alike):
    chance = random.Random(f"{seen}/{spread}/{alike}")
    inside, tries = 0, 400
    for _ in range(tries):
        speeds = history(chance, spread, alike)
        known = [next(speeds) for _ in range(seen)]
        left = chance.uniform(4_000, 40_000)
        told = forecast(known, left)
        assert told is not None
        weeks, done = 0.0, 0.0
        while done < left:
            week = next(speeds)
            weeks += min(1.0, (left - done) / week) if week else 1.0
            done += week
        inside += told.low <= weeks and (told.high is None or weeks <= told.high)
    assert inside / tries >= 0.85


def test_nothing_is_forecast_from_too_little():
    assert forecast([100.0] * (FEWEST - 1), 500.0) is None
    assert forecast([0.0] * 8, 500.0) is None
    done = forecast([10.0] * 8, 0.0)
    assert done is not None and done.high == 0.0


def test_a_steady_speed_gives_a_narrow_interval_and_a_wild_one_may_see_no_end():
    steady = forecast([100.0, 101.0] * 4, 1000.0)
    assert steady is not None and steady.high is not None
    assert 9.5 < steady.low < steady.middle < steady.high < 10.5
    wild = forecast([0.0, 0.0, 0.0, 900.0], 10_000.0)
    assert wild is not None and wild.high is None


def test_weeks_are_whole_and_weeks_of_rest_count():
    today = date(2026, 11, 25)  # a Wednesday
    days = [
        Day(today - timedelta(days=back), 0, 0, 0, released, 0)
        for back, released in ((0, 99), (3, 5), (10, 7), (24, 2))
    ]
    assert weekly(days, today) == [2.0, 0.0, 7.0, 5.0]


def test_stages_add_up_and_an_unread_book_counts_as_unread():
    half = Counts(
        books_expected=4, books_queued=1, books_done=1, scans_waiting=10, scans_read=8,
        scans_rescan=2, entries_review=20, entries_settled=40, entries_released=20,
    )  # fmt: skip
    part = shares(half)
    assert math.isclose(sum(share for _, share in part.each()), 1.0)
    assert (part.missing, part.read) == (0.5, 0.2)
    assert math.isclose(part.released, 0.05)
    assert expected_entries(half) == 80 * (20 / 8) * 2
    assert shares(Counts()).each()[0] == ("missing", 0.0)
    assert shares(Counts(books_expected=3)).missing == 1.0
