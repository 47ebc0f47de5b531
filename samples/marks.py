"""What else lies on a page: strokes through a mistake, signatures, the stamp of the office."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.fonts import face
from samples.pen import Mask
from samples.sheet import MM_PER_INCH

Points = NDArray[np.float64]


def _curve(mask: Mask, points: Points, width: float, scale: float, tone: int) -> None:
    """A pen line through points in millimetres."""
    pixels = np.round(points * scale * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(mask, [pixels], False, tone, max(1, round(width * scale)), cv2.LINE_AA, 4)


def strike(mask: Mask, span: tuple[float, float], y: float, dpi: float, rng: random.Random) -> None:
    """A stroke through writing from ``span[0]`` to ``span[1]`` at height ``y`` (mm)."""
    x = np.linspace(span[0] - 1, span[1] + 1, 24)
    wave = 0.25 * np.sin(x * rng.uniform(0.15, 0.4) + rng.uniform(0, 6))
    _curve(mask, np.stack([x, y + wave], axis=1), 0.35, dpi / MM_PER_INCH, 235)


def signature(
    mask: Mask, centre: tuple[float, float], dpi: float, rng: random.Random, tone: int = 215
) -> None:
    """A signature: a few loops and a flourish, about 35 mm wide. Nobody's."""
    x, y = centre
    t = np.linspace(0, 1, 160)
    loops = rng.uniform(3, 6)
    across = x - 16 + 32 * t + rng.uniform(1.5, 3.5) * np.sin(2 * math.pi * loops * t)
    swing = rng.uniform(2.0, 4.5) * np.exp(-1.2 * t)
    up = y + swing * np.cos(2 * math.pi * loops * t + rng.uniform(0, 6)) - 3 * t
    _curve(mask, np.stack([across, up], axis=1), 0.35, dpi / MM_PER_INCH, tone)
    tail = np.stack([x + 16 - 34 * t, y - 3 + 8 * t * t + np.sin(5 * t)], axis=1)
    _curve(mask, tail, 0.3, dpi / MM_PER_INCH, tone)


def stamp(
    mask: Mask, centre: tuple[float, float], office: str, family: str, dpi: float, tone: int
) -> None:
    """The round stamp of an office, about 34 mm wide: rings, a star, the name."""
    scale = dpi / MM_PER_INCH
    middle = (round(centre[0] * scale), round(centre[1] * scale))
    layer = np.zeros_like(mask)
    for radius, width in ((17.0, 0.6), (15.6, 0.25), (9.0, 0.25)):
        cv2.circle(
            layer, middle, round(radius * scale), 255, max(1, round(width * scale)), cv2.LINE_AA
        )
    corners = [
        (
            middle[0] + scale * size * math.sin(math.pi * n / 5),
            middle[1] - scale * size * math.cos(math.pi * n / 5),
        )
        for n, size in enumerate((4.2, 1.7) * 5)
    ]
    cv2.fillPoly(layer, [np.round(np.array(corners)).astype(np.int32)], 255, cv2.LINE_AA)
    picture = Image.fromarray(layer)
    draw = ImageDraw.Draw(picture)
    font = face(family, 2.6 * scale, True)
    for text, drop in (("U.B.N.D", -11.5), (office.upper(), 13.0)):
        draw.text((middle[0], middle[1] + drop * scale), text, 255, font, anchor="ms")
    np.maximum(
        mask, (np.asarray(picture).astype(np.uint16) * tone // 255).astype(np.uint8), out=mask
    )
