"""What belongs to a table and what does not: rules that hang together, rows of one height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_types import Floats, Grid, GridFit

_SEEN = 0.3
"""Share of its edges on which a usual rule is seen even in worn books; print is not."""
_FAINT = 0.1
"""The same for a rule without which two rows of the usual height would be one."""
_CUTS = 0.6
"""The same for a rule that cuts a row of the usual height."""
_TOO_LOW = 0.3
"""Share of the usual row in which nobody writes."""
_SOLID = 0.82
"""Share of a solid rule's darkness below which a rule is dotted or fainter than the others."""
_LEAST_ROWS = 5
_GROUP = 0.25
"""By how much a rule over some columns only must be clearer than one right across."""
_ONE_ROW = 1.5
"""A gap this many times the usual row hides a rule."""
_MOST_HIDDEN = 3
"""Rows between two solid rules of which the rules between may be worn."""
_HEAD_RULES = 4
_EVEN = 0.12
"""A gap this near to a whole number of rows may hide rules."""
_STRONG = 0.3
"""Share of a usual rule's presence from which a line is one."""
_HELD = 0.3
"""Share of crossing rules that must reach a rule for it to belong to the table."""


def floats(values: Floats | list[float]) -> tuple[float, ...]:
    """Places as plain numbers, a tenth of a micrometre fine."""
    return tuple(round(float(v), 4) for v in values)


def table(values: Floats) -> tuple[tuple[float, ...], ...]:
    """A table of presence as plain numbers."""
    return tuple(floats(row) for row in values)


def filled(grid: Grid) -> Grid:
    """The grid with a rule in each gap of two rows or more, for the pages to confirm."""
    gaps = np.diff(grid.ys)
    pitch = float(np.median(gaps))
    ys, level, upright = [grid.ys[0]], [grid.level[0]], []
    for n, gap in enumerate(gaps):
        parts = round(gap / pitch)
        if parts >= 2 and abs(gap / parts / pitch - 1) < _EVEN:
            ys += [grid.ys[n] + gap * k / parts for k in range(1, parts)]
            level += [(1.0,) * grid.columns] * (parts - 1)
            upright += [grid.upright[n]] * (parts - 1)
        ys.append(grid.ys[n + 1])
        level.append(grid.level[n + 1])
        upright.append(grid.upright[n])
    return replace(grid, ys=floats(ys), level=tuple(level), upright=tuple(upright))


def pruned(grid: Grid) -> Grid | None:
    """The grid without what does not belong to its table, or None where nothing is left."""
    level, upright = np.array(grid.level), np.array(grid.upright)
    xs, ys = list(grid.xs), list(grid.ys)
    while True:
        if len(xs) < 3 or len(ys) < 3:
            return None
        usual_level = max(_SEEN, float(np.percentile(level, 60)))
        usual_upright = max(_SEEN, float(np.percentile(upright, 60)))
        # A rule belongs to the table if rules of the other direction reach it.
        held = upright.mean(axis=1) / max(1e-6, usual_upright)
        beside = level.mean(axis=0) / max(1e-6, usual_level)
        if held[0] < _HELD:
            level, upright, ys = level[1:], upright[1:], ys[1:]
        elif held[-1] < _HELD:
            level, upright, ys = level[:-1], upright[:-1], ys[:-1]
        elif beside[0] < _HELD:
            level, upright, xs = level[:, 1:], upright[:, 1:], xs[1:]
        elif beside[-1] < _HELD:
            level, upright, xs = level[:, :-1], upright[:, :-1], xs[:-1]
        else:
            weak = _weakest(level, upright, usual_level, usual_upright, np.array(ys))
            if weak is None:
                break
            axis, n = weak
            if axis == 0:
                level = np.delete(level, n, axis=0)
                upright = _joined(upright, n)
                del ys[n]
            else:
                upright = np.delete(upright, n, axis=1)
                level = _joined(level.T, n).T
                del xs[n]
    return replace(
        grid,
        xs=floats(xs),
        ys=floats(ys),
        level=table(level),
        upright=table(upright),
    )


def without_dotted(grid: Grid, fits: list[GridFit]) -> Grid:
    """The grid without lines to write on, where solid rules alone make even rows."""
    best = max(found.support for found in fits)
    strength = np.mean([found.strength for found in fits if found.support > 0.5 * best], axis=0)
    solid = strength >= _SOLID * float(np.percentile(strength, 85))
    if solid.all():
        return grid
    solid = _with_worn(np.array(grid.ys), solid)
    gaps = np.diff(np.array(grid.ys)[solid])
    if len(gaps) < _LEAST_ROWS or gaps.max() > _ONE_ROW * np.median(gaps):
        return grid
    at = np.flatnonzero(solid)
    # Most rows have them; a few fainter rules are rules, worn or drawn twice.
    if np.median(np.diff(at)) < 2:
        return grid
    solid[: at[0]] = solid[at[-1] :] = True
    level, upright = np.array(grid.level), np.array(grid.upright)
    ys = list(grid.ys)
    for n in np.flatnonzero(~solid)[::-1].tolist():
        level = np.delete(level, n, axis=0)
        upright = _joined(upright, n)
        del ys[n]
    return replace(grid, ys=floats(ys), level=table(level), upright=table(upright))


def _with_worn(ys: Floats, solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rules are solid, with those that one in a few rows has lost most of.

    A rule stands for one where two solid ones are two or three usual rows apart, just between them.
    """
    kept = solid.copy()
    at = np.flatnonzero(solid)
    if len(at) <= _LEAST_ROWS:
        return kept
    gaps = np.diff(ys[at])
    pitch = float(np.median(gaps))
    for n in np.flatnonzero(gaps > _ONE_ROW * pitch).tolist():
        rows = round(float(gaps[n]) / pitch)
        for row in range(1, rows if rows <= _MOST_HIDDEN else 1):
            place = ys[at[n]] + row * float(gaps[n]) / rows
            nearest = int(np.abs(ys - place).argmin())
            kept[nearest] |= abs(float(ys[nearest]) - place) < _EVEN * pitch
    return kept


def _joined(table: Floats, n: int) -> Floats:
    """Rows ``n - 1`` and ``n`` of a table made one, as when the rule between them goes."""
    if n == 0:
        return table[1:]
    if n == len(table):
        return table[:-1]
    both = table[n - 1 : n + 1].mean(axis=0, keepdims=True)
    return np.concatenate([table[: n - 1], both, table[n + 1 :]])


def _weakest(
    level: Floats, upright: Floats, usual_level: float, usual_upright: float, ys: Floats
) -> tuple[int, int] | None:
    """The rule that is seen least, if it is too little to be one: (0, j) level, (1, i) upright."""
    # In the head a level rule may span a group of columns only, two at least.
    pairs = (level[:, :-1] + level[:, 1:]) / 2
    wide = np.where(np.arange(len(level)) < _HEAD_RULES, pairs.max(axis=1) - _GROUP, 0.0)
    rows = np.maximum(level.mean(axis=1), wide)
    rows = rows / max(1e-6, usual_level) / (_least(ys) / _STRONG)
    columns = upright.mean(axis=0) / max(1e-6, usual_upright)
    worst_row, worst_column = int(rows.argmin()), int(columns.argmin())
    if rows[worst_row] < _STRONG and rows[worst_row] <= columns[worst_column]:
        return 0, worst_row
    if columns[worst_column] < _STRONG:
        return 1, worst_column
    return None


def _least(ys: Floats) -> Floats:
    """Share of the usual presence that each level rule must have.

    Less for one without which two rows of the usual height would be one, more for one that
    cuts a row of the usual height in two, or two that cut it in three: it is a line of print, a
    dotted line to write on, or the row's own rule where one page is bent otherwise. What cuts off
    less than a line of writing is none however plain it is: a stroke through an entry.
    """
    gaps = np.diff(ys)
    pitch = float(np.median(gaps))
    usual = np.abs(gaps / pitch - 1) < _EVEN
    least = np.full(len(ys), _STRONG)
    least[1:-1][usual[:-1] & usual[1:]] = _FAINT
    for parts in (2, 3):
        sums = ys[parts:] - ys[:-parts]
        for n in np.flatnonzero(np.abs(sums / pitch - 1) < _EVEN):
            least[n + 1 : n + parts] = _CUTS
            if parts == 2 and n >= _HEAD_RULES and min(gaps[n : n + 2]) < _TOO_LOW * pitch:
                least[n + 1] = np.inf
    return least
