"""The time axis of a timeline: every day at which something happens gets room of its own."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from pipeline.places.when import OPEN_END, OPEN_START

_LEAST = 58.0
"""Pixels between two days where there is room: a date fits."""
_OPEN, _CLOSED = 70.0, 16.0
"""Pixels before the first and after the last day, where something goes on beyond it or not."""


@dataclass(frozen=True)
class Scale:
    """Places of days; between two of them time runs evenly, over all it does not."""

    days: tuple[date, ...]
    places: tuple[float, ...]
    left: float
    right: float

    def x(self, day: date) -> float:
        """Place of a day."""
        if day == OPEN_START or not self.days or day < self.days[0]:
            return self.left
        if day == OPEN_END or day > self.days[-1]:
            return self.right
        at = bisect_right(self.days, day) - 1
        if self.days[at] == day:
            return self.places[at]
        whole = (self.days[at + 1] - self.days[at]).days
        part = (day - self.days[at]).days / whole
        return self.places[at] + part * (self.places[at + 1] - self.places[at])


def scale(
    days: Iterable[date], left: float, right: float, *, open_start: bool, open_end: bool
) -> Scale:
    """An axis from ``left`` to ``right`` pixels.

    Intervals grow with the root of their length above a least width, so that half a year
    between two reforms can be read beside a century of rest.
    """
    known = tuple(sorted(set(days)))
    first = left + (_OPEN if open_start else _CLOSED)
    last = right - (_OPEN if open_end else _CLOSED)
    if len(known) < 2:
        middle = (left + right) / 2 if open_start else first
        return Scale(known, (middle,) * len(known), left, right)
    gaps = [math.sqrt((after - before).days) for before, after in pairwise(known)]
    room = last - first
    least = min(_LEAST, 0.8 * room / len(gaps))
    spare = room - least * len(gaps)
    places = [first]
    for gap in gaps:
        places.append(places[-1] + least + spare * gap / sum(gaps))
    return Scale(known, tuple(places), left, right)
