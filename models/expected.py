"""How many books the plan expects of a unit, kind and year: kept beside what has come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select, update

from models.counters import add_to_decade, open_series
from models.tables import PlannedBook, UnitCounter
from pipeline.types import Kind

Series = tuple[str, Kind, int]
"""Unit, kind, year."""


def count_expected(connection: Connection, units: Collection[str]) -> int:
    """Write into these units' counters what the plan holds; returns how many books that are."""
    columns = (PlannedBook.unit_id, PlannedBook.kind, PlannedBook.year)
    query = select(*columns, func.count()).where(PlannedBook.unit_id.in_(units)).group_by(*columns)
    rows = connection.execute(query).all()
    books = {(unit, Kind(kind), year): number for unit, kind, year, number in rows}
    write_expected(connection, books, units)
    return sum(books.values())


def write_expected(
    connection: Connection, books: Mapping[Series, int], units: Collection[str] | None = None
) -> None:
    """Let so many books be expected of each series, and none of all others (of these units)."""
    query = select(
        UnitCounter.unit_id, UnitCounter.kind, UnitCounter.year, UnitCounter.books_expected
    )
    if units is not None:
        query = query.where(UnitCounter.unit_id.in_(units))
    there = {
        (row.unit_id, Kind(row.kind), row.year): row.books_expected
        for row in connection.execute(query)
    }
    new = [series for series in books if series not in there]
    open_series(connection, new)
    for series in sorted({*there, *books}):
        number = books.get(series, 0)
        if number != there.get(series, 0):
            unit, kind, year = series
            connection.execute(
                update(UnitCounter)
                .where(
                    UnitCounter.unit_id == unit, UnitCounter.kind == kind,
                    UnitCounter.year == year,
                )
                .values(books_expected=number)
            )  # fmt: skip
            add_to_decade(connection, series, {"books_expected": number - there.get(series, 0)})
