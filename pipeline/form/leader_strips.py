"""Heights of dotted lines where no label stands: followed from strip to strip across the page.

Labels stand at the left; on the right half of a bent page only dots tell how high a line runs,
and a single broken line may be taken for its neighbour. All lines of one upright strip together
cannot, and from strip to strip they wander slowly (as rules do, ``grid_strips``).
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.form.grid_strips import follow, strip_profiles
from pipeline.form.impression import MATCH_DPI
from pipeline.form.warp import Floats, Warp
from pipeline.types import Grey

_MM = 25.4 / MATCH_DPI
_STRIPS = 14
_REACH, _STRETCH = 0.45, 0.25
"""Furthest displacement, and further one at top and bottom, as shares of the lines' pitch."""
_LEAST_LINES = 4
_DARKEST = 90
"""Dots are fainter than this; a stroke of writing must not outweigh them."""


def followed_lines(thin: Grey, pieces: Floats, length: float, warp: Warp) -> Floats | None:
    """How far below its predicted height each piece of a line lies, in millimetres.

    Args:
        thin: what is thin upright on the page, at ``MATCH_DPI``.
        pieces: left ends of pieces of leader in the frame (mm), shape (n, 2).
        length: of a piece, mm.
        warp: from the frame to the page, as far as it is known.

    Returns:
        Shape (n,), or None where the form has too few lines to follow.
    """
    heights = np.unique(np.round(pieces[:, 1], 1))
    gaps = np.diff(heights)
    if len(heights) < _LEAST_LINES or not (gaps > 3.0).any():
        return None
    pitch = float(np.median(gaps[gaps > 3.0]))
    faint = np.minimum(thin, _DARKEST).astype(np.float32)
    profiles, middles = strip_profiles(np.asarray(faint, np.uint8), _STRIPS)
    # What a strip shows anyhow (grain, shade) is no line.
    wide = max(3, round(pitch / _MM)) | 1
    ground = np.asarray(cv2.blur(profiles, (wide, 1)), np.float64)
    soft = np.asarray(cv2.GaussianBlur(profiles, (0, 0), sigmaX=1.2, sigmaY=0.01), np.float64)
    clear = np.clip(soft - ground, 0, None)
    top = float(np.percentile(clear, 99))
    if top <= 0:
        return None
    centres = pieces + np.array([length / 2, 0.0])
    placed = warp.apply(centres) / _MM
    reference, strip_of = _expected(placed, middles, clear.shape)
    shift, bend, _ = follow(
        np.clip(clear / top, 0, 1),
        reference,
        round(_REACH * pitch / _MM),
        _STRETCH * pitch / _MM,
    )
    arm = 2 * placed[:, 1] / max(1, clear.shape[1] - 1) - 1
    return np.asarray((shift[strip_of] + bend[strip_of] * arm) * _MM, np.float64)


def _expected(
    placed: Floats, middles: Floats, shape: tuple[int, ...]
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Where each strip should show lines, and the strip of every piece."""
    reference = np.zeros(shape)
    strip_of = np.abs(placed[:, :1] - middles[None]).argmin(axis=1)
    for (_, y), strip in zip(placed, strip_of, strict=True):
        low = int(np.floor(y))
        if 0 <= low < shape[1] - 1:
            reference[strip, low] += 1 - (y - low)
            reference[strip, low + 1] += y - low
    soft = cv2.GaussianBlur(reference, (0, 0), sigmaX=1.5, sigmaY=0.01)
    return np.asarray(soft, np.float64), strip_of
