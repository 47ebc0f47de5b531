"""The values that travel, in the order in which they come into being.

All are frozen; what crosses a process border or enters the database is plain data
(no arrays). Lengths are pixels, angles degrees, probabilities 0..1. Polygons run
clockwise from the top left corner. *Scan pixels* are pixels of the image as it was
handed over; *page pixels* those of the upright, deskewed page cut out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Grey image, shape (height, width), 0 = black."""
Point = tuple[float, float]
Polygon = tuple[Point, ...]
Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""3 x 3 homography, row by row."""

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Kind(StrEnum):
    """Kind of register, coded as in the national file names."""

    BIRTH = "KS"
    MARRIAGE = "KH"
    DEATH = "KT"


# --- scan ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScanRef:
    """One image of a book: a file, or a page inside a PDF or multi-page TIFF.

    ``path`` is relative to the scan store; ``number`` counts from 1 inside the book;
    ``index`` from 0 inside the file; ``digest`` is the SHA-256 of the image's own bytes
    (of the embedded image where a PDF page is one), so that a second scan of the same
    file is recognised whatever it is wrapped in.
    """

    path: str
    index: int
    number: int
    digest: str
    name: str
    """What a person calls it: file name, with ``#3`` for the third page of a PDF."""


@dataclass(frozen=True)
class BookSource:
    """One row of a manifest, checked: a book and its scans in reading order."""

    path: str
    unit: str
    district: str
    kind: Kind
    year: int
    volume: str
    note: str
    scans: tuple[ScanRef, ...]
    digest: str
    """SHA-256 over the scans' digests in order."""
    unit_id: str = ""
    """Registering unit in the gazetteer (``pipeline.places``)."""


@dataclass(frozen=True)
class Scan:
    """Decoded image. ``dpi`` is what the file says, or what its size suggests for A4/A3 paper.

    ``to_file`` maps its pixels to those of the image as handed over: the same, but for a
    photograph whose page was put straight (``pipeline.page.photo``).
    """

    ref: ScanRef
    grey: Grey
    dpi: float
    to_file: Matrix = IDENTITY


class QualityFault(StrEnum):
    """Reasons to scan again."""

    BLURRED = "blurred"
    LOW_RESOLUTION = "low_resolution"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    CUT_EDGE = "cut_edge"
    SKEWED = "skewed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Quality:
    """Measured quality of a scan. ``faults`` is empty when it may be digitized."""

    sharpness: float
    """1 / mm: detail at the edges of ink, noise taken off (``pipeline.scan.quality``); 0 untold."""
    dpi: float
    dark_share: float
    bright_share: float
    ink_share: float
    blank: bool
    faults: tuple[QualityFault, ...] = ()


# --- page ---------------------------------------------------------------------------------------


class Side(StrEnum):
    """Which side of an opening a page is; ``single`` where a scan holds one page."""

    SINGLE = "single"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class PageImage:
    """Upright, deskewed, evenly lit page. ``to_scan`` maps page pixels to scan pixels."""

    grey: Grey
    dpi: float
    side: Side
    to_scan: Matrix
    rotation: int
    """Quarter turns undone, in degrees clockwise: 0, 90, 180 or 270."""
    skew: float
    """Degrees undone by deskewing."""


class PageClass(StrEnum):
    """What a page is."""

    ENTRIES = "entries"
    COVER = "cover"
    OPENING = "opening"
    """The opening statement: how many pages the book has, who numbered and signed them."""
    STATEMENT = "statement"
    """The closing statement with its totals (Thông tư 04/2020 Đ.36)."""
    BLANK = "blank"
    CROSSED = "crossed"
    """Struck through from corner to corner: left empty or void (Đ.35)."""
    INDEX = "index"
    SLIP = "slip"
    """A paper of another kind laid into the book."""
    OTHER = "other"


@dataclass(frozen=True)
class Total:
    """One number of a closing statement, as written in digits and in words."""

    what: str
    """``births``, ``marriages``, ``deaths``, ``entries`` (kind not said), ``corrections``,
    ``blank_pages`` or ``pages``."""
    value: int | None
    """None where neither digits nor words can be understood."""
    digits: str
    words: str
    sure: bool
    """Digits and words say the same, or the one that is there was surely read."""


@dataclass(frozen=True)
class PageSort:
    """What a page was taken for, and how surely. ``reasons`` are short codes."""

    page_class: PageClass
    probability: float
    reasons: tuple[str, ...] = ()
    totals: tuple[Total, ...] = ()


# --- form ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A place on a page that holds one field of one entry, in page pixels."""

    page: int
    """Index among the pages of the scan: 0, or 1 for the right page of an opening."""
    entry: int
    """Index of the entry on this scan, top to bottom."""
    field: str
    polygon: Polygon
    confidence: float
    lines: int = 1
    """Most lines of writing it is made for."""
    printed: tuple[Polygon, ...] = ()
    """Printed labels that lie inside the polygon, to be painted out before reading."""
    signs: tuple[float, ...] = ()
    """What speaks for and against the place, as ``pipeline.form.confidence`` names it."""
    margin: bool = False
    """For notes in a column beside the whole entry: never taken unseen."""


@dataclass(frozen=True)
class TickBox:
    """A printed square to tick: a mark in it gives ``field`` the value ``choice``. Page pixels."""

    page: int
    entry: int
    field: str
    choice: str
    polygon: Polygon
    confidence: float
    """That the square is there."""


@dataclass(frozen=True)
class Layout:
    """All cells of a scan. ``confidence`` gates reading: a wrong grid is worse than none."""

    form_id: str
    cells: tuple[Cell, ...]
    confidence: float
    entries: int
    page_class: PageClass = PageClass.ENTRIES
    notes: tuple[str, ...] = ()
    ticks: tuple[TickBox, ...] = ()


class EditKind(StrEnum):
    """What a person sets right about the places on a page."""

    CORNERS = "corners"
    """Where the four corners of the table, or of the printed part, lie on one page."""
    EDGE = "edge"
    """By how much an edge of a column, row or box lies elsewhere."""
    SPLIT = "split"
    """What was taken for one entry is two."""
    JOIN = "join"
    """What was taken for two entries, one after the other, is one."""


@dataclass(frozen=True)
class LayoutEdit:
    """A person's correction of a book's geometry, for scans ``first`` to ``last``.

    Corners: ``page`` and ``corners``. An edge of a ledger: ``side``, ``edge`` ("column" or "row")
    and ``index`` (from 0: the first rule); of a labelled form: ``field``, ``edge`` ("left",
    "right", "top" or "bottom") and ``index`` (entry on the page, from 0); moved by ``by_mm``.
    Split: ``index`` (entry on the scan, as counted after the corrections before this one), cut at
    ``share`` of its height, or, where that is 0, a second one with the same boxes ``across_mm``
    to the right and ``by_mm`` further down. Join: ``index`` and the one after it.
    """

    kind: EditKind
    first: int
    last: int
    """0: to the end of the book."""
    person: str
    page: int = 0
    corners: Polygon = ()
    """Scan pixels, clockwise from the top left."""
    side: str = ""
    edge: str = ""
    index: int = 0
    field: str = ""
    by_mm: float = 0.0
    """To the right, or down."""
    share: float = 0.0
    across_mm: float = 0.0

    def covers(self, number: int) -> bool:
        """Whether it holds for the scan of a number."""
        return self.first <= number and (self.last == 0 or number <= self.last)


@dataclass(frozen=True)
class BookForm:
    """The form of a book and the geometry its own pages taught.

    ``geometry`` is plain data (JSON), made by ``pipeline.form`` and read by nobody else.
    """

    form_id: str
    score: float
    """Share of the form's printed labels that were found in order, 0..1."""
    geometry: dict[str, Any]
    version: str
    learned_from: tuple[str, ...] = ()
    """Digests of the scans it was learned from."""
    others: tuple[BookForm, ...] = ()
    """Forms or presses of further parts of the book, each with its own geometry."""
    nearest: tuple[tuple[str, float], ...] = ()
    """Where no form fits (``form_id`` is empty): the likeliest ones with their scores."""
    edits: tuple[LayoutEdit, ...] = ()
    """What people set right, in the order in which they did."""


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Crop:
    """The picture of one cell: straight, grey, rules and dotted leaders taken out."""

    image: Grey
    dpi: float
    field: str
    lines: int = 1
    blank: bool = False
    ink_share: float = 0.0
    depth: float = 0.0
    """How much darker than its paper the ink was, in grey levels."""
    struck: bool = False
    """Lines run through nearly all of the writing."""


@dataclass(frozen=True)
class Word:
    """A word a reader saw, and how sure it was (0..1, the reader's own scale)."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Reading:
    """What a reader saw in a crop. ``text`` is NFC; its lines are joined by line feeds."""

    text: str
    words: tuple[Word, ...]
    confidence: float
    """Lowest word confidence, 0..1, as the reader gives it; 0 without words."""
    probability: float
    """Calibrated probability that ``text`` is exactly right."""
    reader: str
    """Name and version, e.g. ``tesseract-5.3.0/vie``."""
    blank: bool = False
    struck: bool = False
    """The writing is struck through; ``text`` is what can be read of it."""
    greedy: str = ""
    """What the ink alone says, where the reader weighs in what may stand in the field."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Likeliest texts with their shares, best first, where the reader gives them."""
    margin: float = 0.0
    """Share of the likeliest text less that of the next."""
    notes: tuple[str, ...] = ()
    """What else a person should know, e.g. ``stamped``; kept among the field's reasons."""


# --- values -------------------------------------------------------------------------------------


class ValueState(StrEnum):
    """The empty stays empty: what kind of nothing it is, or that it is something."""

    WRITTEN = "written"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    DITTO = "ditto"
    STRUCK = "struck"


@dataclass(frozen=True)
class PlaceCandidate:
    """One present-day unit that a written place may be, with the acts on the way there."""

    unit_id: str
    type: str
    name: str
    parent: str
    gso_code: str
    probability: float
    acts: tuple[str, ...] = ()


class PlaceStatus(StrEnum):
    """How sure a place answer is."""

    CERTAIN = "certain"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PlaceAnswer:
    """What a written place is on the target date ``as_of`` (ISO)."""

    status: PlaceStatus
    candidates: tuple[PlaceCandidate, ...]
    as_of: str


@dataclass(frozen=True)
class Value:
    """Meaning of a literal. ``normalized`` is None where the literal could not be understood.

    Dates are EDTF (``1974-12-05``, ``1974-12``, ``1974``), closed lists their Vietnamese name
    (``Nam``, ``Nữ``, ``Kinh``, ``Việt Nam``), numbers digits, all else cleaned NFC text.
    ``factor`` multiplies the reading's probability: below 1 where the literal breaks the
    field's grammar or had to be bent to fit it.
    """

    literal: str
    normalized: str | None
    state: ValueState
    factor: float = 1.0
    reasons: tuple[str, ...] = ()
    place: PlaceAnswer | None = None


# --- checks and entries -------------------------------------------------------------------------


class Severity(StrEnum):
    """An error blocks release, a warning goes to review."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What a rule has to say. ``fields`` are those it speaks against."""

    rule: str
    severity: Severity
    fields: tuple[str, ...]
    detail: str


class Decision(StrEnum):
    """What becomes of a field without a person, or that a person set it."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    RESCAN = "rescan"
    PERSON = "person"


@dataclass(frozen=True)
class FieldResult:
    """One field of one entry with all that is known of it. ``polygon`` is in scan pixels."""

    field: str
    literal: str
    value: str | None
    state: ValueState
    confidence: float
    """Calibrated probability that ``value`` is right."""
    raw_confidence: float
    decision: Decision
    reader: str
    page: int
    polygon: Polygon
    reasons: tuple[str, ...] = ()
    place: PlaceAnswer | None = None


@dataclass(frozen=True)
class EntryResult:
    """One registered event as found on a scan."""

    index: int
    number: str
    fields: tuple[FieldResult, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class PageInfo:
    """What is kept of a page once its pixels are gone."""

    side: Side
    page_class: PageClass
    to_scan: Matrix
    width: int
    height: int
    dpi: float
    rotation: int
    skew: float
    class_probability: float = 1.0
    """That ``page_class`` is right."""
    reasons: tuple[str, ...] = ()
    """Codes of what speaks for a person looking at the page, or of what was noticed on it."""
    totals: tuple[Total, ...] = ()
    """Of a closing statement."""


@dataclass(frozen=True)
class ScanResult:
    """All that digitizing one scan gave; what ``models.store.save_scan`` writes in one transaction.

    ``rescan`` tells that nothing was read because of ``quality.faults``; ``layout_ok`` that the
    boxes passed the gate (where they did not, entries are empty and the scan goes to a person).
    """

    digest: str
    quality: Quality
    pages: tuple[PageInfo, ...]
    form_id: str
    layout_confidence: float
    layout_ok: bool
    rescan: bool
    entries: tuple[EntryResult, ...]
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    """CPU seconds per stage."""
