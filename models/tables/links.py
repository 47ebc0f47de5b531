"""Entries that may belong together: one act written twice, or acts of one life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from models.states import LinkState
from pipeline.checks.linking.blocks import Relation

_ROLE = String(12)
_UNIT = String(64)


class EntryLink(Base):
    """Two persons in two entries, the earlier act first."""

    __tablename__ = "entry_link"
    __table_args__ = (
        UniqueConstraint(
            "first_entry_id",
            "second_entry_id",
            "first_role",
            "second_role",
            name="uq_entry_link_pair",
        ),
        Index("ix_entry_link_second_entry_id", "second_entry_id"),
        Index("ix_entry_link_state", "state", "probability"),
        Index(
            "ix_entry_link_first_unit_id", "first_unit_id", "state", "probability", "weight"
        ),
        Index(
            "ix_entry_link_second_unit_id", "second_unit_id", "state", "probability", "weight"
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    relation: Mapped[Relation] = mapped_column(coded(Relation, 20))
    first_entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id", ondelete="CASCADE"))
    first_role: Mapped[str] = mapped_column(_ROLE)
    second_entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id", ondelete="CASCADE"))
    second_role: Mapped[str] = mapped_column(_ROLE)
    weight: Mapped[float] = mapped_column(Double)
    """Bits: how much likelier the agreement is for one person than for two."""
    probability: Mapped[float] = mapped_column(Double)
    reasons: Mapped[list[Any]]
    """[comparison, level, weight] each."""
    state: Mapped[LinkState] = mapped_column(coded(LinkState))
    made_at: Mapped[datetime]
    person_by: Mapped[str | None]
    person_at: Mapped[datetime | None]
    first_unit_id: Mapped[str | None] = mapped_column(_UNIT)
    """Of the first entry's book, which never changes: a unit's links are listed by it."""
    second_unit_id: Mapped[str | None] = mapped_column(_UNIT)


class LinkRun(Base):
    """A search for links among all entries. ``done_at`` stays empty while it is at work."""

    __tablename__ = "link_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    begun_at: Mapped[datetime]
    """What was written before is in it."""
    done_at: Mapped[datetime | None]
    by: Mapped[str]
    persons: Mapped[int]
    suggested: Mapped[int]


class LinkRequest(Base):
    """Somebody at the desk wants links looked for now.

    ``run_id`` is the search that began after it: empty while the request waits.
    """

    __tablename__ = "link_request"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("link_run.id"))
