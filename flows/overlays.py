"""What was made of a scan, drawn or as plain shapes: placed again, with what the record decided."""

from __future__ import annotations

from dataclasses import dataclass

from flows.page import open_scan
from models import BookRecord, Database, load_book_form, placed_entries
from pipeline.form import opens
from pipeline.form.confidence import load_layout_calibration
from pipeline.form.overlay import Overlay, overlay_of
from pipeline.form.place import PlacedScan, place_scan
from pipeline.form.schema import load_forms
from pipeline.page import prepare
from pipeline.scan.load import load_scan
from pipeline.settings import Settings
from pipeline.types import BookForm, Scan, ScanRef


@dataclass(frozen=True)
class ScanOverlay:
    """A scan and the shapes over it."""

    scan: Scan
    overlay: Overlay


def scan_overlay(
    database: Database, settings: Settings, book: BookRecord, ref: ScanRef
) -> ScanOverlay:
    """Boxes of a scan with the probability of their place, and what was decided of each field.

    Nothing is read: the scan is placed again (about half a CPU second), because the probability
    of a place is not kept with every field.

    Raises:
        InputError: the scan cannot be decoded, or a correction of the layout cannot be applied.
    """
    scan = load_scan(ref, settings.scan_store, settings)
    form = load_book_form(database, book.id)
    known = form is not None and form.form_id in load_forms(settings.config)
    found = _placed(open_scan(ref, settings), form, settings) if form and known else None
    entries = [
        placed.entry
        for placed in placed_entries(database, book.id)
        if placed.scan_number == ref.number
    ]
    title = f"{book.code} {ref.name} {found.form.form if found else '?'}"
    pages, layout = (found.pages, found.layout) if found else ((), None)
    return ScanOverlay(scan, overlay_of(pages, layout, entries, title))


def _placed(scan: Scan, book: BookForm, settings: Settings) -> PlacedScan:
    forms = load_forms(settings.config)
    pages = prepare(scan, opening=opens(book, forms[book.form_id]))
    return place_scan(scan, pages, book, forms, load_layout_calibration(settings.config))
