"""Long slanting pen strokes: pages and entries that were crossed out.

Print, rules and lines of writing run level or upright; letters are short. What is left when
those are taken away and still runs straight for some centimetres is a stroke by which a
person made something void (Thông tư 04/2020 Đ.35), or a scratch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.scale import MM_PER_INCH, darkness, odd, shrink
from pipeline.types import Grey

_DPI = 75.0
_LEAST_NOISE = 14.0
_NOISES = 3.5
"""Spreads of the paper's noise from which a pixel is inked."""
_RULE_MM = 5.0
"""Level and upright runs of this length are rules, or flat strokes of print."""
_BODY_MM = 16.0
"""A piece of ink lower and narrower than this is no stroke through several lines."""
_LONG_MM = 28.0
_GAP_MM = 4.0
_ASIDE_MM = 4.0
"""Pieces this near to a longer one's line are parts of one stroke."""
_PALEST = 0.55
"""Depth of a stroke, of the page's usual ink: strokes on the back shine through at a third, those
of the page itself are as dark as its writing (generated pages, heavy wear)."""
_FAINT = 0.45
"""Depth below which even a stroke that may be pencil is taken for one on the back."""
_SLANT = (11.0, 80.0)
"""Degrees from the level between which strokes are made; a crooked scan's rules lie below."""

_LONGER, _SHORTER = (0.6, 0.25), (0.3, 0.1)
"""Shares of a page's width and height that the halves of a stroke over an opening span: rules and
the fold break them, so that of one half only a part may be seen."""
_ALIKE, _MEETING = 0.7, 0.08
"""How much the slopes of the halves may differ, and their heights at the gutter, of the page."""


@dataclass(frozen=True)
class Slash:
    """A straight slanting stroke from its upper to its lower end, page pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    pale: bool = False
    """Much paler than the page's ink: pencil, or on the back of the leaf."""

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return math.hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def falls(self) -> bool:
        """True where it runs from the upper left to the lower right."""
        return self.x1 > self.x0


def slashes(grey: Grey, dpi: float, *, pale: bool = False) -> tuple[Slash, ...]:
    """Slanting strokes of three centimetres and more on an upright page, longest first.

    Args:
        grey: the page, evenly lit.
        dpi: its resolution.
        pale: name those too that are paler than the page's ink.
    """
    small, factor = shrink(grey, dpi, _DPI)
    at = dpi / factor
    ink = darkness(small, at)
    inked = _inked(ink)
    rest = _slanting(inked, at)
    if not rest.any():
        return ()
    mm = at / MM_PER_INCH
    found = cv2.HoughLinesP(
        rest, 1, math.pi / 360, round(0.45 * _LONG_MM * mm),
        minLineLength=_LONG_MM * mm, maxLineGap=_GAP_MM * mm,
    )  # fmt: skip
    if found is None:
        return ()
    lines = np.asarray(found, dtype=np.float64).reshape(-1, 4)
    kept: list[NDArray[np.float64]] = []
    for line in lines[np.argsort(-np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]))]:
        steep = math.degrees(math.atan2(abs(line[3] - line[1]), abs(line[2] - line[0])))
        if not _SLANT[0] <= steep <= _SLANT[1]:
            continue
        at_one = next((n for n, one in enumerate(kept) if _along(line, one, mm)), None)
        if at_one is None:
            kept.append(line)
        else:
            kept[at_one] = _joined(kept[at_one], line)
    depths = [_depth(line, ink, inked) for line in kept]
    strokes = (
        _slash(line * factor, pale=depth < _PALEST)
        for line, depth in zip(kept, depths, strict=True)
        if depth >= (_FAINT if pale else _PALEST)
    )
    return tuple(sorted(strokes, key=lambda stroke: -stroke.length))


def _depth(line: NDArray[np.float64], ink: Grey, inked: Grey) -> float:
    """How dark a stroke is, of the page's ink: much paler ones may shine through from the back."""
    usual = float(np.percentile(ink[inked > 0], 75))
    share = np.linspace(0.03, 0.97, 200)
    across = np.clip(line[0] + (line[2] - line[0]) * share, 0, ink.shape[1] - 1).astype(int)
    down = np.clip(line[1] + (line[3] - line[1]) * share, 0, ink.shape[0] - 1).astype(int)
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8))[down, across]
    return float(np.median(near)) / max(1.0, usual)


def _inked(ink: Grey) -> Grey:
    sample = ink[::3, ::3]
    noise = max(_LEAST_NOISE, _NOISES * 1.5 * float(np.median(sample)))
    return np.asarray(cv2.threshold(ink, noise, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _slanting(ink: Grey, dpi: float) -> Grey:
    """Ink without rules and without pieces too small to be a stroke."""
    run = odd(_RULE_MM, dpi)
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((run, 1), np.uint8))
    rest = cv2.subtract(ink, cv2.bitwise_or(level, upright))
    # A stroke is cut where a rule crosses it.
    joined = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(joined), connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    low = np.minimum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    body = _BODY_MM * dpi / MM_PER_INCH
    large = (size >= body) & (low >= 0.2 * body)
    large[0] = False
    return np.asarray(np.where(large[labels], joined, 0), dtype=np.uint8)


def _along(line: NDArray[np.float64], other: NDArray[np.float64], mm: float) -> bool:
    """True where a line lies on the line of a longer one."""
    start, way = other[:2], _way(other)
    normal = np.array([-way[1], way[0]])
    return all(abs(float((end - start) @ normal)) < _ASIDE_MM * mm for end in (line[:2], line[2:]))


def _joined(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The longer line drawn out to the ends of both."""
    start, way = one[:2], _way(one)
    along = [float((end - start) @ way) for end in (one[:2], one[2:], other[:2], other[2:])]
    return np.concatenate([start + min(along) * way, start + max(along) * way])


def _way(line: NDArray[np.float64]) -> NDArray[np.float64]:
    step = line[2:] - line[:2]
    return np.asarray(step / max(1e-6, float(np.hypot(*step))), dtype=np.float64)


def _slash(line: NDArray[np.float64], *, pale: bool) -> Slash:
    x0, y0, x1, y1 = (float(value) for value in line)
    return Slash(x0, y0, x1, y1, pale) if y0 <= y1 else Slash(x1, y1, x0, y0, pale)


def crosses_page(strokes: tuple[Slash, ...], width: int, height: int, share: float = 0.45) -> bool:
    """True where strokes cross a page of this size from side to side and top to bottom.

    A page is crossed out by one long stroke or a cross; neither touches only a part of it.
    """
    return any(
        abs(stroke.x1 - stroke.x0) >= share * width and stroke.y1 - stroke.y0 >= share * height
        for stroke in strokes
    )


def crosses_opening(
    left: tuple[Slash, ...], right: tuple[Slash, ...], size: tuple[int, int], other: tuple[int, int]
) -> bool:
    """True where a stroke on the left page goes on over the gutter and they cross both pages.

    Args:
        left: strokes of the left page.
        right: strokes of the right page.
        size: width and height of the left page.
        other: width and height of the right page.
    """
    halves = ((one, other) for one in left for other in right)
    return any(
        (_spans(one, size, _LONGER) and _spans(second, other, _SHORTER))
        or (_spans(one, size, _SHORTER) and _spans(second, other, _LONGER))
        for one, second in halves
        if _go_on(one, second, size, other)
    )


def _spans(stroke: Slash, size: tuple[int, int], least: tuple[float, float]) -> bool:
    across, down = abs(stroke.x1 - stroke.x0) / size[0], (stroke.y1 - stroke.y0) / size[1]
    return across >= least[0] and down >= least[1]


def _go_on(one: Slash, other: Slash, size: tuple[int, int], next_size: tuple[int, int]) -> bool:
    """Whether two strokes, drawn out to the gutter, meet there on one line."""
    slopes = [(stroke.y1 - stroke.y0) / (stroke.x1 - stroke.x0 or 1e-6) for stroke in (one, other)]
    if not _ALIKE <= slopes[0] / (slopes[1] or 1e-6) <= 1 / _ALIKE:
        return False
    leaves = (one.y0 + slopes[0] * (size[0] - one.x0)) / size[1]
    comes = (other.y0 - slopes[1] * other.x0) / next_size[1]
    return abs(leaves - comes) <= _MEETING
