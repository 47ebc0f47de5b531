"""Takes printed rules out of an ink map, and leaves what is written on and across them.

A rule is long, thin and straight. Its profile is learned along its own length; a column
that holds more ink than the profile holds writing too, and is treated with care.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import Mask, pixels
from pipeline.types import Grey

_LONG_MM = 5.0
"""Shortest piece of a horizontal rule; the bar of a T is half of that."""
_TALL_MM = 6.0
"""Shortest piece of a vertical rule."""
_EDGE_MM = 2.0
"""How far from the cell's edge a frame line may lie."""
_THICK_MM = 0.9
_GAP_MM = 0.2
"""Gap in a rule that is bridged; far smaller than the distance of a leader's dots."""
_COVER = 0.45
"""A rule inside a cell runs over this share of its width, or it is writing."""
_STRUCK = 0.3
"""A line that cuts through writing on this share of its length is a deletion, not a rule."""
_CROSSING_MM = 0.9
_HALO_MM = 0.2
_REACH_MM = 0.6
"""How far to both sides of its middle a rule and its blur reach."""
_STRETCH_MM = 8.0
"""A rule's tone is taken as one over this length."""
_MORE = 0.3
"""Writing shows by this share of the rule's own depth on top of its profile."""

Points = NDArray[np.intp]


def without_rules(
    depth: Grey, faint: Mask, mask: Mask, level: float, dpi: float, margin: int
) -> Grey:
    """The ink map without horizontal rules and the frame's vertical rules.

    Args:
        depth: ink map, how much darker than the paper each pixel is.
        faint: ink, pale ink included: rules are often paler than writing.
        mask: ink at the level of writing.
        level: depth from which ``faint`` counts as ink.
        dpi: resolution of the crop.
        margin: pixels between the crop's edge and the cell's.
    """
    out = depth.copy()
    for line in _horizontal(faint, mask, dpi, margin):
        _subtract(out, line, level, dpi)
    turned = np.ascontiguousarray(out.T)
    for line in _vertical(np.ascontiguousarray(faint.T), dpi, margin):
        _subtract(turned, line, level, dpi)
    return np.ascontiguousarray(turned.T)


def _long_pieces(faint: Mask, length: int, dpi: float) -> Mask:
    gap = np.ones((1, pixels(_GAP_MM, dpi) | 1), np.uint8)
    closed = cv2.morphologyEx(faint, cv2.MORPH_CLOSE, gap)
    return np.asarray(
        cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.uint8
    )


def _horizontal(faint: Mask, mask: Mask, dpi: float, margin: int) -> list[Points]:
    """Pixels (row, column) of each piece of a horizontal rule."""
    height, width = mask.shape
    long = _long_pieces(faint, min(pixels(_LONG_MM, dpi), max(8, int(width * 0.6))), dpi)
    if not long.any():
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    edge = margin + pixels(_EDGE_MM, dpi)
    widths, areas = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_AREA]
    # Thick bodies are smears or letters run together, not rules.
    thin = areas / widths <= pixels(_THICK_MM, dpi)
    middles = stats[1:, cv2.CC_STAT_TOP] + stats[1:, cv2.CC_STAT_HEIGHT] / 2
    near = (middles < edge) | (middles > height - edge)
    crossed = _crossed(long, mask, dpi)
    through = np.bincount(labels[crossed > 0], minlength=count)[1:] / np.maximum(1, areas)
    found = []
    for n in np.flatnonzero(thin):
        level = np.abs(middles - middles[n]) < pixels(0.8, dpi)
        whole = widths[level & thin].sum() >= _COVER * width
        if near[n] or whole or through[n] < _STRUCK:
            found.append(_points(labels, stats, n + 1))
    return found


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
    count, labels, stats, _ = cv2.connectedComponentsWithStats(long, connectivity=8)
    return [_points(labels, stats, n) for n in range(1, count)]


def _points(labels: NDArray[np.int32], stats: NDArray[np.int32], n: int) -> Points:
    x, y, w, h, _ = stats[n]
    return np.argwhere(labels[y : y + h, x : x + w] == n) + (y, x)


def _crossed(line: Mask, mask: Mask, dpi: float) -> Mask:
    """Where a line has ink close above and close below: writing that it strikes through."""
    halo, reach = pixels(_HALO_MM, dpi), pixels(_CROSSING_MM, dpi)
    band = cv2.dilate(line, np.ones((2 * halo + 1, 1), np.uint8))
    outside = mask & ~band
    # A kernel anchored at an end looks one way only.
    down = cv2.dilate(outside, np.ones((reach, 1), np.uint8), anchor=(0, reach - 1))
    up = cv2.dilate(outside, np.ones((reach, 1), np.uint8), anchor=(0, 0))
    return np.asarray(down & up, np.uint8)


def _subtract(depth: Grey, line: Points, level: float, dpi: float) -> None:
    """Take one piece of a rule out of the ink map, in place.

    Column by column along the fitted middle of the rule: where there is no more ink than the
    rule's own profile, all goes; where a stroke goes on below the rule, or a dot that is free
    above lies on it, all stays; where a letter stands on it, the profile is subtracted.
    """
    left, right = int(line[:, 1].min()), int(line[:, 1].max()) + 1
    columns = np.arange(left, right)
    degree = 2 if len(columns) > 12 * pixels(1.0, dpi) else 1
    middle = np.polyval(np.polyfit(line[:, 1] - left, line[:, 0], degree), columns - left)
    reach = pixels(_REACH_MM, dpi)
    offsets = np.arange(-2 * reach, 2 * reach + 1)
    rows = middle[None, :] + offsets[:, None]
    strip = cv2.remap(
        depth,
        np.broadcast_to(columns, rows.shape).astype(np.float32),
        rows.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    ).astype(np.float32)
    profile = _profile(strip, pixels(_STRETCH_MM, dpi))
    inner = np.abs(offsets) <= reach
    profile[~inner] = 0
    more = strip - profile > np.maximum(level, _MORE * profile.max(axis=0))
    below = more[(offsets >= 2) & (offsets <= reach + 1)].any(axis=0)
    above = more[(offsets >= -reach) & (offsets <= 1)].any(axis=0)
    joined = more[(offsets >= -2 * reach) & (offsets < -reach)].any(axis=0)
    kept = below | (above & ~joined)
    foot = above & joined & ~below
    for x, centre, keep, stands, own in zip(columns, middle, kept, foot, profile.T, strict=True):
        if keep:
            continue
        top, bottom = max(0, round(centre) - reach), min(len(depth), round(centre) + reach + 1)
        if stands:
            own_here = np.interp(np.arange(top, bottom) - centre, offsets, own)
            depth[top:bottom, x] = np.clip(depth[top:bottom, x] - own_here, 0, 255)
        else:
            depth[top:bottom, x] = 0


def _profile(strip: NDArray[np.float32], stretch: int) -> NDArray[np.float32]:
    """Depth of the rule across itself, shape of ``strip``; constant over each stretch."""
    out = np.empty_like(strip)
    width = strip.shape[1]
    pieces = max(1, round(width / stretch))
    for piece in np.array_split(np.arange(width), pieces):
        out[:, piece] = np.median(strip[:, piece], axis=1, keepdims=True)
    return out
