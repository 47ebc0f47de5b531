"""What writes: steel pen, fountain pen, ball pen, pencil, a carbon copy.

Each takes drawn ink (255 = ink) and gives it as that tool leaves it, with how dark it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
Pen = Callable[[Ink, random.Random], tuple[Ink, float]]


def mottled(
    shape: tuple[int, int], grain: int, low: float, rng: random.Random
) -> NDArray[np.float32]:
    """A field of ``low``..1 with spots of ``grain`` pixels."""
    dice = np.random.default_rng(rng.getrandbits(32))
    size = (max(2, shape[0] // grain), max(2, shape[1] // grain))
    field = dice.uniform(low, 1.0, size).astype(np.float32)
    return np.asarray(cv2.resize(field, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _ink(coverage: NDArray[Any]) -> Ink:
    return np.asarray(np.clip(coverage, 0, 255), np.uint8)


def _dots(ink: Ink, count: int, sizes: tuple[int, int], rng: random.Random) -> None:
    """Blots of ink where there is writing."""
    rows, columns = np.nonzero(ink > 128)
    for _ in range(count if rows.size else 0):
        at = rng.randrange(rows.size)
        radius = rng.randint(*sizes)
        cv2.ellipse(
            ink,
            (int(columns[at]), int(rows[at])),
            (radius, max(1, radius + rng.randint(-1, 1))),
            rng.uniform(0, 180),
            0,
            360,
            255,
            -1,
        )


def steel(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """Pressed strokes downwards, hairlines across, a blot now and then, ink that runs out."""
    wide = cv2.dilate(ink, np.ones((1, rng.choice((2, 3, 3, 4))), np.uint8))
    hair = cv2.erode(wide, np.ones((rng.choice((2, 3)), 1), np.uint8))
    press = mottled((ink.shape[0], ink.shape[1]), 34, 0.55, rng)
    made = np.maximum(hair * press, wide * rng.uniform(0.25, 0.6))
    if rng.random() < 0.3:  # dipped, then paler until the next dip
        x = np.arange(ink.shape[1], dtype=np.float32)
        period = rng.uniform(120, 400)
        made = made * (1 - rng.uniform(0.2, 0.6) * ((x + rng.uniform(0, period)) % period) / period)
    out = _ink(made)
    if rng.random() < 0.2:
        _dots(out, rng.randint(1, 3), (2, 5), rng)
    return out, rng.uniform(90, 225)


def fountain(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """A broad, wet, even stroke that pools a little."""
    size = rng.choice(((2, 2), (2, 3), (3, 3)))
    made = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size))
    soft = cv2.GaussianBlur(made, (0, 0), rng.uniform(0.5, 1.0))
    out = soft * mottled((ink.shape[0], ink.shape[1]), 14, rng.uniform(0.6, 0.9), rng)
    return _ink(out), rng.uniform(110, 230)


def ball(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """A thin stroke that skips, and blobs where the ball turns."""
    made = ink if rng.random() < 0.5 else cv2.erode(ink, np.ones((2, 2), np.uint8))
    made = np.maximum(made, (ink * 0.4).astype(np.uint8))
    shape = (ink.shape[0], ink.shape[1])
    if rng.random() < 0.6:
        skip = mottled(shape, rng.choice((3, 5, 8)), 0.0, rng) < rng.uniform(0.05, 0.3)
        made = np.where(skip, made * rng.uniform(0.1, 0.5), made)
    if rng.random() < 0.3:  # a groove without ink along the stroke
        core = cv2.erode(ink, np.ones((3, 3), np.uint8))
        made = made - core * rng.uniform(0.1, 0.5)
    out = _ink(made)
    if rng.random() < 0.35:
        _dots(out, rng.randint(1, 6), (1, 2), rng)
    return out, rng.uniform(70, 210)


def pencil(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """Pale grain of the paper in every stroke, smeared by the hand."""
    shape = (ink.shape[0], ink.shape[1])
    grain = mottled(shape, rng.choice((1, 2)), rng.uniform(0.2, 0.5), rng)
    made = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 0.8)) * grain
    if rng.random() < 0.5:
        smear = cv2.blur(ink, (rng.choice((9, 15, 25)), rng.choice((3, 5))))
        made = np.maximum(made, smear * rng.uniform(0.1, 0.3))
    return _ink(made * mottled(shape, 60, 0.6, rng)), rng.uniform(60, 140)


def carbon(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """Soft, blurred, even; the sheet has slipped now and then, so that all stands twice."""
    made = cv2.dilate(ink, np.ones((2, 2), np.uint8)) if rng.random() < 0.5 else ink
    soft = cv2.GaussianBlur(made, (0, 0), rng.uniform(0.9, 1.9)).astype(np.float32)
    if rng.random() < 0.3:
        move = np.array([[1, 0, rng.uniform(-5, 5)], [0, 1, rng.uniform(-3, 3)]], np.float32)
        twice = cv2.warpAffine(soft, move, ink.shape[::-1])
        soft = np.maximum(soft, twice * rng.uniform(0.25, 0.5))
    soft = soft * mottled((ink.shape[0], ink.shape[1]), 5, rng.uniform(0.5, 0.85), rng)
    return _ink(soft * 1.15), rng.uniform(65, 140)


def plain(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """Thicker or thinner strokes, no tool in particular."""
    pick = rng.random()
    made: NDArray[Any] = ink
    if pick < 0.3:
        size = rng.choice(((2, 2), (2, 3), (3, 2), (3, 3)))
        made = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size))
    elif pick < 0.45:
        made = cv2.erode(ink, np.ones((2, 2), np.uint8))
    if rng.random() < 0.4:
        grain = rng.choice((2, 4, 12))
        made = made * mottled((ink.shape[0], ink.shape[1]), grain, rng.uniform(0.25, 0.9), rng)
    return _ink(made), rng.uniform(60, 225)


PENS: tuple[tuple[float, Pen], ...] = (
    (0.2, steel),
    (0.14, fountain),
    (0.24, ball),
    (0.1, pencil),
    (0.1, carbon),
    (0.22, plain),
)
"""Pens and how often they write."""


def penned(ink: Ink, rng: random.Random) -> tuple[Ink, float]:
    """The writing in one of the pens, and how dark it is (of 255)."""
    weights = [weight for weight, _ in PENS]
    made, dark = rng.choices([pen for _, pen in PENS], weights)[0](ink, rng)
    # Thin writing must not be worn away: what is gone nobody could read.
    before, after = float(ink.sum()), float(made.sum())
    return (made, dark) if after > 0.3 * before else (ink, dark)
