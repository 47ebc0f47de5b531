"""Puts written ink on the paper of a form: pens, rules, dots, labels, neighbours, scan."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.hand.draw import Ink, hands, presses, write
from training.hand.text import line_text, phrases

Grey = NDArray[np.uint8]


def trimmed(ink: Ink, rim: int = 3) -> Ink:
    """Ink without the empty rows and columns around it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return ink
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(cv2.copyMakeBorder(cut, rim, rim, rim, rim, cv2.BORDER_CONSTANT), np.uint8)


def _sized(ink: Ink, scale: float) -> Ink:
    height, width = ink.shape
    size = (max(4, int(width * scale)), max(6, int(height * scale)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


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


def stroked(ink: Ink, rng: random.Random) -> Ink:
    """Thicker or thinner strokes; a steel pen presses downwards, a ball pen skips."""
    pick = rng.random()
    made: NDArray[Any] = ink
    if pick < 0.3:
        size = rng.choice(((2, 2), (2, 3), (3, 2), (3, 3)))
        made = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size))
    elif pick < 0.45:
        made = cv2.erode(ink, np.ones((2, 2), np.uint8))
    elif pick < 0.55:
        made = cv2.dilate(ink, np.ones((1, 3), np.uint8))
    elif pick < 0.62:
        made = np.maximum(cv2.erode(ink, np.ones((3, 2), np.uint8)), (ink * 0.35).astype(np.uint8))
    return np.asarray(made, np.uint8)


def _mottled(
    shape: tuple[int, int], grain: int, low: float, rng: random.Random
) -> NDArray[np.float32]:
    dice = np.random.default_rng(rng.getrandbits(32))
    size = (max(2, shape[0] // grain), max(2, shape[1] // grain))
    field = dice.uniform(low, 1.0, size).astype(np.float32)
    return np.asarray(cv2.resize(field, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def on_paper(ink: Ink, rng: random.Random, unseen: bool = False) -> Grey:
    """A crop of one line as a scan of a register gives it.

    Args:
        ink: the drawn line, ink alone.
        rng: chance.
        unseen: neighbours and strays are written with the families kept back.
    """
    scale = rng.uniform(0.5, 1.05) if rng.random() < 0.85 else rng.uniform(0.36, 0.5)
    if scale < 0.97:
        ink = _sized(ink, scale)
    height = ink.shape[0]
    up, down = (int(height * abs(rng.gauss(0, 0.16))) for _ in range(2))
    left, right = (int(abs(rng.gauss(0, 18))) for _ in range(2))
    ink = np.asarray(cv2.copyMakeBorder(ink, up, down, left, right, cv2.BORDER_CONSTANT), np.uint8)
    darkness = rng.uniform(60, 225)
    coverage = ink.astype(np.float32) / 255
    if rng.random() < 0.5:
        coverage *= _mottled(ink.shape, rng.choice((2, 4, 12)), rng.uniform(0.25, 0.9), rng)
    if rng.random() < 0.25:
        coverage *= _mottled(ink.shape, 60, rng.uniform(0.3, 0.8), rng)
    depth = coverage * darkness
    other = _strays(ink.shape, up, down, left, rng, unseen)
    depth = np.maximum(depth, other * min(230.0, darkness * rng.uniform(0.5, 1.4)))
    return _scanned(depth, scale, darkness, rng)


def _strays(
    shape: tuple[int, int], up: int, down: int, left: int, rng: random.Random, unseen: bool
) -> NDArray[np.float32]:
    """What else has ink in the crop: rules, dots, neighbours, a label, a stamp. 0..1."""
    height, width = shape
    other = np.zeros(shape, np.uint8)
    base = height - down - int(0.25 * (height - up - down))
    pick = rng.random()
    if pick < 0.22:  # a rule under or through the writing
        y = rng.randint(max(1, base - height // 6), max(2, height - 2))
        tilt = rng.gauss(0, 0.006) * width
        cv2.line(other, (0, y), (width, int(y + tilt)), rng.randint(90, 255), rng.choice((1, 1, 2)))
    elif pick < 0.42:  # a dotted line
        y = base + rng.randint(-3, max(1, height // 8))
        step, size = rng.randint(4, 10), rng.choice((0, 1, 1))
        tone = rng.randint(110, 255)
        for x in range(rng.randint(0, step), width, step):
            cv2.circle(other, (x, y + int(0.002 * x)), size, tone, -1)
    if rng.random() < 0.12:
        y = rng.choice((rng.randint(0, max(1, up)), height - 1 - rng.randint(0, max(1, down))))
        cv2.line(
            other,
            (0, y),
            (width, y + rng.randint(-2, 2)),
            rng.randint(120, 255),
            rng.choice((1, 2, 3)),
        )
    if rng.random() < 0.14:
        x = rng.choice((rng.randint(0, max(1, left)), width - 1 - rng.randint(0, 6)))
        cv2.line(other, (x, 0), (x + rng.randint(-2, 2), height), 255, rng.choice((1, 2)))
    if rng.random() < 0.25:
        _neighbour(other, rng, above=True, room=up, unseen=unseen)
    if rng.random() < 0.25:
        _neighbour(other, rng, above=False, room=down, unseen=unseen)
    if rng.random() < 0.04:
        centre = (rng.randint(0, width), rng.randint(-height, 2 * height))
        cv2.circle(other, centre, rng.randint(height, 3 * height), rng.randint(60, 140), 2)
    return np.asarray(other / 255, np.float32)


def _neighbour(other: Ink, rng: random.Random, above: bool, room: int, unseen: bool) -> None:
    """Letters of the next line hang in by some pixels."""
    height, width = other.shape
    piece = trimmed(write(line_text(rng, 14), rng, rng.choice(hands(unseen))), 0)
    size = height * rng.uniform(0.55, 0.95) / max(1, piece.shape[0])
    piece = _sized(piece, size)
    reach = min(piece.shape[0], max(2, int(room * rng.uniform(0.2, 0.9)) + rng.randint(0, 3)))
    part = piece[-reach:] if above else piece[:reach]
    x = rng.randint(-20, max(1, width - 20))
    x0, x1 = max(0, x), min(width, x + part.shape[1])
    if x1 <= x0 or reach >= height:
        return
    rows = slice(0, reach) if above else slice(height - reach, height)
    target = other[rows, x0:x1]
    np.maximum(target, part[:, x0 - x : x1 - x], out=target)


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
        page -= np.abs(_mottled((height, width), 5, 0.0, rng)) * rng.uniform(0, 14)
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


def with_label(line: Grey, rng: random.Random) -> Grey:
    """A printed label before the line, as on forms; the net learns to pass over it."""
    label = trimmed(write(rng.choice(phrases()["label"]), rng, rng.choice(presses())), 2)
    size = line.shape[0] * rng.uniform(0.3, 0.6) / label.shape[0]
    label = _sized(label, size)
    room = label.shape[1] + rng.randint(6, 22)
    wide = cv2.copyMakeBorder(line, 0, 0, room, 0, cv2.BORDER_REPLICATE)
    top = min(
        line.shape[0] - label.shape[0],
        int((line.shape[0] - label.shape[0]) * rng.uniform(0.4, 0.9)),
    )
    part = wide[top : top + label.shape[0], : label.shape[1]]
    part[:] = np.minimum(part, (part * (1 - label / 255 * rng.uniform(0.5, 0.9))).astype(np.uint8))
    return np.asarray(wide, np.uint8)
