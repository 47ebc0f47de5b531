"""Which units of its time a written place may be, and how likely each is.

Every unit that bears a name in the text is weighed: how well name, type and time agree
(``fit``), whether the larger units named are ones it lay in, what the words left over say
(``rest``), how near it lies to the registering unit. Weights are set against ``NOWHERE``, the
weight of "none of these", and add up to probabilities. They were set by reason and by forms made
from the tables; there are no reviewed places yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from pipeline.places.context import Context
from pipeline.places.fit import lay_in, name_fit, years_apart
from pipeline.places.index import Bearer
from pipeline.places.parse import (
    CANTON,
    COMMUNE,
    COUNTRY,
    DISTRICT,
    HAMLET,
    PROVINCE,
    Written,
    is_at_home,
    is_local,
    parse,
)
from pipeline.places.rest import rest_weight
from pipeline.places.spans import Span, names_in
from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer, Unit
from pipeline.places.walk import walk
from pipeline.values.text import clean

NOWHERE = 0.05
"""Weight of "none of these" against an exact name of Hải Phòng that nothing speaks against."""
FIRST_LISTS = date(2004, 8, 31)
"""Day of the oldest complete list of communes."""
_COVERAGE = ((2004, 1.0), (1981, 0.7), (1957, 0.5), (1946, 0.35), (0, 0.25))
"""Share of the communes and villages of a year (and later) that the tables know."""
_INSIDE = {COUNTRY: 1.5, PROVINCE: 5.0, DISTRICT: 40.0, CANTON: 40.0, COMMUNE: 40.0}
_SAME_UNIT, _SAME_DISTRICT, _SAME_PROVINCE = 60.0, 25.0, 1.5
_OWN_DISTRICT, _CLEAR, _FORCED = 10.0, 0.5, 0.05
"""Nearness counts for names that fall into place, not for forced readings."""
_NEARBY_UNIT, _NEARBY_DISTRICT = 6.0, 3.0
_CONFIRMED = 4.0
_ABROAD = 0.2
"""Other provinces where nothing names them: the books are Hải Phòng's."""
_HAMLET = ((1957, 0.03), (1946, 0.3), (0, 0.7))
"""Villages and cantons that nothing calls so: usual until the communes were founded, rare since."""
_LIKELY = 0.3
"""Probability from which a unit counts as where the book was kept."""
_NATURAL, _ONLY_PROVINCE = 0.1, 0.2
"""Where the text can be read as a commune or district, it hardly means the whole province."""
_BARE_DISTRICT = 2.0
"""A bare name that a commune and a district share is oftener the district."""
_BARE_TOWN = 0.03
"""A bare name is the province, not its seat or a town of its name: Hà Đông, Hải Phòng."""
_FOLLOWED = 0.3
"""Weight, of that of a unit gone, from which on its successor of the same name replaces it."""
_ALONE_DAMAGED = 0.1
"""A damaged name alone, without type word or larger unit, may be any word."""
_NUMBERED, _AT_HOME = 0.95, 0.8
"""Probability of the book's own unit where only a numbered hamlet, or only "at home" is said."""
_OWN_BOOK = 0.5
"""Fit of the registering unit's first name in a book older than the unit is in the tables."""
_LARGER = {level: tuple(reversed(LEVELS[:at])) for at, level in enumerate(LEVELS)}
_NEGLIGIBLE = 1e-3
_NAMED = 0.5
"""Fit from which a province of that time is named."""
_LEAST = 1e-9


class Origin(NamedTuple):
    """A unit of the time of writing, its probability, and the day from which to walk on."""

    unit: str
    probability: float
    since: date


class _Reading(NamedTuple):
    """A way to read a text: its weight, the day to walk on from, the names it takes."""

    weight: float
    since: date
    chosen: tuple[Span, ...]


class Near(NamedTuple):
    """Where the book was kept: units, and all larger units they ever lay in."""

    units: frozenset[str]
    above: frozenset[str]


NOT_NEAR = Near(frozenset(), frozenset())


@lru_cache(maxsize=2048)
def near_to(gazetteer: Gazetteer, unit: str, year: int | None) -> Near:
    """The surroundings of a registering unit, given by id or as written on a cover."""
    if not unit:
        return NOT_NEAR
    if unit in gazetteer.units:
        ids = [unit]
    else:
        found = origins(clean(unit), year, Context(), gazetteer)
        ids = [origin.unit for origin in found if origin.probability >= _LIKELY]
    above = {
        larger
        for one in ids
        for larger in gazetteer.above[one]
        if gazetteer.units[larger].level == DISTRICT
        or (
            gazetteer.units[larger].level == PROVINCE
            and lay_in(gazetteer, gazetteer.units[one], larger, year) == 1
        )
    }
    districts = {one for one in ids if gazetteer.units[one].level == DISTRICT}
    return Near(frozenset(ids) - districts, frozenset(above | districts))


def _is_home(gazetteer: Gazetteer, unit: Unit, near: Near) -> bool:
    """True where a unit lies in Hải Phòng as it ever was, or in the book's own province."""
    provinces = gazetteer.provinces[unit.id]
    return bool(provinces & near.above) or any(one.startswith("hp-") for one in provinces)


def _is_open(unit: Unit) -> bool:
    """True where the tables do not list what lies below a unit: other provinces, countries."""
    return not unit.id.startswith(("hp-", "hd-"))


def _surroundings(
    gazetteer: Gazetteer, unit: Unit, levels: set[str], natural: float, near: Near
) -> float:
    """How near a unit lies to the registering unit, where the text does not say."""
    weight = 1.0
    above = gazetteer.above[unit.id]
    if unit.level == DISTRICT:
        # the bare name of the book's own district, commune or not
        if natural >= _CLEAR and PROVINCE not in levels and unit.id in near.above:
            weight *= _OWN_DISTRICT
    elif unit.level in (COMMUNE, HAMLET, CANTON) and DISTRICT not in levels and natural >= _FORCED:
        if unit.id in near.units or above & near.units:
            weight *= _SAME_UNIT
        elif near.above & gazetteer.districts[unit.id]:
            weight *= _SAME_DISTRICT
        elif near.above & above:
            weight *= _SAME_PROVINCE
    if PROVINCE not in levels and unit.level not in (PROVINCE, COUNTRY):
        alone = DISTRICT not in levels or unit.level == DISTRICT
        if alone and not _is_home(gazetteer, unit, near):
            weight *= _ABROAD
    return weight


def _coverage(unit: Unit, year: int | None, levels: set[str]) -> float:
    if year is None or unit.level not in (COMMUNE, HAMLET) or DISTRICT in levels:
        return 1.0
    return next(share for first, share in _COVERAGE if year >= first)


class _Text:
    """A text with the names in it, weighed for one year and context."""

    def __init__(self, text: str, year: int | None, context: Context, gazetteer: Gazetteer) -> None:
        self.written: Written = parse(text)
        self.spans: Sequence[Span] = names_in(text, gazetteer)
        self.year = year
        self.gazetteer = gazetteer
        self.near = near_to(gazetteer, context.unit, year)
        self.nearby = context.nearby
        self.by_level = {
            level: [span for span in self.spans if span.level == level] for level in LEVELS
        }
        self.district_names = {(span.start, span.end) for span in self.by_level[DISTRICT]}
        self.fits = {id(span): list(self._fits(span)) for span in self.spans}
        self.province_names = {
            (span.start, span.end)
            for span in self.by_level[PROVINCE]
            if any(fit >= _NAMED for _, fit in self.fits[id(span)])
        }
        self.rests: dict[tuple[tuple[int, ...], bool], float] = {}
        self.finer = False

    def _fits(self, span: Span) -> Iterator[tuple[Bearer, float]]:
        """Bearers of a name that was in use by then, and how well they fit."""
        for bearer in span.bearers:
            fit = years_apart(bearer, self.year)
            if not fit and bearer.unit.id in self.near.units:
                # A book kept by the unit knows better than the tables that it was there by then.
                fit = _OWN_BOOK * (years_apart(bearer, bearer.unit.start.year) > 0)
            if fit:
                yield bearer, fit * name_fit(span, bearer, self.year)

    def _larger(self, span: Span, unit: Unit) -> tuple[list[Span], float]:
        """Names of larger units that a unit lay in, and the weight they give it."""
        chosen, weight = [span], 1.0
        above = self.gazetteer.above[unit.id]
        for level in _LARGER[span.level]:
            best, best_fit = None, 0.0
            for other in self.by_level[level]:
                for bearer, fit in self.fits[id(other)]:
                    if fit <= best_fit or bearer.unit.id not in above:
                        continue
                    if any(other.meets(one) for one in chosen):
                        break
                    inside = lay_in(self.gazetteer, unit, bearer.unit.id, self.year)
                    if fit * inside > best_fit:
                        best, best_fit = other, fit * inside
            if best:
                chosen.append(best)
                weight *= max(1.0, _INSIDE[level] * best_fit)
        return chosen, weight

    def _rest(self, chosen: list[Span], *, open_level: bool) -> float:
        key = tuple(id(span) for span in chosen), open_level
        if key not in self.rests:
            first = chosen[0]
            shared = first.type is None and (first.start, first.end) in self.district_names
            self.rests[key] = rest_weight(
                self.written, chosen, self.spans, open_level=open_level, shared=shared
            )
        return self.rests[key]

    def weigh(self, span: Span, bearer: Bearer, fit: float) -> _Reading:
        """The reading that the smallest place named is this bearer."""
        unit, weight = bearer.unit, fit
        chosen, larger = self._larger(span, unit)
        natural = self._rest(chosen, open_level=_is_open(unit))
        levels = {one.level for one in chosen}
        seat = (
            unit.level == DISTRICT
            and span.type is None
            and (span.start, span.end) in self.province_names
        )
        at_home = span.level not in (PROVINCE, COUNTRY) and not _is_open(unit)
        if natural > _NATURAL and at_home and not seat:
            self.finer = True
        weight *= larger * natural * _coverage(unit, self.year, levels)
        if span.edits and len(chosen) == 1 and span.type is None:
            weight *= _ALONE_DAMAGED
        if unit.level in (HAMLET, CANTON) and (span.type is None or COMMUNE in span.type.levels):
            year = self.year if self.year is not None else date.today().year
            weight *= next(share for first, share in _HAMLET if year >= first)
        if seat or (unit.level == DISTRICT and span.type is None and _is_open(unit)):
            weight *= _BARE_TOWN
        elif unit.level == DISTRICT and span.type is None:
            weight *= _BARE_DISTRICT
        if unit.id in self.nearby:
            weight *= _NEARBY_UNIT
        elif self.nearby & self.gazetteer.above[unit.id]:
            weight *= _NEARBY_DISTRICT
        weight *= _surroundings(self.gazetteer, unit, levels, natural, self.near)
        return _Reading(weight, _since(bearer, self.year), tuple(chosen))


def _since(bearer: Bearer, year: int | None) -> date:
    """Day from which the people of a bearer are followed on."""
    first = date(year, 1, 1) if year is not None else FIRST_LISTS
    return max(bearer.start, first) if bearer.end > first else bearer.end - timedelta(days=1)


def _drop_followed(gazetteer: Gazetteer, readings: dict[str, _Reading], day: date) -> None:
    """Leaves out units gone by then whose own successor bears the name: it is the one meant,
    unless the text names larger units in which only the old one lay.
    """
    least_of_all = _NEGLIGIBLE * max((one.weight for one in readings.values()), default=0.0)
    gone = [
        unit
        for unit, one in readings.items()
        if one.weight >= least_of_all and gazetteer.units[unit].end <= day
    ]
    for unit in gone:
        followers = walk(gazetteer, unit, readings[unit].since, day)
        least = _FOLLOWED * readings[unit].weight
        if any(
            way.unit != unit and way.unit in readings and readings[way.unit].weight >= least
            for way in followers
        ):
            del readings[unit]


def _drop_larger(gazetteer: Gazetteer, readings: dict[str, _Reading]) -> None:
    """Leaves out a unit where a smaller one in it is named as well: the smaller says more.

    A street says nothing: phố Cầu Đất need not lie in phường Cầu Đất.
    """
    for unit, one in list(readings.items()):
        if one.chosen[0].small and gazetteer.units[unit].level != HAMLET:
            continue
        for above in gazetteer.above[unit] & readings.keys():
            larger = readings[above]
            if (
                any(larger.chosen[0] is span for span in one.chosen[1:])
                and one.weight >= larger.weight * _NATURAL
            ):
                del readings[above]


def _own_unit(read: _Text) -> Origin | None:
    """The book's own unit, where the text says nothing but a place inside it."""
    numbered, at_home = is_local(read.written), is_at_home(read.written)
    if not (numbered or at_home) or len(read.near.units) != 1:
        return None
    unit = read.gazetteer.units[next(iter(read.near.units))]
    first = date(read.year, 1, 1) if read.year is not None else FIRST_LISTS
    since = max(unit.start, first) if unit.end > first else unit.end - timedelta(days=1)
    return Origin(unit.id, _NUMBERED if numbered else _AT_HOME, since)


@lru_cache(maxsize=65536)
def origins(
    text: str, year: int | None, context: Context, gazetteer: Gazetteer
) -> tuple[Origin, ...]:
    """Units that a written place may mean, likeliest first.

    The probabilities add up to less than 1: the rest is "none of these".
    """
    read = _Text(text, year, context, gazetteer)
    readings: dict[str, _Reading] = {}
    for span in read.spans:
        for bearer, fit in read.fits[id(span)]:
            one = read.weigh(span, bearer, fit)
            before = readings.get(bearer.unit.id)
            if one.weight > (before.weight if before else _LEAST):
                readings[bearer.unit.id] = one
    own = _own_unit(read)
    if own:
        return (own,)
    for unit, one in readings.items():
        if read.finer and gazetteer.units[unit].level in (PROVINCE, COUNTRY):
            readings[unit] = one._replace(weight=one.weight * _ONLY_PROVINCE)
    for unit, times in context.confirmed.of(text).items():
        if unit in readings:
            one = readings[unit]
            readings[unit] = one._replace(weight=one.weight * (1 + _CONFIRMED * times))
    if year is not None:
        _drop_followed(gazetteer, readings, date(year, 12, 31))
    _drop_larger(gazetteer, readings)
    total = NOWHERE + sum(one.weight for one in readings.values())
    return tuple(
        sorted(
            (Origin(unit, one.weight / total, one.since) for unit, one in readings.items()),
            key=lambda origin: (-origin.probability, origin.unit),
        )
    )
