"""Takes dotted leaders out of a crop, and leaves what is written on them.

A leader is a row of small dots at one distance on one line. Dots below letters (ạ ị ọ),
commas and hyphens stand on it too: a dot goes only where the leader's own fit says that one
must be, and only if it has the ink of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH, Mask, pixels

_DOT_MM = 0.95
"""Largest dot, blurred."""
_PLACE_MM = 0.25
"""Radius that is cleared at each place of the comb."""
_PERIOD_MM = (0.7, 2.6)
_FEWEST_DOTS = 6
_LETTER_MM = 1.5
"""Smallest height of a letter; a comma or a dấu is lower."""
_BELOW_MM = 1.4
"""A dot below (dấu nặng) lies no further than this under its letter."""
_PHASE = 0.17
"""How far off its place a dot may be, in periods."""
_HEAVIEST = 1.9
"""Ink of a dot against its neighbours in the leader; a dot below a letter has more."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class _Leader:
    """A fitted row of dots: all its places (n, 2), and which components are its dots."""

    places: Points
    members: NDArray[np.intp]


def leader_mask(faint: Mask, depth: NDArray[np.uint8], dpi: float) -> Mask:
    """Where dots of leaders lie.

    Args:
        faint: ink, pale ink included: dots are paler than letters. Rules taken out.
        depth: how deep the ink is, for the mass of a dot: its area is too few pixels.
        dpi: resolution of the crop.
    """
    count, labels, stats, centres = cv2.connectedComponentsWithStats(faint, connectivity=8)
    out = np.zeros_like(faint)
    if count - 1 < _FEWEST_DOTS:
        return out
    size = pixels(_DOT_MM, dpi)
    small = (
        (stats[:, cv2.CC_STAT_WIDTH] <= size)
        & (stats[:, cv2.CC_STAT_HEIGHT] <= size)
        & (stats[:, cv2.CC_STAT_AREA] >= 2)
    )
    small[0] = False
    numbers = np.flatnonzero(small)
    mass = np.bincount(labels.ravel(), weights=depth.ravel(), minlength=count)
    points, masses = centres[numbers], mass[numbers]
    covered = _below_letters(faint, labels, small, points, dpi)
    free = np.ones(len(numbers), bool)
    gone = np.zeros(count, bool)
    leaders = []
    for _ in range(8):
        leader = _find_leader(points, masses, covered, free, dpi)
        if leader is None:
            break
        free[leader.members] = False
        leaders.append(leader)
        gone[numbers[leader.members]] = True
    if not leaders:
        return out
    dots = np.where(gone[labels], 255, 0).astype(np.uint8)
    out |= cv2.dilate(dots, np.ones((3, 3), np.uint8))
    tall = stats[:, cv2.CC_STAT_HEIGHT] >= pixels(_LETTER_MM, dpi)
    radius = pixels(_PLACE_MM, dpi)
    for leader in leaders:
        for x, y in leader.places:
            _place(out, labels, gone, tall, round(x), round(y), radius)
    return out


def _below_letters(
    faint: Mask, labels: NDArray[np.int32], small: NDArray[np.bool_], points: Points, dpi: float
) -> NDArray[np.bool_]:
    """Which points have writing close above: only there can a dot belong to a letter."""
    letters = np.where(small[labels], 0, faint).astype(np.uint8)
    reach = pixels(_BELOW_MM, dpi)
    shade = cv2.dilate(letters, np.ones((reach, 3), np.uint8), anchor=(1, reach - 1))
    at = np.round(points).astype(int)
    return np.asarray(shade[at[:, 1], at[:, 0]] > 0)


def _place(
    out: Mask,
    labels: NDArray[np.int32],
    gone: NDArray[np.bool_],
    tall: NDArray[np.bool_],
    x: int,
    y: int,
    radius: int,
) -> None:
    """Clear one place of a leader: the paper, or a dot that hangs on the foot of a letter."""
    height, width = labels.shape
    top, left = max(0, y - radius), max(0, x - radius)
    here = labels[top : y + radius + 1, left : x + radius + 1]
    if not here.size or not (0 <= x < width and 0 <= y < height):
        return
    others = np.unique(here[(here > 0) & ~gone[here]])
    if not others.size:
        out[top : y + radius + 1, left : x + radius + 1] = 255
        return
    below = labels[y + radius + 1 : y + 2 * radius + 2, left : x + radius + 1]
    if tall[others].all() and not np.isin(below, others).any():
        out[y - radius // 2 : y + radius + 1, left : x + radius + 1] = 255


def _find_leader(
    points: Points,
    masses: NDArray[np.float64],
    covered: NDArray[np.bool_],
    free: NDArray[np.bool_],
    dpi: float,
) -> _Leader | None:
    """The row with the most dots among those still free, or None."""
    if free.sum() < _FEWEST_DOTS:
        return None
    near = 0.16 * dpi / MM_PER_INCH + 0.6
    row = _densest_row(points[free], near)
    if row is None:
        return None
    intercept, slope = row
    off = points[:, 1] - intercept - slope * points[:, 0]
    member = free & (np.abs(off) <= 2.0 * near)
    curve = np.polyfit(points[member, 0], points[member, 1], 2 if member.sum() >= 12 else 1)
    member = free & (np.abs(points[:, 1] - np.polyval(curve, points[:, 0])) <= near)
    if member.sum() < _FEWEST_DOTS:
        return None
    index = np.flatnonzero(member)
    index = index[np.argsort(points[index, 0])]
    usual = _local_median(masses[index])
    most = np.where(covered[index], _HEAVIEST, 2.5 * _HEAVIEST)
    index = index[(masses[index] >= 0.2 * usual) & (masses[index] <= most * usual)]
    found = _comb(points[index, 0], dpi)
    if found is None:
        return None
    on_time, teeth = found
    places = np.column_stack([teeth, np.polyval(curve, teeth)])
    return _Leader(places, index[on_time])


def _local_median(values: NDArray[np.float64], reach: int = 5) -> NDArray[np.float64]:
    """Median of each value and its neighbours: leaders fade along their way."""
    padded = np.pad(values, reach, mode="reflect" if len(values) > reach else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.median(windows, axis=1), np.float64)


def _densest_row(points: Points, near: float) -> tuple[float, float] | None:
    """Intercept and slope of the line with the most points within ``near`` pixels."""
    best, best_count = None, _FEWEST_DOTS - 1
    for slope in np.linspace(-0.024, 0.024, 13):
        level = np.sort(points[:, 1] - slope * points[:, 0])
        ends = np.searchsorted(level, level + 2 * near, side="right")
        counts = ends - np.arange(len(level))
        at = int(np.argmax(counts))
        if counts[at] > best_count:
            best_count = int(counts[at])
            best = (float(np.mean(level[at : ends[at]])), float(slope))
    return best


def _comb(x: Points, dpi: float) -> tuple[NDArray[np.bool_], Points] | None:
    """Which of the sorted positions stand at one regular distance, and all places of the comb."""
    gaps = np.diff(x)
    low, high = (mm * dpi / MM_PER_INCH for mm in _PERIOD_MM)
    fit = gaps[(gaps >= low) & (gaps <= high)]
    if len(fit) < _FEWEST_DOTS - 1:
        return None
    votes = [(int(np.sum(np.abs(fit - gap) <= 0.09 * gap + 0.7)), -gap) for gap in fit]
    count, minus = max(votes)
    if count < max(_FEWEST_DOTS - 2, 0.35 * len(gaps)):
        return None
    period = float(np.median(fit[np.abs(fit + minus) <= 0.09 * -minus + 0.7]))
    # Number the dots by walking: a gap may be several periods where letters hide dots.
    anchor, number = x[0], 0
    numbers, on_time = np.zeros(len(x), int), np.zeros(len(x), bool)
    runs = np.flatnonzero(np.abs(gaps - period) <= _PHASE * period)
    anchor = x[runs[0]] if len(runs) else x[0]
    start = int(np.searchsorted(x, anchor))
    for order in (range(start, len(x)), range(start - 1, -1, -1)):
        last, number = x[start], 0
        for n in order:
            steps = round((x[n] - last) / period)
            if abs(x[n] - last - steps * period) <= _PHASE * period and (steps or n == start):
                number += steps
                last, numbers[n], on_time[n] = x[n], number, True
    if on_time.sum() < _FEWEST_DOTS:
        return None
    degree = 2 if on_time.sum() >= 12 else 1
    course = np.polyfit(numbers[on_time], x[on_time], degree)
    every = np.arange(numbers[on_time].min() - 1, numbers[on_time].max() + 2)
    return on_time, np.polyval(course, every)
