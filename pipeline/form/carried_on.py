"""Labels of which the beginning alone was taken: their other words stand close behind.

Presses print *Sinh ngày* or *Sinh ngày, tháng, năm*. Where wear took some letters of the longer
one, the shorter is read without a fault on the same page, and its box would begin in print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rapidfuzz.distance import Indel

from pipeline.form.align import Match
from pipeline.form.ends import letter_count
from pipeline.form.labels import fold
from pipeline.form.tokens import Token

_BEHIND_MM = 4.0
"""Words of one label stand nearer to one another."""
_OVER_MM = 2.0
"""A word may begin so much before the end that a reading gives the one before it."""
_ALIKE = 0.75
_SHORT = 3
"""Letters of a word that must be read without a fault."""


def carried_on(
    matches: Sequence[Match],
    wordings: Sequence[Sequence[str]],
    sheets: Sequence[Sequence[Token]],
) -> tuple[Match, ...]:
    """Labels with the words of a longer wording of theirs that some reading shows behind them.

    Args:
        matches: labels found, mm.
        wordings: for each all wordings of its item.
        sheets: words of every reading, in the frame of the labels.
    """
    size = float(np.median([(m.x1 - m.x0) / letter_count(m.label) for m in matches] or [0.0]))
    return tuple(
        max(
            (_carried(match, labels, sheet, size) for sheet in sheets),
            key=lambda one: len(one.label),
            default=match,
        )
        for match, labels in zip(matches, wordings, strict=True)
    )


def _carried(match: Match, labels: Sequence[str], sheet: Sequence[Token], size: float) -> Match:
    """The label as one reading shows it: itself, where that has none of the longer wordings.

    ``size`` is the usual width of a letter, mm.
    """
    own = _words(match.label)
    best = match
    behind: list[Token] | None = None
    for label in labels:
        words = _words(label)
        if len(words) <= len(_words(best.label)) or words[: len(own)] != own:
            continue
        # Of its own last word some letters may be worn off.
        end = max(match.x1, match.x0 + size * letter_count(match.label))
        behind = _behind(match, end, sheet) if behind is None else behind
        rest = words[len(own) :]
        if len(behind) >= len(rest) and all(map(_same, behind, rest)):
            best = replace(match, label=label, x1=behind[len(rest) - 1].x1)
    return best


def _words(label: str) -> list[str]:
    return [word for word in map(fold, label.split()) if word]


def _behind(match: Match, end: float, sheet: Sequence[Token]) -> list[Token]:
    """Words close behind a label's ``end`` and behind one another, from left to right."""
    half = (match.y1 - match.y0) / 2
    row = [
        token
        for token in sheet
        if abs(token.middle - match.middle) < half and token.x0 > end - _OVER_MM
    ]
    close: list[Token] = []
    for token in sorted(row, key=lambda token: token.x0):
        if token.x0 - end > _BEHIND_MM:
            break
        close.append(token)
        end = token.x1
    return close


def _same(token: Token, word: str) -> bool:
    read = fold(token.text)
    if len(word) <= _SHORT:
        return read == word
    return Indel.normalized_similarity(read, word) >= _ALIKE
