"""The crop beside a field: its cell with a rim of the page around it, never above its weight."""

from __future__ import annotations

import cv2
import numpy as np

from desk.pictures.sheet import box_of
from pipeline.page.scale import MM_PER_INCH
from pipeline.types import Grey, Polygon

MOST_BYTES = 150_000
ASIDE_MM, ABOVE_MM = 2.5, 1.6
"""Context: dấu and descenders cross the rules, and a neighbour tells how a hand writes."""
_WIDEST = 1600
_QUALITIES = (82, 70, 55, 40, 25)
_PAPER_SHARE = 0.55
"""How far what lies outside the cell fades towards paper: seen as context, not as the field."""


def crop_jpeg(sheet: Grey, polygon: Polygon, dpi: float) -> bytes:
    """A cell of a shown page with its rim, as JPEG of at most ``MOST_BYTES``.

    Args:
        sheet: the shown page.
        polygon: the cell in its pixels; what lies outside of it is faded.
        dpi: of the shown page.
    """
    (left, top), (right, bottom) = box_of(polygon)
    aside, above = (mm * dpi / MM_PER_INCH for mm in (ASIDE_MM, ABOVE_MM))
    height, width = sheet.shape
    x0, x1 = _within(left - aside, right + aside, width)
    y0, y1 = _within(top - above, bottom + above, height)
    part = sheet[y0:y1, x0:x1]
    inside = np.zeros(part.shape, np.uint8)
    outline = np.round(np.array(polygon) - (x0, y0)).astype(np.int32)
    cv2.fillPoly(inside, [outline], (255,))
    inside = np.asarray(cv2.dilate(inside, np.ones((5, 5), np.uint8)), np.uint8)
    paper = float(np.percentile(part[::4, ::4], 85))
    faded = cv2.convertScaleAbs(part, alpha=1 - _PAPER_SHARE, beta=paper * _PAPER_SHARE)
    shown = np.where(inside > 0, part, faded)
    return encode(shown, MOST_BYTES)


def strip_jpeg(sheet: Grey, top: float, bottom: float) -> bytes:
    """A band of a shown page over its whole width, such as the headings of a table."""
    y0, y1 = _within(top, bottom, sheet.shape[0])
    return encode(sheet[y0:y1], MOST_BYTES)


def encode(picture: Grey, most: int) -> bytes:
    """A picture as JPEG of at most ``most`` bytes: smaller first, then coarser."""
    if picture.shape[1] > _WIDEST:
        share = _WIDEST / picture.shape[1]
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        picture = np.asarray(small, np.uint8)
    while True:
        for quality in _QUALITIES:
            data = jpeg(picture, quality)
            if len(data) <= most:
                return data
        half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        picture = np.asarray(half, np.uint8)


def jpeg(picture: Grey, quality: int) -> bytes:
    """A picture as JPEG."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def _within(low: float, high: float, size: int) -> tuple[int, int]:
    """A range of whole pixels inside the page, never empty."""
    start = min(max(0, int(low)), size - 1)
    return start, min(size, max(start + 1, int(np.ceil(high))))
