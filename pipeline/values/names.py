"""Names of people: kept as written, parted, made comparable (``registers.md`` 3.3).

A name is never changed into a commoner one here; what is no Vietnamese syllable (a French,
Chinese or mountain name) is told, and left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pipeline.reading.syllables import is_vietnamese
from pipeline.values.found import IMPLAUSIBLE, NOT_UNDERSTOOD, Found
from pipeline.values.text import clean, fold, unify_tone

_ENDS = ' .,;:_|~*"“”'
_OLD_WRITING = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_ALLOWED_BASE = set("abcdeghiklmnopqrstuvxyđ" + "fjwz" + " -'’.()")
_ALLOWED_MARKS = set("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
"""Five tones, circumflex, breve, horn."""


def odd_characters(text: str) -> tuple[str, ...]:
    """Characters no Vietnamese name is written with (rule V19); f, j, w, z are let pass."""
    odd: list[str] = []
    for sign in text:
        apart = unicodedata.normalize("NFD", sign.lower())
        if apart[0] not in _ALLOWED_BASE or not _ALLOWED_MARKS.issuperset(apart[1:]):
            odd.append(sign)
    return tuple(odd)


@dataclass(frozen=True)
class NameParts:
    """A name in its parts. ``given`` alone where there is one word.

    ``foreign`` is True where a word is no syllable of Vietnamese: then nothing is known of the
    order of the parts, and ``family`` and ``middle`` only follow the Vietnamese order.
    """

    family: str
    middle: str
    given: str
    foreign: bool = False


_TWO_FAMILIES = frozenset(("ton that", "ton nu", "cong tang", "au duong"))
"""Families of two words (the royal clan's, Chinese double names)."""


def parts_of(name: str) -> NameParts:
    """Family, middle and given name, by the Vietnamese order."""
    words = [word for word in re.split(r"[\s-]+", clean(name)) if word]
    foreign = not all(is_vietnamese(word) for word in words)
    if len(words) < 2:
        return NameParts("", "", " ".join(words), foreign)
    family = 2 if len(words) > 2 and fold(" ".join(words[:2])) in _TWO_FAMILIES else 1
    return NameParts(" ".join(words[:family]), " ".join(words[family:-1]), words[-1], foreign)


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """What two writings of one name share: case, hyphens, tone placing and i / y left out.

    ``NGUYỄN-VĂN-QUÍ`` and ``Nguyễn văn Quý`` have one key; marks still part Hùng from Hưng.
    """
    words = unify_tone(clean(name).replace("-", " ").replace("’", "'")).casefold().split()
    return " ".join(_I_OR_Y.sub(_as_y, word) for word in words)


_I_OR_Y = re.compile(r"^(h|k|l|m|s|t|qu|v)([iíìỉĩị])$")
_Y = dict(zip("iíìỉĩị", "yýỳỷỹỵ", strict=True))


def _as_y(found: re.Match[str]) -> str:
    return found[1] + _Y[found[2]]


_ALIAS = re.compile(
    r"[\s,;]*(?:[(\[]\s*)?\b(?:bí\s*danh|biệt\s*danh|bi\s*danh|tức\s*là|tức|tuc|còn\s*gọi\s*là|"
    r"con\s*goi\s*la|tên\s*thường\s*gọi(?:\s*là)?|tên\s*gọi\s*khác(?:\s*là)?|tự\s*là|alias|dit|dite)\b\s*:?\s*",
    re.IGNORECASE,
)


def with_aliases(literal: str) -> tuple[str, tuple[str, ...]]:
    """The name and its other names: ``Trần Văn Ba (tức Hùng)`` -> Trần Văn Ba, (Hùng,)."""
    name, *others = _ALIAS.split(literal)
    if not name.strip(_ENDS + " ("):
        return literal, ()  # an alias of nobody
    aliases = tuple(alias for other in others if (alias := other.strip(_ENDS + " ()[],")))
    return (name.rstrip(" ,;([") if aliases else literal), aliases


def person_name(literal: str) -> Found:
    """A name in NFC with single spaces, case as written; aliases go into the reasons.

    Only the old hyphened writing is changed: ``Nguyễn-văn-An`` -> ``Nguyễn Văn An``; a foreign
    name keeps its hyphens (``Jean-Pierre``).
    """
    text, aliases = with_aliases(clean(literal).strip(_ENDS))
    if not any(sign.isalpha() for sign in text):
        return Found(None, NOT_UNDERSTOOD, ("no_letters",))
    reasons: tuple[str, ...] = tuple(f"alias={alias}" for alias in aliases)
    hyphened = _OLD_WRITING.search(text)
    if hyphened and all(is_vietnamese(word) for word in re.split(r"[\s-]+", text) if word):
        text = " ".join(part[:1].upper() + part[1:] for part in re.split(r"[\s-]+", text) if part)
        reasons = (*reasons, "hyphened_writing")
    found = Found(text, 1.0, reasons)
    odd = odd_characters(text)
    if odd:
        return found.because("odd_characters=" + "".join(sorted(set(odd))), IMPLAUSIBLE)
    if " " not in text:
        found = found.because("one_word_name", 0.85)
    strange = [word for word in re.split(r"[\s.-]+", text) if word and not is_vietnamese(word)]
    if strange:
        # French, Chinese in letters, Êđê, H'Mông; or misread: told, and left as it is
        found = found.because("no_syllable=" + " ".join(strange), 0.9)
    return found
