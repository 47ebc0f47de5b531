"""What contractors hand over before it is a batch, and which books are expected at all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, coded
from models.states import DeliveryState
from models.tables.books import SHA256_LENGTH
from pipeline.types import Kind


class Delivery(Base):
    """Files on their way in, until they are a batch in the queue."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    contractor_id: Mapped[int] = mapped_column(ForeignKey("contractor.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"))
    name: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(coded(DeliveryState), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    total: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Files looked at, of how many; while it is checked or queued."""
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often checking was begun; a file that kills the checker three times is at fault."""
    books: Mapped[list[Any] | None]
    """Rows of the manifest, given or guessed, with what was found (``DeliveredBook``)."""
    report: Mapped[dict[str, Any] | None]
    """What was refused and what is worth knowing, in both languages."""
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))


class DeliveryFile(Base):
    """One file of a delivery; ``received`` of its ``size`` bytes are safe on the disk."""

    __tablename__ = "delivery_file"
    __table_args__ = (UniqueConstraint("delivery_id", "path"),)

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    path: Mapped[str]
    """In the delivery, with slashes."""
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    modified: Mapped[int] = mapped_column(BigInteger)
    """As the browser says, milliseconds since 1970: another moment, another file."""
    created_at: Mapped[datetime]


class PlannedBook(Base):
    """A book that exists on a shelf, whether anybody has scanned it or not."""

    __tablename__ = "planned_book"
    __table_args__ = (UniqueConstraint("unit_id", "kind", "year", "volume"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[Kind] = mapped_column(coded(Kind))
    year: Mapped[int]
    volume: Mapped[str]
    pages: Mapped[int | None]
    due: Mapped[date | None]
    contractor_id: Mapped[int | None] = mapped_column(ForeignKey("contractor.id"), index=True)
    """Who is to scan it."""
    note: Mapped[str]
    source: Mapped[str]
    """File and row, or who typed it."""
    added_at: Mapped[datetime]


class Replacement(Base):
    """A page scanned again: what lay there before stays in the store."""

    __tablename__ = "replacement"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    """Of the scan in its book."""
    name: Mapped[str]
    path: Mapped[str]
    position: Mapped[int]
    digest: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    """Of the picture that was replaced."""
    by_digest: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    reasons: Mapped[list[Any]]
    by: Mapped[str]
    at: Mapped[datetime]


class WatchedBatch(Base):
    """A batch that lay in a watched folder or bucket; what is noted here is not taken again."""

    __tablename__ = "watched_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str]
    """Below the watched root, ``login/name``."""
    mark: Mapped[str] = mapped_column(String(SHA256_LENGTH), unique=True)
    """Digest over the place and its files' paths, sizes and moments of change."""
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    told: Mapped[str]
    """State of the delivery that the file beside the batch tells; empty: none yet."""
    seen_at: Mapped[datetime]
