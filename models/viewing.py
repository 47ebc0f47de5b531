"""Looking at an entry without taking it: supervisors only, and every look is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from models.audit import record_event
from models.database import Database
from models.release_check import Blocker, blockers_of_book, blockers_of_entry
from models.review_entry import ReviewEntry, load_entry
from models.rows import finding_from
from models.tables import Book, Entry, FindingRow, ReleaseCorrection, Unit
from models.users import User, in_scope
from pipeline.errors import OutOfReachError
from pipeline.settings import DecisionThresholds
from pipeline.types import Finding


@dataclass(frozen=True)
class Signature:
    """Who has signed an entry or a book; ``second`` is the one that released it."""

    first: str | None
    first_at: datetime | None
    second: str | None
    second_at: datetime | None
    four_eyes: bool

    @property
    def released(self) -> bool:
        """Signed off."""
        return self.second_at is not None


@dataclass(frozen=True)
class CorrectionRow:
    """A correction after release."""

    id: int
    field: str
    was: str | None
    value: str | None
    reason: str
    by: str
    at: datetime
    approved_by: str | None


@dataclass(frozen=True)
class SeenEntry:
    """An entry with its signatures, corrections, and what is open in it."""

    entry: ReviewEntry
    signature: Signature
    corrections: tuple[CorrectionRow, ...]
    blockers: tuple[Blocker, ...]
    before: int | None
    after: int | None
    """Neighbours in the book."""


def view_entry(db: Database, user: User, entry_id: int) -> SeenEntry:
    """An entry of this supervisor's units; the look goes into the audit log.

    Raises:
        OutOfReachError: not theirs, or not there.
    """
    if not user.supervises or not 0 < entry_id < 2**63:
        raise OutOfReachError()
    with db.write() as connection:
        row = connection.execute(
            select(
                Entry.signed_by, Entry.signed_at, Entry.released_by, Entry.released_at,
                Unit.four_eyes,
            )
            .join(Book, Book.id == Entry.book_id)
            .join(Unit, Unit.id == Book.unit_id)
            .where(Entry.id == entry_id, in_scope(user))
        ).first()  # fmt: skip
        if row is None:
            raise OutOfReachError()
        entry = load_entry(connection, entry_id)
        corrections = tuple(
            CorrectionRow(
                one.id, one.field, one.was_value, one.is_value, one.reason, one.by, one.at,
                one.approved_by,
            )
            for one in connection.execute(
                select(ReleaseCorrection.__table__)
                .where(ReleaseCorrection.entry_id == entry_id)
                .order_by(ReleaseCorrection.id)
            )
        )  # fmt: skip
        same = select(Entry.id).where(Entry.book_id == entry.book_id)
        before = same.where(Entry.id < entry_id).order_by(Entry.id.desc()).limit(1)
        after = same.where(Entry.id > entry_id).order_by(Entry.id).limit(1)
        seen = SeenEntry(
            entry, Signature(*row), corrections,
            tuple(blockers_of_entry(connection, entry_id)),
            connection.execute(before).scalar(), connection.execute(after).scalar(),
        )  # fmt: skip
        subject = f"{entry.book_code}#{entry.scan_number}/{entry.position}"
        record_event(connection, user.login, "entry.viewed", subject, {})
    return seen


@dataclass(frozen=True)
class BookSignature:
    """A book's signatures and closing total, what is open in it, and what its checks found."""

    signature: Signature
    closing: int | None
    note: str | None
    blockers: tuple[Blocker, ...]
    findings: tuple[Finding, ...]


def book_findings(db: Database, book_id: int) -> tuple[Finding, ...]:
    """What was found of a book as a whole: gaps, totals, columns; not of single entries."""
    with db.read() as connection:
        return _findings(connection, book_id)


def _findings(connection: Connection, book_id: int) -> tuple[Finding, ...]:
    rows = connection.execute(
        select(FindingRow.rule, FindingRow.severity, FindingRow.fields, FindingRow.detail)
        .where(FindingRow.book_id == book_id, FindingRow.entry_id.is_(None))
        .order_by(FindingRow.position)
    ).mappings()
    return tuple(map(finding_from, rows))


def book_signature(
    db: Database, user: User, book_id: int, thresholds: DecisionThresholds
) -> BookSignature:
    """What a supervisor must know before signing a book.

    Raises:
        OutOfReachError: not theirs, or not there.
    """
    with db.read() as connection:
        row = connection.execute(
            select(
                Book.signed_by, Book.signed_at, Book.released_by, Book.released_at,
                Unit.four_eyes, Book.closing_entries, Book.closing_note,
            )
            .join(Unit, Unit.id == Book.unit_id)
            .where(Book.id == book_id, in_scope(user))
        ).first()  # fmt: skip
        if row is None or not user.supervises:
            raise OutOfReachError()
        open_ = () if row.released_at else tuple(blockers_of_book(connection, book_id, thresholds))
        findings = _findings(connection, book_id)
        return BookSignature(Signature(*row[:5]), row[5], row[6], open_, findings)
