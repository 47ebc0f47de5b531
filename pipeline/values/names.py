"""Names of people: kept as written, made comparable (``registers.md`` 3.3)."""

from __future__ import annotations

import re
import unicodedata

from pipeline.values.found import IMPLAUSIBLE, Found
from pipeline.values.text import clean

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


def person_name(literal: str) -> Found:
    """A name in NFC with single spaces, case as written.

    Only the old hyphened writing is changed: ``Nguyễn-văn-An`` -> ``Nguyễn Văn An``.
    """
    text = clean(literal).strip(_ENDS)
    if not text:
        return Found(None, IMPLAUSIBLE, ("no_letters",))
    reasons: tuple[str, ...] = ()
    if _OLD_WRITING.search(text):
        text = " ".join(part[:1].upper() + part[1:] for part in re.split(r"[\s-]+", text) if part)
        reasons = ("hyphened_writing",)
    found = Found(text, 1.0, reasons)
    odd = odd_characters(text)
    if odd:
        found = found.because("odd_characters=" + "".join(sorted(set(odd))), IMPLAUSIBLE)
    elif " " not in text:
        found = found.because("one_word_name", 0.85)
    return found
