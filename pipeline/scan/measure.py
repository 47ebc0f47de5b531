"""Measures light, ink, blur, slant and cuts of a scan.

Everything is measured on a copy at 150 dpi: the page's light is estimated from its
surroundings, what is darker is ink, and blur, contrast and cuts are measured on ink only, so
that a nearly empty page is judged like a full one. Lengths are millimetres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scan.resolution import MM_PER_INCH
from pipeline.types import Scan

Pixels = NDArray[np.integer[Any] | np.floating[Any]]
"""What OpenCV's type stubs say it returns, whatever went in: here always 8 or 16 bits."""

WORK_DPI = 150.0
_PX_PER_MM = WORK_DPI / MM_PER_INCH
_SAME_SCALE = 0.05
_LEAST_PIXELS = 60
"""A centimetre: nothing smaller is a page."""
_LIGHT_SCALE = 1 / 8
_BED_SHARE = 0.6
"""What is darker than this share of the paper over millimetres is scanner bed or shadow."""
_EDGE_SHARE = 0.12
"""Share of the paper's level by which light changes over 7 mm at the page's edge and the fold."""
_MIN_INK_STEP = 18.0
_INK_SHARE_OF_PAPER = 0.12
"""Show-through of a worn page reaches 12 % of the paper's level; ink is darker."""
_NOISE_FACTOR = 4.0
_MEDIAN_STEP = 0.954
"""Median absolute difference of two normal values in standard deviations."""
_DARK, _BRIGHT = 64, 250
_MIN_EDGE_PIXELS = 400
"""Some four letters: fewer edges tell nothing of blur or slant."""
_PRE_BLUR = 0.6
"""Pixels at 150 dpi: takes off grain that would pass for detail, little of the detail."""
_STEP = np.array([[-1.0, 0.0, 1.0]], np.float32)
_BEND = np.array([[1.0, -2.0, 1.0]], np.float32)
_LETTER_MM = (0.8, 25.0)
"""Long side of a letter, or of a word whose letters hang together."""
_WRITING_MARGIN_MM = 6.0
_STROKE_SPAN, _STROKES_MM = 0.2, 3.5
"""Share of the page, both ways, that a stroke crossing it out spans; ink of two such strokes on
the length of one. A table has ten times as much."""
_COARSE_SKEW = 8.0
"""Degrees from which a slant is measured a second time, exactly."""
_BORDER_PX = 4
"""Depth of a stretch along the border, 0.7 mm; averaging over it halves the grain."""
_WINDOW_MM = 12.0
_GAP_MM = 1.0
_LONGEST_RUN_MM = 15.0


@dataclass(frozen=True)
class Measures:
    """What is measured before it is judged. Levels are 0..255."""

    paper: float
    ink: float
    ink_share: float
    dark_share: float
    bright_share: float
    sharpness: float
    """1 / mm: share of detail at edges; infinite where too little ink tells anything."""
    skew: float
    """Degrees, -45..45; 0 where nothing tells."""
    border_runs: tuple[int, int, int, int]
    """Pieces of ink that touch the left, top, right, bottom border of the image."""


def measure(scan: Scan) -> Measures:
    """Measures a scan at 150 dpi."""
    factor = WORK_DPI / scan.dpi
    grey: Pixels = scan.grey if abs(factor - 1) < _SAME_SCALE else _resize(scan.grey, factor)
    if min(grey.shape) < _LEAST_PIXELS:
        return Measures(float(grey.mean()), 0.0, 0.0, 0.0, 0.0, math.inf, 0.0, (0, 0, 0, 0))
    light, page = _light(grey)
    paper = float(np.percentile(light, 80))
    depth = cv2.subtract(cv2.resize(light, grey.shape[::-1]), grey)
    clear, grain = max(_MIN_INK_STEP, _INK_SHARE_OF_PAPER * paper), _NOISE_FACTOR * _noise(grey)
    step = max(clear, grain)
    ink = cv2.bitwise_and(_above(depth, step), page)
    levels = grey[::2, ::2][ink[::2, ::2] > 0]
    sharpness, skew = _edges(grey, ink, page)
    if abs(skew) > _COARSE_SKEW:
        # Strokes over the whole page slant; they tell nothing of how it lay or how sharp it is.
        sharpness, skew = _edges(grey, _without_strokes(ink), page)
    return Measures(
        paper=paper,
        ink=float(np.percentile(levels, 20)) if levels.size else 0.0,
        ink_share=_writing_share(ink, page),
        dark_share=float(np.mean(grey[::2, ::2] < _DARK)),
        bright_share=float(np.mean(grey[::2, ::2] >= _BRIGHT)),
        sharpness=sharpness,
        skew=skew,
        border_runs=_border_runs(grey, page, max(clear, grain / math.sqrt(_BORDER_PX))),
    )


def _above(grey: Pixels, level: float) -> Pixels:
    return cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)[1]


def _resize(grey: Pixels, factor: float) -> Pixels:
    width, height = (max(1, round(side * factor)) for side in grey.shape[::-1])
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)


def _light(grey: Pixels) -> tuple[Pixels, Pixels]:
    """Level of the empty page around each point, at 1/8 size, and where the page lies.

    The page mask keeps some millimetres away from the scanner bed, be it black or white, from
    the page's edge and from the fold.
    """
    small = _resize(grey, _LIGHT_SCALE)
    light = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), 9)
    paper = float(np.percentile(light, 80))
    lit = _above(light, _BED_SHARE * paper)
    lit = cv2.erode(lit, np.ones((7, 7), np.uint8), borderValue=255)
    change = cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    lit = cv2.bitwise_and(lit, cv2.bitwise_not(_above(change, _EDGE_SHARE * paper)))
    return light, cv2.resize(lit, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)


def _writing_share(ink: Pixels, page: Pixels) -> float:
    """Share of the page under ink of the size of letters: no grain, fold, page edge or table.

    Counted at 75 dpi, away from the image's border.
    """
    half = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = cv2.threshold(half, 100, 255, cv2.THRESH_BINARY)[1]
    pieces = cv2.connectedComponentsWithStats(half)[2][1:]
    x, y, width, height, area = pieces.T
    px = _PX_PER_MM / 2
    margin = _WRITING_MARGIN_MM * px
    long_side, short_side = np.maximum(width, height), np.minimum(width, height)
    letters = (
        (long_side >= _LETTER_MM[0] * px)
        & (long_side <= _LETTER_MM[1] * px)
        & (short_side >= _LETTER_MM[0] / 2 * px)
        & (np.minimum(x, y) > margin)
        & (x + width < half.shape[1] - margin)
        & (y + height < half.shape[0] - margin)
    )
    return float(area[letters].sum()) * 4 / max(cv2.countNonZero(page), 1)


def _without_strokes(ink: Pixels) -> Pixels:
    """Ink without what reaches over a good part of the page and is no thicker than pen strokes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    across, down = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    wide = np.minimum(across / ink.shape[1], down / ink.shape[0]) >= _STROKE_SPAN
    thick = stats[:, cv2.CC_STAT_AREA] / np.hypot(across, down) / _PX_PER_MM
    strokes = wide & (thick <= _STROKES_MM)
    strokes[0] = False
    return np.asarray(np.where(strokes[labels], 0, ink), np.uint8) if strokes.any() else ink


def _noise(grey: Pixels) -> float:
    """Standard deviation of noise, from differences of neighbours: most neighbours are paper."""
    left, right = grey[::4, :-1:4], grey[::4, 1::4]
    return float(np.median(cv2.absdiff(left, right))) / _MEDIAN_STEP


def _edges(grey: Pixels, ink: Pixels, page: Pixels) -> tuple[float, float]:
    """Sharpness (1 / mm) and skew (degrees) of the edges of ink.

    Sharpness is the ratio of bend to step (second to first difference, root mean square)
    along the strokes' edges: 0.71 / sigma for an edge blurred by sigma. A ratio cancels the
    contrast, a mean over edges the amount of ink, and what the same two measures find on
    empty paper (noise) is taken off first. The worse direction counts: a jerk of the scanner
    blurs one.
    """
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8))
    near = cv2.bitwise_and(near, page)
    calm = cv2.bitwise_and(cv2.bitwise_not(cv2.dilate(near, np.ones((5, 5), np.uint8))), page)
    edges, empty = cv2.countNonZero(near), cv2.countNonZero(calm)
    if edges < _MIN_EDGE_PIXELS:
        return math.inf, 0.0
    smooth = cv2.GaussianBlur(grey, (0, 0), _PRE_BLUR)
    ratios = []
    slopes = []
    for turn in (False, True):
        changes = [
            cv2.filter2D(smooth, cv2.CV_16S, kernel.T if turn else kernel)
            for kernel in (_STEP, _BEND)
        ]
        slopes.append(changes[0])
        step, bend = (
            cv2.norm(change, cv2.NORM_L2SQR, near) / edges
            - cv2.norm(change, cv2.NORM_L2SQR, calm) / max(empty, 1)
            for change in changes
        )
        step /= 4  # the kernel spans two pixels
        ratios.append(math.sqrt(max(bend, 0.0) / step) if step > 1 else math.inf)
    sharpness = min(ratios) * _PX_PER_MM
    return sharpness, _skew(slopes[0], slopes[1], near)


def _skew(across: Pixels, down: Pixels, near: Pixels) -> float:
    """Slant of rules and letters: the commonest direction of edges, modulo a quarter turn."""
    picked = np.flatnonzero(near)[:: max(1, cv2.countNonZero(near) // 60_000)]
    x, y = across.ravel()[picked].astype(np.float32), down.ravel()[picked].astype(np.float32)
    weight = x * x + y * y
    weight[weight < np.percentile(weight, 60)] = 0
    angle = np.degrees(np.arctan2(y, x)) % 90
    share, _ = np.histogram(angle, bins=180, range=(0, 90), weights=weight)
    ring = np.concatenate([share[-4:], share, share[:4]])
    smooth = np.convolve(ring, np.ones(5), "same")[4:-4]
    peak = (int(np.argmax(smooth)) + 0.5) / 2
    coarse = peak - 90 if peak > 45 else peak
    return _refined(coarse, near) if abs(coarse) > _COARSE_SKEW else coarse


def _refined(coarse: float, ink: Pixels) -> float:
    """The angle near a coarse one at which lines (or columns, on a quarter turn) project sharpest.

    Slants of letters pull the commonest direction by some degrees; lines do not slant.
    """
    picked = np.flatnonzero(ink)[:: max(1, cv2.countNonZero(ink) // 20_000)]
    y, x = np.divmod(picked, ink.shape[1])

    def sharpness(degrees: float) -> int:
        turn = math.radians(degrees)
        across, down = (
            x * math.cos(turn) + y * math.sin(turn),
            y * math.cos(turn) - x * math.sin(turn),
        )
        return max(_concentration(across), _concentration(down))

    angles = [coarse + offset / 2 for offset in range(-16, 17)]
    return max(angles, key=sharpness)


def _concentration(places: NDArray[np.float64]) -> int:
    counts = np.bincount((places - places.min()).astype(np.int64) // 3)
    return int(np.sum(counts.astype(np.int64) ** 2))


def _border_runs(grey: Pixels, page: Pixels, step: float) -> tuple[int, int, int, int]:
    """Pieces of ink that run out of the image: left, top, right, bottom.

    Two stretches along each side, one behind the other, are averaged into lines and compared
    with their median over a centimetre, so that the shadow which the fold of a book leaves
    along a side is no ink. Ink must show in both, which specks do not; long pieces are the
    page's own edge.
    """
    sides = ((grey, page), (grey.T, page.T), (grey[:, ::-1], page[:, ::-1]))
    runs = [_runs(*side, step) for side in (*sides, (grey.T[:, ::-1], page.T[:, ::-1]))]
    return runs[0], runs[1], runs[2], runs[3]


def _runs(grey: Pixels, page: Pixels, step: float) -> int:
    """Pieces of ink that run out on the left."""
    depth = _BORDER_PX
    inside = page[:, : 2 * depth].min(axis=1) > 0
    for start in (0, depth):
        line = grey[:, start : start + depth].mean(axis=1).astype(np.uint8)[None, :]
        window = int(min(_WINDOW_MM * _PX_PER_MM, line.size)) // 2 * 2 - 1
        inside &= cv2.subtract(cv2.medianBlur(line, max(3, window)), line)[0] > step
    at = np.flatnonzero(inside)
    if not at.size:
        return 0
    breaks = np.flatnonzero(np.diff(at) > _GAP_MM * _PX_PER_MM)
    starts, ends = at[np.r_[0, breaks + 1]], at[np.r_[breaks, at.size - 1]]
    return int(np.count_nonzero(ends - starts < _LONGEST_RUN_MM * _PX_PER_MM))
