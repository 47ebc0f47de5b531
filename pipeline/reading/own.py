"""Tells a cell's own writing from what else is left in its crop, and draws it clean."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.reading.ink import MM_PER_INCH, Ink, Mask, calm_mask, pixels, writing_level
from pipeline.types import Grey

_BLUR_MM = 0.35
"""Soft edge of a stroke, kept with it."""
_PALEST = 30.0
"""Grey levels. Ink paler than this is not stretched to black: it would be noise."""
_TINY_MM2 = 0.05
_SPECK_MM = 0.9
"""A dot is no larger, blurred."""
_ROUND = 0.7
"""Least ratio of a dot's sides; a stroke of a ditto mark is slimmer."""
_FLAT_MM = (0.8, 0.45)
"""Width and height of a remnant of a rule; a dash is longer."""
_COMPANY_MM = (2.5, 1.4, 1.2, 0.5)
"""How far above, below, right and left of a letter its dots may be."""
_FRAME_MM = 0.6
_HANGING = 0.45
"""A stroke from above that ends in this share of the first line belongs to the line above."""


def own_ink(ink: Ink, image: Grey, inside: Mask, dpi: float, lines: int) -> Ink:
    """The ink map with only the cell's own writing; ``level`` and ``faint_level`` fitted to it.

    Args:
        ink: ink map, rules and leaders taken out.
        image: the grey picture it was made of.
        inside: the cell.
        dpi: resolution of all of these.
        lines: most lines of writing the cell is made for.
    """
    faint = max(3.5 * ink.noise, min(ink.faint_level, 0.6 * writing_level(ink.depth, ink.noise)))
    depth = ink.depth.copy()
    mask = replace(ink, faint_level=faint).faint
    mask &= ~_noise(mask, calm_mask(image, ink, dpi))
    mask &= ~_neighbours(mask, inside, lines)
    mask &= ~_specks(mask, inside, dpi)
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    depth[cv2.dilate(mask, np.ones((rim, rim), np.uint8)) == 0] = 0
    return replace(ink, depth=depth, faint_level=faint, level=writing_level(depth, ink.noise))


def picture(image: Grey, before: Ink, own: Ink, dpi: float) -> Grey:
    """The grey picture with only the ink that was left, as deep as can be, on white."""
    rim = 2 * pixels(_BLUR_MM, dpi) + 1
    zone = cv2.dilate(own.faint, np.ones((rim, rim), np.uint8))
    lighter = cv2.add(image, cv2.subtract(before.depth, own.depth))
    deep = np.where(zone, cv2.subtract(own.paper, lighter), 0).astype(np.uint8)
    strokes = deep[own.mask > 0]
    full = max(_PALEST, float(np.percentile(strokes, 95))) if strokes.size else 255.0
    return np.asarray(255 - cv2.convertScaleAbs(deep, alpha=255.0 / full), np.uint8)


def _noise(mask: Mask, calm: Mask) -> Mask:
    """Pieces that are gone once the grain is averaged away."""
    count, labels, _, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    real = np.bincount(labels[calm > 0], minlength=count) > 0
    return np.where(real[labels], 0, 255).astype(np.uint8)


def _neighbours(mask: Mask, inside: Mask, lines: int) -> Mask:
    """Ink that comes in over the border of the crop and has its bulk outside of the cell.

    Also what hangs down from the line above or sticks up from the line below, and what
    stands wholly to the left of the cell, as the colon of a label does.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    border = np.zeros(count, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        border[edge] = True
    within = np.bincount(labels[inside > 0], minlength=count)
    strange = border & (within < 0.5 * stats[:, cv2.CC_STAT_AREA])
    line = len(mask) / lines
    tops = stats[:, cv2.CC_STAT_TOP]
    bottoms = tops + stats[:, cv2.CC_STAT_HEIGHT]
    strange |= (tops == 0) & (bottoms < _HANGING * line)
    strange |= (bottoms == len(mask)) & (tops > len(mask) - 0.5 * _HANGING * line)
    first = int(np.argmax(inside.any(axis=0)))
    strange |= stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] <= first + 1
    strange[0] = False
    return np.where(strange[labels], 255, 0).astype(np.uint8)


def _specks(mask: Mask, inside: Mask, dpi: float) -> Mask:
    """Bits too small for a mark, remains of the frame, and dots that belong to no letter.

    A dot belongs to a letter below or above it (dấu), or just left of it (full stop).
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    w, h = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    longer, shorter = np.maximum(w, h), np.minimum(w, h)
    tiny = stats[:, cv2.CC_STAT_AREA] < _TINY_MM2 * (dpi / MM_PER_INCH) ** 2
    dot = (longer <= pixels(_SPECK_MM, dpi)) & (shorter >= _ROUND * longer)
    flat = (w <= pixels(_FLAT_MM[0], dpi)) & (h <= pixels(_FLAT_MM[1], dpi))
    inset = 2 * pixels(_FRAME_MM, dpi) + 1
    core = cv2.erode(inside, np.ones((inset, inset), np.uint8))
    outside = np.bincount(labels[core > 0], minlength=count) == 0
    frame = outside & (shorter <= pixels(_SPECK_MM, dpi))
    for group in (tiny, dot, flat, frame):
        group[0] = False
    small = dot | flat
    body = np.where((small | frame | tiny)[labels], 0, mask).astype(np.uint8)
    up, down, right, left = (pixels(mm, dpi) for mm in _COMPANY_MM)
    company = cv2.dilate(body, np.ones((up + down, left + right), np.uint8), anchor=(right, down))
    near = np.bincount(labels[company > 0], minlength=count) > 0
    return np.where((tiny | frame | (small & ~near))[labels], 255, 0).astype(np.uint8)
