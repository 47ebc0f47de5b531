"""Whether dotted lines lie beside where they are taken to be, strip by strip across the page.

A page that curls at its edge bends further there than its labels tell, and a broken line seen by
itself may be show-through, or writing. All pieces of line of one upright strip together tell, if
each counts alike: a stroke of writing is no surer a line than a row of faint dots is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.impression import MATCH_DPI
from pipeline.form.warp import Floats, Warp
from pipeline.types import Grey

_MM = 25.4 / MATCH_DPI
_PIECE_MM = 4.0
_STRIP_MM = 6.0
_REACH_MM, _STEP_MM = 4.0, 0.25
_CAP = 40
"""Faint dots are as dark as this; what is darker counts no more."""
_ROW_MM = 7.0
_CLEAR = 4.0
"""So many times the grain's spread is a line."""
_BARE = -0.5
_BENDING = 3.0
"""What a bend by 1 mm from strip to strip costs, in pieces of line."""
_LEAST_MM = 0.6
_LABEL, _NEAR_MM = 6.0, 0.5
"""A label tells as much as so many pieces of line, and is seen so exactly."""
_WAY = 3
"""So many strips before a curl bend with it already, at most."""
_GAIN = 0.15
"""By how much of a piece the lines must be clearer there than where they were taken to be."""
_PIECES = 10


@dataclass(frozen=True)
class Beside:
    """Pieces of line that lie beside where they were taken to be."""

    at: Floats
    """Their middles in the frame, mm, shape (n, 2)."""
    down: Floats
    """How far below their predicted height, mm, shape (n,): of all pieces, 0 where they fit."""


def lines_beside(thin: Grey, leaders: Floats, warp: Warp, labels: Floats) -> Beside | None:
    """Where the lines of a page run, if that is clearly beside their predicted heights.

    Args:
        thin: what is thin upright on the page, at ``MATCH_DPI``.
        leaders: of the form, in the frame: left end, right end, height, mm; shape (n, 3).
        warp: from the frame to the page, as far as it is known.
        labels: left and right end in the frame (mm), how far below its predicted height each was
            seen (mm), and how clearly (0..1), shape (n, 4): where labels stand they tell.
    """
    at = _pieces(leaders)
    if len(at) < 4 * _PIECES:
        return None
    lags = np.arange(-_REACH_MM, _REACH_MM + _STEP_MM / 2, _STEP_MM)
    seen = _seen(thin, warp.apply(at), lags)
    left = float(at[:, 0].min())
    strip_of = ((at[:, 0] - left) // _STRIP_MM).astype(int)
    scores = np.stack(
        [seen[:, strip_of == strip].sum(axis=1) for strip in range(int(strip_of.max()) + 1)]
    )
    for x0, x1, down, clear in labels:
        first, last = ((x - left) // _STRIP_MM for x in (x0, x1))
        strips = slice(int(max(0, first)), int(max(0, last)) + 1)
        scores[strips] += _LABEL * clear * np.exp(-(((lags - down) / _NEAR_MM) ** 2))
    path = _smoothest(scores, lags)
    path = np.where(_curls(np.abs(lags[path])), path, int(np.abs(lags).argmin()))
    # A step is no measure: what fits keeps its place.
    down = np.where(np.abs(lags[path]) <= _STEP_MM, 0.0, lags[path])
    moved = np.abs(down) >= _LEAST_MM
    here = np.flatnonzero(moved[strip_of])
    if len(here) < _PIECES:
        return None
    straight = int(np.abs(lags).argmin())
    gain = (scores[np.arange(len(path)), path] - scores[:, straight])[moved].sum() / len(here)
    if gain < _GAIN:
        return None
    return Beside(at, np.asarray(down[strip_of], np.float64))


def _curls(far: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which strips belong to a bend that grows towards an edge of the page.

    Paper curls there; what lies beside a line between two places where it fits is writing.
    """
    held = np.flatnonzero(far < _LEAST_MM)
    kept = np.zeros(len(far), bool)
    if len(held) and held[0] > 0:
        kept[: held[0] + _WAY] = True
    if len(held) and held[-1] < len(far) - 1:
        kept[held[-1] + 1 - _WAY :] = True
    return kept


def _pieces(leaders: Floats) -> Floats:
    """Middles of the pieces of all leaders, shape (n, 2)."""
    points = [
        (x + _PIECE_MM / 2, y)
        for x0, x1, y in leaders
        for x in np.arange(x0, x1 - _PIECE_MM + 0.5, _PIECE_MM)
    ]
    return np.array(points, np.float64).reshape(-1, 2)


def _seen(thin: Grey, placed: Floats, lags: Floats) -> Floats:
    """How much like a line the page looks so far below each place, -0.5..1; shape (lags, n)."""
    faint = np.minimum(thin, _CAP).astype(np.float32)
    along = cv2.blur(faint, (round(_PIECE_MM / _MM) | 1, 1))
    lines = np.asarray(cv2.GaussianBlur(along, (0, 0), sigmaX=0.01, sigmaY=0.8), np.float64)
    above = lines - np.asarray(cv2.blur(lines, (1, round(_ROW_MM / _MM) | 1)), np.float64)
    grain = 1.48 * float(np.median(np.abs(above))) or 1.0
    clear = np.clip(above / (_CLEAR * grain), _BARE, 1.0).astype(np.float32)
    x = np.repeat(placed[None, :, 0], len(lags), axis=0) / _MM - 0.5
    y = (placed[None, :, 1] + lags[:, None]) / _MM - 0.5
    drawn = cv2.remap(clear, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(drawn, np.float64)


def _smoothest(scores: Floats, lags: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Lag of each strip along the best path, neighbours alike; scores of shape (strips, lags)."""
    cost = _BENDING * (lags[:, None] - lags[None, :]) ** 2
    total, came = scores[0], []
    for strip in scores[1:]:
        options = total[:, None] - cost
        came.append(options.argmax(axis=0))
        total = options.max(axis=0) + strip
    path = [int(total.argmax())]
    for source in reversed(came):
        path.append(int(source[path[-1]]))
    return np.array(path[::-1])
