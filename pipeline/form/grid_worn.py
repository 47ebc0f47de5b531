"""Rules too worn or too faint to be among those that pages have in common, told by the others.

At the edge of a table nothing tells of a column whose outer rule is gone but the level rules, all
of which end at one place beyond the last upright rule that was found, or before it, where the
shadow of the fold was taken for a fainter rule beside it. And in a notebook ruled by hand one line
is drawn with less ink than the others: two rows would be one, of twice the height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.form.grid_prune import floats, table
from pipeline.form.grid_types import CLEAR_RULE, Floats, Grid, GridFit
from pipeline.form.ledger_head import drawn
from pipeline.page.rules import Rules

_SEEN_DPI = 60.0
_STEP_MM = 25.4 / _SEEN_DPI
_REACH_MM = 70.0
_BESIDE_MM = 1.2
"""So far from its height a level rule is looked for."""
_LEAST_MM = 8.0
"""No column is narrower."""
_GAP_MM = 3.0
_TOGETHER_MM = 2.0
_SHORT_MM = 4.0
"""So far before the edge of a column its level rules end where that edge is no rule."""
_RUN_ON = 0.25
"""Of level rules that end there, so many may be seen to run on to the edge: smears do."""
_RULES, _SHARE = 3, 0.3
"""So many level rules must end at one place, and such a share of all."""
_PAPER_MM = 4.0
"""Nearer to the edge of the page the shadow of the paper ends them, or the other page begins."""
_PIECES = 0.06
"""Share of a table's height along which something of its outer rule is left."""
_WELL = 0.5
"""Share of the best page's support from which a page tells of rules."""
_PRESENT = 0.5
"""How surely edges of such rules are expected on a page, in shares of the usual."""
_TWO_ROWS = 0.12
"""A band so near to twice the usual height may be two rows."""
_MIDDLE = 0.12
"""So far from its middle (shares of the usual height) their rule may lie."""
_FAINT, _ALONG = 0.2, 0.6
"""Share of a usual rule's darkness that a faint one has, over such a share of its length."""


def with_outer_columns(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> Grid:
    """The grid with a column more on each side where level rules run on beyond it.

    Args:
        pages: rules of each page.
        grid: as it was learned.
        fits: where it lies on each page.
    """
    for side in ("left", "right"):
        outermost = grid.xs[0] if side == "left" else grid.xs[-1]
        end = _common_end(_reaches(pages, grid, fits, side, outermost), grid.bands + 1)
        if end is None:
            continue
        usual = _PRESENT * float(np.median(grid.level)), _PRESENT * float(np.median(grid.upright))
        edge, at = (grid.xs[0] - end, 0) if side == "left" else (grid.xs[-1] + end, len(grid.xs))
        inside = _PAPER_MM < edge < grid.width - _PAPER_MM
        # The lines of a notebook run on beyond a table too; no rule of it stands at their end.
        if inside and _borne(pages, grid, fits, edge):
            level = np.insert(np.array(grid.level), min(at, grid.columns), usual[0], axis=1)
            upright = np.insert(np.array(grid.upright), at, usual[1], axis=1)
            xs = np.insert(np.array(grid.xs), at, edge)
            grid = replace(grid, xs=floats(xs), level=table(level), upright=table(upright))
    return grid


def without_shadows(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> Grid:
    """The grid with its outer columns ending where their level rules do and a rule is seen.

    The shadow of the fold, or an edge of the paper, is darker than a worn rule and more even. No
    level rule reaches it. Arguments as for ``with_outer_columns``.
    """
    for side in ("left", "right"):
        outer, inner = (0, 1) if side == "left" else (grid.columns, grid.columns - 1)
        width = abs(grid.xs[outer] - grid.xs[inner])
        reaches = _reaches(pages, grid, fits, side, grid.xs[inner])
        end = _common_end(reaches, grid.bands + 1)
        if end is None or not _LEAST_MM <= end < width - _SHORT_MM:
            continue
        ending = sum(abs(reach - end) < _TOGETHER_MM for reach in reaches)
        edge = grid.xs[inner] + (end if outer else -end)
        through = sum(reach > width - _TOGETHER_MM for reach in reaches)
        if through <= _RUN_ON * ending and _borne(pages, grid, fits, edge):
            xs = np.array(grid.xs)
            xs[outer] = edge
            grid = replace(grid, xs=floats(xs))
    return grid


def _borne(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit], x: float) -> bool:
    """Whether at least pieces of an upright rule stand at a place on some page."""
    shown = 0.0
    for rules, found in zip(pages, fits, strict=True):
        box = (x - 2 * _BESIDE_MM, grid.ys[0], x + 2 * _BESIDE_MM, grid.ys[-1])
        strip = drawn(rules.vertical, rules.dpi, found.warp, box, _SEEN_DPI)
        shown = max(shown, float((strip > CLEAR_RULE).any(axis=1).mean()))
    return shown >= _PIECES


def _reaches(
    pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit], side: str, start: float
) -> list[float]:
    """How far (mm) each level rule that is seen there runs on outwards from an upright one."""
    span = (start - _REACH_MM, start + 1.0) if side == "left" else (start - 1.0, start + _REACH_MM)
    reaches = []
    for y in grid.ys:
        longest = 0.0
        for rules, found in _well_laid(pages, fits):
            box = (span[0], y - _BESIDE_MM, span[1], y + _BESIDE_MM)
            strip = drawn(rules.horizontal, rules.dpi, found.warp, box, _SEEN_DPI)
            dark = np.asarray((strip > CLEAR_RULE).any(axis=0))
            longest = max(longest, _run(dark[::-1] if side == "left" else dark) - 1.0)
        reaches.append(longest)
    return reaches


def _well_laid(pages: Sequence[Rules], fits: Sequence[GridFit]) -> list[tuple[Rules, GridFit]]:
    """Pages on which the grid lies at least half as well as on the best one."""
    best = max(found.support for found in fits)
    both = zip(pages, fits, strict=True)
    return [(rules, found) for rules, found in both if found.support > _WELL * best]


def _run(dark: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """How far a line runs from its beginning, mm; short gaps do not end it."""
    last = 0
    for at in np.flatnonzero(dark):
        if (int(at) - last) * _STEP_MM > _GAP_MM:
            break
        last = int(at)
    return last * _STEP_MM


def _common_end(reaches: Sequence[float], rules: int) -> float | None:
    """Where most of the level rules that run on end, if enough do."""
    long: Floats = np.array([reach for reach in reaches if reach >= _LEAST_MM])
    if len(long) < max(_RULES, _SHARE * rules):
        return None
    near = [int(np.sum(np.abs(long - reach) < _TOGETHER_MM)) for reach in long]
    best = long[int(np.argmax(near))]
    if max(near) < max(_RULES, _SHARE * rules):
        return None
    return float(np.median(long[np.abs(long - best) < _TOGETHER_MM]))


def with_faint_rules(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> Grid:
    """The grid with a rule in the middle of each band of two rows where a page shows one.

    Writing does not stand at one height over most of the width; a fainter line does.
    """
    pitch = float(np.median(np.diff(grid.ys)))
    usual = float(np.median([_shown(pages, grid, fits, y, _BESIDE_MM)[1] for y in grid.ys]))
    ys, level, upright = list(grid.ys), list(grid.level), list(grid.upright)
    for n in range(grid.bands - 1, -1, -1):
        if abs((grid.ys[n + 1] - grid.ys[n]) / pitch - 2) > 2 * _TWO_ROWS:
            continue
        middle = (grid.ys[n] + grid.ys[n + 1]) / 2
        at, _ = _shown(pages, grid, fits, middle, _MIDDLE * pitch, _FAINT * usual)
        if at is not None:
            ys.insert(n + 1, at)
            present = _PRESENT * float(np.median(grid.level))
            level.insert(n + 1, (present,) * grid.columns)
            upright.insert(n, upright[n])
    if len(ys) == len(grid.ys):
        return grid
    return replace(grid, ys=floats(ys), level=tuple(level), upright=tuple(upright))


def _shown(
    pages: Sequence[Rules],
    grid: Grid,
    fits: Sequence[GridFit],
    y: float,
    reach: float,
    least: float = 0.0,
) -> tuple[float | None, float]:
    """Height of the level line that a page shows best near one, and how dark that is, 0..255.

    None where no page shows one, darker than ``least``, along most of the width.
    """
    best: tuple[float | None, float] = (None, 0.0)
    for rules, found in _well_laid(pages, fits):
        box = (grid.xs[0], y - reach, grid.xs[-1], y + reach)
        strip = drawn(rules.horizontal, rules.dpi, found.warp, box, _SEEN_DPI)
        # A line is not straight to the pixel.
        thick = cv2.dilate(strip, np.ones((3, 1), np.uint8)).astype(np.float64)
        rows = thick.mean(axis=1)
        at = int(rows.argmax())
        if rows[at] > best[1] and float((thick[at] > least).mean()) >= _ALONG:
            best = (y - reach + (at + 0.5) * _STEP_MM, float(rows[at]))
    return best
