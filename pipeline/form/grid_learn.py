"""What a book's own pages teach of its grid: consensus over several pages.

Each page is straightened without knowing its rules, pages are laid on each other, and rules
that most pages show make a first grid. That grid is fitted to every page again, which tells
for each single edge how often it is seen; what does not hang together (edges of the paper,
lines of print) falls away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.form.grid_fit import fit_from, fit_grid, residuals
from pipeline.form.grid_prune import filled, floats, pruned, table, without_dotted
from pipeline.form.grid_straight import first_grid, straightened
from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.grid_worn import with_faint_rules, with_outer_columns, without_shadows
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules

_PASSES = 4


def learn_grid(pages: Sequence[Rules]) -> tuple[Grid, list[GridFit]] | None:
    """The grid that pages of one side of a book have in common, and where it lies on each.

    Args:
        pages: rules of each page.

    Returns:
        The grid (with all rows as rows of entries: ``first`` is 0) and its fits in the order
        of ``pages``; None where they have no table.
    """
    straight = [straightened(rules) for rules in pages]
    grid, warps = first_grid(straight)
    if grid is None:
        return None
    fits = [fit_from(page.rules, grid, warp) for page, warp in zip(straight, warps, strict=True)]
    for step in range(_PASSES):
        clean = pruned(_taught(pages, grid, fits))
        if clean is None:
            return None
        if step == 0:
            # Places and darkness of the rules are known better without what fell away.
            fits = [_refit(page.rules, clean, f) for page, f in zip(straight, fits, strict=True)]
            clean = without_dotted(_taught(pages, clean, fits), fits)
        grid = filled(clean) if step < _PASSES - 2 else clean
        fits = [_refit(page.rules, grid, f) for page, f in zip(straight, fits, strict=True)]
    learned = _taught(pages, grid, fits)
    edged = without_shadows(pages, learned, fits)
    whole = with_outer_columns(pages, with_faint_rules(pages, edged, fits), fits)
    if whole is learned:
        return learned, fits
    fits = [fit_from(page, whole, found.warp) for page, found in zip(pages, fits, strict=True)]
    return _taught(pages, whole, fits), fits


def _refit(rules: Rules, grid: Grid, before: GridFit) -> GridFit:
    near = fit_from(rules, grid, _same(before.warp, grid))
    if near.support > 0.5:
        return near
    fresh = fit_grid(rules, grid)
    return fresh if fresh.support > near.support + 0.05 else near


def _same(warp: Warp, grid: Grid) -> Warp:
    return replace(warp, width=grid.width, height=grid.height)


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
    return replace(grid, xs=floats(xs), ys=floats(ys), level=table(level), upright=table(upright))
