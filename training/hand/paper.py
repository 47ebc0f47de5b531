"""Bends written ink and puts it on paper, with what else is there, as a scanner sees it."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.hand.pens import Ink, mottled
from training.hand.strays import Around, sized, strays

Grey = NDArray[np.uint8]


def bent(ink: Ink, rng: random.Random) -> Ink:
    """Slant, stretch, and a slow wave over the writing (elastic warp), in one move."""
    height, width = ink.shape
    slant = rng.gauss(0, 0.22)
    across, down = rng.uniform(0.7, 1.35), rng.uniform(0.85, 1.15)
    extra = int(abs(slant) * height)
    out_w, out_h = int((width + extra) * across) + 8, int(height * down) + 8
    y, x = np.mgrid[0:out_h, 0:out_w].astype(np.float32)
    y, x = y / down, x / across
    source_x = x + slant * (y - (height if slant > 0 else 0))
    strength = rng.uniform(0, 2.6)
    grid = (max(2, out_h // 26), max(2, out_w // 34))
    dice = np.random.default_rng(rng.getrandbits(32))
    for axis, part in ((0, 1.0), (1, 0.8)):
        wave = dice.normal(0, strength * part, grid).astype(np.float32)
        wide = cv2.resize(wave, (out_w, out_h), interpolation=cv2.INTER_CUBIC)
        if axis == 0:
            source_x = source_x + wide
        else:
            y = y + wide
    return np.asarray(cv2.remap(ink, source_x, y, cv2.INTER_LINEAR), np.uint8)


def shaken(ink: Ink, rng: random.Random) -> Ink:
    """Small bends of the strokes, as no two letters are alike, and a wave of the base line."""
    height, width = ink.shape
    dice = np.random.default_rng(rng.getrandbits(32))
    grid = (max(2, height // 11), max(2, width // 11))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    strength = rng.uniform(0.2, 1.3)
    for target in (x, y):
        target += cv2.resize(
            dice.normal(0, strength, grid).astype(np.float32),
            (width, height),
            interpolation=cv2.INTER_CUBIC,
        )
    if rng.random() < 0.5:
        swing, period = rng.uniform(0, 3.5), rng.uniform(120, 500)
        y += swing * np.sin(x * (2 * np.pi / period) + rng.uniform(0, 6)).astype(np.float32)
    return np.asarray(cv2.remap(ink, x, y, cv2.INTER_LINEAR), np.uint8)


def on_paper(
    ink: Ink,
    rng: random.Random,
    unseen: bool = False,
    dark: float | None = None,
    scale: float | None = None,
) -> Grey:
    """A crop of one line as a scan of a register gives it.

    Args:
        ink: the drawn line, ink alone.
        rng: chance.
        unseen: neighbours and strays are written with the families kept back.
        dark: how dark the ink is, of 255; by chance where it is not said.
        scale: size of the scan against the drawing; by chance where it is not said.
    """
    if scale is None:
        scale = rng.uniform(0.5, 1.05) if rng.random() < 0.85 else rng.uniform(0.36, 0.5)
    if not 0.97 < scale < 1.05:
        ink = sized(ink, scale)
    height = ink.shape[0]
    up, down = (int(height * abs(rng.gauss(0, 0.16))) for _ in range(2))
    left, right = (int(abs(rng.gauss(0, 18))) for _ in range(2))
    ink = np.asarray(cv2.copyMakeBorder(ink, up, down, left, right, cv2.BORDER_CONSTANT), np.uint8)
    darkness = rng.uniform(60, 225) if dark is None else dark
    coverage = ink.astype(np.float32) / 255
    if rng.random() < 0.25:
        coverage *= mottled((ink.shape[0], ink.shape[1]), 60, rng.uniform(0.3, 0.8), rng)
    depth = coverage * darkness
    other = strays(Around((ink.shape[0], ink.shape[1]), up, down, left), rng, unseen)
    depth = np.maximum(depth, other * min(230.0, darkness * rng.uniform(0.5, 1.4)))
    return _scanned(depth, min(scale, 1.05), darkness, rng)


def _scanned(depth: NDArray[np.float32], scale: float, darkness: float, rng: random.Random) -> Grey:
    """Paper under the ink, blur, noise, JPEG: no more than small or pale writing bears."""
    height, width = depth.shape
    dice = np.random.default_rng(rng.getrandbits(32))
    paper = rng.uniform(170, 250)
    page: NDArray[Any] = np.full(depth.shape, paper, np.float32)
    if rng.random() < 0.5:
        page += cv2.resize(
            dice.normal(0, rng.uniform(2, 14), (2, 5)).astype(np.float32),
            (width, height),
            interpolation=cv2.INTER_CUBIC,
        )
    if rng.random() < 0.3:
        page -= np.abs(mottled((height, width), 5, 0.0, rng)) * rng.uniform(0, 14)
    if rng.random() < 0.12:  # show-through
        behind = cv2.GaussianBlur(np.ascontiguousarray(depth[:, ::-1]), (0, 0), 1.6)
        page -= np.roll(behind, rng.randint(-30, 30), 1) * rng.uniform(0.05, 0.25)
    page -= depth * (paper / 255)
    if rng.random() < 0.7:
        page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 0.3 + min(1.0, 1.1 * scale)))
    page += dice.standard_normal(depth.shape, np.float32) * rng.uniform(
        0.5, min(9.0, darkness / 12)
    )
    grey = np.clip(page, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(35, 92)])[1]
        grey = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(grey, np.uint8)
