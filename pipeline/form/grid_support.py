"""How well the rules of a page bear out a grid laid on it."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.form.grid_edges import Edges, level_edges, upright_edges
from pipeline.form.grid_types import CLEAR_RULE, MM_PER_INCH, Floats, Grid, GridFit
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules
from pipeline.types import Grey

_SAMPLES = 13
_TOLERANCE_MM = 0.5
_FAINTEST = 0.22
"""Darkness along a rule that is just to be seen."""
_NEAR_USUAL = 0.8
_PRINT, _RULE = 0.5, 0.78
"""Shares of a usual rule's darkness: print reaches the first, any rule the second."""


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


def profiles_beside(
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


def _darkness(rules: Grey, dpi: float, warp: Warp, edges: Edges, axis: int) -> Floats:
    """How dark it is along each edge, 0..1, less what lies beside it.

    A rule is dark all along; a line of print has gaps and ends before the rules beside it, so
    its lighter part counts as much as its mean.
    """
    samples, offsets = profiles_beside(rules, dpi, warp, edges, axis, 2.4)
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
        clear = cv2.threshold(image, CLEAR_RULE, 255, cv2.THRESH_BINARY)[1]
        clear = cv2.bitwise_and(clear, table)
        grid_lines = np.zeros(shape, np.uint8)
        points = [np.round(line).astype(np.int32) for line in lines]
        cv2.polylines(grid_lines, points, False, 255, thick)
        total += cv2.countNonZero(clear)
        on += cv2.countNonZero(cv2.bitwise_and(clear, grid_lines))
    return on / total if total > 0 else 0.0


def bent(grid: Grid, warp: Warp) -> float:
    """By how much (mm) the widest change of a column or row differs from a change of scale."""
    mesh = np.array([(x, y) for y in grid.ys for x in grid.xs])
    placed = warp.apply(mesh).reshape(len(grid.ys), len(grid.xs), 2)
    widths = np.diff(placed[:, :, 0], axis=1).mean(axis=0)
    heights = np.diff(placed[:, :, 1], axis=0).mean(axis=1)
    worst = 0.0
    for seen, frame in ((widths, np.diff(grid.xs)), (heights, np.diff(grid.ys))):
        worst = max(worst, float(np.abs(seen - frame * (seen.sum() / frame.sum())).max()))
    return worst
