"""Ruled lines of a page: how sure a short piece of rule passes through each small pixel.

Soft maps, not masks: worn rules are faint and broken, and whoever looks for a rule knows how
long it ought to be and can sum along it. A rule is thin across and dark along; print is
either thick or short.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.page.scale import darkness, odd, shrink
from pipeline.types import Grey

_THICKEST_MM = 1.2
"""Rules are thinner, letters and lines of print taller."""
_PIECE_MM = 5.0
"""Length over which darkness is averaged: longer than a letter, short enough for curved paper."""
_FAINT, _CLEAR = 1.5, 5.0
"""In spreads of the paper's noise: where ink begins to count, and where it counts fully."""
_LEAST_NOISE = 2.0
_NOISE = 0.6
"""Spread of noise for each grey step that thin ink stands above bare paper in the median."""


@dataclass(frozen=True)
class Rules:
    """Rules of a page at work resolution.

    ``horizontal`` and ``vertical`` are 0..255, shape of the small page; ``ink`` is its
    darkness with rules and all; one small pixel is ``factor`` page pixels wide.
    """

    horizontal: Grey
    vertical: Grey
    ink: Grey
    factor: float
    dpi: float


def page_rules(grey: Grey, dpi: float) -> Rules:
    """Rules of an upright page (about 0.02 CPU seconds for an A3 page at 300 dpi)."""
    small, factor = shrink(grey, dpi)
    ink = darkness(small, dpi / factor)
    return ink_rules(ink, dpi / factor, factor)


def ink_rules(ink: Grey, dpi: float, factor: float = 1.0) -> Rules:
    """As ``page_rules``, from darkness at work resolution."""
    return Rules(
        horizontal=_along(ink, dpi),
        vertical=np.ascontiguousarray(_along(np.ascontiguousarray(ink.T), dpi).T),
        ink=ink,
        factor=factor,
        dpi=dpi,
    )


def _along(ink: Grey, dpi: float) -> Grey:
    """Thin dark pieces that run level."""
    tall = odd(_THICKEST_MM, dpi)
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((tall, 1), np.uint8))
    thin = np.asarray(cv2.subtract(ink, upright), dtype=np.uint8)
    # Paper that is not painted: half of it lies below the tone around, by the noise.
    sample, paper = thin[::3, ::3], ink[::3, ::3] > 0
    spread = float(np.median(sample[paper])) if paper.any() else 0.0
    noise = max(_LEAST_NOISE, _NOISE * spread)
    low, high = _FAINT * noise, _CLEAR * noise
    seen = cv2.LUT(thin, _ramp(low, high))
    # A piece may climb by a pixel on curved paper.
    seen = cv2.blur(cv2.dilate(seen, np.ones((3, 1), np.uint8)), (odd(_PIECE_MM, dpi), 1))
    # What lies 1.5 to 2.5 mm beside it: nothing for a rule, single or double; more print for
    # the edge of a line of print.
    wide, close = 4 * tall + 1, 2 * tall + 1
    ring = cv2.addWeighted(
        cv2.blur(seen, (1, wide)),
        wide / (wide - close),
        cv2.blur(seen, (1, close)),
        -close / (wide - close),
        0,
    )
    return np.asarray(cv2.subtract(seen, ring), dtype=np.uint8)


def _ramp(low: float, high: float) -> Grey:
    """Table that takes darkness up to ``low`` to 0 and from ``high`` to 255."""
    ramp = np.clip((np.arange(256) - low) * 255.0 / (high - low), 0, 255)
    return np.asarray(ramp, dtype=np.uint8)
