"""The printed head of a ledger: where it ends, and its print as a landmark.

What is printed is the same on every page, what is written is not: that tells the head from
the rows of entries. On later pages the print of the head tells whether the rows were
counted from the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.grid_types import Grid, GridFit
from pipeline.form.warp import Warp
from pipeline.page.rules import Rules
from pipeline.types import Grey

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

MM_PER_INCH = 25.4
PRINT_DPI = 50.0
_INSET_MM = 1.0
_MOST_BANDS = 6
_EVEN = 0.12
"""A band differing by less than this share from the usual height may well hold an entry."""
_NO_ROW = 0.3
"""A band differing by this share is no row, however unevenly the rows are ruled."""
_BY_HEIGHT = 0.6
"""What such a height is worth beside the likeness of a band on all pages."""
_ROWS_ALIKE = 80
"""Percentile of the rows' likeness over which a band of the head must be."""
_BETWEEN = 0.6
"""Where between writing and print the line is drawn."""
_MESH = (12, 24)


def drawn(picture: Grey, dpi: float, warp: Warp, box: Box, at: float) -> Grey:
    """A box (mm) of the grid's frame, straight, at ``at`` dpi, from a picture of the page."""
    x0, y0, x1, y1 = box
    step = MM_PER_INCH / at
    columns, rows = max(2, round((x1 - x0) / step)), max(2, round((y1 - y0) / step))
    # The displacement is smooth: a coarse mesh, drawn out linearly, is exact to 0.02 mm.
    mesh_x, mesh_y = np.meshgrid(np.linspace(x0, x1, _MESH[1]), np.linspace(y0, y1, _MESH[0]))
    frame = np.stack([mesh_x.ravel(), mesh_y.ravel()], axis=1)
    mesh = (warp.apply(frame) / MM_PER_INCH * dpi).reshape(*_MESH, 2).astype(np.float32)
    at_x, at_y = np.meshgrid(
        np.linspace(0, _MESH[1] - 1, columns, dtype=np.float32),
        np.linspace(0, _MESH[0] - 1, rows, dtype=np.float32),
    )
    maps = [
        cv2.remap(np.ascontiguousarray(mesh[:, :, axis]), at_x, at_y, cv2.INTER_LINEAR)
        for axis in (0, 1)
    ]
    return np.asarray(cv2.remap(picture, maps[0], maps[1], cv2.INTER_LINEAR), dtype=np.uint8)


def band_print(rules: Rules, grid: Grid, warp: Warp, top: float, bottom: float) -> Grey:
    """Ink between two heights of the frame, rules painted out, at ``PRINT_DPI``."""
    mm = MM_PER_INCH / PRINT_DPI
    soft = cv2.blur(rules.ink, (3, 3))
    box = (grid.xs[0], top, grid.xs[-1], bottom)
    picture = drawn(np.asarray(soft, np.uint8), rules.dpi, warp, box, PRINT_DPI)
    inset = _INSET_MM / mm
    for x in grid.xs:
        at = (x - grid.xs[0]) / mm
        picture[:, max(0, round(at - inset)) : round(at + inset) + 1] = 0
    for y in (y for y in grid.ys if top - 0.1 <= y <= bottom + 0.1):
        at = (y - top) / mm
        picture[max(0, round(at - inset)) : max(0, round(at + inset) + 1)] = 0
    return picture


def likeness(one: Grey, other: Grey) -> float:
    """Correlation of two prints of one size, -1..1; 0 where one is bare."""
    return _correlation(one, other)[0]


def _correlation(one: Grey, other: Grey) -> tuple[float, float]:
    """Correlation, and the ink both have in common; none in a column too narrow to have any."""
    if not one.size or not other.size:
        return 0.0, 0.0
    a, b = (cv2.GaussianBlur(print_.astype(np.float64), (0, 0), 0.7) for print_ in (one, other))
    a, b = a - a.mean(), b - b.mean()
    ink = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return (float((a * b).sum() / ink) if ink > 1e-6 else 0.0), ink


def head_ends(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> dict[int, float]:
    """How well each number of bands would do as the head, 1 at the best.

    Bands of the head are alike on all pages, bands of entries have the usual height. One page
    alone can tell by heights only, so that several answers are equally good.
    """
    gaps = np.diff(grid.ys)
    odd, least = band_oddness(gaps)
    choices = range(least, max(least + 1, min(max(least, 2) + 2, grid.bands - 1)))
    # Bands of another height go with the head they follow on.
    by_height = {end: _BY_HEIGHT * float(odd[least:end].sum()) for end in choices}
    if len(pages) < 2:
        return _from_best(by_height)
    alike = [_band_alike(pages, grid, fits, band) for band in range(len(gaps))]
    # Rows that are rows for sure tell how alike rows may be: strokes for "the same" are.
    body = float(np.percentile(alike[min(_MOST_BANDS, len(alike) // 3) :], _ROWS_ALIKE))
    limit = body + _BETWEEN * (max(alike[:_MOST_BANDS]) - body)
    over = np.array(alike) - limit
    scores = {
        end: float((over[:end].sum() - over[end:_MOST_BANDS].sum()) / max(1e-6, 1 - limit))
        + by_height[end]
        for end in choices
    }
    return _from_best(scores)


def _from_best(scores: dict[int, float]) -> dict[int, float]:
    best = max(scores.values())
    return {end: score - best for end, score in scores.items()}


def band_oddness(gaps: Floats) -> tuple[Floats, int]:
    """For each of the first bands how surely its height is no row's, 0..1; the head's least end.

    Rows ruled by hand differ, and a row that differs a little more than most is no head: only a
    height that no row has settles it. One in between speaks for the head it follows on, and
    what lies behind several rows' heights is a row that lost its rule.
    """
    pitch = float(np.median(gaps))
    off = np.abs(gaps / pitch - 1)
    below = off[_MOST_BANDS:]
    widest = float(below[below < _NO_ROW].max(initial=0.0))
    even = max(_EVEN, 3 * 1.4826 * float(np.median(off)), widest)
    odd = np.asarray(np.clip((off - even) / max(0.05, _NO_ROW - even), 0, 1))[:_MOST_BANDS]
    least = 1
    for band in range(1, len(odd)):
        if odd[band] >= 1.0 and band - least <= 1:
            least = band + 1
    for band in range(least, len(odd)):
        odd[band] *= band == least or odd[band - 1] > 0
    return odd, least


def _band_alike(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit], band: int) -> float:
    """How alike a band is on all pages, -1..1.

    Columns often hold much the same writing (the same people group, the same hour), so the
    lower quarter of the columns decides, each weighed by its ink.
    """
    top, bottom = grid.ys[band], grid.ys[band + 1]
    prints = [
        band_print(rules, grid, found.warp, top, bottom)
        for rules, found in zip(pages, fits, strict=True)
    ]
    mm = MM_PER_INCH / PRINT_DPI
    edges = [round((x - grid.xs[0]) / mm) for x in grid.xs]
    values, weights = [], []
    for left, right in pairwise(edges):
        for one, other in combinations(prints, 2):
            value, weight = _correlation(one[:, left:right], other[:, left:right])
            values.append(value)
            weights.append(weight)
    order = np.argsort(values)
    total = np.cumsum(np.array(weights)[order])
    at = int(np.searchsorted(total, 0.25 * total[-1]))
    return float(np.array(values)[order][min(at, len(values) - 1)])


def head_print(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> Grey:
    """Print of the head, the mean over pages; shape as ``band_print`` gives it."""
    prints = [
        band_print(rules, grid, found.warp, grid.ys[0], grid.ys[grid.first])
        for rules, found in zip(pages, fits, strict=True)
    ]
    return np.asarray(np.mean(prints, axis=0).round(), dtype=np.uint8)


def head_likeness(rules: Rules, grid: Grid, warp: Warp, template: Grey) -> float:
    """How like the book's head is what a page shows where ``warp`` has the head, -1..1."""
    return likeness(band_print(rules, grid, warp, grid.ys[0], grid.ys[grid.first]), template)
