"""Fit a known grid to a page: comb, strips, snapping (anchors.md 3).

The comb finds shift and scale from projections; strips follow the curve of the paper; then
every edge of the grid looks a few pixels aside for the best support, and one smooth
displacement is fitted to all of them, three rounds, degree 2 to 4. Broken rules are bridged
by their neighbours. Weak or doubtful combs are tried one after the other, the best support
wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_strips import follow, strip_profiles
from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.warp import Warp, fit
from pipeline.page.rules import Rules
from pipeline.types import Grey

Floats = NDArray[np.float64]

MM_PER_INCH = 25.4
_STRIPS = 20
_SAMPLES = 13
_TOLERANCE_MM = 0.5
_FAINTEST = 0.22
"""Darkness along a rule that is just to be seen."""
_NEAR_USUAL = 0.8
_PRINT, _RULE = 0.5, 0.78
"""Shares of a usual rule's darkness: print reaches the first, any rule the second."""
_EXISTS = 0.35
"""Share of the book's usual presence from which an edge is expected on a page."""
_HELD = 0.6
"""What holding all crossing rules is worth to a comb, in full sets of teeth."""
_CLEAR_RULE = 90
"""Of 255: a rule, not a line of print."""
_ROUNDS = ((2.2, 2), (1.5, 3), (1.0, 4))
"""Search aside (mm) and degree of the displacement, round by round."""


@dataclass(frozen=True)
class Edges:
    """The edges of a grid that a book has, as frame points (mm).

    ``ends`` has shape (n, 2, 2): start and end; ``at`` the index (j, i) in the grid's table.
    """

    ends: Floats
    at: NDArray[np.int64]


def level_edges(grid: Grid) -> Edges:
    """Edges along level rules, column by column."""
    return _edges(np.array(grid.level), grid.xs, grid.ys, upright=False)


def upright_edges(grid: Grid) -> Edges:
    """Edges along upright rules, band by band."""
    return _edges(np.array(grid.upright), grid.xs, grid.ys, upright=True)


def _edges(
    presence: Floats, xs: tuple[float, ...], ys: tuple[float, ...], *, upright: bool
) -> Edges:
    at = np.argwhere(presence >= _EXISTS * max(1e-6, float(np.median(presence))))
    across, down = np.array(xs), np.array(ys)
    j, i = at[:, 0], at[:, 1]
    if upright:
        ends = np.stack(
            [np.stack([across[i], down[j]], 1), np.stack([across[i], down[j + 1]], 1)], 1
        )
    else:
        ends = np.stack(
            [np.stack([across[i], down[j]], 1), np.stack([across[i + 1], down[j]], 1)], 1
        )
    return Edges(ends.reshape(-1, 2, 2), at)


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


# --- comb ---------------------------------------------------------------------------------------


def comb_starts(rules: Rules, grid: Grid, count: int) -> list[Warp]:
    """Likely shifts and scales of the grid on the page, best first."""
    mm = MM_PER_INCH / rules.dpi
    # Rows are alike and ruled paper goes on beyond the table: upright rules tell where it ends.
    tall = np.cumsum((rules.vertical > _CLEAR_RULE).mean(axis=1))
    tall = tall / max(1e-6, float(tall[-1]))
    levels = _comb(rules.horizontal, np.array(grid.ys), _weights(grid.level, 1), mm, count, tall)
    uprights = _comb(rules.vertical.T, np.array(grid.xs), _weights(grid.upright, 0), mm, count)
    pairs = [(x, y) for x in uprights for y in levels]
    pairs.sort(key=lambda pair: -(pair[0][0] / uprights[0][0] + pair[1][0] / levels[0][0]))
    half_x, half_y = grid.width / 2, grid.height / 2
    starts = []
    for (_, shift_x, scale_x), (_, shift_y, scale_y) in pairs[:count]:
        # Displacement as a polynomial of coordinates -1..1 over the frame.
        x = (shift_x + (scale_x - 1) * half_x, (scale_x - 1) * half_x, 0.0)
        y = (shift_y + (scale_y - 1) * half_y, 0.0, (scale_y - 1) * half_y)
        starts.append(Warp(grid.width, grid.height, x, y))
    return starts


def _weights(presence: tuple[tuple[float, ...], ...], axis: int) -> Floats:
    return np.asarray(np.array(presence).mean(axis=axis), dtype=np.float64)


def _comb(
    rules: Grey,
    teeth: Floats,
    weights: Floats,
    mm: float,
    count: int,
    crossing: Floats | None = None,
) -> list[tuple[float, float, float]]:
    """Best (score, shift, scale), apart from each other: position = shift + scale * tooth, mm.

    ``crossing`` is the share of the crossing rules' length above each pixel, 0..1: the comb
    should hold it all between its first and last tooth.
    """
    profiles, _ = strip_profiles(rules, 10)
    # Strips wander: each may lie up to 1.5 mm aside.
    wide = max(3, round(3.0 / mm)) | 1
    loose = cv2.dilate(profiles, np.ones((1, wide)))
    profile = np.asarray(loose, np.float64).mean(axis=0) + 0.5 * profiles.mean(axis=0)
    profile = np.clip(profile - np.median(profile), 0, None)
    length = len(profile)
    shifts = np.arange(-round(0.15 * length), round(0.15 * length) + 1)
    found: list[tuple[float, float, float]] = []
    for scale in np.arange(0.955, 1.046, 0.005):
        at = np.round((scale * teeth / mm)[:, None] + shifts[None]).astype(int)
        seen = np.where((at >= 0) & (at < length), profile[np.clip(at, 0, length - 1)], 0.0)
        scores = (weights[:, None] * seen).sum(axis=0) - 0.02 * abs(scale - 1)
        if crossing is not None:
            ends = crossing[np.clip(at[[0, -1]], 0, length - 1)]
            scores = scores + _HELD * float(weights.sum()) * (ends[1] - ends[0])
        highest = np.argsort(scores)[::-1][: 4 * count]
        found += [(float(scores[n]), float(shifts[n] * mm), float(scale)) for n in highest]
    found.sort(reverse=True)
    middle = float(teeth.mean())
    chosen: list[tuple[float, float, float]] = []
    for score, shift, scale in found:
        place = shift + scale * middle
        if all(abs(place - other[1] - other[2] * middle) > 2.5 for other in chosen):
            chosen.append((max(score, 1e-6), shift, scale))
        if len(chosen) == count:
            break
    return chosen


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


def measure(rules: Rules, grid: Grid, warp: Warp) -> GridFit:
    """How well ink lies under the edges of a grid placed by ``warp``."""
    level, upright = level_edges(grid), upright_edges(grid)
    dark_level = _darkness(rules.horizontal, rules.dpi, warp, level, 1)
    dark_upright = _darkness(rules.vertical, rules.dpi, warp, upright, 0)
    usual_level, usual_upright = _usual(dark_level), _usual(dark_upright)
    # Where level rules are few, lines of print must not pass for the usual rule.
    usual_level = max(usual_level, _NEAR_USUAL * usual_upright)
    seen = [_sure(dark_level, usual_level), _sure(dark_upright, usual_upright)]
    tables = []
    for presence, edges, values in (
        (grid.level, level, seen[0]),
        (grid.upright, upright, seen[1]),
    ):
        table = np.zeros(np.array(presence).shape)
        table[edges.at[:, 0], edges.at[:, 1]] = values
        tables.append(table)
    count = len(grid.ys)
    clear = np.where(seen[0] > 0.5, 1.0, 0.0)
    weight = np.bincount(level.at[:, 0], clear, count)
    strength = np.bincount(level.at[:, 0], clear * dark_level, count) / np.maximum(weight, 1)
    return GridFit(
        warp=warp,
        level=tables[0],
        upright=tables[1],
        support=float(np.concatenate(seen).mean()),
        strength=np.asarray(strength, np.float64),
    )


def level_support(rules: Rules, grid: Grid, warp: Warp, usual: float) -> float:
    """Sum of the support under the level edges only, ``usual`` being a usual rule's darkness."""
    edges = level_edges(grid)
    return float(_sure(_darkness(rules.horizontal, rules.dpi, warp, edges, 1), usual).sum())


def _profiles(
    rules: Grey, dpi: float, warp: Warp, edges: Edges, axis: int, reach_mm: float
) -> tuple[Floats, Floats]:
    """Support along lines beside each edge, and how far beside they lie.

    Returns:
        Shape (edges, offsets, samples), 0..1, and the offsets in millimetres.
    """
    mm = MM_PER_INCH / dpi
    steps = np.linspace(0.06, 0.94, _SAMPLES)
    start, end = edges.ends[:, 0], edges.ends[:, 1]
    points = start[:, None] + steps[None, :, None] * (end - start)[:, None]
    placed = warp.apply(points.reshape(-1, 2)).reshape(-1, _SAMPLES, 2) / mm
    offsets = np.arange(-round(reach_mm / mm), round(reach_mm / mm) + 1)
    x = np.repeat(placed[:, None, :, 0], len(offsets), axis=1)
    y = np.repeat(placed[:, None, :, 1], len(offsets), axis=1)
    (y if axis == 1 else x)[...] += offsets[None, :, None]
    seen = cv2.remap(
        rules,
        x.reshape(len(x), -1).astype(np.float32),
        y.reshape(len(y), -1).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    values = np.asarray(seen, np.float64).reshape(x.shape) / 255.0
    return values, np.asarray(offsets * mm, np.float64)


def _aside(
    rules: Grey, dpi: float, warp: Warp, edges: Edges, axis: int, reach: float
) -> tuple[Floats, Floats]:
    """How far beside each edge (mm) the best support lies, and how much it is to be trusted."""
    samples, offsets = _profiles(rules, dpi, warp, edges, axis, reach)
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


def _darkness(rules: Grey, dpi: float, warp: Warp, edges: Edges, axis: int) -> Floats:
    """How dark it is along each edge, 0..1, less what lies beside it.

    A rule is dark all along; a line of print has gaps and ends before the rules beside it, so
    its lighter part counts as much as its mean.
    """
    samples, offsets = _profiles(rules, dpi, warp, edges, axis, 2.4)
    mean = samples.mean(axis=2)
    near = np.flatnonzero(np.abs(offsets) <= _TOLERANCE_MM)
    best = near[mean[:, near].argmax(axis=1)]
    rows = np.arange(len(samples))
    lowest = np.percentile(samples[rows, best], 20, axis=1)
    elsewhere = np.percentile(mean[:, np.abs(offsets) > 1.2], 75, axis=1)
    return np.asarray(0.5 * (mean[rows, best] + lowest) - elsewhere, dtype=np.float64)


def _usual(dark: Floats) -> float:
    """Darkness of a usual rule: worn pages have fainter ones."""
    return max(_FAINTEST, float(np.percentile(dark, 80))) if len(dark) else _FAINTEST


def _sure(dark: Floats, usual: float) -> Floats:
    """How surely a rule lies under each edge, 0..1."""
    return np.asarray(np.clip((dark / usual - _PRINT) / (_RULE - _PRINT), 0, 1), dtype=np.float64)


# --- what the grid leaves unexplained ---------------------------------------------------------


def explained(rules: Rules, grid: Grid, warp: Warp) -> float:
    """Share of the rules on a page, inside the table, that lie on the grid; 0..1.

    A grid of another print finds rules for most of its edges, but leaves others over.
    """
    mm = MM_PER_INCH / rules.dpi
    mesh = np.array([(x, y) for y in grid.ys for x in grid.xs])
    placed = (warp.apply(mesh) / mm).reshape(len(grid.ys), len(grid.xs), 2)
    outline = np.concatenate([placed[0], placed[1:, -1], placed[-1, -2::-1], placed[-2:0:-1, 0]])
    thick = 2 * max(1, round(_TOLERANCE_MM / mm)) + 1
    shape = rules.horizontal.shape
    table = np.zeros(shape, np.uint8)
    cv2.fillPoly(table, [np.round(outline).astype(np.int32)], 255)
    total = on = 0.0
    for image, lines in (
        (rules.horizontal, list(placed)),
        (rules.vertical, list(placed.transpose(1, 0, 2))),
    ):
        clear = cv2.threshold(image, _CLEAR_RULE, 255, cv2.THRESH_BINARY)[1]
        clear = cv2.bitwise_and(clear, table)
        grid_lines = np.zeros(shape, np.uint8)
        points = [np.round(line).astype(np.int32) for line in lines]
        cv2.polylines(grid_lines, points, False, 255, thick)
        total += cv2.countNonZero(clear)
        on += cv2.countNonZero(cv2.bitwise_and(clear, grid_lines))
    return on / total if total > 0 else 0.0
