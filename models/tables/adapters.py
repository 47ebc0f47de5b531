"""What the reader of handwriting has learned from people's corrections."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, coded
from models.states import AdapterState
from models.tables.books import SHA256_LENGTH


class Adapter(Base):
    """One attempt to learn a hand: of a book, or of the office where ``book_id`` is empty."""

    __tablename__ = "adapter"
    __table_args__ = (
        Index("ix_adapter_book_id_version", "book_id", "version"),
        Index(
            "ix_adapter_active",
            "book_id",
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int | None] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    version: Mapped[int]
    """Running number of the attempts over a book, or of the office's: one a time of learning."""
    hand: Mapped[int] = mapped_column(SmallInteger)
    """Among the hands that were told apart, from 0."""
    scans: Mapped[list[Any]]
    """Numbers of the scans on which a person had reviewed this hand."""
    base: Mapped[str] = mapped_column(String(80))
    """Name of the weights that were adapted, e.g. ``hand-a14d0176``."""
    digest: Mapped[str | None] = mapped_column(String(SHA256_LENGTH))
    """SHA-256 of the adapter's file, which lies in the home under it; None where none was made."""
    data_digest: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    """Over all that was learned from: scans, entries, fields, texts."""
    reviewed: Mapped[int]
    """Fields a person had set when it was learned: tells when to learn again."""
    fields: Mapped[int]
    lines: Mapped[int]
    before: Mapped[float | None] = mapped_column(Double)
    """Character errors (share) on lines kept apart, with the weights in force until then."""
    after: Mapped[float | None] = mapped_column(Double)
    seconds: Mapped[float] = mapped_column(Double)
    detail: Mapped[dict[str, Any]]
    """Fields left out by reason, figures per era and hand, the learner's note."""
    state: Mapped[AdapterState] = mapped_column(coded(AdapterState))
    created_at: Mapped[datetime]
    created_by: Mapped[str]
