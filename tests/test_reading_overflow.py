"""Writing that runs over the edge of its cell is read whole there, and nothing of it elsewhere."""

from __future__ import annotations

import random
from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decide
from pipeline.reading.overflow import OVERFLOWS, OVERRUN
from pipeline.reading.recognizer import NoRecognizer, cell_crops, read_cells
from pipeline.settings import load_settings
from pipeline.types import (
    IDENTITY,
    Cell,
    Decision,
    FieldResult,
    Layout,
    PageImage,
    Side,
    ValueState,
)
from samples.pen import Hand, blank_mask, write
from samples.sheet import Sheet, Slot, WritingLine

DPI = 200.0
PX = DPI / 25.4
EDGES = (5.0, 45.0, 85.0, 110.0)
FIELDS = ("child_full_name", "birth_place", "ethnicity")
CONFIG = load_settings().config


def row(seed: int, text: str, second: str = "", *, columns: int = 3) -> tuple[PageImage, Layout]:
    """Ruled cells 40, 40 and 25 mm wide; the text begins 28 mm before the first one's end."""
    mask = blank_mask(Sheet(130, 22), DPI)
    hand = Hand("hand", "dancing-script", 4.8, 1.0, slant=0.1, wobble=0.02)
    rng = random.Random(seed)
    edges = EDGES[: columns + 1]

    def put(words: str, x: float) -> None:
        write(mask, Slot("x", (5, 6, 120, 14), (WritingLine(x, 125, 12.0),)), words, hand, DPI, rng)

    put(text, 17.0)
    if second:
        put(second, 66.0)
    for x in edges:
        ends = (round(x * PX), round(4 * PX)), (round(x * PX), round(16 * PX))
        cv2.line(mask, *ends, 190, 2)
    for y in (4.5, 15.5):
        ends = (round(5 * PX), round(y * PX)), (round(edges[-1] * PX), round(y * PX))
        cv2.line(mask, *ends, 190, 2)
    grain = np.random.default_rng(seed).normal(0, 5, mask.shape)
    grey = np.clip(228 - 0.75 * mask.astype(np.float64) + grain, 0, 255).astype(np.uint8)
    page = PageImage(grey, DPI, Side.SINGLE, IDENTITY, 0, 0.0)
    cells = []
    for field, (left, right) in zip(FIELDS, pairwise(edges), strict=False):
        corners = ((left, 4.5), (right, 4.5), (right, 15.5), (left, 15.5))
        cells.append(Cell(0, 0, field, tuple((x * PX, y * PX) for x, y in corners), 1.0))
    return page, Layout("l", tuple(cells), 1.0, 1)


def ink_of(image: np.ndarray) -> float:
    return float((255.0 - image).sum())


@pytest.mark.parametrize("second", ["", "Hai An"])
def test_a_word_over_the_edge_is_whole_in_its_cell_and_gone_from_the_next(second):
    page, layout = row(3, "Nguyenthihoangphuong", second)
    crops = cell_crops((page,), layout, CONFIG)
    assert crops[0].over_mm > 2
    assert crops[0].image.shape[1] > crops[2].image.shape[1]
    assert crops[1].overrun
    assert crops[1].blank == (not second)


def test_text_that_ends_in_its_cell_is_left_alone():
    page, layout = row(3, "Nguyen Thi", "Hai An")
    crops = cell_crops((page,), layout, CONFIG)
    assert [crop.over_mm for crop in crops] == [0, 0, 0]
    assert not any(crop.overrun for crop in crops)
    assert not crops[1].blank


def test_the_neighbours_own_ink_is_not_taken():
    plain, layout = row(3, "Nguyen Thi", "Hai An")
    full, _ = row(3, "Nguyenthihoangphuong", "Hai An")
    before, after = (cell_crops((page,), layout, CONFIG)[1] for page in (plain, full))
    assert ink_of(after.image) == pytest.approx(ink_of(before.image), rel=0.1)


def test_writing_is_followed_into_the_margin():
    page, layout = row(3, "Nguyenthihoangphuong", columns=1)
    (crop,) = cell_crops((page,), layout, CONFIG)
    assert crop.over_mm > 2


def test_both_cells_go_to_a_person_and_the_first_shows_the_whole_word():
    page, layout = row(3, "Nguyenthihoangphuong")
    (first, one), (_, two), _ = read_cells((page,), layout, NoRecognizer(), CONFIG)
    assert max(x for x, _ in first.polygon) > (EDGES[1] + 2) * PX
    assert one.notes == (OVERFLOWS,)
    assert two.blank
    assert two.notes == (OVERRUN,)
    for literal, state, notes in (
        ("", ValueState.BLANK, two.notes),
        ("Hai", ValueState.WRITTEN, two.notes),
        ("An", ValueState.WRITTEN, one.notes),
    ):
        field = FieldResult(
            field="birth_place", literal=literal, value=literal or None, state=state,
            confidence=1.0, raw_confidence=1.0, decision=Decision.REVIEW, reader="x", page=0,
            polygon=(), reasons=notes, place=None,
        )  # fmt: skip
        assert decide(field, (), Bars({"default": 0.0})) is Decision.REVIEW
