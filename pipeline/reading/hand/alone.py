"""Takes a line out of a picture that shows much of its neighbours too.

The net's ink map bears what hangs in from the rims; where whole neighbours stand above or below,
the line in the middle is found in the profile of the ink over the rows, and the ink that belongs
to the others is painted over with paper. A picture of one line is given back as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.rows import line_of_pieces
from pipeline.reading.pieces import Mask, Pieces, grown
from pipeline.types import Grey

_HEIGHT = 64
_SQUEEZE = 0.6
"""Width over height of what was a square: the profile does not need more."""
_MOST_WIDTH = 800
_SMOOTH = 0.045
"""Of the height: the profile's smoothing."""
_APART = 0.24
"""Of the height: least distance of two lines."""
_PEAK = 0.3
"""Of the strongest line: what has less ink is marks and tails."""
_WHOLE = 0.6
"""Of the strongest line: what has less ink is a neighbour only where the picture's edge cuts it."""
_VALLEY = 0.55
"""Between two lines there is less than this share of the weaker one's ink."""
_LONG = 0.5
"""Of the height: longer flat strokes are rules."""
_TALL = 0.6
_LETTER = 0.1
"""Of the height: pieces lower than this are marks and bits."""
_RIM = 2
_EDGE = 2

Floats = NDArray[np.float64]


def alone(picture: Grey) -> Grey:
    """The picture of one line without whole lines above and below it, on its paper."""
    height, width = picture.shape
    if height < 24 or width < height:
        return picture
    scale = _HEIGHT / height
    size = (min(_MOST_WIDTH, max(8, round(width * scale * _SQUEEZE))), _HEIGHT)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    mask = _ink(small)
    cuts, own = _cuts(mask)
    if not cuts:
        return picture
    belongs = line_of_pieces(Pieces.of(mask), cuts, round(_LETTER * _HEIGHT))
    others: Mask = np.where((belongs > 0) & (belongs != own + 1), 255, 0).astype(np.uint8)
    mine: Mask = np.where(belongs == own + 1, 255, 0).astype(np.uint8)
    rows = np.flatnonzero(mine.any(axis=1))
    if not rows.size:
        return picture
    # Beyond a neighbour's edge all goes that is not the line's own: rules, and what is pale.
    out = grown(others, 5, 3)
    top, bottom = 0, _HEIGHT
    if own > 0:
        out[: cuts[own - 1]] = 255
        top = max(0, int(rows[0]) - _RIM)
    if own < len(cuts):
        out[cuts[own] :] = 255
        bottom = min(_HEIGHT, int(rows[-1]) + 1 + _RIM)
    out &= ~grown(mine, 3, 3)
    first, last = int(top / scale), min(height, int(np.ceil(bottom / scale)))
    gone = cv2.resize(out, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((7, 5), np.uint8)), 7)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(np.where(gone, paper, picture)[first:last].astype(np.uint8))


def _ink(small: Grey) -> Mask:
    """Ink of a small picture, long rules left out."""
    closed = cv2.morphologyEx(
        small, cv2.MORPH_CLOSE, np.ones((11, 9), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    paper = cv2.blur(closed, (11, 9), borderType=cv2.BORDER_REPLICATE)
    depth = cv2.subtract(paper, small)
    strong = float(np.percentile(depth[::2, ::2], 97))
    mask = np.where(depth > max(14.0, 0.4 * strong), 255, 0).astype(np.uint8)
    flat = cv2.morphologyEx(
        mask, cv2.MORPH_OPEN, np.ones((1, round(_LONG * _SQUEEZE * _HEIGHT)), np.uint8)
    )
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((round(_TALL * _HEIGHT), 1), np.uint8))
    return np.asarray(
        mask & ~grown(np.asarray(cv2.bitwise_or(flat, tall), np.uint8), 3, 3), np.uint8
    )


def _cuts(mask: Mask) -> tuple[list[int], int]:
    """Rows between the lines, and the number of the line in the middle; no rows for one line."""
    pieces = Pieces.of(mask)
    bulk = pieces.mask(pieces.height >= round(_LETTER * _HEIGHT))
    profile = np.count_nonzero(bulk, axis=1).astype(np.float64)
    kernel = cv2.getGaussianKernel(2 * round(3 * _SMOOTH * _HEIGHT) + 1, _SMOOTH * _HEIGHT).ravel()
    profile = np.convolve(profile, kernel, mode="same")
    if not profile.any():
        return [], 0
    padded = np.concatenate([[0.0], profile, [0.0]])
    inner = np.flatnonzero(
        (profile >= padded[:-2]) & (profile > padded[2:]) & (profile >= _PEAK * profile.max())
    )
    peaks: list[int] = []
    for row in sorted(inner.tolist(), key=lambda n: -profile[n]):
        if all(abs(row - other) >= _APART * _HEIGHT for other in peaks):
            peaks.append(row)
    peaks.sort()
    kept, cuts = peaks[:1], []
    for below in peaks[1:]:
        above = kept[-1]
        valley = above + int(np.argmin(profile[above : below + 1]))
        if profile[valley] <= _VALLEY * min(profile[above], profile[below]):
            cuts.append(valley)
            kept.append(below)
        elif profile[below] > profile[above]:
            kept[-1] = below
    # Bars and roofs of a few tall letters are no line: nothing cuts them off.
    faint = [profile[row] < _WHOLE * profile.max() for row in kept]
    if cuts and faint[0] and not bulk[:_EDGE].any():
        kept, cuts, faint = kept[1:], cuts[1:], faint[1:]
    if cuts and faint[-1] and not bulk[-_EDGE:].any():
        kept, cuts = kept[:-1], cuts[:-1]
    own = int(np.argmin([abs(row - _HEIGHT / 2) for row in kept]))
    return cuts, own
