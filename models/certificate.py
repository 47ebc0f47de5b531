"""All that is certified of a released book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models.audit import record_event
from models.database import Database
from models.releasing import count_corrections
from models.tables import (
    AuditEvent,
    Batch,
    Book,
    BookCounter,
    CheckEntry,
    CheckRound,
    Contractor,
    Unit,
)
from models.users import User, in_scope
from pipeline.checks.lot_plan import LotPlan
from pipeline.errors import OutOfReachError
from pipeline.types import Kind


@dataclass(frozen=True)
class CertifiedCheck:
    """The newest second loop of a book."""

    seed: str
    lot: int
    seen: int
    wrong: int
    reject: int
    verdict: str | None


@dataclass(frozen=True)
class Certificate:
    """A released book. ``audit_head``: hash of the audit log's end when this was asked for."""

    code: str
    unit: str
    kind: Kind
    year: int
    volume: str
    contractor: str
    digest: str
    scans: int
    entries: int
    fields_person: int
    fields_accepted: int
    closing: int | None
    note: str
    signed_by: str | None
    signed_at: datetime | None
    released_by: str
    released_at: datetime
    corrections: int
    check: CertifiedCheck | None
    audit_head: str


def certificate(db: Database, user: User, book_id: int) -> Certificate:
    """What is certified of a book; that it was asked for goes into the audit log.

    Raises:
        OutOfReachError: not a released book of this supervisor.
    """
    with db.write() as connection:
        row = connection.execute(
            select(
                Book.code, Unit.type, Unit.name, Unit.district, Book.kind, Book.year, Book.volume,
                Contractor.name.label("contractor"), Book.digest, Book.closing_entries,
                Book.closing_note, Book.signed_by, Book.signed_at, Book.released_by,
                Book.released_at, BookCounter.__table__,
            )
            .join(BookCounter, BookCounter.book_id == Book.id)
            .join(Unit, Unit.id == Book.unit_id)
            .join(Batch, Batch.id == Book.batch_id)
            .join(Contractor, Contractor.id == Batch.contractor_id)
            .where(Book.id == book_id, Book.released_at.is_not(None), in_scope(user))
        ).first()  # fmt: skip
        if row is None or not user.supervises:
            raise OutOfReachError()
        loop = connection.execute(
            select(
                CheckRound.seed, CheckRound.lot, func.count(CheckEntry.wrong).label("seen"),
                func.count().filter(CheckEntry.wrong.is_(True)).label("wrong"),
                CheckRound.plan, CheckRound.verdict,
            )
            .join(CheckEntry, CheckEntry.round_id == CheckRound.id)
            .where(
                CheckRound.id
                == select(func.max(CheckRound.id))
                .where(CheckRound.book_id == book_id)
                .scalar_subquery()
            )
            .group_by(CheckRound.id)
        ).first()  # fmt: skip
        record_event(connection, user.login, "book.certified", row.code, {})
        head = connection.execute(
            select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
        ).scalar_one()
        unit = row.name if row.name.startswith(row.type) else f"{row.type} {row.name}"
        check = loop and CertifiedCheck(
            loop.seed, loop.lot, loop.seen, loop.wrong, LotPlan(**loop.plan["plan"]).reject,
            loop.verdict,
        )  # fmt: skip
        return Certificate(
            row.code, f"{unit}, {row.district}".rstrip(", "), Kind(row.kind), row.year, row.volume,
            row.contractor, row.digest,
            row.scans_waiting + row.scans_read + row.scans_attention + row.scans_rescan
            + row.scans_quarantined,
            row.entries_review + row.entries_settled + row.entries_released,
            row.fields_person, row.fields_accepted, row.closing_entries, row.closing_note or "",
            row.signed_by, row.signed_at, row.released_by, row.released_at,
            count_corrections(connection, book_id), check or None, head,
        )  # fmt: skip
