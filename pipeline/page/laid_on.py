"""Another paper laid on a page: its edges show, whatever is written on it.

A letter or a certificate between the leaves of a book lies aslant and covers what is printed
there. Its edges are straight steps of the paper's tone, or their shadow, at right angles; rules
and writing are strokes, and are closed before edges are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.paper import Hull, inside, paper_hull
from pipeline.page.points import as_matrix, through
from pipeline.page.scale import MM_PER_INCH, shrink
from pipeline.types import Grey, PageImage, Scan

Floats = NDArray[np.float64]
Tones = NDArray[np.float32]

_LOOK_DPI = 60.0
_STROKE_MM = 2.1
"""Width up to which what is dark is ink or a rule, no edge."""
_DARKEST, _SOFT_PX, _AROUND_MM, _STEEP = 20, 1.5, 25.0, 900.0
"""Tones are compared with those around; a step of a hundredth is nine of 256."""
_LEAST_MM = 8.0
"""Length of a piece of edge."""
_ALIKE_DEG, _ASIDE_MM, _GAP_MM = 1.2, 1.2, 60.0
"""How far pieces of one edge differ in direction, lie aside, and lie apart."""
_EDGES = 60
"""A direction's longest: a chequered cloth has hundreds, a paper two."""
_RIM_MM, _NEAR_RIM_MM = 5.0, 12.0
"""What runs along the rim of the page's own paper is its edge."""
_EDGE_MM = 2.0
"""Rim of the paper whose tone is mixed with the bed's."""
_STRIP_MM, _STRIP_ALIKE, _STRIP_END_MM = (11.0, 30.0), 0.7, 3.0
"""Two edges so far apart, and side by side for so much of their length, are a strip of tape."""
_SHORT_MM, _PAST_MM = 16.0, 8.0
"""How far from a corner an edge may end, short of it and beyond it."""
_SIDE_MM = 40.0
_SIDES, _FAR_SIDES, _ALL_SIDES, _PART = 2.0, 1.3, 3.4, 0.3
"""How many of a paper's four sides are seen, parts of them counted as parts: at least, of those
away from the rim, and where all run along it; and what share of a side says anything."""
_MOST = 0.72
"""Share of the picture, or of a page, from which a rectangle is the page itself."""
_ON_PAGE = 0.15
"""Share of a paper that lies on a page, less only touches it."""


@dataclass(frozen=True)
class Laid:
    """A paper that lies on the page.

    Attributes:
        corners: shape (4, 2), clockwise or against, pixels of the picture.
        length: millimetres of its sides that show.
    """

    corners: Floats
    length: float

    def covers(self, x: float, y: float) -> bool:
        """True for a point under the paper."""
        return cv2.pointPolygonTest(self.corners.astype(np.float32), (x, y), False) >= 0

    def area(self) -> float:
        """Pixels that it takes."""
        return float(cv2.contourArea(self.corners.astype(np.float32)))


@dataclass(frozen=True)
class _Edge:
    """An edge in a turned frame: at ``at`` on one axis, from ``start`` to ``stop`` on the other.

    Millimetres, as ``seen``, the length of it that shows.
    """

    at: float
    start: float
    stop: float
    seen: float


Edges = Sequence[_Edge]
Shares = tuple[float, ...]
Box = tuple[float, float, float, float]
"""u0, u1, v0, v1 in a turned frame, millimetres."""


def laid_papers(grey: Grey, dpi: float, pages: Sequence[Floats] = ()) -> tuple[Laid, ...]:
    """Papers that lie on a page, the surest first; none where it is bare.

    Args:
        grey: a scan, as it was lit.
        dpi: its resolution.
        pages: outlines of its pages, shape (n, 2) each, pixels; their edges are no other paper's.
    """
    small, factor = shrink(grey, dpi, _LOOK_DPI)
    mm = dpi / factor / MM_PER_INCH
    if min(small.shape) < _SIDE_MM * mm:
        return ()
    hull = paper_hull(small, dpi / factor)
    rims = [hull / mm, *(((page + 0.5) / factor - 0.5) / mm for page in pages)]
    rims = [np.asarray(rim, np.float32) for rim in rims]
    pieces = _pieces(small, mm, inside(hull, small.shape, round(_EDGE_MM * mm)))
    pieces = pieces[
        ~(_at_rim(pieces[:, :2], rims, _RIM_MM) & _at_rim(pieces[:, 2:], rims, _RIM_MM))
    ]
    most = _MOST * min(cv2.contourArea(rim) for rim in rims)
    found: list[Laid] = []
    for turn in _turns(pieces) if len(pieces) else ():
        along = np.array([np.cos(turn), np.sin(turn)])
        frame = np.stack([along, (-along[1], along[0])])
        turned = pieces @ _twice(frame)
        across, down = _without_strips(_edges(turned), _edges(_swapped(turned)))
        for (u0, u1, v0, v1), shares in _rectangles(across, down):
            corners = np.array([(u0, v0), (u1, v0), (u1, v1), (u0, v1)]) @ frame
            if (u1 - u0) * (v1 - v0) < most and _apart(corners, shares, rims):
                length = (shares[0] + shares[1]) * (u1 - u0) + (shares[2] + shares[3]) * (v1 - v0)
                found.append(Laid((corners * mm + 0.5) * factor - 0.5, length))
    return tuple(sorted(found, key=lambda one: -one.length))


def papers_on(scan: Scan, pages: Sequence[PageImage]) -> tuple[tuple[Laid, ...], ...]:
    """Papers that lie on each page of a scan, in its pixels; one over a fold lies on both."""
    from_file = np.linalg.inv(np.asarray(scan.to_file))
    to_scan = [from_file @ np.asarray(page.to_scan) for page in pages]
    sheets = [_sheet(page) for page in pages]
    outlines = [through(sheet, as_matrix(to)) for sheet, to in zip(sheets, to_scan, strict=True)]
    found = laid_papers(scan.grey, scan.dpi, outlines)
    ways = [np.linalg.inv(to) for to in to_scan]
    return tuple(
        tuple(
            paper
            for laid in found
            if _lies_on(
                paper := replace(laid, corners=through(laid.corners, as_matrix(way))), sheet
            )
        )
        for sheet, way in zip(sheets, ways, strict=True)
    )


def _sheet(page: PageImage) -> Floats:
    height, width = page.grey.shape
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64) - 0.5


def _lies_on(paper: Laid, sheet: Floats) -> bool:
    hull = cv2.convexHull(paper.corners.astype(np.float32))
    common, _ = cv2.intersectConvexConvex(hull, sheet.astype(np.float32))
    return common > _ON_PAGE * cv2.contourArea(hull)


def _apart(corners: Floats, shares: Shares, rims: Sequence[Hull]) -> bool:
    """True where sides are seen that do not run along the rim of a page."""
    near = _at_rim(corners, rims, _NEAR_RIM_MM)
    far = [
        share
        for share, ends in zip(shares, ((0, 1), (2, 3), (0, 3), (1, 2)), strict=True)
        if not near[list(ends)].all() and share >= _PART
    ]
    return sum(shares) >= _ALL_SIDES or (len(far) >= 2 and sum(far) >= _FAR_SIDES)


def _twice(frame: Floats) -> Floats:
    """Takes both ends of pieces into a turned frame."""
    return np.asarray(np.kron(np.eye(2), frame.T), np.float64)


def _swapped(pieces: Floats) -> Floats:
    return pieces[:, [1, 0, 3, 2]]


def _pieces(small: Grey, mm: float, paper: Grey) -> Floats:
    """Straight pieces of edges: x0, y0, x1, y1 in millimetres, shape (n, 4)."""
    wide = max(3, round(_STROKE_MM * mm)) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    light = np.maximum(cv2.medianBlur(np.asarray(closed, np.uint8), 5), _DARKEST)
    tone = np.log(light.astype(np.float32))
    tone = np.asarray(cv2.GaussianBlur(tone, (0, 0), _SOFT_PX), np.float32)
    step = tone - _around(tone, paper, round(_AROUND_MM * mm))
    plain = np.clip(128 + _STEEP * step, 0, 255).astype(np.uint8)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE, 1.0).detect(plain)[0]
    if found is None:
        return np.empty((0, 4))
    pieces = np.asarray(found.reshape(-1, 4), np.float64) / mm
    long = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    return np.asarray(pieces[long >= _LEAST_MM], np.float64)


def _around(tone: Tones, paper: Grey, wide: int) -> Tones:
    """Mean tone of the paper around each pixel; bed does not count."""
    share = (paper > 0).astype(np.float32)
    total = cv2.GaussianBlur(tone * share, (0, 0), wide / 3)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(share, (0, 0), wide / 3), 1e-3))


def _at_rim(points: Floats, rims: Sequence[Hull], near: float) -> NDArray[np.bool_]:
    """Which points lie so near to the outline of a page, inside or outside."""
    away = [
        min(abs(cv2.pointPolygonTest(rim, (float(x), float(y)), True)) for rim in rims)
        for x, y in points
    ]
    return np.array(away) <= near


def _turns(pieces: Floats) -> list[float]:
    """Directions (radians, mod a right angle) that many millimetres of edges share."""
    way = pieces[:, 2:] - pieces[:, :2]
    long = np.hypot(way[:, 0], way[:, 1])
    angle = np.mod(np.arctan2(way[:, 1], way[:, 0]), np.pi / 2)
    found: list[float] = []
    left = long.copy()
    for _ in range(3):
        apart = np.abs(np.mod(angle[:, None] - angle[None] + np.pi / 4, np.pi / 2) - np.pi / 4)
        worth = ((apart < np.radians(_ALIKE_DEG)) * left[None]).sum(axis=1)
        best = int(worth.argmax())
        if worth[best] < 2 * _SIDE_MM:
            break
        near = apart[best] < np.radians(_ALIKE_DEG)
        away = np.mod(angle - angle[best] + np.pi / 4, np.pi / 2) - np.pi / 4
        found.append(float(angle[best] + np.average(away[near], weights=left[near] + 1e-9)))
        left[near] = 0.0
    return found


def _edges(pieces: Floats) -> list[_Edge]:
    """Edges along the first axis, the longest first: pieces on one line, joined over gaps."""
    way = np.abs(pieces[:, 2:] - pieces[:, :2])
    own = pieces[way[:, 1] < np.tan(np.radians(2 * _ALIKE_DEG)) * way[:, 0]]
    ends = np.sort(own[:, [0, 2]], axis=1)
    heights = (own[:, 1] + own[:, 3]) / 2
    order = np.argsort(ends[:, 0] - ends[:, 1])
    taken = np.zeros(len(own), bool)
    found: list[_Edge] = []
    for first in order:
        near = np.flatnonzero(~taken & (np.abs(heights - heights[first]) < _ASIDE_MM))
        if not taken[first]:
            found += _joined(ends[near[np.argsort(ends[near, 0])]], float(heights[first]))
            taken[near] = True
    return sorted(found, key=lambda edge: -edge.seen)[:_EDGES]


def _joined(ends: Floats, at: float) -> Iterator[_Edge]:
    start = stop = float(ends[0, 0])
    seen = 0.0
    for low, high in ends.tolist():
        if low - stop > _GAP_MM:
            yield _Edge(at, start, stop, seen)
            start, stop, seen = low, low, 0.0
        seen += max(0.0, high - max(stop, low))
        stop = max(stop, high)
    yield _Edge(at, start, stop, seen)


def _without_strips(across: Edges, down: Edges) -> tuple[Edges, Edges]:
    """Edges of both directions that are not those of strips of tape."""
    for _ in range(2):
        strips = [
            (one, other)
            for one, other in combinations(across, 2)
            if _STRIP_MM[0] < abs(one.at - other.at) < _STRIP_MM[1] and _side_by_side(one, other)
        ]
        taken = {id(edge) for pair in strips for edge in pair}
        across = [edge for edge in across if id(edge) not in taken]
        down = [edge for edge in down if not any(_ends_strip(edge, *pair) for pair in strips)]
        across, down = down, across
    return across, down


def _side_by_side(one: _Edge, other: _Edge) -> bool:
    shared = min(one.stop, other.stop) - max(one.start, other.start)
    return shared >= _STRIP_ALIKE * max(one.stop - one.start, other.stop - other.start)


def _ends_strip(edge: _Edge, one: _Edge, other: _Edge) -> bool:
    low, high = sorted((one.at, other.at))
    return low - _STRIP_END_MM <= edge.start and edge.stop <= high + _STRIP_END_MM


def _rectangles(across: Edges, down: Edges) -> Iterator[tuple[Box, Shares]]:
    """Rectangles with a corner at which two edges end, and how many of their sides are seen."""
    for a, d in product(across, down):
        for (u0, u1), (v0, v1) in product(_beyond(a, d.at), _beyond(d, a.at)):
            for far_u, far_v in product(_far(down, d, u1), _far(across, a, v1)):
                box = (min(u0, far_u), max(u0, far_u), min(v0, far_v), max(v0, far_v))
                shares = _seen(box, across, down)
                if sum(shares) >= _SIDES:
                    yield box, shares


def _beyond(edge: _Edge, corner: float) -> Iterator[tuple[float, float]]:
    """The corner and the edge's other end, where the edge ends at the corner."""
    for near, far in ((edge.start, edge.stop), (edge.stop, edge.start)):
        past = (corner - near) * (1 if far < near else -1)
        if -_PAST_MM <= past <= _SHORT_MM:
            yield corner, far


def _far(edges: Edges, like: _Edge, end: float) -> list[float]:
    """Where the side opposite to an edge may lie."""
    found = [
        edge.at
        for edge in edges
        if abs(edge.at - end) < _SHORT_MM
        or (abs(edge.start - like.start) < _SHORT_MM and abs(edge.stop - like.stop) < _SHORT_MM)
    ]
    return [*found, end]


def _seen(box: Box, across: Edges, down: Edges) -> Shares:
    """Share of each side of a rectangle that is seen; none where it is too small."""
    u0, u1, v0, v1 = box
    if min(u1 - u0, v1 - v0) < _SIDE_MM:
        return (0.0,) * 4
    sides = ((across, v0, u0, u1), (across, v1, u0, u1), (down, u0, v0, v1), (down, u1, v0, v1))
    return tuple(_share(*side) for side in sides)


def _share(edges: Edges, at: float, start: float, stop: float) -> float:
    """Share of a side that is seen; an edge that runs on beyond a corner is none of its."""
    seen = sum(
        edge.seen
        for edge in edges
        if abs(edge.at - at) <= _ASIDE_MM
        and edge.start >= start - _PAST_MM
        and edge.stop <= stop + _PAST_MM
    )
    return min(1.0, seen / (stop - start))
