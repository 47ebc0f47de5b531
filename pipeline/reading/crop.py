"""Cuts a cell out of a page: straight, grey, free of rules, leaders, labels and neighbours.

Never binarized: Tesseract reads a binarized crop far worse than a grey one (anchors.md 2.2).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.blank import is_blank
from pipeline.reading.ink import Mask, ink_of, pixels
from pipeline.reading.leaders import without_leaders
from pipeline.reading.own import own_ink, picture
from pipeline.reading.rules import without_rules
from pipeline.types import Cell, Crop, Grey, PageImage, Polygon

_MARGIN_MM = 1.0
"""Outward: dấu on capitals and descenders cross the rules of a full row."""
_LABEL_RIM_MM = 0.4
"""Around a printed label, for its colon and its blur."""
_STRAIGHT_PX = 1.2
"""A box that is this straight is cut, not warped: each warp blurs a little."""


def cut(page: PageImage, cell: Cell, dpi: float = 150.0) -> Crop:
    """The crop of one cell, ``blank`` decided.

    A polygon of four corners is made straight by perspective; any other is cut by its
    bounding box, and what lies outside of it is painted over. The crop is averaged over
    areas down to ``dpi``, which also takes most of the noise; a page below it is not enlarged.
    """
    scale = min(1.0, dpi / page.dpi)
    dpi = page.dpi * scale
    margin = pixels(_MARGIN_MM, page.dpi)
    matrix, width, height = _frame(cell.polygon, margin)
    image = _pull(page.grey, matrix, (height + 2 * margin, width + 2 * margin))
    if scale < 1.0:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = np.diag([scale, scale, 1.0]) @ matrix
    margin = pixels(_MARGIN_MM, dpi)
    inside = _fill(image.shape, (cell.polygon,), matrix)
    printed = _fill(image.shape, cell.printed, matrix)
    if cell.printed:
        rim = 2 * pixels(_LABEL_RIM_MM, dpi) + 1
        printed = np.asarray(cv2.dilate(printed, np.ones((rim, rim), np.uint8)), np.uint8)
    if len(cell.polygon) != 4:
        reach = 2 * margin + 1
        printed |= ~cv2.dilate(inside, np.ones((reach, reach), np.uint8))
    return _clean(image, inside, printed, dpi, margin, cell)


def _clean(image: Grey, inside: Mask, printed: Mask, dpi: float, margin: int, cell: Cell) -> Crop:
    ink = ink_of(image, dpi, ignore=printed)
    depth = without_rules(ink.depth, ink.faint, ink.mask, ink.faint_level, dpi, margin)
    depth = without_leaders(depth, replace(ink, depth=depth).faint, dpi)
    own = own_ink(replace(ink, depth=depth), image, inside, dpi, cell.lines)
    return Crop(
        image=picture(image, ink, own, dpi),
        dpi=dpi,
        field=cell.field,
        lines=cell.lines,
        blank=is_blank(own, inside, dpi),
        ink_share=round(cv2.countNonZero(own.mask & inside) / inside.size, 5),
    )


def _frame(polygon: Polygon, margin: int) -> tuple[NDArray[np.float64], int, int]:
    """Page pixels to crop pixels, and the size of the polygon in the crop."""
    points = np.array(polygon, np.float64)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    if len(points) == 4:
        a, b, c, d = points
        bent = max(abs(a[1] - b[1]), abs(d[1] - c[1]), abs(a[0] - d[0]), abs(b[0] - c[0]))
        if bent > _STRAIGHT_PX:
            width = max(1, round((np.hypot(*(b - a)) + np.hypot(*(c - d))) / 2))
            height = max(1, round((np.hypot(*(d - a)) + np.hypot(*(c - b))) / 2))
            target = np.array([(0, 0), (width, 0), (width, height), (0, height)]) + margin
            matrix = cv2.getPerspectiveTransform(
                points.astype(np.float32), target.astype(np.float32)
            )
            return np.asarray(matrix, np.float64), width, height
    shift = np.eye(3)
    shift[:2, 2] = margin - np.floor([left, top])
    return shift, max(1, round(right - left)), max(1, round(bottom - top))


def _pull(grey: Grey, matrix: NDArray[np.float64], shape: tuple[int, int]) -> Grey:
    height, width = shape
    if (matrix[:2, :2] == np.eye(2)).all() and not matrix[2, :2].any():
        left, top = -int(matrix[0, 2]), -int(matrix[1, 2])
        # Outside of the page the last row or column goes on.
        rows = np.clip(np.arange(top, top + height), 0, grey.shape[0] - 1)
        columns = np.clip(np.arange(left, left + width), 0, grey.shape[1] - 1)
        return grey[np.ix_(rows, columns)]
    return np.asarray(
        cv2.warpPerspective(
            grey,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _fill(shape: tuple[int, ...], areas: tuple[Polygon, ...], matrix: NDArray[np.float64]) -> Mask:
    out = np.zeros(shape, np.uint8)
    for area in areas:
        corners = cv2.perspectiveTransform(np.array([area], np.float64), matrix)[0]
        cv2.fillPoly(out, [np.round(corners).astype(np.int32)], 255)
    return out
