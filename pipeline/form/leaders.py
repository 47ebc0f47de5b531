"""Dotted leaders and rules on a page's print: where a clerk is asked to write.

Letters are taller than a dot and shorter than a rule, so small flat specks and long flat
strokes are kept, all else dropped; specks in a row within a few millimetres make a leader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.form.warp import Warp, fit
from pipeline.types import Grey

_INK = 34
"""Ink darker than this share of 255 counts; pale dots are about 60, paper grain below 20."""
_GRAINY = 11.0
"""Spread of the grain from which single dots drown in it."""
_ALONG_MM = 2.2
_OVER_GRAIN = 4.5
_SPECK_MM = 1.0
_RULE_MM = 5.0
_BRIDGE_MM = 2.6
"""Dots stand up to 2.5 mm apart."""
_SHORTEST_MM = 5.0
_STEP_MM = 6.0
_LEVEL_MM = 0.45
"""Pieces of one leader on straightened pages differ less than this in height."""


@dataclass(frozen=True)
class Segment:
    """An unbroken piece of a leader: points (x, y) from left to right, mm."""

    points: tuple[tuple[float, float], ...]

    @property
    def x0(self) -> float:
        """Left end."""
        return self.points[0][0]

    @property
    def x1(self) -> float:
        """Right end."""
        return self.points[-1][0]

    @property
    def y(self) -> float:
        """Mean height."""
        return sum(y for _, y in self.points) / len(self.points)


def flat_specks(ink: Grey, dpi: float) -> Grey:
    """1 where ink is part of a dot, a dash or a rule."""
    mm = dpi / 25.4
    dark = _dark(ink, mm)
    _, names, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    tall = stats[:, cv2.CC_STAT_HEIGHT] > max(3, _SPECK_MM * mm)
    steep = stats[:, cv2.CC_STAT_HEIGHT] > 2.2 * stats[:, cv2.CC_STAT_WIDTH] + 1
    keep = ~(tall | steep)
    keep[0] = False
    specks = keep[names].astype(np.uint8)
    # A rule crossed by writing is one tall component with it: take long flat strokes back.
    rules = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(_RULE_MM * mm)), np.uint8))
    thick = cv2.morphologyEx(rules, cv2.MORPH_OPEN, np.ones((round(1.2 * mm), 1), np.uint8))
    return np.asarray(cv2.bitwise_or(specks, cv2.subtract(rules, thick)), dtype=np.uint8)


def _dark(ink: Grey, mm: float) -> Grey:
    """1 where there is ink. Grainy paper is first smoothed along the rows, as leaders run."""
    if _grain(ink) < _GRAINY:
        return (ink > _INK).astype(np.uint8)
    smooth = np.asarray(cv2.blur(ink, (round(_ALONG_MM * mm) | 1, 1)), dtype=np.uint8)
    level = float(np.median(smooth)) + _OVER_GRAIN * _grain(smooth)
    return np.asarray(smooth > level, dtype=np.uint8)


def _grain(ink: Grey) -> float:
    """Spread of the paper's grain: most of a page is paper, and a quarter lies one way."""
    low, high = np.percentile(ink[::3, ::3], (50, 75))
    return float(high - low) / 0.674


def shared_segments(pages: Sequence[Grey], dpi: float) -> list[Segment]:
    """Printed leaders of pages that lie over one another, given the specks of each.

    Of three pages and more a piece counts when two show it; what only one page shows still
    counts where it continues such a piece at its very height, because leaders wear off.
    """
    near = [cv2.dilate(page, np.ones((3, 3), np.uint8)) for page in pages]
    votes = np.sum(np.stack(near), axis=0)
    any_ = find_segments((votes >= 1).astype(np.uint8) if len(pages) > 1 else pages[0], dpi)
    if len(pages) < 3:
        return any_
    sure = find_segments((votes >= 2).astype(np.uint8), dpi)
    return sure + [
        piece
        for piece in any_
        if any(abs(piece.y - other.y) < _LEVEL_MM and not _covers(other, piece) for other in sure)
    ]


def _covers(one: Segment, other: Segment) -> bool:
    return one.x0 <= other.x0 + 1.0 and one.x1 >= other.x1 - 1.0


def find_segments(specks: Grey, dpi: float) -> list[Segment]:
    """Leaders and rules among the specks, longest pieces that hang together."""
    mm = dpi / 25.4
    joined = cv2.dilate(specks, np.ones((3, 1), np.uint8))
    bridge = np.ones((1, round(_BRIDGE_MM * mm) | 1), np.uint8)
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, bridge)
    joined = cv2.morphologyEx(
        joined, cv2.MORPH_OPEN, np.ones((1, round(0.6 * _SHORTEST_MM * mm)), np.uint8)
    )
    _, names, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Segment] = []
    for name, (x, y, w, h, _) in enumerate(stats):
        if name == 0 or w < _SHORTEST_MM * mm or h > 1.2 * mm + 0.06 * w:
            continue
        part = names[y : y + h, x : x + w] == name
        body = np.where(part, specks[y : y + h, x : x + w], 0)
        segment = _traced(part, body, x, y, mm)
        if segment:
            found.append(segment)
    return found


def _traced(
    part: NDArray[np.bool_], body: NDArray[np.uint8], x: int, y: int, mm: float
) -> Segment | None:
    """Heights of a component every few millimetres, at the middle of its ink."""
    columns = np.flatnonzero(part.any(axis=0))
    if not len(columns):
        return None
    first, last = int(columns[0]), int(columns[-1])
    pieces = max(1, round((last - first) / (_STEP_MM * mm)))
    edges = np.linspace(first, last + 1, pieces + 1).round().astype(int)
    rows = np.arange(part.shape[0])
    points: list[tuple[float, float]] = []
    for left, right in pairwise(edges):
        weight = body[:, left:right].sum(axis=1)
        if not weight.any():
            weight = part[:, left:right].sum(axis=1)
        if weight.any():
            middle = float((rows * weight).sum() / weight.sum())
            points.append((((left + right) / 2 + x) / mm, (middle + y + 0.5) / mm))
    if not points:
        return None
    ends = ((first + x) / mm, points[0][1]), ((last + 1 + x) / mm, points[-1][1])
    return Segment((ends[0], *points, ends[1]))


def straighten(segments: Sequence[Segment], width: float, height: float) -> Warp:
    """The bend of the paper: displacement that leads level lines to where the leaders lie.

    Each row's own height is free; only the bend along the rows is learned.
    """
    rows = chained(segments)
    long = [row for row in rows if row[-1].x1 - row[0].x0 > 0.3 * width]
    if len(long) < 4:
        return Warp(width, height)
    points = np.array([p for row in long for s in row for p in s.points])
    of_row = np.array([n for n, row in enumerate(long) for s in row for _ in s.points])
    bend = np.zeros(len(points))
    coefficients: tuple[float, ...] = (0.0,)
    for _ in range(6):
        level = np.zeros(len(points))
        for row in range(len(long)):
            members = of_row == row
            level[members] = float(np.median(points[members, 1] - bend[members]))
        moved = points[:, 1] - level
        at = np.stack([points[:, 0], level], axis=1)
        coefficients, residual = fit(at, moved, np.ones(len(points)), (width, height), 4)
        bend = moved - residual
    return Warp(width, height, (0.0,), coefficients)


def chained(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments that continue one another along a row, each row from left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: s.x0):
        best, nearest = None, 1.6
        for row in rows:
            last = row[-1]
            gap = segment.x0 - last.x1
            if gap < -1.0 or gap > 70:
                continue
            apart = abs(segment.points[0][1] - last.points[-1][1] - _slope(last) * gap)
            if apart < min(nearest, 0.7 + 0.02 * gap):
                best, nearest = row, apart
        if best is None:
            rows.append([segment])
        else:
            best.append(segment)
    return sorted(rows, key=lambda row: row[0].y)


def _slope(segment: Segment) -> float:
    run = segment.x1 - segment.x0
    if run < 25:
        return 0.0
    rise = segment.points[-1][1] - segment.points[0][1]
    return float(np.clip(rise / run, -0.02, 0.02))
