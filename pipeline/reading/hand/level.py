"""Brings a line that rises or falls to the level: clerks drift, and lines are cut askew.

The slope is that at which the ink's profile over the rows is sharpest; the picture is sheared,
not turned, so that upright strokes stay upright.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipeline.types import Grey

_HEIGHT = 48
_BLOCK = 24
"""Columns, at ``_HEIGHT`` rows, over which a line is taken as level."""
_WIDEST = 1200
_STEEPEST, _STEP = 0.14, 0.01
_LEAST = 0.014
"""Slope (0.8 degrees) that the net bears."""
_GAIN = 1.06
"""How much sharper the profile must be than as it is."""
_SMALLER = 0.5
"""Scale from which on pixels are averaged; above it that takes ten times as long for no more."""
_USUAL = 0.95
"""Share of the pixels up to which ink counts by its depth; deeper is not more."""
_LONG = 2.5
"""Width over height of a picture that is long enough to tell."""

Floats = NDArray[np.float32]


def levelled(picture: Grey) -> Grey:
    """The picture of one line with its slope taken out, if it has one; else the same."""
    height, width = picture.shape
    if height < 8 or width < _LONG * height:
        return picture
    slope = _slope(picture)
    if abs(slope) < _LEAST:
        return picture
    # The middle of the line stays where it is, and its ends come to the same height: there is as
    # much room for them. What was at the rims stays at the rims.
    paper = float(np.percentile(picture[::2, ::2], 75))
    shear = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * width / 2]])
    return np.asarray(
        cv2.warpAffine(
            picture,
            shear,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(paper,),
        ),
        np.uint8,
    )


def _slope(picture: Grey) -> float:
    """Rise of a line in rows a column, down positive; 0 where none is better than as it is."""
    ink = _ink(picture)
    blocks = max(2, ink.shape[1] // _BLOCK)
    starts = np.arange(blocks) * ink.shape[1] // blocks
    profiles = np.add.reduceat(ink, starts, axis=1).T
    middles = (np.arange(blocks) + 0.5) * ink.shape[1] / blocks - ink.shape[1] / 2
    room = 2 * _most_rows(middles)
    padded = np.pad(profiles, ((0, 0), (room, room)))
    # Every other slope, then the neighbours of the best.
    steps = round(_STEEPEST / _STEP)
    slopes = np.asarray(np.arange(-steps, steps + 1, 2) * _STEP, np.float64)
    sharpness = _sharpness(padded, middles, slopes)
    level, best = float(sharpness[len(slopes) // 2]), int(sharpness.argmax())
    beside = np.asarray(slopes[best] + np.array([-_STEP, _STEP]), np.float64)
    finer = _sharpness(padded, middles, beside)
    slope, sharpest = float(slopes[best]), float(sharpness[best])
    if finer.max() > sharpest:
        slope, sharpest = float(beside[int(finer.argmax())]), float(finer.max())
    if sharpest <= _GAIN * level:
        return 0.0
    across, down = ink.shape[1] / picture.shape[1], len(ink) / picture.shape[0]
    return float(slope * across / down)


def _sharpness(padded: Floats, middles: NDArray[np.float64], slopes: NDArray[np.float64]) -> Floats:
    """Sum of squares over the rows of the profiles (a block each) shifted by each slope.

    On both sides of a profile lie twice as many rows of nothing as the steepest slope shifts it.
    """
    shifts = np.round(slopes[:, None] * middles).astype(np.int32)
    most = _most_rows(middles)
    moved = sliding_window_view(padded, padded.shape[1] - 2 * most, axis=1)
    summed = moved[np.arange(len(middles)), most + shifts].sum(axis=1)
    return np.asarray((summed**2).sum(axis=1), np.float32)


def _most_rows(middles: NDArray[np.float64]) -> int:
    """Rows by which the steepest slope shifts a block."""
    return round((_STEEPEST + _STEP) * float(middles[-1])) + 1


def _ink(picture: Grey) -> Floats:
    """Small ink map: how much darker than its surroundings; long rules weigh little."""
    scale = _HEIGHT / picture.shape[0]
    size = (min(_WIDEST, max(2, round(picture.shape[1] * scale))), _HEIGHT)
    how = cv2.INTER_AREA if scale < _SMALLER else cv2.INTER_LINEAR
    small = cv2.resize(picture, size, interpolation=how)
    paper = cv2.blur(
        cv2.dilate(small, np.ones((7, 7), np.uint8)), (11, 11), borderType=cv2.BORDER_REPLICATE
    )
    depth = cv2.subtract(paper, small)
    counts = np.cumsum(np.bincount(depth[::2, ::2].ravel(), minlength=256))
    usual = int(np.searchsorted(counts, _USUAL * counts[-1]))
    return np.asarray(np.minimum(depth, usual), np.float32)
