"""A printed sheet in millimetres: labels, strokes, and slots where a clerk writes.

x runs right, y down, from the top left corner of the paper. A sheet knows nothing of
pixels, ink or wear; ``pen`` draws it and ``wear`` ages it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from samples.fonts import face

MM_PER_INCH = 25.4
_REFERENCE_PX = 400.0


@dataclass(frozen=True)
class Label:
    """Printed text. ``y`` is the baseline; ``size`` the em; ``anchor`` l, m or r."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    anchor: str = "l"


@dataclass(frozen=True)
class Stroke:
    """A printed rule (``style`` solid), dotted leader (dots), or a rule drawn by hand (hand)."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    style: str = "solid"


@dataclass(frozen=True)
class WritingLine:
    """One line to write on: from ``x0`` to ``x1`` on ``baseline``."""

    x0: float
    x1: float
    baseline: float


@dataclass(frozen=True)
class Slot:
    """The place of one field: its outline (left, top, right, bottom) and its lines."""

    field: str
    box: tuple[float, float, float, float]
    lines: tuple[WritingLine, ...]
    centred: bool = False


@dataclass(frozen=True)
class Tick:
    """A printed box to tick: the field and the value it stands for, its label, its outline."""

    field: str
    choice: str
    label: str
    box: tuple[float, float, float, float]


@dataclass
class Sheet:
    """A printed page, or an opening of two. ``entries`` holds the slots entry by entry."""

    width: float
    height: float
    labels: list[Label] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    entries: list[tuple[Slot, ...]] = field(default_factory=list)
    ticks: list[tuple[Tick, ...]] = field(default_factory=list)
    """Boxes to tick, entry by entry; empty where the form has none."""
    signatures: list[tuple[float, float]] = field(default_factory=list)
    """Where people sign (centres); the office stamps the last."""
    gutter: float | None = None
    """x of the fold of an opening."""
    spine: str = "left"
    """Which edge of a single page is bound."""


@lru_cache(maxsize=8192)
def text_width(text: str, family: str, bold: bool = False) -> float:
    """Width of a text in ems."""
    return float(face(family, _REFERENCE_PX, bold).getlength(text)) / _REFERENCE_PX
