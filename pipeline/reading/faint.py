"""The writing of a grainy cell with all the ink around it: pale marks that cleaning takes for dirt.

On a worn page the grain is nearly as deep as a pale dấu, so that the clean picture of a cell
leaves marks out with the grain, and now and then a letter ("Bang La" for "Bàng La"). Here the
grain stays around the writing, paler: Tesseract sees the letters through it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import Ink, pixels
from pipeline.reading.own import Own
from pipeline.reading.pieces import Mask, grown
from pipeline.types import Crop, Grey

GRAINY = 3.5
"""Noise (grey levels) from which marks are lost: mild and medium wear stay below."""
_UP_MM, _DOWN_MM, _ASIDE_MM = 1.7, 1.2, 3.0
"""How far above, below and beside what was surely writing the rest of it may be."""
_STRANGE = 20
"""Pixels from which a piece at the border that is not the cell's own is no grain."""
_LEAST_DEEP, _LEAST_LEFT = 30.0, 20.0
_GRAIN, _MORE = 1.5, 3.0
"""Deviations of the grain that are taken off the ink: in the picture, and where more is."""
_SOFT = 0.7
"""Sigma (pixels) of the softer picture."""


def around(ink: Ink, own: Own, dpi: float) -> tuple[Grey, float] | None:
    """A cell's writing with all ink near it, and how deep its grain still is; None of a clean cell.

    Args:
        ink: ink map of the crop, rules and leaders taken out.
        own: what of it is surely the cell's own writing.
        dpi: of both.

    Returns:
        Picture of the crop's shape, dark on white, and grey levels of its grain.
    """
    if ink.noise < GRAINY or not own.mask.any():
        return None
    deep = np.where(_zone(own, dpi), ink.depth, 0).astype(np.float32)
    grain = _GRAIN * ink.noise
    full = max(_LEAST_DEEP, float(np.percentile(deep[own.mask > 0], 95)))
    left = max(_LEAST_LEFT, full - grain)
    return _drawn(np.maximum(deep - grain, 0), left), 255.0 * (_MORE - _GRAIN) * ink.noise / left


def _zone(own: Own, dpi: float) -> Mask:
    up, down, aside = (pixels(mm, dpi) for mm in (_UP_MM, _DOWN_MM, _ASIDE_MM))
    zone = grown(own.mask, up + down + 1, 2 * aside + 1, (aside, down))
    pieces = own.pieces
    tall, wide = pieces.labels.shape
    border = (pieces.top == 0) | (pieces.left == 0)
    border |= (pieces.bottom == tall) | (pieces.right == wide)
    strange = pieces.mask(np.asarray(border & ~own.keep & (pieces.area > _STRANGE)))
    return np.asarray(zone & ~grown(strange, 3, 3), np.uint8)


def calmer(crop: Crop) -> Grey:
    """The faint picture of a crop with more of its grain, and of its ink, taken off."""
    assert crop.faint is not None
    deep = np.maximum((255.0 - crop.faint) - crop.grain, 0)
    return _drawn(deep, max(_LEAST_LEFT, 255.0 - crop.grain))


def softer(crop: Crop) -> Grey:
    """The faint picture of a crop with its grain smoothed."""
    assert crop.faint is not None
    return np.asarray(cv2.GaussianBlur(crop.faint, (0, 0), _SOFT), np.uint8)


def _drawn(deep: NDArray[np.floating], full: float) -> Grey:
    return np.asarray(255 - np.clip(deep * (255.0 / full), 0, 255), np.uint8)
