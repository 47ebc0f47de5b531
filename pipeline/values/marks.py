"""Marks that stand for something else: ditto, nothing, not known (``registers.md`` 3.5)."""

from __future__ import annotations

import re

from pipeline.values.text import clean, fold

_DITTO_SIGNS = re.compile(
    r"""^[-–—~\s]*(?:
        ["“”„‟″〃]+ | ['‘’`´]{2,} | ,{2} | //+        # drawn marks
        | n\s*\.?\s*t\s*\.? | n\s*/\s*t               # nt, n.t, n/t
        | d\s*[°º˚]\s*\.? | i\s*d\s*\. | idem         # French clerks
        | nhu\s*tren | nhu\s*nt
    )[-–—~\s.]*$""",
    re.VERBOSE,
)
_NOTHING_SIGNS = re.compile(r"^[\s\-–—_./\\|~*·x]*$")
_NOTHING_WORDS = {
    "khong",
    "khong co",
    "khong ro",
    "khong biet",
    "khong khai",
    "khong xac dinh",
    "chua ro",
    "chua xac dinh",
    "chua dat ten",
    "chua co ten",
    "khong ten",
    "vo danh",
    "neant",
    "con ngoai gia thu",
}


def is_ditto(literal: str) -> bool:
    """True for ``nt``, ``n.t``, ``-nt-``, ``như trên``, ``"``, ``〃``, ``d°``, ``id.`` …"""
    # ″ and “ have no folded form of their own; º would fold to the letter o.
    return bool(_DITTO_SIGNS.match(clean(literal).lower())) or bool(
        _DITTO_SIGNS.match(fold(clean(literal)))
    )


def is_nothing(literal: str) -> bool:
    """True where the clerk wrote that there is nothing: a dash, ``không có``, ``vô danh``."""
    text = fold(clean(literal)).strip(" .,;:-–—()")
    return text in _NOTHING_WORDS or bool(_NOTHING_SIGNS.match(clean(literal).lower()))
