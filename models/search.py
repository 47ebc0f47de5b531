"""Search keys: what a person types without accents finds what the book spells with them."""

from __future__ import annotations

import unicodedata

_STROKED = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})
"""đ has no decomposition, so no database's accent folding finds "dang" in "Đặng"."""


def fold(text: str) -> str:
    """Letters without marks, lower case, one space between words; hyphens are spaces.

    ``fold("Đặng-Thị  Đào") == "dang thi dao"``, for NFC and NFD alike. Old books hyphenate names.
    """
    plain = unicodedata.normalize("NFD", text.translate(_STROKED))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(letters.casefold().replace("-", " ").split())
