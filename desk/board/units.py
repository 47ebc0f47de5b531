"""Units as the plan counts them, as they were, and as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from desk.board.stages import Shares, shares
from models.board import Counts, UnitRow
from pipeline.errors import UnknownUnitError
from pipeline.places import Gazetteer
from pipeline.places.registering import RegisteringUnit, registering_unit, registering_units

VIEWS = ("plan", "then", "now")
_AFTER_ALL = 2010
"""Only chooses the name a unit is shown by, where it bore several."""
_CUT = {
    "Phường": "P.", "Xã": "X.", "Thị trấn": "TT.", "Thị xã": "TX.", "Quận": "Q.", "Huyện": "H.",
    "Đặc khu": "ĐK.",
}  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """A unit on the board. ``ids``: the units of then that it stands for."""

    key: str
    name: str
    district: str
    ids: tuple[str, ...]
    counts: Counts
    shares: Shares

    @property
    def short(self) -> str:
        """The name with its type cut short, as it fits on a tile."""
        for type_, cut in _CUT.items():
            if self.name.startswith(type_ + " "):
                return f"{cut} {self.name[len(type_) + 1 :]}"
        return self.name

    @property
    def empty(self) -> bool:
        """No book of it has come."""
        return not self.counts.books


@dataclass(frozen=True)
class Group:
    """A district with its tiles."""

    name: str
    tiles: tuple[Tile, ...]
    counts: Counts
    shares: Shares


@lru_cache(maxsize=4096)
def known(unit_id: str, gazetteer: Gazetteer) -> RegisteringUnit | None:
    """The unit of an id; None where the gazetteer does not know it."""
    try:
        return registering_unit(unit_id, "", _AFTER_ALL, gazetteer)
    except UnknownUnitError:
        return None


def groups(rows: Sequence[UnitRow], view: str, gazetteer: Gazetteer) -> list[Group]:
    """The board: districts in order of their names, the city's own office first.

    Args:
        rows: every unit in reach with its counts.
        view: ``plan`` (the 233), ``then`` (each unit a book names), ``now`` (of today).
        gazetteer: loaded.
    """
    return list(_groups(tuple(rows), view, gazetteer))


@lru_cache(maxsize=16)
def _groups(rows: tuple[UnitRow, ...], view: str, gazetteer: Gazetteer) -> tuple[Group, ...]:
    plan = {unit.id: unit for unit in registering_units(gazetteer)}
    found: dict[tuple[str, str, str], list[UnitRow]] = {}
    for row in rows:
        found.setdefault(_place(row, view, plan, gazetteer), []).append(row)
    tiles: dict[str, list[Tile]] = {}
    for (district, key, name), members in found.items():
        counts = total(row.counts for row in members)
        ids = tuple(row.id for row in members)
        tiles.setdefault(district, []).append(
            Tile(key, name, district, ids, counts, shares(counts))
        )
    made = []
    for district in sorted(tiles, key=lambda name: (name != "", *_by_type(name))):
        own = sorted(tiles[district], key=lambda tile: (tile.name != district, tile.name))
        counts = total(tile.counts for tile in own)
        made.append(Group(district, tuple(own), counts, shares(counts)))
    return tuple(made)


def members(rows: Iterable[UnitRow], key: str, view: str, gazetteer: Gazetteer) -> list[UnitRow]:
    """The units of then behind a tile."""
    plan = {unit.id: unit for unit in registering_units(gazetteer)}
    return [row for row in rows if _place(row, view, plan, gazetteer)[1] == key]


def total(counts: Iterable[Counts]) -> Counts:
    """All together."""
    return Counts.total(counts)


def _place(
    row: UnitRow, view: str, plan: dict[str, RegisteringUnit], gazetteer: Gazetteer
) -> tuple[str, str, str]:
    """District, key and name of the tile of a unit."""
    name = row.name if row.name.lower().startswith(row.type.lower()) else f"{row.type} {row.name}"
    own = (row.district or (name if row.type else ""), row.id, name.strip())
    if view == "then":
        return own
    unit = known(row.id, gazetteer)
    if unit is None:
        return own
    if view == "plan":
        holder = plan.get(unit.holder)
        if holder is None:
            return own
        district = holder.district or (holder.full_name if holder.type else "")
        return district, holder.id, holder.full_name
    if not unit.type or not unit.current:
        return "", row.id, name.strip()
    now = unit.current[0]
    of_type = next((one for one in _TYPES_NOW if now.startswith(one)), "")
    return of_type, now, now


_TYPES_NOW = ("Phường", "Xã", "Đặc khu")
"""There are no districts any more since 1 July 2025."""


def _by_type(name: str) -> tuple[int, str]:
    order = ("Quận", "Thành phố", "Thị xã", "Huyện")
    rank = next((n for n, type_ in enumerate(order) if name.startswith(type_)), len(order))
    return rank, name
