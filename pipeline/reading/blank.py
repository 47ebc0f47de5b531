"""Tells an empty cell from a written one, so that nothing is invented and nothing lost.

What counts is single strokes, not the share of dark pixels: a ditto mark is two strokes in
an empty cell, and a stained cell is dark all over.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.reading.ink import Ink, Mask, pixels

_INSET_MM = 0.4
"""What lies nearer to the edge of the cell is the rest of its frame."""


@dataclass(frozen=True)
class Mark:
    """A connected piece of ink: length of its longer side and area in millimetres, its
    greatest depth in grey levels, and the depth in standard deviations of the paper's noise.
    """

    length: float
    area: float
    depth: float
    clearness: float


def written(ink: Ink, inside: Mask, dpi: float) -> tuple[Mark, ...]:
    """Pieces of ink that lie mostly in the cell."""
    inset = 2 * pixels(_INSET_MM, dpi) + 1
    core = cv2.erode(inside, np.ones((inset, inset), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    if count < 2:
        return ()
    within = np.bincount(labels[core > 0], minlength=count)
    scale = 25.4 / dpi
    marks = []
    for n in range(1, count):
        x, y, w, h, area = stats[n]
        if area * scale * scale < 0.06 or within[n] < 0.5 * area:
            continue
        piece = ink.depth[y : y + h, x : x + w][labels[y : y + h, x : x + w] == n]
        deep = float(np.percentile(piece, 90))
        marks.append(
            Mark(
                length=max(w, h) * scale,
                area=float(area) * scale * scale,
                depth=deep,
                clearness=deep / max(ink.noise, 0.5),
            )
        )
    return tuple(marks)


def is_blank(marks: tuple[Mark, ...]) -> bool:
    """True where no mark is a stroke of a pen, a type or a press."""
    return not any(mark.length >= 0.5 and mark.area >= 0.1 and mark.depth >= 18.0 for mark in marks)
