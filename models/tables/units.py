"""Who kept the books and who scanned them."""

from __future__ import annotations

from sqlalchemy import Boolean, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sortable


class Unit(Base):
    """A registering unit, under its id in the gazetteer and its name of the target date."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    type: Mapped[str]
    district: Mapped[str]
    """Name of the district above it; empty for the department and the districts."""
    name_key: Mapped[str] = mapped_column(Sortable, index=True)
    """Folded type, name and district, for finding a unit as a person types it."""
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Higher goes to the operators first."""
    four_eyes: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Two supervisors sign off what is released here."""


class Contractor(Base):
    """A firm that scans and hands over batches."""

    __tablename__ = "contractor"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
