"""Search keys: what a person types without accents finds what the book spells with them."""

from __future__ import annotations

from models.base import SORTABLE_LENGTH
from pipeline.values.text import fold


def search_key(text: str) -> str:
    """``search_key("Đặng-Thị  Đào") == "dang thi dao"``; cut to what a column holds.

    Hyphens are spaces: old books write ``Nguyễn-văn-A`` (registers.md 3.3). Folding is done here
    and not in the database, because đ has no decomposition there.
    """
    return fold(text.replace("-", " "))[:SORTABLE_LENGTH].rstrip()


_SOUNDS = (
    # What one hears is written in several ways, by clerks and by whoever asks; the last two pairs
    # are how the Red River delta speaks. Order counts: longer spellings first.
    ("ngh", "ng"), ("gh", "g"), ("gi", "d"), ("tr", "ch"), ("ph", "f"), ("qu", "q"), ("kh", "x1"),
    ("k", "c"), ("y", "i"), ("x1", "kh"), ("s", "x"), ("r", "d"), ("l", "n"),
)  # fmt: skip


def sound_key(text: str) -> str:
    """Spellings of one sound are one: ``Trần Thị Lý`` and ``Chần Thị Ní`` have the same key."""
    key = search_key(text)
    for spelled, heard in _SOUNDS:
        key = key.replace(spelled, heard)
    return key


def ends_key(text: str) -> str:
    """Family name and given name as they sound: ``nguien an`` of ``Nguyễn Văn An``."""
    parts = sound_key(text).split()
    return " ".join((parts[0], parts[-1]) if len(parts) > 1 else parts)
