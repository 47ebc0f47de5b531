"""What each page of a scan is: its class with a probability, its totals, its crossed-out parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.checks.entry import is_entry
from pipeline.form.pageclass import crossed_pages
from pipeline.form.pagesort import CROSSED_ENTRIES, describe_reasons, sort_pages
from pipeline.form.schema import Form
from pipeline.form.statement import total_cells
from pipeline.form.tokens import Token
from pipeline.page.laid_on import Laid
from pipeline.page.light import PAPER
from pipeline.page.strokes import Slash, slashes
from pipeline.reading.recognizer import Recognizer, cell_crops, read_cells
from pipeline.settings import Thresholds
from pipeline.types import (
    Cell,
    Grey,
    Layout,
    PageClass,
    PageImage,
    PageInfo,
    PageSort,
    Reading,
    Total,
)
from pipeline.values.totals import total_of

_STROKE_MM = 4.0
"""Width that is painted out along a stroke, which a hand draws a little bowed."""
_FILLED = 0.3
"""Share of a crossed page's boxes with other ink than the strokes, from which it was filled."""
_MOST_OF_PAGE = 0.6
"""Share of an empty page's height that a stroke crosses it out with."""
_CROSSED = 0.97


@dataclass(frozen=True)
class Sorted:
    """Pages of a scan as they were sorted, and the boxes left to be read."""

    pages: tuple[PageInfo, ...]
    layout: Layout | None
    """Without the boxes of pages that are crossed out or lie under a slip; None where nothing is
    to be read."""
    notes: tuple[str, ...]
    """The reasons for a person to look, in words."""
    strokes: tuple[tuple[Slash, ...], ...] = ()
    """Slanting strokes of each page, pale ones too."""


@dataclass(frozen=True)
class Known:
    """What sorting pages takes besides the pages."""

    forms: Mapping[str, Form]
    form: Form | None
    thresholds: Thresholds
    reader: Recognizer
    config: Path


def sort_scan(
    pages: Sequence[PageImage],
    layout: Layout | None,
    known: Known,
    laid: Sequence[Sequence[Laid]] = (),
) -> Sorted:
    """The pages of a scan sorted, and what of its layout may be read.

    Args:
        pages: of one scan.
        layout: where the book's form was laid on them; None where it could not be.
        known: forms, thresholds, and the reader for totals.
        laid: other papers whose edges show on each page.
    """
    limits = known.thresholds
    trusted = (
        layout is not None
        and bool(layout.cells)
        and layout.confidence >= limits.layout.min_page_confidence
    )
    seen = tuple(slashes(page.grey, page.dpi, pale=True) for page in pages)
    strokes = [tuple(stroke for stroke in own if not stroke.pale) for own in seen]
    struck = crossed_pages(pages, strokes)
    sorts = sort_pages(
        pages,
        layout,
        known.forms,
        known.form,
        limits.pages,
        trusted=trusted,
        crossed=struck,
        laid=laid,
    )
    infos: list[PageInfo] = []
    unread: set[int] = set()
    for number, (page, (sort, tokens)) in enumerate(zip(pages, sorts, strict=True)):
        if sort.page_class is PageClass.BLANK and _runs_through(page, strokes[number]):
            sort = replace(sort, page_class=PageClass.CROSSED, probability=_CROSSED)
        if sort.page_class is PageClass.STATEMENT:
            sort = replace(sort, totals=read_totals(page, tokens, known))
        elif trusted and layout is not None and struck[number]:
            own = [cell for cell in layout.cells if cell.page == number]
            if own:
                unread.add(number)
                sort = _crossed_out(page, own, strokes[number], known)
        if sort.page_class is PageClass.SLIP:
            unread.add(number)  # what its boxes hold belongs to another paper
        infos.append(_info(page, sort))
    left = None
    if trusted and layout is not None:
        cells = tuple(cell for cell in layout.cells if cell.page not in unread)
        ticks = tuple(tick for tick in layout.ticks if tick.page not in unread)
        left = replace(layout, cells=cells, ticks=ticks) if cells else None
    reasons = dict.fromkeys(reason for info in infos for reason in info.reasons)
    return Sorted(tuple(infos), left, describe_reasons(tuple(reasons)), seen)


def _runs_through(page: PageImage, strokes: Sequence[Slash]) -> bool:
    """True where a stroke runs over most of a page on which nothing else stands.

    An empty page is straightened by its stroke at times, and then it runs from corner to corner
    no more.
    """
    height = page.grey.shape[0]
    return any(stroke.y1 - stroke.y0 >= _MOST_OF_PAGE * height for stroke in strokes)


def read_totals(page: PageImage, tokens: Sequence[Token], known: Known) -> tuple[Total, ...]:
    """The totals of a closing statement, read like any other cell."""
    layout, places = total_cells(page, tokens)
    if not layout.cells:
        return ()
    readings = [seen for _, seen in read_cells((page,), layout, known.reader, known.config)]
    return tuple(
        total_of(
            place.what,
            readings[place.digits] if place.digits >= 0 else None,
            readings[place.words] if place.words >= 0 else None,
            named=place.named,
        )
        for place in places
    )


def _crossed_out(
    page: PageImage, cells: list[Cell], strokes: Sequence[Slash], known: Known
) -> PageSort:
    """``crossed`` for a page of the form with strokes from corner to corner.

    A filled page that was crossed out goes to a person: what stands under the strokes would be
    read wrongly, and somebody has to say that its entries are void.
    """
    bare = replace(page, grey=_without(page, strokes))
    here = Layout("", tuple(replace(cell, page=0) for cell in cells), 1.0, 1)
    inked = float(np.mean([not crop.blank for crop in cell_crops((bare,), here, known.config)]))
    reasons = (CROSSED_ENTRIES,) if inked >= _FILLED else ()
    return PageSort(PageClass.CROSSED, _CROSSED, reasons)


def _without(page: PageImage, strokes: Sequence[Slash]) -> Grey:
    grey = page.grey.copy()
    wide = round(_STROKE_MM * page.dpi / 25.4)
    for stroke in strokes:
        ends = ((round(stroke.x0), round(stroke.y0)), (round(stroke.x1), round(stroke.y1)))
        cv2.line(grey, *ends, PAPER, wide)
    return grey


def without_entries(
    infos: Sequence[PageInfo], readings: Sequence[tuple[Cell, Reading]]
) -> tuple[PageInfo, ...]:
    """Pages of the form on which no entry stands are blank, not pages of entries.

    Specks in a box or two make no entry: the same rule says so for single rows.
    """
    boxed = {cell.page for cell, _ in readings}
    entries: dict[int, list[tuple[Cell, Reading]]] = defaultdict(list)
    for cell, reading in readings:
        entries[cell.entry].append((cell, reading))
    filled = {
        cell.page
        for cells in entries.values()
        if is_entry(cells)
        for cell, reading in cells
        if not reading.blank
    }
    return tuple(
        replace(info, page_class=PageClass.BLANK, class_probability=_CROSSED)
        if number in boxed - filled and info.page_class is PageClass.ENTRIES
        else info
        for number, info in enumerate(infos)
    )


def _info(page: PageImage, sort: PageSort) -> PageInfo:
    return PageInfo(
        side=page.side,
        page_class=sort.page_class,
        to_scan=page.to_scan,
        width=page.grey.shape[1],
        height=page.grey.shape[0],
        dpi=page.dpi,
        rotation=page.rotation,
        skew=page.skew,
        class_probability=sort.probability,
        reasons=sort.reasons,
        totals=sort.totals,
    )
