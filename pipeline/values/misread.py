"""What a misread word may have been: edits between a token and the words of a grammar.

A changed or added letter costs 1, one of the same look 0.8, a letter lost 0.7 (there is one way to
lose it and many to change it), a lost or wrong mark 0.5. A space counts as a letter, so that words
torn apart or written together are found too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.values.text import fold

Spellings = Mapping[str, tuple[str, ...]]
"""Folded word -> as it is written."""
MARK, LOOK, LOST, LETTER = 0.5, 0.8, 0.7, 1.0
_ALIKE = {
    frozenset(pair)
    for pair in (
        "ao", "ae", "ce", "co", "nu", "nr", "mn", "uv", "il", "it", "lt", "ij", "hk", "hb", "gq",
        "gy", "rv", "ou", "o0", "l1", "i1", "s5", "b6", "z2", "q9", "g9", "dl", "nm", "xz",
    )
}  # fmt: skip


@lru_cache(maxsize=65536)
def _letters(text: str) -> tuple[tuple[str, str], ...]:
    """Letters with their marks apart; đ is a marked d."""
    found: list[tuple[str, str]] = []
    for sign in text:
        if sign == "đ":
            found.append(("d", "-"))
        else:
            apart = unicodedata.normalize("NFD", sign)
            found.append((apart[0], apart[1:]))
    return tuple(found)


def _swap(one: tuple[str, str], other: tuple[str, str], mark: float) -> float:
    if one[0] == other[0]:
        return 0.0 if one[1] == other[1] else mark
    return LOOK if frozenset(one[0] + other[0]) in _ALIKE else LETTER


@lru_cache(maxsize=65536)
def edits(token: str, word: str, mark: float = MARK) -> float:
    """Cost of reading ``token`` for ``word``, both lower case NFC; ``mark`` is that of a mark."""
    one, other = _letters(token), _letters(word)
    row = [n * LOST for n in range(len(other) + 1)]
    for n, letter in enumerate(one, start=1):
        before, row = row, [n * LETTER]
        for m, wanted in enumerate(other, start=1):
            row.append(
                min(
                    before[m] + LETTER,
                    row[m - 1] + LOST,
                    before[m - 1] + _swap(letter, wanted, mark),
                )
            )
    return row[-1]


def _most(length: int) -> float:
    """Most that a word of so many letters may be damaged and still be taken for itself."""
    return min(2.2, 0.5 + 0.4 * length)


def words_near(token: str, spellings: Spellings, *, bare: bool) -> dict[str, float]:
    """Words a token may be, with their costs.

    Args:
        token: lower case NFC; may hold a space where it stands for two tokens.
        spellings: words of the grammar.
        bare: the text is written without marks, so that their lack says nothing.
    """
    found: dict[str, float] = {}
    mark = 0.0 if bare else MARK
    most = _most(len(token))
    plain = fold(token)
    for word, forms in spellings.items():
        # marks apart, no way is shorter than this many letters
        if LOST * Levenshtein.distance(plain, word, score_cutoff=3) > most:
            continue
        cost = min(edits(token, form, mark) for form in forms)
        if cost <= most:
            found[word] = cost
    return found


@lru_cache(maxsize=8)
def _pairs(words: frozenset[str]) -> dict[str, tuple[str, str]]:
    return {f"{one} {other}": (one, other) for one in sorted(words) for other in sorted(words)}


def pairs_near(
    token: str, spellings: Spellings, *, bare: bool
) -> list[tuple[tuple[str, str], float]]:
    """Pairs of words that may have been written together in a token, with their costs."""
    if len(token) < 4:
        return []
    pairs = _pairs(frozenset(spellings))
    near = process.extract(
        fold(token), pairs.keys(), scorer=Levenshtein.distance, score_cutoff=2, limit=8
    )
    mark = 0.0 if bare else MARK
    found = []
    for text, _, _ in near:
        one, other = pairs[text]
        cost = min(
            edits(token, f"{first} {second}", mark)
            for first in spellings[one]
            for second in spellings[other]
        )
        if cost <= 2.0:
            found.append(((one, other), cost))
    return found
