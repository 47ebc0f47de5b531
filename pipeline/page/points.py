"""Homographies as plain data, and points through them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey, Matrix, PageImage, Point, Polygon

Floats = NDArray[np.float64]


def as_matrix(array: Floats) -> Matrix:
    """A 3 x 3 array as plain data."""
    rows = [tuple(float(v) for v in row) for row in np.asarray(array).reshape(3, 3)]
    return (rows[0], rows[1], rows[2])  # type: ignore[return-value]


def through(points: Polygon | NDArray[Any], matrix: Matrix) -> Floats:
    """Points after a homography, shape (n, 2)."""
    at = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    moved = np.column_stack([at, np.ones(len(at))]) @ np.asarray(matrix).T
    return np.asarray(moved[:, :2] / moved[:, 2:], dtype=np.float64)


def map_polygon(polygon: Polygon, matrix: Matrix) -> Polygon:
    """A polygon after a homography."""
    return tuple((float(x), float(y)) for x, y in through(polygon, matrix))


def to_scan_polygon(page: PageImage, polygon: Polygon) -> Polygon:
    """A polygon of page pixels in pixels of the scan it was cut from."""
    return map_polygon(polygon, page.to_scan)


def to_page_polygon(page: PageImage, polygon: Polygon) -> Polygon:
    """A polygon of scan pixels in pixels of the page."""
    return map_polygon(polygon, as_matrix(np.linalg.inv(np.asarray(page.to_scan))))


def turn_back(width: int, height: int, rotation: int) -> Floats:
    """Homography from a picture turned clockwise by ``rotation`` back to the one before.

    Args:
        width: of the picture before turning, pixels.
        height: of the same.
        rotation: 0, 90, 180 or 270 degrees clockwise.
    """
    # Pixel centres carry whole numbers, as OpenCV has it.
    w, h = width - 1.0, height - 1.0
    turns = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        90: [[0, 1, 0], [-1, 0, h], [0, 0, 1]],
        180: [[-1, 0, w], [0, -1, h], [0, 0, 1]],
        270: [[0, -1, w], [1, 0, 0], [0, 0, 1]],
    }
    return np.array(turns[rotation], dtype=np.float64)


def turned(grey: Grey, rotation: int) -> Grey:
    """The picture turned clockwise by quarter turns; a view where numpy can."""
    return np.rot90(grey, -(rotation // 90))


def grown(factor: float) -> Floats:
    """Homography from pixels of a picture shrunk by ``factor`` to those of the full one."""
    # The middle of the first small pixel lies (factor - 1) / 2 into the large ones.
    off = (factor - 1) / 2
    return np.array([[factor, 0, off], [0, factor, off], [0, 0, 1]], dtype=np.float64)


def rotation_about(degrees: float, centre: Point) -> Floats:
    """Homography turning points clockwise on the picture (y points down) about ``centre``."""
    angle = math.radians(degrees)
    c, s = math.cos(angle), math.sin(angle)
    x, y = centre
    return np.array(
        [[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0, 0, 1]], dtype=np.float64
    )
