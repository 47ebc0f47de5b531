"""Counters and the audit log: what supervisors and auditors look at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from pipeline.types import Kind

_ZERO = text("0")


class _Counted:
    """Scans and entries under the codes of their states."""

    scans_waiting: Mapped[int] = mapped_column(BigInteger, default=0)
    scans_read: Mapped[int] = mapped_column(BigInteger, default=0)
    scans_attention: Mapped[int] = mapped_column(BigInteger, default=0)
    scans_rescan: Mapped[int] = mapped_column(BigInteger, default=0)
    scans_quarantined: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_review: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_settled: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_released: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)


class _Tallied(_Counted):
    """Also the fields, and what is crossed out."""

    fields_accepted: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_review: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_blank: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_unreadable: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_rescan: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_person: Mapped[int] = mapped_column(BigInteger, default=0)
    voided_entries: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)
    """Crossed out; also counted under their state."""


class _Books:
    """Books under the codes of their states."""

    books_queued: Mapped[int] = mapped_column(BigInteger, default=0)
    books_running: Mapped[int] = mapped_column(BigInteger, default=0)
    books_done: Mapped[int] = mapped_column(BigInteger, default=0)
    books_attention: Mapped[int] = mapped_column(BigInteger, default=0)
    books_released: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)
    """Also counted under their state."""
    books_expected: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)
    """By the plan; set by people, not counted."""


class BookCounter(_Tallied, Base):
    """Counts of one book; those of a batch are the sum over its books."""

    __tablename__ = "book_counter"
    __table_args__ = (Index("ix_book_counter_moved_at", "moved_at"),)

    book_id: Mapped[int] = mapped_column(
        ForeignKey("book.id", ondelete="CASCADE"), primary_key=True
    )
    moved_at: Mapped[datetime | None]
    """When a count last changed: how long a book has been lying still."""


class UnitCounter(_Books, _Tallied, Base):
    """Counts of a unit's books of one kind and year: 233 units answer without counting rows."""

    __tablename__ = "unit_counter"

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(coded(Kind), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DecadeCounter(_Books, _Counted, Base):
    """Unit counters summed by decade: what the board of all units is made of in a moment."""

    __tablename__ = "decade_counter"

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(coded(Kind), primary_key=True)
    decade: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its first year: 1970."""


class DayCounter(Base):
    """What a day changed in a unit's counts; the days together are the counts."""

    __tablename__ = "day_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    """In Vietnam."""
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    scans_read: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_review: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_settled: Mapped[int] = mapped_column(BigInteger, default=0)
    entries_released: Mapped[int] = mapped_column(BigInteger, default=0)
    fields_person: Mapped[int] = mapped_column(BigInteger, default=0)
    books_released: Mapped[int] = mapped_column(BigInteger, default=0)
    reviews: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)
    """Entries that people saved."""
    hand_seconds: Mapped[int] = mapped_column(BigInteger, default=0, server_default=_ZERO)
    """How long they had them in hand, from taking to saving; long absences cut short."""


class AuditEvent(Base):
    """One act, chained to the one before by its hash. Only ever added to."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    """Running number without gaps, from 1."""
    at: Mapped[str] = mapped_column(String(24))
    """UTC, ISO 8601 to the millisecond, by the database's clock; text because it is hashed."""
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
