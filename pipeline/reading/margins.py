"""What stands in the margin of a page besides notes: its rule, and the edge of the paper.

A margin's box reaches out to where the paper ends, so that no note is missed. The shadow there
and the printed rule run upright or level for centimetres; writing does not.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.reading.ink import pixels
from pipeline.reading.pieces import Mask, Pieces, grown

_UPRIGHT_MM, _LEVEL_MM = 9.0, 16.0
"""Ink that runs on so far is no writing; the tallest letters have 7 mm, an underline 15."""
_GAP_MM = 0.5
"""Grain tears the shadow along the edge; so much is bridged along its way."""
_RIM_MM = 1.2
"""Ragged rim of the shadow, which goes with it."""
_RULE_MM = 0.6
"""A rule strays so far from straight."""
_NEAR_MM = 3.0
"""So near to such a run specks are its own rest."""


def edges(inked: Mask, dpi: float) -> Mask:
    """Long upright and level runs of ink, with their rims.

    Args:
        inked: where a crop of a margin has ink, pale ink included.
        dpi: resolution of the crop.
    """
    upright = _runs(inked, _UPRIGHT_MM, dpi, upright=True)
    level = _runs(inked, _LEVEL_MM, dpi, upright=False)
    return _wider(upright | level, _RIM_MM, dpi) | _drawn_out(upright, dpi)


def away_from(edge: Mask, inside: Mask, dpi: float) -> Mask:
    """The part of a cell that lies away from edges; specks beside them say nothing."""
    return np.asarray(inside & ~_wider(edge, _NEAR_MM, dpi), np.uint8)


def _drawn_out(upright: Mask, dpi: float) -> Mask:
    """Upright runs from the top to the bottom of the crop: where a rule is pale it goes on."""
    pieces, drawn = Pieces.of(upright), np.zeros_like(upright)
    for n in range(1, len(pieces)):
        rows, columns = np.nonzero(pieces.labels == n)
        off = rows - rows.mean()
        lean = float(off @ columns) / max(1.0, float(off @ off))
        ends = (columns.mean() + lean * (y - rows.mean()) for y in (0, len(upright) - 1))
        first, last = (round(float(x)) for x in ends)
        width = 2 * pixels(_RULE_MM, dpi) + 1
        cv2.line(drawn, (first, 0), (last, len(upright) - 1), 255, width)
    return drawn


def _wider(mask: Mask, by_mm: float, dpi: float) -> Mask:
    size = 2 * pixels(by_mm, dpi) + 1
    return grown(mask, size, size) if mask.any() else mask


def _runs(inked: Mask, length_mm: float, dpi: float, *, upright: bool) -> Mask:
    gap, length = pixels(_GAP_MM, dpi) | 1, pixels(length_mm, dpi)
    shapes = [np.ones((n, 1) if upright else (1, n), np.uint8) for n in (gap, length)]
    closed = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, shapes[0])
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, shapes[1]), np.uint8)
