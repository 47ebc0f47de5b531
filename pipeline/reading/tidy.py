"""Takes signs off the ends of a reading that no clerk wrote.

Rests of a label's colon, of rules and of leaders come out of Tesseract as stray signs at the
ends of a text. Signs inside it, and a reading of nothing but signs, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.types import Word

_LOOSE = frozenset(".,:;|_~=*'`^-–—‘’“”°·•<>\\/!¡«»\"")
"""Signs that mean nothing as a word of their own at the end of a text."""
_JOINED = ".,:;|_~=*'`^‘’“”°·•¡"
"""Signs that mean nothing when they hang on the first or last word."""
_MARKS = frozenset("\"'-–—”“„")
"""Ditto marks and dashes."""
_DIRT = 0.2
_SLASH = str.maketrans({"\u2044": "/", "\u2215": "/"})


def tidy(lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Words by line without stray signs at both ends; unchanged where nothing would be left."""
    words = [
        (n, Word(word.text.translate(_SLASH), word.confidence))
        for n, line in enumerate(lines)
        for word in line
    ]
    while words and _loose(words[0][1]):
        words.pop(0)
    while words and _loose(words[-1][1]):
        words.pop()
    if not words:
        return [[_doubted(word) for word in line] for line in lines]
    first = words[0][1]
    words[0] = (words[0][0], Word(first.text.lstrip(_JOINED), first.confidence))
    last = words[-1][1]
    if last.text.count(".") < 2:  # an abbreviation keeps its stop
        words[-1] = (words[-1][0], Word(last.text.rstrip(_JOINED), last.confidence))
    numbers = sorted({n for n, _ in words})
    return [[word for m, word in words if m == n] for n in numbers]


def _doubted(word: Word) -> Word:
    """A sign alone is dirt, unless it is a mark that clerks write."""
    return word if set(word.text) <= _MARKS else Word(word.text, word.confidence * _DIRT)


def _loose(word: Word) -> bool:
    return all(letter in _LOOSE for letter in word.text)
