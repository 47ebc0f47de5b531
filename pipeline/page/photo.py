"""Photographs of a page: the page is found on the desk and put straight.

A scanner sees paper as a parallelogram with right corners; only a camera lets opposite edges
run together. So a picture counts as a photograph where four straight edges of paper, seen on
all four sides against something darker, do not make a rectangle. Everything else stays
untouched.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.points import as_matrix
from pipeline.page.scale import MM_PER_INCH
from pipeline.types import Grey, Scan

Floats = NDArray[np.float64]

_LOOK = 800
"""Pixels of the long side at which the page is looked for."""
_LEAST_AREA = 0.25
"""Share of the picture that the page must take."""
_PAPER_ABOVE = 1.3
"""Paper is lighter by this factor than the border of the picture."""
_DEPTH = 0.45
"""Share of the picture, seen from an edge of it, in which that edge of the paper lies."""
_STEP_PX, _STEP = 5, 0.2
"""Pixels on both sides of a step, and the least of it (logarithm of light)."""
_ASIDE_PX = 2.0
_LEAST_ALONG = 0.35
"""Share of the picture's width in which an edge must be seen on one straight line."""
_DRAWS = 400
_SIDES_DIFFER, _ANGLES_DIFFER = 0.025, 1.2
"""Share by which opposite sides differ in length, and degrees by which they are not parallel, from
which no scanner saw them: torn and curved edges on scans stay below."""
_A_SERIES = math.sqrt(2.0)
_LIKE_PAPER = 0.16
"""How far the sides of a page may be from those of A-series paper for it to be taken for it."""
_A4_MM, _A3_MM = 297.0, 420.0
_LANDSCAPE = 1.1
_RIM = 0.004
"""Share by which the found page is widened: a rim of desk is cut off later, paper never."""


def rectified(scan: Scan) -> Scan:
    """The scan, or where it is a photograph its page put straight.

    The result's ``to_file`` maps its pixels to the photograph's, and its resolution is that of
    A4 paper (A3 for an opening) of this size.
    """
    corners = page_corners(scan.grey)
    if corners is None:
        return scan
    top, right, bottom, left = _side_lengths(corners)
    width, height = max(top, bottom), max(left, right)
    width, height = _paper_shape(width, height)
    dpi = max(width, height) / (_A3_MM if width > _LANDSCAPE * height else _A4_MM) * MM_PER_INCH
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - 0.5
    to_file = cv2.getPerspectiveTransform(target.astype(np.float32), corners.astype(np.float32))
    size = (round(width), round(height))
    grey = cv2.warpPerspective(
        scan.grey, to_file, size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return replace(
        scan,
        grey=np.asarray(grey, dtype=np.uint8),
        dpi=dpi,
        to_file=as_matrix(np.asarray(to_file, dtype=np.float64)),
    )


def page_corners(grey: Grey) -> Floats | None:
    """Corners of the page on a photograph, shape (4, 2), clockwise from the upper left.

    None where the picture is no photograph, or the page does not plainly show.
    """
    factor = max(1.0, max(grey.shape) / _LOOK)
    size = (max(1, round(grey.shape[1] / factor)), max(1, round(grey.shape[0] / factor)))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if not _on_a_desk(small):
        return None
    corners = _quadrangle(small)
    if corners is None or not _seen_aslant(corners):
        return None
    middle = corners.mean(axis=0)
    corners = middle + (corners - middle) * (1 + 2 * _RIM)
    scale = np.array([grey.shape[1] / size[0], grey.shape[0] / size[1]])
    return np.asarray((corners + 0.5) * scale - 0.5, dtype=np.float64)


def _on_a_desk(small: Grey) -> bool:
    """True where the picture's border is darker than its middle on all four sides."""
    height, width = small.shape
    rim = max(2, round(_RIM * max(small.shape)))
    inner = small[height // 6 : -(height // 6), width // 6 : -(width // 6)]
    if not inner.size:
        return False
    paper = float(np.percentile(inner, 70))
    sides = (small[:rim], small[-rim:], small[:, :rim], small[:, -rim:])
    return all(paper > _PAPER_ABOVE * float(np.median(side)) for side in sides)


def _quadrangle(small: Grey) -> Floats | None:
    """Where straight lines along the paper's four edges meet; None where one does not show."""
    # Steps of the logarithm: one lamp and one shadow over desk and paper cancel out.
    light = np.log(np.maximum(cv2.GaussianBlur(small, (0, 0), 1.2), 4).astype(np.float32))
    lines = []
    for turns in (0, 1, 2, 3):
        # Turned so that the edge looked for is the upper one, seen from above.
        points = _first_steps(np.rot90(light, turns))
        line = _straightest(points, light.shape[1 - turns % 2])
        if line is None:
            return None
        lines.append(_turned_back(line, turns, light.shape))
    # np.rot90 turns against the clock: upper, right, lower, left edge.
    corners = np.array([_meet(lines[at - 1], lines[at]) for at in range(4)], dtype=np.float64)
    height, width = small.shape
    inside = (
        (corners > 0).all() and (corners[:, 0] < width).all() and (corners[:, 1] < height).all()
    )
    area = float(cv2.contourArea(corners.astype(np.float32)))
    return corners if inside and area > _LEAST_AREA * small.size else None


def _first_steps(light: NDArray[np.float32]) -> Floats:
    """On each column the first step up to paper, seen from above: points (x, y), shape (n, 2)."""
    half = light[: int(_DEPTH * light.shape[0])]
    below = cv2.blur(half, (3, _STEP_PX), anchor=(1, 0))
    above = cv2.blur(half, (3, _STEP_PX), anchor=(1, _STEP_PX - 1))
    step = np.zeros_like(half)
    step[1:] = below[1:] - above[:-1]
    seen = step > _STEP
    columns = np.flatnonzero(seen.any(axis=0))
    first = seen[:, columns].argmax(axis=0)
    # The edge is where the step is steepest within a few pixels of where it begins.
    reach = np.minimum(first[None] + np.arange(2 * _STEP_PX)[:, None], half.shape[0] - 1)
    steepest = first + step[reach, columns[None]].argmax(axis=0)
    return np.stack([columns, np.minimum(steepest, half.shape[0] - 1)], axis=1).astype(np.float64)


def _straightest(points: Floats, width: int) -> tuple[Floats, Floats] | None:
    """The line that most points lie on, as a point and a direction; None where too few do."""
    if len(points) < _LEAST_ALONG * width:
        return None
    rng = np.random.default_rng(len(points))
    picks = rng.integers(0, len(points), (_DRAWS, 2))
    start, way = points[picks[:, 0]], points[picks[:, 1]] - points[picks[:, 0]]
    length = np.hypot(way[:, 0], way[:, 1])
    fair = (length > 0.2 * width) & (np.abs(way[:, 1]) < 0.4 * np.abs(way[:, 0]))
    start, way = start[fair], way[fair] / length[fair, None]
    if not len(start):
        return None
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1)
    away = np.abs(points @ normal.T - np.sum(start * normal, axis=1))
    best = int((away < _ASIDE_PX).sum(axis=0).argmax())
    kept = points[away[:, best] < _ASIDE_PX]
    if len(kept) < _LEAST_ALONG * width:
        return None
    middle = kept.mean(axis=0)
    _, _, axes = np.linalg.svd(kept - middle, full_matrices=False)
    return middle, np.asarray(axes[0], dtype=np.float64)


def _turned_back(
    line: tuple[Floats, Floats], turns: int, shape: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """A line found on ``np.rot90(picture, turns)`` on the picture itself."""
    (x, y), (dx, dy) = line
    height, width = shape
    for turn in range(turns, 0, -1):
        # rot90 puts (x, y) of a picture of this width at (y, width - 1 - x).
        wide = width if turn % 2 else height
        x, y, dx, dy = wide - 1 - y, x, -dy, dx
    return np.array([x, y]), np.array([dx, dy])


def _meet(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats:
    matrix = np.column_stack([one[1], -other[1]])
    if abs(float(np.linalg.det(matrix))) < 1e-6:
        return np.asarray(other[0])
    steps = np.linalg.solve(matrix, other[0] - one[0])
    return np.asarray(one[0] + steps[0] * one[1])


def _side_lengths(corners: Floats) -> tuple[float, float, float, float]:
    steps = np.roll(corners, -1, axis=0) - corners
    top, right, bottom, left = (float(value) for value in np.hypot(steps[:, 0], steps[:, 1]))
    return top, right, bottom, left


def _seen_aslant(corners: Floats) -> bool:
    """True where opposite edges differ as no flat scan lets them."""
    top, right, bottom, left = _side_lengths(corners)
    if min(top, right, bottom, left) < 1 or not cv2.isContourConvex(corners.astype(np.float32)):
        return False
    differ = max(abs(top - bottom) / max(top, bottom), abs(left - right) / max(left, right))
    steps = np.roll(corners, -1, axis=0) - corners
    angle = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    apart = [abs((angle[at + 2] - angle[at] + 360) % 360 - 180) for at in (0, 1)]
    return differ > _SIDES_DIFFER and max(apart) > _ANGLES_DIFFER


def _paper_shape(width: float, height: float) -> tuple[float, float]:
    """The sides, made those of A-series paper where they are nearly so: a camera shortens them."""
    long_side, short = max(width, height), min(width, height)
    if abs(long_side / short / _A_SERIES - 1) > _LIKE_PAPER:
        return width, height
    if width > height:
        return width, width / _A_SERIES
    return height / _A_SERIES, height
