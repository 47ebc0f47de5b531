"""Ditto marks known by their likes: small marks of one size at one place down a column.

A printer's ditto mark, blurred, is one small blot: alone, no reader can tell it from dirt. But
dirt does not come again in the same size at the same place of cell after cell, and no figure or
letter is so small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH
from pipeline.reading.signs import hand_sign
from pipeline.types import Crop

Floats = NDArray[np.float64]
_INK = 128
_FEWEST = 3
"""Cells of a column with such a mark: two spots may lie alike by chance."""
_SIZE_MM, _ASIDE_MM, _LEVEL_MM = 0.3, 0.8, 1.0
"""How far widths and heights, places along and places across the column may differ."""
_FLAT = 1.7
"""Width over height from which a mark is a dash, which says that there is nothing."""
_DITTO, _EMPTY = 0.25, 0.4
"""What the router must think of a group in the mean: at least, of ditto marks; at most, of dirt."""
RECURRING = 0.99
"""Probability of such a mark: 224 of 224 in six ledgers were one (docs/quality.md)."""


@dataclass(frozen=True)
class _Mark:
    """A lone small mark of the ``n``-th cell; lengths mm, its middle from the cell's corner."""

    n: int
    width: float
    height: float
    x: float
    y: float


def recurring_marks(crops: Sequence[Crop], ditto: Floats, empty: Floats) -> frozenset[int]:
    """Numbers of the cells of a scan that hold a mark which its column repeats.

    Args:
        crops: written cells of a scan.
        ditto: chance of a ditto mark of each, as the router sees it alone.
        empty: chance that what it holds is dirt.
    """
    columns: dict[str, list[_Mark]] = defaultdict(list)
    for n, crop in enumerate(crops):
        mark = _lone(n, crop)
        if mark is not None:
            columns[crop.field].append(mark)
    found: set[int] = set()
    for marks in columns.values():
        alike = _alike(marks)
        numbers = [mark.n for mark in alike]
        if len(alike) < _FEWEST:
            continue
        if ditto[numbers].mean() >= _DITTO and empty[numbers].mean() <= _EMPTY:
            found.update(numbers)
    return frozenset(found)


def _lone(n: int, crop: Crop) -> _Mark | None:
    if hand_sign(crop.image, crop.dpi)[0] != '"':
        return None
    left, top, width, height = cv2.boundingRect((crop.image < _INK).astype(np.uint8))
    scale = MM_PER_INCH / crop.dpi
    if width > _FLAT * height:
        return None
    return _Mark(
        n,
        width * scale,
        height * scale,
        (left + width / 2) * scale,
        (top + height / 2) * scale,
    )


def _alike(marks: Sequence[_Mark]) -> list[_Mark]:
    """Those that are like the middle one of them in size and place."""
    if not marks:
        return []
    width, height, x, y = np.median([(m.width, m.height, m.x, m.y) for m in marks], axis=0)
    return [
        mark
        for mark in marks
        if abs(mark.width - width) <= _SIZE_MM
        and abs(mark.height - height) <= _SIZE_MM
        and abs(mark.x - x) <= _ASIDE_MM
        and abs(mark.y - y) <= _LEVEL_MM
    ]
