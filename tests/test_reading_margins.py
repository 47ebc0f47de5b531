"""A margin's rule, the edge of the paper and the back of the leaf are no notes; notes are."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.reading.blank import without_shine
from pipeline.reading.crop import cut
from pipeline.types import IDENTITY, Cell, Crop, PageImage, Side

DPI = 200.0
PX = DPI / 25.4
BOX = ((3.0, 3.0), (38.0, 3.0), (38.0, 115.0), (3.0, 115.0))
MARGIN = Cell(0, 0, "notes", tuple((x * PX, y * PX) for x, y in BOX), 0.6, 4, margin=True)
WRITTEN = Crop(np.full((9, 9), 255, np.uint8), 180.0, "sex", depth=100.0)


def margin(text: str = "", tone: int = 130, *, edge: bool = True, rule: bool = True) -> Crop:
    """The crop of a margin 35 mm wide on grainy paper, ``tone`` darker where it is written."""
    ink = np.zeros((round(120 * PX), round(60 * PX)), np.uint8)
    if edge:
        at = np.arange(ink.shape[1]) / PX
        ink[:] = (90 * np.exp(-(((at - 6.0) / 1.2) ** 2))).astype(np.uint8)
    if rule:
        for top, bottom in ((3, 40), (44, 46), (52, 58), (70, 117)):  # as worn print breaks
            ends = (round(36.5 * PX), round(top * PX)), (round(36.2 * PX), round(bottom * PX))
            cv2.line(ink, *ends, 140, 2)
    for n, line in enumerate(text.split("\n")):
        at_line = (round(10 * PX), round((50 + 9 * n) * PX))
        cv2.putText(ink, line, at_line, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.9, tone, 2)
    grain = np.random.default_rng(4).normal(0, 12, ink.shape)
    grey = cv2.GaussianBlur(np.clip(228.0 - ink + grain, 0, 255).astype(np.uint8), (0, 0), 0.7)
    page = PageImage(np.asarray(grey, np.uint8), DPI, Side.SINGLE, IDENTITY, 0, 0.0)
    crop = cut(page, MARGIN, 180.0)
    return without_shine([*[WRITTEN] * 8, crop])[-1]


def test_the_edge_of_the_paper_and_the_margins_own_rule_are_no_note():
    assert margin().blank


def test_writing_of_the_back_is_no_note():
    assert margin("Dinh chinh\ntheo QD", tone=26).blank


def test_notes_are_kept_beside_the_edge_and_the_rule():
    for text in ("Dinh chinh\ntheo QD", "Huy", "ly hon 1987"):
        crop = margin(text)
        assert not crop.blank, text
        assert crop.margin


def test_pale_ink_that_is_plainly_deeper_than_the_back_is_a_note():
    assert not margin("Dinh chinh\ntheo QD", tone=75).blank


def test_other_cells_keep_their_own_measure():
    pale = replace(WRITTEN, depth=30.0)
    assert not without_shine([*[WRITTEN] * 8, pale])[-1].blank
    assert without_shine([*[WRITTEN] * 8, replace(pale, margin=True)])[-1].blank
