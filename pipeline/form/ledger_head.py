"""The printed head of a ledger: where it ends, and its print as a landmark.

What is printed is the same on every page, what is written is not: that tells the head from
the rows of entries. On later pages the print of the head tells whether the rows were
counted from the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

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
    a, b = (cv2.GaussianBlur(print_.astype(np.float64), (0, 0), 0.7) for print_ in (one, other))
    a, b = a - a.mean(), b - b.mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / length) if length > 1e-6 else 0.0


def head_end(pages: Sequence[Rules], grid: Grid, fits: Sequence[GridFit]) -> int | None:
    """Number of bands in the head; None where pages are too few to tell.

    Bands of the head are alike on all pages. The lowest band (of the upper ones) that is far
    more alike than bands of entries usually are is the head's last.
    """
    if len(pages) < 2:
        return None
    alike = []
    for top, bottom in zip(grid.ys[:-1], grid.ys[1:], strict=True):
        prints = [
            band_print(rules, grid, found.warp, top, bottom)
            for rules, found in zip(pages, fits, strict=True)
        ]
        alike.append(float(np.mean([likeness(a, b) for a, b in combinations(prints, 2)])))
    body = float(np.median(alike[min(_MOST_BANDS, len(alike) // 3) :]))
    upper = alike[:_MOST_BANDS]
    limit = body + 0.5 * (max(upper) - body)
    if max(upper) - body < 0.12:
        return None
    return max(n for n, value in enumerate(upper) if value > limit) + 1


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
