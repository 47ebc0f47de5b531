"""Takes printed rules out of an ink map, and leaves what is written on and across them.

A rule is long, thin and straight. Its profile is learned along its own length; a column
that holds more ink than the profile holds writing too, and is treated with care.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH, Ink, pixels
from pipeline.reading.pieces import Flags, Mask, Pieces, deeper, grown
from pipeline.types import Grey

_LONG_MM = 5.0
"""Shortest piece of a horizontal rule; the bar of a T is half of that."""
_TALL_MM = 6.0
"""Shortest piece of a vertical rule."""
_EDGE_MM = 2.0
"""How far from the cell's edge a frame line may lie."""
_THICK_MM = 0.9
_FRAME_MM = 1.3
_GAP_MM = 0.2
"""Gap in a rule that is bridged; far smaller than the distance of a leader's dots."""
_COVER = 0.45
"""A frame line runs over this share of the cell's width, whatever touches it."""
_STRUCK = 0.18
"""A line that cuts through writing on this share of its length is a deletion, not a rule."""
_CROSSING_MM = 0.9
_HALO_MM = 0.2
_REACH_MM = 0.6
"""How far to both sides of its middle a rule and its blur reach."""
_HIGH_MM = 1.6
"""How far above the rule the writing on it is looked at."""
_DOT_MM = 0.8
_BELOW_MM = 1.4
"""A dot below (dấu nặng) lies no further than this under its letter."""
_COMMA_MM = 0.6
"""Least height of a comma; it stands beside letters, not below them."""
_TOUCHED = 0.01
"""Share of a frame line along which ink beside it is taken for grain."""
_STRETCH_MM = 8.0
"""A rule's tone is taken as one over this length."""
_MORE = 0.3
"""Writing shows by this share of the rule's own depth on top of its profile."""

_COURSE_MM = 6.0
"""A rule bends no faster than over this length."""

Points = NDArray[np.intp]
Floats = NDArray[np.float64]


def without_rules(ink: Ink, dpi: float, margin: int) -> tuple[Grey, Mask]:
    """The ink map's depth without horizontal rules and the frame's vertical rules.

    Also where writing is struck through: a long line that cuts letters is a person's deletion,
    and stays.

    Args:
        ink: ink map of a crop.
        dpi: resolution of the crop.
        margin: pixels between the crop's edge and the cell's.
    """
    faint, level = ink.faint, ink.faint_level
    rules, strikes = _horizontal(faint, ink.mask, dpi, margin)
    out = _without(ink.depth, rules, level, dpi, margin)
    upright = _vertical(np.ascontiguousarray(faint.T), dpi, margin)
    if upright:
        turned = np.ascontiguousarray(out.T)
        out = _without(turned, upright, level, dpi, margin).T.copy()
    return out, strikes


def _without(depth: Grey, lines: list[Points], level: float, dpi: float, margin: int) -> Grey:
    out = depth.copy()
    careful = [line for line in lines if not _erase_frame(out, line, level, dpi, margin)]
    if not careful:
        return out
    bands = np.zeros_like(depth)
    for line in careful:
        columns, middle = _course(line, pixels(_COURSE_MM, dpi))
        _subtract(out, columns, middle, level, dpi)
        _draw_row(bands, columns, middle)
    reach = 2 * pixels(_REACH_MM, dpi) + 1
    _sweep(out, grown(bands, reach, 3), level, dpi)
    return out


def _erase_frame(depth: Grey, line: Points, level: float, dpi: float, margin: int) -> bool:
    """Take out, in place, a frame line that nothing touches; False where it needs more care."""
    rows, columns = line[:, 0], line[:, 1]
    edge = margin + pixels(_EDGE_MM, dpi) / 2
    if edge < rows.mean() < len(depth) - edge:
        return False
    reach = pixels(_REACH_MM, dpi)
    across = np.arange(columns.min(), columns.max() + 1)
    off = columns - columns.mean()
    slope = float(off @ rows) / max(1.0, float(off @ off))
    middle = np.round(rows.mean() + slope * (across - columns.mean())).astype(int)
    offsets = np.arange(-reach - 2, reach + 3)[:, None]
    at = np.clip(middle + offsets, 0, len(depth) - 1)
    strip = depth[at, across]
    touching = (strip[:2] > level) | (strip[-2:] > level)
    # Other frame lines meet it at the corners.
    corner = margin + pixels(_EDGE_MM, dpi) / 2
    between = (across > corner) & (across < depth.shape[1] - corner)
    if touching[:, between].sum() > _TOUCHED * len(across):
        return False
    depth[at[2:-2], across] = 0
    return True


def _long_pieces(faint: Mask, length: int, dpi: float) -> Mask:
    gap = np.ones((1, pixels(_GAP_MM, dpi) | 1), np.uint8)
    closed = cv2.morphologyEx(faint, cv2.MORPH_CLOSE, gap)
    return np.asarray(
        cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.uint8
    )


def _horizontal(faint: Mask, mask: Mask, dpi: float, margin: int) -> tuple[list[Points], Mask]:
    """Pixels (row, column) of each piece of a horizontal rule, and lines through writing."""
    height, width = mask.shape
    long = _long_pieces(faint, min(pixels(_LONG_MM, dpi), max(8, int(width * 0.6))), dpi)
    if not long.any():
        return [], long
    pieces = Pieces.of(long)
    edge = margin + pixels(_EDGE_MM, dpi)
    middles = pieces.top + pieces.height / 2
    near = (middles < edge) | (middles > height - edge)
    # Thick bodies are smears or letters run together, not rules; a frame may be thicker.
    thick = np.where(near, pixels(_FRAME_MM, dpi), pixels(_THICK_MM, dpi))
    thin = pieces.area / pieces.width <= thick
    thin[0] = False
    through = pieces.within(_crossed(long, mask, dpi)) / pieces.area
    whole = near & (pieces.width >= _COVER * width)
    rule = thin & ((through < _STRUCK) | whole)
    strikes = pieces.mask(thin & ~rule)
    return [_points(pieces, n) for n in np.flatnonzero(rule).tolist()], strikes


def _vertical(faint: Mask, dpi: float, margin: int) -> list[Points]:
    """The same for the frame's vertical rules, on a turned mask, where they lie level."""
    height, width = faint.shape
    length = min(max(pixels(_TALL_MM, dpi), width // 2), width - 2)
    if length < pixels(_TALL_MM / 2, dpi):
        return []
    long = _long_pieces(faint, length, dpi)
    edge = margin + pixels(_EDGE_MM, dpi)
    if 2 * edge < height:
        long[edge : height - edge] = 0
    if not long.any():
        return []
    pieces = Pieces.of(long)
    return [_points(pieces, n) for n in range(1, len(pieces))]


def _points(pieces: Pieces, n: int) -> Points:
    x, y = pieces.left[n], pieces.top[n]
    own = pieces.labels[y : y + pieces.height[n], x : x + pieces.width[n]] == n
    return np.asarray(np.argwhere(own) + np.array([y, x]), np.intp)


def _crossed(line: Mask, mask: Mask, dpi: float) -> Mask:
    """Where a line has ink close above and close below: writing that it strikes through."""
    halo, reach = pixels(_HALO_MM, dpi), pixels(_CROSSING_MM, dpi)
    outside = mask & ~grown(line, 2 * halo + 1, 1)
    # A box anchored at an end looks one way only.
    return grown(outside, reach, 1, (0, reach - 1)) & grown(outside, reach, 1, (0, 0))


def _draw_row(bands: Mask, columns: Points, middle: Floats) -> None:
    """The whole row of a rule: where it is broken or pale, bits of it are left."""
    width = bands.shape[1]
    rise = (middle[-1] - middle[0]) / max(1, len(middle) - 1)
    before = middle[0] + rise * (np.arange(columns[0]) - columns[0])
    after = middle[-1] + rise * (np.arange(columns[-1] + 1, width) - columns[-1])
    rows = np.round(np.concatenate([before, middle, after])).astype(int)
    inside = (rows >= 0) & (rows < len(bands))
    bands[rows[inside], np.arange(width)[inside]] = 255


def _subtract(depth: Grey, columns: Points, middle: Floats, level: float, dpi: float) -> None:
    """Take one piece of a rule out of the ink map, in place.

    Along its fitted middle the rule's own profile is subtracted where there is more ink than
    that, and all is taken where there is not. Two kinds of columns stay whole: those where a
    stroke goes on below the rule, and those where a dot lies on it that hangs on nothing.
    """
    reach, high = pixels(_REACH_MM, dpi), pixels(_HIGH_MM, dpi)
    offsets = np.arange(-high, 2 * reach + 1)
    rows = middle[None, :] + offsets[:, None]
    strip = cv2.remap(
        depth,
        np.broadcast_to(columns, rows.shape).astype(np.float32),
        rows.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    ).astype(np.float32)
    profile = _profile(strip, pixels(_STRETCH_MM, dpi))
    profile[np.abs(offsets) > reach] = 0
    more = strip - profile > np.maximum(level, _MORE * profile.max(axis=0))
    whole = _kept_whole(more, high, dpi)
    # Back on the pixel rows, which lie between the rows of the strip.
    first = np.round(middle).astype(int) - reach
    at = first[None, :] + np.arange(2 * reach + 1)[:, None]
    inside = (at >= 0) & (at < len(depth))
    place = at - middle[None, :] + high
    low = np.clip(np.floor(place).astype(int), 0, len(offsets) - 2)
    part = place - low
    own = np.take_along_axis(profile, low, 0) * (1 - part) + part * np.take_along_axis(
        profile, low + 1, 0
    )
    much = np.take_along_axis(more, low, 0) | np.take_along_axis(more, low + 1, 0)
    across = np.broadcast_to(columns, at.shape)
    old = depth[np.clip(at, 0, len(depth) - 1), across].astype(np.float64)
    new = np.where(whole, old, np.where(much, np.clip(old - own, 0, 255), 0))
    depth[at[inside], across[inside]] = new[inside].astype(np.uint8)


def _kept_whole(more: Flags, middle: int, dpi: float) -> Flags:
    """Columns of a strip that stay as they are; row ``middle`` is the rule's own."""
    pieces = Pieces.of(np.where(more, 255, 0).astype(np.uint8))
    size = pixels(_DOT_MM, dpi)
    dot = (pieces.bottom > middle - 1) & (pieces.top > 0) & (pieces.area >= 3)
    dot &= (pieces.height <= size) & (pieces.width <= size)
    # The core of the rule hides a thin stroke: what shows below it is enough.
    through = (pieces.bottom > middle + 3) & (pieces.area >= 4)
    below = pieces.mask(through)[middle + 1 :].any(axis=0)
    # Without a letter above it a dot is a darker bit of the rule.
    letters = pieces.mask(~dot)[:middle].any(axis=0)
    beneath = np.convolve(letters, np.ones(size), "same") > 0
    return np.asarray(below | (pieces.mask(dot).any(axis=0) & beneath))


def _course(line: Points, window: int) -> tuple[Points, Floats]:
    """Columns of a rule and the row of its middle in each, without the bumps of letters."""
    left = int(line[:, 1].min())
    count = np.bincount(line[:, 1] - left)
    rows = np.bincount(line[:, 1] - left, weights=line[:, 0]) / np.maximum(1, count)
    half = min(window // 2, (len(rows) - 1) // 2)
    # Odd reflection keeps a sloping end on its slope.
    padded = np.pad(rows, half, mode="reflect", reflect_type="odd")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    middle = np.median(windows, axis=1)
    smooth = np.convolve(
        np.pad(middle, half // 2, mode="reflect", reflect_type="odd"),
        np.full(2 * (half // 2) + 1, 1 / (2 * (half // 2) + 1)),
        mode="valid",
    )
    return np.arange(left, left + len(rows)), smooth


def _sweep(depth: Grey, bands: Mask, level: float, dpi: float) -> None:
    """Take out, in place, what is left of rules: flat bits and specks inside their bands."""
    left = deeper(depth, level)
    pieces = Pieces.of(left)
    dot = (pieces.height >= pixels(0.3, dpi)) & (pieces.width < 2 * pieces.height)
    dot &= pieces.area >= 0.06 * (dpi / MM_PER_INCH) ** 2
    outside = left & ~bands
    reach = pixels(_BELOW_MM, dpi)
    under = pieces.touching(grown(outside, reach, 3, (1, reach - 1)))
    beside = pieces.touching(grown(outside, reach, 2 * reach + 1))
    tall = pieces.height >= pixels(_COMMA_MM, dpi)
    flat = (pieces.within(bands) >= 0.8 * pieces.area) & (pieces.height <= pixels(_COMMA_MM, dpi))
    rest = pieces.mask(flat & ~(dot & (under | (tall & beside))))
    depth[grown(rest, 3, 3) > 0] = 0


def _profile(strip: NDArray[np.float32], stretch: int) -> NDArray[np.float32]:
    """Depth of the rule across itself, shape of ``strip``; constant over each stretch."""
    out = np.empty_like(strip)
    width = strip.shape[1]
    pieces = max(1, round(width / stretch))
    for piece in np.array_split(np.arange(width), pieces):
        out[:, piece] = np.median(strip[:, piece], axis=1, keepdims=True)
    return out
