"""The longest run of rows in order, so that one misread row does not accuse its neighbours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any


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
