"""Prints, fills and wears one book; the ground truth comes out of the same strokes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.form.schema import Form, load_forms
from pipeline.settings import PROJECT
from samples import fonts
from samples.chance import often, stream
from samples.clerk import BLANK, Written, draw_clerk
from samples.entries import Entry, book_entries, with_dittos
from samples.ledger_layout import ledger_sheet
from samples.lines_layout import lines_sheet
from samples.marks import signature, stamp, strike
from samples.odd_pages import blurred, cover_sheet, empty_sheet, upside_down
from samples.pen import Hand, Mask, blank_mask, draw_print, write
from samples.printer import Printer, draw_printer
from samples.sheet import MM_PER_INCH, Sheet, Slot
from samples.warp import Warp
from samples.wear import LEVELS, Leaf, age, draw_warp

Grey = NDArray[np.uint8]
A3_LANDSCAPE = (420.0, 297.0)
BENCH_EM, BENCH_ROWS = 46 * MM_PER_INCH / 300, 12


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
    """Odd scans: ``cover``, ``blank``, ``blurred`` are added, ``upside_down`` turns the second."""
    ragged: bool = False
    """Whether the last page is only partly filled."""
    bench: bool = False
    """The page of ``anchors.md`` 2: 12 rows on exact A3, letters of 46 px, skew up to 1°."""
    quality: int = 80
    """JPEG quality."""
    pool: str = ""
    """``development`` or ``evaluation`` (``samples.eras.pools``): a book of any form, printed,
    filled and befallen as ``samples.eras`` does; empty for the first four forms as they were."""
    home_ruled: bool = False
    """A ledger ruled and headed by hand (with ``pool``)."""
    spread: bool = False
    """A labelled form scanned by openings, two pages in one shot (with ``pool``)."""
    changes_to: str = ""
    """Another form of the same kind, on which the second half of the book is (with ``pool``)."""
    photo: bool = False
    """Photographed by phone (with ``pool``)."""


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
        # On dotted lines machines write a little above the dots, pens on them.
        lift=0.0 if ledger else rng.uniform(0.0, 0.5) if hand_like else rng.uniform(0.4, 1.0),
    )


@dataclass(frozen=True)
class _Book:
    """What all pages of a book share."""

    spec: BookSpec
    form: Form
    printer: Printer
    sheet: Sheet
    hand: Hand
    bed: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the book's random streams."""
        return (self.spec.seed, self.spec.batch, self.spec.path)


def make_book(spec: BookSpec) -> Iterator[SamplePage]:
    """The scans of a book in order, each with its truth."""
    if spec.pool:
        from samples.eras.book import make_era_book

        yield from make_era_book(spec)
        return
    form = load_forms(PROJECT / "ocr_config")[spec.form]
    printer = draw_printer(form, spec.printer or spec.seed)
    ledger = form.layout == "ledger"
    hand = draw_hand(spec, printer, ledger)
    names = (spec.seed, spec.batch, spec.path)
    bed = stream(*names, "bed").choice(("white", "white", "paper", "dark"))
    if spec.bench:
        printer = replace(printer, paper=A3_LANDSCAPE, size=BENCH_EM, columns_numbered=False)
        hand, bed = replace(hand, size=BENCH_EM), "paper"
    sheet = (
        ledger_sheet(form, printer, BENCH_ROWS if spec.bench else 0)
        if ledger
        else lines_sheet(form, printer)
    )
    yield from make_pages(_Book(spec, form, printer, sheet, hand, bed))


def make_pages(book: _Book) -> Iterator[SamplePage]:
    """Pages of a book whose press, hand and sheet are settled."""
    spec, sheet = book.spec, book.sheet
    clerk = draw_clerk(
        stream(*book.names, "clerk"),
        spec.unit,
        spec.district,
        ledger=book.form.layout == "ledger",
        narrow=any(item.column for item in book.form.items),
    )
    if spec.bench:
        clerk = replace(clerk, ditto="", slips=0.0)
    entries = book_entries(book.names, spec.form, clerk, spec.year, spec.volume)
    if "cover" in spec.extras:
        face = cover_sheet(sheet, book.printer, spec.unit, spec.district, spec.volume)
        yield _without_entries(book, face, "cover")
    before: Mask | None = None
    for number in range(1, spec.scans + 1):
        rng = stream(*book.names, number, "page")
        count = len(sheet.entries)
        if number == spec.scans and spec.ragged and count > 1:
            count = rng.randint(max(1, count // 3), count - 1)
        rows = list(itertools.islice(entries, count))
        if book.form.layout == "ledger":
            rows = with_dittos(rng, rows, clerk.ditto)
        page, before = _page(book, rows, number, before)
        if "upside_down" in spec.extras and number == 2:
            page = SamplePage(*upside_down(page.picture, page.truth))
        yield page
        if "blurred" in spec.extras and number == 1:
            rows = list(itertools.islice(entries, len(sheet.entries)))
            spoilt, _ = _page(book, rows, 901, before)
            truth = {**spoilt.truth, "entries": [], "expect": "rescan"}
            yield SamplePage(blurred(spoilt.picture, spec.dpi), truth)
    if "blank" in spec.extras:
        yield _without_entries(book, empty_sheet(sheet), "blank")


def _without_entries(book: _Book, sheet: Sheet, page_class: str) -> SamplePage:
    """A cover or a blank page."""
    page, _ = _page(replace(book, sheet=sheet), [], 902 if page_class == "cover" else 903, None)
    return SamplePage(page.picture, {**page.truth, "page_class": page_class})


def _page(
    book: _Book, rows: list[Entry], number: int, before: Mask | None
) -> tuple[SamplePage, Mask]:
    spec, sheet = book.spec, book.sheet
    wear = LEVELS[spec.wear]
    if spec.bench:
        wear = replace(wear, skew=(0.0, 1.0))
    names = (*book.names, number)
    rng = stream(*names, "ink")
    text, strokes = draw_print(sheet, book.printer.family, spec.dpi, rng, wear.broken)
    writing = blank_mask(sheet, spec.dpi)
    shift = (rng.gauss(0, 0.3), rng.gauss(0, 0.15)) if book.hand.kind != "hand" else (0.0, 0.0)
    hand = replace(book.hand, shift=shift)
    for slots, row in zip(sheet.entries, rows, strict=False):
        for slot in slots:
            written = written_in(slot, row, book.printer, book.form)
            if not written.literal:
                continue
            for span in write(writing, slot, written.literal, hand, spec.dpi, rng):
                if written.state == "struck":
                    middle = span.baseline - 0.25 * span.size
                    strike(writing, (span.x0, span.x1), middle, spec.dpi, rng)
    if rows:
        _sign(book, writing, rng)
    warp = draw_warp(sheet, wear, spec.dpi, stream(*names, "warp"), book.bed)
    reverse = np.maximum(before, text) if before is not None else None
    leaf = Leaf(text, strokes, writing, reverse)
    picture = age(sheet, leaf, wear, warp, spec.dpi, book.bed, *names)
    truth = {
        "width": int(picture.shape[1]),
        "height": int(picture.shape[0]),
        "dpi": spec.dpi,
        "page_class": "entries",
        "entries": [
            {
                "number": row["entry_number"].value,
                "fields": [_truth(book, slot, row, warp) for slot in slots],
            }
            for slots, row in zip(sheet.entries, rows, strict=False)
        ],
    }
    return SamplePage(picture, truth), writing


def _sign(book: _Book, writing: Mask, rng: random.Random) -> None:
    """Signatures and, in some books, the office's stamp."""
    dpi = book.spec.dpi
    for x, y in book.sheet.signatures:
        signature(writing, (x + rng.uniform(-4, 4), y + rng.uniform(-2, 2)), dpi, rng)
    if book.sheet.signatures and often(stream(*book.names, "stamp"), 0.6):
        x, y = book.sheet.signatures[-1]
        centre = (x - 8 + rng.uniform(-3, 3), y + 3 + rng.uniform(-2, 2))
        office = book.spec.unit.split(" ", 1)[1]
        stamp(writing, centre, office, book.printer.family, dpi, rng.randint(70, 120))


def written_in(slot: Slot, row: Entry, printer: Printer, form: Form) -> Written:
    """What a clerk writes in a slot, which the printed label has a say in.

    Under "year of birth" the year goes, not the age; after "Sinh ngày" nobody writes "ngày".
    """
    index = next(n for n, part in enumerate(form.parts) if part.field == slot.field)
    label = printer.label(index, form.parts[index].labels)
    if slot.field.endswith("_age") and label == "Năm sinh":
        return row.get(slot.field.replace("_age", "_year"), BLANK)
    written = row.get(slot.field, BLANK)
    if label.endswith("ngày"):
        return replace(written, literal=written.literal.removeprefix("ngày "))
    return written


def _truth(book: _Book, slot: Slot, row: Entry, warp: Warp) -> dict[str, Any]:
    written = written_in(slot, row, book.printer, book.form)
    left, top, right, bottom = slot.box
    scale = book.spec.dpi / MM_PER_INCH
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) * scale
    return {
        "field": slot.field,
        "literal": written.literal,
        "value": written.value,
        "state": written.state,
        "hand": book.hand.name,
        "polygon": [[round(float(x), 1), round(float(y), 1)] for x, y in warp.forward(corners)],
    }


def book_truth(
    spec: BookSpec, form: Form, hand: Hand, scans: list[dict[str, Any]]
) -> dict[str, Any]:
    """The truth file of a book."""
    eras = {"pool": spec.pool, "home_ruled": spec.home_ruled, "spread": spec.spread}
    own = {**eras, "photo": spec.photo, "changes_to": spec.changes_to} if spec.pool else {}
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
        **own,
        "scans": scans,
    }
