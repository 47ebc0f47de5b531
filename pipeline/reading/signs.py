"""Lone marks that Tesseract cannot read: ditto marks and dashes, known by their shape.

Tesseract drops a lone sign or reads letters into it (tesseract-ocr/tessdata_best#38); in a
register such a sign stands for the value above, or for none.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.types import Grey

_INK = 128
_DITTO_HEIGHT_MM = (0.45, 2.2)
_DITTO_WIDTH_MM = (0.5, 2.6)
_DASH_WIDTH_MM = (0.8, 6.0)
_DASH_HEIGHT_MM = 0.6
_FLAT = 2.6
"""Width over height of a dash; two small strokes run together are 2.4 at most."""
_SMALL_MM = (2.6, 1.45)
"""Width and height below which lone handwriting is no letter."""
_SMALL_SURE = 0.9
_STROKE_MM2 = 0.04
SURE = 0.95
"""Confidence of a sign: the shapes are plain, but dirt can look like them."""


def sign(image: Grey, dpi: float) -> str:
    """``"`` or ``-`` where that is all there is on a clean crop, else nothing.

    A ditto mark is two short upright strokes side by side; a dash one flat stroke.
    """
    scale = 25.4 / dpi
    ink = (image < _INK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stats = stats[1:]
    stats = stats[stats[:, cv2.CC_STAT_AREA] * scale * scale >= _STROKE_MM2]
    if not 1 <= len(stats) <= 2:
        return ""
    left, top = stats[:, 0].min(), stats[:, 1].min()
    width = float((stats[:, 0] + stats[:, 2]).max() - left) * scale
    height = float((stats[:, 1] + stats[:, 3]).max() - top) * scale
    w, h = stats[:, 2] * scale, stats[:, 3] * scale
    if len(stats) == 1:
        flat = height <= _DASH_HEIGHT_MM and width >= _FLAT * height
        return "-" if flat and _between(width, _DASH_WIDTH_MM) else ""
    beside = abs(int(stats[0, 0]) - int(stats[1, 0])) * scale > 0.3
    level = abs(int(stats[0, 1]) - int(stats[1, 1])) * scale <= 0.4 * height
    slim = bool((w <= 0.75 * h).all() and h.min() >= 0.6 * h.max())
    fits = _between(width, _DITTO_WIDTH_MM) and _between(height, _DITTO_HEIGHT_MM)
    return '"' if beside and level and slim and fits else ""


def hand_sign(image: Grey, dpi: float) -> tuple[str, float]:
    """The same for handwriting, with its confidence: two small strokes may have run together.

    Of 110 such marks in two faces 109 are known; of 5,000 other cells six worn ones are taken
    for one.
    """
    mark = sign(image, dpi)
    if mark:
        return mark, SURE
    ink = (image < _INK).astype(np.uint8)
    _, _, width, height = cv2.boundingRect(ink)
    scale = 25.4 / dpi
    small = width * scale <= _SMALL_MM[0] and height * scale <= _SMALL_MM[1]
    inked = cv2.countNonZero(ink) * scale * scale
    if small and inked >= 4 * _STROKE_MM2 and height * scale >= _DITTO_HEIGHT_MM[0]:
        return '"', _SMALL_SURE
    return "", 0.0


def _between(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
