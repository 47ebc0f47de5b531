"""How letters of a line stand: its base line, the height of small letters, whether it is cut off.

Told by the letters themselves, whose places are known: what stands on the base line, what ends at
the height of small letters, what goes below. Profiles of all ink err on lines with many marks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ink import HEIGHT, InkLine
from training.hand.net import STRIDE

BODY = 13.0
"""Rows from the top of small letters to the base line, in all pieces."""
_STANDING = frozenset("aceimnorsuvxhklbdtABCDEHIKLMNOPRSTUVX0123456789")
"""Signs that stand on the base line, in most hands."""
_SMALL = frozenset("aceonmuvxrs")
_HANGING = frozenset("gypq")
_DOT = "\u0323"
_INK = 0.35
_FEWEST = 3
_APART = 5.0
"""Rows from the usual base beyond which a letter says nothing of it."""
_BODIES = (7.0, 24.0)
_GROWTH = (0.6, 1.7)
_HANGS = 3.0
"""Rows that tails must go below the base, at ``BODY`` rows of body: else the picture ends there."""


@dataclass(frozen=True)
class Standing:
    """Row of the base at column 0, rows it falls a column, how much to enlarge the line.

    ``cut_off``: tails end where letters stand, because the picture ends there; None where the
    line has no tails.
    """

    base: float
    rise: float
    grow: float
    cut_off: bool | None


def standing(ink: InkLine, text: str, spans: Sequence[tuple[int, int]]) -> Standing:
    """How the letters of a line stand.

    Args:
        ink: ``(HEIGHT, width)``, without rules.
        text: what stands there.
        spans: first and last frame of each sign.
    """
    feet: list[tuple[float, float]] = []
    bodies: list[float] = []
    tails: list[tuple[float, float]] = []
    for n, sign in enumerate(text):
        letter, marks = _parted(sign)
        rows, middle = _rows(ink, spans, n)
        if not rows.size:
            continue
        low = float(rows[-1]) + 1
        if letter in _HANGING:
            tails.append((middle, low))
        elif letter in _STANDING and _DOT not in marks:
            feet.append((middle, low))
            if letter in _SMALL and not marks:
                inner = _inked(ink, spans[n][0] * STRIDE - 1, (spans[n][1] + 1) * STRIDE + 1)
                if inner.size:
                    bodies.append(float(inner[-1] - inner[0]) + 1)
    base, rise = _line(feet)
    body = float(np.median(bodies)) if len(bodies) >= _FEWEST else _body(ink)
    body = float(np.clip(body, *_BODIES))
    deep = [low - base - rise * middle for middle, low in tails]
    cut_off = float(np.median(deep)) < _HANGS * body / BODY if deep else None
    return Standing(base, rise, float(np.clip(BODY / body, *_GROWTH)), cut_off)


def _parted(sign: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", sign)
    return parts[0], parts[1:]


def _rows(
    ink: InkLine, spans: Sequence[tuple[int, int]], n: int
) -> tuple[NDArray[np.int64], float]:
    """Rows of ink around a sign, and the column of its middle; its neighbours' halves left out."""
    first, last = spans[n][0] * STRIDE, spans[n][1] * STRIDE + STRIDE
    left = (spans[n - 1][1] * STRIDE + STRIDE + first) / 2 if n else first - 8
    right = (spans[n + 1][0] * STRIDE + last) / 2 if n + 1 < len(spans) else last + 8
    return _inked(ink, left, right), (left + right) / 2


def _inked(ink: InkLine, left: float, right: float) -> NDArray[np.int64]:
    """Rows with ink between two columns."""
    part = ink[:, max(0, round(left)) : max(0, round(right))]
    return np.flatnonzero((part > _INK).any(axis=1))


def _line(feet: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Row at column 0 and slope of the line on which most feet stand (Theil and Sen)."""
    if not feet:
        return 0.75 * HEIGHT, 0.0
    middle = float(np.median([low for _, low in feet]))
    near = [(x, low) for x, low in feet if abs(low - middle) < _APART] or list(feet)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(near, 2) if b[0] > a[0] + 40]
    rise = float(np.median(slopes)) if len(near) >= 2 * _FEWEST and slopes else 0.0
    return float(np.median([low - rise * x for x, low in near])), rise


def _body(ink: InkLine) -> float:
    """Rows in which most ink lies, for lines with few small letters."""
    rows = np.convolve(ink.sum(axis=1), np.ones(3) / 3, mode="same")
    dense = rows > 0.5 * float(np.percentile(rows, 94))
    middle = int(rows.argmax())
    top = middle - int(np.argmin(np.append(dense[middle::-1], False)))
    foot = middle + int(np.argmin(np.append(dense[middle:], False)))
    return float(foot - top - 1)
