"""How far everything is, from the counters alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, RowMapping, Select, cast, func, select

from models.counters import BOOKS, TALLIED
from models.database import Database
from models.states import BookState
from models.tables import Batch, Book, BookCounter, Contractor, Unit, UnitCounter
from models.units import unit_ids
from pipeline.types import Kind


@dataclass(frozen=True)
class Tally:
    """Scans by what came of them, entries by whether a person is needed, fields by decision."""

    scans_waiting: int = 0
    scans_read: int = 0
    scans_attention: int = 0
    scans_rescan: int = 0
    scans_quarantined: int = 0
    entries_review: int = 0
    entries_settled: int = 0
    entries_released: int = 0
    fields_accepted: int = 0
    fields_review: int = 0
    fields_blank: int = 0
    fields_unreadable: int = 0
    fields_rescan: int = 0
    fields_person: int = 0
    voided_entries: int = 0
    """Crossed out; they are among the entries."""

    @property
    def scans(self) -> int:
        """All scans."""
        return self._sum("scans_")

    @property
    def scans_done(self) -> int:
        """Scans of which something came, be it a reason to scan again."""
        return self.scans - self.scans_waiting

    @property
    def entries(self) -> int:
        """All entries found."""
        return self._sum("entries_")

    @property
    def fields(self) -> int:
        """All fields, blank ones included."""
        return self._sum("fields_")

    def _sum(self, prefix: str) -> int:
        return sum(getattr(self, f.name) for f in fields(self) if f.name.startswith(prefix))


@dataclass(frozen=True)
class UnitProgress:
    """A registering unit: its books by state, and the rest counted."""

    unit_id: str
    name: str
    type: str
    district: str
    books_queued: int
    books_running: int
    books_done: int
    books_attention: int
    tally: Tally

    @property
    def books(self) -> int:
        """All books."""
        return self.books_queued + self.books_running + self.books_done + self.books_attention


@dataclass(frozen=True)
class BookProgress:
    """One book."""

    book_id: int
    code: str
    batch_id: int
    unit_id: str
    kind: Kind
    year: int
    state: BookState
    form_id: str | None
    tally: Tally


@dataclass(frozen=True)
class BatchProgress:
    """One batch: its books by state, and the rest counted."""

    batch_id: int
    name: str
    contractor: str
    books_queued: int
    books_running: int
    books_done: int
    books_attention: int
    tally: Tally


def progress(
    db: Database, unit: str | None = None, batch: int | None = None, *, empty: bool = False
) -> list[UnitProgress]:
    """Progress per registering unit, in the order of their names.

    Args:
        db: the database.
        unit: only the units that this id or name means.
        batch: only the books of this batch.
        empty: also units without a single book, so that none is forgotten.
    """
    with db.read() as connection:
        named = None if unit is None else unit_ids(connection, unit)
        totals = _totals(named, batch).subquery()
        query = (
            select(
                Unit.id, Unit.name, Unit.type, Unit.district,
                *totals.c[*BOOKS], *totals.c[*TALLIED],
            )
            .join(totals, totals.c.unit_id == Unit.id, isouter=empty)
            .order_by(Unit.name_key, Unit.id)
        )  # fmt: skip
        if named is not None:
            query = query.where(Unit.id.in_(named))
        return [
            UnitProgress(
                row["id"], row["name"], row["type"], row["district"],
                **{name: row[name] or 0 for name in BOOKS}, tally=_tally(row),
            )
            for row in connection.execute(query).mappings()
        ]  # fmt: skip


def _totals(units: list[str] | None, batch: int | None) -> Select[*tuple[Any, ...]]:
    if batch is None:
        columns = UnitCounter.__table__.c
        query = select(
            UnitCounter.unit_id, *(_sum(columns[name], name) for name in (*BOOKS, *TALLIED))
        )
        if units is not None:
            query = query.where(UnitCounter.unit_id.in_(units))
        return query.group_by(UnitCounter.unit_id)
    columns = BookCounter.__table__.c
    tallied = [_sum(columns[name], name) for name in TALLIED]
    return (
        select(Book.unit_id, *_books_by_state(), *tallied)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(Book.batch_id == batch)
        .group_by(Book.unit_id)
    )


def book_progress(
    db: Database, unit: str | None = None, batch: int | None = None, book: int | None = None
) -> list[BookProgress]:
    """Progress per book, in the order of their codes."""
    query = (
        select(
            Book.id, Book.code, Book.batch_id, Book.unit_id, Book.kind, Book.year, Book.state,
            Book.form_id, *BookCounter.__table__.c[*TALLIED],
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .order_by(Book.code)
    )  # fmt: skip
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    if book is not None:
        query = query.where(Book.id == book)
    with db.read() as connection:
        if unit is not None:
            query = query.where(Book.unit_id.in_(unit_ids(connection, unit)))
        return [
            BookProgress(
                row["id"], row["code"], row["batch_id"], row["unit_id"], row["kind"],
                row["year"], row["state"], row["form_id"], _tally(row),
            )
            for row in connection.execute(query).mappings()
        ]  # fmt: skip


def batch_progress(db: Database, batch: int | None = None) -> list[BatchProgress]:
    """Progress per batch, oldest first."""
    sums = [_sum(BookCounter.__table__.c[name], name) for name in TALLIED]
    query = (
        select(Batch.id, Batch.name, Contractor.name.label("contractor"), *_books_by_state(), *sums)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .join(Book, Book.batch_id == Batch.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .group_by(Batch.id, Batch.name, Contractor.name)
        .order_by(Batch.id)
    )
    if batch is not None:
        query = query.where(Batch.id == batch)
    with db.read() as connection:
        return [
            BatchProgress(
                row["id"], row["name"], row["contractor"],
                **{name: row[name] for name in BOOKS}, tally=_tally(row),
            )
            for row in connection.execute(query).mappings()
        ]  # fmt: skip


def _sum(column: ColumnElement[int], name: str) -> ColumnElement[int]:
    # PostgreSQL sums BIGINT into NUMERIC; counts are whole numbers.
    return cast(func.sum(column), BigInteger).label(name)


def _books_by_state() -> list[ColumnElement[int]]:
    return [func.count().filter(Book.state == state).label(f"books_{state}") for state in BookState]


def _tally(row: RowMapping) -> Tally:
    return Tally(**{name: row[name] or 0 for name in TALLIED})
