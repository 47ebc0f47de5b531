"""Fit a known grid to a page: comb, strips, snapping (anchors.md 3).

The comb finds shift and scale from projections; strips follow the curve of the paper; then
every edge of the grid looks a few pixels aside for the best support, and one smooth
displacement is fitted to all of them, three rounds, degree 2 to 4. Broken rules are bridged
by their neighbours. Weak or doubtful combs are tried one after the other, the best support
wins.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_comb import comb_starts
from pipeline.form.grid_edges import Edges, level_edges, upright_edges
from pipeline.form.grid_strips import follow, strip_profiles
from pipeline.form.grid_support import measure, profiles_beside
from pipeline.form.grid_types import MM_PER_INCH, Floats, Grid, GridFit
from pipeline.form.warp import Warp, fit
from pipeline.page.rules import Rules
from pipeline.types import Grey

_STRIPS = 20
_ROUNDS = ((2.2, 2), (1.5, 3), (1.0, 4))
"""Search aside (mm) and degree of the displacement, round by round."""


def fit_grid(rules: Rules, grid: Grid, starts: int = 3) -> GridFit:
    """The grid on a page.

    Args:
        rules: maps of the page.
        grid: as the book taught it.
        starts: combs that are tried where the first fit is weak.
    """
    best: GridFit | None = None
    for warp in comb_starts(rules, grid, starts):
        found = fit_from(rules, grid, warp)
        if best is None or found.support > best.support:
            best = found
    if best is None:
        raise ValueError("a grid needs rules")
    return best


def fit_from(rules: Rules, grid: Grid, warp: Warp) -> GridFit:
    """The grid near a first guess, followed through strips and snapped."""
    return snap(rules, grid, follow_strips(rules, grid, warp))


# --- strips -------------------------------------------------------------------------------------


def follow_strips(rules: Rules, grid: Grid, warp: Warp) -> Warp:
    """Correct a comb by the curve of the paper, found strip by strip."""
    size = (grid.width, grid.height)
    y = _followed(rules.horizontal, rules.dpi, warp, level_edges(grid), size, axis=1)
    x = _followed(rules.vertical, rules.dpi, warp, upright_edges(grid), size, axis=0)
    return Warp(*size, x, y)


def _followed(
    rules: Grey, dpi: float, warp: Warp, edges: Edges, size: tuple[float, float], axis: int
) -> tuple[float, ...]:
    """Displacement along ``axis`` after the strips were followed."""
    mm = MM_PER_INCH / dpi
    image = np.ascontiguousarray(rules if axis == 1 else rules.T)
    profiles, middles = strip_profiles(image, _STRIPS)
    profiles = np.asarray(cv2.GaussianBlur(profiles, (0, 0), sigmaX=1.2, sigmaY=0.01), np.float64)
    length = profiles.shape[1]
    other = 1 - axis
    middle = edges.ends.mean(axis=1)
    placed = warp.apply(middle)
    along = warp.apply(edges.ends.reshape(-1, 2)).reshape(-1, 2, 2)[:, :, other] / mm
    reference = np.zeros_like(profiles)
    strip_of: list[NDArray[np.int64]] = []
    for n, strip in enumerate(middles):
        under = np.flatnonzero((along.min(axis=1) <= strip) & (along.max(axis=1) >= strip))
        strip_of.append(under)
        at = placed[under, axis] / mm
        for place in at:
            low = int(np.floor(place))
            if 0 <= low < length - 1:
                reference[n, low] += 1 - (place - low)
                reference[n, low + 1] += place - low
    reference = np.asarray(
        cv2.GaussianBlur(reference, (0, 0), sigmaX=1.5, sigmaY=0.01), dtype=np.float64
    )
    reach, stretch = round(4.0 / mm), 2.0 / mm
    shift, bend, _ = follow(profiles, reference, reach, stretch)
    points, moved = [], []
    for n, under in enumerate(strip_of):
        if not len(under):
            continue
        arm = 2 * (placed[under, axis] / mm) / max(1, length - 1) - 1
        delta = (shift[n] + bend[n] * arm) * mm
        frame = middle[under].copy()
        # The strip sees its own place along the rule, not the middle of the edge.
        frame[:, other] += middles[n] * mm - placed[under, other]
        points.append(frame)
        moved.append(placed[under, axis] + delta - middle[under, axis])
    if not points:
        return warp.y if axis == 1 else warp.x
    at_, value = np.concatenate(points), np.concatenate(moved)
    solution, _ = fit(at_, value, np.ones(len(value)), size, 3)
    return solution


# --- snapping -----------------------------------------------------------------------------------


def snap(rules: Rules, grid: Grid, warp: Warp) -> GridFit:
    """Three rounds of looking aside from every edge, and the support that is found in the end."""
    size = (grid.width, grid.height)
    level, upright = level_edges(grid), upright_edges(grid)
    for reach, degree in _ROUNDS:
        y = _snapped(rules.horizontal, rules.dpi, warp, level, size, 1, reach, degree)
        x = _snapped(rules.vertical, rules.dpi, warp, upright, size, 0, reach, degree)
        warp = Warp(*size, x, y)
    return measure(rules, grid, warp)


def _aside(
    rules: Grey, dpi: float, warp: Warp, edges: Edges, axis: int, reach: float
) -> tuple[Floats, Floats]:
    """How far beside each edge (mm) the best support lies, and how much it is to be trusted."""
    samples, offsets = profiles_beside(rules, dpi, warp, edges, axis, reach)
    values = samples.mean(axis=2)
    prior = np.exp(-0.5 * (offsets / (0.8 * reach)) ** 2)
    weighed = values * prior
    at = weighed.argmax(axis=1)
    rows = np.arange(len(values))
    inner = np.clip(at, 1, len(offsets) - 2)
    before, top, after = (weighed[rows, inner + d] for d in (-1, 0, 1))
    bend = np.minimum(before - 2 * top + after, -1e-6)
    fine = np.clip(0.5 * (before - after) / bend, -0.5, 0.5) * (at == inner)
    delta = offsets[at] + fine * (offsets[1] - offsets[0])
    clear = values[rows, at] - np.median(values, axis=1)
    trust = np.clip((clear - 0.08) / 0.25, 0.005, 1.0)
    return np.asarray(delta, np.float64), np.asarray(trust, np.float64)


def _snapped(
    rules: Grey,
    dpi: float,
    warp: Warp,
    edges: Edges,
    size: tuple[float, float],
    axis: int,
    reach: float,
    degree: int,
) -> tuple[float, ...]:
    delta, trust = _aside(rules, dpi, warp, edges, axis, reach)
    middle = edges.ends.mean(axis=1)
    moved = warp.apply(middle)[:, axis] - middle[:, axis] + delta
    solution, _ = fit(middle, moved, trust, size, degree)
    return solution


def residuals(rules: Rules, grid: Grid, warp: Warp) -> tuple[Floats, Floats, Floats, Floats]:
    """How far (mm) each rule lies from its place on a page, and with what weight.

    Returns:
        For the level rules: displacement and weight, then the same for the upright ones.
    """
    found: list[Floats] = []
    for image, edges, axis, count in (
        (rules.horizontal, level_edges(grid), 1, len(grid.ys)),
        (rules.vertical, upright_edges(grid), 0, len(grid.xs)),
    ):
        delta, trust = _aside(image, rules.dpi, warp, edges, axis, 0.8)
        rule = edges.at[:, 0 if axis == 1 else 1]
        weight = np.asarray(np.bincount(rule, trust, count), np.float64)
        total = np.asarray(np.bincount(rule, trust * delta, count), np.float64)
        found += [total / np.maximum(weight, 1e-6), weight]
    return found[0], found[1], found[2], found[3]
