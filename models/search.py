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
