"""Signs the net writes: one output class each, class 0 says nothing (the blank of CTC)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

BLANK = 0
"""Class of "no new sign here"."""

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_CONSONANTS = "bcdđfghjklmnpqrstvwxz"
_FOREIGN = "çëîïûüöœæñ"
"""Letters of French names and words that Vietnamese does not have."""
_SIGNS = " -.,/():'\";&+?!°%=_#*[]"

_SAME = str.maketrans(
    {
        "\u00a0": " ",
        "\u2009": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "`": "'",
        "´": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "«": '"',
        "»": '"',
        "〃": '"',
        "″": '"',
        "º": "°",
        "\u2026": "...",
        "Ð": "Đ",
        "ð": "đ",
    }
)
"""Signs that look alike in ink are one class."""


def _letters() -> str:
    toned = (unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES)
    small = "".join(toned) + _CONSONANTS + _FOREIGN
    return small + "".join(letter.upper() for letter in small)


ALPHABET: tuple[str, ...] = ("", *(_SIGNS + "0123456789" + _letters()))
"""Sign of each class; the blank's is empty. Precomposed letters (NFC)."""

_CLASS = {sign: number for number, sign in enumerate(ALPHABET) if sign}


def normalized(text: str) -> str:
    """The text as the net would write it: NFC, look-alikes joined, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_SAME).split())


def foreign_signs(text: str) -> list[str]:
    """Signs of a normalised text that the net cannot write, each once, sorted."""
    return sorted(set(text) - _CLASS.keys())


def encode(text: str) -> list[int]:
    """Classes of a normalised text.

    Raises:
        KeyError: a sign outside the alphabet (see ``foreign_signs``).
    """
    return [_CLASS[sign] for sign in text]


def collapse(classes: Iterable[int], alphabet: Sequence[str] = ALPHABET) -> str:
    """Text of the best class a frame: repeats count once, blanks part them."""
    signs: list[str] = []
    last = BLANK
    for number in classes:
        if number not in (last, BLANK):
            signs.append(alphabet[number])
        last = number
    return "".join(signs)
