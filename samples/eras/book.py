"""Prints, fills and wears a book of any era, with the page sorts and damage it is asked for."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.fields import FIELDS, FieldType
from pipeline.form.schema import Form, load_forms
from pipeline.settings import PROJECT
from samples import people
from samples.book import BookSpec, SamplePage
from samples.chance import noise_stream, often, stream
from samples.entries import with_dittos
from samples.eras import camera, odd
from samples.eras.acts import act_sheet, spread
from samples.eras.clerk import Scribe, draw_scribe
from samples.eras.events import Entry, entries
from samples.eras.fill import Row, cross, draw_row, entry_truth, fill_page, polygon_of
from samples.eras.pools import POOLS, Pool
from samples.eras.press import Press, draw_press
from samples.eras.ruled import ruled_sheet
from samples.marks import signature, stamp
from samples.odd_pages import blurred
from samples.pen import Hand, Mask, blank_mask, draw_print, write
from samples.sheet import Sheet, text_width
from samples.wear import LEVELS, Leaf, Wear, age, draw_warp

BEFORE = ("cover", "opening")
AFTER = ("unfilled", "crossed", "crossed_form", "blank", "slip", "statement", "index")
"""Extras that are pages of their own, in the order in which they lie in a book."""
TO_A_PAGE = (
    *("upside_down", "sideways", "tight", "torn", "tape", "stamped", "gutter", "show_through"),
    "blurred",
)
"""Extras that befall pages of entries, one page each in turn."""
EXTRAS = (*BEFORE, *AFTER, *TO_A_PAGE)
_CLASSES = {"crossed_form": "crossed", "unfilled": "blank"}
_VOID = 0.012
_SAMPLE, _USUAL_WIDTH = "Nguyễn Văn Hùng", 7.8
"""A name, and how many ems wide handwriting usually makes it."""


@dataclass(frozen=True)
class _Book:
    """What all pages of a book share."""

    spec: BookSpec
    pool: Pool
    form: Form
    press: Press
    sheet: Sheet
    hand: Hand
    bed: str

    @property
    def names(self) -> tuple[object, ...]:
        """Names of the book's random streams; no book of another pool shares them."""
        return (self.pool.seed(self.spec.seed), self.spec.batch, self.spec.path)

    @property
    def office(self) -> str:
        """The office's name on its stamp."""
        return self.spec.unit.split(" ", 1)[-1]


def open_book(spec: BookSpec) -> tuple[Form, Press, Hand]:
    """The form, the press and the hand of a book."""
    pool = POOLS[spec.pool]
    form = load_forms(PROJECT / "ocr_config")[spec.form]
    press = draw_press(form, pool, spec.printer or spec.seed, home_ruled=spec.home_ruled)
    return form, press, _hand(spec, pool, press, _sheet(spec, press))


def _sheet(spec: BookSpec, press: Press, page: int = 0) -> Sheet:
    if press.form.layout == "ledger":
        return ruled_sheet(press, page)
    sheet = act_sheet(press)
    return spread(sheet, sheet) if spec.spread else sheet


def _hand(spec: BookSpec, pool: Pool, press: Press, sheet: Sheet) -> Hand:
    """The hand of a book, as large as its lines allow."""
    rng = stream(pool.seed(spec.seed), "hand", spec.path)
    kind, _, family = spec.hand.partition(":")
    choices = {
        "print": pool.print_families(press.era),
        "type": pool.print_families(press.era) if kind != "type" else _typewriters(),
        "hand": pool.hand_families(),
    }[kind]
    family = family or rng.choice(choices)
    ledger = press.form.layout == "ledger"
    pitch = 8.0 if ledger else _pitch(sheet)
    share = {"hand": 0.58, "print": 0.47, "type": 0.43}[kind] * rng.uniform(0.93, 1.05)
    size = min(share * pitch, 4.1 if ledger else 5.2)
    if ledger:
        size = rng.uniform(3.1, 3.5) * (1.18 if kind == "hand" else 1.0)
    like = kind == "hand"
    if like:
        # Some fonts set letters half again as wide as others at one size; people write alike.
        size *= min(1.0, _USUAL_WIDTH / text_width(_SAMPLE, family))
    return Hand(
        kind=kind,
        family=family,
        size=size,
        darkness=rng.uniform(0.85, 1.0),
        slant=rng.uniform(-0.05, 0.25) if like else 0.0,
        wobble=0.02 if like else 0.0,
        lift=0.0 if ledger else rng.uniform(0.0, 0.5) if like else rng.uniform(0.4, 1.0),
    )


def _typewriters() -> tuple[str, ...]:
    from samples.fonts import type_families

    return type_families()


def _pitch(sheet: Sheet) -> float:
    """The line distance of a labelled form, from the height of its one-line slots."""
    heights = [s.box[3] - s.box[1] for slots in sheet.entries for s in slots if len(s.lines) == 1]
    return float(np.median(heights)) if heights else 8.0


def make_era_book(spec: BookSpec) -> Iterator[SamplePage]:
    """The scans of a book in order, each with its truth."""
    book = _book(spec)
    later = _book(replace(spec, form=spec.changes_to)) if spec.changes_to else book
    yield from _pages(book, later)


def _book(spec: BookSpec) -> _Book:
    form, press, hand = open_book(spec)
    pool = POOLS[spec.pool]
    bed = stream(pool.seed(spec.seed), spec.path, "bed").choice(("white", "white", "paper", "dark"))
    return _Book(spec, pool, form, press, _sheet(spec, press), hand, "paper" if spec.photo else bed)


def _scribe(book: _Book) -> Scribe:
    form = book.form
    return draw_scribe(
        stream(*book.names, "clerk"), form.era, book.pool, book.spec.unit, book.spec.district,
        ledger=form.layout == "ledger",
        narrow=any(item.column in ("left", "right") for item in form.items),
    )  # fmt: skip


def _pages(first: _Book, later: _Book) -> Iterator[SamplePage]:
    """All scans; from the middle on the pages are of the ``later`` form, in the same hand."""
    book, spec, scribe = first, first.spec, _scribe(first)
    later = replace(later, hand=replace(first.hand, size=later.hand.size), bed=first.bed)
    source = entries(book.names, book.form, scribe, spec.year, spec.volume)
    written: list[Entry] = []
    for what in BEFORE:
        if what in spec.extras:
            yield _odd(book, scribe, what, written)
    befalls = [what for what in spec.extras if what in TO_A_PAGE]
    before: Mask | None = None
    for number in range(1, spec.scans + 1):
        rng = stream(*book.names, number, "page")
        book = later if number > (spec.scans + 1) // 2 else first
        if spec.home_ruled:
            book = replace(book, sheet=_sheet(spec, book.press, number))
        count = len(book.sheet.entries)
        if number == spec.scans and spec.ragged and count > 1:
            count = rng.randint(max(1, count // 3), count - 1)
        values = list(itertools.islice(source, count))
        written += values
        if book.form.layout == "ledger":
            values = with_dittos(rng, values, scribe.ditto, _repeated(book.form))
        ticks = book.sheet.ticks or [()] * count
        void = _VOID if count > 1 or number > 1 else 0.0
        rows = [draw_row(rng, row, ticks[n], void) for n, row in enumerate(values)]
        own = [what for n, what in enumerate(befalls) if n % spec.scans == number - 1]
        page, before = _entries(book, rows, number, before, own)
        yield _befallen(book, page, own, rng)
    for what in AFTER:
        if what in spec.extras:
            yield _odd(book, scribe, what, written)


def _repeated(form: Form) -> tuple[str, ...]:
    """Fields in which clerks did not write the same thing twice under one another."""
    types = (FieldType.PLACE, FieldType.ETHNICITY, FieldType.NATIONALITY, FieldType.OCCUPATION)
    return tuple(
        name for name in form.fields if FIELDS[name].type in types or name == "registration_date"
    )


def _entries(
    book: _Book, rows: list[Row], number: int, before: Mask | None, own: list[str]
) -> tuple[SamplePage, Mask]:
    spec, sheet, press = book.spec, book.sheet, book.press
    names = (*book.names, number)
    rng = stream(*names, "ink")
    wear = LEVELS[spec.wear]
    text, strokes = draw_print(sheet, press.printer.family, spec.dpi, rng, wear.broken)
    writing = blank_mask(sheet, spec.dpi)
    seal = book.office if often(stream(*book.names, "seal"), 0.6) else ""
    fill_page(writing, sheet, rows, press, _shifted(book.hand, rng), spec.dpi, rng, seal)
    if "stamped" in own:
        _over_text(book, writing, rng)
    wear = _worse(wear, own)
    reverse = _reverse(before if before is not None or "show_through" not in own else text, text)
    picture, warp = _worn(book, sheet, Leaf(text, strokes, writing, reverse), number, wear)
    truth = _frame(book, sheet, picture, warp, "entries")
    truth["entries"] = [
        entry_truth(sheet, n, row, press, book.hand, warp, spec.dpi) for n, row in enumerate(rows)
    ]
    return SamplePage(picture, truth), writing


def _worse(wear: Wear, own: list[str]) -> Wear:
    """A page that was pressed badly onto the glass, or whose paper lets the back shine through."""
    if "gutter" in own:
        wear = replace(
            wear, curvature=max(1.5 * wear.curvature, 2.6), shadow=max(wear.shadow, 0.55)
        )
    if "show_through" in own:
        wear = replace(wear, through=max(2 * wear.through, 0.3))
    return wear


def _shifted(hand: Hand, rng: random.Random) -> Hand:
    if hand.kind == "hand":
        return hand
    return replace(hand, shift=(rng.gauss(0, 0.3), rng.gauss(0, 0.15)))


def _reverse(before: Mask | None, text: Mask) -> Mask | None:
    return np.maximum(before, text) if before is not None and before.shape == text.shape else before


def _over_text(book: _Book, writing: Mask, rng: random.Random) -> None:
    """The stamp and a signature right over what is written."""
    sheet, dpi = book.sheet, book.spec.dpi
    for _ in range(2):
        slots = rng.choice(sheet.entries)
        slot = rng.choice(slots)
        x, y = (slot.box[0] + slot.box[2]) / 2, (slot.box[1] + slot.box[3]) / 2
        stamp(writing, (x, y), book.office, book.press.printer.family, dpi, rng.randint(80, 130))
        signature(writing, (x + rng.uniform(5, 15), y + rng.uniform(-3, 3)), dpi, rng)


def _worn(
    book: _Book, sheet: Sheet, leaf: Leaf, number: object, wear: Wear | None = None
) -> tuple[Any, Any]:
    """The scan of inked paper and where the paper went."""
    spec, wear = book.spec, wear or LEVELS[book.spec.wear]
    names = (*book.names, number)
    warp = draw_warp(sheet, wear, spec.dpi, stream(*names, "warp"), book.bed)
    return age(sheet, leaf, wear, warp, spec.dpi, book.bed, *[str(name) for name in names]), warp


def _frame(book: _Book, sheet: Sheet, picture: Any, warp: Any, page_class: str) -> dict[str, Any]:
    dpi = book.spec.dpi
    return {
        "width": int(picture.shape[1]),
        "height": int(picture.shape[0]),
        "dpi": dpi,
        "page_class": page_class,
        "form": book.form.form if page_class == "entries" else "",
        "paper": polygon_of((0.0, 0.0, sheet.width, sheet.height), warp, dpi),
        "pages": 2 if sheet.gutter else 1,
        "entries": [],
    }


def _befallen(book: _Book, page: SamplePage, own: list[str], rng: random.Random) -> SamplePage:
    """A page after all that happened to it, in the order in which it happens."""
    picture, truth, dpi = page.picture, page.truth, book.spec.dpi
    if "tape" in own:
        picture, truth = camera.taped(picture, truth, rng, dpi)
    if "torn" in own:
        picture, truth = camera.torn(picture, truth, rng, dpi, book.bed)
    if "tight" in own:
        picture, truth = camera.cropped(picture, truth, rng, dpi)
    if book.spec.photo:
        gen = noise_stream(*book.names, rng.random(), "photo")
        picture, truth = camera.photographed(picture, truth, rng, gen, dpi)
    if "upside_down" in own:
        picture, truth = camera.turned(picture, truth, 180)
    if "sideways" in own:
        picture, truth = camera.turned(picture, truth, rng.choice((90, 270)))
    if "blurred" in own:
        picture, truth = blurred(picture, dpi), {**truth, "entries": [], "expect": "rescan"}
    if own:
        truth = {**truth, "befell": own}
    return SamplePage(picture, truth)


def _odd(book: _Book, scribe: Scribe, what: str, written: list[Entry]) -> SamplePage:
    """A page without entries."""
    spec, press, sheet = book.spec, book.press, book.sheet
    rng = stream(*book.names, what)
    if what == "slip":
        return _befallen(book, _slip(book, scribe, written, rng), [], rng)
    page = {
        "cover": lambda: odd.cover(sheet, press, spec.unit, spec.district, spec.year, spec.volume),
        "opening": lambda: odd.opening(sheet, press, rng, spec.year, 20 * rng.randint(3, 10)),
        "statement": lambda: odd.statement(
            sheet, press, rng, spec.year, len(written), scribe.habit
        ),
        "index": lambda: odd.index(sheet, press, rng, _names(book, written, rng)),
        "blank": lambda: odd.Filled(odd.empty(sheet)),
        "unfilled": lambda: odd.unfilled(sheet),
        "crossed": lambda: odd.crossed(sheet, printed=False),
        "crossed_form": lambda: odd.crossed(sheet, printed=True),
    }[what]()
    picture, warp, places = _drawn(book, page, what, rng)
    truth = _frame(book, page.sheet, picture, warp, _CLASSES.get(what, what))
    if page.totals:
        truth["totals"] = [_total(total, page, places) for total in page.totals]
    return _befallen(book, SamplePage(picture, truth), [], rng)


def _names(book: _Book, written: list[Entry], rng: random.Random) -> list[str]:
    fields = [name for name in book.form.fields if name.endswith("full_name")][:1]
    names = [row[fields[0]].literal for row in written if row.get(fields[0])]
    more = [
        people.full_name(rng, rng.choice(("male", "female")), book.spec.year)
        for _ in range(rng.randint(15, 110))
    ]
    return names + more


def _drawn(book: _Book, page: odd.Filled, what: str, rng: random.Random) -> tuple[Any, Any, Any]:
    """Print, write and wear an odd page; also where each gap lies in the scan."""
    dpi, press = book.spec.dpi, book.press
    wear = LEVELS[book.spec.wear]
    text, strokes = draw_print(page.sheet, press.printer.family, dpi, rng, wear.broken)
    writing = blank_mask(page.sheet, dpi)
    _write_all(book, page, writing, rng)
    if page.crossed:
        box = (12.0, 12.0, page.sheet.width - 12.0, page.sheet.height - 12.0)
        cross(writing, box, dpi, rng)
    picture, warp = _worn(book, page.sheet, Leaf(text, strokes, writing, None), what)
    places = {slot.field: polygon_of(slot.box, warp, dpi) for slot, _ in page.written}
    return picture, warp, places


def _write_all(book: _Book, page: odd.Filled, writing: Mask, rng: random.Random) -> None:
    dpi = book.spec.dpi
    hand = replace(book.hand, size=max(3.6, min(book.hand.size, 4.8)))
    for slot, text in page.written:
        if text:
            write(writing, slot, text, hand, dpi, rng)
    for x, y in page.sheet.signatures if page.signed else ():
        signature(writing, (x, y), dpi, rng)
        stamp(writing, (x - 8, y + 2), book.office, book.press.printer.family, dpi, 100)


def _total(total: dict[str, Any], page: odd.Filled, places: dict[str, Any]) -> dict[str, Any]:
    """A total of a statement: its number, how it is written, and where."""
    texts = {slot.field: text for slot, text in page.written}
    truth: dict[str, Any] = {"what": total["what"], "value": total["value"]}
    for key in ("digits", "words"):
        name = total[key]
        truth[key] = {"literal": texts[name], "polygon": places[name]} if name else None
    return truth


def _slip(book: _Book, scribe: Scribe, written: list[Entry], rng: random.Random) -> SamplePage:
    """A loose paper on a page of the book: filled, not filled, or a bare leaf."""
    spec, count = book.spec, len(book.sheet.entries)
    under = rng.choice(("filled", "unfilled", "bare"))
    if under == "filled":
        ticks = book.sheet.ticks or [()] * count
        rows = [draw_row(rng, row, ticks[n], 0.0) for n, row in enumerate(written[-count:])]
        page, _ = _entries(book, rows, len(written) + 1, None, [])
        base, truth = page.picture, {**page.truth, "page_class": "slip", "form": "", "entries": []}
    else:
        sheet = (
            odd.unfilled(book.sheet) if under == "unfilled" else odd.Filled(odd.empty(book.sheet))
        )
        base, warp, _ = _drawn(book, sheet, "under", rng)
        truth = _frame(book, sheet.sheet, base, warp, "slip")
    paper = odd.slip(book.press, rng, scribe.place(rng).literal)
    flat = replace(book, bed="paper")
    small, _, _ = _drawn(flat, paper, "slip", rng)
    picture, outline = camera.slipped(base, small, rng, spec.dpi)
    return SamplePage(picture, truth | {"slip": {"polygon": outline, "on": under}})
