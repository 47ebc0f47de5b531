"""Smooth displacement of a sheet: where a point of the form's frame lies on a page.

A polynomial of degree 0 to 4 in both coordinates, fitted robustly (Tukey weights) with a
prior that keeps the higher degrees small where few points speak: shift and scale come from
feeding, the second degree from curvature, the rest from waves in the paper. A homography is
not enough for bound books (anchors.md 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

Floats = NDArray[np.float64]

_PRIOR_MM = (40.0, 8.0, 2.5, 1.5, 1.2)
"""How large a displacement of each degree is taken to be, at the edge of the page."""
_NOISE_MM = 0.25
_TUKEY = 4.0


@dataclass(frozen=True)
class Warp:
    """``point of the page = point of the frame + polynomial``; all in millimetres.

    ``x`` and ``y`` hold the coefficients of ``powers(degree)``; coordinates are scaled to
    -1..1 over the frame.
    """

    width: float
    height: float
    x: tuple[float, ...] = (0.0,)
    y: tuple[float, ...] = (0.0,)

    def apply(self, points: Sequence[tuple[float, float]] | Floats) -> Floats:
        """Points of the page for points of the frame, shape (n, 2)."""
        at = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        moved = [
            basis(at, self.width, self.height, _degree(len(c))) @ np.array(c)
            for c in (self.x, self.y)
        ]
        return np.asarray(at + np.stack(moved, axis=1), dtype=np.float64)

    def invert(self, points: Sequence[tuple[float, float]] | Floats) -> Floats:
        """Points of the frame for points of the page (fixed point, exact to 0.01 mm)."""
        wanted = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        at: Floats = wanted
        for _ in range(6):
            at = np.asarray(at + wanted - self.apply(at), dtype=np.float64)
        return at


def powers(degree: int) -> list[tuple[int, int]]:
    """Exponents (x, y) of a polynomial, by rising degree."""
    return [(total - j, j) for total in range(degree + 1) for j in range(total + 1)]


def _degree(count: int) -> int:
    return {1: 0, 3: 1, 6: 2, 10: 3, 15: 4}[count]


def basis(points: Floats, width: float, height: float, degree: int) -> Floats:
    """Powers of the scaled coordinates, shape (points, coefficients)."""
    # Outside the frame the polynomial is held back: it was not taught there.
    x = np.clip(2 * points[:, 0] / width - 1, -1.1, 1.1)
    y = np.clip(2 * points[:, 1] / height - 1, -1.1, 1.1)
    across, down = _rising(x, degree), _rising(y, degree)
    return np.stack([across[i] * down[j] for i, j in powers(degree)], axis=1)


def _rising(values: Floats, degree: int) -> list[Floats]:
    """Powers from 0 to a degree, each from the one before: twice as fast as ``**``."""
    rising: list[Floats] = [np.ones_like(values)]
    for _ in range(degree):
        rising.append(rising[-1] * values)
    return rising


def fit(
    points: Floats,
    moved: Floats,
    weights: Floats,
    size: tuple[float, float],
    degree: int,
    rounds: int = 8,
) -> tuple[tuple[float, ...], Floats]:
    """Coefficients of one coordinate's displacement, and the residuals in millimetres.

    Args:
        points: of the frame, shape (n, 2), mm.
        moved: displacement there, shape (n,), mm.
        weights: trust in each, shape (n,), 0..1.
        size: width and height of the frame, mm.
        degree: of the polynomial, 0..4.
        rounds: of reweighting.
    """
    terms = basis(points, *size, degree)
    prior = np.array([_PRIOR_MM[i + j] for i, j in powers(degree)])
    ridge = np.diag((_NOISE_MM / prior) ** 2)
    start = float(np.median(moved)) if len(moved) else 0.0
    trust: Floats = weights
    solution: Floats = np.zeros(terms.shape[1])
    residual: Floats = np.asarray(moved - start, dtype=np.float64)
    for _ in range(rounds):
        left = terms.T * trust @ terms + ridge
        right = terms.T @ (trust * (moved - start))
        solution = np.asarray(np.linalg.solve(left, right), dtype=np.float64)
        residual = np.asarray(moved - start - terms @ solution, dtype=np.float64)
        spread = max(_NOISE_MM, 1.4826 * float(np.median(np.abs(residual))))
        near = np.clip(1 - (residual / (_TUKEY * spread)) ** 2, 0, 1) ** 2
        trust = np.asarray(weights * near, dtype=np.float64)
    solution[0] += start
    return tuple(float(c) for c in solution), residual


def draw(image: Grey, warp: Warp, dpi: float, page_dpi: float | None = None) -> Grey:
    """The page ``image`` (at ``page_dpi``) brought into the frame, drawn at ``dpi``.

    Paper that the page does not show comes out as 0.
    """
    page_dpi = page_dpi or dpi
    mm = 25.4 / dpi
    columns, rows = round(warp.width / mm), round(warp.height / mm)
    # The displacement is smooth: a coarse mesh, enlarged, is exact to 0.01 mm.
    step = 16
    mesh_x, mesh_y = np.arange(columns // step + 2) * step, np.arange(rows // step + 2) * step
    mesh_points = np.stack(np.meshgrid(mesh_x, mesh_y), axis=-1).reshape(-1, 2)
    grid = np.asarray(mesh_points * mm, dtype=np.float64)
    mesh = (warp.apply(grid) / 25.4 * page_dpi).reshape(len(mesh_y), len(mesh_x), 2)
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    maps = [
        cv2.warpAffine(
            np.ascontiguousarray(mesh[:, :, axis], dtype=np.float32),
            scale,
            (columns, rows),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for axis in (0, 1)
    ]
    drawn = cv2.remap(image, maps[0], maps[1], cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(drawn, dtype=np.uint8)
