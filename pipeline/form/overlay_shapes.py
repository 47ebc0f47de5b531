"""What was made of a scan as plain shapes: for a picture, and for whoever draws in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.fields import FIELDS
from pipeline.page.points import to_scan_polygon
from pipeline.types import Decision, EntryResult, Grey, Layout, PageImage, Point, Polygon

Colour = NDArray[np.uint8]

_COLOURS = {  # BGR
    Decision.ACCEPTED: (60, 150, 0),
    Decision.PERSON: (160, 60, 0),
    Decision.REVIEW: (0, 110, 240),
    Decision.UNREADABLE: (0, 0, 210),
    Decision.RESCAN: (0, 0, 210),
    Decision.BLANK: (150, 150, 150),
}
_UNDECIDED, _GRID, _PRINTED = (180, 60, 120), (200, 160, 40), (200, 120, 0)
_UNSURE = 0.95
"""Probability of its place below which a box is drawn twice, so that the eye goes there."""


@dataclass(frozen=True)
class Box:
    """One field of one entry, where it lies on the scan. Probabilities 0..1."""

    entry: int
    """Index on the scan, from 0."""
    number: str
    field: str
    label: str
    polygon: Polygon
    """Scan pixels, clockwise from the top left."""
    place: float | None
    """Probability that the place is right; None where the page was not placed again."""
    decision: str
    """As ``Decision``; empty where nothing was decided."""
    confidence: float | None
    """Probability that the value is right."""
    value: str
    printed: tuple[Polygon, ...] = ()


@dataclass(frozen=True)
class Overlay:
    """All that is drawn over a scan."""

    title: str
    confidence: float
    """Of the layout: the share of its boxes that may be taken to be right."""
    boxes: tuple[Box, ...]
    grid: tuple[tuple[Point, ...], ...] = ()
    """Edges of rows of a ledger over all its columns, scan pixels."""
    notes: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return asdict(self)


def overlay_of(
    pages: Sequence[PageImage],
    layout: Layout | None,
    entries: Sequence[EntryResult] = (),
    title: str = "",
) -> Overlay:
    """Shapes of a scan from its layout and from what was decided.

    Args:
        pages: of the scan; not used without a layout.
        layout: where the fields were found; None draws what is stored alone.
        entries: of the scan as the record has them, polygons in scan pixels.
        title: above the picture.
    """
    decided = {(entry.index, f.field): (entry, f) for entry in entries for f in entry.fields}
    boxes = []
    for cell in layout.cells if layout else ():
        entry, field = decided.pop((cell.entry, cell.field), (None, None))
        page = pages[cell.page]
        boxes.append(
            Box(
                cell.entry,
                entry.number if entry else "",
                cell.field,
                _label(cell.field),
                _rounded(to_scan_polygon(page, cell.polygon)),
                round(cell.confidence, 4),
                field.decision.value if field else "",
                round(field.confidence, 4) if field else None,
                (field.value or field.literal) if field else "",
                tuple(_rounded(to_scan_polygon(page, one)) for one in cell.printed),
            )
        )
    grid = _rows(boxes)
    for entry, field in decided.values():
        boxes.append(
            Box(
                entry.index, entry.number, field.field, _label(field.field),
                _rounded(field.polygon), None, field.decision.value, round(field.confidence, 4),
                field.value or field.literal,
            )
        )  # fmt: skip
    confidence = layout.confidence if layout else 0.0
    notes = layout.notes if layout else ()
    return Overlay(title, round(confidence, 4), tuple(boxes), grid, notes)


def _label(field: str) -> str:
    return FIELDS[field].label if field in FIELDS else field


def _rounded(polygon: Polygon) -> Polygon:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in polygon)


def _rows(boxes: Sequence[Box]) -> tuple[tuple[Point, ...], ...]:
    """Upper edges of entries whose boxes stand side by side, as rows of a ledger do."""
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        rows.setdefault(box.entry, []).append(box)
    lines = []
    for own in rows.values():
        if len(own) > 2 and all(len(box.polygon) == 4 for box in own):
            own.sort(key=lambda box: box.polygon[0])
            points = [point for box in own for point in box.polygon[:2]]
            if all(a[0] <= b[0] + 3 for a, b in pairwise(points)):
                lines.append(tuple(points))
    return tuple(lines)


def draw_overlay(grey: Grey, overlay: Overlay, *, names: bool = True) -> Colour:
    """The scan with its shapes: green accepted, blue a person's, orange for review, red unreadable.

    Each box carries entry, field, probability of its place and of its value; one whose place is
    doubtful has a second outline.
    """
    picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    thick = max(1, round(grey.shape[1] / 1400))
    size = max(0.7, grey.shape[1] / 2600)
    for line in overlay.grid:
        cv2.polylines(picture, [_pixels(line)], False, _GRID, thick, cv2.LINE_AA)
    for box in overlay.boxes:
        colour = _COLOURS[Decision(box.decision)] if box.decision else _UNDECIDED
        outline = _pixels(box.polygon)
        cv2.polylines(picture, [outline], True, colour, thick, cv2.LINE_AA)
        for printed in box.printed:
            cv2.polylines(picture, [_pixels(printed)], True, _PRINTED, thick, cv2.LINE_AA)
        if box.place is not None and box.place < _UNSURE:
            middle = outline.mean(axis=0)
            inner = np.round(middle + 0.9 * (outline - middle)).astype(np.int32)
            cv2.polylines(picture, [inner], True, _COLOURS[Decision.UNREADABLE], thick)
        if names:
            x, y = outline.min(axis=0).tolist()
            at = (x + 2 * thick, y + round(11 * size))
            cv2.putText(picture, _said(box), at, cv2.FONT_HERSHEY_PLAIN, size, colour, thick)
    # The drawing face has ASCII only; the texts beside the picture carry the Vietnamese.
    title = f"{overlay.title}  layout {overlay.confidence:.3f}"
    cv2.putText(
        picture, title, (10, round(18 * size)), cv2.FONT_HERSHEY_PLAIN, 1.3 * size, (0, 0, 0), thick
    )
    return np.asarray(picture, dtype=np.uint8)


def _said(box: Box) -> str:
    place = "" if box.place is None else f" {box.place:.2f}"
    value = "" if box.confidence is None else f"/{box.confidence:.2f}"
    return f"{box.number or box.entry + 1} {box.field}{place}{value}"


def _pixels(points: Sequence[Point]) -> NDArray[np.int32]:
    return np.round(np.array(points)).astype(np.int32)
