"""Names that a clerk may have written in a year, with weights: what readers decode under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pipeline.places.fit import lay_in, years_apart
from pipeline.places.index import Bearer, names_of
from pipeline.places.origins import near_to
from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer, Unit

_OWN, _OWN_DISTRICT, _OWN_PROVINCE, _HOME, _ELSEWHERE = 40.0, 12.0, 2.0, 1.0, 0.15
_LEVELS = ("province", "district", "commune", "hamlet")


@dataclass(frozen=True)
class NameCandidate:
    """A name of a unit as it was in use, and how likely a clerk there wrote it (all sum to 1)."""

    name: str
    type: str
    level: str
    unit_id: str
    weight: float

    @property
    def full_name(self) -> str:
        """Type and name: ``Xã An Thái``."""
        return f"{self.type} {self.name}"


def _nearness(gazetteer: Gazetteer, unit: Unit, near_units: frozenset[str], year: int) -> float:
    above = gazetteer.above[unit.id]
    if unit.id in near_units or above & near_units:
        return _OWN
    for one in near_units:
        mine = gazetteer.above[one]
        for shared in above & mine | ({unit.id} & mine):
            level = gazetteer.units[shared].level
            if level == "district" and lay_in(gazetteer, gazetteer.units[one], shared, year) == 1:
                return _OWN_DISTRICT
    for one in near_units:
        if any(
            gazetteer.units[shared].level == "province"
            for shared in (above | {unit.id}) & gazetteer.above[one]
        ):
            return _OWN_PROVINCE
    return _HOME if unit.id.startswith("hp-") else _ELSEWHERE


@lru_cache(maxsize=256)
def candidate_names(
    gazetteer: Gazetteer, registering_unit: str, year: int, levels: tuple[str, ...] = _LEVELS
) -> tuple[NameCandidate, ...]:
    """All plausible place names for a registering unit in a year, likeliest first.

    Args:
        gazetteer: loaded.
        registering_unit: id, or as on the cover.
        year: of the entries; names given up before count less, names to come not at all.
        levels: of ``country, province, district, canton, commune, hamlet``.

    Returns:
        Names with weights that add up to 1.
    """
    unknown = set(levels) - set(LEVELS)
    if unknown:
        raise ValueError(f"levels: {', '.join(sorted(unknown))}")
    near = near_to(gazetteer, registering_unit, year)
    near_units = near.units or frozenset(
        one for one in near.above if gazetteer.units[one].level == "district"
    )
    found: list[tuple[float, Bearer]] = []
    for unit in gazetteer.units.values():
        if unit.level not in levels:
            continue
        weight = _nearness(gazetteer, unit, near_units, year)
        for bearer in names_of(unit):
            fit = years_apart(bearer, year)
            if fit and (bearer.kind == "official" or bearer.end > date(year, 1, 1)):
                share = 1.0 if bearer.kind == "official" else 0.1
                found.append((weight * fit * share, bearer))
    total = sum(weight for weight, _ in found) or 1.0
    day = date(year, 7, 1)
    return tuple(
        sorted(
            (
                NameCandidate(
                    bearer.shown,
                    bearer.unit.near(day).type,
                    bearer.unit.level,
                    bearer.unit.id,
                    weight / total,
                )
                for weight, bearer in found
            ),
            key=lambda one: (-one.weight, one.name, one.unit_id),
        )
    )
