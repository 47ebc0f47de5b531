"""The second loop: which entries of a book were drawn, and what was found; and what is set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class CheckRound(Base):
    """A sample of a book's entries, drawn to decide whether the book passes."""

    __tablename__ = "check_round"
    __table_args__ = (Index("ix_check_round_book_id", "book_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    plan: Mapped[dict[str, Any]]
    """What was chosen, and the sizes and numbers that followed for this lot."""
    seed: Mapped[str]
    lot: Mapped[int]
    """Entries of the book when it was drawn."""
    drawn_by: Mapped[str]
    drawn_at: Mapped[datetime]
    verdict: Mapped[str | None] = mapped_column(String(16))
    """passed · failed; None while it is open."""
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class CheckEntry(Base):
    """A drawn entry and what the second look found."""

    __tablename__ = "check_entry"
    __table_args__ = (Index("ix_check_entry_entry_id", "entry_id"),)

    round_id: Mapped[int] = mapped_column(
        ForeignKey("check_round.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """In the order of drawing, from 0."""
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id", ondelete="CASCADE"))
    stage: Mapped[int] = mapped_column(SmallInteger)
    """1, or 2: the second sample of a double plan."""
    wrong: Mapped[bool | None]
    """None: nobody has looked yet."""
    fields: Mapped[list[Any]]
    note: Mapped[str]
    by: Mapped[str | None]
    at: Mapped[datetime | None]


class OfficeSetting(Base):
    """What supervisors have set for the whole office: the sampling plan, what work costs."""

    __tablename__ = "office_setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]]
    by: Mapped[str]
    at: Mapped[datetime]
