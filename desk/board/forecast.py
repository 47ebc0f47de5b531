"""When it will be done, by the speed of the last weeks, as an interval.

Weekly totals x_1 … x_n with mean m and deviation s: after T more weeks m·T is expected, with a
variance of s²·(T + T²/n): T for the weeks to come, T²/n because m itself is only known from n
weeks. Weeks resemble their neighbours (holidays, people away), so s² is first raised by
(1+r)/(1−r), r the correlation of neighbouring weeks, held between 0.3 and 0.65 because n is
small. The ends of the interval are where m·T ± t·deviation reaches what is left; t is Student's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from models.board import Day

_T95 = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771,
    1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725,
)  # fmt: skip
"""95th percentile of Student's t with 1, 2, … degrees of freedom: two of them bound 90 %."""
FEWEST = 4
"""Weeks below which nothing is forecast."""
USED = 10
"""Weeks that are looked back upon."""
_FAR = 52 * 50.0
_ALIKE = (0.3, 0.65)


@dataclass(frozen=True)
class Forecast:
    """Weeks from now: 90 % of such intervals hold the truth. None: no end in sight."""

    low: float
    middle: float
    high: float | None
    speed: float
    """A week, lately."""
    left: float


def weekly(days: Sequence[Day], today: date, what: str = "entries_released") -> list[float]:
    """Totals of the last whole weeks (Monday to Sunday), oldest first; weeks of rest are 0."""
    monday = today - timedelta(days=today.weekday())
    totals: dict[date, float] = {}
    for day in days:
        start = day.day - timedelta(days=day.day.weekday())
        if start < monday:
            totals[start] = totals.get(start, 0.0) + getattr(day, what)
    if not totals:
        return []
    first = max(min(totals), monday - timedelta(weeks=USED))
    weeks = (monday - first).days // 7
    return [totals.get(first + timedelta(weeks=n), 0.0) for n in range(weeks)]


def forecast(weeks: Sequence[float], left: float) -> Forecast | None:
    """When what is left will be done; None where too little is known, or nothing moves.

    Args:
        weeks: totals of whole weeks, oldest first.
        left: still to be done, in the same unit.
    """
    recent = list(weeks[-USED:])
    count = len(recent)
    mean = math.fsum(recent) / count if count else 0.0
    if left <= 0:
        return Forecast(0.0, 0.0, 0.0, mean, 0.0)
    if count < FEWEST or mean <= 0:
        return None
    residuals = [week - mean for week in recent]
    squares = math.fsum(one * one for one in residuals)
    variance = squares / (count - 1)
    alike = 0.0
    if squares > 0:
        pairs = pairwise(residuals)
        alike = math.fsum(one * other for one, other in pairs) / squares
    alike = min(max(alike, _ALIKE[0]), _ALIKE[1])
    spread = _T95[min(count - 1, len(_T95)) - 1] * math.sqrt(variance * (1 + alike) / (1 - alike))

    def reached(weeks_from_now: float, side: float) -> bool:
        deviation = spread * math.sqrt(weeks_from_now + weeks_from_now**2 / count)
        return mean * weeks_from_now + side * deviation >= left

    return Forecast(
        _first(lambda t: reached(t, 1.0)) or 0.0,
        left / mean,
        _first(lambda t: reached(t, -1.0)),
        mean,
        left,
    )


def _first(holds: Callable[[float], bool]) -> float | None:
    if not holds(_FAR):
        return None
    # The slow bound falls first and rises then: walk to where it holds, and halve from there.
    high = 0.125
    while not holds(high):
        high *= 1.25
    low = high / 1.25
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
