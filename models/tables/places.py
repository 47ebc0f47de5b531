"""Places through time: a copy of ``ocr_config/gazetteer`` for queries; the files are the source.

Dates are EDTF text as the source knows them, and beside it the days reckoned with: something
holds on every ``day`` with ``first_day <= day < end_day``; NULL is open.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Sortable

_ID = String(200)


class _Dated:
    valid_from: Mapped[str]
    """EDTF; empty where open or not known."""
    valid_to: Mapped[str]
    first_day: Mapped[date | None]
    end_day: Mapped[date | None]
    """First day on which it no longer holds."""
    source: Mapped[str]


class _Sourced(_Dated):
    unit_id: Mapped[str] = mapped_column(_ID, ForeignKey("place_unit.unit_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Order among the rows of the unit."""


class _Ordered(_Sourced):
    event_id: Mapped[str | None] = mapped_column(_ID, ForeignKey("place_event.event_id"))
    """What began it."""
    verified: Mapped[bool]


class PlaceUnit(_Dated, Base):
    """A legal existence of one area."""

    __tablename__ = "place_unit"

    unit_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    level: Mapped[str] = mapped_column(String(16))
    verified: Mapped[bool]
    note: Mapped[str]


class PlaceEvent(Base):
    """Something that happened to units, with the act that ordered it."""

    __tablename__ = "place_event"

    event_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    act: Mapped[str]
    act_date: Mapped[str]
    effective: Mapped[str]
    """EDTF."""
    first_day: Mapped[date]
    source: Mapped[str]
    verified: Mapped[bool]
    note: Mapped[str]


class PlaceName(_Ordered, Base):
    """A name of a unit; one official one each day."""

    __tablename__ = "place_name"

    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(Sortable, index=True)
    kind: Mapped[str] = mapped_column(String(16))


class PlaceType(_Ordered, Base):
    """A type of a unit: Xã, Phường, Huyện; one each day."""

    __tablename__ = "place_type"

    type: Mapped[str]


class PlaceParent(_Ordered, Base):
    """The unit above; one each day."""

    __tablename__ = "place_parent"

    parent_id: Mapped[str] = mapped_column(_ID, ForeignKey("place_unit.unit_id"), index=True)


class PlaceCode(_Sourced, Base):
    """A code of a unit in a scheme."""

    __tablename__ = "place_code"

    scheme: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(16), index=True)


class PlaceLink(Base):
    """Ground or people that passed from one unit to another (or stayed: remainder)."""

    __tablename__ = "place_link"

    event_id: Mapped[str] = mapped_column(_ID, ForeignKey("place_event.event_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_unit: Mapped[str] = mapped_column(_ID, ForeignKey("place_unit.unit_id"), index=True)
    to_unit: Mapped[str] = mapped_column(_ID, ForeignKey("place_unit.unit_id"), index=True)
    extent: Mapped[str] = mapped_column(String(16))
    share: Mapped[float] = mapped_column(Double)
    """Part of the people of ``from_unit``."""
    note: Mapped[str]


class PlaceLoad(Base):
    """Which files the tables were last filled from; one row at most."""

    __tablename__ = "place_load"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]
