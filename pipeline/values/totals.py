"""Totals of a closing statement: digits and words together (*156, một trăm năm mươi sáu*)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.types import Reading, Total
from pipeline.values.number_words import UNITS, Phrase, below_hundred
from pipeline.values.text import fold

MOST = 2999
"""No book of a commune holds more entries or pages."""
_DIGITS = re.compile(r"\d{1,4}")
_CONFUSED = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
_NONE = frozenset({"khong", "khong co", "0", "/", "-", "x", "khg"})
_LIKE = 0.8
"""Likeness of words from which they mean a number."""
_LEAD = 0.05
"""By how much another number must be less alike."""
_AGREE = 0.72
"""Likeness from which damaged words bear the digits out, where no other number is more alike."""
_SURE_DIGITS, _EXACT = 0.97, 0.999
_NOT_WORDS = re.compile(r"[^a-z ]+")
_FILLERS = re.compile(r"\b(truong hop|trang|viec|to|su|va)\b")


def number_phrases(number: int) -> Iterator[Phrase]:
    """Ways to say 0..2999: with linh or lẻ, mười or mươi, with and without the empty hundreds."""
    if number == 0:
        yield ("khong",)
        return
    thousands, rest = divmod(number, 1000)
    hundreds, low = divmod(rest, 100)
    heads: list[Phrase] = [()]
    if thousands:
        heads = [(UNITS[thousands], word) for word in ("nghin", "ngan")]
    if hundreds:
        heads = [(*head, UNITS[hundreds], "tram") for head in heads]
    elif thousands and low:
        heads += [(*head, "khong", "tram") for head in heads]
    tails: list[Phrase] = [()]
    if low and low < 10 and (hundreds or thousands):
        tails = [(link, UNITS[low]) for link in ("linh", "le")]
    elif low:
        tails = list(below_hundred(low))
    for head in heads:
        for tail in tails:
            yield (*head, *tail)


@lru_cache(maxsize=1)
def _said() -> tuple[list[str], list[int]]:
    """All phrases without spaces, and the number each means."""
    pairs = [("".join(phrase), n) for n in range(MOST + 1) for phrase in number_phrases(n)]
    return [phrase for phrase, _ in pairs], [number for _, number in pairs]


def words_number(text: str) -> tuple[int | None, float]:
    """The number that words say, and how alike they are (0..1); None where it is not plain."""
    bare = _bare(text)
    if not bare:
        return None, 0.0
    phrases, numbers = _said()
    found = process.extract(
        bare, phrases, scorer=Levenshtein.normalized_similarity, limit=24, score_cutoff=0.5
    )
    if not found:
        return None, 0.0
    best = numbers[found[0][2]]
    other = next((score for _, score, at in found if numbers[at] != best), 0.0)
    top = float(found[0][1])
    return (best, top) if top >= _LIKE and top - other >= _LEAD else (None, top)


def _bare(text: str) -> str:
    words = _FILLERS.sub(" ", _NOT_WORDS.sub(" ", fold(text)))
    # No number word has a single letter: a bracket, the rest of a label.
    return "".join(word for word in words.split() if len(word) > 1)


def digits_number(text: str) -> int | None:
    """The number that digits say; dashes and *không* are none at all."""
    plain = " ".join(fold(text).split())
    if plain in _NONE:
        return 0
    found = _DIGITS.findall(text.translate(_CONFUSED).replace(" ", ""))
    return int(found[0]) if len(found) == 1 else None


def _bears_out(text: str, number: int) -> bool:
    """True where damaged words are as much like this number's as like any other's."""
    bare = _bare(text)
    if not bare or number > MOST:
        return False
    phrases, _ = _said()
    own = max(Levenshtein.normalized_similarity("".join(p), bare) for p in number_phrases(number))
    best = process.extractOne(bare, phrases, scorer=Levenshtein.normalized_similarity)
    return own >= _AGREE and best is not None and own >= float(best[1]) - 1e-9


def total_of(
    what: str, digits: Reading | None, words: Reading | None, *, named: bool = True
) -> Total:
    """One total out of what was read of its digits and its words.

    It is sure where both say the same, or where the digits alone were surely read and there
    are no words; what contradicts itself never is, nor what was not plainly ``named``: a number
    surely read is no total while nobody knows of what.
    """
    total = _read_total(what, digits, words)
    return total if named else replace(total, sure=False)


def _read_total(what: str, digits: Reading | None, words: Reading | None) -> Total:
    seen = digits.text if digits is not None and not digits.blank else ""
    said = words.text if words is not None and not words.blank else ""
    number = digits_number(seen) if seen else None
    spoken, like = words_number(said) if said else (None, 0.0)
    if number is not None and (number == spoken or (spoken is None and _bears_out(said, number))):
        return Total(what, number, seen, said, sure=True)
    if number is None:
        plain = spoken is not None and like >= _EXACT and not seen
        return Total(what, spoken, seen, said, sure=plain)
    alone = digits is not None and digits.probability >= _SURE_DIGITS and not said
    return Total(what, number if spoken is None else None, seen, said, sure=alone)
