"""The small copy of a picture on which geometry is found, and the way back to full size."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.types import Grey

MM_PER_INCH = 25.4
WORK_DPI = 100.0
"""A rule of 0.2 mm still darkens a pixel by three quarters; an opening of A3 has 2 megapixels."""


def shrink(grey: Grey, dpi: float, to: float = WORK_DPI) -> tuple[Grey, float]:
    """The picture at about ``to`` dpi, and how many of its pixels make one small pixel.

    Averages areas, so noise goes before anything is looked for. Pictures that are small
    already stay as they are.
    """
    factor = max(1.0, dpi / to)
    height, width = grey.shape
    if abs(factor - round(factor)) < 0.08:
        whole = round(factor)
        if whole == 1:
            return grey, 1.0
        return _squares(grey, whole), float(whole)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8), width / size[0]


def _squares(grey: Grey, side: int) -> Grey:
    """Means of squares of pixels; the last ones hold what is left at the edges.

    OpenCV averages four times as fast where a picture is a whole number of them.
    """
    height, width = (length // side * side for length in grey.shape)
    rows = [(slice(0, height), height // side), (slice(height, None), 1)]
    columns = [(slice(0, width), width // side), (slice(width, None), 1)]
    small = np.empty((-(-grey.shape[0] // side), -(-grey.shape[1] // side)), np.uint8)
    for top, (down, high) in zip((0, height // side), rows, strict=True):
        for left, (across, wide) in zip((0, width // side), columns, strict=True):
            piece = grey[down, across]
            if piece.size:
                mean = cv2.resize(piece, (wide, high), interpolation=cv2.INTER_AREA)
                small[top : top + high, left : left + wide] = mean
    return small


def darkness(small: Grey, dpi: float) -> Grey:
    """How much darker a pixel is than the paper within a few millimetres, 0..255.

    Args:
        small: picture at work resolution.
        dpi: its resolution.

    Returns:
        0 on bare paper, 255 for black; shadows wider than a line of writing are gone.
    """
    wide = odd(3.0, dpi)
    paper = cv2.morphologyEx(
        cv2.GaussianBlur(small, (3, 3), 0), cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8)
    )
    paper = cv2.blur(paper, (wide, wide))
    ink = cv2.subtract(paper, small)
    return np.asarray(cv2.divide(ink, np.maximum(paper, 40), scale=255), dtype=np.uint8)


def odd(millimetres: float, dpi: float) -> int:
    """A length in pixels as an odd number, at least 3, as filters want it."""
    return max(3, round(millimetres * dpi / MM_PER_INCH)) | 1
