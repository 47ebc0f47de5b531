"""Where paper goes when it is scanned: one displacement for pixels and for truth polygons.

The map from paper to scan is analytic: a turn, plus a smooth bend (book curvature, a wave,
the pull of the gutter). Truth points go through it exactly; the picture goes through its
inverse, found by fixed-point iteration on a coarse mesh to a hundredth of a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
_MESH = 16
"""Mesh of the inverse map in pixels; the bend is far smoother than this."""


@dataclass(frozen=True)
class Warp:
    """Paper to scan. Lengths are scan pixels at the scan's resolution.

    ``paper`` and ``scan`` are (width, height); ``offset`` where the paper's middle lies from
    the scan's middle; ``bend`` the height of the wave; ``pull`` the rise at the fold
    ``fold_x`` (paper pixels) and ``reach`` how far from it the rise is felt.
    """

    paper: tuple[int, int]
    scan: tuple[int, int]
    angle: float
    offset: tuple[float, float]
    bend: float
    waves: tuple[float, float, float]
    """Number of waves over the width, their phase, and phase change from top to bottom."""
    sideways: float
    pull: float
    fold_x: float
    reach: float

    def forward(self, points: Floats) -> Floats:
        """Scan positions of paper points, shape (n, 2)."""
        return self._turn(points + self._bent(points))

    def _bent(self, points: Floats) -> Floats:
        width, height = self.paper
        x, y = points[:, 0] / width, points[:, 1] / height
        number, phase, drift = self.waves
        wave = np.sin(2 * math.pi * (number * x + phase) + drift * y)
        near = (points[:, 0] - self.fold_x) / self.reach
        # Pages sink into the fold: lines rise or fall there, strongest far from mid-height.
        fold = np.exp(-np.abs(near)) * self.pull
        down = self.bend * wave + fold * (2.0 * y - 1.0 + 0.35)
        across = self.sideways * np.sin(2 * math.pi * (0.5 * y + phase)) - np.sign(
            near
        ) * fold * 0.6 * (1 - np.exp(-np.abs(near) * 6))
        return np.stack([across, down], axis=1)

    def _turn(self, points: Floats) -> Floats:
        turn = math.radians(self.angle)
        c, s = math.cos(turn), math.sin(turn)
        centre = np.array(self.paper) / 2
        target = np.array(self.scan) / 2 + np.array(self.offset)
        turned: Floats = (points - centre) @ np.array([[c, s], [-s, c]]) + target
        return turned

    def _unturn(self, points: Floats) -> Floats:
        turn = math.radians(self.angle)
        c, s = math.cos(turn), math.sin(turn)
        centre = np.array(self.paper) / 2
        target = np.array(self.scan) / 2 + np.array(self.offset)
        turned: Floats = (points - target) @ np.array([[c, -s], [s, c]]) + centre
        return turned

    def backward(self, points: Floats) -> Floats:
        """Paper positions of scan points, shape (n, 2)."""
        flat = self._unturn(points)
        found = flat.copy()
        for _ in range(12):
            found = flat - self._bent(found)
        return found

    def maps(self) -> Maps:
        """Paper x and y for every scan pixel, for ``cv2.remap``."""
        width, height = self.scan
        xs = np.arange(0, width + _MESH, _MESH, dtype=np.float64)
        ys = np.arange(0, height + _MESH, _MESH, dtype=np.float64)
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        mesh = self.backward(grid).reshape(len(ys), len(xs), 2).astype(np.float32)
        # Bilinear between mesh points, sampled exactly at pixel centres.
        px = np.arange(width, dtype=np.float32) / _MESH
        py = np.arange(height, dtype=np.float32) / _MESH
        at_x, at_y = np.meshgrid(px, py)
        return (
            np.asarray(cv2.remap(mesh[..., 0], at_x, at_y, cv2.INTER_LINEAR), np.float32),
            np.asarray(cv2.remap(mesh[..., 1], at_x, at_y, cv2.INTER_LINEAR), np.float32),
        )


def pull_picture(mask: NDArray[np.uint8], maps: Maps) -> NDArray[np.uint8]:
    """A paper mask as it lies in the scan; nothing beyond the paper."""
    pulled = cv2.remap(
        mask, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(pulled, np.uint8)
