"""The gazetteer: units with ids of their own, dated states, and links from unit to unit.

Tables in ``ocr_config/gazetteer`` (its README tells sources), built by ``places.build``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pipeline.places.raw import rows
from pipeline.settings import load_settings

FIRST_DAY = date(2004, 8, 31)
"""Day of the oldest registry list; what was so then has an open beginning."""
OPEN_START, OPEN_END = date.min, date.max
LEVELS = ("province", "district", "commune")


@dataclass(frozen=True)
class State:
    """How a unit was called and where it belonged for a time: ``start`` <= day < ``end``."""

    start: date
    end: date
    type: str
    name: str
    parent: str
    gso_code: str
    act: str

    def holds(self, day: date) -> bool:
        """True on a day of this state."""
        return self.start <= day < self.end

    @property
    def full_name(self) -> str:
        """Type and name: ``Xã An Thái``."""
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class Unit:
    """A legal existence of one area; ``states`` in order of time."""

    id: str
    level: str
    states: tuple[State, ...]

    @property
    def start(self) -> date:
        """First day; ``date.min`` where the oldest list has it already."""
        return self.states[0].start

    @property
    def end(self) -> date:
        """Day on which it no longer was; ``date.max`` while it is."""
        return self.states[-1].end

    def on(self, day: date) -> State | None:
        """State on a day, None where it was not."""
        return next((state for state in self.states if state.holds(day)), None)


@dataclass(frozen=True)
class Link:
    """On ``day`` a share of a unit's people passed to another unit (or stayed: remainder)."""

    day: date
    target: str
    extent: str
    share: float
    act: str


@dataclass(frozen=True)
class OldName:
    """A district or province of before the oldest list, and names of those that followed it."""

    level: str
    name: str
    type: str
    start: int
    end: int
    now: tuple[str, ...]


@dataclass(frozen=True)
class Gazetteer:
    """All units by id, outgoing links by unit in order of time, and names from elsewhere."""

    units: Mapping[str, Unit]
    links: Mapping[str, tuple[Link, ...]]
    variants: Mapping[str, tuple[str, ...]]
    """Name -> misprinted or shortened forms of it."""
    old_names: tuple[OldName, ...]
    other_provinces: tuple[str, ...]

    def __hash__(self) -> int:
        return id(self)  # loaded once per process; lets answers be remembered

    def __eq__(self, other: object) -> bool:
        return self is other


def _day(text: str, open_day: date) -> date:
    return date.fromisoformat(text) if text else open_day


def load_gazetteer(config: Path | None = None) -> Gazetteer:
    """The gazetteer of an ``ocr_config`` folder; read once per process."""
    return _load((config or load_settings().config) / "gazetteer")


@lru_cache(maxsize=4)
def _load(folder: Path) -> Gazetteer:
    levels = {row["unit_id"]: row["level"] for row in rows(folder / "units.csv")}
    states: dict[str, list[State]] = defaultdict(list)
    for row in rows(folder / "states.csv"):
        states[row["unit_id"]].append(
            State(
                _day(row["from"], OPEN_START),
                _day(row["to"], OPEN_END),
                row["type"],
                row["name"],
                row["parent"],
                row["gso_code"],
                row["act"],
            )
        )
    links: dict[str, list[Link]] = defaultdict(list)
    for row in rows(folder / "links.csv"):
        links[row["from_unit"]].append(
            Link(
                date.fromisoformat(row["day"]),
                row["to_unit"],
                row["extent"],
                float(row["share"]),
                row["act"],
            )
        )
    variants: dict[str, tuple[str, ...]] = {}
    for row in rows(folder / "variants.csv"):
        variants[row["name"]] = (*variants.get(row["name"], ()), row["variant"])
    return Gazetteer(
        units={
            unit: Unit(unit, level, tuple(sorted(states[unit], key=lambda state: state.start)))
            for unit, level in levels.items()
        },
        links={unit: tuple(sorted(found, key=lambda x: x.day)) for unit, found in links.items()},
        variants=variants,
        old_names=tuple(
            OldName(
                row["level"],
                row["name"],
                row["type"],
                int(row["from"]),
                int(row["to"]),
                tuple(row["now"].split(";")),
            )
            for row in rows(folder / "old_names.csv")
        ),
        other_provinces=tuple(row["name"] for row in rows(folder / "other_provinces.csv")),
    )


def alive_on(
    gazetteer: Gazetteer, day: date, level: str, province: str = ""
) -> Iterator[tuple[Unit, State]]:
    """Units of a level on a day, with their state; of one province (GSO code) where given."""
    for unit in gazetteer.units.values():
        if unit.level != level:
            continue
        state = unit.on(day)
        if state and (not province or province_of(gazetteer, unit.id, day) == province):
            yield unit, state


def province_of(gazetteer: Gazetteer, unit_id: str, day: date) -> str:
    """GSO code of the province a unit lay in on a day; empty where it was not."""
    state = gazetteer.units[unit_id].on(day)
    while state and state.parent:
        state = gazetteer.units[state.parent].on(day)
    return state.gso_code if state else ""
