"""Who works at the desk, on what, and what they have not yet saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from models.states import MarkKind, Role, Task
from pipeline.types import ValueState


class DeskUser(Base):
    """A person who may log in. Never deleted: the audit log and the fields name them."""

    __tablename__ = "desk_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    """Lower case; what stands in ``person_by`` and as actor in the audit log."""
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(coded(Role))
    language: Mapped[str] = mapped_column(String(2))
    everywhere: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Sees all units and batches; otherwise those of ``user_unit`` and ``user_batch``."""
    contractor_id: Mapped[int | None] = mapped_column(ForeignKey("contractor.id"))
    """The firm of a contractor: their own batches are theirs to see."""
    password_hash: Mapped[str | None]
    """Argon2, with its parameters; None: no log-in with a password."""
    must_change: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Somebody else knows the password: a new one is asked for first."""
    disabled: Mapped[bool] = mapped_column(Boolean, server_default=false())
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong passwords in a row."""
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seat_book_id: Mapped[int | None] = mapped_column(ForeignKey("book.id", ondelete="SET NULL"))
    """Book the person works in: the next entry comes from it."""
    seat_scan_id: Mapped[int | None] = mapped_column(BigId)
    seat_position: Mapped[int | None]


class UserUnit(Base):
    """A registering unit that a user may see."""

    __tablename__ = "user_unit"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("desk_user.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class UserBatch(Base):
    """A batch that a user may see."""

    __tablename__ = "user_batch"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("desk_user.id", ondelete="CASCADE"), primary_key=True
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)


class WebSession(Base):
    """A logged-in browser. Only the hash of its token is kept."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str]
    agent: Mapped[str]


class LoginTry(Base):
    """Failed log-ins of an address or of an unknown name, for the lock-out."""

    __tablename__ = "login_try"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class ReviewHold(Base):
    """An entry in somebody's hands. One row an entry: never two people on one."""

    __tablename__ = "review_hold"
    __table_args__ = (Index("ix_review_hold_book_id", "book_id"),)

    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True
    )
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(32))
    task: Mapped[Task] = mapped_column(coded(Task))
    taken_at: Mapped[datetime]
    until: Mapped[datetime]


class ReviewMark(Base):
    """Why somebody did not finish an entry: skipped, escalated, or the page must be scanned."""

    __tablename__ = "review_mark"
    __table_args__ = (Index("ix_review_mark_entry_id_user_id", "entry_id", "user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"))
    kind: Mapped[MarkKind] = mapped_column(coded(MarkKind))
    reason: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    """A skipped entry is not offered to the same person before."""


class Draft(Base):
    """What a person has typed and not saved. Outlives hold, session and server."""

    __tablename__ = "draft"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("desk_user.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    version: Mapped[int]
    """Of the entry, when it was begun."""
    fields: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class KeyingPlan(Base):
    """A book of which some fields are keyed twice, by two people who do not see each other."""

    __tablename__ = "keying_plan"

    book_id: Mapped[int] = mapped_column(
        ForeignKey("book.id", ondelete="CASCADE"), primary_key=True
    )
    fields: Mapped[list[Any]]
    """Names of fields; empty means all."""
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Keying(Base):
    """What one person keyed into one field, kept apart from what the others keyed."""

    __tablename__ = "keying"
    __table_args__ = (
        Index("ix_keying_user_id", "user_id", "settled"),
        Index(
            "ix_keying_known",
            "id",
            sqlite_where=text("round = 1 AND settled = 'agreed'"),
            postgresql_where=text("round = 1 AND settled = 'agreed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("entry.id", ondelete="CASCADE"), index=True
    )
    field: Mapped[str] = mapped_column(String(40))
    round: Mapped[int] = mapped_column(SmallInteger)
    """1, 2: the two keyings; 3: the arbiter; 0: an unannounced test."""
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"))
    value: Mapped[str | None]
    state: Mapped[ValueState] = mapped_column(coded(ValueState))
    at: Mapped[datetime]
    settled: Mapped[str | None] = mapped_column(String(16))
    """agreed · differs · right · wrong; None while another word is awaited."""
