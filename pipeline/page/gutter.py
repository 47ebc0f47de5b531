"""The fold of an opening: whether there is one, and where it runs.

Three signs, taken band by band down the scan: the shadow of the fold (wide and soft), the
fold itself (thin and dark), and paper without ink. A line, not quite upright, collects them.
Rules that run on across it speak against a fold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.paper import Hull
from pipeline.page.rules import Rules
from pipeline.page.scale import MM_PER_INCH, odd
from pipeline.types import Grey

Floats = NDArray[np.float64]

_BANDS = 24
_ZONE = 0.14
"""The fold lies within this share of the paper's width from its middle."""
_TILT = 4.0
"""Largest tilt of the fold, degrees."""
_LANDSCAPE = 1.15
"""Width by height of the paper from which a scan may be an opening."""
_UPRIGHT = 0.95
"""The same below which a scan is a single page, even where openings are expected."""
_SHADOW = 0.05
"""Darkening from which the shadow alone is a sure sign."""
_CROSSED = 0.25
"""Share of the level rules near the fold that run across it, from which it is none: no rule does on
the openings of the samples, four in ten or more on single pages with one rule in ten lost."""
_FEW_RULES = 4
"""Fewer rules beside the fold say nothing."""
_CLEAR_MM = 3.0


@dataclass(frozen=True)
class Gutter:
    """The fold: ``x = at + slope * (y - middle)``, in pixels of the small picture."""

    at: float
    slope: float
    middle: float

    def x(self, y: float) -> float:
        """Where the fold is at height ``y``."""
        return self.at + self.slope * (y - self.middle)


def find_gutter(
    small: Grey, rules: Rules, hull: Hull, opening: bool | None = None
) -> Gutter | None:
    """The fold of an opening.

    Args:
        small: upright picture at work resolution.
        rules: its rules and ink, 0 off the paper.
        hull: corners of the paper.
        opening: True where it is known to be one (there is an answer then), None to find out.
    """
    left, top = hull.min(axis=0)
    right, bottom = hull.max(axis=0)
    shape = (right - left) / max(1.0, float(bottom - top))
    # A page of a book of openings that was scanned alone is not cut in two.
    if shape < (_LANDSCAPE if opening is None else _UPRIGHT):
        return None
    fold, shadow, clear = _strongest(small, rules, (left, top, right, bottom))
    if opening or (
        _crossing(rules, fold, (top, bottom)) < _CROSSED and (shadow > _SHADOW or clear)
    ):
        return fold
    return None


def _strongest(
    small: Grey, rules: Rules, box: tuple[float, float, float, float]
) -> tuple[Gutter, float, bool]:
    """The best line, the depth of the shadow along it, and whether it is clear of ink."""
    left, top, right, bottom = box
    mm = MM_PER_INCH / rules.dpi
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    reach = _ZONE * (right - left)
    spare = round(30 / mm)
    x0, x1 = (
        max(0, int(middle_x - reach) - spare),
        min(small.shape[1], int(middle_x + reach) + spare),
    )
    # A little off the paper's upper and lower edge.
    inset = 0.04 * (bottom - top)
    edges = np.linspace(top + inset, bottom - inset, _BANDS + 1).astype(int)
    tone = np.stack(
        [np.percentile(small[a:b:2, x0:x1], 70, axis=0) for a, b in pairwise(edges.tolist())]
    )
    ink = np.stack([(rules.ink[a:b, x0:x1] > 60).mean(axis=0) for a, b in pairwise(edges.tolist())])
    shadow = _valley(tone, 4.0, 50.0, mm)
    crease = np.clip(_valley(tone, 0.8, 6.0, mm), 0, 0.5)
    busy = cv2.blur(ink.astype(np.float64), (odd(_CLEAR_MM, rules.dpi), 1))
    signs = shadow + 0.6 * crease - 1.5 * np.clip(busy, 0, 0.1)
    fold_at, slope, along = _line(signs, edges, (middle_x - x0, middle_y), reach)
    depth = float(np.median(shadow[np.arange(_BANDS), along]))
    clear = float(np.mean(busy[np.arange(_BANDS), along] < 0.02)) > 0.9
    return Gutter(x0 + fold_at, slope, middle_y), depth, clear


def _valley(tone: Floats, core_mm: float, around_mm: float, mm: float) -> Floats:
    """How much darker a core is than both sides of it, as a share."""
    core, around = (max(3, round(length / mm)) | 1 for length in (core_mm, around_mm))
    inner = cv2.blur(tone, (core, 1))
    side = (around - core) // 2
    shift = (core + side) // 2
    outer = cv2.blur(tone, (max(3, side), 1))
    before, after = np.roll(outer, shift, axis=1), np.roll(outer, -shift, axis=1)
    before[:, :shift] = outer[:, :1]
    after[:, -shift:] = outer[:, -1:]
    lower = np.minimum(before, after)
    return np.asarray((lower - inner) / np.maximum(lower, 1), dtype=np.float64)


def _line(
    signs: Floats, edges: NDArray[np.int64], middle: tuple[float, float], reach: float
) -> tuple[float, float, NDArray[np.int64]]:
    """Line through the bands with the largest sum of signs: x at the middle, slope, columns."""
    heights = (edges[:-1] + edges[1:]) / 2 - middle[1]
    width = signs.shape[1]
    starts = np.arange(max(0, int(middle[0] - reach)), min(width, int(middle[0] + reach) + 1))
    # A fold off the middle must show itself better.
    prior = 0.03 * ((starts - middle[0]) / max(1.0, reach)) ** 2
    best = (-math.inf, middle[0], 0.0)
    for tilt in np.arange(-_TILT, _TILT + 0.01, 0.25):
        slope = math.tan(math.radians(tilt))
        columns = np.clip(np.round(starts[None] + slope * heights[:, None]), 0, width - 1)
        score = np.take_along_axis(signs, columns.astype(int), axis=1).mean(axis=0) - prior
        at = int(score.argmax())
        if score[at] > best[0]:
            best = (float(score[at]), float(starts[at]), slope)
    _, x, slope = best
    along = np.clip(np.round(x + slope * heights), 0, width - 1).astype(np.int64)
    return x, slope, along


def _crossing(rules: Rules, fold: Gutter, paper: tuple[float, float]) -> float:
    """Share of the level rules beside the fold that run on across it."""
    mm = MM_PER_INCH / rules.dpi
    height, width = rules.horizontal.shape
    # The paper's own upper and lower edge run across any fold.
    inset = 0.04 * (paper[1] - paper[0])
    ys = np.arange(max(0, int(paper[0] + inset)), min(height, int(paper[1] - inset)))
    centre = np.clip(np.round(fold.at + fold.slope * (ys - fold.middle)), 0, width - 1).astype(int)

    def seen(offset_mm: float) -> NDArray[np.bool_]:
        columns = np.clip(centre + round(offset_mm / mm), 0, width - 1)
        strip = (rules.horizontal[ys, columns] > 90).astype(np.uint8)
        return cv2.dilate(strip.reshape(-1, 1), np.ones((odd(1.2, rules.dpi), 1))).ravel() > 0

    sides = [seen(offset) for offset in (-24.0, -18.0, 18.0, 24.0)]
    beside = (sides[0] | sides[1]) & (sides[2] | sides[3])
    # Either side of the crease itself, where the shadow is steep and only noise is seen.
    across = beside & seen(-7.0) & seen(-4.0) & seen(4.0) & seen(7.0)
    if _runs(beside) < _FEW_RULES:
        return 0.0
    return _runs(across) / _runs(beside)


def _runs(seen: NDArray[np.bool_]) -> int:
    return int((np.diff(seen.astype(np.int8), prepend=0) == 1).sum())
