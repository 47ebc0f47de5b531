"""Charts as points of an SVG; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from desk.board.forecast import Forecast
from models.board import Counts, Day

WIDTH, HEIGHT = 760, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 26


@dataclass(frozen=True)
class Tick:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class BurnUp:
    """Lines of a burn-up, in pixels of the picture."""

    width: int
    height: int
    lines: tuple[tuple[str, str], ...]
    """Class and points of each line, the lowest last."""
    goal: float | None
    """Height of the line of what is expected."""
    fan: str
    """Points of the forecast's wedge; empty without one."""
    middle: str
    today: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def burn_up(
    days: Sequence[Day],
    now: Counts,
    today: date,
    since: date,
    goal: float,
    ahead: Forecast | None,
    language: str,
) -> BurnUp:
    """Entries read, checked and released day by day up to today, and where that leads.

    Args:
        days: what the days brought.
        now: where it stands today.
        today: the last day.
        since: the first day that is shown.
        goal: entries expected altogether.
        ahead: the forecast for released entries.
        language: of numbers.
    """
    span = (today - since).days
    future = 0
    if ahead is not None and ahead.left:
        high = ahead.high if ahead.high is not None else 2 * ahead.middle
        future = round(min(7 * high, 1.2 * span))
    top = max(goal, now.entries, 1) * 1.05

    def x(day: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * day / max(1, span + future), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, top) / top, 1)

    ends = {
        "read": (now.entries, "entries_read"),
        "checked": (now.entries_settled + now.entries_released, "entries_checked"),
        "released": (now.entries_released, "entries_released"),
    }
    by_day = {one.day: one for one in days}
    lines = []
    for name, (end, what) in ends.items():
        value, points = float(end), []
        for back in range(span + 1):
            points.append(f"{x(span - back)},{y(value)}")
            one = by_day.get(today - timedelta(days=back))
            value -= getattr(one, what) if one else 0
        lines.append((name, " ".join(reversed(points))))
    fan, middle = _ahead(ahead, now.entries_released, span, future, x, y)
    months = [
        since + timedelta(days=n)
        for n in range(span + future + 1)
        if (since + timedelta(days=n)).day == 1
    ]
    step = 1 + len(months) // 9
    return BurnUp(
        WIDTH, HEIGHT, tuple(lines), y(goal) if goal else None, fan, middle, x(span),
        tuple(Tick(x((one - since).days), f"{one:%m/%y}") for one in months[::step]),
        tuple(Tick(y(value), short(value, language)) for value in _round_steps(top)),
    )  # fmt: skip


def _ahead(
    ahead: Forecast | None, start: float, span: int, future: int, x: object, y: object
) -> tuple[str, str]:
    if ahead is None or not future:
        return "", ""
    assert callable(x) and callable(y)

    def end(weeks: float | None) -> tuple[float, float]:
        """Where a straight way leaves the picture, or reaches its end."""
        if weeks is None:
            return future, start
        reach = min(1.0, future / max(7 * weeks, 1e-9))
        return min(7 * weeks, future), start + ahead.left * reach

    (fast, fast_y), (slow, slow_y), (mid, mid_y) = (
        end(ahead.low),
        end(ahead.high),
        end(ahead.middle),
    )
    origin = f"{x(span)},{y(start)}"
    # Along the top from the quick end to the far edge, then back down the slow way.
    corner = f"{x(span + slow)},{y(fast_y)}" if fast < slow else ""
    fan = f"{origin} {x(span + fast)},{y(fast_y)} {corner} {x(span + slow)},{y(slow_y)}"
    return fan, f"{origin} {x(span + mid)},{y(mid_y)}"


def short(value: float, language: str) -> str:
    """``1,5 tr`` for 1,500,000 in Vietnamese, ``1.5 M`` in English."""
    for size, vi, en in ((1e6, "tr", "M"), (1e3, "ng", "k")):
        if value >= size:
            text = f"{value / size:.1f}".removesuffix(".0")
            return f"{text.replace('.', ',')} {vi}" if language == "vi" else f"{text} {en}"
    return f"{value:.0f}"


def _round_steps(top: float) -> list[float]:
    size = 10.0 ** (len(str(int(top))) - 1)
    step = next(s * size / 10 for s in (2, 5, 10, 20, 50) if top / (s * size / 10) <= 5.5)
    return [step * n for n in range(int(top / step) + 1)]
