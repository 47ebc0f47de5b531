"""Books, scans and pages, and what sort of page is seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    ``blank_pages``, ``pages`` or ``unnamed`` (its label could not be read)."""
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
