"""Books for ``bench.layout``: printed, learned and laid out, all in memory."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from pipeline.errors import NotARegisterError
from pipeline.evaluation.compare import BookComparison, SeenField, box_overlaps, compare_book
from pipeline.evaluation.distance import covered
from pipeline.evaluation.truth import TruthBook, TruthEntry, TruthField, TruthScan
from pipeline.form import learn_book, load_forms, opens
from pipeline.form.confidence import load_layout_calibration
from pipeline.form.place import place_scan
from pipeline.form.schema import Form
from pipeline.page import prepare, to_scan_polygon
from pipeline.settings import PROJECT
from pipeline.types import BookForm, Cell, Layout, PageImage, Scan, ScanRef, ValueState
from samples.book import BookSpec, SamplePage
from samples.eras.book import make_era_book
from samples.eras.sets import era_books

CONFIG = PROJECT / "ocr_config"


@dataclass(frozen=True)
class Book:
    """A printed book and its truth."""

    spec: BookSpec
    form: Form
    scans: tuple[Scan, ...]
    truth: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Placed:
    """What was learned of a book and where its fields were found, scan by scan."""

    learned: BookForm | None
    layouts: tuple[Layout | None, ...]
    pages: tuple[tuple[PageImage, ...], ...]
    learn_seconds: float
    place_seconds: float
    """CPU of this process alone for preparing and placing all pages."""


def specs(
    pool: str, forms: Sequence[str], wears: Sequence[str], seed: str, scans: int, dpi: int, per: int
) -> list[BookSpec]:
    """Plain books of a pool, ``per`` of each form and wear, each from a press of its own."""
    by_form = {
        (spec.form, wear, spec.volume): spec
        for wear in wears
        for spec in era_books(
            pool, f"{seed}-{wear}", wear=wear, printers=per, scans=scans, dpi=dpi, only=forms,
            plain=True,
        )
    }  # fmt: skip
    return [
        replace(spec, path=f"{pool}-{seed}-{form}-{wear}-{spec.volume}")
        for form in forms
        for wear in wears
        for (own, level, _), spec in by_form.items()
        if (own, level) == (form, wear)
    ]


def printed(spec: BookSpec) -> Book:
    """The book's scans, packed as JPEG and opened again as a contractor's would be."""
    pages = list(make_era_book(spec))
    scans = tuple(_scan(page, spec, number) for number, page in enumerate(pages, 1))
    return Book(spec, load_forms(CONFIG)[spec.form], scans, tuple(page.truth for page in pages))


def _scan(page: SamplePage, spec: BookSpec, number: int) -> Scan:
    packed = io.BytesIO()
    Image.fromarray(page.picture).convert("L").save(packed, "JPEG", quality=spec.quality)
    grey = np.asarray(Image.open(packed).convert("L"), dtype=np.uint8)
    name = f"{number:04d}.jpg"
    return Scan(ScanRef(name, 0, number, f"{spec.path}#{number}", name), grey, float(spec.dpi))


def placed(book: Book, learned: BookForm | None = None) -> Placed:
    """Learn a book among all forms, unless it is given what another one taught, and place it."""
    forms = load_forms(CONFIG)
    start = _cpu()
    if learned is None:
        pages = [prepare(scan) for scan in book.scans]
        try:
            learned = learn_book(
                pages,
                forms,
                kind=book.form.kind,
                year=book.spec.year,
                digests=[scan.ref.digest for scan in book.scans],
            )
        except NotARegisterError:
            return Placed(None, (), (), _cpu() - start, 0.0)
    learn_seconds = _cpu() - start
    start = _cpu()
    form = forms[learned.form_id]
    boxes = load_layout_calibration(CONFIG)
    placed_scans = [
        place_scan(scan, prepare(scan, opening=opens(learned, form)), learned, forms, boxes)
        for scan in book.scans
    ]
    return Placed(
        learned,
        tuple(one.layout for one in placed_scans),
        tuple(one.pages for one in placed_scans),
        learn_seconds,
        _cpu() - start,
    )


def _cpu() -> float:
    times = time.process_time()
    # Tesseract is a child: its time is counted once it has ended.
    import resource

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times + children.ru_utime + children.ru_stime


def compared(book: Book, found: Placed) -> BookComparison:
    """Boxes against the truth, entry by entry."""
    return compare_book(_truth(book), _seen(found))


def overlaps(book: Book, found: Placed, number: int) -> list[tuple[Cell, float]]:
    """Cells of a scan (from 1), each with its overlap with the true place of its field."""
    layout = found.layouts[number - 1] if found.layouts else None
    rows, cells = _both(layout, found, number)
    shares = box_overlaps(_truth(book).scans[number - 1], rows)
    return [(cell, share) for cell, (_, share) in zip(cells, shares, strict=True)]


def beside(book: Book, found: Placed, number: int) -> list[tuple[float, float]]:
    """For each box in a margin of a scan: what it covers of its field's true place, and at most
    of another's.

    Nothing is printed where such a column ends, so an overlap says little of its box.
    """
    layout = found.layouts[number - 1] if found.layouts else None
    shares = []
    for row, cell in zip(*_both(layout, found, number), strict=True):
        if cell.margin:
            parts = [
                (covered(field.polygon, row.polygon), field.field == cell.field)
                for entry in _truth(book).scans[number - 1].entries
                for field in entry.fields
            ]
            own = sorted((part for part, same in parts if same), reverse=True) or [0.0]
            others = [*own[1:], *(part for part, same in parts if not same)]
            shares.append((round(own[0], 3), round(max(others, default=0.0), 3)))
    return shares


def _both(
    layout: Layout | None, found: Placed, number: int
) -> tuple[list[SeenField], tuple[Cell, ...]]:
    if layout is None:
        return [], ()
    return list(_rows(layout, found.pages[number - 1], number)), layout.cells


def _seen(found: Placed) -> Iterator[SeenField]:
    for number, (layout, pages) in enumerate(zip(found.layouts, found.pages, strict=True), 1):
        if layout is not None:
            yield from _rows(layout, pages, number)


def _rows(layout: Layout, pages: tuple[PageImage, ...], number: int) -> Iterator[SeenField]:
    for cell in layout.cells:
        yield SeenField(
            scan=f"{number:04d}.jpg",
            entry=str(cell.entry),
            field=cell.field,
            literal="",
            value=None,
            confidence=cell.confidence,
            decision="",
            polygon=to_scan_polygon(pages[cell.page], cell.polygon),
        )


def _truth(book: Book) -> TruthBook:
    scans = tuple(
        TruthScan(
            name=f"{number:04d}.jpg",
            entries=tuple(
                TruthEntry(
                    entry["number"] or "",
                    tuple(
                        TruthField(
                            f["field"], f["literal"], f["value"], ValueState(f["state"]),
                            f["hand"], tuple((x, y) for x, y in f["polygon"]),
                        )
                        for f in entry["fields"]
                    ),
                )
                for entry in truth.get("entries", ())
            ),
        )
        for number, truth in enumerate(book.truth, 1)
    )  # fmt: skip
    spec = book.spec
    return TruthBook(
        spec.path, spec.unit, spec.district, book.form.kind.value, spec.year, spec.volume,
        spec.form, spec.wear, spec.hand, scans,
    )  # fmt: skip
