"""Which letter each loose mark of a line belongs to: dots, tones, hats that touch no letter.

Marks come late: a tone often stands over the next letter, a dot under the one before. A cut down
the line would give them to the neighbour. The text says which letters have marks, so a mark goes
to the nearest of these; ink that no letter can own is a stray.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.hand.ink import InkLine
from training.hand.net import STRIDE
from training.hand.standing import BODY, Standing
from training.hand.widths import one, rough_size

_DOT = "\u0323"
_HORN = "\u031b"
_TALL = frozenset("bdđfhklt0123456789/()!?'\"°%&*#[]")
_DEEP = frozenset("gjpqyfQJ,;/()[]")
_INK = 0.3
_SMALL, _MOST_HIGH = 3, 1.3
"""Least area of a mark (a fleck below it is nobody's); its greatest height, in small letters."""
_LOW, _RAISED = 0.3, 0.12
"""How far a mark may reach below the tops of small letters, or above their feet, in letters."""
_FAR = 1.7
"""Steps from sign to sign that a mark may stand from its letter."""
_NEAR, _LEAST_NEAR = 0.45, 2.0
"""Widths of a letter to both sides of its middle in which its marks are when they touch it;
columns."""
_HIGHER, _LOWER = 1.25, 0.2
"""Small letters above and below the base line to which marks at least reach."""

_DEEPEST = 0.5
"""Small letters that a text without tails may end off the base line."""
_HANGING, _TAIL = frozenset("gypq"), 0.25
"""Letters of which a tail is to be seen; small letters below the base that it is long at least."""
_TALLER, _TALLEST = 1.2, 1.6
"""Small letters that capitals and the like are high at least, and small ones at most."""


@dataclass(frozen=True, eq=False)
class Marks:
    """A line's ink without its loose marks, and the marks.

    ``owner`` of a mark is the number of its sign in the text; -1 for a stray. ``bare`` are the
    signs whose text has a mark over or under it and whose picture has none.
    """

    letters: InkLine
    labels: NDArray[np.uint16]
    """Number of the mark that each pixel is of, 0 for none."""
    owner: tuple[int, ...]
    """By number; those of 0 and of 1, all flecks, are -1."""
    bare: frozenset[int]


@cache
def over(sign: str) -> bool:
    """True for letters that bear a mark above."""
    return any(mark not in (_DOT, _HORN) for mark in _split(sign)[1])


@cache
def under(sign: str) -> bool:
    """True for letters with a dot below."""
    return _DOT in _split(sign)[1]


@cache
def tall(sign: str) -> bool:
    """True for signs that stand higher than small letters by themselves."""
    return sign.isupper() or _split(sign)[0] in _TALL


@cache
def deep(sign: str) -> bool:
    """True for signs that go below the base line by themselves."""
    return _split(sign)[0] in _DEEP


@cache
def _split(sign: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", sign)
    return parts[0], parts[1:]


def loose_marks(
    ink: InkLine, text: str, spans: Sequence[tuple[int, int]], stand: Standing
) -> Marks:
    """The loose marks of a line and their letters.

    Args:
        ink: ``(HEIGHT, width)``, without rules.
        text: what stands there.
        spans: first and last frame of each sign.
        stand: how its letters stand.
    """
    middles = np.array([(first + last + 1) / 2 * STRIDE for first, last in spans])
    steps = [after - before for before, after in pairwise(middles)]
    step = float(np.clip(np.median(steps), 6, 24)) if steps else 12.0
    scale = rough_size(text, spans) or step / one("a")
    body = BODY / stand.grow
    mask = (ink > _INK).astype(np.uint8)
    _, parts, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found: list[tuple[int, bool, float]] = []
    flecks: list[int] = []
    for n in range(1, len(stats)):
        x, y = centres[n]
        top, high = int(stats[n, cv2.CC_STAT_TOP]), int(stats[n, cv2.CC_STAT_HEIGHT])
        base = stand.base + stand.rise * x
        if stats[n, cv2.CC_STAT_AREA] < _SMALL:
            flecks.append(n)
        elif high > _MOST_HIGH * body:
            continue
        elif top + high <= base - (1 - _LOW) * body:
            found.append((n, True, float(x)))
        elif top >= base - _RAISED * body and y > base:
            found.append((n, False, float(x)))
    drift = {high: _drift(text, middles, found, high, step) for high in (True, False)}
    owner = [-1, -1]
    marked: set[tuple[int, bool]] = set()
    number = np.zeros(len(stats), np.uint16)
    number[flecks] = 1
    for n, high, x in found:
        own = _owner(text, middles, x, high, drift[high], _FAR * step)
        if own is not None:
            number[n] = len(owner)
            owner.append(own)
            marked.add((own, high))
    labels = number[parts]
    letters = np.where(labels > 0, np.float32(0), ink)
    bare = frozenset(
        n
        for high, wanted in ((True, over), (False, under))
        for n, sign in enumerate(text)
        if wanted(sign)
        and (n, high) not in marked
        and not _touched(letters, stand, float(middles[n]), scale, sign, high)
    )
    return Marks(letters, labels, tuple(owner), bare)


def _touched(ink: InkLine, stand: Standing, x: float, size: float, sign: str, above: bool) -> bool:
    """Ink of letters reaches to where the marks of this one are: they may be one with it."""
    near = max(_LEAST_NEAR, _NEAR * one(sign) * size)
    part = ink[:, max(0, round(x - near)) : max(0, round(x + near))]
    rows = np.flatnonzero((part > _INK).any(axis=1))
    if not rows.size:
        return False
    base, body = stand.base + stand.rise * x, BODY / stand.grow
    high = rows[0] < base - (_HIGHER + tall(sign)) * body
    return bool(high) if above else bool(rows[-1] > base + _LOWER * body)


def _bears(sign: str, high: bool) -> bool:
    return (over(sign) or sign in "ij") if high else under(sign)


def _reaches(sign: str, high: bool) -> bool:
    """A sign of which a loose part may lie up there, or down there."""
    return tall(sign) if high else deep(sign)


def _drift(
    text: str,
    middles: NDArray[np.float64],
    found: Sequence[tuple[int, bool, float]],
    high: bool,
    step: float,
) -> float:
    """Columns that marks usually stand to the right of their letters' frames."""
    bearers = middles[[n for n, sign in enumerate(text) if _bears(sign, high)]]
    if not bearers.size:
        return 0.0
    away = []
    for _, level, x in found:
        if level == high:
            nearest = x - bearers
            least = float(nearest[np.abs(nearest).argmin()])
            if abs(least) < step:
                away.append(least)
    return float(np.median(away)) if len(away) > 2 else 0.0


def _owner(
    text: str, middles: NDArray[np.float64], x: float, high: bool, drift: float, far: float
) -> int | None:
    """Number of the sign; -1 for strays, None for what may be part of a tall or deep sign."""
    best: tuple[float, int, bool] | None = None
    for n, sign in enumerate(text):
        bears, reaches = _bears(sign, high), _reaches(sign, high)
        if not (bears or reaches):
            continue
        away = abs(x - middles[n] - (drift if bears else 0.0))
        if best is None or away < best[0]:
            best = (away, n, bears)
    if best is None or best[0] > far:
        return -1
    return best[1] if best[2] else None


def stands(text: str, top: float, foot: float) -> bool:
    """True where letters from ``foot`` to ``top`` (small letters above the base) can be this text.

    Loose marks are left out. A capital must be one, small letters alone must not be as high, and
    what has no tail must end about the base line.
    """
    if not text.isalpha():
        return True
    if not any(map(deep, text)) and foot < -(_DEEPEST + any(map(under, text))):
        return False
    if foot > (-_TAIL if any(sign in _HANGING for sign in text) else _DEEPEST):
        return False
    if any(map(tall, text)):
        return top > _TALLER or all(sign in "td" for sign in text if tall(sign))
    return top < _TALLEST + any(map(over, text))
