"""Boxes and pages of a scan as the record keeps them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from models.database import Database
from models.rows import page_from
from models.tables import Entry, FieldValue, Page, Scan
from pipeline.form.handles import StoredBox
from pipeline.types import PageInfo


def scan_boxes(db: Database, scan_id: int) -> list[StoredBox]:
    """Where the fields of a scan's entries lie."""
    query = (
        select(FieldValue.page, Entry.position, FieldValue.field, FieldValue.polygon)
        .join(Entry, Entry.id == FieldValue.entry_id)
        .where(Entry.scan_id == scan_id)
        .order_by(Entry.position, FieldValue.position)
    )
    with db.read() as connection:
        return [
            StoredBox(row.page, row.position, row.field, tuple((x, y) for x, y in row.polygon))
            for row in connection.execute(query)
        ]


def scan_pages(connection: Connection, book_id: int, number: int) -> list[PageInfo]:
    """Pages of the scan of a number; none where it was not read yet."""
    rows = connection.execute(
        select(Page.__table__)
        .join(Scan, Scan.id == Page.scan_id)
        .where(Scan.book_id == book_id, Scan.number == number)
        .order_by(Page.position)
    ).mappings()
    return [page_from(row) for row in rows]
