"""From a scan to upright, straight, evenly lit pages, each knowing where it was cut."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.gutter import Gutter, find_gutter
from pipeline.page.light import PAPER, flatten
from pipeline.page.orientation import upright_turn
from pipeline.page.paper import Hull, inside, paper_hull
from pipeline.page.points import as_matrix, grown, rotation_about, through, turn_back, turned
from pipeline.page.rules import ink_rules
from pipeline.page.scale import darkness, odd, shrink
from pipeline.page.skew import skew_angle
from pipeline.types import Grey, PageImage, Scan, Side

_LEAST_SKEW = 0.02
"""Degrees below which turning would only blur."""
_EDGE_MM = 2.0
"""Rim of the paper that is not looked at: its edge is no rule."""
_MARGIN_MM = 1.0


def prepare(scan: Scan, *, opening: bool | None = None) -> tuple[PageImage, ...]:
    """Pages of a scan: one, or the left and the right page of an opening.

    Each page is turned upright, cut at the fold, deskewed by its own lines and lit evenly; it
    stays grey and keeps the scan's resolution. Paper outside the page (bed, other page) comes
    out as bare paper.

    Args:
        scan: decoded image.
        opening: True cuts in any case, False never, None where a fold is found.

    Returns:
        Pages from left to right. ``to_scan`` maps their pixels exactly, to those of the file
        as it was handed over.
    """
    small, factor = shrink(scan.grey, scan.dpi)
    dpi = scan.dpi / factor
    hull = paper_hull(small, dpi)
    paper = inside(hull, small.shape, odd(_EDGE_MM, dpi))
    rotation = upright_turn(scan.grey, scan.dpi, paper)
    if rotation:
        small = np.ascontiguousarray(turned(small, rotation))
        paper = np.ascontiguousarray(turned(paper, rotation))
        back = turn_back(small.shape[1], small.shape[0], 360 - rotation)
        hull = np.asarray(through(hull, as_matrix(back)), dtype=np.float32)
    rules = ink_rules(np.asarray(cv2.bitwise_and(darkness(small, dpi), paper), np.uint8), dpi)
    gutter = None if opening is False else find_gutter(small, rules, hull, opening)
    turn = turn_back(scan.grey.shape[1], scan.grey.shape[0], rotation)
    return tuple(
        _page(scan, turn, rotation, (small, rules.ink), factor, side, polygon)
        for side, polygon in _sides(hull, gutter, small.shape)
    )


def _sides(
    hull: Hull, gutter: Gutter | None, shape: tuple[int, ...]
) -> list[tuple[Side, NDArray[np.float32]]]:
    """The paper, or its two halves, as convex polygons in pixels of the small picture."""
    if gutter is None:
        return [(Side.SINGLE, hull)]
    far = float(shape[0] + shape[1])
    halves = []
    for side, sign in ((Side.LEFT, -1.0), (Side.RIGHT, 1.0)):
        upper, lower = gutter.x(-far), gutter.x(2 * far)
        outer = sign * 4 * far
        corners = [(upper, -far), (upper + outer, -far), (lower + outer, 2 * far), (lower, 2 * far)]
        half = np.array(corners, np.float32)
        if sign < 0:
            half = half[::-1].copy()
        _, cut = cv2.intersectConvexConvex(hull.astype(np.float32), half)
        halves.append((side, np.asarray(cut, np.float32).reshape(-1, 2)))
    return halves


def _page(
    scan: Scan,
    turn: NDArray[np.float64],
    rotation: int,
    small: tuple[Grey, Grey],
    factor: float,
    side: Side,
    polygon: NDArray[np.float32],
) -> PageImage:
    """One page. ``polygon`` is its paper in pixels of the upright small picture."""
    dpi = scan.dpi / factor
    ink = small[1]
    if side is not Side.SINGLE:
        ink = np.asarray(
            cv2.bitwise_and(ink, inside(polygon, ink.shape, odd(_EDGE_MM, dpi))), np.uint8
        )
    x0, y0 = np.floor(polygon.min(axis=0)).clip(0).astype(int)
    x1, y1 = np.ceil(polygon.max(axis=0)).astype(int)
    skew = skew_angle(ink[y0:y1, x0:x1], dpi)
    if abs(skew) < _LEAST_SKEW:
        skew = 0.0
    paper = through(polygon, as_matrix(grown(factor)))
    # Straight paper: turned back about its own middle, then moved to its own corner.
    centre = (float(paper[:, 0].mean()), float(paper[:, 1].mean()))
    straight = through(paper, as_matrix(rotation_about(-skew, centre)))
    margin = _MARGIN_MM * scan.dpi / 25.4
    corner = np.floor(straight.min(axis=0) - margin)
    size = np.ceil(straight.max(axis=0) + margin - corner).astype(int)
    if side is Side.SINGLE and skew == 0.0 and _whole(paper, scan.grey, rotation):
        corner = np.zeros(2)
        size = np.array(turned(scan.grey, rotation).shape[::-1])
    move = np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]], dtype=np.float64)
    to_scan = turn @ rotation_about(skew, centre) @ move
    grey = _cut(scan.grey, to_scan, (int(size[0]), int(size[1])))
    grey = _blank_outside(flatten(grey, scan.dpi), straight - corner)
    return PageImage(
        grey=grey,
        dpi=scan.dpi,
        side=side,
        to_scan=as_matrix(np.asarray(scan.to_file) @ to_scan),
        rotation=rotation,
        skew=skew,
    )


def _whole(paper: NDArray[np.float64], grey: Grey, rotation: int) -> bool:
    height, width = turned(grey, rotation).shape
    size = np.ptp(paper, axis=0)
    return bool(size[0] >= width - 2 and size[1] >= height - 2)


def _cut(grey: Grey, to_scan: NDArray[np.float64], size: tuple[int, int]) -> Grey:
    return np.asarray(
        cv2.warpAffine(
            grey,
            to_scan[:2],
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.uint8,
    )


def _blank_outside(grey: Grey, polygon: NDArray[np.float64]) -> Grey:
    """The page with everything off its paper painted as bare paper, in place."""
    outside = np.full(grey.shape, 255, np.uint8)
    # Eight bits of subpixels keep slanted edges where they are.
    cv2.fillConvexPoly(outside, np.round(polygon * 256).astype(np.int32), 0, shift=8)
    grey[outside > 0] = PAPER
    return grey
