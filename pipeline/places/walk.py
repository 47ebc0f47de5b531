"""From a unit of then to the units of a target date, along the acts: forward and backward."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer, Link, Unit

NEGLIGIBLE = 0.01
"""Share of people below which a way is not followed."""
_BELOW_COMMUNE = ("hamlet", "canton")
_DAY = timedelta(days=1)
_ENOUGH = 3
"""Communes of a district, or districts of a province, from which on they speak for it."""


class Arrival(NamedTuple):
    """A unit of the target date, the share of the people that came there, the acts on the way."""

    unit: str
    share: float
    acts: tuple[str, ...]


def _with(acts: tuple[str, ...], *more: str) -> tuple[str, ...]:
    for act in more:
        if act and act not in acts:
            acts = (*acts, act)
    return acts


def _state_acts(unit: Unit, since: date, until: date) -> list[str]:
    return [state.act for state in unit.states if max(since, unit.start) < state.start <= until]


def _gather(arrived: dict[str, Arrival], way: Arrival) -> None:
    before = arrived.get(way.unit)
    if before:
        way = Arrival(way.unit, before.share + way.share, _with(before.acts, *way.acts))
    arrived[way.unit] = way


def _sorted(arrived: dict[str, Arrival]) -> tuple[Arrival, ...]:
    return tuple(sorted(arrived.values(), key=lambda way: (-way.share, way.unit)))


def _forward(
    gazetteer: Gazetteer, unit: str, start: date, target: date, *, merged: bool = True
) -> tuple[Arrival, ...]:
    """Along the links; with ``merged`` False only where the people stay among themselves."""
    arrived: dict[str, Arrival] = {}
    pending: list[tuple[Arrival, date]] = [(Arrival(unit, 1.0, ()), start)]
    while pending:
        here, since = pending.pop()
        found = gazetteer.units[here.unit]
        ways = [
            link
            for link in gazetteer.links.get(here.unit, ())
            if since < link.day <= target and link.share
        ]
        day = min((link.day for link in ways), default=target)
        acts = _with(here.acts, *_state_acts(found, since, min(day, target)))
        if not ways:
            if found.on(target):
                _gather(arrived, Arrival(here.unit, here.share, acts))
            continue
        for link in ways:
            share = here.share * link.share
            if link.day == day and share >= NEGLIGIBLE and (merged or _alone(gazetteer, link)):
                pending.append((Arrival(link.target, share, _with(acts, link.act)), day))
    return _sorted(arrived)


def _alone(gazetteer: Gazetteer, link: Link) -> bool:
    """True where nobody else came to the target of a link on that day."""
    return all(
        other.source == link.source
        for other in gazetteer.arriving[link.target]
        if other.day == link.day
    )


def _backward(gazetteer: Gazetteer, unit: str, target: date) -> tuple[Arrival, ...]:
    """Units of an earlier day on whose ground a unit stands; evenly, as no source counts."""
    arrived: dict[str, Arrival] = {}
    pending = [Arrival(unit, 1.0, ())]
    while pending:
        here = pending.pop()
        found = gazetteer.units[here.unit]
        if found.start <= target < found.end:
            _gather(arrived, here)
            continue
        ways = [
            link
            for link in gazetteer.arriving.get(here.unit, ())
            if link.share
            and link.source != here.unit
            and link.day > target
            and link.day == found.start
        ]
        # Districts that ended with their communes would count the same people twice.
        alike = [way for way in ways if gazetteer.units[way.source].level == found.level]
        ways = alike or ways
        for link in ways:
            share = here.share / len(ways)
            if share >= NEGLIGIBLE / 10:
                pending.append(Arrival(link.source, share, _with(here.acts, link.act)))
    return _sorted(arrived)


def _stands_for(gazetteer: Gazetteer, unit: str, since: date, target: date) -> tuple[str, date]:
    """The commune (or larger unit) that a village or canton is counted in, and since when."""
    found = gazetteer.units[unit]
    while found.level in _BELOW_COMMUNE:
        state = found.near(target if found.level == "hamlet" else since)
        if not state.parent:
            break
        since = max(since, state.start)
        found = gazetteer.units[state.parent]
    first = max(found.start, since)
    return found.id, first if first < found.end else found.end - _DAY


def _members(gazetteer: Gazetteer, unit: str, day: date) -> list[str]:
    """Units of the level below that lay in a unit on a day."""
    found = gazetteer.units[unit]
    below = {"province": "district", "district": "commune"}.get(found.level)
    if below is None:
        return []
    return [
        one
        for one in gazetteer.below.get(unit, ())
        if gazetteer.units[one].level == below
        and (state := gazetteer.units[one].on(day))
        and state.parent == unit
    ]


def _lifted(gazetteer: Gazetteer, unit: str, level: str, day: date) -> str:
    """The unit of a level that a unit lies in on a day; itself where there is none."""
    here = unit
    while gazetteer.units[here].level != level:
        state = gazetteer.units[here].on(day)
        if state is None or not state.parent:
            return unit
        here = state.parent
    return here


def _by_members(gazetteer: Gazetteer, unit: str, start: date, target: date) -> tuple[Arrival, ...]:
    """A district followed commune by commune, a province district by district, each alike.

    Links of the unit itself forget where people came from when what was joined is divided
    again: of huyện Hải An (1924-66) most is not in quận Hải An.
    """
    members = _members(gazetteer, unit, start)
    if len(members) < _ENOUGH:
        return ()
    level = gazetteer.units[unit].level
    arrived: dict[str, Arrival] = {}
    for member in members:
        for way in _forward(gazetteer, member, start, target):
            there = _lifted(gazetteer, way.unit, level, target)
            _gather(arrived, Arrival(there, way.share / len(members), way.acts))
    return _sorted({unit: way for unit, way in arrived.items() if way.share >= NEGLIGIBLE})


@lru_cache(maxsize=65536)
def walk(gazetteer: Gazetteer, unit: str, start: date, target: date) -> tuple[Arrival, ...]:
    """Where the people of ``unit`` of the day ``start`` are counted on ``target``.

    Villages and cantons are counted in the commune or district they lie in; a district or
    province that is no more, by what lay in it. Land-only links are not followed; shares
    multiply along the way; acts that renamed the unit or changed its status are named too.
    Largest share first. A target before the unit's beginning gives the units on whose ground
    it stands; empty where no source tells.
    """
    unit, start = _stands_for(gazetteer, unit, start, target)
    found = gazetteer.units[unit]
    if target < max(found.start, start):
        if found.start <= target:
            return (Arrival(unit, 1.0, ()),)
        return _backward(gazetteer, unit, target)
    direct = _forward(gazetteer, unit, start, target)
    if found.on(target):
        return direct
    members = _by_members(gazetteer, unit, start, target)
    if not members:
        return direct
    # The tables may not know all that lay in it: what only its own links tell is kept.
    acts = {way.unit: way.acts for way in direct}
    known = {way.unit for way in members}
    level = found.level
    pure = _forward(gazetteer, unit, start, target, merged=False)
    rest = [way for way in pure if _lifted(gazetteer, way.unit, level, target) not in known]
    left = 1 - sum(way.share for way in rest)
    return tuple(
        sorted(
            (
                *(
                    Arrival(way.unit, way.share * left, acts.get(way.unit, way.acts))
                    for way in members
                ),
                *rest,
            ),
            key=lambda way: (-way.share, way.unit),
        )
    )


def formers(gazetteer: Gazetteer, unit: str, day: date) -> tuple[Arrival, ...]:
    """Which units of an earlier day make up a unit; the share is the part of THEIR people that
    is counted in it now, followed forward from that day.
    """
    target = gazetteer.units[unit].near(date.max - _DAY).start
    found: list[Arrival] = []
    for way in _backward(gazetteer, unit, day):
        last = max(target, gazetteer.units[unit].start)
        found += [
            Arrival(way.unit, arrival.share, arrival.acts)
            for arrival in walk(gazetteer, way.unit, day, last)
            if arrival.unit == unit
        ]
    return tuple(sorted(found, key=lambda way: (-way.share, way.unit)))


def level_order(level: str) -> int:
    """0 for countries, rising to hamlets."""
    return LEVELS.index(level)
