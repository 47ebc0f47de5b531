"""What was changed after release, and by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from pipeline.types import ValueState


class ReleaseCorrection(Base):
    """A correction of a released value; written, never changed but for its second signature."""

    __tablename__ = "release_correction"
    __table_args__ = (Index("ix_release_correction_entry_id", "entry_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("entry.id"))
    """Without cascade: a released entry that was corrected is not deleted."""
    field: Mapped[str] = mapped_column(String(40))
    was_value: Mapped[str | None]
    was_state: Mapped[ValueState] = mapped_column(coded(ValueState))
    is_value: Mapped[str | None]
    is_state: Mapped[ValueState] = mapped_column(coded(ValueState))
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    approved_by: Mapped[str | None]
    """Who let it take effect: the same person, or a second one where four eyes are set."""
    approved_at: Mapped[datetime | None]
