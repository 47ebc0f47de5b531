"""Control charts of error rates: a week that differs from all weeks together by more than chance.

If nothing has changed, the wrong fields of all weeks lie among the seen ones as if drawn: given
all ``W`` wrong of ``N`` seen, those of a week with ``n`` seen are hypergeometric. So the limits
are exact for every size of week, and no rate has to be estimated first. Each side lets one
stable week in 741 lie outside (0.00135, as three standard deviations of a normal one do). Nine
weeks in a row on the bad side of the common rate speak of a slow change that no single week shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

TAIL = 0.00135
ROW = 9
WIDTH, HEIGHT = 380, 128
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 20


@dataclass(frozen=True)
class Week:
    """Seen and wrong fields of a week."""

    monday: date
    seen: int
    wrong: int


@dataclass(frozen=True)
class Judged:
    """A week with its limits as shares. ``low`` is 0 where no week could be too good."""

    week: Week
    low: float
    high: float
    outside: str
    """high, low, row (the ninth in a row above), or empty."""

    @property
    def share(self) -> float:
        """Wrong of seen."""
        return self.week.wrong / self.week.seen


@dataclass(frozen=True)
class Point:
    """A week in the picture."""

    x: float
    y: float
    outside: str
    text: str


@dataclass(frozen=True)
class Chart:
    """A control chart in pixels."""

    name: str
    rate: float
    seen: int
    line: str
    high: str
    low: str
    middle: float
    points: tuple[Point, ...]
    top: float
    first: date
    last: date
    outside: tuple[Judged, ...]


def judge(weeks: Sequence[Week]) -> list[Judged]:
    """Each week against all of them; weeks in which nothing was seen are left out."""
    weeks = [week for week in weeks if week.seen]
    seen, wrong = sum(week.seen for week in weeks), sum(week.wrong for week in weeks)
    found, above = [], 0
    for week in weeks:
        low, high = limits(seen, wrong, week.seen)
        above = above + 1 if week.wrong * seen > wrong * week.seen else 0
        outside = (
            "high" if week.wrong > high
            else "low" if week.wrong < low
            else "row" if above >= ROW
            else ""
        )  # fmt: skip
        found.append(Judged(week, low / week.seen, high / week.seen, outside))
    return found


def limits(seen: int, wrong: int, size: int) -> tuple[int, int]:
    """Fewest and most wrong fields of a week of ``size`` that chance explains."""
    low, high = max(0, size - (seen - wrong)), min(size, wrong)
    middle = round(size * wrong / seen) if seen else 0
    middle = min(max(middle, low), high)
    at = middle
    tail = math.fsum(_chance(seen, wrong, size, n) for n in range(at + 1, high + 1))
    while at < high and tail > TAIL:
        at += 1
        tail -= _chance(seen, wrong, size, at)
    most, at = at, middle
    tail = math.fsum(_chance(seen, wrong, size, n) for n in range(low, at))
    while at > low and tail > TAIL:
        at -= 1
        tail -= _chance(seen, wrong, size, at)
    return at, most


def chart(name: str, weeks: Sequence[Week]) -> Chart | None:
    """The picture; None with fewer than three weeks: nothing to compare."""
    judged = judge(weeks)
    if len(judged) < 3:
        return None
    seen, wrong = sum(one.week.seen for one in judged), sum(one.week.wrong for one in judged)
    first, last = judged[0].week.monday, judged[-1].week.monday
    span = max(1, (last - first).days)
    top = min(1.0, 1.1 * max(0.002, *(max(one.share, one.high) for one in judged)))

    def x(day: date, after: float = 0.0) -> float:
        days = (day - first).days + after
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (days + 3.5) / (span + 7), 1)

    def y(share: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(share, top) / top, 1)

    def steps(side: str) -> str:
        return " ".join(
            f"{x(one.week.monday, at)},{y(getattr(one, side))}"
            for one in judged
            for at in (-3.5, 3.5)
        )

    points = tuple(
        Point(
            x(one.week.monday), y(one.share), one.outside,
            f"{one.week.monday:%d/%m/%Y} – {one.week.monday + timedelta(days=6):%d/%m/%Y}: "
            f"{one.week.wrong} / {one.week.seen}",
        )
        for one in judged
    )  # fmt: skip
    return Chart(
        name, wrong / seen, seen, " ".join(f"{one.x},{one.y}" for one in points), steps("high"),
        steps("low"), y(wrong / seen), points, top, first, last,
        tuple(one for one in judged if one.outside),
    )  # fmt: skip


def _chance(seen: int, wrong: int, size: int, hits: int) -> float:
    """Of so many wrong in a week, hypergeometric, in logarithms: the numbers are large."""
    if hits < max(0, size - (seen - wrong)) or hits > min(size, wrong):
        return 0.0
    return math.exp(_choose(wrong, hits) + _choose(seen - wrong, size - hits) - _choose(seen, size))


def _choose(of: int, some: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)
