"""Everything that is known of every field, row by row (design: ``hotich export fields``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import RowMapping, Select, select

from models.base import to_json
from models.database import Database
from models.rows import field_from
from models.tables import Book, Entry, FieldValue, Maker, Page, Scan
from pipeline.types import Decision

FETCH = 2000
"""Rows held at a time: an export of all of Hải Phòng must fit into a small machine."""


class FieldRow(NamedTuple):
    """One field of one entry; the names are the columns of the CSV, in its order."""

    book: str
    """Code of the book."""
    scan: str
    """Name of the image as it was handed over, ``#3`` for the third page of a PDF."""
    page: str
    """``single``, ``left`` or ``right``."""
    entry_number: str
    field: str
    literal: str
    """As read; of a blank field empty."""
    value: str
    """What it means, a person's word before the machine's; empty where there is none."""
    confidence: float
    """Calibrated probability that ``value`` is right; 1 where a person set it."""
    decision: str
    """accepted, review, blank, unreadable, rescan, or person."""
    reader: str
    """Name and version of the reader; ``person`` where a person set the value."""
    polygon: str
    """JSON list of [x, y] in scan pixels, clockwise from the top left."""


def export_fields(db: Database, book: int | None = None) -> Iterator[FieldRow]:
    """All fields in order of book, scan, entry and form, streamed.

    The transaction stays open until the last row is taken: all rows are of one moment.
    """
    with db.read() as connection:
        for book_id in connection.execute(_books(book)).scalars().all():
            # Book by book: the database then never sorts more than one book's fields.
            rows = connection.execution_options(yield_per=FETCH).execute(
                _FIELDS.where(Book.id == book_id)
            )
            for row in rows.mappings():
                yield _export(row)


_FIELDS = (
    select(
        Book.code.label("book"), Scan.name.label("scan"), Page.side, Entry.number,
        FieldValue.__table__, Maker.reader,
    )
    .join(Entry, Entry.id == FieldValue.entry_id)
    .join(Scan, Scan.id == Entry.scan_id)
    .join(Book, Book.id == Scan.book_id)
    .join(Maker, Maker.id == FieldValue.maker_id)
    .outerjoin(Page, (Page.scan_id == Scan.id) & (Page.position == FieldValue.page))
    .order_by(Scan.number, Entry.position, FieldValue.position, FieldValue.field)
)  # fmt: skip


def _books(book: int | None) -> Select[int]:
    query = select(Book.id).order_by(Book.code)
    return query if book is None else query.where(Book.id == book)


def _export(row: RowMapping) -> FieldRow:
    field = field_from(row, finished=True)
    by_person = field.decision is Decision.PERSON
    return FieldRow(
        book=row["book"],
        scan=row["scan"],
        page=str(row["side"]) if row["side"] is not None else str(field.page),
        entry_number=row["number"],
        field=field.field,
        literal=field.literal,
        value=field.value or "",
        confidence=round(field.confidence, 6),
        decision=str(field.decision),
        reader="person" if by_person else field.reader,
        polygon=to_json(row["polygon"]),
    )
