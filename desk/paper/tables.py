"""Tables over many pages.

fpdf2's own lay each cell out three times (0.1 s a row here); a hand-over record may have a
thousand rows, so lines are broken and drawn in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fpdf import FPDF

from desk.paper.blocks import Align, Column
from desk.paper.fonts import plain

_LINE = 1.35
_PAD = 1.0
"""Left and right of a cell's text, millimetres; above and below it is 0.7 of that."""
_HEAD_GROUND, _SUM_GROUND, _RULES = (228, 235, 239), (243, 246, 248), 140


def draw_table(
    paper: FPDF,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    family: str,
    size: float,
    bold: frozenset[int] = frozenset(),
    bold_columns: frozenset[int] = frozenset(),
    bare: bool = False,
) -> None:
    """Rows from here on down, the head again on each page; ``bare`` has no head and no rules.

    A row that fits on a page is not torn.
    """
    total = sum(column.width for column in columns)
    widths = [paper.epw * column.width / total for column in columns]
    paper.set_font(family, "", size)
    line = paper.font_size * _LINE
    measure = {style: _measure(paper, family, style, size) for style in ("", "B")}
    paper.set_draw_color(_RULES)

    def put(
        cells: Sequence[str], aligns: Sequence[Align], strong: bool, ground: tuple[int, ...] | None
    ) -> None:
        styles = ["B" if strong or at in bold_columns else "" for at in range(len(columns))]
        texts = [
            wrapped(plain(text), width - 2 * _PAD, measure[style])
            for text, width, style in zip(cells, widths, styles, strict=True)
        ]
        _row(paper, texts, widths, aligns, styles, line, (family, size), ground, bare)

    def head() -> None:
        if not bare:
            centred: list[Align] = ["C"] * len(columns)
            put([column.title for column in columns], centred, True, _HEAD_GROUND)

    def height(cells: Sequence[str], strong: bool) -> float:
        most = max(
            len(wrapped(plain(text), width - 2 * _PAD, measure["B" if strong else ""]))
            for text, width in zip(cells, widths, strict=True)
        )
        return most * line + 1.4 * _PAD

    if not bare and rows and paper.will_page_break(height(rows[0], False) * 2 + 3 * line):
        paper.add_page()
    head()
    aligns = [column.align for column in columns]
    for number, cells in enumerate(rows):
        strong = number in bold
        if paper.will_page_break(height(cells, strong)):
            paper.add_page()
            head()
        put(cells, aligns, strong, _SUM_GROUND if strong else None)
    paper.set_draw_color(0)
    paper.set_fill_color(0)  # what an SVG's letters are drawn with


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Lines of a text, broken at spaces, and within words that are too long alone."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in paragraph.split(" "):
            wide, gap = measure(word), measure(" ") if line else 0.0
            if used + gap + wide <= width:
                line, used = f"{line} {word}" if line else word, used + gap + wide
                continue
            if line:
                lines.append(line)
            while wide > width and len(word) > 1:
                at = _fitting(word, width, measure)
                lines.append(word[:at])
                word = word[at:]
                wide = measure(word)
            line, used = word, wide
        lines.append(line)
    return lines


def _fitting(word: str, width: float, measure: Callable[[str], float]) -> int:
    used = 0.0
    for at, letter in enumerate(word):
        used += measure(letter)
        if used > width:
            return max(1, at)
    return len(word)


def _measure(paper: FPDF, family: str, style: str, size: float) -> Callable[[str], float]:
    """Width of a text in a font; without kerning it is the sum of its letters'."""
    paper.set_font(family, style, size)
    letters: dict[str, float] = {}

    def measure(text: str) -> float:
        for letter in text:
            if letter not in letters:
                paper.set_font(family, style, size)
                letters[letter] = paper.get_string_width(letter)
        return sum(letters[letter] for letter in text)

    return measure


def _row(
    paper: FPDF,
    texts: Sequence[Sequence[str]],
    widths: Sequence[float],
    aligns: Sequence[Align],
    styles: Sequence[str],
    line: float,
    font: tuple[str, float],
    ground: tuple[int, ...] | None,
    bare: bool,
) -> None:
    family, size = font
    top, x = paper.get_y(), paper.l_margin
    tall = max(len(lines) for lines in texts) * line + 1.4 * _PAD
    if ground:
        paper.set_fill_color(*ground)
    for lines, width, align, style in zip(texts, widths, aligns, styles, strict=True):
        if not bare:
            paper.rect(x, top, width, tall, style="DF" if ground else "D")
        paper.set_font(family, style, size)
        for number, text in enumerate(lines):
            if not text:
                continue
            free = width - 2 * _PAD - paper.get_string_width(text)
            at = x + _PAD + {"L": 0.0, "C": free / 2, "R": free}[align]
            paper.text(at, top + 0.7 * _PAD + number * line + paper.font_size, text)
        x += width
    paper.set_xy(paper.l_margin, top + tall)
