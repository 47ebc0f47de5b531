"""Prints, fills and wears one book; the ground truth comes out of the same strokes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.form.schema import Form, load_forms
from pipeline.settings import PROJECT
from samples import fonts
from samples.chance import stream
from samples.clerk import BLANK, Clerk, Written, draw_clerk
from samples.entries import Entry, book_entries, with_dittos
from samples.ledger_layout import ledger_sheet
from samples.lines_layout import lines_sheet
from samples.pen import Hand, Mask, blank_mask, draw_print, write
from samples.printer import Printer, draw_printer
from samples.sheet import MM_PER_INCH, Sheet, Slot
from samples.warp import Warp
from samples.wear import LEVELS, age, draw_warp

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class BookSpec:
    """What to make. ``seed`` decides the content, ``printer`` the press (seed if empty)."""

    batch: str
    path: str
    unit: str
    district: str
    form: str
    year: int
    volume: str = "01"
    wear: str = "mild"
    hand: str = "print"
    """``print``, ``type``, ``hand``, or a kind with a family: ``hand:mali``."""
    scans: int = 3
    dpi: int = 300
    seed: str = "0"
    printer: str = ""
    note: str = ""
    extras: tuple[str, ...] = ()
    """Pages that hold no entries or must be refused: ``cover``, ``blank``, ``blurred``."""
    quality: int = 80
    """JPEG quality."""


@dataclass(frozen=True)
class SamplePage:
    """One scan and its truth (without the file name)."""

    picture: Grey
    truth: dict[str, Any] = field(default_factory=dict)


def draw_hand(spec: BookSpec, printer: Printer, ledger: bool) -> Hand:
    """The hand of a book."""
    rng = stream(spec.seed, "hand", spec.path)
    kind, _, family = spec.hand.partition(":")
    families = {
        "print": fonts.print_families(),
        "type": fonts.type_families(),
        "hand": fonts.hand_families() or fonts.print_families(),
    }[kind]
    family = family or rng.choice(families)
    size = rng.uniform(3.2, 3.6) if ledger else rng.uniform(3.7, 4.3)
    if kind == "type":
        size = rng.uniform(2.9, 3.2) if ledger else rng.uniform(3.5, 3.9)
    if kind == "hand":
        size *= 1.25 if not ledger else 1.15
    hand_like = kind == "hand"
    return Hand(
        kind=kind,
        family=family,
        size=size,
        darkness=rng.uniform(0.88, 1.0),
        slant=rng.uniform(-0.05, 0.22) if hand_like else 0.0,
        wobble=0.02 if hand_like else 0.0,
    )


def make_book(spec: BookSpec) -> Iterator[SamplePage]:
    """The scans of a book in order, each with its truth."""
    form = load_forms(PROJECT / "ocr_config")[spec.form]
    ledger = form.layout == "ledger"
    printer = draw_printer(form, spec.printer or spec.seed)
    sheet = ledger_sheet(form, printer) if ledger else lines_sheet(form, printer)
    hand = draw_hand(spec, printer, ledger)
    names = (spec.seed, spec.batch, spec.path)
    clerk = draw_clerk(stream(*names, "clerk"), spec.unit, spec.district, ledger=ledger)
    entries = book_entries("/".join(map(str, names)), spec.form, clerk, spec.year, spec.volume)
    bed = stream(*names, "bed").choice(("white", "white", "paper", "dark"))
    before: Mask | None = None
    for number in range(1, spec.scans + 1):
        rows = list(itertools.islice(entries, len(sheet.entries)))
        rng = stream(*names, number, "page")
        if ledger:
            rows = with_dittos(rng, rows, clerk.ditto)
        page, before = _page(spec, form, printer, sheet, hand, rows, number, bed, before)
        yield page


def _page(
    spec: BookSpec,
    form: Form,
    printer: Printer,
    sheet: Sheet,
    hand: Hand,
    rows: list[Entry],
    number: int,
    bed: str,
    before: Mask | None,
) -> tuple[SamplePage, Mask]:
    wear = LEVELS[spec.wear]
    names = (spec.seed, spec.batch, spec.path, number)
    rng = stream(*names, "ink")
    text, strokes = draw_print(sheet, printer.family, spec.dpi, rng, wear.broken)
    writing = blank_mask(sheet, spec.dpi)
    for slots, row in zip(sheet.entries, rows, strict=False):
        for slot in slots:
            written = written_in(slot, row, printer, form)
            if written.literal:
                write(writing, slot, written.literal, hand, spec.dpi, rng)
    warp = draw_warp(sheet, wear, spec.dpi, stream(*names, "warp"), bed)
    reverse = np.maximum(before, text) if before is not None else None
    picture = age(sheet, (text, strokes, writing), reverse, wear, warp, spec.dpi, bed, names, 1.0)
    entries = [
        {
            "number": row["entry_number"].value,
            "fields": [_truth(slot, row, printer, form, hand, warp, spec.dpi) for slot in slots],
        }
        for slots, row in zip(sheet.entries, rows, strict=False)
    ]
    truth = {
        "width": int(picture.shape[1]),
        "height": int(picture.shape[0]),
        "dpi": spec.dpi,
        "page_class": "entries",
        "entries": entries,
    }
    return SamplePage(picture, truth), writing


def written_in(slot: Slot, row: Entry, printer: Printer, form: Form) -> Written:
    """What a clerk writes in a slot; a column headed "year of birth" takes the year, not the age."""
    if slot.field.endswith("_age"):
        index = form.fields.index(slot.field)
        label = printer.label(index, form.parts[index].labels)
        if label == "Năm sinh":
            return row.get(slot.field.replace("_age", "_year"), BLANK)
    return row.get(slot.field, BLANK)


def _truth(
    slot: Slot, row: Entry, printer: Printer, form: Form, hand: Hand, warp: Warp, dpi: float
) -> dict[str, Any]:
    written = written_in(slot, row, printer, form)
    left, top, right, bottom = slot.box
    scale = dpi / MM_PER_INCH
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) * scale
    return {
        "field": slot.field,
        "literal": written.literal,
        "value": written.value,
        "state": written.state,
        "hand": hand.name,
        "polygon": [[round(float(x), 1), round(float(y), 1)] for x, y in warp.forward(corners)],
    }


def book_truth(
    spec: BookSpec, form: Form, hand: Hand, scans: list[dict[str, Any]]
) -> dict[str, Any]:
    """The truth file of a book."""
    return {
        "schema": "hotich-truth/1",
        "batch": spec.batch,
        "path": spec.path,
        "unit": spec.unit,
        "district": spec.district,
        "kind": form.kind.value,
        "form": spec.form,
        "year": spec.year,
        "volume": spec.volume,
        "wear": spec.wear,
        "hand": hand.name,
        "printer_seed": spec.printer or spec.seed,
        "scans": scans,
    }


__all__ = ["BookSpec", "Clerk", "SamplePage", "book_truth", "draw_hand", "make_book"]
