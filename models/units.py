"""Registering units as the gazetteer knows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, insert, or_, select, update

from models.database import Database
from models.search import search_key
from models.tables import Unit


class RegisteringUnit(Protocol):
    """What ``pipeline.places`` hands over of a unit."""

    @property
    def id(self) -> str:
        """Id in the gazetteer."""

    @property
    def name(self) -> str:
        """Name without or with its type."""

    @property
    def type(self) -> str:
        """``Xã``, ``Phường``, ``Quận``, ``Sở`` …"""

    @property
    def district(self) -> str:
        """District above it; empty for districts and the department."""


@dataclass(frozen=True)
class UnitName:
    """A unit: id in the gazetteer, name, type and the district above it (may be empty)."""

    id: str
    name: str
    type: str
    district: str

    @property
    def full_name(self) -> str:
        """``Xã An Thái``; the type is not said twice."""
        if search_key(self.name).startswith(search_key(self.type)):
            return self.name
        return f"{self.type} {self.name}"


def load_units(db: Database, units: Iterable[RegisteringUnit]) -> int:
    """Write units, new ones and changed names; again changes nothing.

    Returns:
        How many were new or changed.
    """
    with db.write() as connection:
        return sum(put_unit(connection, unit) for unit in units)


def put_unit(connection: Connection, unit: RegisteringUnit) -> bool:
    """Write one unit in the running transaction; tells whether anything changed."""
    columns = {
        "name": unit.name,
        "type": unit.type,
        "district": unit.district,
        "name_key": search_key(f"{unit.type} {unit.name} {unit.district}"),
    }
    there = connection.execute(
        select(Unit.name, Unit.type, Unit.district, Unit.name_key).where(Unit.id == unit.id)
    ).first()
    if there is None:
        connection.execute(insert(Unit).values(id=unit.id, **columns))
    elif dict(there._mapping) == columns:
        return False
    else:
        connection.execute(update(Unit).where(Unit.id == unit.id).values(**columns))
    return True


def find_units(db: Database, text: str) -> list[UnitName]:
    """Units by id, or whose type, name and district hold all words of ``text``, accents aside."""
    with db.read() as connection:
        return [
            UnitName(row.id, row.name, row.type, row.district)
            for row in connection.execute(
                select(Unit.__table__)
                .where(Unit.id.in_(unit_ids(connection, text)))
                .order_by(Unit.id)
            )
        ]


def unit_ids(connection: Connection, text: str) -> list[str]:
    """Ids of the units that ``text`` names; the id itself wins over words."""
    if connection.execute(select(Unit.id).where(Unit.id == text)).first():
        return [text]
    words = [Unit.name_key.contains(word, autoescape=True) for word in search_key(text).split()]
    if not words:
        return []
    exact = or_(Unit.name_key == search_key(text), Unit.name_key.startswith(search_key(text) + " "))
    found = list(connection.execute(select(Unit.id).where(exact)).scalars())
    return found or list(connection.execute(select(Unit.id).where(*words)).scalars())
