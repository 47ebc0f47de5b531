"""Manners: how a clerk sets words and digits of a field, mostly alike all through a book."""

from __future__ import annotations

import re
from enum import StrEnum

_PARTS = re.compile(r"(\d{1,2}) ?([/.\- ]) ?(\d{1,2}) ?([/.\- ]) ?(\d{2}|\d{4}|\d \d{3})")
"""A date in digits, with the spaces that a reader sees where there are none."""
_DIGITS = re.compile(r"\d")


class Manner(StrEnum):
    """A manner of setting capitals; of one word a capital first letter is ``TITLES``."""

    NONE = "none"
    """No letters: digits and signs."""
    CAPITALS = "capitals"
    TITLES = "titles"
    """Every word with a capital: Nguyễn Văn An."""
    INNER = "inner"
    """The first and the last word with a capital, none between: Nguyễn văn An."""
    SENTENCE = "sentence"
    SMALL = "small"
    MIXED = "mixed"
    """Some words with a capital, as in most places: Trạm y tế xã Tân Dân."""


def manner_of(text: str) -> Manner:
    """The manner in which a text is set."""
    words = ["".join(filter(str.isalpha, word)) for word in text.replace("-", " ").split()]
    words = [word for word in words if word]
    if not words:
        return Manner.NONE
    if all(word.islower() for word in words):
        return Manner.SMALL
    # Of a single letter only its neighbours say whether it is a capital among capitals.
    if any(len(word) > 1 for word in words) and all(word.isupper() for word in words):
        return Manner.CAPITALS
    if any(not word[1:].islower() for word in words if len(word) > 1):
        return Manner.MIXED
    large = [word[0].isupper() for word in words]
    if all(large):
        return Manner.TITLES
    if large[0] and not any(large[1:]):
        return Manner.SENTENCE
    if large[0] and large[-1] and not any(large[1:-1]):
        return Manner.INNER
    return Manner.MIXED


def style_of(text: str) -> str:
    """The manner of a text, and of a date in digits what stands between its numbers."""
    manner = manner_of(text)
    return str(manner) + (_DIGITS.sub("", text) if _PARTS.fullmatch(text) else "")


def _between(text: str) -> tuple[str, ...]:
    """A date in digits with each of the usual signs between its numbers."""
    match = _PARTS.fullmatch(text)
    if not match:
        return ()
    numbers = (match[1], match[3], match[5].replace(" ", ""))
    return tuple(sign.join(numbers) for sign in "/-. ")


def in_all_manners(text: str) -> tuple[str, ...]:
    """The text as it is, and set in every other manner; each once. Words and numbers stay."""
    words = text.split(" ")
    titled = [word[:1].upper() + word[1:].lower() for word in words]
    small = [word.lower() for word in words]
    inner = [titled[0], *small[1:-1], titled[-1]] if len(words) > 1 else titled
    first = [titled[0], *small[1:]]
    ways = (words, [text.upper()], titled, inner, first, small)
    return tuple(dict.fromkeys((*(" ".join(way) for way in ways), *_between(text))))


def with_manners(texts: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
    """Texts, and the first ``most`` of them in every manner, so that a book's may be chosen."""
    others = (way for text in texts[:most] for way in in_all_manners(text))
    return tuple(dict.fromkeys((*texts, *others)))
