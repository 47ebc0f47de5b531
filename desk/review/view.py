"""An entry as its page shows it: plain values for the template and for the page's script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from desk.pictures.crops import ABOVE_MM, ASIDE_MM
from desk.pictures.pyramid import TILE, first_level, top_level
from desk.pictures.sheet import Sheet, box_of
from desk.review.choices import Choice, choices
from desk.review.marks import told
from desk.review.places import places_now
from desk.review.shown import (
    BEGINS_WITH_DIGIT,
    DATES,
    STATES,
    in_language,
    in_words,
    label_of,
    type_of,
    typed,
)
from models.reviewing import Hold, ReviewEntry, ReviewField
from models.states import Task
from models.voiding import READER as BY_HAND
from pipeline.checks.rules import RULES
from pipeline.checks.voids import VOIDED
from pipeline.fields import FieldType
from pipeline.page.scale import MM_PER_INCH
from pipeline.places import Gazetteer
from pipeline.types import Finding, Polygon, ValueState
from pipeline.values.context import Context

_WIDE = 2.6
"""An entry so much wider than high is a row of a ledger: its page lies above the fields."""
_TALL = 2.0
"""A field so much higher than wide is a margin."""
_SMALL_PIXELS_A_MM = 3.6
_HEAD_MM = 34.0
"""Most that headings of a table and their printed numbers take above its first row."""

Address = Callable[[str, int, int, Polygon], str]
"""Kind, scan, page, polygon in scan pixels -> path of the picture."""


@dataclass(frozen=True)
class Rect:
    """A box in pixels of the shown page."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class FieldView:
    """A field as it is shown. ``text`` is what stands in its input."""

    name: str
    label: str
    kind: str
    page: int
    rect: Rect
    crop: str
    crop_size: tuple[int, int]
    """Width and height of the crop in its row, CSS pixels; what is too much is cut off."""
    text: str
    state: str
    open: bool
    """Nothing has been said of it: neither a text nor what kind of nothing it is."""
    doubtful: bool
    by: str
    """Who said so: empty for the machine."""
    confidence: int
    """Per cent."""
    typing: str
    """``words`` or ``digits``: what its keys are for."""
    meaning: str
    findings: tuple[str, ...]
    choices: tuple[Choice, ...]
    keyed: tuple[tuple[str, str], ...] = ()
    """For the arbiter: texts and states of the two who differ."""
    whole: bool = False
    """Of the entry as a whole, or much higher than wide: the page shows it, no small crop can."""
    absent: bool = False
    """Not on the page and not on record: shown only once somebody says something in it."""


@dataclass(frozen=True)
class Head:
    """The headings of a table: their picture and its height in pixels of the shown page."""

    src: str
    h: float


@dataclass(frozen=True)
class PageView:
    """A page for the pane; its tiles lie below ``tiles``."""

    side: str
    width: int
    height: int
    dpi: float
    tile: int
    first: int
    top: int
    tiles: str
    head: Head | None


@dataclass(frozen=True)
class EntryView:
    """All that the page of an entry shows."""

    id: int
    version: int
    token: str
    task: str
    blind: bool
    wide: bool
    number: str
    book: str
    kind: str
    unit: str
    year: int
    scan: int
    scan_name: str
    position: int
    fields: tuple[FieldView, ...]
    findings: tuple[str, ...]
    """Those that speak of no field, or of all."""
    pages: tuple[PageView, ...]

    @property
    def doubtful(self) -> int:
        """How many fields ask for a person."""
        return sum(field.doubtful for field in self.fields)

    def data(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)


def context_of(entry: ReviewEntry, as_of: date) -> Context:
    """What is known of the book of an entry."""
    return Context(
        kind=entry.kind, year=entry.year, unit=entry.unit_name, unit_id=entry.unit_id, as_of=as_of
    )


def sheets_of(entry: ReviewEntry) -> tuple[Sheet, ...]:
    """The pages of an entry's scan as they are shown."""
    return tuple(
        Sheet(entry.scan.digest, at, page.to_scan, page.width, page.height, page.dpi)
        for at, page in enumerate(entry.pages)
    )


def entry_view(
    entry: ReviewEntry,
    hold: Hold,
    *,
    context: Context,
    gazetteer: Gazetteer,
    address: Address,
    first_rows: Sequence[float | None],
    language: str,
    boxes: Mapping[str, Sequence[str]] | None = None,
) -> EntryView:
    """What the page of an entry shows.

    Args:
        entry: as its holder may see it.
        hold: theirs.
        context: the book.
        gazetteer: loaded.
        address: makes addresses of pictures.
        first_rows: upper edge (shown pixels) of the first entry of each page, None where none is.
        language: ``vi`` or ``en``.
        boxes: values of the boxes that may be ticked on its form, by field.
    """
    sheets = sheets_of(entry)
    boxes = boxes or {}
    fields = tuple(
        _field(
            field, entry, sheets, context, gazetteer, address, language, boxes.get(field.field, ())
        )
        for field in entry.fields
    )
    wide = _is_wide(fields)
    pages = tuple(
        page_view(entry, at, sheet, address, first_rows[at] if wide else None)
        for at, sheet in enumerate(sheets)
    )
    everywhere = tuple(one for one in entry.findings if not one.fields)
    return EntryView(
        id=entry.id, version=entry.version, token=hold.token,
        # A test must look like any other blind keying.
        task=str(Task.SECOND if hold.blind else hold.task), blind=hold.blind, wide=wide,
        number=entry.number, book=entry.book_code,
        kind=str(entry.kind), unit=entry.unit_name, year=entry.year, scan=entry.scan_number,
        scan_name=entry.scan.name, position=entry.position + 1, fields=fields,
        findings=tuple(explained(one, language) for one in everywhere), pages=pages,
    )  # fmt: skip


def text_of(field: ReviewField) -> tuple[str, ValueState]:
    """Text and state that stand in a field: a person's words before the machine's."""
    value, state = field.shown
    if state in (ValueState.BLANK, ValueState.UNREADABLE):
        return "", state
    said = field.person_literal if field.person_state is not None else field.literal
    return typed(field.field, value) or said or "", state


def is_void(entry: ReviewEntry) -> bool:
    """Whether an entry stands as crossed out, by a person's word or the machine's."""
    said = (field.shown for field in entry.fields if field.field == VOIDED)
    return any(state is ValueState.WRITTEN or value is not None for value, state in said)


def explained(finding: Finding, language: str) -> str:
    """What a finding says in the language of the page."""
    rule = RULES.get(finding.rule)
    text = in_language(rule.text, language) if rule else finding.rule
    return f"{finding.rule}: {text}" + (f" ({finding.detail})" if finding.detail else "")


def meaning_of(
    field: str, value: str | None, context: Context, gazetteer: Gazetteer, language: str
) -> str:
    """What a value means to a person who checks it; empty where it says all by itself."""
    if not value:
        return ""
    kind = type_of(field)
    if kind in DATES:
        return in_words(value, language)
    if kind is FieldType.PLACE:
        return places_now(value, context, gazetteer, language)
    return ""


def _field(
    field: ReviewField,
    entry: ReviewEntry,
    sheets: Sequence[Sheet],
    context: Context,
    gazetteer: Gazetteer,
    address: Address,
    language: str,
    boxes: Sequence[str],
) -> FieldView:
    text, state = text_of(field)
    value, _ = field.shown
    unsaid = field.doubtful and not text and state is not ValueState.BLANK
    read = [(one.text, one.share) for one in field.candidates]
    # A mark that stands for the value above is no text that could stand here.
    meant = field.literal and state is not ValueState.DITTO
    if field.doubtful and meant and field.literal != text:
        read.insert(0, (field.literal, max((share for _, share in read), default=1.0)))
    kind = type_of(field.field)
    sheet = sheets[min(field.page, len(sheets) - 1)]
    (x0, y0), (x1, y1) = box_of(sheet.from_scan(field.polygon))
    spoke = [one for one in entry.findings if field.field in one.fields]
    return FieldView(
        name=field.field,
        label=label_of(field.field, language),
        kind=str(kind),
        page=field.page,
        rect=Rect(round(x0, 1), round(y0, 1), round(x1 - x0, 1), round(y1 - y0, 1)),
        crop=address("crop", entry.scan_id, field.page, field.polygon),
        crop_size=_small(x1 - x0, y1 - y0, sheet.shown_dpi),
        text=text,
        state=str(state),
        open=unsaid,
        doubtful=field.doubtful,
        by=field.person_by or "" if field.person_state is not None else "",
        confidence=round(100 * field.confidence),
        typing="digits" if kind in BEGINS_WITH_DIGIT and not boxes else "words",
        meaning=meaning_of(field.field, value, context, gazetteer, language),
        findings=(
            *(explained(one, language) for one in spoke),
            *(told(field.reasons, language) if field.doubtful else ()),
        ),
        choices=choices(field.field, text, read, context, gazetteer, language, boxes),
        keyed=tuple(
            (typed(field.field, said), in_language(STATES[kind], language))
            for said, kind in field.keyed
        ),
        whole=field.field == VOIDED or y1 - y0 > _TALL * (x1 - x0),
        absent=field.reader == BY_HAND and field.person_state is None,
    )


def _small(width: float, height: float, dpi: float) -> tuple[int, int]:
    """Size of a crop in a row, its rim included: the same scale for all, so hands compare."""
    share = _SMALL_PIXELS_A_MM * MM_PER_INCH / dpi
    aside, above = (2 * mm * _SMALL_PIXELS_A_MM for mm in (ASIDE_MM, ABOVE_MM))
    return max(8, round(width * share + aside)), max(8, round(height * share + above))


def _is_wide(fields: Sequence[FieldView]) -> bool:
    """True for a row of a table; judged on the page that holds most of its fields."""
    counts = [field.page for field in fields]
    if not counts:
        return False
    own = [field.rect for field in fields if field.page == max(set(counts), key=counts.count)]
    left, right = min(one.x for one in own), max(one.x + one.w for one in own)
    top, bottom = min(one.y for one in own), max(one.y + one.h for one in own)
    return right - left > _WIDE * (bottom - top)


def page_view(
    entry: ReviewEntry, at: int, sheet: Sheet, address: Address, first_row: float | None
) -> PageView:
    """A page for the pane; ``first_row`` is the upper edge of its first entry, shown pixels."""
    width, height = sheet.size
    head = None
    if first_row is not None and first_row > 8:
        top = max(0.0, first_row - _HEAD_MM * sheet.shown_dpi / MM_PER_INCH)
        band = ((0.0, top), (0.0, first_row))
        head = Head(address("head", entry.scan_id, at, band), round(first_row - top, 1))
    return PageView(
        side=str(entry.pages[at].side), width=width, height=height,
        dpi=round(sheet.shown_dpi, 1), tile=TILE,
        first=first_level(width, height), top=top_level(width, height),
        tiles=address("tile", entry.scan_id, at, ()), head=head,
    )  # fmt: skip
