"""Cells and readings of one scan put together to entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from pipeline.checks.acceptance import load_bars
from pipeline.checks.decide import MARGIN_NOTE, decided
from pipeline.checks.ditto import from_fields_before, from_rows_above
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.nearby import with_nearby_places
from pipeline.checks.other_texts import texts_noted
from pipeline.checks.twins import with_twin_dates
from pipeline.checks.voids import with_void
from pipeline.checks.witnesses import SPELLING, weighed
from pipeline.errors import InputError
from pipeline.fields import FIELDS, FieldType
from pipeline.page.points import to_scan_polygon
from pipeline.places import Context as PlaceContext
from pipeline.places import Gazetteer, describe, resolve
from pipeline.places.spelled import (
    capitals_as_known,
    common_words_small,
    nearly_as_known,
    spelled_as_known,
)
from pipeline.reading.recognizer import BARE
from pipeline.reading.voids import VoidMark
from pipeline.settings import load_settings, load_thresholds
from pipeline.types import (
    Cell,
    Decision,
    EntryResult,
    FieldResult,
    Layout,
    PageImage,
    Reading,
    Value,
    ValueState,
)
from pipeline.values import Context
from pipeline.values.marks import is_ditto
from pipeline.values.nbest import value_of

_BLOCKS_ON_A_PAGE = 2
"""Most entries on a scan of a labelled form; more are rows of a ledger."""
_SURELY_READ = 0.5
_FILLED = 0.25


def is_ledger(layout: Layout, context: Context) -> bool:
    """True where a ditto means the row above, not the field before."""
    return layout.entries > _BLOCKS_ON_A_PAGE if context.ledger is None else context.ledger


def _value(
    cell: Cell, reading: Reading, context: Context, places: Gazetteer | None, readable: float
) -> Value:
    if reading.blank:
        return Value("", None, ValueState.BLANK)
    if not reading.text.strip() or reading.probability < readable:
        return Value(reading.text, None, ValueState.UNREADABLE)
    if reading.struck:
        # A deletion is no value; what stood there is kept for the person who looks.
        return Value(reading.text, None, ValueState.STRUCK)
    value = value_of(cell.field, reading, context)
    text = value.normalized
    if FIELDS[cell.field].type is not FieldType.PLACE or text is None:
        return value
    text = common_words_small(text, places)
    known = spelled_as_known(text, context.year, places)
    if not known and (mended := capitals_as_known(text, context.year, places)) != text:
        text, known = mended, spelled_as_known(mended, context.year, places)
    near = not known and nearly_as_known(text, context.year, places)
    spelling = SPELLING + ("known" if known else "near" if near else "other")
    noted = (one for one in (describe(text), spelling) if one)
    value = replace(value, normalized=text, reasons=(*value.reasons, *noted))
    try:
        answer = resolve(
            text,
            written_on=context.year,
            context=PlaceContext(context.place),
            as_of=context.as_of,
            gazetteer=places,
        )
    except InputError:
        # A reader's nonsense is no place, and no reason to lose the page.
        return replace(value, reasons=(*value.reasons, "no_place_text"))
    return replace(value, place=answer)


def _field(
    cell: Cell,
    reading: Reading,
    page: PageImage,
    context: Context,
    places: Gazetteer | None,
    readable: float,
) -> FieldResult:
    value = _value(cell, reading, context, places, readable)
    return FieldResult(
        field=cell.field,
        literal=value.literal,
        value=value.normalized,
        state=value.state,
        confidence=reading.probability * value.factor,
        raw_confidence=reading.confidence,
        decision=Decision.REVIEW,
        reader=reading.reader,
        page=cell.page,
        polygon=to_scan_polygon(page, cell.polygon),
        reasons=(
            *value.reasons,
            *texts_noted(reading),
            *reading.notes,
            *((MARGIN_NOTE,) if cell.margin and not reading.blank else ()),
        ),
        place=value.place,
    )


def is_entry(cells: Sequence[tuple[Cell, Reading]]) -> bool:
    """False for an empty row or half form on which only specks were taken for ink.

    An entry has a quarter of its cells filled, or its number and something else (a voided entry
    may have no more), or at least something that can surely be read. A box in doubt that is bare
    is not blank, it is unknown; but it speaks for no entry, or every row left over beside a
    doubtful column were one.
    """
    inked = [
        (c, reading) for c, reading in cells if not reading.blank and BARE not in reading.notes
    ]
    # A line drawn down through rows left over says "as above" in each and is no entry.
    said = (seen for _, seen in inked if seen.text.strip() and not is_ditto(seen.text))
    if any(seen.probability >= _SURELY_READ for seen in said):
        return True
    numbered = any(cell.field == "entry_number" for cell, _ in inked)
    return len(inked) > 1 and (numbered or len(inked) >= _FILLED * len(cells))


def with_number(entry: EntryResult) -> EntryResult:
    """The entry with the number its own field says."""
    number = next((f.value for f in entry.fields if f.field == "entry_number"), None)
    return replace(entry, number=number or "")


def build_entries(
    pages: Sequence[PageImage],
    layout: Layout,
    readings: Sequence[tuple[Cell, Reading]],
    context: Context,
    places: Gazetteer | None = None,
    voids: Sequence[VoidMark] = (),
) -> tuple[EntryResult, ...]:
    """Entries of one scan: values, places, findings, decisions.

    An entry all of whose cells are blank is none (an empty row, an empty half form). What only
    the book can tell is left to ``finish_book``.

    Args:
        pages: pages of the scan, as the cells count them.
        layout: says whether entries are rows of a ledger, unless the context does.
        readings: cells with what was read in them.
        context: the book.
        places: the gazetteer; the office's own by default.
        voids: strokes through entries.

    Returns:
        Entries in the order of the scan; polygons in scan pixels.
    """
    grouped: dict[int, list[tuple[Cell, Reading]]] = defaultdict(list)
    for cell, reading in readings:
        grouped[cell.entry].append((cell, reading))
    settings = load_settings()
    thresholds = load_thresholds(settings.config)
    bars = load_bars(settings.config, settings.resolved_home)
    readable = thresholds.decision.readable
    entries = tuple(
        EntryResult(
            index,
            "",
            tuple(
                _field(cell, seen, pages[cell.page], context, places, readable)
                for cell, seen in cells
            ),
        )
        for index, cells in sorted(grouped.items())
        if is_entry(cells)
    )
    if is_ledger(layout, context):
        entries = from_rows_above(entries, together=thresholds.evidence.ditto_run)
    else:
        entries = tuple(from_fields_before(entry) for entry in entries)
    struck = {mark.entry: mark for mark in voids}
    done: list[EntryResult] = []
    for entry in entries:
        placed = with_nearby_places(with_twin_dates(entry, context), context, places)
        heard = with_number(weighed(placed, thresholds.evidence))
        mark = struck.get(entry.index)
        if mark is None:
            heard = with_void(heard)
        else:
            around = to_scan_polygon(pages[mark.page], mark.polygon)
            heard = with_void(heard, mark.probability, mark.page, around)
        done.append(decided(heard, check_entry(heard, context), bars))
    return tuple(done)
