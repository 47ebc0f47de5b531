"""Tone marks as hurried hands put them, strokes that join letters, and lines through words."""

from __future__ import annotations

import random
import unicodedata

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
Stroke = list[tuple[float, float]]

GRAVE, ACUTE, HOOK, TILDE, DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
TONES = GRAVE + ACUTE + HOOK + TILDE + DOT
_ROOF, _BOWL, HORN = "\u0302", "\u0306", "\u031b"
BARS = {"đ": ("d", "\u0335"), "Đ": ("D", "\u0336")}
"""Bar through the ascender of a d, through the stem of a D: Unicode does not take them apart."""
_OVER = {
    GRAVE: [(-0.5, -0.5), (0.4, 0.4)],
    ACUTE: [(-0.4, 0.5), (0.5, -0.5)],
    TILDE: [(-0.8, 0.3), (-0.35, -0.4), (0.3, 0.3), (0.8, -0.4)],
    _ROOF: [(-0.7, 0.5), (0.0, -0.5), (0.7, 0.5)],
    _BOWL: [(-0.7, -0.4), (-0.3, 0.4), (0.3, 0.4), (0.7, -0.4)],
    HOOK: [(-0.35, -0.4), (0.1, -0.7), (0.4, -0.3), (0.0, 0.2), (0.0, 0.5)],
}
_BAR_AT = {
    "\u0335": ((0.12, 0.3), (0.3, 0.6), (1.0, 1.25)),
    "\u0336": ((0.35, 0.6), (-0.2, -0.05), (0.3, 0.5)),
}
"""Spans of a bar's height, its left and its right end, in parts of the letter's box."""


def marks_of(letter: str, every: bool = False) -> tuple[str, str]:
    """A letter without its marks (a horn is one), and its marks.

    No marks for i, whose dot would stay, and đ, unless ``every`` is set.
    """
    if every and letter in BARS:
        return BARS[letter]
    parts = unicodedata.normalize("NFD", letter)
    if every and parts[0] in "iI":
        return parts[0], parts[1:]
    marks = "".join(sign for sign in parts[1:] if sign in (*_OVER, DOT, HORN))
    if not marks or parts[0] in "iI" or len(marks) < len(parts) - 1:
        return letter, ""
    return parts[0], marks


def scribble(
    canvas: Ink, marks: str, box: tuple[float, float, float, float], pen: int, rng: random.Random
) -> None:
    """Puts marks on a letter without them.

    Args:
        canvas: drawn on.
        marks: combining marks, and those of ``BARS``; see ``marks_of``.
        box: left, top, right, bottom of the letter's ink.
        pen: width of the stroke.
        rng: chance.
    """
    left, top, right, bottom = box
    size = float(np.clip(0.3 * (right - left) + 2, 5, 12)) * rng.uniform(0.75, 1.25)
    middle = (left + right) / 2 + rng.gauss(0.06, 0.14) * (right - left)
    y = top - size * rng.uniform(0.9, 1.5)
    over = [mark for mark in marks if mark in _OVER]
    if len(over) == 2 and rng.random() < 0.5:  # in one move, without lifting the pen
        shape = [*_at(over[0], rng), *((x + 0.9, up - 0.5) for x, up in _at(over[1], rng))]
        _drawn(canvas, [(middle + size * (x - 0.3), y + size * up) for x, up in shape], pen, rng)
    else:
        for n, mark in enumerate(over):
            x = middle + n * size * rng.uniform(0.6, 1.3)
            up = y - n * size * rng.uniform(0.3, 1.1)
            _drawn(canvas, [(x + size * a, up + size * b) for a, b in _at(mark, rng)], pen, rng)
    if DOT in marks:
        x, low = middle, bottom + size * rng.uniform(0.6, 1.2)
        reach = size * rng.choice((0.0, 0.0, 0.12, 0.35, 0.5))
        rise = reach * rng.gauss(0, 0.3)
        _drawn(canvas, [(x - reach, low + rise), (x + reach, low - rise)], pen + 1, rng)
    for bar, (high, first, last) in _BAR_AT.items():
        if bar in marks:
            wide, y = right - left, top + (bottom - top) * rng.uniform(*high)
            ends = (left + wide * rng.uniform(*first), left + wide * rng.uniform(*last))
            _drawn(canvas, [(ends[0], y), (ends[1], y + rng.gauss(0, 1.0))], pen, rng)
    if HORN in marks:
        x, up = right + size * rng.uniform(-0.2, 0.3), top + size * rng.uniform(-0.2, 0.5)
        bow = [(x, up + 0.6 * size), (x + 0.35 * size, up + 0.2 * size), (x + 0.3 * size, up)]
        _drawn(canvas, [(a, b - 0.4 * size) for a, b in bow], pen, rng)


def _at(mark: str, rng: random.Random) -> Stroke:
    """Corners of a mark, about -1..1, as careless as may be: a hook may be a tick or a dot."""
    shape = _OVER[mark]
    if mark == HOOK and rng.random() < 0.3:
        shape = [(-0.2, -0.4), (0.3, -0.3), (0.0, 0.3)]
    elif mark == TILDE and rng.random() < 0.25:
        shape = [(-0.7, 0.2), (-0.2, -0.25), (0.7, -0.1)]
    return [(x + rng.gauss(0, 0.08), up + rng.gauss(0, 0.08)) for x, up in shape]


def _drawn(canvas: Ink, stroke: Stroke, pen: int, rng: random.Random) -> None:
    """A smooth line through corners."""
    points = np.array(stroke, np.float32)
    if len(points) > 2:
        steps = np.linspace(0, len(points) - 1, 6 * len(points))
        fine = np.stack([np.interp(steps, range(len(points)), points[:, n]) for n in (0, 1)], 1)
        fine[1:-1] = (fine[:-2] + 2 * fine[1:-1] + fine[2:]) / 4
        points = fine.astype(np.float32)
    cv2.polylines(
        canvas,
        [np.round(points * 4).astype(np.int32)],
        False,
        255,
        max(1, pen),
        cv2.LINE_AA,
        2,
    )


def joined(
    canvas: Ink, before: Ink, after: Ink, rows: tuple[int, int], at: tuple[int, int]
) -> None:
    """A stroke from the end of one small letter to the beginning of the next.

    Args:
        canvas: drawn on.
        before: ink of the letter, and that of the next one.
        after: see there.
        rows: top of small letters and base line, in all three.
        at: columns of the two letters' ink in the canvas.
    """
    top, base = rows
    left = np.argwhere(before[(top + base) // 2 : base + 2] > 128)
    right = np.argwhere(after[top : base + 1] > 128)
    if not left.size or not right.size:
        return
    y0, x0 = left[left[:, 1].argmax()]
    y1, x1 = right[right[:, 1].argmin()]
    start = (float(x0 + at[0]), float(y0 + (top + base) // 2))
    stop = (float(x1 + at[1]), float(y1 + top))
    reach = stop[0] - start[0]
    if not 1 < reach < 0.9 * (base - top):
        return
    sag = (start[0] + 0.5 * reach, max(start[1], stop[1]) + 0.12 * reach)
    _drawn(canvas, [start, sag, stop], 2, random.Random(0))


def struck_through(ink: Ink, first: int, last: int, rng: random.Random) -> None:
    """Lines through what stands between two columns: two, a zigzag, or a scribble."""
    rows = np.flatnonzero(ink[:, first:last].any(axis=1))
    if not rows.size:
        return
    top, bottom = int(rows[0]), int(rows[-1])
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    pen = rng.choice((2, 2, 3))
    pick = rng.random()
    if pick < 0.5:
        for _ in range(2):
            y = middle + rng.gauss(0, 0.18) * half
            ends = (first - rng.uniform(0, 8), last + rng.uniform(0, 8))
            _drawn(ink, [(ends[0], y), (ends[1], y + rng.gauss(0, 0.12) * half)], pen, rng)
    else:
        step = rng.uniform(7, 14) if pick < 0.85 else 5.0
        count = max(3, int((last - first) / step))
        zigzag = [
            (
                first + n * step + rng.gauss(0, 1.5),
                middle + (-1) ** n * half * rng.uniform(0.3, 0.8),
            )
            for n in range(count)
        ]
        _drawn(ink, zigzag, pen, rng)
