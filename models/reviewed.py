"""Fields that a person has set, with what the machine had read: what a reader can learn from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from models.database import Database
from models.tables import Book, BookCounter, Entry, FieldValue, Maker, Scan
from pipeline.checks.voids import VOIDED
from pipeline.reading.ticks import READER as TICKS
from pipeline.types import Polygon, ScanRef, ValueState


@dataclass(frozen=True)
class ReviewedField:
    """One field in which a person saw writing.

    ``literal`` is the machine's reading, ``value`` what the person says it means; ``entry`` and
    ``field`` are its place on the scan, ``polygon`` the same in scan pixels.
    """

    scan: ScanRef
    entry: int
    field: str
    literal: str
    value: str
    polygon: Polygon
    reader: str


def reviewed_fields(db: Database, book_id: int) -> list[ReviewedField]:
    """Written fields of a book that a person has set, in book order.

    Marks are none of them: a stroke or a tick is no writing of the word that it stands for.
    """
    query = (
        select(
            Scan.path, Scan.position.label("place"), Scan.number, Scan.digest, Scan.name,
            Entry.position, FieldValue.field, FieldValue.literal, FieldValue.person_value,
            FieldValue.polygon, Maker.reader,
        )
        .join(Entry, Entry.scan_id == Scan.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(
            Scan.book_id == book_id,
            FieldValue.person_state == ValueState.WRITTEN,
            FieldValue.person_value.is_not(None),
            FieldValue.field != VOIDED,
            Maker.reader != TICKS,
        )
        .order_by(Scan.number, Entry.position, FieldValue.position, FieldValue.field)
    )  # fmt: skip
    with db.read() as connection:
        return [
            ReviewedField(
                ScanRef(row.path, row.place, row.number, row.digest, row.name),
                row.position,
                row.field,
                row.literal,
                row.person_value,
                tuple((x, y) for x, y in row.polygon),
                row.reader,
            )
            for row in connection.execute(query)
        ]


def reviewed_count(db: Database, book_id: int) -> int:
    """Fields of a book that a person has set, whatever they hold; from the counters."""
    with db.read() as connection:
        return int(
            connection.execute(
                select(BookCounter.fields_person).where(BookCounter.book_id == book_id)
            ).scalar_one()
        )


def reviewed_books(db: Database) -> list[int]:
    """Books of the office in which a person has set a field, in the order of their codes."""
    query = (
        select(Book.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(BookCounter.fields_person > 0)
        .order_by(Book.code)
    )
    with db.read() as connection:
        return list(connection.execute(query).scalars())


def reviewed_in_all(db: Database) -> int:
    """Fields of the office that a person has set."""
    with db.read() as connection:
        total = select(func.coalesce(func.sum(BookCounter.fields_person), 0))
        return int(connection.execute(total).scalar_one())
