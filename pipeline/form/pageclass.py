"""What a page is that does not bear the book's form."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rapidfuzz.fuzz import partial_ratio

from pipeline.form.impression import impression
from pipeline.form.labels import fold
from pipeline.form.tokens import Token, page_tokens, token_lines
from pipeline.types import PageClass, PageImage

_BLANK_INK = 0.0012
"""Share of dark ink at 100 dpi on a page with nothing but grain and show-through."""
_DARK = 90
_COVER = ("Mở ngày", "Khóa ngày", "Quyển số", "Sổ đăng ký", "Cơ quan đăng ký", "Bộ Tư pháp")
_COVER_WORDS = 80
"""A cover says little; an entry page has twice as many words."""
_STATEMENT = (
    "Khóa sổ",
    "Tổng số",
    "trường hợp",
    "trang bỏ trống",
    "Sổ này gồm",
    "đã sử dụng",
    "Cộng sổ",
    "cải chính",
)
"""Words of a closing statement: totals of events, corrections, blank pages (TT 04/2020 Đ.36)."""


def page_class(page: PageImage) -> PageClass:
    """Class of a page without entries: blank, cover, closing statement, or something else.

    Reads the page (seconds), so ask only when the form was not found on it.
    """
    if ink_share(page) < _BLANK_INK:
        return PageClass.BLANK
    return class_of_words(page_tokens(page))


def class_of_words(tokens: list[Token]) -> PageClass:
    """The same from words already read."""
    sure = [token for token in tokens if token.confidence > 0.3]
    if sum(len(fold(token.text)) for token in sure) < 8:
        return PageClass.BLANK
    lines = ["".join(fold(token.text) for token in line) for line in token_lines(sure)]
    cover, statement = _said(lines, _COVER), _said(lines, _STATEMENT)
    if statement >= 2 and statement >= cover:
        return PageClass.STATEMENT
    few = len(sure) <= _COVER_WORDS
    return PageClass.COVER if few and cover >= 2 else PageClass.OTHER


def _said(lines: list[str], phrases: Iterable[str]) -> int:
    return sum(any(says(line, phrase) for line in lines) for phrase in phrases)


def says(line: str, phrase: str) -> bool:
    """True where a folded line contains a phrase, some letters misread."""
    wanted = fold(phrase)
    return len(line) >= len(wanted) and partial_ratio(wanted, line) >= 85


def ink_share(page: PageImage) -> float:
    """Share of dark ink in the inner part of a page, away from its edges."""
    ink = impression(page.grey, page.dpi)
    height, width = ink.shape
    inner = ink[height // 12 : -height // 12, width // 10 : -width // 10]
    return float(np.mean(inner > _DARK)) if inner.size else 0.0
