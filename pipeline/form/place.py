"""A scan on its book: the part of the book it belongs to, its boxes and what they are worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pipeline.errors import InputError, LayoutError
from pipeline.form import lay_out, opens
from pipeline.form.confidence import LayoutCalibration, calibrated
from pipeline.form.edits import corners_of
from pipeline.form.regroup import regrouped, regroups
from pipeline.form.schema import Form
from pipeline.page import prepare
from pipeline.types import BookForm, Layout, PageImage, Scan


@dataclass(frozen=True)
class PlacedScan:
    """Pages of a scan as its form wants them cut, and the boxes on them."""

    pages: tuple[PageImage, ...]
    layout: Layout
    form: Form
    unfit: bool = False
    """A person split or joined entries that this picture does not have; ``layout.notes`` tell."""


def place_scan(
    scan: Scan,
    pages: tuple[PageImage, ...],
    book: BookForm,
    forms: Mapping[str, Form],
    calibration: LayoutCalibration | None,
) -> PlacedScan:
    """Boxes of a scan under the part of its book that fits it best.

    Args:
        scan: decoded.
        pages: of the scan, cut as the book's first part was.
        book: form and geometry of the book, other parts of it, people's corrections.
        forms: all known forms.
        calibration: of the boxes' confidence; None leaves it raw.

    Raises:
        LayoutError: no part of the book is on a known form.
        InputError: a person's correction cannot be applied.
    """
    number = scan.ref.number
    by_person = corners_of(book.edits, number)
    best: PlacedScan | None = None
    for part in (book, *book.others):
        form = forms.get(part.form_id)
        if form is None:
            continue
        own = pages if part is book else prepare(scan, opening=opens(part, form))
        layout = calibrated(lay_out(own, part, form, number), form.layout, calibration)
        if by_person and part is book:
            told = _told(layout, by_person.keys())
            return _regrouped(PlacedScan(own, told, form), book, number)
        if best is None or layout.confidence > best.layout.confidence:
            best = PlacedScan(own, layout, form)
    if best is None:
        raise LayoutError(book.form_id or "–")
    return _regrouped(best, book, number)


def _regrouped(placed: PlacedScan, book: BookForm, number: int) -> PlacedScan:
    """Entries as people split and joined them; what does not fit another picture is left out.

    Refused as a whole, a scan that was sent anew could never be read.
    """
    layout, unfit = placed.layout, False
    for edit in regroups(book.edits, number):
        try:
            layout = regrouped(layout, placed.pages, (edit,), number)
        except InputError as error:
            layout, unfit = replace(layout, notes=(*layout.notes, error.detail)), True
    return replace(placed, layout=layout, unfit=unfit)


def _told(layout: Layout, told: Collection[int]) -> Layout:
    """The layout with the boxes of pages whose corners a person gave taken for right."""
    cells = tuple(
        replace(cell, confidence=1.0) if cell.page in told and cell.confidence > 0 else cell
        for cell in layout.cells
    )
    shown = [cell.confidence for cell in cells if cell.confidence > 0]
    return replace(layout, cells=cells, confidence=sum(shown) / len(shown) if shown else 0.0)
