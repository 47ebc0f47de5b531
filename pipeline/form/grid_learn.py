"""What a book's own pages teach of its grid: consensus over several pages.

Each page is straightened without knowing its rules, pages are laid on each other, and rules
that most pages show make a first grid. That grid is fitted to every page again, which tells
for each single edge how often it is seen; what does not hang together (edges of the paper,
lines of print) falls away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_fit import MM_PER_INCH, fit_from, fit_grid, residuals
from pipeline.form.grid_strips import straighten, strip_profiles
from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.warp import Warp, fit
from pipeline.page.rules import Rules
from pipeline.types import Grey

Floats = NDArray[np.float64]

_STEP_MM = 0.25
_STRIPS = 20
_MERGE_MM = 2.2
"""Rules closer than this are one: double frames, and a rule drawn twice."""
_SEEN = 0.3
"""Share of its edges on which a usual rule is seen even in worn books; print is not."""
_HINT = 0.18
"""The same for a first look, which the fit to every page confirms or not."""
_FAINT = 0.1
"""The same for a rule without which two rows of the usual height would be one."""
_CUTS = 0.6
"""The same for a rule that cuts a row of the usual height."""
_SOLID = 0.82
"""Share of a solid rule's darkness below which a rule is dotted or fainter than the others."""
_LEAST_ROWS = 5
_GROUP = 0.25
"""By how much a rule over some columns only must be clearer than one right across."""
_ONE_ROW = 1.5
"""A gap this many times the usual row hides a rule."""
_HEAD_RULES = 4
_PASSES = 4
_EVEN = 0.12
"""A gap this near to a whole number of rows may hide rules."""
_STRONG = 0.3
"""Share of a usual rule's presence from which a line is one."""
_HELD = 0.3
"""Share of crossing rules that must reach a rule for it to belong to the table."""


@dataclass(frozen=True)
class _Straight:
    """A page straightened by its own rules. Profiles run in steps of ``_STEP_MM``."""

    rules: Rules
    levels: Floats
    uprights: Floats
    warp: Warp
    """From straightened millimetres to page millimetres."""
    size: tuple[float, float]


def learn_grid(pages: Sequence[Rules]) -> tuple[Grid, list[GridFit]] | None:
    """The grid that pages of one side of a book have in common, and where it lies on each.

    Args:
        pages: rules of each page.

    Returns:
        The grid (with all rows as rows of entries: ``first`` is 0) and its fits in the order
        of ``pages``; None where they have no table.
    """
    straight = [_straightened(rules) for rules in pages]
    grid, warps = _first_grid(straight)
    if grid is None:
        return None
    fits = [fit_from(page.rules, grid, warp) for page, warp in zip(straight, warps, strict=True)]
    for step in range(_PASSES):
        pruned = _pruned(_taught(pages, grid, fits))
        if pruned is None:
            return None
        if step == 0:
            # Places and darkness of the rules are known better without what fell away.
            fits = [_refit(page.rules, pruned, f) for page, f in zip(straight, fits, strict=True)]
            pruned = _without_dotted(_taught(pages, pruned, fits), fits)
        grid = _filled(pruned) if step < _PASSES - 2 else pruned
        fits = [_refit(page.rules, grid, f) for page, f in zip(straight, fits, strict=True)]
    return _taught(pages, grid, fits), fits


def _refit(rules: Rules, grid: Grid, before: GridFit) -> GridFit:
    near = fit_from(rules, grid, _same(before.warp, grid))
    if near.support > 0.5:
        return near
    fresh = fit_grid(rules, grid)
    return fresh if fresh.support > near.support + 0.05 else near


def _same(warp: Warp, grid: Grid) -> Warp:
    return replace(warp, width=grid.width, height=grid.height)


# --- straight pages -----------------------------------------------------------------------------


def _straightened(rules: Rules) -> _Straight:
    mm = MM_PER_INCH / rules.dpi
    height, width = rules.horizontal.shape
    size = (width * mm, height * mm)
    levels, y = _one_way(rules.horizontal, mm, size, axis=1)
    uprights, x = _one_way(rules.vertical, mm, size, axis=0)
    return _Straight(rules, levels, uprights, Warp(*size, x, y), size)


def _one_way(
    image: Grey, mm: float, size: tuple[float, float], axis: int
) -> tuple[Floats, tuple[float, ...]]:
    source = np.ascontiguousarray(image if axis == 1 else image.T)
    profiles, middles = strip_profiles(source, _STRIPS)
    moved, shift, bend = straighten(profiles, round(6.0 / mm), 3.0 / mm)
    length = profiles.shape[1]
    arms = np.array([-0.8, -0.4, 0.0, 0.4, 0.8])
    points = np.empty((len(middles) * len(arms), 2))
    points[:, 1 - axis] = np.repeat(middles * mm, len(arms))
    points[:, axis] = np.tile((arms + 1) / 2 * length * mm, len(middles))
    value = (shift[:, None] + bend[:, None] * arms[None]).ravel() * mm
    solution, _ = fit(points, value, np.ones(len(value)), size, 3)
    # A rule counts by the share of strips that show it, however dark it is.
    usual = float(np.percentile(moved.max(axis=1), 50))
    seen = np.clip((moved - 0.2 * usual) / (0.5 * max(usual, 1e-6)), 0, 1).mean(axis=0)
    steps = np.arange(0, length * mm, _STEP_MM)
    return np.interp(steps, np.arange(length) * mm, seen), solution


# --- laying pages on each other -------------------------------------------------------------------


def _first_grid(pages: list[_Straight]) -> tuple[Grid | None, list[Warp]]:
    energy = [float((page.levels**2).sum()) * float((page.uprights**2).sum()) for page in pages]
    base = pages[int(np.argmax(energy))]
    levels, uprights = np.zeros(len(base.levels)), np.zeros(len(base.uprights))
    warps = []
    for page in pages:
        shift_y, scale_y = _laid_on(page.levels, base.levels)
        shift_x, scale_x = _laid_on(page.uprights, base.uprights)
        levels += _resampled(page.levels, len(levels), shift_y, scale_y)
        uprights += _resampled(page.uprights, len(uprights), shift_x, scale_x)
        warps.append(_moved(base.size, page, (shift_x, shift_y), (scale_x, scale_y)))
    ys, xs = _summits(levels / len(pages)), _summits(uprights / len(pages))
    if len(ys) < 3 or len(xs) < 3:
        return None, warps
    grid = Grid(
        width=base.size[0],
        height=base.size[1],
        xs=tuple(xs),
        ys=tuple(ys),
        first=0,
        level=((1.0,) * (len(xs) - 1),) * len(ys),
        upright=((1.0,) * len(xs),) * (len(ys) - 1),
    )
    return grid, warps


def _laid_on(profile: Floats, base: Floats) -> tuple[float, float]:
    """Shift (steps) and scale: ``profile[shift + scale * n]`` is most like ``base[n]``."""
    best = (-1.0, 0.0, 1.0)
    soft = np.asarray(cv2.GaussianBlur(profile.reshape(1, -1), (0, 0), 2.0), np.float64).ravel()
    wanted = np.asarray(cv2.GaussianBlur(base.reshape(1, -1), (0, 0), 1.0), np.float64).ravel()
    reach = round(25 / _STEP_MM)
    for scale in np.arange(0.96, 1.0401, 0.0025):
        scaled = np.interp(np.arange(len(wanted)) * scale, np.arange(len(soft)), soft, 0, 0)
        padded = np.pad(scaled, reach)
        scores = np.correlate(padded, wanted, mode="valid")
        at = int(scores.argmax())
        score = float(scores[at]) - 0.001 * abs(scale - 1)
        if score > best[0]:
            best = (score, (at - reach) * float(scale), float(scale))
    return best[1], best[2]


def _resampled(profile: Floats, length: int, shift: float, scale: float) -> Floats:
    at = np.arange(length) * scale + shift
    return np.asarray(np.interp(at, np.arange(len(profile)), profile, 0, 0), np.float64)


def _moved(
    size: tuple[float, float],
    page: _Straight,
    shift: tuple[float, float],
    scale: tuple[float, float],
) -> Warp:
    """From the base page's straight frame to the page, as one displacement."""
    mesh_x, mesh_y = np.meshgrid(np.linspace(0, size[0], 9), np.linspace(0, size[1], 9))
    points = np.stack([mesh_x.ravel(), mesh_y.ravel()], axis=1)
    straight = points * np.array(scale) + np.array(shift) * _STEP_MM
    moved = page.warp.apply(straight) - points
    full = np.ones(len(points))
    x, _ = fit(points, moved[:, 0], full, size, 3, rounds=1)
    y, _ = fit(points, moved[:, 1], full, size, 3, rounds=1)
    return Warp(*size, x, y)


def _summits(profile: Floats) -> list[float]:
    """Places of the rules in a profile, mm; those close together are one."""
    soft = np.asarray(cv2.GaussianBlur(profile.reshape(1, -1), (0, 0), 1.2), np.float64).ravel()
    floor = float(np.median(soft))
    peaks = [
        n
        for n in range(1, len(soft) - 1)
        if soft[n] >= soft[n - 1] and soft[n] > soft[n + 1] and soft[n] > floor + 0.02
    ]
    if not peaks:
        return []
    heights = np.sort([soft[n] for n in peaks])[::-1]
    usual = float(np.median(heights[: max(4, len(heights) // 3)]))
    strong = [n for n in peaks if soft[n] - floor > _HINT * (usual - floor)]
    merged: list[list[int]] = []
    for n in strong:
        if merged and (n - merged[-1][-1]) * _STEP_MM < _MERGE_MM:
            merged[-1].append(n)
        else:
            merged.append([n])
    return [float(np.average(group, weights=soft[group]) * _STEP_MM) for group in merged]


# --- what hangs together --------------------------------------------------------------------------


def _taught(pages: Sequence[Rules], grid: Grid, fits: list[GridFit]) -> Grid:
    """The grid with presence and places corrected by its fits on the pages.

    Pages that fit far worse than the best one (covers, blank pages) teach nothing.
    """
    best = max(found.support for found in fits)
    good = [n for n, found in enumerate(fits) if found.support > 0.5 * best]
    level = np.mean([fits[n].level for n in good], axis=0)
    upright = np.mean([fits[n].upright for n in good], axis=0)
    aside = [residuals(pages[n], grid, fits[n].warp) for n in good]
    ys = np.array(grid.ys) + np.average(
        [a[0] for a in aside], axis=0, weights=[a[1] + 1e-6 for a in aside]
    )
    xs = np.array(grid.xs) + np.average(
        [a[2] for a in aside], axis=0, weights=[a[3] + 1e-6 for a in aside]
    )
    return replace(
        grid, xs=_floats(xs), ys=_floats(ys), level=_table(level), upright=_table(upright)
    )


def _floats(values: Floats | list[float]) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in values)


def _table(values: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(_floats(row) for row in values)


def _filled(grid: Grid) -> Grid:
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
    return replace(grid, ys=_floats(ys), level=tuple(level), upright=tuple(upright))


def _pruned(grid: Grid) -> Grid | None:
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
        xs=_floats(xs),
        ys=_floats(ys),
        level=_table(level),
        upright=_table(upright),
    )


def _without_dotted(grid: Grid, fits: list[GridFit]) -> Grid:
    """The grid without lines to write on, where solid rules alone make even rows."""
    best = max(found.support for found in fits)
    strength = np.mean([found.strength for found in fits if found.support > 0.5 * best], axis=0)
    solid = strength >= _SOLID * float(np.percentile(strength, 85))
    gaps = np.diff(np.array(grid.ys)[solid])
    if solid.all() or len(gaps) < _LEAST_ROWS or gaps.max() > _ONE_ROW * np.median(gaps):
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
    return replace(grid, ys=_floats(ys), level=_table(level), upright=_table(upright))


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
    cuts a row of the usual height in two: it is a line of print, or a dotted line to write on.
    """
    gaps = np.diff(ys)
    pitch = float(np.median(gaps))
    usual = np.abs(gaps / pitch - 1) < _EVEN
    least = np.full(len(ys), _STRONG)
    least[1:-1][usual[:-1] & usual[1:]] = _FAINT
    least[1:-1][np.abs((gaps[:-1] + gaps[1:]) / pitch - 1) < _EVEN] = _CUTS
    return least


# --- a start for very curved pages ----------------------------------------------------------------


def straight_start(rules: Rules, grid: Grid) -> Warp:
    """Where a known grid lies on a page that is straightened by its own rules first."""
    page = _straightened(rules)
    size = (grid.width, grid.height)
    shift_y, scale_y = _laid_on(page.levels, _profile(grid.ys, grid.level, 1, size[1]))
    shift_x, scale_x = _laid_on(page.uprights, _profile(grid.xs, grid.upright, 0, size[0]))
    return _moved(size, page, (shift_x, shift_y), (scale_x, scale_y))


def _profile(
    places: tuple[float, ...], presence: tuple[tuple[float, ...], ...], axis: int, length: float
) -> Floats:
    profile = np.zeros(int(length / _STEP_MM) + 2)
    weights = np.array(presence).mean(axis=axis)
    for place, weight in zip(places, weights, strict=True):
        profile[min(len(profile) - 1, max(0, round(place / _STEP_MM)))] += weight
    return profile
