"""Lists that tell people what to do next: scans to make again, scans to look at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.database import Database
from models.states import ScanState
from models.tables import Batch, Book, Contractor, PageJob, Scan


@dataclass(frozen=True)
class StuckScan:
    """A scan of which no entries came, and why."""

    book: str
    batch_id: int
    contractor: str
    number: int
    name: str
    path: str
    state: ScanState
    reasons: tuple[str, ...]
    """Codes of quality faults, or the code of the error."""
    text: str
    """The error's words; empty where quality faults say it all."""
    attempts: int


def rescan_list(
    db: Database,
    *,
    batch: int | None = None,
    book: int | None = None,
    contractor: str | None = None,
) -> list[StuckScan]:
    """Scans that the contractor has to make again, book by book in reading order."""
    return stuck_scans(db, (ScanState.RESCAN,), batch=batch, book=book, contractor=contractor)


def stuck_scans(
    db: Database,
    states: tuple[ScanState, ...] = (
        ScanState.RESCAN,
        ScanState.QUARANTINED,
        ScanState.ATTENTION,
    ),
    *,
    batch: int | None = None,
    book: int | None = None,
    contractor: str | None = None,
) -> list[StuckScan]:
    """Scans in these states with their reasons, book by book in reading order."""
    query = (
        select(
            Book.code, Book.batch_id, Contractor.name.label("contractor"), Scan.number, Scan.name,
            Scan.path, Scan.state, Scan.quality, Scan.notes, PageJob.error_code,
            PageJob.error_text, PageJob.attempt,
        )
        .join(Book, Book.id == Scan.book_id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .join(PageJob, PageJob.scan_id == Scan.id)
        .where(Scan.state.in_(states))
        .order_by(Book.code, Scan.number)
    )  # fmt: skip
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    if book is not None:
        query = query.where(Book.id == book)
    if contractor is not None:
        query = query.where(Contractor.name == contractor)
    with db.read() as connection:
        rows = connection.execute(query).all()
    return [
        StuckScan(
            row.code, row.batch_id, row.contractor, row.number, row.name, row.path, row.state,
            reasons=(row.error_code,) if row.error_code else _said(row.quality, row.notes),
            text=row.error_text or "",
            attempts=row.attempt,
        )
        for row in rows
    ]  # fmt: skip


def _said(quality: dict[str, list[str]] | None, notes: list[str] | None) -> tuple[str, ...]:
    return tuple((quality or {}).get("faults", ())) or tuple(notes or ())
