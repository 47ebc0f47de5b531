"""What supervisors allow to be wrong, and what rules find over all books of a unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, coded
from pipeline.types import Kind


class TargetSetting(Base):
    """A target a supervisor set; rows are added, never changed: the newest of a type holds."""

    __tablename__ = "target_setting"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    field_type: Mapped[str] = mapped_column(String(20))
    target: Mapped[float | None] = mapped_column(Double)
    """Share of wrong values allowed among those accepted; None: back to the file's."""
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class UnitCheck(Base):
    """When the books of a unit and kind were last compared with one another."""

    __tablename__ = "unit_check"

    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(coded(Kind), primary_key=True)
    asked: Mapped[int]
    """Rises with each comparison begun: one that was overtaken keeps nothing."""
    entries: Mapped[int]
    """Compared the last time."""
    found: Mapped[int]
    """Findings then; more than are kept, where there are very many."""
    at: Mapped[datetime | None]
    """When the last comparison ended; None: never yet."""


class UnitFinding(Base):
    """What a rule says of a year of a unit's books; replaced as a whole by each comparison."""

    __tablename__ = "unit_finding"
    __table_args__ = (Index("ix_unit_finding_unit_id_kind_year", "unit_id", "kind", "year"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[Kind] = mapped_column(coded(Kind))
    year: Mapped[int]
    rule: Mapped[str] = mapped_column(String(8))
    detail: Mapped[str]
    entries: Mapped[list[Any]]
    """Ids of the entries it speaks of; one that is gone by now is passed by."""
