"""Progress comes from counters: per unit, book and batch, and fast at full size."""

from __future__ import annotations

import pytest
from models_samples import (
    AN_THAI,
    CAT_DAI,
    book,
    claim,
    digitize,
    queue,
    rescan_result,
    save,
)
from sqlalchemy import event, insert

from models import batch_progress, book_progress, load_units, progress
from models.counters import BOOKS, TALLIED
from models.states import EntryState
from models.tables import UnitCounter
from models.units import UnitName
from pipeline.types import Kind

UNITS, YEARS = 233, range(1922, 2016)


def test_progress_is_told_per_unit_book_and_batch(database):
    first, _, other = queue(
        database, book(3), book(2, kind=Kind.DEATH), book(1, unit=CAT_DAI), contractor="A"
    )
    digitize(database, first)
    job = claim(database, other)[0]
    assert save(database, job, rescan_result())
    an_thai, cat_dai = progress(database)[::-1]
    assert (an_thai.name, an_thai.books, an_thai.books_running) == ("An Thái", 2, 1)
    assert (an_thai.tally.scans, an_thai.tally.scans_done, an_thai.tally.entries) == (5, 3, 6)
    assert an_thai.tally.fields == 6 * 8
    assert (cat_dai.name, cat_dai.tally.scans_rescan) == ("Cát Dài", 1)
    assert [
        (one.code, one.tally.scans_done) for one in book_progress(database, unit="An Thái")
    ] == [
        ("xa-an-thai.an-lao.KS.2008.01", 3),
        ("xa-an-thai.an-lao.KT.2008.01", 0),
    ]
    [of_batch] = batch_progress(database)
    assert (of_batch.contractor, of_batch.books_running, of_batch.tally.scans) == ("A", 2, 6)


def test_progress_can_be_narrowed_to_a_unit_or_a_batch(database):
    queue(database, book(3), contractor="A", name="a")
    queue(database, book(2, year=1999), book(1, unit=CAT_DAI), contractor="B", name="b")
    assert [one.name for one in progress(database, unit="phuong cat dai")] == ["Cát Dài"]
    later = batch_progress(database)[1].batch_id
    assert [(one.name, one.tally.scans) for one in progress(database, batch=later)] == [
        ("Cát Dài", 1),
        ("An Thái", 2),
    ]
    assert progress(database, unit="không có") == []


def test_no_unit_is_forgotten_when_asked_for_all(database):
    load_units(database, [AN_THAI, CAT_DAI])
    queue(database, book(1))
    assert [one.name for one in progress(database)] == ["An Thái"]
    assert [(one.name, one.books) for one in progress(database, empty=True)] == [
        ("Cát Dài", 0),
        ("An Thái", 1),
    ]


@pytest.mark.slow
def test_progress_of_all_units_kinds_and_years_is_summed_by_the_database(database):
    """233 units, three kinds, 94 years: the counters of 2.5 million entries and more."""
    load_units(database, [UnitName(f"u{n}", f"Số {n}", "Xã", f"H{n % 15}") for n in range(UNITS)])
    ones = dict.fromkeys((*BOOKS, *TALLIED), 1)
    with database.write() as connection:
        connection.execute(
            insert(UnitCounter),
            [
                {"unit_id": f"u{n}", "kind": kind, "year": year, **ones}
                for n in range(UNITS)
                for kind in Kind
                for year in YEARS
            ],
        )
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    units = progress(database)
    event.remove(database.engine, "before_cursor_execute", note)
    # Summed by the database, whatever the years and kinds: its time is measured in bench/.
    assert len(asked) <= 3
    assert len(units) == UNITS
    assert units[0].tally.entries == len(EntryState) * len(Kind) * len(YEARS)
