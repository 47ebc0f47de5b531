"""Where fields stand: cells, layouts, what a person moved, a book's form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.types.scans import PageClass, Polygon


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
    doubt: float = 1.0
    """What is left of the confidence, calibrated or not, where the page or the book speaks against
    an edge of the box: so rare that no fit could learn what it is worth."""


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
