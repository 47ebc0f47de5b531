"""What is read in the boxes, what it means, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.types.scans import Grey, Matrix, PageClass, Polygon, Quality, Side, Total


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
    margin: bool = False
    """Cut from the margin beside an entry, where most pages have nothing."""
    deleted: Crop | None = None
    """Struck-out text that stood in the cell too, below what this picture shows."""
    crosses: bool = False
    """Writing runs on over the right edge of the cell."""
    over_mm: float = 0.0
    """So far beyond the cell's right edge its writing was followed."""
    overrun: bool = False
    """Writing of the cell on the left runs over into this one."""
    torn: bool = False
    """Letters that hang together with the row above or below were left out."""
    faint: Grey | None = None
    """Of a grainy cell: its writing with all ink near it, pale marks and grain, of one shape with
    ``image``."""
    grain: float = 0.0
    """How deep, in grey levels, the grain in ``faint`` is."""


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
    unlearned: tuple[str, float] | None = None
    """What the net reads without what it has learned of the book, and its least sure word; None
    where it has learned nothing."""
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
