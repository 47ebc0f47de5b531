"""Tells an empty cell from a written one, so that nothing is invented and nothing lost.

What counts is single strokes, not the share of dark pixels: a ditto mark is two strokes in
an empty cell, and a stained cell is dark all over.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.reading.ink import MM_PER_INCH, Ink, Mask, pixels

_INSET_MM = 0.4
"""What lies nearer to the edge of the cell is the rest of its frame."""
_LENGTH_MM = 0.5
_AREA_MM2 = 0.1
"""A stroke of a typed ditto mark is 0.3 mm by 0.8 mm."""


def is_blank(own: Ink, inside: Mask, dpi: float) -> bool:
    """True where no piece of the cell's own ink is a stroke of a pen, a type or a press."""
    inset = 2 * pixels(_INSET_MM, dpi) + 1
    core = cv2.erode(inside, np.ones((inset, inset), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(own.faint, connectivity=8)
    within = np.bincount(labels[core > 0], minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    scale = MM_PER_INCH / dpi
    longer = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    stroke = (longer * scale >= _LENGTH_MM) & (area * scale**2 >= _AREA_MM2)
    return not bool((stroke & (within >= 0.5 * area))[1:].any())
