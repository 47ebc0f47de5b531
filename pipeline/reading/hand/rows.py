"""Parts the lines of writing inside a cell, each with its own ascenders, descenders and marks.

Where the lines of a cell stand is seen in the profile of its ink over the rows; a piece of ink
belongs to the line its bulk lies on, and is cut only where it runs through two. Marks between
lines go to the letter they are nearer to.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import pixels
from pipeline.reading.pieces import Flags, Mask, Pieces, grown
from pipeline.types import Grey

_INK = 160
_LETTER_MM = 1.1
"""Pieces that are lower or slimmer than this are marks, dots and bits."""
_SMOOTH = 0.16
"""Of the line distance: the profile's smoothing."""
_APART = 0.6
"""Least distance of two lines over the usual one."""
_LEAST_PEAK, _PLAIN_PEAK = 0.1, 0.22
"""Of the highest peak: a line of one short word, and one that a deep valley alone may part."""
_DEEPEST_VALLEY = 0.5
"""A valley between two lines holds less than this share of the lower one's ink."""
_USUAL = 75
"""Percentile of the heights of pieces: a letter's, many marks among them or not."""
_LETTER, _THROUGH = 0.6, 0.5
"""Of the usual letter's height: what is lower is a mark; what reaches so far to both sides of a cut
may belong to either line."""
_BELOW, _MOSTLY = 0.5, 0.6
"""Share of the narrower piece's width that two pieces must have in common to stand below one
another; share of a line's letters, by width, that must stand so."""
_LEAST_PITCH_MM = 4.5
_RUNS_ON = 0.35
"""Share of a piece's height in both lines from which it is cut."""
_RIM = 4

Floats = NDArray[np.float64]


def rows_of(image: Grey, dpi: float, most: int) -> list[Grey]:
    """Pictures of the lines of a clean crop (dark on white), top to bottom; one where it has one.

    Args:
        image: the cell's own writing on white paper.
        dpi: resolution of the crop.
        most: most lines of writing the cell is made for.
    """
    if most < 2:
        return [image]
    mask: Mask = np.where(image < _INK, 255, 0).astype(np.uint8)
    cuts = _cuts(mask, dpi, most)
    if not cuts:
        return [image]
    belongs = line_of_pieces(Pieces.of(mask), cuts, pixels(_LETTER_MM, dpi))
    pictures = []
    for number in range(len(cuts) + 1):
        own: Mask = np.where(belongs == number + 1, 255, 0).astype(np.uint8)
        if not own.any():
            continue
        halo = grown(own, 5, 5)
        others = (belongs > 0) & (own == 0)
        kept = np.where((halo > 0) & ~others, image, 255).astype(np.uint8)
        inked = np.flatnonzero(own.any(axis=1))
        top, bottom = max(0, inked[0] - _RIM), min(len(kept), inked[-1] + _RIM + 1)
        pictures.append(np.ascontiguousarray(kept[top:bottom]))
    return pictures or [image]


def _cuts(mask: Mask, dpi: float, most: int) -> list[int]:
    """Rows between neighbouring lines."""
    inked = np.flatnonzero(mask.any(axis=1))
    if not inked.size:
        return []
    height = int(inked[-1] - inked[0]) + 1
    least = pixels(_LEAST_PITCH_MM, dpi)
    if height < 1.25 * least:
        return []
    # Lines may stand closer than the cell has room for, or wider where some are left empty.
    pitch = max(least, min(len(mask), 1.15 * height) / most)
    pieces = Pieces.of(mask)
    low = pixels(_LETTER_MM, dpi)
    letters = (pieces.height >= low) & (pieces.width >= low // 2)
    letters[0] = False
    bulk = pieces.mask(letters)
    profile = _smooth(np.count_nonzero(bulk, axis=1).astype(np.float64), _SMOOTH * pitch)
    peaks = _peaks(profile, round(_APART * pitch), most)
    cuts = []
    for above, below in itertools.pairwise(peaks):
        valley = above + int(np.argmin(profile[above : below + 1]))
        lower = min(profile[above], profile[below])
        plain = lower >= _PLAIN_PEAK * profile.max() and profile[valley] <= _DEEPEST_VALLEY * lower
        if plain or _stacked(pieces, letters, valley):
            cuts.append(valley)
    return cuts


def _stacked(pieces: Pieces, letters: Flags, cut: int) -> bool:
    """Whether letters stand below letters: within a line only marks do.

    Tails of a line and heads of the next fill the valley between them where they stand close, and
    a short line is low beside a long one.
    """
    usual = float(np.percentile(pieces.height[letters], _USUAL))
    middle = pieces.top + pieces.height / 2
    through = (pieces.top < cut - _THROUGH * usual) & (pieces.bottom > cut + _THROUGH * usual)
    whole = letters & (pieces.height >= _LETTER * usual) & ~through
    upper, lower = (np.flatnonzero(whole & side) for side in (middle < cut, middle >= cut))
    if not (upper.size and lower.size):
        return False
    left, right, top, bottom = (
        side[:, None] for side in (pieces.left, pieces.right, pieces.top, pieces.bottom)
    )
    beside = np.minimum(right[upper], right[lower].T) - np.maximum(left[upper], left[lower].T)
    wide = np.minimum(pieces.width[upper][:, None], pieces.width[lower])
    apart = (bottom[upper] <= middle[lower]) & (middle[upper][:, None] <= top[lower].T)
    below = (beside >= _BELOW * wide) & apart
    return any(
        pieces.width[line][held].sum() >= _MOSTLY * pieces.width[line].sum()
        for line, held in ((upper, below.any(axis=1)), (lower, below.any(axis=0)))
    )


def _smooth(profile: Floats, sigma: float) -> Floats:
    size = max(1, round(3 * sigma)) * 2 + 1
    kernel = cv2.getGaussianKernel(size, max(0.3, sigma))
    padded = np.pad(profile, size // 2)
    return np.convolve(padded, np.asarray(kernel).ravel(), mode="valid")


def _peaks(profile: Floats, apart: int, most: int) -> list[int]:
    """Rows of the strongest summits, ``apart`` from one another, in order."""
    inner = np.flatnonzero(
        (profile >= np.concatenate([[0.0], profile[:-1]]))
        & (profile > np.concatenate([profile[1:], [0.0]]))
        & (profile >= _LEAST_PEAK * profile.max())
    )
    found: list[int] = []
    for row in sorted(inner.tolist(), key=lambda n: -profile[n]):
        if all(abs(row - other) >= apart for other in found):
            found.append(row)
        if len(found) == most:
            break
    return sorted(found)


def line_of_pieces(pieces: Pieces, cuts: list[int], low: int) -> NDArray[np.uint8]:
    """Number of the line (from 1) each pixel of ink belongs to; 0 where there is no ink.

    Args:
        pieces: of all ink.
        cuts: rows between neighbouring lines.
        low: height in pixels below which a piece is a mark or a bit.
    """
    edges = [0, *cuts, len(pieces.labels)]
    share = np.stack(
        [
            np.minimum(pieces.bottom, b) - np.maximum(pieces.top, a)
            for a, b in itertools.pairwise(edges)
        ]
    ).clip(0)
    line_of = share.argmax(axis=0) + 1
    line_of[0] = 0
    belongs = line_of.astype(np.uint8)[pieces.labels]
    small = (pieces.height < low) & (pieces.width < 2 * low)
    for n in np.flatnonzero(small)[1 if small[0] else 0 :].tolist():
        if n:
            own = pieces.labels == n
            belongs[own] = _nearer(pieces, n, small, line_of, cuts)
    # What runs through two lines is cut between them.
    long = ((share >= _RUNS_ON * pieces.height).sum(axis=0) > 1) & ~small
    long[0] = False
    if long.any():
        band = np.searchsorted(np.array(cuts), np.arange(len(belongs)), side="right") + 1
        through = long[pieces.labels]
        belongs[through] = np.broadcast_to(band[:, None], belongs.shape)[through]
    return np.asarray(belongs, np.uint8)


def _nearer(
    pieces: Pieces, n: int, small: NDArray[np.bool_], line_of: NDArray[np.intp], cuts: list[int]
) -> int:
    """Line of a mark: that of the letter right below or above it, whichever is nearer."""
    left, right = pieces.left[n], pieces.right[n]
    top, bottom = pieces.top[n], pieces.bottom[n]
    reach = max(2, int(pieces.width[n]) // 2)
    beside = ~small & (pieces.left < right + reach) & (pieces.right > left - reach)
    beside[0] = False
    if not beside.any():
        return int(line_of[n])
    numbers = np.flatnonzero(beside)
    # A mark stands above its letter far more often than below.
    below = pieces.top[numbers] - bottom
    above = top - pieces.bottom[numbers]
    gap = np.where(below >= -2, below, np.where(above >= -2, above * 1.3, 0))
    return int(line_of[numbers[int(np.argmin(np.maximum(gap, 0)))]])
