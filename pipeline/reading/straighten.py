"""Pulls a cell straight out of a page, at the resolution it is read at.

The page is averaged over areas first and bent second: averaging takes most of the noise,
and what is bent is a quarter of the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ink import pixels
from pipeline.reading.pieces import Mask, grown
from pipeline.types import Grey, PageImage, Polygon

_STRAIGHT_PX = 0.7
"""A cell that is this straight is cut, not bent: each bending blurs a little."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Straight:
    """A cell pulled straight.

    ``image`` has ``margin`` pixels around the cell on all sides; ``inside`` is the cell in it,
    ``printed`` what is to be painted out.
    """

    image: Grey
    inside: Mask
    printed: Mask
    dpi: float
    margin: int


def straighten(
    page: PageImage,
    polygon: Polygon,
    printed: tuple[Polygon, ...],
    dpi: float,
    margin_mm: float,
    rim_mm: float,
) -> Straight:
    """A cell of a page at ``dpi`` or the page's own resolution, whichever is less.

    Args:
        page: the page.
        polygon: the cell; upper edge rightwards, lower edge back, as many points on each. Any
            other polygon is cut by its bounding box and painted out where it is not.
        printed: labels inside of it, to be painted out.
        dpi: resolution wanted.
        margin_mm: paper around the cell.
        rim_mm: by how much more than its polygon a label is painted out.
    """
    scale = min(1.0, dpi / page.dpi)
    dpi = page.dpi * scale
    margin = pixels(margin_mm, dpi)
    points = np.array(polygon, np.float64)
    edges = _edges(points)
    upper, lower = edges if edges is not None else _box(points)
    small, origin = _region(page.grey, np.vstack([upper, lower]), scale, margin)
    upper, lower = ((edge - origin) * scale for edge in (upper, lower))
    width = max(1, round(float(np.hypot(*np.diff((upper + lower) / 2, axis=0).T).sum())))
    height = max(1, round(float(np.hypot(*(lower - upper).T).mean())))
    image = _pull(small, upper, lower, (width, height), margin)
    inside = np.zeros(image.shape, np.uint8)
    inside[margin : margin + height, margin : margin + width] = 255
    out = np.zeros(image.shape, np.uint8)
    for label in printed:
        placed = _place((np.array(label) - origin) * scale, upper, lower, (width, height))
        cv2.fillPoly(out, [np.round(placed + margin).astype(np.int32)], 255)
    if printed:
        rim = 2 * pixels(rim_mm, dpi) + 1
        out = grown(out, rim, rim)
    if edges is None:
        own = np.zeros(image.shape, np.uint8)
        placed = _place((points - origin) * scale, upper, lower, (width, height))
        cv2.fillPoly(own, [np.round(placed + margin).astype(np.int32)], 255)
        inside &= own
        out |= ~grown(own, 2 * margin + 1, 2 * margin + 1)
    return Straight(image, inside, out, dpi, margin)


def _edges(points: Points) -> tuple[Points, Points] | None:
    """Upper and lower edge, both rightwards, or None where the polygon has no such edges."""
    half = len(points) // 2
    upper, lower = points[:half], points[half:][::-1]
    if len(points) % 2 or half < 2:
        return None
    rightwards = (np.diff(upper[:, 0]) > 0).all() and (np.diff(lower[:, 0]) > 0).all()
    return (upper, lower) if rightwards and (lower[:, 1] > upper[:, 1]).all() else None


def _box(points: Points) -> tuple[Points, Points]:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([(left, top), (right, top)]), np.array([(left, bottom), (right, bottom)])


def _region(grey: Grey, points: Points, scale: float, margin: int) -> tuple[Grey, Points]:
    """The part of the page around some points, averaged down, and where it begins on the page."""
    spare = (margin + 2) / scale
    left, top = np.floor(points.min(axis=0) - spare).astype(int)
    right, bottom = np.ceil(points.max(axis=0) + spare).astype(int)
    # Whole blocks, so that a pixel of the result is the mean of whole pixels where it can be.
    block = max(1, round(1 / scale))
    right += -(right - left) % block
    bottom += -(bottom - top) % block
    height, width = grey.shape
    own = grey[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    if not own.size:
        own = grey[:1, :1]
    if left < 0 or top < 0 or right > width or bottom > height:
        missing = (
            min(max(0, -top), bottom - top - 1),
            min(max(0, bottom - height), bottom - top - 1),
            min(max(0, -left), right - left - 1),
            min(max(0, right - width), right - left - 1),
        )
        own = np.asarray(cv2.copyMakeBorder(own, *missing, cv2.BORDER_REPLICATE), np.uint8)
    if scale < 1.0:
        size = (max(1, round(own.shape[1] * scale)), max(1, round(own.shape[0] * scale)))
        own = np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_AREA), np.uint8)
    return own, np.array([left, top], np.float64)


def _pull(small: Grey, upper: Points, lower: Points, size: tuple[int, int], margin: int) -> Grey:
    """The strip between two edges as a rectangle with a margin on all sides."""
    width, height = size
    leaning = np.abs(upper[[0, -1], 0] - lower[[0, -1], 0]).max()
    bent = max(np.ptp(upper[:, 1]), np.ptp(lower[:, 1]), leaning)
    if bent <= _STRAIGHT_PX:
        left = max(0, round(float(upper[0, 0] + lower[0, 0]) / 2) - margin)
        top = max(0, round(float(upper[:, 1].mean())) - margin)
        whole = small[top : top + height + 2 * margin, left : left + width + 2 * margin]
        if whole.shape == (height + 2 * margin, width + 2 * margin):
            return whole
    along = (np.arange(-margin, width + margin) + 0.5) / width
    down = ((np.arange(-margin, height + margin) + 0.5) / height)[:, None]
    first, last = _at(upper, along), _at(lower, along)
    x, y = ((first[:, n] * (1 - down) + last[:, n] * down - 0.5).astype(np.float32) for n in (0, 1))
    return np.asarray(
        cv2.remap(small, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _at(edge: Points, along: Points) -> Points:
    """Points of an edge at shares of its length; beyond its ends straight on."""
    steps = np.hypot(*np.diff(edge, axis=0).T)
    shares = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    found = np.column_stack([np.interp(along, shares, edge[:, n]) for n in (0, 1)])
    for outside, end, direction in (
        (along < 0, 0, (edge[1] - edge[0]) / shares[1]),
        (along > 1, -1, (edge[-1] - edge[-2]) / (1 - shares[-2])),
    ):
        distance = along[outside] - (0.0 if end == 0 else 1.0)
        found[outside] = edge[end] + distance[:, None] * direction
    return found


def _place(points: Points, upper: Points, lower: Points, size: tuple[int, int]) -> Points:
    """Where points of the page lie in the rectangle; exact on the edges, close in between."""
    along = np.linspace(-0.05, 1.05, 111)
    first, last = _at(upper, along), _at(lower, along)
    share = np.interp(points[:, 0], (first[:, 0] + last[:, 0]) / 2, along)
    a, b = _at(upper, share), _at(lower, share)
    down = (points[:, 1] - a[:, 1]) / np.maximum(1e-6, b[:, 1] - a[:, 1])
    return np.column_stack([share * size[0], down * size[1]])
