"""Simulated books of one hand: entries with the fields of a form, each a picture of a line.

Here the books in handwriting faces that the net was never trained on. A clerk has one slant, one
width and one pen; letters, paper, rules and neighbours change from line to line as in training.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.fields import FIELDS as FIELD_SPECS
from pipeline.fields import FieldType
from pipeline.reading.hand.alphabet import normalized
from pipeline.reading.hand.ink import InkLine
from pipeline.reading.hand.reader import seen
from pipeline.types import Kind
from pipeline.values import Context, normalise
from samples.chance import stream
from samples.clerk import Written, draw_clerk
from samples.entries import book_entries
from training.hand.draw import write
from training.hand.dwellings import Dwellings
from training.hand.paper import on_paper
from training.hand.pens import plain
from training.hand.strays import trimmed

YEAR = 2008
UNIT, DISTRICT = "Xã Tân Dân", "Huyện An Lão"
SCAN = 2
"""Entries on a scan."""
FORM = "birth-158-a4"
FIELDS = (
    "entry_number",
    "registration_date",
    "child_full_name",
    "sex",
    "birth_date",
    "birth_date_words",
    "birth_place",
    "ethnicity",
    "father_full_name",
    "father_birth_date",
    "mother_full_name",
    "declarant_relation",
)
"""Fields of the form that the simulated clerk fills in."""


@dataclass(frozen=True, eq=False)
class Line:
    """One field: its text as written, what that means, and its ink map."""

    field: str
    text: str
    value: str
    ink: InkLine


@dataclass(frozen=True, eq=False)
class Book:
    """A book of one hand. Without ``sense`` its texts are put together by chance: no rule of the
    checks is heard then, as each would find fault with all of them.
    """

    name: str
    context: Context
    entries: tuple[tuple[Line, ...], ...]
    sense: bool = True


def face_book(
    family: str,
    entries: int,
    seed: int,
    fields: Sequence[str] = FIELDS,
    dwellings: Dwellings | None = None,
    scale: float | None = None,
) -> Book:
    """A book of births in a handwriting face, with some of the fields of its form.

    Args:
        family: of the face.
        entries: how many.
        seed: of clerk, people and ink.
        fields: of the form, in their order on a line.
        dwellings: where people live, instead of what the form's generator writes of residences.
        scale: size of the scan against the drawing, as ``paper.on_paper`` has it; by default each
            line has its own, from 0.36 to 1.05, as no scanner does it.
    """
    names = (f"learning-{seed}", family)
    clerk = draw_clerk(stream(*names, "clerk"), UNIT, DISTRICT, ledger=False)
    pen = _pen(family, names, scale)
    made = book_entries(names, FORM, clerk, YEAR, "01")
    context = Context(Kind.BIRTH, YEAR, UNIT, DISTRICT)

    def text(name: str, entry: Mapping[str, Written], n: int) -> str:
        if dwellings and FIELD_SPECS[name].type is FieldType.PLACE:
            return dwellings(name, stream(*names, "dwelling", f"{n} {name}"))
        return entry[name].literal

    written = (
        tuple(
            line_of(name, words, context, pen(words, f"{n} {name}"))
            for name in fields
            if name in entry and entry[name].state == "written"
            for words in (text(name, entry, n),)
        )
        for n, entry in enumerate(islice(made, entries))
    )
    return Book(family, context, tuple(written))


def line_of(field: str, text: str, context: Context, ink: InkLine) -> Line:
    """A line with what its text means."""
    text = normalized(text)
    return Line(field, text, normalise(field, text, context).normalized or "", ink)


def _pen(family: str, names: tuple[str, ...], scale: float | None) -> Callable[[str, str], InkLine]:
    """Writes a text; the second word names the place, so that each line is its own."""
    habits = stream(*names, "habits")
    slant, across = habits.gauss(0, 0.2), habits.uniform(0.8, 1.2)
    pressure = habits.getrandbits(32)

    def pen(text: str, place: str) -> InkLine:
        rng = stream(*names, place)
        ink = _leaning(trimmed(write(text, rng, family)), slant, across, rng)
        # The same chance each time: a clerk keeps the pen.
        ink, dark = plain(trimmed(ink), random.Random(pressure))
        return seen(on_paper(ink, rng, unseen=True, dark=dark, scale=scale))

    return pen


def _leaning(
    ink: NDArray[np.uint8], slant: float, across: float, rng: random.Random
) -> NDArray[np.uint8]:
    """Slanted and stretched about as always."""
    height, width = ink.shape
    lean, wide = slant + rng.gauss(0, 0.03), across * rng.gauss(1, 0.04)
    room = abs(lean) * height
    move = np.array([[wide, -lean, room if lean > 0 else 0.0], [0, 1, 0]], np.float32)
    size = (max(8, int(width * wide + room) + 2), height)
    return np.asarray(cv2.warpAffine(ink, move, size), np.uint8)
