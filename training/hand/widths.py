"""How wide the letters of a line are, to tell cuts that went astray by it.

A line's letters are wide or narrow together. So the usual widths of letters and the size of this
line say how much ink a word has along the line; a word with ink of its neighbour, or that lost a
letter, has another width. The letters of a line tell its size by how far their frames are apart
and by all its words, of which most are cut well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from training.hand.net import STRIDE

_WIDTHS = {
    **dict.fromkeys("il", 2.9) | {"I": 3.5, "l": 3.4, "j": 3.4, "J": 5.5},
    **{"a": 5.0, "c": 4.1, "e": 4.1, "g": 4.4, "h": 6.0, "m": 7.2, "n": 4.6, "o": 4.4, "p": 4.9},
    **{"r": 4.1, "s": 5.4, "t": 4.8, "u": 5.1, "x": 6.1, "y": 4.8, "đ": 6.1, "d": 5.9, "k": 5.9},
    **{"A": 8.1, "B": 6.6, "C": 6.1, "D": 6.7, "E": 7.2, "G": 8.1, "H": 7.9, "K": 6.6, "L": 5.3},
    **{"M": 9.6, "N": 8.5, "P": 5.2, "Q": 8.1, "S": 5.9, "T": 6.2, "V": 6.2, "X": 7.4, "Y": 6.3},
    **{"Đ": 7.4, "w": 7.2, "W": 9.6},
}
"""Ink along the line and the room to the next letter, to a scale of its own: least squares over
25,000 words of lines trained on, each line to its size (i, l, I, j by their shape)."""
_SMALL, _CAPITAL = 5.0, 6.8
_FEWEST = 3
"""Words of a line that say what its size is."""
_BESIDE = 0.5
"""Of the width of a text, the room that is no ink."""
_SLACK = 1.5
"""Columns that a width may err whatever the letters."""
_ERRS = (0.30, 0.30, 0.28, 0.26, 0.24)
"""Most that widths of 1, 2, … letters err, as natural logarithms of their ratio; of 11,600 words
of named hands 2 to 4 in 100 do, most of them cut wrongly."""


def usual(text: str) -> float | None:
    """The width of letters, to the scale of the table; None where there are other signs."""
    if not text.isalpha():
        return None
    return sum(one(sign) for sign in text)


def one(sign: str) -> float:
    """The width of a sign, to the scale of the table."""
    letter = unicodedata.normalize("NFD", sign)[0]
    return _WIDTHS.get(letter, _CAPITAL if letter.isupper() else _SMALL)


def rough_size(text: str, spans: Sequence[tuple[int, int]]) -> float | None:
    """Columns a unit of the table, by the frames of a line's letters; None without neighbours."""
    middles = [(first + last + 1) / 2 * STRIDE for first, last in spans]
    sizes = [
        (right - left) * 2 / (one(before) + one(after))
        for (left, right), (before, after) in zip(pairwise(middles), pairwise(text), strict=True)
        if before.isalpha() and after.isalpha()
    ]
    return float(np.median(sizes)) if sizes else None


def size(words: Sequence[tuple[str, float]]) -> float | None:
    """Columns a unit of the table, by the words of a line and their widths in columns.

    None where there are too few to tell which of them are cut well.
    """
    sizes = [width / wide for word, width in words if (wide := usual(word))]
    return float(np.median(sizes)) if len(sizes) >= _FEWEST else None


def fits(text: str, width: float, scale: float) -> bool:
    """True where so many columns of ink can be this text. Other signs than letters always fit."""
    wide = usual(text)
    if wide is None or not text:
        return True
    likely, errs = (wide - _BESIDE) * scale, float(np.exp(_ERRS[min(len(text), len(_ERRS)) - 1]))
    return likely / errs - _SLACK <= width <= likely * errs + _SLACK
