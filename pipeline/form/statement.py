"""Where the totals stand on a closing statement: what follows their printed words.

No two offices word it alike, so nothing but the words is looked for: *Tổng số trường hợp khai
sinh … (bằng chữ …)*, *cải chính …*, *trang bỏ trống …*. Each gives a cell for the digits and
one for the words, which readers read like any other cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from rapidfuzz.fuzz import partial_ratio_alignment

from pipeline.form.labels import fold
from pipeline.form.tokens import MM_PER_INCH, Token, token_lines
from pipeline.types import Cell, Layout, PageClass, PageImage, Polygon

DIGITS_FIELD, WORDS_FIELD = "entry_number", "notes"
"""Fields whose way of being read is that of a total in digits and in words."""
LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("blank_pages", ("trang bỏ trống", "bỏ trống", "trang trống", "trang trắng", "để trống")),
    ("corrections", ("thay đổi, cải chính", "cải chính", "sửa chữa", "đính chính")),
    ("births", ("khai sinh", "trường hợp sinh", "việc sinh", "naissances")),
    ("marriages", ("kết hôn", "giá thú", "mariages")),
    ("deaths", ("khai tử", "tử vong", "việc tử", "trường hợp chết", "décès")),
    ("entries", (
        "Tổng số trường hợp", "trường hợp đã đăng ký", "số trường hợp", "Cộng sổ", "Tổng cộng",
        "tổng số việc", "total des actes",
    )),
    ("pages", ("Sổ này gồm", "tổng số trang", "số trang đã sử dụng", "số trang")),
)  # fmt: skip
"""Printed words before a total; the first plainly read names it, so the special come first."""
_IN_WORDS = "bằng chữ"
_LIKE, _PLAIN = 84.0, 92.0
"""Likeness (per cent) of words that may be meant, and of words plainly read."""
_COLON_MM = 1.2
"""A word's box is shared out by letters, and a colon is narrow."""
_ABOVE_MM, _BELOW_MM = 4.6, 2.8
_LEAST_MM = 4.0
_RIGHT_MM = 6.0
_WIDE_NUMBER_MM = 32.0
_GAP_MM = 9.0
"""Between two words of a line, more than this is print that was not read; a number stands up to
so far behind its label."""
_READ, _DAYS = 0.5, frozenset({"ngay", "thang", "nam"})
_SURE_WORD = 0.8
_SAYS_NO_MORE = frozenset({
    "da", "dang", "ky", "trong", "so", "nay", "la", "co", "gom", "cua", "quyen", "vao", "ghi",
    "duoc", "su", "dung", "phai", "ten", "enregistrees", "enregistres", "inscrits", "inscrites",
    "dans", "au", "le", "present", "registre",
})  # fmt: skip
"""Words behind a label that leave it what it is."""
UNNAMED = "unnamed"
"""Total of a line whose words say none of the labels: worn off, or not known."""


@dataclass(frozen=True)
class TotalPlace:
    """Where a total stands, as indices of the cells of its digits and words; -1 for none."""

    what: str
    digits: int = -1
    words: int = -1
    named: bool = True
    """Its label was plainly read, whole, and right before it; else nobody knows what it counts."""


def total_cells(page: PageImage, tokens: Sequence[Token]) -> tuple[Layout, tuple[TotalPlace, ...]]:
    """Cells of all totals on a statement, as a layout of page 0, and what they are."""
    width = page.grey.shape[1] / page.dpi * MM_PER_INCH
    lines = token_lines([token for token in tokens if token.confidence > 0.2])
    cells: list[Cell] = []
    places: list[TotalPlace] = []
    for line in lines:
        words_at = _ends(line, _IN_WORDS)
        until = words_at[0] if words_at else len(line)
        what, label, plain = _labelled(line, until)
        if what and (not plain or _said_on(line[label[1] + 1 : until])):
            what = UNNAMED
        elif not what and _counts(line[:until]):
            what, label = UNNAMED, (0, 0)
        if not what:
            if words_at and places and places[-1].words < 0:
                # The words wrapped to a line of their own.
                at = _add(
                    cells,
                    page,
                    line,
                    WORDS_FIELD,
                    line[words_at[1]].x1 + _COLON_MM,
                    width - _RIGHT_MM,
                )
                places[-1] = replace(places[-1], words=at)
            continue
        start = _value_start(line, label[1], words_at)
        stop = line[words_at[0]].x0 - 1.0 if words_at else _number_end(line, start, width)
        digits = _add(cells, page, line, DIGITS_FIELD, start, stop)
        words = -1
        if words_at:
            words = _add(
                cells, page, line, WORDS_FIELD, line[words_at[1]].x1 + _COLON_MM, width - _RIGHT_MM
            )
        if digits >= 0 or words >= 0:
            named = plain and not _gap(line[label[0] : until])
            places.append(TotalPlace(what, digits, words, named))
    layout = Layout("", tuple(cells), 1.0, len(places), PageClass.STATEMENT)
    return layout, tuple(places)


def _ends(
    line: Sequence[Token], phrase: str, until: int | None = None
) -> tuple[int, int, float] | None:
    """First and last token of a phrase on a line and its likeness; None where it is not said."""
    folded = [fold(token.text) for token in line[:until]]
    text, wanted = "".join(folded), fold(phrase)
    if len(text) < len(wanted):
        return None
    found = partial_ratio_alignment(wanted, text, score_cutoff=_LIKE)
    if found is None:
        return None
    ends = list(accumulate(len(word) for word in folded))
    first = next(n for n, end in enumerate(ends) if end > found.dest_start)
    last = next(n for n, end in enumerate(ends) if end >= found.dest_end)
    return first, last, float(found.score)


def _labelled(line: Sequence[Token], until: int) -> tuple[str, tuple[int, int], bool]:
    """Which total a line is about, the first and last token of its words, if they are plain."""
    best: tuple[str, tuple[int, int], float] = ("", (-1, -1), 0.0)
    for what, phrases in LABELS:
        for phrase in phrases:
            at = _ends(line, phrase, until)
            if at is not None and at[2] > best[2]:
                best = (what, at[:2], at[2])
        if best[2] >= _PLAIN:
            break
    return best[0], best[1], best[2] >= _PLAIN


def _said_on(after: Sequence[Token]) -> bool:
    """True where a label goes on with words that make another total of it.

    *Số trường hợp thay đổi, …* counts no entries, *khai sinh quá hạn* not all births.
    """
    for token in after:
        if token.stop or _is_number(token.text):
            return False
        word = fold(token.text)
        if len(word) >= 2 and token.confidence >= _SURE_WORD and word not in _SAYS_NO_MORE:
            return True
    return False


def _gap(label: Sequence[Token]) -> bool:
    """True where print may be missing between a label's first word and the number behind it."""
    for token, after in pairwise(label):
        if token.stop and _is_number(after.text):
            return False
        if after.x0 - token.x1 > _GAP_MM:
            return True
        if _is_number(after.text):
            return False
    return False


def _counts(line: Sequence[Token]) -> bool:
    """True for words and then a number, surely read, and no date: a total of something."""
    sure = [token for token in line if token.confidence >= _READ]
    words = {fold(token.text) for token in sure}
    said = sum(len(word) >= 2 and not _is_number(word) for word in words)
    return bool(sure) and said >= 2 and _is_number(sure[-1].text) and not words & _DAYS


def _value_start(line: Sequence[Token], label: int, words: tuple[int, int, float] | None) -> float:
    """Where writing begins: after the colon or the first dots behind the label."""
    until = words[0] if words else len(line)
    for token in line[label:until]:
        if token.stop:
            return token.x1 + _COLON_MM
        if _is_number(token.text):
            return token.x0 - 1.0
    return line[label].x1


def _number_end(line: Sequence[Token], start: float, width: float) -> float:
    """Before the next printed word behind the number, else as far as a number may reach."""
    seen = False
    for token in line:
        if token.x0 < start - 0.5:
            continue
        if _is_number(token.text):
            seen = True
        elif seen and len(fold(token.text)) >= 3:
            return token.x0 - 0.8
    return min(start + _WIDE_NUMBER_MM, width - _RIGHT_MM)


def _is_number(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _add(
    cells: list[Cell], page: PageImage, line: Sequence[Token], field: str, x0: float, x1: float
) -> int:
    """Append a cell along a line from ``x0`` to ``x1`` (mm); its index, -1 where too short."""
    if x1 - x0 < _LEAST_MM:
        return -1
    foot = sorted(token.y1 for token in line)[len(line) // 2]
    cells.append(
        Cell(0, len(cells), field, _box(x0, foot - _ABOVE_MM, x1, foot + _BELOW_MM, page.dpi), 1.0)
    )
    return len(cells) - 1


def _box(x0: float, y0: float, x1: float, y1: float, dpi: float) -> Polygon:
    px = dpi / MM_PER_INCH
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return tuple((x * px, max(0.0, y) * px) for x, y in corners)
