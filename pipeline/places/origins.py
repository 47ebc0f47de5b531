"""Which units of its time a written place may be, and how likely each is.

Every candidate gets a weight: how well name and type agree, whether its district and province
are the ones named, how far its life is from the book's year, how near it lies to the
registering unit. Weights are set against ``NOWHERE``, the weight of "none of these", and add
up to probabilities. They were set by reason, not fitted: there are no reviewed places yet.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from pipeline.places.gazetteer import FIRST_DAY, OPEN_START, Gazetteer, State, Unit
from pipeline.places.index import Bearer
from pipeline.places.parse import DISTRICT, PROVINCE
from pipeline.places.raw import HAI_PHONG
from pipeline.places.spans import Layout, Span, layouts
from pipeline.places.walk import walk

NOWHERE = 0.05
"""Weight of "none of these" against an exact name of Hải Phòng that nothing speaks against."""
BEFORE_LISTS = 2.0
"""The same for years the lists do not reach: names of before 2004 are missing."""
_MARKS_DIFFER = 0.35
_EDITS = (1.0, 0.25, 0.05)
_OTHER_TYPE_THEN, _OTHER_TYPE_EVER = 0.5, 0.12
_DISTRICT, _DISTRICT_WRONG = 40.0, 0.003
_PROVINCE, _PROVINCE_WRONG, _ELSEWHERE = 5.0, 0.03, 0.0005
_SAME_UNIT, _SAME_DISTRICT, _SAME_PROVINCE = 60.0, 25.0, 1.5
_OWN_DISTRICT, _CLEAR, _FORCED = 10.0, 0.5, 0.05
"""Nearness counts for names that fall into place, not for forced readings."""
_NEIGHBOUR_PROVINCE = 0.2
"""Hải Dương where nothing names it: the books are Hải Phòng's."""
_GONE, _LONG_GONE, _LONG = 0.3, 0.1, 15
_OLD_NAME_OUT_OF_TIME = 0.02
_LIKELY = 0.3
"""Probability from which a unit counts as where the book was kept."""
_NATURAL, _ONLY_PROVINCE = 0.1, 0.2
"""Where the text can be read as a commune or district, it hardly means the whole province."""
_BARE_DISTRICT = 2.0
"""A bare name that a commune and a district share is oftener the district."""


class Origin(NamedTuple):
    """A unit of the time of writing, its probability, and the day from which to walk on."""

    unit: str
    probability: float
    since: date


class Near(NamedTuple):
    """Where the book was kept: units, districts and provinces (GSO codes)."""

    units: frozenset[str]
    districts: frozenset[str]
    provinces: frozenset[str]


NOT_NEAR = Near(frozenset(), frozenset(), frozenset())


def _districts(gazetteer: Gazetteer, unit: Unit, level: str) -> set[str]:
    """Ids of the districts (or provinces) a unit ever lay in."""
    found: set[str] = set()
    for state in unit.states:
        parent = gazetteer.units.get(state.parent)
        while parent and parent.level != level:
            parent = gazetteer.units.get(parent.states[0].parent)
        if parent:
            found.add(parent.id)
    return found


@lru_cache(maxsize=8192)
def _lay_in(gazetteer: Gazetteer, unit_id: str, level: str) -> frozenset[str]:
    return frozenset(_districts(gazetteer, gazetteer.units[unit_id], level))


@lru_cache(maxsize=2048)
def near_to(gazetteer: Gazetteer, unit: str, year: int | None) -> Near:
    """The surroundings of a registering unit, given by id or as written on a cover."""
    if not unit:
        return NOT_NEAR
    if unit in gazetteer.units:
        ids = [unit]
    else:
        ids = [
            origin.unit
            for origin in origins(unit, year, "", gazetteer)
            if origin.probability >= _LIKELY
        ]
    units: set[str] = set()
    districts: set[str] = set()
    provinces: set[str] = set()
    for one in ids:
        found = gazetteer.units[one]
        (districts if found.level == DISTRICT else units).add(one)
        districts |= _lay_in(gazetteer, one, DISTRICT)
        provinces |= _lay_in(gazetteer, one, PROVINCE) or {one}
        provinces |= {
            above for district in districts for above in _lay_in(gazetteer, district, PROVINCE)
        }
    return Near(frozenset(units), frozenset(districts), frozenset(provinces))


def _time(state: State, unit: Unit, year: int | None) -> float:
    """1 where the state and the year meet; less for a name given up before; 0 for one to come."""
    if year is None:
        return 1.0
    if state.start > date(year, 12, 31):
        return 0.0
    if state.end > date(year, 1, 1):
        return 1.0
    return _LONG_GONE if year - state.end.year > _LONG else _GONE


def _name(span: Span, bearer: Bearer, year: int | None) -> float:
    """How well the written name and type fit a bearer."""
    if span.edits:
        weight = _EDITS[span.edits]
    elif span.text == bearer.name:
        weight = 1.0
    else:
        # Without any mark a name says less, but nothing against its bearer.
        weight = 0.9 if span.text.isascii() else _MARKS_DIFFER
    if bearer.old and year is not None and not bearer.old.start <= year <= bearer.old.end + 10:
        weight *= _OLD_NAME_OUT_OF_TIME
    if span.type and not bearer.old and span.type.type != bearer.state.type:
        ever = any(state.type == span.type.type for state in bearer.unit.states)
        weight *= _OTHER_TYPE_THEN if ever else _OTHER_TYPE_EVER
    return weight


def _inside(
    gazetteer: Gazetteer, unit: Unit, span: Span | None, level: str, year: int | None
) -> tuple[float, bool] | None:
    """(fit of the best bearer of the span that ``unit`` lay in, at that time), None without."""
    if span is None:
        return None
    lay_in = _lay_in(gazetteer, unit.id, level)
    best = 0.0
    for bearer in span.bearers:
        if bearer.unit.id in lay_in:
            best = max(best, _name(span, bearer, year) * (0.4 if bearer.old else 1.0))
    return best, best > 0


def _surroundings(gazetteer: Gazetteer, unit: Unit, layout: Layout, near: Near) -> float:
    """How near a unit lies to the registering unit, where the text does not say."""
    weight = 1.0
    if unit.level == DISTRICT:
        # the bare name of the book's own district, commune or not
        if layout.weight >= _CLEAR and layout.province is None and unit.id in near.districts:
            weight *= _OWN_DISTRICT
    elif layout.district is None and not layout.elsewhere and layout.weight >= _FORCED:
        if unit.id in near.units:
            weight *= _SAME_UNIT
        elif near.districts & _lay_in(gazetteer, unit.id, DISTRICT):
            weight *= _SAME_DISTRICT
        elif near.provinces & _lay_in(gazetteer, unit.id, PROVINCE):
            weight *= _SAME_PROVINCE
    if layout.province is None and layout.commune is not layout.district is None:
        home = any(state.gso_code == HAI_PHONG for state in _provinces(gazetteer, unit))
        if not home and not near.provinces & _lay_in(gazetteer, unit.id, PROVINCE):
            weight *= _NEIGHBOUR_PROVINCE
    return weight


def _provinces(gazetteer: Gazetteer, unit: Unit) -> list[State]:
    return [
        gazetteer.units[one].states[0]
        for one in _lay_in(gazetteer, unit.id, PROVINCE) or frozenset({unit.id})
    ]


def _weigh(
    gazetteer: Gazetteer, layout: Layout, span: Span, bearer: Bearer, year: int | None, near: Near
) -> float:
    unit = bearer.unit
    weight = layout.weight * _name(span, bearer, year)
    weight *= _time(bearer.state, unit, year) if not bearer.old else 1.0
    if not weight:
        return 0.0
    for above, level, right, wrong in (
        (layout.district, DISTRICT, _DISTRICT, _DISTRICT_WRONG),
        (layout.province, PROVINCE, _PROVINCE, _PROVINCE_WRONG),
    ):
        if above is span:
            continue
        inside = _inside(gazetteer, unit, above, level, year)
        if inside:
            fit, lies_in = inside
            weight *= max(right * fit, wrong) if lies_in else wrong
    if layout.elsewhere:
        weight *= _ELSEWHERE
    if span.level == DISTRICT and span.type is None:
        weight *= _BARE_DISTRICT
    return weight * _surroundings(gazetteer, unit, layout, near)


def _since(bearer: Bearer, year: int | None) -> date:
    """Day from which the people of a bearer are followed on."""
    if bearer.old:
        return OPEN_START
    state = bearer.state
    if year is None:
        return max(state.start, FIRST_DAY)
    first = date(year, 1, 1)
    return max(state.start, first) if state.end > first else state.end - timedelta(days=1)


def _drop_followed(gazetteer: Gazetteer, weights: dict[str, tuple[float, date]], day: date) -> None:
    """Leaves out units gone by then whose own successor bears the name: it is the one meant."""
    gone = [one for one in weights if gazetteer.units[one].end <= day]
    for one in gone:
        followers = walk(gazetteer, one, weights[one][1], day)
        if any(way.unit in weights and way.unit != one for way in followers):
            del weights[one]


@lru_cache(maxsize=65536)
def origins(text: str, year: int | None, unit: str, gazetteer: Gazetteer) -> tuple[Origin, ...]:
    """Units that a written place may mean, likeliest first.

    The probabilities add up to less than 1: the rest is "none of these".
    """
    near = near_to(gazetteer, unit, year)
    weights: dict[str, tuple[float, date]] = {}
    ways = layouts(text, gazetteer)
    finer = any(way.weight > _NATURAL and (way.commune or way.district) for way in ways)
    for layout in ways:
        span = layout.commune or layout.district or layout.province
        assert span is not None  # a layout has at least one name
        for bearer in span.bearers:
            weight = _weigh(gazetteer, layout, span, bearer, year, near)
            if finer and span.level == PROVINCE:
                weight *= _ONLY_PROVINCE
            if weight > weights.get(bearer.unit.id, (0.0, date.min))[0]:
                weights[bearer.unit.id] = weight, _since(bearer, year)
    if year is not None:
        _drop_followed(gazetteer, weights, date(year, 12, 31))
    nowhere = NOWHERE
    if year is not None and year < FIRST_DAY.year:
        nowhere *= BEFORE_LISTS
    total = nowhere + sum(weight for weight, _ in weights.values())
    return tuple(
        sorted(
            (Origin(one, weight / total, since) for one, (weight, since) in weights.items()),
            key=lambda origin: (-origin.probability, origin.unit),
        )
    )
