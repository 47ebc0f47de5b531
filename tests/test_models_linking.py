"""Links in the database: suggested anew, never against a person's word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from models_samples import book, digitize, queue
from sqlalchemy import update

from flows.link import link_office
from models import Database, LinkState, find_entry_links, judge_link, linking, mentions, save_links
from models.tables import EntryLink
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason, Suggestion
from pipeline.settings import Settings


@pytest.fixture
def two_copies(database: Database) -> list[int]:
    books = []
    for volume in ("01", "02"):
        (book_id,) = queue(database, book(2, volume=volume), name=f"lô {volume}")
        digitize(database, book_id)
        books.append(book_id)
    return books


def test_two_copies_of_a_book_are_linked_entry_by_entry_and_judged(
    database: Database, two_copies: list[int], tmp_path: Path
) -> None:
    # eight people are no population: what they share is hardly rare among them
    (tmp_path / "thresholds.yaml").write_text("linking: {least: 0.01}", "utf-8")
    settings = Settings(home=tmp_path, config=tmp_path)
    assert {one.name for one in mentions(database)} == {
        f"Nguyễn Thị Hoa {scan}.{n}" for scan in (1, 2) for n in (0, 1)
    }
    linked = link_office(database, settings, actor="lan")
    assert (linked.persons, linked.suggested) == (8, 4)
    rows = find_entry_links(database, book_id=two_copies[0])
    assert len(rows) == 4
    assert {one.relation for one in rows} == {Relation.REGISTRATION}
    assert {(one.first[-2:], one.second[-2:]) for one in rows} == {
        (n, n) for n in ("01", "02", "03", "04")
    }
    assert judge_link(database, rows[0].id, right=True, person="lan")
    assert judge_link(database, rows[1].id, right=False, person="lan")
    assert not judge_link(database, 10**6, right=True, person="lan")
    again = link_office(database, settings, actor="lan")
    assert again.suggested == 2  # what a person has said is not asked again
    now = {one.entries: one.state for one in find_entry_links(database)}
    assert now[rows[0].entries] is LinkState.CONFIRMED
    assert now[rows[1].entries] is LinkState.REFUSED
    assert len(find_entry_links(database, state=LinkState.SUGGESTED)) == 2
    (own,) = find_entry_links(database, entry_ids=[rows[0].entries[0]])
    assert (own.person, own.state) == ("lan", LinkState.CONFIRMED)
    assert own.at is not None


def test_reasons_and_order_survive_the_database(database: Database, two_copies: list[int]) -> None:
    ids = [one.entry for one in mentions(database)]
    likely = Suggestion(
        Relation.REGISTRATION, ids[0], "child", ids[4], "child", 21.5, 0.97,
        (Reason("name", "same", 14.25), Reason("event", "other", -3.0)),
    )  # fmt: skip
    less = replace(likely, second=ids[5], probability=0.6)
    assert save_links(database, [less, likely], actor="lan") == 2
    first, second = find_entry_links(database)
    assert (first.probability, second.probability) == (0.97, 0.6)
    assert first.reasons == likely.reasons
    assert find_entry_links(database, most=1) == [first]


def test_what_moves_by_less_than_is_shown_is_not_written_anew(
    database: Database, two_copies: list[int]
) -> None:
    ids = [one.entry for one in mentions(database)]
    link = Suggestion(
        Relation.REGISTRATION, ids[0], "child", ids[4], "child", 21.5, 0.97,
        (Reason("name", "same", 21.5),),
    )  # fmt: skip
    save_links(database, [link], actor="lan")
    for weight, stands in ((21.9, 21.5), (22.0, 22.0), (21.6, 22.0)):
        moved = replace(link, weight=weight, reasons=(Reason("name", "same", weight),))
        assert save_links(database, [moved], actor="lan") == 1
        (now,) = find_entry_links(database)
        assert (now.weight, now.reasons[0].weight) == (stands, stands)
    save_links(database, [replace(link, probability=0.96)], actor="lan")
    assert find_entry_links(database)[0].probability == 0.96


def test_what_is_said_while_links_are_written_stays(
    database: Database, two_copies: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [one.entry for one in mentions(database)]
    first = Suggestion(Relation.REGISTRATION, ids[0], "child", ids[4], "child", 21.5, 0.97, ())
    second, third = (replace(first, second=ids[n]) for n in (5, 6))
    save_links(database, [first, second], actor="lan")
    one, other = (row.id for row in find_entry_links(database))
    read = linking._units

    def slow(connection, some):  # somebody is faster, and another search too
        judged = update(EntryLink).values(state=LinkState.REFUSED, person_by="minh")
        connection.execute(judged.where(EntryLink.id.in_([one, other])))
        monkeypatch.undo()
        linking._save(connection, [third], {})
        return read(connection, some)

    monkeypatch.setattr(linking, "_units", slow)
    save_links(database, [replace(first, weight=30.0), third], actor="lan")
    links = {row.id: row for row in find_entry_links(database)}
    assert len(links) == 3
    assert [links[id_].person for id_ in (one, other)] == ["minh", "minh"]
    assert links[one].weight == 21.5
