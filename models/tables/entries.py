"""Entries, their fields with provenance, and what rules say about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from models.states import DeskState, EntryState
from pipeline.types import Decision, Severity, ValueState

QUEUED_ENTRIES = "desk IN ('open','second','arbitrate')"
"""Literal in index and query alike: a bound parameter would hide the partial index."""
WAITING_ENTRIES = "desk IN ('escalated','rescan')"
SEEN_SAMPLE = "{0}person_state IS NOT NULL AND CAST({0}reasons AS TEXT) LIKE '%blind_sample%'"
"""Accepted fields of the blind sample that a person has seen; one in some hundred fields."""


class Maker(Base):
    """What made a machine value: reader and versions, written once and pointed to.

    A hundred million fields share a few dozen makers.
    """

    __tablename__ = "maker"
    __table_args__ = (UniqueConstraint("reader", "pipeline_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str]
    """Name and version, e.g. ``tesseract-5.3.0/vie``."""
    pipeline_version: Mapped[str]


class Entry(Base):
    """One registered event, where it was found."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("scan_id", "position"),
        Index(
            "ix_entry_review",
            "book_id",
            "id",
            sqlite_where=text("state = 'review'"),
            postgresql_where=text("state = 'review'"),
        ),
        Index(
            "ix_entry_queue",
            "book_id",
            "scan_id",
            "position",
            sqlite_where=text(QUEUED_ENTRIES),
            postgresql_where=text(QUEUED_ENTRIES),
        ),
        Index(
            "ix_entry_waiting",
            "desk",
            "book_id",
            sqlite_where=text(WAITING_ENTRIES),
            postgresql_where=text(WAITING_ENTRIES),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), index=True)
    scan_id: Mapped[int] = mapped_column(BigId, ForeignKey("scan.id", ondelete="CASCADE"))
    position: Mapped[int]
    """Among the entries of the scan, top to bottom, from 0."""
    number: Mapped[str]
    state: Mapped[EntryState] = mapped_column(coded(EntryState))
    as_read: Mapped[dict[str, Any] | None]
    """Number and findings as the page alone gave them, where finishing the book changed them."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    """Raised by every save of a review and every change by the machine."""
    person_version: Mapped[int] = mapped_column(Integer, default=1, server_default=text("1"))
    """Version at which a person last changed it."""
    desk: Mapped[DeskState] = mapped_column(
        coded(DeskState), default=DeskState.DONE, server_default=text("'done'")
    )
    """Whom it waits for; follows from the rest but for escalations (``models.entries``)."""
    keying: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """Next keying that is due: 2 the second, 3 the arbiter's; 0 none."""
    voided: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Crossed out: by a person's word, or likely and not yet looked at. No live record."""
    reviewed_at: Mapped[datetime | None]
    """When somebody last saved a review of it."""
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    """The first of four eyes."""
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    sent_back: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The second loop found it wrong; saving a review of it takes that back."""


class FieldValue(Base):
    """One field of one entry: the machine's value and, apart from it, a person's.

    The input's digest is that of the entry's scan, the reader and the versions its maker's.
    """

    __tablename__ = "field_value"
    __table_args__ = (
        Index(
            "ix_field_value_seen_sample",
            "person_at",
            sqlite_where=text(SEEN_SAMPLE.format("")),
            postgresql_where=text(SEEN_SAMPLE.format("")),
        ),
    )

    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    """Among the fields of the entry, in printed order."""
    page: Mapped[int] = mapped_column(SmallInteger)
    """Index among the pages of the scan."""
    polygon: Mapped[list[Any]]
    """Scan pixels, clockwise from the top left."""
    literal: Mapped[str]
    value: Mapped[str | None]
    state: Mapped[ValueState] = mapped_column(coded(ValueState))
    confidence: Mapped[float] = mapped_column(Double)
    raw_confidence: Mapped[float] = mapped_column(Double)
    decision: Mapped[Decision] = mapped_column(coded(Decision))
    reasons: Mapped[list[Any]]
    place: Mapped[dict[str, Any] | None]
    maker_id: Mapped[int] = mapped_column(ForeignKey("maker.id"))
    as_read: Mapped[dict[str, Any] | None]
    """What the page alone gave, where finishing the book (dittos, rules) changed it."""
    person_value: Mapped[str | None]
    person_state: Mapped[ValueState | None] = mapped_column(coded(ValueState))
    """Set as soon as a person has decided; the machine's columns stay what they are."""
    person_literal: Mapped[str | None]
    """As written on the page, where the person keyed that."""
    person_by: Mapped[str | None]
    person_at: Mapped[datetime | None]


class FindingRow(Base):
    """What a rule has to say about an entry, or about the book where ``entry_id`` is empty."""

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(SmallInteger)
    rule: Mapped[str]
    severity: Mapped[Severity] = mapped_column(coded(Severity))
    fields: Mapped[list[Any]]
    detail: Mapped[str]
