"""Registering units: who kept a book, found by what its cover says.

The plan counts 233 of them as of 29 December 2022: the department (Sở Tư pháp), 15 districts and
217 communes (``registers.md`` 0). A unit that was merged before still has its own id, and a
``holder`` among the 233, so that no unit is forgotten because it changed its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from pipeline.errors import UnknownUnitError
from pipeline.places.context import Context
from pipeline.places.gazetteer import alive_on, load_gazetteer
from pipeline.places.origins import origins
from pipeline.places.parse import COMMUNE, DISTRICT, HAMLET
from pipeline.places.raw import HAI_PHONG
from pipeline.places.units import Gazetteer, State, Unit
from pipeline.places.walk import walk
from pipeline.values.text import clean, fold, unify_tone

PLAN_DAY = date(2022, 12, 29)
"""Day of the list the digitization plan counts by."""
DEPARTMENT = "hp-so-tu-phap"
_OFFICE = re.compile(r"^(?:ubnd|ubhc|uy ban (?:nhan dan|hanh chinh))\s+")
_TYPES = (
    ("thi tran", "Thị trấn"),
    ("thi xa", "Thị xã"),
    ("thanh pho", "Thành phố"),
    ("phuong", "Phường"),
    ("huyen", "Huyện"),
    ("quan", "Quận"),
    ("xa", "Xã"),
    ("tt", "Thị trấn"),
    ("tx", "Thị xã"),
    ("tp", "Thành phố"),
    ("p", "Phường"),
    ("h", "Huyện"),
    ("q", "Quận"),
    ("x", "Xã"),
)
_ALIKE = 60.0
_SURE = 0.9
"""Probability from which a written unit counts as found."""


@dataclass(frozen=True)
class RegisteringUnit:
    """Who kept a book. ``current`` are the units of today on its ground, largest first."""

    id: str
    level: str
    """department, district or commune."""
    type: str
    name: str
    district: str
    """Full name of its district then; empty for the department and for districts."""
    holder: str
    """Id among the 233 units of the plan."""
    current: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """Type and name as on a cover: ``Xã An Thái``."""
        return f"{self.type} {self.name}".strip()


def _department() -> RegisteringUnit:
    return RegisteringUnit(
        DEPARTMENT, "department", "", "Sở Tư pháp", "", DEPARTMENT, ("Sở Tư pháp",)
    )


def _day_in(unit: Unit, year: int) -> date:
    """A day of a year on which the unit was, or the nearest day of its life."""
    day = max(date(year, 1, 1), unit.start)
    last = unit.states[-1].end
    return day if day < last else date.fromordinal(last.toordinal() - 1)


def _holder(gazetteer: Gazetteer, unit: Unit, name: str) -> str:
    if unit.level in (DISTRICT, COMMUNE) and unit.on(PLAN_DAY):
        return unit.id
    ways = walk(gazetteer, unit.id, unit.start, PLAN_DAY)
    for way in ways:
        state = gazetteer.units[way.unit].on(PLAN_DAY)
        if state and state.name == name:
            return way.unit
    return ways[0].unit if ways else ""


def _described(gazetteer: Gazetteer, unit: Unit, state: State, day: date) -> RegisteringUnit:
    above = gazetteer.units[state.parent].on(day)
    current = [
        gazetteer.units[way.unit].on(date.today())
        for way in walk(gazetteer, unit.id, day, date.today())
    ]
    return RegisteringUnit(
        unit.id,
        unit.level,
        state.type,
        state.name,
        above.full_name if above and unit.level in (COMMUNE, HAMLET) else "",
        _holder(gazetteer, unit, state.name),
        tuple(one.full_name for one in current if one),
    )


@lru_cache(maxsize=4)
def _all(gazetteer: Gazetteer) -> tuple[RegisteringUnit, ...]:
    units = [
        _described(gazetteer, unit, state, PLAN_DAY)
        for level in (DISTRICT, COMMUNE)
        for unit, state in alive_on(gazetteer, PLAN_DAY, level, HAI_PHONG)
    ]
    return (_department(), *sorted(units, key=lambda u: (u.level != DISTRICT, u.district, u.id)))


def registering_units(gazetteer: Gazetteer | None = None) -> tuple[RegisteringUnit, ...]:
    """The 233 units of the plan: the department, 15 districts, 217 communes."""
    return _all(gazetteer or load_gazetteer())


def _split(text: str) -> tuple[str, str]:
    """(type or empty, name with its marks) of a unit as on a cover."""
    name = unify_tone(clean(text.replace("-", " "))).lower()
    folded = fold(name)
    office = _OFFICE.match(folded)
    if office and len(folded) == len(name):
        name, folded = name[office.end() :], folded[office.end() :]
    for short, type_ in _TYPES:
        found = re.match(rf"{short}(?:\s*\.\s*|\s+)(?=\S)", folded)
        if found and len(folded) == len(name):
            return type_, name[found.end() :]
    return "", name


def _bearers(
    gazetteer: Gazetteer, unit: str, year: int
) -> Iterator[tuple[Unit, State, bool, bool]]:
    """(unit, state, marks agree, alive in the year) of Hải Phòng's units of a name."""
    type_, name = _split(unit)
    for found in gazetteer.units.values():
        if found.level not in (COMMUNE, DISTRICT) or not found.id.startswith("hp-"):
            continue
        for state in found.states:
            names = [state.name, *(alias.name for alias in found.aliases)]
            same = [one for one in names if fold(one) == fold(name)]
            if not same or state.start > PLAN_DAY or (type_ and type_ != state.type):
                continue
            marks = any(unify_tone(one).lower() == name for one in same)
            alive = state.start <= date(year, 12, 31) and state.end > date(year, 1, 1)
            yield found, state, marks, alive


def _lies_in(gazetteer: Gazetteer, found: Unit, district: str) -> bool:
    """True where a unit ever lay in a district of this name."""
    _, name = _split(district)
    return any(
        fold(one) == fold(name)
        for above in gazetteer.above[found.id]
        if gazetteer.units[above].level == DISTRICT
        for one in _names_of(gazetteer.units[above])
    )


def _resolved(gazetteer: Gazetteer, text: str, unit: str, year: int) -> RegisteringUnit | None:
    """A unit found as any written place is, where its name stands on the cover letter by letter.

    Khu phố, tiểu khu, villages and districts that were something else then.
    """
    found = origins(clean(text), year, Context(), gazetteer)
    if not found or found[0].probability < _SURE or not found[0].unit.startswith("hp-"):
        return None
    known = gazetteer.units[found[0].unit]
    written = _OFFICE.sub("", fold(unit.replace("-", " ")))
    types = {"", *(state.type for state in known.states)}
    called = {fold(f"{type_} {name}") for type_ in types for name in _names_of(known)}
    if written not in called:
        return None
    day = _day_in(known, year)
    return _described(gazetteer, known, known.near(day), day)


def _names_of(unit: Unit) -> list[str]:
    return [*(state.name for state in unit.states), *(alias.name for alias in unit.aliases)]


def _nearest(gazetteer: Gazetteer, unit: str, district: str) -> str:
    names = {
        ", ".join(filter(None, (one.full_name, one.district))): one
        for one in registering_units(gazetteer)
    }
    asked = fold(", ".join(filter(None, (unit, district))))
    near = process.extract(
        asked, names.keys(), processor=fold, scorer=fuzz.WRatio, limit=3, score_cutoff=_ALIKE
    )
    return "; ".join(name for name, _, _ in near) or "–"


def registering_unit(
    unit: str, district: str, year: int, gazetteer: Gazetteer | None = None
) -> RegisteringUnit:
    """The unit that a manifest names.

    Args:
        unit: as on the cover (``Xã An Thái``, ``UBND phường Lê Lợi``, ``Sở Tư pháp``), or an id.
        district: as on the cover; may be empty where the name is the only one.
        year: of the book; of several bearers of a name the one of that time is meant.
        gazetteer: the office's own by default.

    Raises:
        UnknownUnitError: nobody, or more than one, is called that; names the nearest.
    """
    return _registering_unit(unit, district, year, gazetteer or load_gazetteer())


@lru_cache(maxsize=4096)
def _registering_unit(unit: str, district: str, year: int, gazetteer: Gazetteer) -> RegisteringUnit:
    if unit == DEPARTMENT or fold(unit).startswith("so tu phap"):
        return _department()
    if unit in gazetteer.units:
        known = gazetteer.units[unit]
        day = _day_in(known, year)
        state = known.on(day)
        assert state is not None  # the day was chosen within its life
        return _described(gazetteer, known, state, day)
    found = list(_bearers(gazetteer, unit, year))
    if fold(district) in ("", "hai phong", "thanh pho hai phong") or (
        _split(district)[1] == _split(unit)[1] and any(one[0].level == DISTRICT for one in found)
    ):
        found = [one for one in found if not district or one[0].level == DISTRICT] or found
    else:
        found = [
            one
            for one in found
            if one[0].level == COMMUNE and _lies_in(gazetteer, one[0], district)
        ]
    for better in (3, 2):  # alive in the year, then marks as written
        found = [one for one in found if one[better]] or found
    named = f"{unit}, {district}" if district else unit
    ids = {one[0].id for one in found}
    if len(ids) > 1:
        ids = {
            way.unit
            for one in found
            for way in walk(gazetteer, one[0].id, one[0].start, PLAN_DAY)[:1]
        } & ids or ids
        found = [one for one in found if one[0].id in ids]
    if len(ids) != 1:
        resolved = _resolved(gazetteer, named, unit, year)
        if resolved:
            return resolved
        raise UnknownUnitError(
            named, nearest=_nearest(gazetteer, unit, district), unit=unit, year=year
        )
    bearer, state, _, alive = found[-1]
    day = _day_in(bearer, year) if alive else max(state.start, date(2004, 8, 31))
    return _described(gazetteer, bearer, bearer.on(day) or state, day)
