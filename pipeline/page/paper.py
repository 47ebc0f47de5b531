"""Where the paper lies on the scanner's bed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.scale import odd
from pipeline.types import Grey

Hull = NDArray[np.float32]
_BED = 0.5
"""A bed darker than this share of the paper's tone is seen as not being paper."""
_LEAST_AREA = 0.04
_WHOLE = 0.985


def paper_hull(small: Grey, dpi: float) -> Hull:
    """Corners of the convex hull of the paper, shape (n, 2), pixels of ``small``.

    A bed as light as paper cannot be told from it: the hull is then the whole picture.
    """
    height, width = small.shape
    whole = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    tone = float(np.percentile(half[::2, ::2], 75))
    soft = cv2.blur(half, (odd(1.5, dpi / 2), odd(1.5, dpi / 2)))
    light = np.asarray(soft > _BED * tone, dtype=np.uint8)
    # Lines of writing and the shadow of the fold are bridged.
    kernel = np.ones((odd(5.0, dpi / 2), odd(5.0, dpi / 2)), np.uint8)
    for step in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN):
        light = np.asarray(cv2.morphologyEx(light, step, kernel), dtype=np.uint8)
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    large = [line for line in outlines if cv2.contourArea(line) > _LEAST_AREA * light.size]
    if not large:
        return whole
    points = np.concatenate([line.reshape(-1, 2) for line in large]).astype(np.float32)
    hull = cv2.convexHull(points * 2 + 0.5).reshape(-1, 2)
    if cv2.contourArea(hull) > _WHOLE * small.size:
        return whole
    return np.asarray(hull, dtype=np.float32)


def inside(hull: Hull, shape: tuple[int, int], shrink_by: int = 0) -> Grey:
    """Mask of the hull, 255 inside, drawn in by ``shrink_by`` pixels."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 255)
    if shrink_by > 0:
        mask = np.asarray(
            cv2.erode(
                mask,
                np.ones((2 * shrink_by + 1, 2 * shrink_by + 1), np.uint8),
                borderType=cv2.BORDER_CONSTANT,
                borderValue=0,
            ),
            dtype=np.uint8,
        )
    return mask
