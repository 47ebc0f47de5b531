"""From a unit of then to the units of a target date, along the acts."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from pipeline.places.gazetteer import Gazetteer

NEGLIGIBLE = 0.02
"""Share of people below which a way is not followed."""


class Arrival(NamedTuple):
    """A unit of the target date, the share of the people that came there, the acts on the way."""

    unit: str
    share: float
    acts: tuple[str, ...]


def _with(acts: tuple[str, ...], act: str) -> tuple[str, ...]:
    return acts if not act or act in acts else (*acts, act)


@lru_cache(maxsize=65536)
def walk(gazetteer: Gazetteer, unit: str, start: date, target: date) -> tuple[Arrival, ...]:
    """Where the people of ``unit`` of the day ``start`` are counted on ``target``.

    Land-only links are not followed; shares multiply along the way; acts that renamed the unit
    or changed its status are named too. Largest share first; empty where the unit began later
    than ``target``.
    """
    arrived: dict[str, Arrival] = {}
    pending: list[tuple[Arrival, date]] = [(Arrival(unit, 1.0, ()), start)]
    while pending:
        here, since = pending.pop()
        found = gazetteer.units[here.unit]
        if found.start > target:
            continue
        ways = [
            link
            for link in gazetteer.links.get(here.unit, ())
            if since < link.day <= target and link.share
        ]
        day = min((link.day for link in ways), default=target)
        acts = here.acts
        for state in found.states:
            if max(since, found.start) < state.start <= min(day, target):
                acts = _with(acts, state.act)
        if not ways:
            if found.on(target):
                before = arrived.get(here.unit)
                share = here.share + (before.share if before else 0.0)
                for act in before.acts if before else ():
                    acts = _with(acts, act)
                arrived[here.unit] = Arrival(here.unit, share, acts)
            continue
        for link in ways:
            share = here.share * link.share
            if link.day == day and share >= NEGLIGIBLE:
                pending.append((Arrival(link.target, share, _with(acts, link.act)), day))
    return tuple(sorted(arrived.values(), key=lambda way: (-way.share, way.unit)))
