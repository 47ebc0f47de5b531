"""Both sides of an opening while it is learned: their rows are one row's two halves.

The rows of an opening are ruled or printed right across. What is uncertain on one side (how deep
its head reaches, a rule worn away) is told by the other: both have as many rows, and their rules
meet at the fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_fit import fit_from
from pipeline.form.grid_support import measure
from pipeline.form.ledger_place import frame_to_scan
from pipeline.form.ledger_side import RuledSide
from pipeline.types import Side

Floats = NDArray[np.float64]

_DOUBT = 0.5
"""An end of the head this much worse than the best may still be the right one."""
_APART = 1.0
"""What it costs two ends that their sides have unequal rows, and that these do not meet."""
_BORROWED = 0.1
"""What an end costs that only the other side's end speaks for."""
_MATE = 0.3
"""Share of a row within which rules left and right of the fold are one row's."""
_HEAD = 2.5
"""A head is as deep as so many rows at most."""
_MEET = 0.5
"""The same for the rules over the first row; leaves are not bound to the millimetre."""
_Ends = dict[int, float]


def agreed(sides: Sequence[RuledSide]) -> list[RuledSide]:
    """The sides with the likely ends of their heads, each with how much worse than the best.

    Both sides of an opening have as many rows, and their first rows meet at the fold.
    """
    by_side = {side.side: side for side in sides}
    left, right = by_side.get(Side.LEFT), by_side.get(Side.RIGHT)
    if left is None or right is None:
        return [_kept(side, dict(side.ends)) for side in sides]
    heights = _row_heights(left, right)
    ends = _offered(left, right, heights), _offered(right, left, heights and heights[::-1])
    worth = {
        (a, b): ends[0][a] + ends[1][b] - _APART * strangers(left, right, a, b, heights)
        for a in ends[0]
        for b in ends[1]
    }
    own: tuple[_Ends, _Ends] = ({}, {})
    for pair, value in worth.items():
        for at, end in enumerate(pair):
            own[at][end] = max(own[at].get(end, value), value)
    return [_kept(left, own[0]), _kept(right, own[1])]


def _kept(side: RuledSide, ends: _Ends) -> RuledSide:
    best = max(ends.values())
    kept = {end: worth - best for end, worth in ends.items() if worth > best - _DOUBT}
    first = max(kept, key=lambda end: kept[end])
    return replace(side, ends=tuple(kept.items()), grid=replace(side.grid, first=first))


def _offered(side: RuledSide, mate: RuledSide, heights: tuple[Floats, Floats] | None) -> _Ends:
    """The ends of a side, and those that meet an end of the other side's head."""
    ends = dict(side.ends)
    if heights is None:
        return ends
    own, other = (np.median(each, axis=0) for each in heights)
    least = min(ends.values()) - _BORROWED
    for end, worse in mate.ends:
        at = int(np.abs(own - other[end]).argmin())
        near = abs(own[at] - other[end]) < _MATE * side.grid.pitch
        if worse > -_DOUBT and near and 0 < at < side.grid.bands - 1:
            ends.setdefault(at, least)
    return ends


def strangers(
    left: RuledSide, right: RuledSide, a: int, b: int, heights: tuple[Floats, Floats] | None
) -> float:
    """What speaks against rows from bands ``a`` and ``b`` on being the same: 0, 1 or 2."""
    unequal = float(left.grid.bands - a != right.grid.bands - b)
    if heights is None:
        return unequal
    step = float(np.median(heights[1][:, b] - heights[0][:, a]))
    return unequal + float(abs(step) > _MEET * left.grid.pitch)


def together(left: RuledSide, right: RuledSide) -> float:
    """The same for the first rows that the sides have now."""
    heights = _row_heights(left, right)
    return strangers(left, right, left.grid.first, right.grid.first, heights)


def link(book: Sequence[RuledSide]) -> float | None:
    """How much lower (mm) the right page's first row begins beside the fold."""
    left, right = book[0], book[-1]
    heights = _row_heights(left, right)
    if heights is None:
        return None
    return float(np.median(heights[1][:, right.grid.first] - heights[0][:, left.grid.first]))


def _row_heights(left: RuledSide, right: RuledSide) -> tuple[Floats, Floats] | None:
    """Heights of all level rules beside the fold in scan millimetres, per common scan."""
    common = [n for n in left.scans if n in right.scans]
    if not common:
        return None
    heights = []
    for side, edge in ((left, left.grid.xs[-1]), (right, right.grid.xs[0])):
        frame = np.array([(edge, y) for y in side.grid.ys])
        found = [side.scans.index(n) for n in common]
        heights.append(
            np.array([frame_to_scan(side.pages[n], side.fits[n].warp, frame)[:, 1] for n in found])
        )
    return heights[0], heights[1]


def mated(sides: list[RuledSide]) -> list[RuledSide]:
    """Both sides of an opening with the same rows: a rule lost on one is taken from the other."""
    by_side = {side.side: side for side in sides}
    left, right = by_side.get(Side.LEFT), by_side.get(Side.RIGHT)
    both = _row_heights(left, right) if left is not None and right is not None else None
    if left is None or right is None or both is None:
        return sides
    # As many rows may be chance where the depth of a head is uncertain: the first must meet too,
    # and so must the rules over both heads.
    tops = abs(float(np.median(both[0][:, 0] - both[1][:, 0])))
    meet = tops < _MATE * left.grid.pitch
    if meet and not strangers(left, right, left.grid.first, right.grid.first, both):
        return sides
    mates = {
        Side.LEFT: _completed(left, both[0].mean(axis=0), both[1].mean(axis=0), right),
        Side.RIGHT: _completed(right, both[1].mean(axis=0), both[0].mean(axis=0), left),
    }
    return [mates.get(side.side, side) for side in sides]


def _completed(side: RuledSide, own: Floats, other: Floats, mate: RuledSide) -> RuledSide:
    """A side with the row rules that only its mate has."""
    grid = side.grid
    body = own[grid.first :]
    reach = _MATE * grid.pitch
    missing = [
        y for y in other[mate.grid.first :] if np.abs(own - y).min() > reach and y > body[0] + reach
    ]
    # Rules within a head are its side's own, that over it is both sides'.
    above = [y for y in other[:1] if own[0] - _HEAD * grid.pitch < y < own[0] - reach]
    if not missing and not above:
        return side
    slope, start = np.polyfit(own, np.array(grid.ys), 1)
    ys, level, upright = list(grid.ys), list(grid.level), list(grid.upright)
    usual = float(np.median(np.array(grid.level)[grid.first :]))
    for y in (*above, *missing):
        at = float(start + slope * y)
        n = int(np.searchsorted(ys, at))
        ys.insert(n, at)
        level.insert(n, (usual,) * grid.columns)
        upright.insert(min(n, len(upright)), upright[min(n, len(upright)) - 1])
    first = grid.first + len(above)
    whole = replace(grid, ys=tuple(ys), first=first, level=tuple(level), upright=tuple(upright))
    fits = tuple(
        fit_from(rules, whole, found.warp)
        for rules, found in zip(side.rules, side.fits, strict=True)
    )
    seen_level = np.mean([found.level for found in fits], axis=0)
    seen_upright = np.mean([found.upright for found in fits], axis=0)
    whole = replace(
        whole,
        level=tuple(tuple(float(v) for v in row) for row in seen_level),
        upright=tuple(tuple(float(v) for v in row) for row in seen_upright),
    )
    fits = tuple(
        measure(rules, whole, found.warp) for rules, found in zip(side.rules, fits, strict=True)
    )
    return replace(side, grid=whole, fits=fits)
