"""Cuts a cell out of a page: straight, grey, free of rules, leaders, labels and neighbours.

Never binarized: Tesseract reads a binarized crop far worse than a grey one (anchors.md 2.2).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.blank import is_blank, written
from pipeline.reading.ink import MM_PER_INCH, Ink, Mask, ink_of, pixels, writing_level
from pipeline.reading.leaders import leader_mask
from pipeline.reading.rules import without_rules
from pipeline.types import Cell, Crop, Grey, PageImage, Polygon

_MARGIN_MM = 1.0
"""Outward: dấu on capitals and descenders cross the rules of a full row."""
_LABEL_RIM_MM = 0.4
"""Around a printed label, for its colon and its blur."""
_BLUR_MM = 0.35
"""Soft edge of a stroke, kept with it."""
_PALEST = 30.0
"""Grey levels. Ink paler than this is not stretched to black: it would be noise."""
_TINY_MM2 = 0.05
_SPECK_MM = 0.75
_COMPANY_MM = (2.5, 1.4, 1.2, 0.5)
"""How far above, below, right and left of a letter its dots may be."""
_FRAME_MM = 0.6
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
    ruled = replace(ink, depth=depth)
    depth = np.where(leader_mask(ruled.faint, depth, dpi), 0, depth).astype(np.uint8)
    faint_level = min(ink.faint_level, 0.6 * writing_level(depth, ink.noise))
    faint_level = max(faint_level, 3.5 * ink.noise)
    rest = replace(ink, depth=depth, faint_level=faint_level)
    for unwanted in (_neighbours, _specks):
        depth = np.where(unwanted(rest.faint, inside, dpi), 0, depth).astype(np.uint8)
        rest = replace(rest, depth=depth)
    rest = replace(rest, level=writing_level(depth, ink.noise))
    marks = written(rest, inside, dpi)
    return Crop(
        image=_picture(image, ink, rest, dpi),
        dpi=dpi,
        field=cell.field,
        lines=cell.lines,
        blank=is_blank(marks),
        ink_share=round(float(np.count_nonzero(rest.mask & inside)) / max(1, int(inside.size)), 5),
    )


def _picture(image: Grey, before: Ink, after: Ink, dpi: float) -> Grey:
    """The grey picture with only the ink that was left, as deep as can be, on white."""
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    zone = cv2.dilate(after.faint, np.ones((rim, rim), np.uint8))
    lighter = cv2.add(image, cv2.subtract(before.depth, after.depth))
    deep = np.where(zone, cv2.subtract(after.paper, lighter), 0).astype(np.uint8)
    strokes = deep[after.mask > 0]
    full = max(_PALEST, float(np.percentile(strokes, 95))) if strokes.size else 255.0
    return np.asarray(255 - cv2.convertScaleAbs(deep, alpha=255.0 / full), np.uint8)


def _specks(mask: Mask, inside: Mask, dpi: float) -> Mask:
    """Bits too small for a mark, remains of the frame, and dots that belong to no letter.

    A dot belongs to a letter below or above it (dấu), or just left of it (full stop).
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    w, h = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    tiny = stats[:, cv2.CC_STAT_AREA] < _TINY_MM2 * (dpi / MM_PER_INCH) ** 2
    small = np.maximum(w, h) <= pixels(_SPECK_MM, dpi)
    small |= (h <= pixels(_SPECK_MM, dpi) / 2) & (w <= 2 * pixels(_SPECK_MM, dpi))
    inset = 2 * pixels(_FRAME_MM, dpi) + 1
    core = cv2.erode(inside, np.ones((inset, inset), np.uint8))
    thin = np.minimum(w, h) <= pixels(_SPECK_MM, dpi)
    frame = thin & (np.bincount(labels[core > 0], minlength=count) == 0)
    tiny[0] = small[0] = frame[0] = False
    body = np.where((small | frame)[labels], 0, mask).astype(np.uint8)
    up, down, right, left = (pixels(mm, dpi) for mm in _COMPANY_MM)
    company = cv2.dilate(body, np.ones((up + down, left + right), np.uint8), anchor=(right, down))
    near = np.bincount(labels[company > 0], minlength=count) > 0
    return np.where((tiny | frame | (small & ~near))[labels], 255, 0).astype(np.uint8)


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


def _neighbours(mask: Mask, inside: Mask, dpi: float) -> Mask:
    """Ink that is not the cell's own.

    It comes in over the border of the crop and has its bulk outside of the cell, or stands
    wholly to the left of it, as the colon of a label does.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    border = np.zeros(count, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        border[edge] = True
    whole = stats[:, cv2.CC_STAT_AREA]
    within = np.bincount(labels[inside > 0], minlength=count)
    first = int(np.argmax(inside.any(axis=0)))
    before = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] <= first + 1
    strange = (border & (within < 0.5 * whole)) | before
    strange[0] = False
    if not strange.any():
        return np.zeros_like(mask)
    found = np.where(strange[labels], 255, 0).astype(np.uint8)
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    return np.asarray(cv2.dilate(found, np.ones((rim, rim), np.uint8)), np.uint8)
