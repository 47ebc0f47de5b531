"""Counters, moved in the transaction that moves what they count.

A hundred million fields cannot be counted while a supervisor waits; a few thousand counters
can. ``recount`` proves them against the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Integer,
    RowMapping,
    Select,
    String,
    Update,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from models.clock import Now, Today
from models.database import Database
from models.states import BookState
from models.tables import (
    Book,
    BookCounter,
    DayCounter,
    DecadeCounter,
    Entry,
    FieldValue,
    Scan,
    UnitCounter,
)
from pipeline.types import Decision, Kind

TALLIED = tuple(
    column.key
    for column in BookCounter.__table__.columns
    if column.key.startswith(("scans_", "entries_", "fields_", "voided_"))
)
"""Names of the counts a book and a unit share, ``<what>_<state>``."""
BOOKS = tuple(f"books_{state}" for state in BookState)
COUNTED = (*BOOKS, "books_released", *TALLIED)
"""All that a unit counts."""
DAILY = tuple(
    column.key for column in DayCounter.__table__.columns if column.key in COUNTED
)  # fmt: skip
"""What is also kept by days."""
DAY_COUNTS = (*DAILY, "reviews", "hand_seconds")
"""All that a day counts: what moved, and the hands that did it."""
BY_DECADE = tuple(
    column.key for column in DecadeCounter.__table__.columns if column.key in COUNTED
)  # fmt: skip
"""What is also kept summed by decade."""

DECIDED = case(
    (FieldValue.person_state.is_not(None), literal(Decision.PERSON.value)),
    else_=type_coerce(FieldValue.decision, String),
)
"""What a field counts as: a person's word stands before the machine's."""


def count_rows(
    connection: Connection, *, scan_id: int | None = None, book_id: int | None = None
) -> dict[int, Counter[str]]:
    """Counts per book from the rows themselves: of a scan, a book, or everything."""
    tallies: dict[int, Counter[str]] = {}
    of, asked = "", {}
    if scan_id is not None:
        of, asked = "scan", {"scan": scan_id}
    elif book_id is not None:
        of, asked = "book", {"book": book_id}
    for what, query in _counting(of).items():
        for book, state, number in connection.execute(query, asked):
            tallies.setdefault(book, Counter())[f"{what}_{state}"] += number
    return tallies


@lru_cache
def _counting(of: str) -> dict[str, Select[int, str, int]]:
    """What counts all rows, or those of a ``scan`` or ``book``.

    Built once: each save counts twice, and building costs ten times what SQLite takes to count.
    """

    def narrowed(query: Select[int, str, int]) -> Select[int, str, int]:
        if of == "scan":
            return query.where(Scan.id == bindparam("scan"))
        if of == "book":
            return query.where(Scan.book_id == bindparam("book"))
        return query

    scan_state = type_coerce(Scan.state, String)
    entry_state = type_coerce(Entry.state, String)
    count = func.count()
    queries = {
        "scans": select(Scan.book_id, scan_state, count).group_by(Scan.book_id, scan_state),
        "entries": select(Scan.book_id, entry_state, count)
        .join(Entry, Entry.scan_id == Scan.id)
        .group_by(Scan.book_id, entry_state),
        "voided": select(Scan.book_id, literal("entries"), count)
        .join(Entry, Entry.scan_id == Scan.id)
        .where(Entry.voided)
        .group_by(Scan.book_id),
        "fields": select(Scan.book_id, DECIDED, count)
        .join(Entry, Entry.scan_id == Scan.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .group_by(Scan.book_id, DECIDED),
    }
    return {what: narrowed(query) for what, query in queries.items()}


def open_counters(connection: Connection, book_id: int, scans: int) -> None:
    """Start counting a new book: queued, all its scans waiting."""
    unit_id, kind, year = _series(connection, book_id)
    open_series(connection, [(unit_id, kind, year)])
    connection.execute(insert(BookCounter).values(book_id=book_id))
    add_to_counters(connection, book_id, {"scans_waiting": scans, "books_queued": 1})


def open_series(connection: Connection, series: Iterable[tuple[str, Kind, int]]) -> None:
    """Have counters for these units, kinds and years, and for their decades."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for unit_id, kind, year in series:
        for table, when in (
            (UnitCounter, {"year": year}),
            (DecadeCounter, {"decade": decade(year)}),
        ):
            connection.execute(
                dialect.insert(table)
                .values(unit_id=unit_id, kind=kind, **when)
                .on_conflict_do_nothing()
            )


def decade(year: int) -> int:
    """``1974`` → ``1970``."""
    return year - year % 10


def add_to_counters(connection: Connection, book_id: int, change: Mapping[str, int]) -> None:
    """Add a change to the counters of a book, of its unit, decade and day, in this order."""
    change = {name: number for name, number in change.items() if number}
    if not change:
        return
    of_book = {name: number for name, number in change.items() if name in TALLIED}
    if of_book:
        _add(connection, BookCounter, of_book, book_id=book_id)
    unit_id, kind, year = _series(connection, book_id)
    _add(connection, UnitCounter, change, unit_id=unit_id, kind=kind, year=year)
    of_decade = {name: number for name, number in change.items() if name in BY_DECADE}
    if of_decade:
        add_to_decade(connection, (unit_id, kind, year), of_decade)
    of_day = {name: number for name, number in change.items() if name in DAILY}
    if of_day:
        add_to_day(connection, unit_id, of_day)


def add_to_decade(
    connection: Connection, series: tuple[str, Kind, int], change: Mapping[str, int]
) -> None:
    """Add a change to the decade of a unit, kind and year."""
    unit_id, kind, year = series
    _add(connection, DecadeCounter, change, unit_id=unit_id, kind=kind, decade=decade(year))


_SERIES = select(Book.unit_id, Book.kind, Book.year).where(Book.id == bindparam("book"))


def _series(connection: Connection, book_id: int) -> tuple[str, Kind, int]:
    unit_id, kind, year = connection.execute(_SERIES, {"book": book_id}).one()
    return unit_id, Kind(kind), year


def _add(
    connection: Connection,
    table: type[BookCounter] | type[UnitCounter] | type[DecadeCounter],
    change: Mapping[str, int],
    **row: Any,
) -> None:
    query = _adding(table, tuple(sorted(change)), tuple(row))
    asked = {f"of_{name}": value for name, value in row.items()}
    connection.execute(query, {**asked, **{f"add_{name}": by for name, by in change.items()}})


@lru_cache(maxsize=512)
def _adding(
    table: type[BookCounter] | type[UnitCounter] | type[DecadeCounter],
    names: tuple[str, ...],
    key: tuple[str, ...],
) -> Update:
    """What adds to some counters of the row of a key; each save does the same few of them."""
    columns = table.__table__.c
    values: dict[Any, Any] = {
        columns[name]: columns[name] + bindparam(f"add_{name}", type_=Integer) for name in names
    }
    if table is BookCounter:
        values[columns["moved_at"]] = Now()
    which = [columns[name] == bindparam(f"of_{name}") for name in key]
    return update(table).where(*which).values(values)


def add_to_day(connection: Connection, unit_id: str, change: Mapping[str, int]) -> None:
    """Last of the counters: whoever has it wants no other counter any more."""
    query = _adding_to_day(connection.dialect.name)
    row = {"unit_id": unit_id, **dict.fromkeys(DAY_COUNTS, 0), **change}
    connection.execute(query, {f"add_{name}": value for name, value in row.items()})


@lru_cache
def _adding_to_day(dialect_name: str) -> Insert:
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    columns = DayCounter.__table__.c
    numbers = {name: bindparam(f"add_{name}", type_=columns[name].type) for name in DAY_COUNTS}
    added: Any = dialect.insert(DayCounter).values(
        {"day": Today(), "unit_id": bindparam("add_unit_id"), **numbers}
    )
    made: Insert = added.on_conflict_do_update(
        index_elements=["day", "unit_id"],
        set_={name: columns[name] + added.excluded[name] for name in DAY_COUNTS},
    )
    return made


def difference(after: Counter[str], before: Counter[str]) -> dict[str, int]:
    """``after`` less ``before``, negative numbers kept."""
    return {name: after[name] - before[name] for name in {*after, *before}}


@dataclass(frozen=True)
class CounterFault:
    """A counter that does not say what its rows say. ``of`` is a book id or unit/kind/year."""

    of: str
    name: str
    counted: int
    rows: int


def recount(db: Database) -> list[CounterFault]:
    """Compare every counter with the rows; an empty list proves them. Reads everything."""
    with db.read() as connection:
        rows = count_rows(connection)
        units: dict[tuple[str, str, int], Counter[str]] = {}
        faults = []
        counted_books = {
            row["book_id"]: row
            for row in connection.execute(select(BookCounter.__table__)).mappings()
        }
        for book_id, unit_id, kind, year, state, released in connection.execute(
            select(
                Book.id, Book.unit_id, Book.kind, Book.year, Book.state, Book.released_at
            ).order_by(Book.id)
        ):
            true = rows.get(book_id, Counter())
            unit = units.setdefault((unit_id, str(kind), year), Counter())
            unit.update(true)
            unit[f"books_{state}"] += 1
            unit["books_released"] += released is not None
            faults += _compare(f"book {book_id}", TALLIED, counted_books.get(book_id), true)
        faults += _days_that_differ(connection, units)
        faults += _decades_that_differ(connection, units)
        for row in connection.execute(select(UnitCounter.__table__)).mappings():
            true = units.pop((row["unit_id"], str(row["kind"]), row["year"]), Counter())
            name = f"{row['unit_id']}/{row['kind']}/{row['year']}"
            faults += _compare(name, COUNTED, row, true)
        for key, true in units.items():
            faults += _compare("/".join(map(str, key)), COUNTED, None, true)
        return faults


def _days_that_differ(
    connection: Connection, units: Mapping[tuple[str, str, int], Counter[str]]
) -> list[CounterFault]:
    """The days of a unit together must be its rows."""
    true: dict[str, Counter[str]] = {}
    for (unit_id, _, _), counts in units.items():
        true.setdefault(unit_id, Counter()).update(counts)
    columns = DayCounter.__table__.c
    sums = select(
        columns.unit_id, *(func.sum(columns[name]).label(name) for name in DAILY)
    ).group_by(columns.unit_id)
    days = {row["unit_id"]: row for row in connection.execute(sums).mappings()}
    return [
        fault
        for unit_id in sorted({*true, *days})
        for fault in _compare(
            f"days of {unit_id}", DAILY, days.get(unit_id), true.get(unit_id, Counter())
        )
    ]


def _decades_that_differ(
    connection: Connection, units: Mapping[tuple[str, str, int], Counter[str]]
) -> list[CounterFault]:
    """The decade of a unit must be its rows, and expect what its years expect."""
    true: dict[tuple[str, str, int], Counter[str]] = {}
    for (unit_id, kind, year), counts in units.items():
        true.setdefault((unit_id, kind, decade(year)), Counter()).update(counts)
    for row in connection.execute(select(UnitCounter.__table__)).mappings():
        key = (row["unit_id"], str(row["kind"]), decade(row["year"]))
        true.setdefault(key, Counter())["books_expected"] += row["books_expected"]
    kept = {
        (row["unit_id"], str(row["kind"]), row["decade"]): row
        for row in connection.execute(select(DecadeCounter.__table__)).mappings()
    }
    names = (*BY_DECADE, "books_expected")
    return [
        fault
        for key in sorted({*true, *kept})
        for fault in _compare(
            f"decade {'/'.join(map(str, key))}", names, kept.get(key), true.get(key, Counter())
        )
    ]


def _compare(
    of: str, names: tuple[str, ...], row: RowMapping | None, rows: Counter[str]
) -> list[CounterFault]:
    counted: Mapping[str, int] = {name: row[name] for name in names} if row else {}
    return [
        CounterFault(of, name, counted.get(name, 0), rows[name])
        for name in names
        if counted.get(name, 0) != rows[name]
    ]


def lock_scans(connection: Connection, *conditions: ColumnElement[bool]) -> None:
    """Hold scans until the transaction ends, so that nobody else changes what is counted."""
    connection.execute(select(Scan.id).where(*conditions).order_by(Scan.id).with_for_update()).all()
