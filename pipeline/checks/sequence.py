"""The longest run of rows in order, so that one misread row does not accuse its neighbours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

_CLOSE = timedelta(days=62)
"""Days between the neighbours from which it says nothing to lie between them."""


def in_order(values: Sequence[Any], *, strictly: bool) -> frozenset[int]:
    """Positions of a longest increasing (or never falling) run; None values are left out.

    Schensted 1961 / Fredman 1975: O(n log n).
    """
    tails: list[Any] = []
    tail_at: list[int] = []
    before: dict[int, int] = {}
    find = bisect_left if strictly else bisect_right
    for at, value in enumerate(values):
        if value is None:
            continue
        place = find(tails, value)
        if place == len(tails):
            tails.append(value)
            tail_at.append(at)
        else:
            tails[place] = value
            tail_at[place] = at
        if place:
            before[at] = tail_at[place - 1]
    kept: set[int] = set()
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        kept.add(at)
        at = before.get(at, -1)
    return frozenset(kept)


def between_neighbours(spans: Sequence[tuple[date, date] | None]) -> tuple[bool | None, ...]:
    """For each date whether it lies between the dates in order around it.

    Args:
        spans: first and last day each (partial) date may mean, in book order.

    Returns:
        None where nothing can be said: no whole day, no neighbours, or neighbours far apart.
    """
    ordered = in_order([span[1] if span else None for span in spans], strictly=False)
    before: date | None = None
    befores: list[date | None] = []
    for at, span in enumerate(spans):
        befores.append(before)
        if span and at in ordered:
            before = span[1]
    after: date | None = None
    said: list[bool | None] = [None] * len(spans)
    for at in range(len(spans) - 1, -1, -1):
        span, first = spans[at], befores[at]
        if span and span[0] == span[1] and first and after and after - first <= _CLOSE:
            said[at] = first <= span[0] <= after
        if span and at in ordered:
            after = span[1]
    return tuple(said)
