"""Ink and paper of a crop: what is darker than the paper around it, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.pieces import Mask, deeper
from pipeline.types import Grey

MM_PER_INCH = 25.4
_COARSE = 4
_WIDEST_STROKE_MM = 4.0
"""Nothing written is wider; a dark patch that is, is paper (stain, shadow)."""
_STROKE_MM = 0.35
_AROUND_MM = 1.6
_LESS = 0.8
_CALMEST = 8.0
"""Grey levels. Show-through and stains may be this deep after averaging."""
_SHARE = 0.38
"""Writing is at least this share as deep as the strongest ink: the rest is blur and shine."""
_FEW = 8
_FAINTEST = 14.0
"""Grey levels. Ink paler than this is lost in any scan's noise and JPEG blocks."""


@dataclass(frozen=True)
class Ink:
    """Ink map of a crop. ``depth`` is how much darker than the paper each pixel is, 0..255.

    ``noise`` is the standard deviation of the smoothed paper in grey levels, ``level`` the
    depth from which something is writing, ``faint_level`` the same for rules and dots, which
    are often paler.
    """

    depth: Grey
    paper: Grey
    noise: float
    level: float
    faint_level: float

    @property
    def mask(self) -> Mask:
        """Ink at the level of writing."""
        return deeper(self.depth, self.level)

    @property
    def faint(self) -> Mask:
        """Ink, pale ink included."""
        return deeper(self.depth, self.faint_level)


def paper_of(grey: Grey, dpi: float) -> Grey:
    """The paper under the writing: slow changes of tone only."""
    height, width = grey.shape
    size = (max(1, width // _COARSE), max(1, height // _COARSE))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(_WIDEST_STROKE_MM * dpi / MM_PER_INCH / _COARSE)) | 1
    closed = cv2.morphologyEx(
        small,
        cv2.MORPH_CLOSE,
        np.ones((reach, reach), np.uint8),
        borderType=cv2.BORDER_REPLICATE,
    )
    smooth = cv2.blur(closed, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def pixels(mm: float, dpi: float) -> int:
    """A length in whole pixels, at least one."""
    return max(1, round(mm * dpi / MM_PER_INCH))


def ink_of(grey: Grey, dpi: float, ignore: Mask | None = None) -> Ink:
    """Ink map of a crop of at least one pixel; ``ignore`` marks print that is no writing."""
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), max(0.6, dpi / 300 * 0.9)), np.uint8)
    paper = paper_of(smooth, dpi)
    depth = np.asarray(cv2.subtract(paper, smooth), np.uint8)
    if ignore is not None:
        depth[ignore > 0] = 0
    noise = grain(smooth, 2)
    strong = float(np.percentile(depth[::2, ::2], 99.5))  # a quarter is enough to know
    return Ink(
        depth=depth,
        paper=paper,
        noise=noise,
        level=writing_level(depth, noise),
        faint_level=max(_FAINTEST, 3.5 * noise, 0.2 * strong),
    )


def writing_level(depth: Grey, noise: float) -> float:
    """Depth from which something is writing, judged by the strongest ink there is."""
    least = max(_FAINTEST, 4.0 * noise)
    some = depth[::2, ::2]
    ink = some[some > least]
    strong = float(np.percentile(ink, 90)) if ink.size > _FEW else 0.0
    return max(least, _SHARE * strong)


@dataclass(frozen=True)
class Calm:
    """Ink with the grain averaged over the width of a stroke; ``noise`` is the grain left."""

    depth: NDArray[np.float32]
    noise: float

    @property
    def mask(self) -> Mask:
        """What is certainly ink."""
        level = max(_CALMEST, 5.5 * self.noise)
        return np.where(self.depth > level, 255, 0).astype(np.uint8)


def calm(image: Grey, ink: Ink, dpi: float) -> Calm:
    """The ink map with its grain averaged away, empty where the ink map was emptied.

    Changes wider than strokes are taken off, so that this tells pale writing both from grain
    and from the rim of a stain.
    """
    sigma = pixels(_STROKE_MM, dpi) * 0.65
    light = np.asarray(cv2.subtract(ink.paper, image, dtype=cv2.CV_32F), np.float32)
    noise = grain(np.asarray(cv2.GaussianBlur(light, (0, 0), sigma)), round(4 * sigma))
    light[(light > 0) & (ink.depth == 0)] = 0
    wide = 2 * pixels(_AROUND_MM, dpi) + 1
    around = cv2.blur(light, (wide, wide), borderType=cv2.BORDER_REPLICATE)
    averaged = cv2.GaussianBlur(light, (0, 0), sigma) - _LESS * around
    return Calm(np.asarray(averaged, np.float32), noise)


def grain(picture: NDArray[np.generic], apart: int) -> float:
    """Standard deviation of the paper's grain, from pixels ``apart`` from one another.

    Most differences are grain even on a full line, because strokes touch few pixels.
    """
    if picture.shape[1] <= apart:
        return 0.0
    rows = picture[::4].astype(np.float32)
    differences = np.abs(rows[:, apart:] - rows[:, :-apart])
    usual = float(np.median(differences))
    # The mean of what is not an edge: finer than the median of whole grey levels.
    return float(np.minimum(differences, 3 * usual + 1).mean()) / 0.798 / 2**0.5
