"""The content of the database without accidents: what two ways of working must agree in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, select

from models.base import Base, to_json
from models.database import Database
from models.tables import (
    Batch,
    BirthRecord,
    Book,
    BookCounter,
    Contractor,
    DeathRecord,
    Entry,
    FieldValue,
    FindingRow,
    Maker,
    MarriageRecord,
    Page,
    PageJob,
    Scan,
    UnitCounter,
)

ACCIDENTS = frozenset(
    {
        # Keys, which depend on who came first; their meaning stands beside them.
        "id", "batch_id", "book_id", "scan_id", "entry_id", "maker_id", "contractor_id",
        # Times, and how often and by whom a thing was tried.
        "queued_at", "started_at", "finished_at", "person_at", "seconds",
        "attempt", "failures", "lease_owner", "lease_until", "run_ref", "version",
        "person_version", "reviewed_at", "moved_at",
    }
)  # fmt: skip


def canonical_dump(db: Database) -> list[str]:
    """All records as lines of canonical JSON, in one order.

    Without keys, times, attempts and runs of the engine: after a crash and a second run the
    lines equal those of a run that was never disturbed.
    """
    with db.read() as connection:
        return list(_lines(connection))


def _lines(connection: Connection) -> Iterator[str]:
    for what, query in _QUERIES.items():
        for row in connection.execute(query).mappings():
            plain: dict[str, Any] = {
                name: value if isinstance(value, dict | list | int | float | None) else str(value)
                for name, value in row.items()
                if name not in ACCIDENTS
            }
            yield to_json([what, plain])


def _of_entry(table: type[Base]) -> Select[Any]:
    columns = table.__table__.c
    at = columns.position if "position" in columns else columns.entry_id
    return (
        select(
            Book.code.label("book"), Scan.number.label("scan"), Entry.position.label("entry"),
            *columns,
        )
        .select_from(table)
        .join(Entry, Entry.id == columns.entry_id)
        .join(Scan, Scan.id == Entry.scan_id)
        .join(Book, Book.id == Scan.book_id)
        .order_by(Book.code, Scan.number, Entry.position, at)
    )  # fmt: skip


def _of_scan(table: type[Base]) -> Select[Any]:
    columns = table.__table__.c
    at = columns.position if "position" in columns else columns.scan_id
    return (
        select(Book.code.label("book"), Scan.number.label("scan"), *columns)
        .select_from(table)
        .join(Scan, Scan.id == columns.scan_id)
        .join(Book, Book.id == Scan.book_id)
        .order_by(Book.code, Scan.number, at)
    )


def _of_book(table: type[Base]) -> Select[Any]:
    columns = table.__table__.c
    order = columns.number if "number" in columns else columns.book_id
    return (
        select(Book.code.label("book"), *columns)
        .select_from(table)
        .join(Book, Book.id == columns.book_id)
        .order_by(Book.code, order)
    )


_BOOK_FINDINGS = (
    select(Book.code.label("book"), FindingRow.__table__)
    .join(Book, Book.id == FindingRow.book_id)
    .where(FindingRow.entry_id.is_(None))
    .order_by(Book.code, FindingRow.position)
)
_FIELDS = (
    _of_entry(FieldValue)
    .add_columns(Maker.reader, Maker.pipeline_version)
    .join(Maker, Maker.id == FieldValue.maker_id)
)
_BOOKS = (
    select(Batch.digest.label("batch"), Contractor.name.label("contractor"), Book.__table__)
    .join(Batch, Batch.id == Book.batch_id)
    .join(Contractor, Contractor.id == Batch.contractor_id)
    .order_by(Book.code)
)
_QUERIES: dict[str, Select[Any]] = {
    "book": _BOOKS,
    "scan": _of_book(Scan),
    "job": _of_scan(PageJob),
    "page": _of_scan(Page),
    "entry": _of_scan(Entry),
    "field": _FIELDS,
    "finding": _of_entry(FindingRow),
    "book finding": _BOOK_FINDINGS,
    "birth": _of_entry(BirthRecord),
    "marriage": _of_entry(MarriageRecord),
    "death": _of_entry(DeathRecord),
    "book counter": _of_book(BookCounter),
    "unit counter": select(UnitCounter.__table__).order_by(
        UnitCounter.unit_id, UnitCounter.kind, UnitCounter.year
    ),
}
