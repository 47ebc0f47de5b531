"""Takes dotted leaders out of a crop, and leaves what is written on them.

A leader is a row of small dots at one distance on one line. Dots below letters (ạ ị ọ),
commas and hyphens stand on it too: a dot goes only where the leader's own fit says that one
must be, and only if it has the ink of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import MM_PER_INCH, pixels
from pipeline.reading.pieces import Flags, Mask, Pieces, grown
from pipeline.types import Grey

_DOT_MM = 0.95
"""Largest dot, blurred."""
_PLACE_MM = 0.35
"""Half the side of the square that is cleared at each place of the comb."""
_MOST_ROWS = 8
_GENEROUS = 1.7
"""Dots are taken out a little deeper than they usually are: a rest of one is a mark."""
_PERIOD_MM = (0.7, 2.6)
_FEWEST_DOTS = 5
_LONGEST_GAP = 40
"""Periods; print breaks over some centimetres."""
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
    """A fitted row of dots.

    ``places`` are all its places (n, 2), ``weights`` the usual mass of a dot at each, and
    ``members`` say which of the points handed in are its dots.
    """

    places: Points
    members: NDArray[np.intp]
    weights: NDArray[np.float64]


def without_leaders(depth: Grey, faint: Mask, dpi: float) -> Grey:
    """The ink map without dotted leaders.

    Args:
        depth: ink map, rules taken out.
        faint: ink of it, pale ink included: dots are paler than letters.
        dpi: resolution of the crop.
    """
    pieces = Pieces.of(faint)
    if len(pieces) - 1 < _FEWEST_DOTS:
        return depth
    size = pixels(_DOT_MM, dpi)
    small = (pieces.width <= size) & (pieces.height <= size) & (pieces.area >= 2)
    small[0] = False
    numbers = np.flatnonzero(small)
    # The mass of a dot says more than its area, which is a handful of pixels.
    points, masses = pieces.centres[numbers], pieces.mass(depth)[numbers]
    covered = _below_letters(pieces.mask(~small), points, dpi)
    free = np.ones(len(numbers), bool)
    gone = np.zeros(len(pieces), bool)
    leaders = []
    for _ in range(_MOST_ROWS):
        leader = _find_leader(points, masses, covered, free, dpi)
        if leader is None:
            break
        free[leader.members] = False
        leaders.append(leader)
        gone[numbers[leader.members]] = True
    if not leaders:
        return depth
    out = depth & ~grown(pieces.mask(gone), 3, 3)
    tall = pieces.height >= pixels(_LETTER_MM, dpi)
    for leader in leaders:
        shape = _dot_shape(depth, points[leader.members], pixels(_PLACE_MM, dpi))
        _clear_places(out, pieces.labels, gone, tall, leader, shape)
    return out


def _dot_shape(depth: Grey, dots: Points, radius: int) -> NDArray[np.float64]:
    """Mean picture of a leader's dots, of mass one; shape (2 radius + 1, 2 radius + 1)."""
    across = np.arange(-radius, radius + 1)
    rows = np.clip(np.round(dots[:, 1]).astype(int)[:, None] + across, 0, depth.shape[0] - 1)
    columns = np.clip(np.round(dots[:, 0]).astype(int)[:, None] + across, 0, depth.shape[1] - 1)
    patches = depth[rows[:, :, None], columns[:, None, :]].astype(np.float64)
    mean = np.asarray(np.median(patches, axis=0), np.float64)
    return mean / max(1.0, float(mean.sum()))


def _clear_places(
    out: Grey,
    labels: NDArray[np.int32],
    gone: Flags,
    tall: Flags,
    leader: _Leader,
    shape: NDArray[np.float64],
) -> None:
    """Clear the places between a leader's dots, in place.

    Paper becomes empty; from the foot of a letter the usual dot is subtracted; a mark that
    stands there by itself (dấu nặng, comma) stays.
    """
    radius = len(shape) // 2
    height, width = out.shape
    for (x, y), weight in zip(np.round(leader.places).astype(int), leader.weights, strict=True):
        top, bottom = max(0, y - radius), min(height, y + radius + 1)
        left, right = max(0, x - radius), min(width, x + radius + 1)
        if top >= bottom or left >= right:
            continue
        here = labels[top:bottom, left:right]
        others = here[(here > 0) & ~gone[here]]
        if not others.size:
            out[top:bottom, left:right] = 0
        elif tall[others].all():
            dot = shape[
                top - y + radius : bottom - y + radius, left - x + radius : right - x + radius
            ]
            less = out[top:bottom, left:right] - _GENEROUS * weight * dot
            out[top:bottom, left:right] = np.clip(less, 0, 255).astype(np.uint8)


def _below_letters(letters: Mask, points: Points, dpi: float) -> Flags:
    """Which points have writing close above: only there can a dot belong to a letter."""
    reach = pixels(_BELOW_MM, dpi)
    shade = grown(letters, reach, 3, (1, reach - 1))
    at = np.round(points).astype(int)
    return np.asarray(shade[at[:, 1], at[:, 0]] > 0)


def _find_leader(
    points: Points,
    masses: NDArray[np.float64],
    covered: Flags,
    free: Flags,
    dpi: float,
) -> _Leader | None:
    """The row with the most dots among those still free, or None."""
    near = 0.16 * dpi / MM_PER_INCH + 0.6
    row = _densest_row(points[free], near)
    if row is None:
        return None
    intercept, slope = row
    off = np.abs(points[:, 1] - intercept - slope * points[:, 0])
    order = np.argsort(points[:, 0])
    seeds = order[(free & (off <= near))[order]]
    period = _period(points[seeds, 0], dpi)
    if period is None:
        return None
    walked = _walk(points, order[free[order]], seeds, period, near)
    if len(walked) < _FEWEST_DOTS:
        return None
    usual = _local_median(masses[walked])
    most = np.where(covered[walked], _HEAVIEST, 2.5 * _HEAVIEST)
    members = walked[(masses[walked] >= 0.2 * usual) & (masses[walked] <= most * usual)]
    places = _places(points[walked], period)
    weights = np.interp(places[:, 0], points[walked, 0], usual)
    return _Leader(places, members, weights)


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
        if not len(counts):
            return None
        at = int(np.argmax(counts))
        if counts[at] > best_count:
            best_count = int(counts[at])
            best = (float(np.mean(level[at : ends[at]])), float(slope))
    return best


def _period(x: Points, dpi: float) -> float | None:
    """The commonest distance of neighbours, if it is common enough."""
    gaps = np.diff(x)
    low, high = (mm * dpi / MM_PER_INCH for mm in _PERIOD_MM)
    fit = gaps[(gaps >= low) & (gaps <= high)]
    if len(fit) < _FEWEST_DOTS - 2:
        return None
    alike = np.abs(fit[:, None] - fit[None, :]) <= 0.09 * fit[None, :] + 0.7
    votes = alike.sum(axis=0)
    best = int(np.argmax(votes))
    if votes[best] < max(_FEWEST_DOTS - 2, 0.35 * len(gaps)):
        return None
    return float(np.mean(fit[alike[:, best]]))


def _walk(
    points: Points, order: NDArray[np.intp], seeds: NDArray[np.intp], period: float, near: float
) -> NDArray[np.intp]:
    """Dots that follow one another at the period, from the first regular seeds both ways.

    Rows bend with the paper, so the height is followed from dot to dot. A step may be several
    periods long, where letters hide dots or the print is broken.
    """
    gaps = np.diff(points[seeds, 0])
    regular = np.flatnonzero(np.abs(gaps - period) <= _PHASE * period)
    if not len(regular):
        return np.empty(0, np.intp)
    start = seeds[regular[len(regular) // 2]]
    found = [start]
    at = int(np.flatnonzero(order == start)[0])
    for way in (order[at + 1 :], order[:at][::-1]):
        trail = [points[start]]
        for n in way:
            dx = abs(points[n, 0] - trail[-1][0])
            steps = round(dx / period)
            if steps < 1:
                continue
            if steps > _LONGEST_GAP:
                break
            slope = _slope(trail)
            height = trail[-1][1] + slope * dx
            allowed = near * (0.7 + min(0.08 * steps, 0.8))
            if (
                abs(dx - steps * period) <= period * min(_PHASE + 0.015 * steps, 0.3)
                and abs(points[n, 1] - height) <= allowed
            ):
                found.append(n)
                trail.append(points[n])
    walked = np.array(found, np.intp)
    return walked[np.argsort(points[walked, 0])]


def _slope(trail: list[Points]) -> float:
    """Rise per pixel over the last dots, flat at first."""
    last = trail[-12:]
    if len(last) < 4:
        return 0.0
    run = abs(last[-1][0] - last[0][0])
    return float((last[-1][1] - last[0][1]) / run)


def _places(dots: Points, period: float) -> Points:
    """All places of the row: its dots, and those between and just beyond them."""
    first = dots[0] - (period, 0.0)
    last = dots[-1] + (period, 0.0)
    every = np.vstack([first, dots, last])
    places = [every[:1]]
    for a, b in pairwise(every):
        steps = max(1, round((b[0] - a[0]) / period))
        part = np.arange(1, steps + 1)[:, None] / steps
        places.append(a + (b - a) * part)
    return np.vstack(places)
