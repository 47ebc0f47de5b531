"""Ink and paper of a crop: what is darker than the paper around it, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

Mask = NDArray[np.uint8]
"""Shape of its picture, 255 where it holds, else 0."""

MM_PER_INCH = 25.4
_COARSE = 4
_WIDEST_STROKE_MM = 4.0
"""Nothing written is wider; a dark patch that is, is paper (stain, shadow)."""
_SHARE = 0.38
"""Writing is at least this share as deep as the strongest ink: the rest is blur and shine."""
_FEW = 30
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
        return _deeper(self.depth, self.level)

    @property
    def faint(self) -> Mask:
        """Ink, pale ink included."""
        return _deeper(self.depth, self.faint_level)


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
    noise = _noise(smooth)
    strong = float(np.percentile(depth, 99.5))
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
    ink = depth[depth > least]
    strong = float(np.percentile(ink, 90)) if ink.size > _FEW else 0.0
    return max(least, _SHARE * strong)


def _deeper(depth: Grey, level: float) -> Mask:
    return np.asarray(cv2.threshold(depth, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _noise(smooth: Grey) -> float:
    """Standard deviation of the paper's grain, from neighbouring pixels two apart."""
    if smooth.shape[1] < 4:
        return 0.0
    apart = smooth[:, 2:].astype(np.int16) - smooth[:, :-2]
    # Half of all differences are grain even on a full line: strokes touch few pixels.
    return float(np.median(np.abs(apart))) / 0.6745 / 2**0.5
