"""Every page gets a class with a probability; what is not entries never becomes entries."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from ledger_drawing import FONT, as_scan
from PIL import Image, ImageDraw, ImageFont

from flows.page import Seen, Tools, load_tools, understand
from flows.sorting import Known, sort_scan, without_entries
from pipeline.form import learn_book
from pipeline.form.pageclass import sort_of_words
from pipeline.form.pagesort import OTHER_FORM
from pipeline.form.statement import UNNAMED, total_cells
from pipeline.form.tokens import Token
from pipeline.page import prepare
from pipeline.page.strokes import Slash, crosses_opening, crosses_page, slashes
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.settings import load_settings
from pipeline.types import BookForm, Cell, Grey, Kind, Layout, PageClass, PageImage
from samples.book import BookSpec, SamplePage, make_book

DPI = 200
ODD = ("cover", "opening", "statement", "index", "blank", "unfilled", "crossed", "crossed_form")
UNKNOWN = BookForm("", 0.0, {}, "unknown")


@cache
def tools() -> Tools:
    return load_tools(replace_settings())


def replace_settings():
    return load_settings().model_copy(update={"recognizer": "tesseract"})


@cache
def pages(form: str, year: int, extras: tuple[str, ...] = ODD) -> tuple[SamplePage, ...]:
    spec = BookSpec(
        batch="tests", path=form, unit="Xã An Thái", district="Huyện An Lão", form=form, year=year,
        wear="mild", hand="print", scans=2 if extras else 1, dpi=DPI, seed="sorts", extras=extras,
        pool="development",
    )  # fmt: skip
    return tuple(make_book(spec))


@cache
def learned() -> BookForm:
    scans = [
        prepare(as_scan(page.picture, DPI))
        for page in pages("death-83-half", 2001)
        if page.truth["page_class"] == "entries"
    ]
    return learn_book(
        scans, tools().forms, kind=Kind.DEATH, year=2001, digests=["1", "2"][: len(scans)]
    )


def seen(picture: Grey, book: BookForm, dpi: float = DPI) -> Seen:
    return understand(as_scan(np.ascontiguousarray(picture), dpi), book, tools(), {})


def sorted_class(one: Seen) -> PageClass:
    infos = one.unread.pages
    if one.layout is not None:
        cells = read_cells(one.pages, one.layout, NoRecognizer(), tools().settings.config)
        infos = without_entries(infos, cells)
    return infos[0].page_class


@pytest.mark.slow
@pytest.mark.parametrize("n", range(len(ODD) + 2))
def test_each_page_of_a_book_is_what_it_is(n: int) -> None:
    page = pages("death-83-half", 2001)[n]
    one = seen(page.picture, learned())
    assert sorted_class(one) == page.truth["page_class"]
    assert not any(info.reasons for info in one.unread.pages)


@pytest.mark.slow
def test_the_totals_of_a_statement_are_read() -> None:
    (page,) = [p for p in pages("death-83-half", 2001) if p.truth["page_class"] == "statement"]
    (info,) = seen(page.picture, learned()).unread.pages
    read = {total.what: total for total in info.totals}
    for due in page.truth["totals"]:
        total = read.get(due["what"]) or read["entries"]
        assert total.value == due["value"] or not total.sure
    assert any(total.sure for total in info.totals)


@pytest.mark.slow
def test_a_page_of_another_form_goes_to_a_person_unread() -> None:
    (other,) = pages("birth-158-a4", 2008, extras=())
    one = seen(other.picture, learned())
    assert one.layout is None
    assert OTHER_FORM in one.unread.pages[0].reasons


def landscape() -> Grey:
    """Hills under a sky, as a camera sees them."""
    y, x = np.mgrid[0:1600, 0:2200].astype(np.float32)
    hills = 800 + 180 * np.sin(x / 300) + 60 * np.sin(x / 70)
    grain = np.random.default_rng(1).normal(0, 9, y.shape)
    picture = np.where(y < hills, 190 - y / 20, 70 + (y - hills) / 25) + grain
    return np.clip(picture, 0, 255).astype(np.uint8)


def hand() -> Grey:
    """A hand laid on the glass instead of a page."""
    picture = np.full((2300, 1650), 40, np.uint8)
    cv2.ellipse(picture, (800, 1500), (420, 500), 0, 0, 360, 165, -1)
    for n, angle in enumerate((-0.5, -0.2, 0.0, 0.2, 0.7)):
        tip = (round(800 + 1000 * np.sin(angle)), round(1500 - 1000 * np.cos(angle)))
        cv2.line(picture, (640 + 80 * n, 1300), tip, 170, 130)
    blurred = cv2.GaussianBlur(picture, (0, 0), 9).astype(np.float32)
    grain = np.random.default_rng(2).normal(0, 3, picture.shape)
    return np.clip(blurred + grain, 0, 255).astype(np.uint8)


def text_page(height: int = 2339, width: int = 1654, size: float = 1.0) -> Grey:
    """A page out of a book to read."""
    rng = np.random.default_rng(3)
    picture = np.full((height, width), 232, np.uint8)
    words = [
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "a",
        "lazy",
        "dog",
        "and",
        "runs",
        "far",
        "away",
        "from",
        "here",
    ]
    for y in range(round(160 * size), height - round(160 * size), round(46 * size)):
        line = " ".join(rng.choice(words, 12))
        cv2.putText(picture, line, (round(140 * size), y), 0, 0.95 * size, 60, round(2 * size))
    return picture


@pytest.mark.slow
@pytest.mark.parametrize("name", ["black", "white", "landscape", "hand", "text"])
def test_what_is_no_page_of_a_register_ends_in_a_clear_state(name: str) -> None:
    picture = {
        "black": lambda: np.full((2339, 1654), 4, np.uint8),
        "white": lambda: np.full((2339, 1654), 240, np.uint8),
        "landscape": landscape,
        "hand": hand,
        "text": text_page,
    }[name]()
    assert clear(seen(picture, UNKNOWN), blank=name in ("black", "white"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["landscape", "hand", "text"])
def test_the_same_in_a_book_whose_form_is_known(name: str) -> None:
    picture = {"landscape": landscape, "hand": hand, "text": text_page}[name]()
    assert clear(seen(picture, learned()))


@pytest.mark.slow
@pytest.mark.parametrize(("side", "dpi"), [(4500, 400.0), (14140, 1200.0)])
def test_pages_of_20_and_of_200_megapixels_end_in_a_clear_state(side: int, dpi: float) -> None:
    huge = cv2.resize(text_page(1414, 1414, 0.8), (side, side), interpolation=cv2.INTER_NEAREST)
    assert clear(seen(huge, learned(), dpi))


def clear(one: Seen, *, blank: bool = False) -> bool:
    """No boxes to read, and sent back with a fault, to a person with a reason, or blank."""
    infos = one.unread.pages
    if one.layout is not None:
        return False
    if one.unread.rescan:
        return bool(one.unread.quality.faults)
    empty = all(info.page_class is PageClass.BLANK for info in infos)
    return any(info.reasons for info in infos) or (blank and empty)


def tokens(*lines: str) -> list[Token]:
    """Lines of print, letters of 3 mm, read without a fault."""
    found = []
    for row, line in enumerate(lines):
        x = 20.0
        for word in line.split():
            x1 = x + 2.2 * len(word)
            top = 30.0 + 9.0 * row
            stop = word.endswith((":", "..."))
            found.append(Token(word.rstrip(":."), x, top, x1, top + 3.0, 0.95, stop))
            x = x1 + 2.0
    return [token for token in found if token.text]


@pytest.mark.parametrize(
    ("lines", "page_class"),
    [
        (("SỔ ĐĂNG KÝ", "KHAI SINH", "Quyển số: 01", "Mở ngày: ..."), PageClass.COVER),
        (
            ("PHẦN MỞ SỔ", "Quyển sổ này gồm có ... trang", "đóng dấu giáp lai"),
            PageClass.OPENING,
        ),
        (
            ("Le présent registre contenant", "feuillets a été coté et paraphé par nous"),
            PageClass.OPENING,
        ),
        (
            ("KHÓA SỔ", "Tổng số việc khai tử trong sổ: 41", "Số trang bỏ trống: 2"),
            PageClass.STATEMENT,
        ),
        (("BẢNG TRA TÊN", "Nguyễn Văn An 12", "Lê Thị Bình 7"), PageClass.INDEX),
        (("GIẤY CHỨNG SINH", "Kính gửi: Ủy ban nhân dân"), PageClass.SLIP),
        (("chiều nay trời nắng đẹp", "người dân ra đồng gặt lúa"), PageClass.OTHER),
    ],
)
def test_pages_say_what_they_are(lines: tuple[str, ...], page_class: PageClass) -> None:
    sort = sort_of_words(tokens(*lines))
    assert sort.page_class == page_class
    assert sort.probability > (0.8 if page_class is not PageClass.OTHER else 0.5)


def test_totals_are_looked_for_behind_their_words() -> None:
    page = prepare(as_scan(np.full((2339, 1654), 235, np.uint8), DPI))[0]
    said = tokens(
        "Tổng số việc khai tử trong sổ: 41 (bằng chữ: bốn mươi mốt)",
        "Số trường hợp thay đổi, cải chính: 2",
        "(bằng chữ: hai)",
        "Số trang bỏ trống: 7",
    )
    layout, places = total_cells(page, said)
    assert [place.what for place in places] == ["deaths", "corrections", "blank_pages"]
    assert [place.words >= 0 for place in places] == [True, True, False]
    first = layout.cells[places[0].digits].polygon
    number = next(token for token in said if token.text == "41")
    scale = DPI / 25.4
    assert first[0][0] < number.x0 * scale < number.x1 * scale < first[1][0]


@pytest.mark.parametrize(
    ("line", "what", "named"),
    [
        ("Số trường hợp thay đổi, cải chính: 03", "corrections", True),
        ("Số trang bỏ trống 03", "blank_pages", True),
        # What stood between is worn off: pages of what, cases of what?
        ("Số trang ______________ 03", "pages", False),
        ("Số trường hợp ______________ 03", "entries", False),
        # "Số trường" is like "bỏ trống", and is not it.
        ("Số trường ______________ 03", UNNAMED, False),
        ("Số lượng hồ sơ: 03", UNNAMED, False),
        # Half of a label is worn off, or it counts a part only: not all entries, not all births.
        ("Số trường hợp thay đổi, cải 06", UNNAMED, True),
        ("Tổng số việc khai sinh quá hạn: 06", UNNAMED, True),
        ("Tổng số việc khai sinh đã đăng ký trong sổ này 06", "births", True),
    ],
)
def test_a_number_is_named_only_by_a_label_read_whole(line: str, what: str, named: bool) -> None:
    page = prepare(as_scan(np.full((2339, 1654), 235, np.uint8), DPI))[0]
    said = [token for token in tokens(line) if "_" not in token.text]
    _, (place,) = total_cells(page, said)
    assert (place.what, place.named) == (what, named)


def test_the_day_of_a_statement_is_no_total() -> None:
    page = prepare(as_scan(np.full((2339, 1654), 235, np.uint8), DPI))[0]
    assert total_cells(page, tokens("Khóa sổ ngày 31", "tháng 12 năm 1924"))[1] == ()


def test_a_stroke_from_corner_to_corner_is_seen_and_print_is_none() -> None:
    (plain,) = prepare(as_scan(text_page(), DPI))
    assert slashes(plain.grey, plain.dpi) == ()
    height, width = plain.grey.shape
    struck = plain.grey.copy()
    ends = ((round(0.1 * width), round(0.9 * height)), (round(0.9 * width), round(0.1 * height)))
    cv2.line(struck, *ends, 110, 3, cv2.LINE_AA)
    assert crosses_page(slashes(struck, plain.dpi), width, height)


def slash(x0: float, y0: float, x1: float, y1: float) -> Slash:
    return Slash(x0, y0, x1, y1)


def test_a_stroke_over_an_opening_crosses_out_both_of_its_pages() -> None:
    size = (1000, 1400)
    left, right = (slash(960, 760, 60, 1300),), (slash(940, 110, 20, 720),)
    assert crosses_opening(left, right, size, size)
    assert not crosses_opening(left, (), size, size)
    # Two strokes that do not meet at the gutter void an entry on either page.
    assert not crosses_opening(
        (slash(960, 120, 60, 650),), (slash(940, 760, 20, 1300),), size, size
    )


def slip_on_form(degrees: float) -> PageImage:
    """Print of a form, and on it a paper laid in so much askew."""
    paper = Image.new("L", (900, 640), 235)
    draw = ImageDraw.Draw(paper)
    lines = (
        "GIẤY CHỨNG SINH", "Kính gửi: Ủy ban nhân dân xã An Thái", "Tôi làm giấy này xin nhận",
        "Nay xin chứng nhận điều nói trên", "là đúng sự thật",
    )  # fmt: skip
    for n, line in enumerate(lines):
        draw.text((40, 60 + 100 * n), line, 30, ImageFont.truetype(FONT, 36))
    picture = Image.new("L", (1654, 2339), 235)
    for n, label in enumerate(("Họ và tên:", "Dân tộc:", "Quê quán:", "Nơi sinh:", "Chỗ ở:")):
        ImageDraw.Draw(picture).text((120, 1500 + 120 * n), label, 30, ImageFont.truetype(FONT, 36))
    turned = paper.rotate(degrees, expand=True, fillcolor=235, resample=Image.Resampling.BICUBIC)
    picture.paste(turned, (300, 400))
    return replace(
        prepare(as_scan(np.full((2339, 1654), 235, np.uint8), DPI))[0], grey=np.asarray(picture)
    )


@pytest.mark.parametrize("degrees", [0.0, 9.0, -9.0])
def test_a_form_under_another_paper_is_a_slip_and_its_boxes_are_not_read(degrees: float) -> None:
    page = slip_on_form(degrees)
    corners = ((150.0, 480.0), (1500.0, 480.0), (1500.0, 560.0), (150.0, 560.0))
    cell = Cell(0, 0, "child_full_name", corners, 1.0)
    own = tools()
    form = own.forms["birth-83"]
    known = Known(own.forms, form, own.thresholds, own.recognizer, own.settings.config)
    for confidence, covered in ((0.63, True), (0.99, False)):
        found = sort_scan((page,), Layout(form.form, (cell,), confidence, 1), known)
        assert (found.layout is None) == covered
        assert (found.pages[0].page_class is PageClass.SLIP) == covered
        assert ("slip" in found.pages[0].reasons) == covered


def test_a_paper_laid_askew_is_a_slip_where_no_boxes_were_found_either() -> None:
    own = tools()
    known = Known(
        own.forms, own.forms["birth-83"], own.thresholds, own.recognizer, own.settings.config
    )
    (info,) = sort_scan((slip_on_form(9.0),), None, known).pages
    assert (info.page_class, info.reasons) == (PageClass.SLIP, ("slip",))


@pytest.mark.parametrize(("bottom", "page_class"), [(2000, "crossed"), (700, "blank")])
def test_an_empty_page_is_crossed_out_by_a_steep_stroke_over_most_of_it(
    bottom: int, page_class: str
) -> None:
    (page,) = prepare(as_scan(np.full((2339, 1654), 235, np.uint8), DPI))
    drawn = page.grey.copy()
    cv2.line(drawn, (1090, 180), (1090 - (bottom - 180) // 3, bottom), 60, 4, cv2.LINE_AA)
    own = tools()
    known = Known(own.forms, None, own.thresholds, own.recognizer, own.settings.config)
    (info,) = sort_scan((replace(page, grey=drawn),), None, known).pages
    assert info.page_class == page_class
