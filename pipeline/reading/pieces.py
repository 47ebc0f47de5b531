"""Connected pieces of ink, and growing and shrinking of masks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

Mask = NDArray[np.uint8]
"""Shape of its picture, 255 where it holds, else 0."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of a mask; piece 0 is what is not in it.

    ``labels`` has the shape of the mask; box, area (pixels) and centres (x, y) are by piece.
    """

    labels: NDArray[np.int32]
    left: NDArray[np.int32]
    top: NDArray[np.int32]
    width: NDArray[np.int32]
    height: NDArray[np.int32]
    area: NDArray[np.int32]
    centres: NDArray[np.float64]

    @classmethod
    def of(cls, mask: Mask) -> Pieces:
        """Pieces whose pixels touch by side or corner."""
        _, found, stats, middles = cv2.connectedComponentsWithStats(mask, connectivity=8)
        left, top, width, height, area = np.asarray(stats, np.int32).T
        labels, centres = np.asarray(found, np.int32), np.asarray(middles, np.float64)
        return cls(labels, left, top, width, height, area, centres)

    def __len__(self) -> int:
        return len(self.area)

    @property
    def bottom(self) -> NDArray[np.int32]:
        """Row below each piece."""
        return self.top + self.height

    @property
    def right(self) -> NDArray[np.int32]:
        """Column right of each piece."""
        return self.left + self.width

    def within(self, area: Mask) -> NDArray[np.intp]:
        """Pixels of each piece inside an area."""
        return np.bincount(self.labels[area > 0], minlength=len(self))

    def touching(self, area: Mask) -> Flags:
        """Which pieces have a pixel in an area."""
        return np.asarray(self.within(area) > 0)

    def mass(self, depth: Grey) -> NDArray[np.float64]:
        """Sum of the ink's depth over each piece."""
        sums = np.bincount(self.labels.ravel(), weights=depth.ravel(), minlength=len(self))
        return np.asarray(sums, np.float64)

    def mask(self, chosen: Flags) -> Mask:
        """The chosen pieces as a mask; piece 0 is never in it."""
        values = np.where(chosen, 255, 0).astype(np.uint8)
        values[0] = 0
        return np.asarray(values[self.labels], np.uint8)


def grown(mask: Mask, rows: int, columns: int, anchor: tuple[int, int] = (-1, -1)) -> Mask:
    """The mask dilated by a box; ``anchor`` (x, y) is the box's own place, else its middle."""
    box = np.ones((rows, columns), np.uint8)
    return np.asarray(cv2.dilate(mask, box, anchor=anchor), np.uint8)


def shrunk(mask: Mask, size: int) -> Mask:
    """The mask eroded by a square."""
    return np.asarray(cv2.erode(mask, np.ones((size, size), np.uint8)), np.uint8)


def deeper(depth: Grey, level: float) -> Mask:
    """Where the ink is deeper than a level."""
    return np.asarray(cv2.threshold(depth, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
