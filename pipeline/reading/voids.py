"""Entries that were crossed out: rows struck from end to end, forms struck from corner to corner.

A stroke through a row runs on where nothing is written: between words, over empty cells. Writing
does not. So the row's best smooth line is sought, and what counts is how much of it is inked.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.impression import impression
from pipeline.page.scale import MM_PER_INCH
from pipeline.page.strokes import Slash, slashes
from pipeline.types import Cell, Grey, Layout, PageImage, Polygon

_DPI = 100.0
_PX = _DPI / MM_PER_INCH
_WIDE = 2.6
"""An entry so much wider than high is a row of a ledger."""
_INSET_MM = 0.9
"""Nearer to its edges the row's own rules may lie."""
_KNOT_MM = 10.0
"""Between knots the line is straight: a stroke bends no faster, writing does."""
_STEEPEST = 0.09
"""Rise of a stroke through a row, per length."""
_THICK_PX = 1
"""So far beside the line ink counts."""
_NOISES, _LEAST_INK = 3.0, 26.0
_PALEST = 0.4
"""Share of the page's usual depth of ink from which a pixel is inked."""
_HALF, _STEEP = 0.80, 28.0
"""Share of a row's line that is inked at which it is as likely struck as not; how fast it turns."""
_PROMISING = 0.65
"""Columns of a row with any ink, below which no line is sought."""
_SHARE = 0.45
"""Share of a form's width and height that a slanting stroke must span."""
_TOUCHED = 0.4
"""Of a long stroke over several rows of a ledger: a flourish is as long. A person is asked."""
_SLASHED = 0.97
_REACHES_OUT = 0.4
"""Of a stroke that spans the form but runs on beyond its boxes: clerks cross out heading and
signatures too, which no box covers. A person is asked, nothing stands as void by itself."""
_ABOVE_OTHERS = 0.1
"""By how much a struck row's line must be more inked than that of the page's middle row; else it
is printed in every row, or the whole page is crossed out."""
_PRINTED = 0.3
"""Most of such a row: a person is asked, and none stands as void by itself."""
_PALE = 0.3
"""Most of a stroke paler than the page's ink: pencil, or one on the back. A person is asked."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VoidMark:
    """An entry that may have been crossed out."""

    entry: int
    page: int
    polygon: Polygon
    """Around the entry, page pixels."""
    probability: float


def void_marks(
    pages: Sequence[PageImage],
    layout: Layout,
    strokes: Sequence[tuple[Slash, ...]] | None = None,
) -> tuple[VoidMark, ...]:
    """Entries of a scan through which strokes run, with the probability that they are void.

    Args:
        pages: of the scan.
        layout: boxes of the entries.
        strokes: slanting strokes of each page, pale ones too, where they are known.
    """
    rows: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in layout.cells:
        rows[cell.entry, cell.page].append(cell)
    chances: dict[int, list[tuple[int, float, Polygon]]] = defaultdict(list)
    for number, page in enumerate(pages):
        own = {entry: cells for (entry, on), cells in rows.items() if on == number}
        if not own:
            continue
        found = strokes[number] if strokes else slashes(page.grey, page.dpi, pale=True)
        for entry, (chance, around) in _on_page(page, own, found).items():
            chances[entry].append((number, chance, around))
    marks = []
    for entry, seen in sorted(chances.items()):
        # Through both halves of an opening: one half alone leaves it open.
        probability = sum(chance for _, chance, _ in seen) / len(seen)
        number, _, around = max(seen, key=lambda one: one[1])
        marks.append(VoidMark(entry, number, around, round(probability, 4)))
    return tuple(marks)


def _on_page(
    page: PageImage, entries: Mapping[int, Sequence[Cell]], strokes: Sequence[Slash]
) -> dict[int, tuple[float, Polygon]]:
    """Chance of each entry of a page that it is crossed out, and its outline."""
    ink: Grey | None = None
    found: dict[int, tuple[float, Polygon]] = {}
    flat: dict[int, float] = {}
    for entry, cells in entries.items():
        points = np.array([point for cell in cells for point in cell.polygon])
        (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        around = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        if x1 - x0 > _WIDE * (y1 - y0):
            if ink is None:
                ink = _mask(page)
            flat[entry] = inked_share(ink, cells, _PX * MM_PER_INCH / page.dpi)
            chance = max(row_chance(flat[entry]), _through(strokes, (x0, y0, x1, y1)))
        else:
            chance = _slashed(strokes, (x0, y0, x1, y1))
        found[entry] = (chance, around)
    usual = float(np.median(list(flat.values()))) if len(flat) > 2 else 0.0
    for entry, share in flat.items():
        chance, box = found[entry]
        if chance >= 0.5 and share < usual + _ABOVE_OTHERS:
            found[entry] = (_PRINTED, box)
    return found


def row_chance(share: float) -> float:
    """Probability that a row is struck, from the inked share of its best line."""
    return 1.0 / (1.0 + math.exp(-_STEEP * (share - _HALF)))


def _mask(page: PageImage) -> Grey:
    ink = impression(page.grey, page.dpi, _DPI)
    noise = 1.5 * float(np.median(ink[::3, ::3]))
    least = max(_LEAST_INK, _NOISES * noise)
    strong = ink[ink > least]
    if strong.size:  # what is much paler shines through from the back of the leaf
        least = max(least, _PALEST * float(np.percentile(strong, 75)))
    return np.asarray(cv2.threshold(ink, least, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def inked_share(ink: Grey, cells: Sequence[Cell], scale: float) -> float:
    """Share of the best line through a row, end to end, that is inked.

    Args:
        ink: 0 or 1, at 100 dpi.
        cells: of the row, on one page.
        scale: page pixels to those of ``ink``.
    """
    strip = _strip(ink, cells, scale)
    if strip is None:
        return 0.0
    if float(strip.any(axis=0).mean()) < _PROMISING:
        return 0.0  # a stroke from end to end leaves hardly a column without ink
    height, width = strip.shape
    near = cv2.dilate(strip, np.ones((2 * _THICK_PX + 1, 1), np.uint8)).astype(np.float64)
    step = max(4, round(_KNOT_MM * _PX))
    count = width // step
    if count < 4:
        return 0.0
    rise = max(1, math.ceil(_STEEPEST * step))
    # Coverage of the straight piece from height a at one knot to a + d at the next.
    along = np.arange(step)
    best: Floats = np.zeros((height, 2 * rise + 1))
    for n in range(count):
        piece = near[:, n * step : (n + 1) * step]
        gains = np.full((height, 2 * rise + 1), -np.inf)
        for at, d in enumerate(range(-rise, rise + 1)):
            offsets = np.round(along * d / step).astype(int)
            heights = np.arange(height)[:, None] + offsets[None, :]
            fits = (np.arange(height) + d >= 0) & (np.arange(height) + d < height)
            inside = np.clip(heights, 0, height - 1)
            gains[:, at] = np.where(fits, piece[inside, along].sum(axis=1), -np.inf)
        # A stroke keeps its way: from one piece to the next it turns by a step at most.
        turned = np.stack([best, _shift(best, 1), _shift(best, -1)]).max(axis=0) if n else best
        reached = turned + gains
        best = np.full_like(reached, -np.inf)
        for at, d in enumerate(range(-rise, rise + 1)):
            lower, upper = max(0, -d), min(height, height - d)
            best[lower + d : upper + d, at] = reached[lower:upper, at]
    return float(best.max() / (count * step))


def _shift(best: Floats, by: int) -> Floats:
    moved = np.full_like(best, -np.inf)
    if by > 0:
        moved[:, by:] = best[:, :-by]
    else:
        moved[:, :by] = best[:, -by:]
    return moved


def _strip(ink: Grey, cells: Sequence[Cell], scale: float) -> Grey | None:
    """The row drawn straight, without its edges."""
    tops, bottoms = [], []
    for cell in cells:
        points = np.array(cell.polygon) * scale
        half = len(points) // 2
        tops += points[:half].tolist()
        bottoms += points[half:].tolist()
    upper, lower = np.array(sorted(tops)), np.array(sorted(bottoms))
    left, right = max(upper[0, 0], lower[0, 0]), min(upper[-1, 0], lower[-1, 0])
    inset = _INSET_MM * _PX
    x = np.arange(left + inset, right - inset)
    y0 = np.interp(x, upper[:, 0], upper[:, 1]) + inset
    y1 = np.interp(x, lower[:, 0], lower[:, 1]) - inset
    height = round(float(np.median(y1 - y0)))
    if height < 6 or len(x) < 40:
        return None
    down = np.linspace(0, 1, height)[:, None]
    map_y = (y0[None, :] + down * (y1 - y0)[None, :]).astype(np.float32)
    map_x = np.broadcast_to(x.astype(np.float32)[None, :], map_y.shape).copy()
    return np.asarray(cv2.remap(ink, map_x, map_y, cv2.INTER_NEAREST), np.uint8)


def _slashed(strokes: Sequence[Slash], box: tuple[float, float, float, float]) -> float:
    """Chance that slanting strokes cross a form out: they span most of it, and stay near it."""
    x0, y0, x1, y1 = box
    spare = 0.12 * (y1 - y0)
    most = 0.0
    for stroke in strokes:
        left, right = sorted((stroke.x0, stroke.x1))
        across = min(right, x1) - max(left, x0)
        down = min(stroke.y1, y1) - max(stroke.y0, y0)
        inside = stroke.y0 >= y0 - spare and stroke.y1 <= y1 + spare
        if across >= _SHARE * (x1 - x0) and down >= _SHARE * (y1 - y0):
            chance = _SLASHED if inside else _REACHES_OUT
            most = max(most, min(chance, _PALE) if stroke.pale else chance)
    return most


def _through(strokes: Sequence[Slash], box: tuple[float, float, float, float]) -> float:
    """Chance that a long slanting stroke through the whole height of a row makes it void."""
    x0, y0, x1, y1 = box
    middle = (y0 + y1) / 2
    height = y1 - y0
    most = 0.0
    for stroke in strokes:
        long = stroke.y1 - stroke.y0 > 1.6 * height
        if long and stroke.y0 < middle < stroke.y1 and x0 <= (stroke.x0 + stroke.x1) / 2 <= x1:
            most = max(most, _PALE if stroke.pale else _TOUCHED)
    return most
