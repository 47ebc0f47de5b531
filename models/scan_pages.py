"""A scan with its pages as pictures need them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.database import Database
from models.tables import Page, Scan
from pipeline.types import Matrix, ScanRef


@dataclass(frozen=True)
class ShownPage:
    """A page's way to its scan; sizes in page pixels."""

    scan: ScanRef
    position: int
    to_scan: Matrix
    width: int
    height: int
    dpi: float


def shown_page(db: Database, scan_id: int, position: int) -> ShownPage | None:
    """A page of a scan; None where there is none."""
    query = (
        select(
            Scan.path, Scan.position.label("place"), Scan.number, Scan.digest, Scan.name,
            Page.to_scan, Page.width, Page.height, Page.dpi,
        )
        .join(Page, Page.scan_id == Scan.id)
        .where(Scan.id == scan_id, Page.position == position)
    )  # fmt: skip
    with db.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    first, second, third = (tuple(line) for line in row.to_scan)
    return ShownPage(
        ScanRef(row.path, row.place, row.number, row.digest, row.name),
        position,
        (first, second, third),
        row.width,
        row.height,
        row.dpi,
    )
