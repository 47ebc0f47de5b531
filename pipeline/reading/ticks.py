"""Ticked boxes: which printed squares carry a mark, and what the field therefore says.

A mark is a tick, a cross or a blackening: in all three there is ink in the middle of the
square, where print leaves none. The square's own print is the measure of how dark ink is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.types import Cell, Grey, Layout, PageImage, Polygon, Reading, TickBox, Word

READER = "ticks/1"
NONE_TICKED, SEVERAL_TICKED = "none_ticked", "several_ticked"
"""Notes of a reading: no square, or more than one, carries a mark. A person decides."""
BOX_UNSURE = "box_unsure"
"""Note of a reading: its place is in doubt."""
LEAST_THERE = 0.6
"""Confidence that a square is there, from which a mark in it is believed."""
_SIDE_PX = 48
"""A square is looked at so large, with half as much around it."""
_RIM = 0.24
"""Share of the side that its print, blurred and a little misplaced, may cover."""
_MIDDLE, _STEEP = 0.075, 90.0
"""Share of ink in the middle at which a mark is as likely as none, and how fast that turns."""
_INK = 0.45
"""Share of the print's own darkness from which a pixel is inked."""
_LEAST_DEPTH = 22.0
"""Grey levels below which nothing in a square counts as ink."""


def read_ticks(pages: Sequence[PageImage], layout: Layout) -> list[tuple[Cell, Reading]]:
    """One reading for each field of each entry that is ticked, in the layout's order.

    The cell lies on the ticked square, or around all of them where none or several are.
    """
    groups: dict[tuple[int, str], list[TickBox]] = defaultdict(list)
    for box in layout.ticks:
        groups[box.entry, box.field].append(box)
    return [_read(pages, boxes) for boxes in groups.values()]


def mark_chance(page: PageImage, polygon: Polygon) -> float:
    """Probability that a square (page pixels) carries a mark."""
    share = mark_share(page, polygon)
    return 1.0 / (1.0 + math.exp(-_STEEP * (share - _MIDDLE)))


def mark_share(page: PageImage, polygon: Polygon) -> float:
    """Share of the middle of a square that is inked, 0..1."""
    seen = _upright(page, polygon)
    rim = _SIDE_PX // 2
    inner = round(_RIM * _SIDE_PX)
    paper = float(np.percentile(seen, 80))
    depth = paper - seen.astype(np.float32)
    square = depth[rim - 3 : rim + _SIDE_PX + 3, rim - 3 : rim + _SIDE_PX + 3]
    print_depth = max(_LEAST_DEPTH, float(np.percentile(square, 88)))
    middle = depth[rim + inner : rim + _SIDE_PX - inner, rim + inner : rim + _SIDE_PX - inner]
    return float(np.mean(middle > max(_LEAST_DEPTH, _INK * print_depth)))


def _upright(page: PageImage, polygon: Polygon) -> Grey:
    rim = _SIDE_PX // 2
    ends = ((rim, rim), (rim + _SIDE_PX, rim), (rim + _SIDE_PX, rim + _SIDE_PX))
    source = np.array(polygon[:3], np.float32)
    matrix = cv2.getAffineTransform(source, np.array(ends, np.float32))
    size = (2 * rim + _SIDE_PX, 2 * rim + _SIDE_PX)
    seen = cv2.warpAffine(
        page.grey, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 1.2), np.uint8)


def _read(pages: Sequence[PageImage], boxes: Sequence[TickBox]) -> tuple[Cell, Reading]:
    chances = [mark_chance(pages[box.page], box.polygon) for box in boxes]
    there = [box.confidence >= LEAST_THERE for box in boxes]
    marked = [n for n, chance in enumerate(chances) if chance >= 0.5 and there[n]]
    sure = math.prod(max(chance, 1 - chance) for chance in chances)
    if len(marked) == 1:
        box = boxes[marked[0]]
        # Where a square is not surely there, neither is what its neighbours leave over.
        least = min(one.confidence for one in boxes)
        text, probability = box.choice, sure * (0.5 + 0.5 * least)
        if not all(there):
            probability = min(probability, least)
        word = (Word(text, chances[marked[0]]),)
        reading = Reading(text, word, chances[marked[0]], probability, READER)
        return _cell(box, box.polygon, 1.0), reading
    around = _around([box.polygon for box in boxes])
    cell = _cell(boxes[0], around, 1.0)
    if marked:
        texts = tuple((boxes[n].choice, chances[n] / sum(chances)) for n in marked)
        best = max(texts, key=lambda one: one[1])[0]
        notes = (SEVERAL_TICKED,)
        return cell, Reading(best, (), 0.5, 0.5, READER, alternatives=texts, notes=notes)
    if not all(there):
        # Print beside a square that was not found must not be taken for its mark, nor for none.
        return cell, Reading("", (), 0.0, 0.0, READER, notes=(BOX_UNSURE,))
    return cell, Reading("", (), sure, sure, READER, blank=True, notes=(NONE_TICKED,))


def _cell(box: TickBox, polygon: Polygon, confidence: float) -> Cell:
    return Cell(box.page, box.entry, box.field, polygon, confidence)


def _around(polygons: Sequence[Polygon]) -> Polygon:
    points = np.array([point for polygon in polygons for point in polygon])
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
