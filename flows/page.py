"""From a scan to its entries: the way of the data (design.md 2), one arrow after the other.

Runs in a pool's child. A result depends on the scan, the book's form and context, and the
settings, and on nothing else: the same input gives the same result on every machine.
"""

from __future__ import annotations

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import cv2

from flows.adapters import AdapterFile, adapted
from flows.sorting import Known, sort_scan, without_entries
from models import BookRecord
from pipeline.checks.entry import build_entries, is_ledger
from pipeline.checks.row_numbers import OUT_OF_STEP_FACTOR, rows_out_of_step
from pipeline.errors import InputError, PageError, WeightsError
from pipeline.form import opens
from pipeline.form.confidence import LayoutCalibration, load_layout_calibration
from pipeline.form.edits import rows_placed
from pipeline.form.pagesort import OUT_OF_STEP, UNFIT, describe_reasons
from pipeline.form.place import place_scan
from pipeline.form.schema import Form, load_forms
from pipeline.page import prepare
from pipeline.page.laid_on import papers_on
from pipeline.page.photo import rectified
from pipeline.page.strokes import Slash
from pipeline.places import Gazetteer, load_gazetteer
from pipeline.places.written import place_names
from pipeline.reading.ditto_strokes import with_ditto_strokes
from pipeline.reading.recognizer import Recognizer, read_cells, recognizer
from pipeline.reading.ticks import read_ticks
from pipeline.reading.voids import void_marks
from pipeline.scan.load import load_scan
from pipeline.scan.quality import assess
from pipeline.settings import Settings, Thresholds, load_thresholds
from pipeline.texts import Text
from pipeline.types import (
    BookForm,
    Layout,
    PageClass,
    PageImage,
    PageInfo,
    Quality,
    Scan,
    ScanRef,
    ScanResult,
)
from pipeline.values import Context
from pipeline.values.guide import guide_of

log = logging.getLogger("hotich.flows")
_NO_FORM = Text("không nhận ra mẫu sổ nào", "no known form")
_NEAREST_FORMS = Text(
    "không nhận ra mẫu sổ nào; gần nhất: {nearest}", "no known form; nearest: {nearest}"
)


@dataclass(frozen=True)
class Tools:
    """What is loaded once and used for every page."""

    settings: Settings
    thresholds: Thresholds
    forms: dict[str, Form]
    places: Gazetteer
    recognizer: Recognizer
    boxes: LayoutCalibration | None = None
    """What the signs of a box's place are worth."""


@dataclass(frozen=True)
class PageTask:
    """One scan to be digitized, as it travels to a child."""

    ref: ScanRef
    book_form: BookForm
    context: Context
    adapter: AdapterFile | None = None
    """What the hand on this scan has taught, if anything."""


def book_context(book: BookRecord, settings: Settings) -> Context:
    """What is known of a book before its ink is read."""
    return Context(
        kind=book.kind,
        year=book.year,
        unit=book.unit.name,
        district=book.unit.district,
        unit_id=book.unit.id,
        volume=book.volume,
        as_of=date.fromisoformat(settings.as_of) if settings.as_of else date.today(),
    )


def load_tools(settings: Settings) -> Tools:
    """Forms, gazetteer and recogniser.

    Raises:
        SetupError: the machine lacks Tesseract or a language, or a file of ocr_config is wrong.
    """
    # One process a page: threads of the libraries would only fight for the same cores.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    cv2.setNumThreads(1)
    return Tools(
        settings=settings,
        thresholds=load_thresholds(settings.config),
        forms=load_forms(settings.config),
        places=load_gazetteer(settings.config),
        recognizer=recognizer(
            settings.recognizer, settings.ocr_languages, settings.config, settings.hand_weights
        ),
        boxes=load_layout_calibration(settings.config),
    )


def digitize(task: PageTask, tools: Tools) -> ScanResult:
    """All that one scan gives: scan → quality → pages → layout → readings → entries.

    Raises:
        InputError: the file cannot be decoded.
    """
    seconds: dict[str, float] = {}
    seen = look_at(task, tools, seconds)
    if seen.layout is None:
        return seen.unread
    pages, layout, config = seen.pages, seen.layout, tools.settings.config
    reader, notes = reader_for(task, tools)
    with _timed(seconds, "readings"):
        names = place_names(tools.places, task.context.place, task.context.year)
        guide = guide_of(task.context, config, names)
        least = tools.thresholds.layout.min_cell_confidence
        readings = read_cells(pages, layout, reader, config, guide, least_confidence=least)
        ledger = is_ledger(layout, task.context)
        readings = with_ditto_strokes(pages, readings, ledger=ledger)
        readings += read_ticks(pages, layout)
    with _timed(seconds, "marks"):
        voids = void_marks(pages, layout, seen.strokes)
    with _timed(seconds, "entries"):
        entries = build_entries(pages, layout, readings, task.context, tools.places, voids)
    # What a person has placed is not doubted again.
    placed = rows_placed(task.book_form.edits, task.ref.number)
    told = "" if placed else rows_out_of_step(entries, surely=True)
    if told:
        return out_of_step(seen.unread, told)
    return replace(
        seen.unread,
        pages=without_entries(seen.unread.pages, readings),
        layout_ok=True,
        entries=entries,
        notes=(*seen.unread.notes, *notes),
    )


def out_of_step(unread: ScanResult, told: str) -> ScanResult:
    """A scan whose running numbers say that its boxes lie on other rows: to a person, unread."""
    pages = _doubted(unread.pages, OUT_OF_STEP)
    notes = (*unread.notes, *describe_reasons((OUT_OF_STEP,)), told)
    confidence = OUT_OF_STEP_FACTOR * unread.layout_confidence
    return replace(unread, pages=pages, layout_confidence=confidence, notes=notes)


def _doubted(pages: tuple[PageInfo, ...], reason: str) -> tuple[PageInfo, ...]:
    return tuple(
        replace(page, reasons=(*page.reasons, reason))
        if page.page_class is PageClass.ENTRIES
        else page
        for page in pages
    )


def reader_for(task: PageTask, tools: Tools) -> tuple[Recognizer, tuple[str, ...]]:
    """The reader with the scan's adapter, and a note where that cannot be used.

    A file that is missing or damaged, or made for other weights, never stops a book: it is
    read with the weights themselves.
    """
    if task.adapter is None:
        return tools.recognizer, ()
    try:
        return adapted(tools.recognizer, tools.settings, task.adapter), ()
    except WeightsError as error:
        log.warning("%s", error)
        return tools.recognizer, (f"adapter {task.adapter.digest[:8]}: {error.detail}",)


@dataclass(frozen=True)
class Seen:
    """A scan before it is read: its pages and cells, or in ``unread`` why it cannot be."""

    unread: ScanResult
    pages: tuple[PageImage, ...] = ()
    layout: Layout | None = None
    """None where reading could only do harm."""
    strokes: tuple[tuple[Slash, ...], ...] | None = None
    """Slanting strokes of each page, where they were looked for."""


def look_at(task: PageTask, tools: Tools, seconds: dict[str, float]) -> Seen:
    """The way of a scan up to its cells: scan → quality → pages → layout.

    It ends early at a scan that must be made again, and at boxes that cannot be trusted.

    Args:
        task: the scan and what is known of its book.
        tools: what is loaded once.
        seconds: CPU seconds by step, filled on the way.

    Raises:
        InputError: the file cannot be decoded.
    """
    with _timed(seconds, "scan"):
        scan = open_scan(task.ref, tools.settings)
    return understand(scan, task.book_form, tools, seconds)


def understand(scan: Scan, book_form: BookForm, tools: Tools, seconds: dict[str, float]) -> Seen:
    """As :func:`look_at`, from the decoded scan."""
    with _timed(seconds, "quality"):
        quality = assess(scan, tools.thresholds.quality)
    unread = _unread(scan.ref, quality, seconds)
    if quality.faults:
        return Seen(replace(unread, rescan=True))
    form = tools.forms.get(book_form.form_id)
    with _timed(seconds, "pages"):
        pages = prepare(scan, opening=opens(book_form, form) if form else None)
    layout: Layout | None = None
    unfit = False
    notes: tuple[str, ...] = (unknown_form(book_form),)
    if form is not None:
        unread = replace(unread, form_id=form.form)
        try:
            with _timed(seconds, "layout"):
                placed = place_scan(scan, pages, book_form, tools.forms, tools.boxes)
        except (PageError, InputError) as error:
            notes = (str(error),)
        else:
            # A scan may belong to a part of its book that is on another form.
            pages, layout, form = placed.pages, placed.layout, placed.form
            unread = replace(unread, form_id=form.form, layout_confidence=layout.confidence)
            notes, unfit = layout.notes, placed.unfit
    with _timed(seconds, "sorts"):
        known = Known(tools.forms, form, tools.thresholds, tools.recognizer, tools.settings.config)
        found = sort_scan(pages, layout, known, papers_on(scan, pages))
    unread = replace(unread, pages=found.pages, notes=(*notes, *found.notes))
    if unfit:
        told = (*unread.notes, *describe_reasons((UNFIT,)))
        unread = replace(unread, pages=_doubted(unread.pages, UNFIT), notes=told)
    if found.layout is None:
        return Seen(unread)
    return Seen(unread, pages, found.layout, found.strokes)


def open_scan(ref: ScanRef, settings: Settings) -> Scan:
    """A scan decoded, its page put straight where it is a photograph.

    Raises:
        InputError: the file cannot be decoded.
    """
    return rectified(load_scan(ref, settings.scan_store, settings))


def unknown_form(book: BookForm) -> str:
    """What a person is told of a scan whose book is on no known form."""
    nearest = ", ".join(f"{name} {score:.2f}" for name, score in book.nearest)
    return _NEAREST_FORMS.format(nearest=nearest) if nearest else _NO_FORM.format()


def _unread(ref: ScanRef, quality: Quality, seconds: dict[str, float]) -> ScanResult:
    return ScanResult(
        digest=ref.digest,
        quality=quality,
        pages=(),
        form_id="",
        layout_confidence=0.0,
        layout_ok=False,
        rescan=False,
        entries=(),
        seconds=seconds,
    )


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    before = _cpu_seconds()
    try:
        yield
    finally:
        seconds[stage] = round(_cpu_seconds() - before, 4)


def _cpu_seconds() -> float:
    """CPU time of this process and of the programs it ran (Tesseract, Poppler)."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
