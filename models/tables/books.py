"""Batches, books, scans and pages: the paper and its pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Double,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Sortable, coded
from models.states import BookState, ScanState, Stage
from pipeline.types import Kind, PageClass, Side

SHA256_LENGTH = 64
STUCK_SCANS = "state IN ('attention','rescan','quarantined')"
"""Scans that somebody has to do something about; an index holds these alone."""


class Batch(Base):
    """What a contractor handed over at once."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("contractor_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contractor_id: Mapped[int] = mapped_column(ForeignKey("contractor.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    """SHA-256 over the digests of all its books in order."""
    queued_at: Mapped[datetime]
    paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """No further book of it is begun."""
    rank: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Among the batches of its contractor: lower first."""


class Book(Base):
    """One bound register."""

    __tablename__ = "book"
    __table_args__ = (UniqueConstraint("unit_id", "kind", "year", "volume"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Sortable, unique=True)
    """What people call it: ``xa-an-thai.an-lao.KS.2008.01``."""
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[Kind] = mapped_column(coded(Kind))
    year: Mapped[int]
    """Year in which the book was opened (Thông tư 04/2020 Đ.36)."""
    volume: Mapped[str]
    digest: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    path: Mapped[str]
    """Where it stood in the batch, as the manifest says."""
    note: Mapped[str]
    stage: Mapped[Stage] = mapped_column(coded(Stage))
    state: Mapped[BookState] = mapped_column(coded(BookState), index=True)
    form_id: Mapped[str | None]
    form: Mapped[dict[str, Any] | None]
    """The whole ``BookForm``; its geometry belongs to ``pipeline.form``."""
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heard_fields: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Fields that people had set when it was finished last: what they bear out was heard."""
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Within its unit: higher goes to the operators first."""
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    """The first of four eyes."""
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    closing_entries: Mapped[int | None]
    """How many entries the book's closing statement tells of, where a person has read it."""
    closing_note: Mapped[str | None]
    """Why that differs from what was found, in a supervisor's words."""


class Scan(Base):
    """One image of a book and what digitizing it gave as a whole."""

    __tablename__ = "scan"
    __table_args__ = (
        UniqueConstraint("book_id", "number"),
        Index(
            "ix_scan_stuck",
            "book_id",
            "state",
            sqlite_where=text(STUCK_SCANS),
            postgresql_where=text(STUCK_SCANS),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    number: Mapped[int]
    """From 1, in reading order."""
    name: Mapped[str]
    path: Mapped[str]
    """In the scan store."""
    position: Mapped[int]
    """Index inside the file, from 0."""
    digest: Mapped[str] = mapped_column(String(SHA256_LENGTH), index=True)
    state: Mapped[ScanState] = mapped_column(coded(ScanState))
    quality: Mapped[dict[str, Any] | None]
    form_id: Mapped[str | None]
    layout_confidence: Mapped[float | None] = mapped_column(Double)
    layout_ok: Mapped[bool | None]
    notes: Mapped[list[Any] | None]
    seconds: Mapped[dict[str, Any] | None]
    """CPU seconds per step."""
    person_reason: Mapped[str | None]
    """Why nothing is to be read on it, or why it must be scanned again, in a person's words."""
    person_by: Mapped[str | None]
    person_at: Mapped[datetime | None]


class Page(Base):
    """One side of a leaf, and the way from its pixels to those of the scan."""

    __tablename__ = "page"

    scan_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[Side] = mapped_column(coded(Side))
    page_class: Mapped[PageClass] = mapped_column(coded(PageClass))
    class_probability: Mapped[float | None] = mapped_column(Double)
    reasons: Mapped[list[Any] | None]
    """Codes of what was noticed on it."""
    totals: Mapped[list[Any] | None]
    """Of a closing statement: the ``Total`` values."""
    to_scan: Mapped[list[Any]]
    width: Mapped[int]
    height: Mapped[int]
    dpi: Mapped[float] = mapped_column(Double)
    rotation: Mapped[int]
    skew: Mapped[float] = mapped_column(Double)
