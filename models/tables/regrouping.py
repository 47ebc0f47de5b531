"""Entries that people split or joined, with what stood there before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from pipeline.types import EditKind


class Regrouping(Base):
    """One split or join; the rows as they were, so that it can be taken back."""

    __tablename__ = "regrouping"
    __table_args__ = (Index("ix_regrouping_scan_id", "scan_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scan_id: Mapped[int] = mapped_column(BigId, ForeignKey("scan.id", ondelete="CASCADE"))
    kind: Mapped[EditKind] = mapped_column(coded(EditKind))
    position: Mapped[int]
    """Of the first entry among those of the scan, as counted then."""
    was: Mapped[dict[str, Any] | None]
    """The first entry and its fields before; None where the machine had none there."""
    gone: Mapped[dict[str, Any] | None]
    """The entry that went away (by a join, or by taking a split back), with its fields."""
    by: Mapped[str]
    at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
