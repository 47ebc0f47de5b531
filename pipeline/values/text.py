"""Vietnamese text made comparable: NFC, single spaces, one tone placing, folded keys.

Two keys are used all over: ``fold`` forgets every mark (search, gazetteer, number words),
``unify_tone`` only forgets where a printer put the tone (hoà / hòa).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# NFD takes every mark off but leaves đ whole: it is a letter of its own (design.md 4.13).
_BAR = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"})
_SPACES = re.compile(r"\s+")
_LEADERS = re.compile(r"\.{2,}|…+|_{2,}|·{2,}|(?:\. ){2,}\.?")

_GRAVE_TO_DOT = "\u0300\u0301\u0303\u0309\u0323"  # the five tone marks
_TONES = f"[{_GRAVE_TO_DOT}]"
# Open oa, oe, uy: the newer placing (Thủy, Hòa) is the key, as ``places.md`` prints names.
# After q the u belongs to the consonant: quý stays.
_OLD_PLACING = re.compile(rf"(?<![qQ])([oO](?=[aAeE])|[uU](?=[yY]))([aAeEyY])({_TONES})(?!\w)")
_NEW_PLACING = re.compile(
    rf"(?<![qQ])([oO](?={_TONES}[aAeE])|[uU](?={_TONES}[yY]))({_TONES})([aAeEyY])(?!\w)"
)


def nfc(text: str) -> str:
    """``text`` composed, without invisible signs (zero width, soft hyphen, byte order mark)."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed
    return "".join(
        sign
        for sign in composed
        if unicodedata.category(sign) not in ("Cf", "Cs") and (sign in "\n\t" or sign >= " ")
    )


def clean(text: str) -> str:
    """NFC, dotted leaders out, single spaces, ends trimmed."""
    return _SPACES.sub(" ", _LEADERS.sub(" ", nfc(text))).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Search key: no marks, đ as d, lower case, single spaces. Folding twice changes nothing."""
    # Compatibility forms first (ª, ﬁ, full-width digits), so that one pass reaches the end.
    bare = unicodedata.normalize("NFKD", text.translate(_BAR)).translate(_BAR)
    # casefold can bring marks back (ΐ), hence the second decomposition.
    low = unicodedata.normalize("NFKD", bare.casefold())
    letters = "".join(sign for sign in low if not unicodedata.combining(sign))
    return _SPACES.sub(" ", letters).strip()


@lru_cache(maxsize=65536)
def unify_tone(text: str) -> str:
    """NFC with the tone of open oa, oe, uy on the first vowel: hoà -> hòa, thuỷ -> thủy."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _OLD_PLACING.sub(r"\1\3\2", apart))


def other_tone(text: str) -> str:
    """NFC with the tone of open oa, oe, uy on the second vowel: hòa -> hoà, thủy -> thuỷ."""
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _NEW_PLACING.sub(r"\1\3\2", apart))


def same_words(one: str, other: str) -> bool:
    """True where two texts differ at most in case, spaces and tone placing."""
    return unify_tone(clean(one)).casefold() == unify_tone(clean(other)).casefold()
