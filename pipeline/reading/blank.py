"""Tells an empty cell from a written one, so that nothing is invented and nothing lost.

What counts is single strokes, not the share of dark pixels: a ditto mark is two strokes in
an empty cell, and a stained cell is dark all over.
"""

from __future__ import annotations

import numpy as np

from pipeline.reading.ink import MM_PER_INCH, Ink, pixels
from pipeline.reading.pieces import Mask, Pieces, shrunk

_INSET_MM = 0.4
"""What lies nearer to the edge of the cell is the rest of its frame."""
_LENGTH_MM = 0.5
_AREA_MM2 = 0.1
"""A stroke of a typed ditto mark is 0.3 mm by 0.8 mm."""


def is_blank(own: Ink, inside: Mask, dpi: float) -> bool:
    """True where no piece of the cell's own ink is a stroke of a pen, a type or a press."""
    pieces = Pieces.of(own.faint)
    within = pieces.within(shrunk(inside, 2 * pixels(_INSET_MM, dpi) + 1))
    scale = MM_PER_INCH / dpi
    long = np.maximum(pieces.width, pieces.height) * scale >= _LENGTH_MM
    stroke = long & (pieces.area * scale**2 >= _AREA_MM2) & (within >= 0.5 * pieces.area)
    return not bool(stroke[1:].any())
