"""What the progress board stands on: sums over counters, never over rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import add, attrgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, cast, func, select

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.expected import write_expected
from models.states import BookState
from models.tables import (
    Batch,
    Book,
    BookCounter,
    Contractor,
    DayCounter,
    DecadeCounter,
    Entry,
    Scan,
    Unit,
    UnitCounter,
)
from models.users import User, in_scope
from pipeline.errors import OutOfReachError
from pipeline.types import Kind

SUMMED = (
    "books_expected", "books_queued", "books_running", "books_done", "books_attention",
    "books_released", "scans_waiting", "scans_read", "scans_attention", "scans_rescan",
    "scans_quarantined", "entries_review", "entries_settled", "entries_released",
)  # fmt: skip
_NUMBERS = attrgetter(*SUMMED)
BEFORE_DAYS = date(2000, 1, 1)
"""Day under which everything stands that was counted before there were days."""


@dataclass(frozen=True)
class Counts:
    """Books, scans and entries by where they stand."""

    books_expected: int = 0
    books_queued: int = 0
    books_running: int = 0
    books_done: int = 0
    books_attention: int = 0
    books_released: int = 0
    scans_waiting: int = 0
    scans_read: int = 0
    scans_attention: int = 0
    scans_rescan: int = 0
    scans_quarantined: int = 0
    entries_review: int = 0
    entries_settled: int = 0
    entries_released: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, _NUMBERS(self), _NUMBERS(other)))

    @staticmethod
    def total(counts: Iterable[Counts]) -> Counts:
        """All together."""
        return Counts(*map(sum, zip(*map(_NUMBERS, counts), strict=True)))

    @property
    def books(self) -> int:
        """Books handed over."""
        return self.books_queued + self.books_running + self.books_done + self.books_attention

    @property
    def scans_stuck(self) -> int:
        """Scans that somebody has to do something about."""
        return self.scans_attention + self.scans_rescan + self.scans_quarantined

    @property
    def scans(self) -> int:
        """All scans."""
        return self.scans_waiting + self.scans_read + self.scans_stuck

    @property
    def entries(self) -> int:
        """All entries found."""
        return self.entries_review + self.entries_settled + self.entries_released


@dataclass(frozen=True)
class UnitRow:
    """A unit with its counts; all zero where no book of it has come."""

    id: str
    name: str
    type: str
    district: str
    four_eyes: bool
    counts: Counts


@dataclass(frozen=True)
class BookRow:
    """A book in a list. ``moved_at``: when a count of it last changed."""

    id: int
    code: str
    unit: str
    kind: Kind
    year: int
    volume: str
    state: BookState
    contractor: str
    moved_at: datetime | None
    released_at: datetime | None
    counts: Counts


@dataclass(frozen=True)
class Day:
    """What a day brought, net of what was undone."""

    day: date
    scans_read: int
    entries_read: int
    entries_checked: int
    """Settled or released."""
    entries_released: int
    fields_person: int
    reviews: int = 0
    """Entries that people saved."""
    hand_seconds: int = 0
    """How long they had them in hand."""


def unit_rows_of(
    db: Database,
    user: User,
    *,
    kind: Kind | None = None,
    years: tuple[int, int] | None = None,
    units: Collection[str] | None = None,
) -> list[UnitRow]:
    """Every unit of this person's scope with its counts.

    Args:
        db: the database.
        user: whose units.
        kind: of only these books.
        years: first and last year of the books.
        units: only these.
    """
    decades = years is None or (years[0] % 10 == 0 and years[1] % 10 == 9)
    columns = DecadeCounter.__table__.c if decades else UnitCounter.__table__.c
    query = select(columns.unit_id, *(_sum(columns[name], name) for name in SUMMED))
    if kind is not None:
        query = query.where(columns.kind == kind)
    if years is not None:
        query = query.where(columns["decade" if decades else "year"].between(*years))
    if units is not None:
        query = query.where(columns.unit_id.in_(units))
    totals = query.group_by(columns.unit_id)
    known = _units(units)
    with db.read() as connection:
        counts = {row[0]: Counts(*row[1:]) for row in connection.execute(totals)}
        return [
            _unit_row(row, counts.get(row.id, Counts()))
            for row in connection.execute(known)
            if user.sees_all or row.id in user.units
        ]


def bare_units(db: Database, user: User) -> list[UnitRow]:
    """Every unit of this person's scope, nothing counted."""
    with db.read() as connection:
        return [
            _unit_row(row, Counts())
            for row in connection.execute(_units())
            if user.sees_all or row.id in user.units
        ]


def unit_years(db: Database, user: User, units: Iterable[str]) -> dict[tuple[Kind, int], Counts]:
    """Counts of these units by kind and year."""
    columns = UnitCounter.__table__.c
    query = (
        select(columns.kind, columns.year, *(_sum(columns[name], name) for name in SUMMED))
        .where(columns.unit_id.in_(_mine(user, units)))
        .group_by(columns.kind, columns.year)
    )
    with db.read() as connection:
        return {(Kind(row[0]), row[1]): Counts(*row[2:]) for row in connection.execute(query)}


def books_of(
    db: Database,
    user: User,
    *,
    units: Iterable[str] | None = None,
    kind: Kind | None = None,
    years: tuple[int, int] | None = None,
    book_id: int | None = None,
    stuck: bool = False,
    limit: int = 200,
) -> list[BookRow]:
    """Books with their counts, by unit, kind and year.

    Args:
        db: the database.
        user: whose books.
        units: only of these.
        kind: only births, marriages or deaths.
        years: first and last year.
        book_id: only this one.
        stuck: unreleased ones only, those that have lain still longest first.
        limit: at most so many.
    """
    of_book = [name for name in SUMMED if not name.startswith("books_")]
    counted = BookCounter.__table__.c
    query = (
        select(
            Book.id, Book.code, Unit.type, Unit.name, Book.kind, Book.year, Book.volume,
            Book.state, Contractor.name.label("contractor"), counted.moved_at, Book.released_at,
            *(counted[name] for name in of_book),
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .where(in_scope(user))
        .limit(limit)
    )  # fmt: skip
    if units is not None:
        query = query.where(Book.unit_id.in_(list(units)))
    if kind is not None:
        query = query.where(Book.kind == kind)
    if years is not None:
        query = query.where(Book.year.between(*years))
    if book_id is not None:
        query = query.where(Book.id == book_id)
    if stuck:
        query = query.where(Book.released_at.is_(None)).order_by(counted.moved_at, counted.book_id)
    else:
        query = query.order_by(Book.unit_id, Book.kind, Book.year, Book.volume)
    with db.read() as connection:
        return [
            BookRow(
                row.id, row.code, _full(row.type, row.name), Kind(row.kind), row.year, row.volume,
                BookState(row.state), row.contractor, row.moved_at, row.released_at,
                Counts(
                    **{f"books_{row.state}": 1},
                    books_released=int(row.released_at is not None),
                    **{name: getattr(row, name) for name in of_book},
                ),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


AGES = (7, 30, 90)
"""Days that part the ages of books that lie still."""


def ages(db: Database, user: User, now: datetime) -> dict[str, list[int]]:
    """Unreleased books by state and by how long they have lain still (up to 7, 30, 90, more)."""
    moved = BookCounter.__table__.c.moved_at
    edges = [now - timedelta(days=days) for days in AGES]
    bands = [moved >= edges[0]]
    bands += [(moved < newer) & (moved >= older) for newer, older in pairwise(edges)]
    bands.append(moved < edges[-1])
    query = (
        select(Book.state, *(func.count().filter(band) for band in bands))
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(Book.released_at.is_(None), in_scope(user))
        .group_by(Book.state)
    )
    with db.read() as connection:
        return {str(row[0]): list(row[1:]) for row in connection.execute(query)}


def days(db: Database, user: User, since: date, units: Iterable[str] | None = None) -> list[Day]:
    """What the days since brought, oldest first; days on which nothing happened are not in it."""
    columns = DayCounter.__table__.c
    names = (
        "scans_read", "entries_review", "entries_settled", "entries_released", "fields_person",
        "reviews", "hand_seconds",
    )  # fmt: skip
    query = (
        select(columns.day, *(_sum(columns[name], name) for name in names))
        .where(columns.day >= since, columns.day > BEFORE_DAYS)
        .group_by(columns.day)
        .order_by(columns.day)
    )
    if units is not None or not user.sees_all:
        wanted = sorted(user.units) if units is None else _mine(user, units)
        query = query.where(columns.unit_id.in_(wanted))
    with db.read() as connection:
        return [
            Day(
                row.day, row.scans_read,
                row.entries_review + row.entries_settled + row.entries_released,
                row.entries_settled + row.entries_released, row.entries_released,
                row.fields_person, row.reviews, row.hand_seconds,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


@dataclass(frozen=True)
class ScanRow:
    """A scan of a book with the entries on it (id, number, state)."""

    id: int
    number: int
    name: str
    state: str
    entries: tuple[tuple[int, str, str], ...]


def scans_of(db: Database, user: User, book_id: int) -> list[ScanRow]:
    """Scans of a book in order, with their entries.

    Raises:
        OutOfReachError: not a book of this person.
    """
    with db.read() as connection:
        mine = select(Book.id).where(Book.id == book_id, in_scope(user))
        if connection.execute(mine).first() is None:
            raise OutOfReachError()
        found: dict[int, list[tuple[int, str, str]]] = {}
        for row in connection.execute(
            select(Entry.scan_id, Entry.id, Entry.number, Entry.state)
            .where(Entry.book_id == book_id)
            .order_by(Entry.position)
        ):
            found.setdefault(row.scan_id, []).append((row.id, row.number, str(row.state)))
        scans = connection.execute(
            select(Scan.id, Scan.number, Scan.name, Scan.state)
            .where(Scan.book_id == book_id)
            .order_by(Scan.number)
        )
        return [
            ScanRow(row.id, row.number, row.name, str(row.state), tuple(found.get(row.id, ())))
            for row in scans
        ]


def set_expected(db: Database, books: Mapping[tuple[str, Kind, int], int], *, actor: str) -> int:
    """Write how many books are expected of a unit, kind and year; all others become 0.

    Returns:
        How many books are expected altogether.
    """
    with db.write() as connection:
        write_expected(connection, books)
        total = sum(books.values())
        record_event(connection, actor, "plan.expected", "plan", {"books": total})
    return total


def now_of(db: Database) -> datetime:
    """The database's time."""
    with db.read() as connection:
        return connection.execute(select(Now())).scalar_one()


def _units(ids: Collection[str] | None = None) -> Select[*tuple[Any, ...]]:
    query = select(Unit.id, Unit.name, Unit.type, Unit.district, Unit.four_eyes)
    query = query.order_by(Unit.district, Unit.name_key)
    return query if ids is None else query.where(Unit.id.in_(ids))


def _unit_row(row: Row[*tuple[Any, ...]], counts: Counts) -> UnitRow:
    return UnitRow(row.id, row.name, row.type, row.district, row.four_eyes, counts)


def _sum(column: ColumnElement[int], name: str) -> ColumnElement[int]:
    # PostgreSQL sums BIGINT into NUMERIC; counts are whole numbers.
    return cast(func.sum(column), BigInteger).label(name)


def _mine(user: User, units: Iterable[str]) -> list[str]:
    return [unit for unit in units if user.sees_all or unit in user.units]


def _full(type_: str, name: str) -> str:
    return name if name.lower().startswith(type_.lower()) else f"{type_} {name}"
