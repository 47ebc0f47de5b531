"""Letters that hang together with another row are never left out in silence."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.corrections import ROWS, two_lines
from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decide
from pipeline.reading.overflow import TORN
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.settings import load_settings
from pipeline.types import (
    IDENTITY,
    Cell,
    Decision,
    FieldResult,
    Layout,
    PageImage,
    Reading,
    Side,
    ValueState,
)

DPI = 200.0
PX = DPI / 25.4
TOP, BOTTOM = 20.0, 32.0


def reading(into_mm: float, *, below: bool = False) -> Reading:
    """A written cell beside a letter 9 mm long of the next row, so far into the cell."""
    ink = np.zeros((round(52 * PX), round(60 * PX)), np.uint8)
    at = (round(30 * PX), round(27 * PX))
    cv2.putText(ink, "Hai", at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.1, 200, 3)
    end = BOTTOM - into_mm if below else TOP + into_mm
    start = end + 16.0 if below else end - 16.0
    for x in (12.0, 14.0, 16.0):
        ends = (round(x * PX), round(start * PX)), (round((x + 1) * PX), round(end * PX))
        cv2.line(ink, *ends, 200, 3)
    joint = start + 1.0 if below else end - into_mm - 5.0
    cv2.line(ink, (round(12 * PX), round(joint * PX)), (round(17 * PX), round(joint * PX)), 200, 3)
    grain = np.random.default_rng(3).normal(0, 5, ink.shape)
    grey = np.clip(228 - 0.75 * ink.astype(np.float64) + grain, 0, 255).astype(np.uint8)
    page = PageImage(grey, DPI, Side.SINGLE, IDENTITY, 0, 0.0)
    corners = ((8.0, TOP), (55.0, TOP), (55.0, BOTTOM), (8.0, BOTTOM))
    cell = Cell(0, 0, "birth_place", tuple((x * PX, y * PX) for x, y in corners), 1.0)
    config = load_settings().config
    ((_, seen),) = read_cells((page,), Layout("l", (cell,), 1.0, 1), NoRecognizer(), config)
    return seen


@pytest.mark.parametrize("seed", [5, 19, 23])
def test_letters_left_out_with_the_row_they_hang_on_are_told(seed: int) -> None:
    """Two lines of a tall hand in a low row: a third of a line's ink may go with its neighbours."""
    _, kept = two_lines(seed, "evaluation", ROWS[0])
    assert kept == 1.0  # a person is asked


@pytest.mark.parametrize("below", [False, True])
def test_tails_and_stems_of_the_next_row_raise_no_doubt(below: bool) -> None:
    assert reading(2.5, below=below).notes == ()


@pytest.mark.parametrize(
    ("literal", "state"), [("", ValueState.BLANK), ("Hải", ValueState.WRITTEN)]
)
def test_a_cell_with_letters_left_out_goes_to_a_person_however_sure(literal, state) -> None:
    field = FieldResult(
        field="birth_place", literal=literal, value=literal or None, state=state,
        confidence=1.0, raw_confidence=1.0, decision=Decision.REVIEW, reader="x", page=0,
        polygon=(), reasons=(TORN,), place=None,
    )  # fmt: skip
    assert decide(field, (), Bars({"default": 0.0})) is Decision.REVIEW
