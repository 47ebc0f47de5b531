"""Even light: paper becomes one tone, ink keeps its grey. Never binarized (anchors.md 2.2)."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.page.scale import odd, shrink
from pipeline.types import Grey

PAPER = 235
"""Tone of paper after flattening; what is above keeps the noise from being clipped."""
_COARSE_DPI = 25.0
_DARKEST = 40
"""Paper darker than this is not paper: it is not lifted further."""


def paper_tone(grey: Grey, dpi: float) -> Grey:
    """Tone of the bare paper around each pixel, at full size."""
    small, factor = shrink(grey, dpi, _COARSE_DPI)
    wide = odd(6.0, dpi / factor)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    paper = cv2.blur(np.maximum(paper, _DARKEST), (wide, wide))
    size = (grey.shape[1], grey.shape[0])
    return np.asarray(cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def flatten(grey: Grey, dpi: float) -> Grey:
    """The page as if lit evenly: divided by the tone of its paper."""
    tone = paper_tone(grey, dpi)
    return np.asarray(cv2.divide(grey, tone, dst=tone, scale=PAPER), dtype=np.uint8)
