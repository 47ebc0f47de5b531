"""The pen stroke through a word or a line: nearly level, a little bowed, on through the gaps.

Letters leave gaps between words and bend up and down; a stroke does not. The smoothest inked way
along the writing is sought, and it is a stroke where it is inked nearly all along and has
writing on both sides.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import pixels
from pipeline.reading.pieces import Mask, grown

_RUN_MM = 2.2
"""A level run of this length is looked at; plain letters seldom have one."""
_RUNS = 0.3
"""Share of the writing's columns that must lie in such runs, else no way is sought."""
_STEP_MM = 0.8
"""Over this length the way is straight, and from one to the next it rises by a pixel or two."""
_WORTH = 0.8
"""Share of a step that is inked from which the way goes on."""
_LEAST_MM = 10.0
_INKED = 0.985
_SPAN = 0.45
"""Share of the writing's width that the stroke must span."""
_HALO_MM, _BESIDE_MM = 0.25, 1.3
_BETWEEN = 0.15
"""Share of the way with writing close above and close below."""

Floats = NDArray[np.float64]


def stroke_through(mask: Mask, dpi: float) -> Mask | None:
    """The stroke through a cell's writing as a thin line, or None.

    Args:
        mask: the cell's writing.
        dpi: resolution of the crop.
    """
    columns = np.flatnonzero(mask.any(axis=0))
    if not columns.size:
        return None
    first, last = int(columns[0]), int(columns[-1]) + 1
    step, least = pixels(_STEP_MM, dpi), pixels(_LEAST_MM, dpi)
    if last - first < least or not _promising(mask[:, first:last], dpi):
        return None
    blocks = (last - first) // step
    thick = grown(mask[:, first : first + blocks * step], 3, 1) > 0
    shares = thick.reshape(len(mask), blocks, step).mean(axis=2)
    way, begin = _best_way(shares)
    inked = float(np.mean([shares[row, begin + n] for n, row in enumerate(way)]))
    length = len(way) * step
    if length < max(least, _SPAN * (last - first)) or inked < _INKED:
        return None
    line = np.zeros_like(mask)
    x = first + (begin + np.arange(len(way))) * step + step // 2
    points = np.stack([x, np.array(way)], axis=1).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(line, [points], False, 255, 1)
    return line if _between(mask, line, dpi) else None


def _promising(mask: Mask, dpi: float) -> bool:
    run = np.ones((1, pixels(_RUN_MM, dpi)), np.uint8)
    level = cv2.morphologyEx(grown(mask, 3, 1), cv2.MORPH_OPEN, run)
    return float(np.mean(level.any(axis=0))) >= _RUNS


def _best_way(shares: Floats) -> tuple[list[int], int]:
    """Rows of the way worth most, block by block, and its first block."""
    rows, blocks = shares.shape
    gains = shares - _WORTH
    best = np.zeros(rows)
    came = np.full((blocks, rows), -1)
    worth = np.empty((blocks, rows))
    for n in range(blocks):
        shifted = np.stack([_moved(best, by) for by in (-2, -1, 0, 1, 2)])
        turn = shifted.argmax(axis=0)
        before = shifted[turn, np.arange(rows)]
        came[n] = np.where(before > 0, np.arange(rows) + turn - 2, -1)
        best = np.maximum(before, 0.0) + gains[:, n]
        worth[n] = best
    last, row = np.unravel_index(int(worth.argmax()), worth.shape)
    way, at, here = [int(row)], int(last), int(row)
    while at > 0 and came[at, here] >= 0:
        here, at = int(came[at, here]), at - 1
        way.append(here)
    return way[::-1], at


def _moved(values: Floats, by: int) -> Floats:
    """Each row's value of the row ``by`` below it; nothing from outside."""
    out = np.full_like(values, -np.inf)
    if by > 0:
        out[:-by] = values[by:]
    elif by < 0:
        out[-by:] = values[:by]
    else:
        out[:] = values
    return out


def _between(mask: Mask, line: Mask, dpi: float) -> bool:
    """Whether the line has writing close above and close below it."""
    outside = mask & ~grown(line, 2 * pixels(_HALO_MM, dpi) + 1, 1)
    reach = pixels(_BESIDE_MM, dpi)
    both = grown(outside, reach, 1, (0, reach - 1)) & grown(outside, reach, 1, (0, 0))
    return cv2.countNonZero(line & both) >= _BETWEEN * cv2.countNonZero(line)
