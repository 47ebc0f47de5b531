"""Struck text and the correction above it are read apart where that is plain, and both are kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decide
from pipeline.checks.entry import build_entries
from pipeline.reading.corrections import CORRECTED, STRUCK_OUT
from pipeline.reading.crop import cut
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.recognizer import read_cells
from pipeline.settings import load_settings
from pipeline.types import IDENTITY, Cell, Crop, Decision, Kind, Layout, PageImage, Reading, Side
from pipeline.values import Context
from samples.eras.fill import correct
from samples.eras.pools import POOLS
from samples.marks import strike
from samples.pen import Hand, blank_mask, write
from samples.sheet import Sheet, Slot, WritingLine

DPI = 200.0
PX = DPI / 25.4
WRONG, RIGHT = "Trần Thị Bình", "Trần Thị Lan"


def drawn(seed: int, what: str) -> tuple[PageImage, Cell]:
    """A cell with a name in one of the development hands: plain, struck, or corrected."""
    rng = random.Random(seed)
    families = POOLS["development"].hand_families()
    hand = Hand("hand", families[seed % len(families)], 4.4, 1.0, slant=0.1, wobble=0.02)
    mask = blank_mask(Sheet(130, 20), DPI)
    slot = Slot("x", (5, 6, 120, 14), (WritingLine(5, 120, 12.0),))
    if what == "corrected":
        correct(mask, slot, (WRONG, RIGHT), hand, DPI, rng, raised=0.8)
    else:
        for span in write(mask, slot, WRONG, hand, DPI, rng):
            if what == "struck":
                strike(mask, (span.x0, span.x1), span.baseline - 0.25 * span.size, DPI, rng)
    grain = np.random.default_rng(seed).normal(0, 5, mask.shape)
    grey = np.clip(228 - 0.75 * mask.astype(np.float64) + grain, 0, 255).astype(np.uint8)
    corners = ((5.0, 6.0), (120.0, 6.0), (120.0, 14.0), (5.0, 14.0))
    polygon = tuple((x * PX, y * PX) for x, y in corners)
    page = PageImage(grey, DPI, Side.SINGLE, IDENTITY, 0, 0.0)
    return page, Cell(0, 0, "child_full_name", polygon, 1.0)


def ink_rows(crop: Crop) -> tuple[float, float]:
    """Middle row of a crop's ink, and how much there is."""
    depth = 255.0 - crop.image
    return float((depth.sum(axis=1) @ np.arange(len(depth))) / depth.sum()), float(depth.sum())


def test_most_corrections_are_told_from_what_was_struck():
    crops = [cut(*drawn(seed, "corrected"), 180.0) for seed in range(8)]
    apart = [(crop, crop.deleted) for crop in crops if crop.deleted is not None]
    assert len(apart) >= 6
    for upper, lower in apart:
        assert lower is not None
        (high, much), (low, more) = ink_rows(upper), ink_rows(lower)
        assert high + 1.5 * PX * 180 / DPI < low
        assert much > 0.15 * more
        assert lower.struck
        assert not upper.struck


@pytest.mark.parametrize("what", ["plain", "struck"])
def test_writing_without_a_correction_stays_one(what):
    assert all(cut(*drawn(seed, what), 180.0).deleted is None for seed in range(8))


@dataclass(frozen=True)
class Knowing:
    """A reader who knows the two names by whether they are struck."""

    name: str = "knowing"

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        return [
            Reading(WRONG if crop.struck else RIGHT, (), 0.99, 0.99, self.name, struck=crop.struck)
            for crop in crops
        ]


def test_both_texts_are_kept_and_a_person_is_always_asked():
    page, cell = drawn(1, "corrected")
    layout = Layout("birth-158-a4", (cell,), 1.0, 1)
    readings = read_cells((page,), layout, Knowing(), load_settings().config)
    ((_, reading),) = readings
    assert (reading.text, reading.struck) == (RIGHT, False)
    assert WRONG in [text for text, _ in reading.alternatives]
    assert {CORRECTED, f"{STRUCK_OUT}={WRONG}"} <= set(reading.notes)
    context = Context(kind=Kind.BIRTH, year=1999)
    (entry,) = build_entries((page,), layout, readings, context)
    (field,) = [one for one in entry.fields if one.field == "child_full_name"]
    assert field.literal == RIGHT
    assert field.decision is Decision.REVIEW
    assert f"{STRUCK_OUT}={WRONG}" in field.reasons


def test_a_correction_is_never_settled_unseen_however_sure():
    page, cell = drawn(1, "corrected")
    layout = Layout("birth-158-a4", (cell,), 1.0, 1)
    readings = read_cells((page,), layout, Knowing(), load_settings().config)
    (entry,) = build_entries((page,), layout, readings, Context(kind=Kind.BIRTH, year=1999))
    (field,) = [one for one in entry.fields if one.field == "child_full_name"]
    assert decide(field, (), Bars({"default": 0.0})) is Decision.REVIEW
