"""What a page is that does not bear the book's form.

Ink first: nothing on it, or a stroke from corner to corner. Then words: covers, opening and
closing statements, indexes and papers of other kinds say what they are. What says nothing
plain is ``other``, and a person looks at it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np
from rapidfuzz.fuzz import partial_ratio

from pipeline.form.impression import MATCH_DPI, impression
from pipeline.form.labels import fold
from pipeline.form.tokens import MM_PER_INCH, Token, page_tokens, token_lines
from pipeline.page.strokes import Slash, crosses_opening, crosses_page, slashes
from pipeline.types import Grey, PageClass, PageImage, PageSort

_BLANK_INK = 0.0003
"""Share of a page under pieces of ink of the size of letters, from which it is surely not blank."""
_DARK = 60
_LETTER_MM = (0.9, 30.0)
_COVER_WORDS = 80
"""A cover says little; an entry page has twice as many words."""
_TITLE_MM = 5.5
"""Letters of this height are a title's."""
_INDEX_LINES = 10
_SURE_WORD = 0.3
_CROSSED_SURE, _BLANK_SURE = 0.97, 0.99
_HALF, _SCORE, _MARGIN = 1.9, 1.4, 1.0
"""Score at which a class is as likely as not, and what score and lead are worth (log odds)."""

SPEAKING: Mapping[PageClass, Mapping[str, float]] = {
    PageClass.COVER: {
        "Mở ngày": 1.2, "Khóa ngày": 1.2, "Quyển số": 1.0, "Sổ đăng ký": 1.0,
        "Cơ quan đăng ký": 1.0, "Bộ Tư pháp": 0.8, "Bộ Nội vụ": 0.8, "Ngày mở sổ": 1.2,
        "Ngày khóa sổ": 1.0, "Ngày khóa": 0.6, "Registre": 0.8, "Protectorat du Tonkin": 1.0,
        "État civil": 0.8, "Sổ khai sinh": 1.0, "Sổ kết hôn": 1.0, "Sổ khai tử": 1.0,
        "Sổ giá thú": 1.0, "Năm mở sổ": 1.0,
    },
    PageClass.OPENING: {
        "Sổ này gồm": 2.0, "Sổ này có": 1.5, "đánh số": 1.2, "giáp lai": 1.5, "Mở sổ": 1.0,
        "Lời mở sổ": 2.0, "Khai mở": 1.5, "từ trang": 1.0, "đến trang": 1.0, "tờ, đánh": 1.0,
        "coté et paraphé": 2.5, "Le présent registre": 1.2, "contenant": 0.8, "feuillets": 1.2,
        "dùng để đăng ký": 1.5, "ouvert le": 1.0,
    },
    PageClass.STATEMENT: {
        "Khóa sổ": 1.2, "Lời khóa sổ": 1.5, "Tổng số": 1.5, "Cộng sổ": 2.0, "trường hợp": 1.2,
        "bỏ trống": 1.5, "trang trống": 1.2, "trang trắng": 1.2, "cải chính": 1.0,
        "đã đăng ký": 1.0, "đã sử dụng": 1.0, "bằng chữ": 0.8, "clos et arrêté": 2.5,
        "arrêté le présent": 2.0, "Tổng cộng": 1.5, "total des actes": 1.5,
    },
    PageClass.INDEX: {
        "Mục lục": 3.0, "Bảng tra": 2.5, "Bảng kê": 2.0, "Danh sách": 2.0, "Bản tra": 2.0,
        "Table alphabétique": 3.0, "xếp theo vần": 2.0, "Répertoire": 2.0,
    },
    PageClass.SLIP: {
        "Kính gửi": 2.5, "Đơn xin": 2.5, "Giấy chứng sinh": 2.5, "Giấy báo tử": 1.2,
        "Tờ khai": 2.5, "Giấy giới thiệu": 2.5, "Giấy chứng nhận": 2.0, "Quyết định": 1.5,
        "Biên bản": 2.0, "Giấy ủy quyền": 2.5, "Giấy biên nhận": 2.5, "Giấy xác nhận": 2.5,
        "Công văn": 1.5, "Cam đoan": 1.0, "Trích lục": 1.5, "Người làm đơn": 2.0, "Giấy mời": 2.0,
    },
}  # fmt: skip
"""What papers say of themselves, and how much that is worth. Statements after Thông tư 04/2020
Đ.36 and the registers of other eras; the wording of the old ones is recalled, not seen."""


def sort_page(page: PageImage, crossed: bool | None = None) -> tuple[PageSort, tuple[Token, ...]]:
    """What a page without the book's form is, and the words that were read for it.

    Reads the page (a second or two) unless its ink alone tells, so ask only about pages on
    which the form was not found. Never says ``entries``: whoever knows the forms may.
    Whether it is crossed out is looked for unless ``crossed`` says it.
    """
    share = letter_share(page)
    if crossed is None:
        crossed = crossed_out(page)
    if share < _BLANK_INK and not crossed:
        # Half of what a line of writing has: somebody may have put down a word.
        sure = _BLANK_SURE if share < _BLANK_INK / 2 else 0.7
        return PageSort(PageClass.BLANK, sure), ()
    tokens = tuple(page_tokens(page))
    if crossed:
        return PageSort(PageClass.CROSSED, _CROSSED_SURE), tokens
    return sort_of_words(tokens), tokens


def crossed_out(page: PageImage) -> bool:
    """True where strokes run over the whole page."""
    return crossed_pages((page,), (slashes(page.grey, page.dpi),)) == (True,)


def crossed_pages(
    pages: Sequence[PageImage], strokes: Sequence[tuple[Slash, ...]]
) -> tuple[bool, ...]:
    """Which pages of a scan their strokes cross out; one over an opening crosses both out."""
    sizes = [(page.grey.shape[1], page.grey.shape[0]) for page in pages]
    own = tuple(crosses_page(s, *size) for s, size in zip(strokes, sizes, strict=True))
    if (
        len(pages) == 2
        and not all(own)
        and crosses_opening(strokes[0], strokes[1], sizes[0], sizes[1])
    ):
        return (True, True)
    return own


def sort_of_words(tokens: Sequence[Token]) -> PageSort:
    """The same from words already read."""
    sure = [token for token in tokens if token.confidence > _SURE_WORD]
    if sum(len(fold(token.text)) for token in sure) < 8:
        # Ink that is no word: a scribble, a stamp, a stain. A person should see it.
        return PageSort(PageClass.OTHER, 0.5, ("no_words",))
    lines = ["".join(fold(token.text) for token in line) for line in token_lines(list(sure))]
    score = {name: said(lines, phrases) for name, phrases in SPEAKING.items()}
    score[PageClass.COVER] += _looks_like_cover(sure)
    score[PageClass.INDEX] += _looks_like_index(sure)
    first, second = sorted(score, key=lambda name: -score[name])[:2]
    odds = _SCORE * (score[first] - _HALF) + _MARGIN * (score[first] - score[second] - 1.0)
    likely = 1 / (1 + math.exp(-odds))
    if likely < 0.5:
        return PageSort(PageClass.OTHER, round(1 - likely, 3), ("not_told",))
    return PageSort(first, round(min(likely, 0.995), 3))


def said(lines: Sequence[str], phrases: Mapping[str, float]) -> float:
    """What phrases on folded lines are worth together."""
    return sum(worth for phrase, worth in phrases.items() if any_says(lines, phrase))


def any_says(lines: Iterable[str], phrase: str) -> bool:
    """True where one of the folded lines contains a phrase, some letters misread."""
    return any(says(line, phrase) for line in lines)


def says(line: str, phrase: str) -> bool:
    """True where a folded line contains a phrase, some letters misread."""
    wanted = fold(phrase)
    return len(line) >= len(wanted) and partial_ratio(wanted, line) >= 85


def _looks_like_cover(words: Sequence[Token]) -> float:
    """Few words, some of them large; entry pages and texts have neither."""
    if len(words) > _COVER_WORDS:
        return -2.0
    large = sum(token.y1 - token.y0 >= _TITLE_MM and len(fold(token.text)) > 1 for token in words)
    return 1.0 if large >= 2 else 0.0


def _looks_like_index(words: Sequence[Token]) -> float:
    """Line after line ends with a number: of an entry, of a page."""
    lines = [line for line in token_lines(list(words)) if len(line) >= 3]
    numbered = sum(line[-1].text.strip(".,").isdigit() for line in lines)
    return 1.5 if numbered >= max(_INDEX_LINES, 0.6 * len(lines)) else 0.0


def letter_share(page: PageImage) -> float:
    """Share of the inner part of a page under pieces of ink of the size of letters."""
    ink = impression(page.grey, page.dpi)
    height, width = ink.shape
    inner: Grey = ink[height // 16 : -(height // 16), width // 14 : -(width // 14)]
    if not inner.size:
        return 0.0
    mask = (cv2.GaussianBlur(inner, (3, 3), 0) > _DARK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    mm = MM_PER_INCH / MATCH_DPI
    long_side = stats[1:, 2:4].max(axis=1) * mm
    short_side = stats[1:, 2:4].min(axis=1) * mm
    letters = (long_side > _LETTER_MM[0]) & (long_side < _LETTER_MM[1]) & (short_side > 0.5)
    return float(stats[1:, cv2.CC_STAT_AREA][letters].sum()) / inner.size
