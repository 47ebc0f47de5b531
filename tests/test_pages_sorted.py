"""Every page gets a class with a probability; what is not entries never becomes entries."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from ledger_drawing import as_scan

from flows.page import Seen, Tools, load_tools, understand
from flows.sorting import without_entries
from pipeline.form import learn_book
from pipeline.form.pagesort import OTHER_FORM
from pipeline.page import prepare
from pipeline.page.strokes import crosses_page, slashes
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.settings import load_settings
from pipeline.types import BookForm, Grey, Kind, PageClass
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
def pages(form: str, year: int) -> tuple[SamplePage, ...]:
    spec = BookSpec(
        batch="tests", path=form, unit="Xã An Thái", district="Huyện An Lão", form=form, year=year,
        wear="mild", hand="print", scans=2, dpi=DPI, seed="sorts", extras=ODD, pool="development",
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


@pytest.mark.parametrize("n", range(len(ODD) + 2))
def test_each_page_of_a_book_is_what_it_is(n: int) -> None:
    page = pages("death-83-half", 2001)[n]
    one = seen(page.picture, learned())
    assert sorted_class(one) == page.truth["page_class"]
    assert not any(info.reasons for info in one.unread.pages)


def test_the_totals_of_a_statement_are_read() -> None:
    (page,) = [p for p in pages("death-83-half", 2001) if p.truth["page_class"] == "statement"]
    (info,) = seen(page.picture, learned()).unread.pages
    read = {total.what: total for total in info.totals}
    for due in page.truth["totals"]:
        total = read.get(due["what"]) or read["entries"]
        assert total.value == due["value"] or not total.sure
    assert any(total.sure for total in info.totals)


def test_a_page_of_another_form_goes_to_a_person_unread() -> None:
    other = next(p for p in pages("birth-158-a4", 2008) if p.truth["page_class"] == "entries")
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


@pytest.mark.parametrize("name", ["black", "white", "landscape", "hand", "text", "20 megapixels"])
@pytest.mark.parametrize("known", [True, False])
def test_what_is_no_page_of_a_register_ends_in_a_clear_state(name: str, known: bool) -> None:
    picture = {
        "black": lambda: np.full((2339, 1654), 4, np.uint8),
        "white": lambda: np.full((2339, 1654), 240, np.uint8),
        "landscape": landscape,
        "hand": hand,
        "text": text_page,
        "20 megapixels": lambda: text_page(5000, 4000, 2.2),
    }[name]()
    one = seen(picture, learned() if known else UNKNOWN, 440.0 if "20" in name else DPI)
    assert one.layout is None
    infos = one.unread.pages
    sent_back = one.unread.rescan and one.unread.quality.faults
    to_person = bool(infos) and any(info.reasons for info in infos)
    blank = bool(infos) and all(info.page_class is PageClass.BLANK for info in infos)
    assert sent_back or to_person or (blank and name in ("white", "black"))


@pytest.mark.slow
def test_a_page_of_200_megapixels_ends_in_a_clear_state() -> None:
    small = text_page(1414, 1414, 0.8)
    huge = cv2.resize(small, (14140, 14140), interpolation=cv2.INTER_NEAREST)
    one = seen(huge, learned(), 1200.0)
    assert one.layout is None
    assert one.unread.rescan or any(info.reasons for info in one.unread.pages)


def test_a_stroke_from_corner_to_corner_is_seen_and_print_is_none() -> None:
    page = next(p for p in pages("birth-158-a4", 2008) if p.truth["page_class"] == "entries")
    (plain,) = prepare(as_scan(page.picture, DPI))
    assert slashes(plain.grey, plain.dpi) == ()
    height, width = plain.grey.shape
    struck = plain.grey.copy()
    ends = ((round(0.1 * width), round(0.9 * height)), (round(0.9 * width), round(0.1 * height)))
    cv2.line(struck, *ends, 110, 3, cv2.LINE_AA)
    assert crosses_page(slashes(struck, plain.dpi), width, height)
