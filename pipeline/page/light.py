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
    # The last small pixels may reach over the edge.
    high, wide = (
        max(length, round(part * factor))
        for length, part in zip(grey.shape, paper.shape, strict=True)
    )
    tone = cv2.resize(paper, (wide, high), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(tone[: grey.shape[0], : grey.shape[1]], dtype=np.uint8)


def flatten(grey: Grey, dpi: float) -> Grey:
    """The page as if lit evenly: divided by the tone of its paper."""
    tone = paper_tone(grey, dpi)
    return np.asarray(cv2.divide(grey, tone, dst=tone, scale=PAPER), dtype=np.uint8)
