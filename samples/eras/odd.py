"""Pages without entries: covers, statements, indexes, slips, and pages left empty."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.types import Kind
from samples import dates, people
from samples.eras.press import Press
from samples.eras.texts import WORDS_FOR_STATE
from samples.sheet import Label, Sheet, Slot, Stroke, WritingLine, text_width

_EVENTS = {Kind.BIRTH: "births", Kind.MARRIAGE: "marriages", Kind.DEATH: "deaths"}
_SAID = {Kind.BIRTH: "khai sinh", Kind.MARRIAGE: "kết hôn", Kind.DEATH: "khai tử"}
LETTER = ("Kính gửi", "xin được xác nhận cho con tôi theo hộ khẩu nay đã ghi ở sổ này")
_STEP = 1.9
"""Line distance in ems."""


@dataclass
class Filled:
    """A printed page, what is written on it, and what of that is a total."""

    sheet: Sheet
    written: list[tuple[Slot, str]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    """``what``, ``value``, ``digits`` and ``words`` (texts); slots by name in ``written``."""
    crossed: bool = False
    signed: bool = True
    """False where nobody has signed the places to sign."""


@dataclass(frozen=True)
class Fill:
    """A gap in a printed sentence: its name, what is written there, its width in mm."""

    name: str
    text: str
    width: float


Piece = str | Fill


class _Flow:
    """Sets sentences with gaps line by line, as a printer sets a form of words."""

    def __init__(self, page: Filled, press: Press, x0: float, x1: float, y: float) -> None:
        self.page, self.press = page, press
        self.x0, self.x1, self.y = x0, x1, y
        self.size = press.printer.size * 1.12

    def line(self, text: str, share: float = 1.0, *, bold: bool = False, skip: float = 1.0) -> None:
        """A line in the middle."""
        size = self.size * share
        family = self.press.printer.family
        size = min(size, size * (self.x1 - self.x0) / (text_width(text, family, bold) * size))
        middle = (self.x0 + self.x1) / 2
        self.page.sheet.labels.append(Label(middle, self.y, text, size, bold, "m"))
        self.y += size * _STEP * skip

    def sentence(self, *pieces: Piece) -> None:
        """Words and gaps from the left margin on, wrapped."""
        x = self.x0 + 6.0
        for piece in pieces:
            if isinstance(piece, Fill):
                x = self._gap(piece, x)
                continue
            for word in piece.split():
                width = text_width(word + " ", self.press.printer.family) * self.size
                if x + width > self.x1:
                    x, self.y = self.x0, self.y + self.size * _STEP
                self.page.sheet.labels.append(Label(x, self.y, word, self.size))
                x += width
        self.y += self.size * _STEP * 1.15

    def _gap(self, fill: Fill, x: float) -> float:
        if x + fill.width > self.x1:
            x, self.y = self.x0, self.y + self.size * _STEP
        end = min(x + fill.width, self.x1)
        line = WritingLine(x, end, self.y)
        y = self.y + 0.5
        self.page.sheet.strokes.append(Stroke(x, y, end, y, 0.28, "dots"))
        pitch = self.size * _STEP
        box = (x, self.y - 0.75 * pitch, end, self.y + 0.25 * pitch)
        self.page.written.append((Slot(fill.name, box, (line,)), fill.text))
        return end + 1.0


def _page(like: Sheet, press: Press, rng: random.Random) -> tuple[Filled, float, float, float]:
    """An empty page of the book, and the span and top for print on it."""
    page = Filled(empty(like))
    left, top, right, _ = press.printer.margins
    if like.gutter is None:
        return page, left, like.width - right, top
    if rng.random() < 0.5:
        return page, left, like.gutter - right, top
    return page, like.gutter + right, like.width - left, top


def empty(like: Sheet) -> Sheet:
    """The same paper with nothing printed."""
    return Sheet(like.width, like.height, gutter=like.gutter, spine=like.spine)


def cover(like: Sheet, press: Press, unit: str, district: str, year: int, volume: str) -> Filled:
    """The cover: state, office, title, volume, days of opening and closing."""
    page = Filled(empty(like))
    middle = like.width * (0.75 if like.gutter else 0.5)
    half = (like.width / (4 if like.gutter else 2)) - 14
    flow = _Flow(page, press, middle - half, middle + half, like.height * 0.12)
    for n, line in enumerate(
        press.form.state_titles[0].split(" / ") if press.form.state_titles else ()
    ):
        flow.line(line, 1.1 if n == 0 else 1.0, bold=n == 0)
    flow.y = like.height * 0.24
    flow.line(f"{district.upper()}", 1.0)
    flow.line(unit.upper(), 1.3, bold=True)
    flow.y = like.height * 0.45
    heading = press.printer.heading
    if not heading.startswith(("SỔ", "ACTE")):
        flow.line("SỔ", 2.2, bold=True)
    for part in heading.split(" - "):
        flow.line(part, 2.2, bold=True)
    flow.y = like.height * 0.68
    flow.sentence("Quyển số:", Fill("volume", volume, 24), "Năm:", Fill("year", str(year), 26))
    flow.sentence("Mở ngày:", Fill("opened", f"4-1-{year}", 46))
    flow.sentence("Khóa ngày:", Fill("closed", f"31-12-{year}", 46))
    return page


def opening(like: Sheet, press: Press, rng: random.Random, year: int, pages: int) -> Filled:
    """The statement on the first leaf: how many pages, numbered and signed by whom."""
    page, x0, x1, top = _page(like, press, rng)
    flow = _Flow(page, press, x0, x1, top + rng.uniform(20, 45))
    size = flow.size
    count, day = str(pages), f"{rng.randint(2, 28)}"
    if press.era == "FR":
        flow.line("REGISTRE DE L'ÉTAT CIVIL", 1.3, bold=True)
        flow.sentence(
            "Le présent registre contenant",
            Fill("pages", count, 22),
            "feuillets a été coté et paraphé par nous, Résident de France.",
        )
        flow.sentence(
            "Quyển sổ này có", Fill("pages_again", count, 20), "tờ, đã đánh số và ký tên từng tờ."
        )
    else:
        flow.line("PHẦN MỞ SỔ", 1.35, bold=True)
        flow.sentence(
            "Quyển sổ này gồm có",
            Fill("pages", count, 22),
            "trang, được đánh số thứ tự từ trang 01 đến trang",
            Fill("last", count, 22),
            ", đóng dấu giáp lai.",
        )
        flow.sentence(
            "Mở sổ ngày",
            Fill("day", day, 16),
            "tháng",
            Fill("month", "01", 16),
            "năm",
            Fill("year", str(year), 24),
        )
    flow.y += size * 2
    flow.line(signed_for(press), 1.0, bold=True)
    page.sheet.signatures.append(((x0 + x1) / 2, flow.y + 14))
    page.totals.append({"what": "pages", "value": pages, "digits": "pages", "words": ""})
    return page


def statement(
    like: Sheet, press: Press, rng: random.Random, year: int, count: int, habit: dates.WordHabit
) -> Filled:
    """The closing statement with its totals, in digits and mostly in words."""
    page, x0, x1, top = _page(like, press, rng)
    flow = _Flow(page, press, x0, x1, top + rng.uniform(18, 45))
    flow.line(rng.choice(("KHÓA SỔ", "PHẦN KHÓA SỔ", "BIÊN BẢN KHÓA SỔ")), 1.4, bold=True)
    flow.y += flow.size
    day = dt.date(year, 12, 31)
    flow.sentence(
        "Khóa sổ ngày",
        Fill("day", str(day.day), 15),
        "tháng",
        Fill("month", "12", 15),
        "năm",
        Fill("year", str(year), 24),
    )
    kind = press.form.kind
    wording = rng.choice(
        (
            f"Tổng số sự kiện {_SAID[kind]} đã đăng ký:",
            f"Tổng số việc {_SAID[kind]} trong sổ:",
            "Tổng cộng số trường hợp đã đăng ký:",
        )
    )
    words = rng.random() < 0.85
    parts: list[tuple[str, str, int]] = [(_EVENTS[kind], wording, count)]
    if rng.random() < 0.75:
        parts.append(("corrections", "Số trường hợp thay đổi, cải chính:", rng.randint(0, 6)))
    if rng.random() < 0.75:
        parts.append(("blank_pages", "Số trang bỏ trống:", rng.randint(0, 9)))
    if rng.random() < 0.5:
        parts.append(("pages", "Số trang đã dùng:", max(1, count // 2)))
    for what, text, value in parts:
        digits = f"{value:02d}"
        pieces: list[Piece] = [text, Fill(what, digits, 20)]
        if words:
            said = number_words(value, habit)
            pieces += ["(bằng chữ:", Fill(f"{what}_words", said, 62), ")"]
        flow.sentence(*pieces)
        page.totals.append(
            {
                "what": what,
                "value": value,
                "digits": what,
                "words": f"{what}_words" if words else "",
            }
        )
    flow.y += flow.size * 2
    flow.line(signed_for(press), 1.0, bold=True)
    page.sheet.signatures.append(((x0 + x1) / 2, flow.y + 14))
    return page


def signed_for(press: Press) -> str:
    """In whose name a statement is signed."""
    if press.era == "FR":
        return "LE RÉSIDENT DE FRANCE" if "ACTE" in press.printer.heading else "HỘ LẠI"
    return f"TM. {press.office or WORDS_FOR_STATE.get(press.era, 'ỦY BAN NHÂN DÂN')}"


def number_words(value: int, habit: dates.WordHabit) -> str:
    """A count in words, 0 to 999."""
    hundreds, rest = divmod(value, 100)
    said = [f"{dates.DIGITS[hundreds]} trăm"] if hundreds else []
    if hundreds and 0 < rest < 10:
        said.append(habit.gap)
    if rest or not hundreds:
        said.append(dates.below_hundred(rest))
    return " ".join(said)


def index(like: Sheet, press: Press, rng: random.Random, names: Sequence[str]) -> Filled:
    """Names in the order of the alphabet with the number of their entry."""
    page = Filled(empty(like))
    left, top, right, bottom = press.printer.margins
    size = press.printer.size
    middle = (like.gutter or like.width) / 2
    heading = rng.choice(("MỤC LỤC", "BẢNG TRA TÊN", "MỤC LỤC TRA CỨU"))
    page.sheet.labels.append(Label(middle, top + size * 2, heading, size * 1.5, True, "m"))
    columns = 4 if like.gutter else 2
    ruled = rng.random() < 0.4
    width = (like.width - left - right) / columns
    pitch = rng.uniform(6.5, 8.0)
    rows = int((like.height - top - bottom - size * 5) / pitch)
    ordered = sorted(names, key=lambda name: name.split(" ")[-1])
    for n in range(min(len(ordered), rows * columns)):
        x, y = left + (n // rows) * width, top + size * 5 + (n % rows) * pitch
        split = x + 0.72 * width
        for name, text, a, b in (
            ("name", ordered[n], x, split),
            ("number", str(rng.randint(1, 240)), split + 3, x + width - 5),
        ):
            line = WritingLine(a + 0.5, b, y)
            page.written.append(
                (Slot(name, (a, y - 0.75 * pitch, b, y + 0.25 * pitch), (line,)), text)
            )
        y += 1.0
        style = "solid" if ruled else "dots"
        page.sheet.strokes.append(Stroke(x, y, x + width - 4, y, 0.15 if ruled else 0.28, style))
    return page


def slip(press: Press, rng: random.Random, place: str) -> Filled:
    """A paper that somebody laid into the book: a certificate, an application, a letter."""
    width, height = rng.choice(((148.0, 210.0), (148.0, 105.0), (190.0, 130.0), (120.0, 165.0)))
    page = Filled(Sheet(width, height))
    flow = _Flow(page, press, 10.0, width - 8.0, 16.0)
    flow.size = min(flow.size, 3.6)
    title = rng.choice(("GIẤY CHỨNG SINH", "GIẤY BÁO TỬ", "ĐƠN XIN CẢI CHÍNH", "GIẤY XÁC NHẬN", ""))
    person = people.full_name(rng, rng.choice(("male", "female")), 1950)
    if title:
        flow.line(title, 1.5, bold=True, skip=1.4)
        flow.sentence("Kính gửi:", Fill("to", place, width * 0.6))
        flow.sentence("Tên tôi là:", Fill("name", person, width * 0.55))
        flow.sentence("Hiện ở tại:", Fill("home", place, width * 0.6))
        flow.sentence(
            "Nay làm giấy này xin chứng nhận:", Fill("what", "là đúng sự thật", width * 0.45)
        )
        flow.sentence(
            "Ngày",
            Fill("day", str(rng.randint(1, 28)), 12),
            "tháng",
            Fill("month", str(rng.randint(1, 12)), 12),
            "năm",
            Fill("year", "19", 18),
        )
    else:
        # A letter: nothing printed, only lines of writing.
        text = f"{LETTER[0]} {place} tôi là {person} {LETTER[1]}".split()
        y = 16.0
        while text and y < height - 24:
            taken, text = text[:5], text[5:]
            line = WritingLine(10.0, width - 8.0, y)
            page.written.append(
                (Slot("line", (10.0, y - 6, width - 8.0, y + 2), (line,)), " ".join(taken))
            )
            y += 9.0
    page.sheet.signatures.append((width * 0.72, min(height - 14.0, flow.y + 12.0)))
    return page


def unfilled(sheet: Sheet) -> Filled:
    """A page of the form that nobody filled."""
    return Filled(sheet, signed=False)


def crossed(sheet: Sheet, *, printed: bool) -> Filled:
    """A page struck through from corner to corner, of the form or of blank paper."""
    return Filled(sheet if printed else empty(sheet), crossed=True, signed=False)
