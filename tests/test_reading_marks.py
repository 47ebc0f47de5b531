"""Ticks in boxes and strokes through entries are seen; writing is not taken for them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.form.pitch import Label
from pipeline.form.schema import Form, Item
from pipeline.form.ticks import TickPlace, tick_places, ticks_on_page
from pipeline.form.warp import Warp
from pipeline.reading.ditto_strokes import with_ditto_strokes
from pipeline.reading.ticks import NONE_TICKED, SEVERAL_TICKED, read_ticks
from pipeline.reading.voids import void_marks
from pipeline.types import IDENTITY, Cell, Kind, Layout, PageImage, Reading, Side
from samples.eras.fill import cross, tick_off
from samples.sheet import Tick

DPI = 200.0
PX = DPI / 25.4
CHOICES = ("Đúng hạn", "Quá hạn", "Đăng ký lại")
LEFTS = (20.0, 70.0, 120.0)


def page_of(mask: np.ndarray, seed: int = 1) -> PageImage:
    """Ink on grainy paper."""
    grain = np.random.default_rng(seed).normal(0, 5, mask.shape)
    grey = np.clip(225 - 0.7 * mask.astype(np.float64) + grain, 0, 255)
    return PageImage(grey.astype(np.uint8), DPI, Side.SINGLE, IDENTITY, 0, 0.0)


def ticked_page(ticked: tuple[int, ...], seed: int = 3) -> np.ndarray:
    mask = np.zeros((round(40 * PX), round(180 * PX)), np.uint8)
    rng = random.Random(seed)
    for n, left in enumerate(LEFTS):
        ends = [round(v * PX) for v in (left, 20.0, left + 3.0, 23.0)]
        cv2.rectangle(mask, (ends[0], ends[1]), (ends[2], ends[3]), 220, 2)
        at = (round((left + 4.5) * PX), round(23 * PX))
        cv2.putText(mask, "Dung han", at, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 230, 2)
        if n in ticked:
            box = (left, 20.0, left + 3.0, 23.0)
            tick_off(mask, Tick("registration_kind", CHOICES[n], "", box), DPI, rng)
    return mask


PLACES = tuple(
    TickPlace(0, "registration_kind", choice, (left + 0.4, 20.5, left + 3.4, 23.5), 1.0)
    for choice, left in zip(CHOICES, LEFTS, strict=True)
)


def reading_of(ticked: tuple[int, ...], seed: int = 3):
    page = page_of(ticked_page(ticked, seed))
    boxes = ticks_on_page(PLACES, Warp(180, 40), page, 0, 0)
    layout = Layout("birth-15", (), 1.0, 1, ticks=boxes)
    ((cell, reading),) = read_ticks((page,), layout)
    return cell, reading


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("at", range(3))
def test_the_ticked_box_gives_its_value(at, seed):
    cell, reading = reading_of((at,), seed)
    assert (cell.field, reading.text) == ("registration_kind", CHOICES[at])
    assert reading.probability > 0.9
    assert min(x for x, _ in cell.polygon) == pytest.approx(LEFTS[at] * PX, abs=4)


def test_no_tick_is_a_blank_that_asks_for_a_person():
    _, reading = reading_of(())
    assert reading.blank
    assert reading.notes == (NONE_TICKED,)


def test_two_ticks_are_doubtful_and_both_are_named():
    _, reading = reading_of((0, 2))
    assert reading.notes == (SEVERAL_TICKED,)
    assert {text for text, _ in reading.alternatives} == {CHOICES[0], CHOICES[2]}
    assert reading.probability <= 0.5


def form_with_ticks() -> Form:
    items = (
        Item(labels=("Họ và tên",), field="child_full_name"),
        *(Item(labels=(c,), ticks="registration_kind", choice=c) for c in CHOICES),
    )
    return Form(
        form="test-ticks", name="t", kind=Kind.BIRTH, era="15", years=(2016, 2020),
        provenance="recalled", layout="lines", items=items,
    )  # fmt: skip


def printed_squares() -> np.ndarray:
    """Ink of a page with empty squares at 150 dpi."""
    size = {"fx": 150 / DPI, "fy": 150 / DPI, "interpolation": cv2.INTER_AREA}
    return np.asarray(cv2.resize(ticked_page(()), None, **size), np.uint8)


def labels_behind(swallowed: int | None = None) -> list[Label]:
    """Labels of the squares, one of them read with its square."""
    return [
        Label(0, n + 1, left + (0.0 if n == swallowed else 4.5), left + 30, 20.5, 23.5, 23.0)
        for n, left in enumerate(LEFTS)
    ]


def test_of_two_worn_pages_each_shows_squares_that_the_other_has_lost():
    pages = [printed_squares() for _ in range(2)]
    for page, lost in zip(pages, (0, 2), strict=True):
        at = round((LEFTS[lost] - 1) / 25.4 * 150)
        page[:, at : at + round(5 / 25.4 * 150)] = 0
    common = np.minimum(*pages)
    labels = labels_behind()
    one = tick_places(form_with_ticks(), labels, (common,))
    assert [place.trust for place in one] == [0.5, 1.0, 0.5]
    both = tick_places(form_with_ticks(), labels, (common, *pages))
    assert [place.trust for place in both] == [1.0, 1.0, 1.0]
    assert [place.box[0] for place in both] == pytest.approx(LEFTS, abs=0.5)


def test_squares_are_found_before_labels_even_where_the_label_was_read_with_its_square():
    places = tick_places(form_with_ticks(), labels_behind(swallowed=1), (printed_squares(),))
    assert [place.choice for place in places] == list(CHOICES)
    for place, left in zip(places, LEFTS, strict=True):
        assert place.trust == 1.0
        assert place.box[0] == pytest.approx(left, abs=0.5)
        assert place.box[1] == pytest.approx(20.0, abs=0.5)


def test_a_form_without_such_boxes_has_no_squares():
    labels = [Label(0, 0, 10, 30, 20, 23, 23.0)]
    assert tick_places(form_with_ticks(), labels, (np.zeros((240, 900), np.uint8),)) == ()


# --- entries crossed out ------------------------------------------------------------------------

ROW_MM, COLUMNS = 9.0, (10.0, 40.0, 85.0, 110.0, 150.0, 190.0)
ROWS = 6


def ledger(struck: dict[int, str]) -> tuple[PageImage, Layout]:
    """Rows of writing under rules; some struck level, some from corner to corner."""
    mask = np.zeros((round(80 * PX), round(200 * PX)), np.uint8)
    rng = random.Random(5)
    cells = []
    for row in range(ROWS + 1):
        y = round((10 + row * ROW_MM) * PX)
        cv2.line(mask, (round(10 * PX), y), (round(190 * PX), y), 200, 2)
    for row in range(ROWS):
        top, bottom = 10 + row * ROW_MM, 10 + (row + 1) * ROW_MM
        for left, right in pairwise(COLUMNS):
            cv2.line(mask, (round(left * PX), round(top * PX)),
                     (round(left * PX), round(bottom * PX)), 200, 2)  # fmt: skip
            text = "Nguyen Van Hung, xa An Thai"[
                : rng.randint(3, max(4, int((right - left) / 2.3)))
            ]
            at = (round((left + 1.5) * PX), round((bottom - 3) * PX))
            cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.75, 220, 2)
            outline = ((left, top), (right, top), (right, bottom), (left, bottom))
            polygon = tuple((x * PX, y * PX) for x, y in outline)
            cells.append(Cell(0, row, f"field{left}", polygon, 1.0))
        how = struck.get(row)
        if how == "level":
            y = round((top + 5) * PX)
            cv2.line(mask, (round(12 * PX), y), (round(188 * PX), y + 6), 230, 4)
        elif how:
            box = (10.0, top, 190.0, bottom)
            cross(mask, box, DPI, rng, margin=1.5, both=how == "cross")
    return page_of(mask), Layout("l", tuple(cells), 1.0, ROWS)


def test_rows_struck_from_end_to_end_are_found_and_others_are_not():
    page, layout = ledger({1: "slant", 3: "cross", 4: "level"})
    chances = {mark.entry: mark.probability for mark in void_marks((page,), layout)}
    assert all(chances[row] > 0.9 for row in (1, 3, 4)), chances
    assert all(chances[row] < 0.2 for row in (0, 2, 5)), chances


def test_a_line_through_all_rows_is_not_taken_for_many_void_entries():
    page, layout = ledger(dict.fromkeys(range(ROWS), "level"))
    assert all(mark.probability == 0.3 for mark in void_marks((page,), layout))


def test_a_form_struck_from_corner_to_corner_is_found():
    mask = np.zeros((round(250 * PX), round(180 * PX)), np.uint8)
    cells = []
    for entry, top in enumerate((10.0, 130.0)):
        for line in range(10):
            y = top + 11 * line
            at = (round(15 * PX), round((y + 7) * PX))
            cv2.putText(mask, "Ho va ten: Nguyen Van Hung", at, 0, 0.8, 220, 2)
            outline = ((12.0, y), (170.0, y), (170.0, y + 9), (12.0, y + 9))
            polygon = tuple((px * PX, py * PX) for px, py in outline)
            cells.append(Cell(0, entry, f"field{line}", polygon, 1.0))
    cross(mask, (12.0, 130.0, 170.0, 238.0), DPI, random.Random(2), margin=1.5, both=False)
    marks = void_marks((page_of(mask),), Layout("f", tuple(cells), 1.0, 2))
    chances = {mark.entry: mark.probability for mark in marks}
    assert chances[1] > 0.9
    assert chances[0] < 0.2


def form(ends: tuple[float, float, float, float], shade: int) -> float:
    """Chance of a form of dark writing to be void for a stroke of a shade; ends in mm."""
    grey = np.full((round(160 * PX), round(180 * PX)), 235, np.uint8)
    cells = []
    for line in range(10):
        y = 20.0 + 11 * line
        at = (round(15 * PX), round((y + 7) * PX))
        cv2.putText(grey, "Ho va ten: Nguyen Van Hung", at, 0, 0.8, 40, 2)
        outline = ((12.0, y), (170.0, y), (170.0, y + 9), (12.0, y + 9))
        cells.append(Cell(0, 0, f"f{line}", tuple((a * PX, b * PX) for a, b in outline), 1.0))
    x0, y0, x1, y1 = (round(end * PX) for end in ends)
    under = np.full_like(grey, 255)
    cv2.line(under, (x0, y0), (x1, y1), shade, 4, cv2.LINE_AA)
    page = PageImage(np.minimum(grey, under), DPI, Side.SINGLE, IDENTITY, 0, 0.0)
    marks = void_marks((page,), Layout("f", tuple(cells), 1.0, 1))
    return max((mark.probability for mark in marks), default=0.0)


def test_a_form_struck_in_pencil_or_beyond_its_boxes_is_asked_about_and_does_not_stand_as_void():
    within, beyond = (20.0, 25.0, 160.0, 120.0), (20.0, 5.0, 160.0, 155.0)
    assert form(within, 40) > 0.9
    assert 0.2 < form(beyond, 40) < 0.5
    assert 0.2 < form(within, 165) < 0.5
    assert form(within, 190) == 0.0  # a third of the ink's depth: from the back of the leaf


def test_a_flourish_over_rows_is_asked_about_and_makes_none_void():
    page, layout = ledger({})
    grey = page.grey.copy()
    cv2.line(grey, (round(60 * PX), round(21 * PX)), (round(125 * PX), round(44 * PX)), 70, 3)
    chances = [m.probability for m in void_marks((replace(page, grey=grey),), layout)]
    assert max(chances) == 0.4


# --- one stroke down a column -------------------------------------------------------------------


def column(
    strokes: dict[int, tuple[float, float]], texts: dict[int, str], field: str = "birth_place"
):
    """A column of six cells 30 mm wide; strokes by first row, with their ends in mm."""
    mask = np.zeros((round(80 * PX), round(60 * PX)), np.uint8)
    readings = []
    for row in range(7):
        y = round((10 + row * ROW_MM) * PX)
        cv2.line(mask, (round(10 * PX), y), (round(40 * PX), y), 200, 2)
    for x in (10.0, 40.0):
        cv2.line(mask, (round(x * PX), round(10 * PX)), (round(x * PX), round(64 * PX)), 200, 2)
    for top, bottom in strokes.values():
        x = round(24 * PX)
        cv2.line(mask, (x, round(top * PX)), (x + 5, round(bottom * PX)), 225, 3, cv2.LINE_AA)
    for row in range(6):
        top, bottom = 10 + row * ROW_MM, 10 + (row + 1) * ROW_MM
        outline = ((10.0, top), (40.0, top), (40.0, bottom), (10.0, bottom))
        polygon = tuple((x * PX, y * PX) for x, y in outline)
        text = texts.get(row, "")
        if text:
            at = (round(14 * PX), round((bottom - 2.5) * PX))
            cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.8, 220, 2)
        struck = any(top < b and a < bottom for a, b in strokes.values())
        cell = Cell(0, row, field, polygon, 1.0)
        readings.append((cell, Reading(text or "1", (), 0.5, 0.4, "x", blank=not (text or struck))))
    return page_of(mask), readings


def read_column(strokes, texts, *, ledger=True, field="birth_place"):
    page, readings = column(strokes, texts, field)
    return [reading.text for _, reading in with_ditto_strokes((page,), readings, ledger=ledger)]


def test_a_stroke_through_several_cells_is_a_ditto_in_each_of_them():
    texts = {0: "Hai Phong", 5: "Kien An"}
    assert read_column({1: (20.5, 53.0)}, texts) == ["Hai Phong", *['"'] * 4, "Kien An"]


def test_an_upright_stroke_in_one_cell_alone_stays_what_the_reader_says():
    assert read_column({2: (29.0, 36.0)}, {0: "Hai Phong"})[2] == "1"


def test_words_under_one_another_are_no_stroke():
    texts = dict.fromkeys(range(6), "Hai Phong")
    assert '"' not in read_column({}, texts)


def test_a_stroke_over_writing_takes_no_text_away():
    texts = dict.fromkeys(range(6), "Hai Phong")
    assert '"' not in read_column({1: (20.5, 53.0)}, texts)


def test_on_a_labelled_form_no_stroke_runs_from_entry_to_entry():
    assert '"' not in read_column({1: (20.5, 53.0)}, {0: "Hai Phong"}, ledger=False)


def test_where_digits_stand_a_stroke_stays_what_the_reader_says():
    assert '"' not in read_column({1: (20.5, 53.0)}, {0: "12"}, field="father_age")
