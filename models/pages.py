"""The pages of a book as they were sorted."""

from __future__ import annotations

from sqlalchemy import select

from models.database import Database
from models.rows import page_from
from models.tables import Page, Scan
from pipeline.types import PageInfo


def book_pages(db: Database, book_id: int) -> list[PageInfo]:
    """Pages of a book in reading order, those of scans that were digitized."""
    with db.read() as connection:
        rows = connection.execute(
            select(Page.__table__)
            .join(Scan, Scan.id == Page.scan_id)
            .where(Scan.book_id == book_id)
            .order_by(Scan.number, Page.position)
        ).mappings()
        return [page_from(row) for row in rows]
