"""Blocks onto A4 pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from xml.etree.ElementTree import fromstring, register_namespace, tostring

from fpdf import FPDF
from fpdf.enums import Align as Centred
from fpdf.enums import XPos, YPos

from desk.paper.blocks import (
    Align,
    Block,
    Column,
    Facts,
    Heading,
    Letterhead,
    NewPage,
    Paragraph,
    Picture,
    Signatures,
    Table,
)
from desk.paper.fonts import STYLES, font, plain
from desk.paper.tables import draw_table

_MARGIN, _LEFT = 15.0, 20.0
"""Millimetres; papers are filed at their left."""
_FOOT = 18.0
_LINE = 1.35
"""From line to line, in letter heights."""
_SIGNED = 42.0
"""Height of the places to sign, millimetres."""
_FAMILY = "be"
_COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"


class _Paper(FPDF):
    """A4 with our fonts, a foot and page numbers."""

    def __init__(self, foot: str, *, landscape: bool) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", format="A4")
        self._foot = plain(foot)
        for style in STYLES:
            self.add_font(_FAMILY, style, font(style))
        self.set_margins(_LEFT, _MARGIN, _MARGIN)
        self.set_auto_page_break(True, margin=_FOOT)
        self.set_line_width(0.15)

    def footer(self) -> None:
        """What stands below each page (called by fpdf2)."""
        self.set_y(-_FOOT + 6)
        self.set_font(_FAMILY, "", 8)
        self.set_text_color(90)
        self.cell(self.epw * 0.8, 4, self._foot)
        self.cell(self.epw * 0.2, 4, f"Trang {self.page_no()}/{{nb}}", align="R")
        self.set_text_color(0)

    def say(
        self, text: str, size: float, style: str = "", align: Align = "L", width: float = 0.0
    ) -> None:
        """Wrapped text from the left margin or from where we are; then below it."""
        self.set_font(_FAMILY, style, size)
        self.multi_cell(
            width, self.font_size * _LINE, plain(text), align=align, new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )  # fmt: skip

    def keep(self, height: float) -> None:
        """Break the page where less than ``height`` millimetres are left."""
        if self.will_page_break(height):
            self.add_page()


def make_pdf(
    blocks: Sequence[Block],
    *,
    title: str,
    made: datetime,
    foot: str = "",
    landscape: bool = False,
) -> bytes:
    """A paper on A4, in black on white, fonts embedded.

    Args:
        blocks: what stands on it, from above.
        title: among the file's properties, and in the reader's window.
        made: noted in the file; the same blocks at the same moment give the same bytes.
        foot: left at the foot of each page; the page's number stands right.
        landscape: lying instead of standing.
    """
    paper = _Paper(foot, landscape=landscape)
    paper.set_title(plain(title))
    paper.set_lang("vi-VN")
    paper.set_creator("hotich")
    paper.set_creation_date(made)
    paper.add_page()
    for block in blocks:
        _draw(paper, block)
    return bytes(paper.output())


def _draw(paper: _Paper, block: Block) -> None:
    match block:
        case Letterhead():
            _letterhead(paper, block)
        case Heading(text, level):
            _heading(paper, text, level)
        case Paragraph():
            style = ("B" if block.bold else "") + ("I" if block.italic else "")
            paper.say(block.text, block.size, style, block.align)
            paper.ln(1)
        case Facts():
            _facts(paper, block)
        case Table():
            _table(paper, block)
        case Picture():
            _picture(paper, block)
        case Signatures():
            _signatures(paper, block)
        case NewPage():
            paper.add_page()


def _letterhead(paper: _Paper, block: Letterhead) -> None:
    top, half = paper.get_y(), paper.epw / 2
    left, right = paper.l_margin, paper.l_margin + paper.epw * 0.44
    for number, line in enumerate(block.authority):
        last = number == len(block.authority) - 1
        paper.set_x(left)
        paper.say(line, 11, "B" if last else "", "C", paper.epw * 0.42)
    _rule(paper, left + paper.epw * 0.21, half * 0.3)
    below = paper.get_y()
    paper.set_xy(right, top)
    paper.say(_COUNTRY, 11, "B", "C", paper.epw * 0.56)
    paper.set_x(right)
    paper.say(_MOTTO, 11, "B", "C", paper.epw * 0.56)
    _rule(paper, right + paper.epw * 0.28, half * 0.6)
    if block.place_and_day:
        paper.ln(1)
        paper.set_x(right)
        paper.say(block.place_and_day, 11, "I", "C", paper.epw * 0.56)
    paper.set_y(max(below, paper.get_y()) + 5)


def _rule(paper: _Paper, middle: float, length: float) -> None:
    y = paper.get_y() + 0.8
    paper.line(middle - length / 2, y, middle + length / 2, y)
    paper.set_y(y + 0.6)


def _heading(paper: _Paper, text: str, level: int) -> None:
    paper.keep(28)
    if level == 1:
        paper.ln(1)
        paper.say(text, 14, "B", "C")
        paper.ln(2)
    else:
        paper.ln(2)
        paper.say(text, 11.5, "B")
        paper.ln(1)


def _facts(paper: _Paper, block: Facts) -> None:
    columns = (Column("", block.share), Column("", 1 - block.share))
    draw_table(
        paper, columns, block.rows, family=_FAMILY, size=block.size, bold_columns=frozenset([1]),
        bare=True,
    )  # fmt: skip
    paper.ln(2)


def _table(paper: _Paper, block: Table) -> None:
    draw_table(paper, block.columns, block.rows, family=_FAMILY, size=block.size, bold=block.bold)
    paper.ln(2)


def _picture(paper: _Paper, block: Picture) -> None:
    width = paper.epw * block.share
    data = _lettered(block.data) if block.data.lstrip().startswith(b"<") else block.data
    paper.image(BytesIO(data), x=Centred.C, w=width, alt_text=plain(block.caption) or None)
    if block.caption:
        paper.say(block.caption, 9, "I", "C")
    paper.ln(2)


def _lettered(svg: bytes) -> bytes:
    """An SVG whose words stand in our font, in letters it has; fpdf2 knows no style sheets."""
    register_namespace("", "http://www.w3.org/2000/svg")
    root = fromstring(svg)
    for element in root.iter():
        if str(element.tag).rpartition("}")[2] in ("text", "tspan"):
            element.set("font-family", _FAMILY)
            element.text = plain(element.text or "")
    return bytes(tostring(root))


def _signatures(paper: _Paper, block: Signatures) -> None:
    paper.ln(4)
    paper.keep(_SIGNED)
    top, width = paper.get_y(), paper.epw / len(block.places)
    for number, place in enumerate(block.places):
        left = paper.l_margin + number * width
        for at, text, style in (
            (0.0, place.role, "B"), (6.0, place.hint, "I"), (_SIGNED - 8, place.name, "B"),
        ):  # fmt: skip
            paper.set_xy(left, top + at)
            paper.set_font(_FAMILY, style, 11)
            paper.cell(width, 5, plain(text), align="C")
    paper.set_xy(paper.l_margin, top + _SIGNED)
