"""A crop as the router sees it: letters of one height, and the cell on its true scale."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH
from pipeline.types import Crop, Grey

Floats = NDArray[np.float32]

LETTER_PX = 22.0
"""Height to which letters are brought: how something is written does not hang on its size."""
WIDEST, HIGHEST = 420, 96
"""What is looked at of letters, in pixels: some words tell as much as a long line."""
CELL_DPI = 100.0
CELL_WIDEST, CELL_HIGHEST = 420, 110
MEASURES = 6
"""Numbers of ``measures``."""
_INK = 128
_MOST = 4.0
_LEAST_PX = 8
_AROUND_PX = 3


def letters(image: Grey, larger: float = 1.0) -> Grey:
    """The ink of a clean crop, its letters about ``LETTER_PX`` high, with no paper around it.

    Args:
        image: dark on white.
        larger: times as high.
    """
    mask = _inked(image)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return np.full((_LEAST_PX, _LEAST_PX), 255, np.uint8)
    own = image[top : top + height, left : left + width]
    scale = min(_MOST, larger * LETTER_PX / _letter_height(_inked(own)))
    own = own[: round(HIGHEST / scale) + 1, : round(WIDEST / scale) + 1]
    return _resized(np.pad(own, _AROUND_PX, constant_values=255), scale, scale)


def true_scale(crop: Crop) -> Grey:
    """A clean crop of a cell at ``CELL_DPI``: what stands in it is told by its size on paper."""
    height, width = crop.image.shape
    scale = CELL_DPI / crop.dpi
    return _resized(crop.image, min(scale, CELL_WIDEST / width), min(scale, CELL_HIGHEST / height))


def measures(crop: Crop) -> Floats:
    """What no picture of a cell tells: ``MEASURES`` numbers, each about -2 to 2."""
    scale = MM_PER_INCH / crop.dpi
    height, width = crop.image.shape
    return np.array(
        [
            np.log1p(height * scale) - 2.5,
            np.log1p(width * scale) - 3.5,
            np.log1p(crop.depth) - 3.0,
            np.log1p(1000 * crop.ink_share) - 3.0,
            float(crop.struck),
            crop.lines,
        ],
        np.float32,
    )


def _resized(image: Grey, across: float, down: float) -> Grey:
    height, width = image.shape
    size = (max(_LEAST_PX, round(width * across)), max(_LEAST_PX, round(height * down)))
    way = cv2.INTER_AREA if min(across, down) < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)


def _letter_height(mask: Grey) -> float:
    """Usual height of what is tall in a picture cut to its ink, in pixels."""
    heights = np.sort(cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, 3])
    tall = heights[heights >= 0.5 * heights[int(0.9 * (len(heights) - 1))]]
    return max(1.0, float(tall[len(tall) // 2]))


def _inked(image: Grey) -> Grey:
    """255 where there is ink."""
    return np.asarray(cv2.threshold(image, _INK - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)
