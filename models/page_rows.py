"""Where the first entry of each page begins: what stands above are the headings of its table."""

from __future__ import annotations

from sqlalchemy import select

from models.database import Database
from models.tables import Entry, FieldValue
from pipeline.types import Polygon


def first_row(db: Database, scan_id: int) -> dict[int, list[Polygon]]:
    """Polygons (scan pixels) of the fields of a scan's first entry, by page; empty without one."""
    query = (
        select(FieldValue.page, FieldValue.polygon)
        .join(Entry, Entry.id == FieldValue.entry_id)
        .where(Entry.scan_id == scan_id, Entry.position == 0)
    )
    found: dict[int, list[Polygon]] = {}
    with db.read() as connection:
        for row in connection.execute(query):
            found.setdefault(row.page, []).append(tuple((x, y) for x, y in row.polygon))
    return found
