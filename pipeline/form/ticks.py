"""Boxes to tick: the small printed square before a label, in the book's frame and on a page.

The labels tell roughly where the squares are; the print that all pages share shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.impression import correlation, impression, summit
from pipeline.form.pitch import Label
from pipeline.form.registration import Box
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.form.warp import Warp
from pipeline.types import Grey, PageImage, TickBox

MM = MM_PER_INCH / READ_DPI
_SIZES_MM = (2.4, 2.7, 3.0, 3.4, 3.8, 4.4)
"""Sides of the printed squares that are looked for."""
_USUAL_MM, _USUAL_GAP_MM = 3.0, 1.5
_BEFORE_MM, _INTO_MM = 8.0, 6.5
"""So far before its label a square may begin, and end behind its beginning: readers often take
the square for the label's first letter."""
_SEEN = 0.45
"""Likeness from which a square is taken to be there."""
_COVERED = 0.95
"""A square that cannot be told under its mark still lies where the form's other print says."""
_STRAYS_MM = 1.6
"""How far a square may lie from where the form's other print says."""


@dataclass(frozen=True)
class TickPlace:
    """A printed square in the frame, mm; ``trust`` 0..1 that it is there."""

    entry: int
    field: str
    choice: str
    box: Box
    trust: float


def tick_places(form: Form, labels: Sequence[Label], ink: Grey) -> tuple[TickPlace, ...]:
    """Squares before the labels of a form that are to be ticked.

    Args:
        form: with or without such items.
        labels: found in the frame.
        ink: print that the pages share, at ``READ_DPI``.
    """
    asked = [label for label in labels if form.items[label.item].ticks]
    if not asked:
        return ()
    sizes = [_square_before(ink, label, _SIZES_MM) for label in asked]
    # One press, one square: the size that most of them show.
    clear = [size for score, size, *_ in sizes if score >= _SEEN]
    size = float(np.median(clear)) if clear else _USUAL_MM
    found = [_square_before(ink, label, (size,)) for label in asked]
    gaps = [
        label.x0 - (x + size)
        for label, (score, _, x, _) in zip(asked, found, strict=True)
        if score >= _SEEN
    ]
    gap = float(np.median(gaps)) if gaps else _USUAL_GAP_MM
    places = []
    for label, (score, _, x, y) in zip(asked, found, strict=True):
        item = form.items[label.item]
        seen = score >= _SEEN
        left = x if seen else label.x0 - gap - size
        top = y if seen else label.baseline - size
        trust = label.trust * (1.0 if seen else 0.5)
        box = (left, top, left + size, top + size)
        places.append(TickPlace(label.entry, item.ticks, item.choice, box, min(1.0, trust)))
    return tuple(places)


def _square_before(
    ink: Grey, label: Label, sizes: Sequence[float]
) -> tuple[float, float, float, float]:
    """Likeness, side and upper left corner (mm) of the square that is best seen."""
    area = (
        label.x0 - _BEFORE_MM,
        label.baseline - max(sizes) - 2.0,
        label.x0 + _INTO_MM,
        label.baseline + 2.5,
    )
    return max(_square(ink, area, size) for size in sizes)


def _square(ink: Grey, area: Box, size: float) -> tuple[float, float, float, float]:
    left, top = max(0, round(area[0] / MM)), max(0, round(area[1] / MM))
    window = ink[top : round(area[3] / MM), left : round(area[2] / MM)]
    patch = _outline(size)
    if window.shape[0] <= patch.shape[0] or window.shape[1] <= patch.shape[1]:
        return (0.0, size, 0.0, 0.0)
    x, y, score = summit(correlation(window, patch))
    rim = _RIM_PX
    return (score, size, (left + x + rim) * MM, (top + y + rim) * MM)


_RIM_PX = 3


def _outline(size: float) -> Grey:
    """A square as it is printed, with white around it and in it."""
    side = round(size / MM)
    patch = np.zeros((side + 2 * _RIM_PX, side + 2 * _RIM_PX), np.uint8)
    ends = (_RIM_PX, _RIM_PX), (_RIM_PX + side - 1, _RIM_PX + side - 1)
    cv2.rectangle(patch, *ends, 200, 2)
    return np.asarray(cv2.GaussianBlur(patch, (0, 0), 0.7), np.uint8)


def ticks_on_page(
    places: Sequence[TickPlace], warp: Warp, page: PageImage, number: int, entries: int
) -> tuple[TickBox, ...]:
    """The squares on a page that lies under the form, each drawn to its print.

    Args:
        places: in the frame.
        warp: frame to page, mm.
        page: upright.
        number: of the page on its scan.
        entries: on the pages before it.
    """
    if not places:
        return ()
    ink = impression(page.grey, page.dpi, READ_DPI)
    boxes = []
    for place in places:
        x0, y0, x1, _ = place.box
        size = x1 - x0
        at = warp.apply([(x0, y0)])[0]
        area = (
            float(at[0]) - _STRAYS_MM - _RIM_PX * MM,
            float(at[1]) - _STRAYS_MM - _RIM_PX * MM,
            float(at[0]) + size + _STRAYS_MM + _RIM_PX * MM,
            float(at[1]) + size + _STRAYS_MM + _RIM_PX * MM,
        )
        score, _, left, top = _square(ink, area, size)
        if score < _SEEN:
            left, top = float(at[0]), float(at[1])
        scale = page.dpi / MM_PER_INCH
        corners = ((left, top), (left + size, top), (left + size, top + size), (left, top + size))
        boxes.append(
            TickBox(
                page=number,
                entry=entries + place.entry,
                field=place.field,
                choice=place.choice,
                polygon=tuple((x * scale, y * scale) for x, y in corners),
                confidence=place.trust * (1.0 if score >= _SEEN else _COVERED),
            )
        )
    return tuple(boxes)
