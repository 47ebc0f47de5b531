"""Boxes to tick: the small printed square before a label, in the book's frame and on a page.

The labels tell roughly where the squares are; the print that all pages share shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

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
_BEFORE_MM, _LEAST_GAP_MM = 8.0, 0.4
"""So far before its label a square may begin, and so far it ends before it."""
_BIN_MM = 0.8
"""Labels begin where readers say, give or take so much."""
_OFF_LINE_MM = 1.5
"""A square stands on its label's line, give or take so much."""
_WEAK = 0.25
"""Likeness below which a place does not vote."""
_LESS_LIKELY = 0.8
"""Worth of a square that a label begins with, to one before it."""
_UNSEEN = 0.5
"""Trust in a square that the common print does not show; ``_ON_PAGE`` where the page does."""
_ON_PAGE = 0.9
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


def tick_places(form: Form, labels: Sequence[Label], inks: Sequence[Grey]) -> tuple[TickPlace, ...]:
    """Squares before the labels of a form that are to be ticked.

    Args:
        form: with or without such items.
        labels: found in the frame.
        inks: print that the pages share, and each page's, at ``READ_DPI``: of two worn pages
            each has lost squares that the other still has.
    """
    asked = [label for label in labels if form.items[label.item].ticks]
    if not asked:
        return ()
    size, gap = _usual(inks, asked)
    places = []
    for label in asked:
        score, x, y = _nearest_hit(inks, label, size, gap)
        item = form.items[label.item]
        seen = score >= _SEEN
        left, top = (x, y) if score >= _WEAK else (label.x0 - gap, label.baseline - size)
        trust = label.trust * (1.0 if seen else _UNSEEN)
        box = (left, top, left + size, top + size)
        places.append(TickPlace(label.entry, item.ticks, item.choice, box, min(1.0, trust)))
    return tuple(places)


def _usual(inks: Sequence[Grey], labels: Sequence[Label]) -> tuple[float, float]:
    """Side of this press's squares, and how far before their labels they begin, mm.

    One press sets all of them alike, so that all labels vote: on a worn page letters look like
    squares here and there, but not at one distance from their labels.
    """
    best = (0.0, _USUAL_MM, _USUAL_MM + _USUAL_GAP_MM)
    for size in _SIZES_MM:
        seen = [_profile(inks, label, size) for label in labels]
        for gap in np.arange(size + _LEAST_GAP_MM, _BEFORE_MM, _BIN_MM / 2).tolist():
            hits = [_best_at(one, gap)[0] for one in seen]
            votes = sum(hit * hit for hit in hits if hit > _WEAK)
            if votes > best[0]:
                best = (votes, size, gap)
    return best[1], best[2]


def _nearest_hit(
    inks: Sequence[Grey], label: Label, size: float, gap: float
) -> tuple[float, float, float]:
    """Likeness and upper left corner (mm) of the square where a label's must be."""
    score, at, down = _best_at(_profile(inks, label, size), gap)
    return score, label.x0 + at, label.baseline + down


_Profile = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Places right of a label's beginning (mm), the best likeness there, and how far it lies below the
label's line."""


def _profile(inks: Sequence[Grey], label: Label, size: float) -> _Profile:
    left = max(0, round((label.x0 - _BEFORE_MM - 1.0) / MM))
    top = max(0, round((label.baseline - size - _OFF_LINE_MM) / MM) - _RIM_PX)
    right = round((label.x0 + size + 1.5) / MM) + _RIM_PX
    bottom = round((label.baseline + _OFF_LINE_MM) / MM) + _RIM_PX
    windows = [ink[top:bottom, left:right] for ink in inks]
    patch = _outline(size)
    if windows[0].shape[0] <= patch.shape[0] or windows[0].shape[1] <= patch.shape[1]:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    likeness = np.max([correlation(window, patch) for window in windows], axis=0).astype(np.float64)
    rows = likeness.argmax(axis=0)
    across = (left + _RIM_PX + np.arange(likeness.shape[1])) * MM - label.x0
    below = (top + _RIM_PX + rows) * MM - label.baseline
    best = np.asarray(likeness.max(axis=0), np.float64)
    return np.asarray(across, np.float64), best, np.asarray(below, np.float64)


def _best_at(profile: _Profile, gap: float) -> tuple[float, float, float]:
    """Likeness and place of the square that begins ``gap`` before a label, or with it.

    Readers often take the square for the label's first letter: then the label begins with it.
    """
    across, likeness, down = profile
    before, with_it = np.abs(across + gap) <= _BIN_MM, np.abs(across) <= _BIN_MM
    if not (before | with_it).any():
        return 0.0, -gap, 0.0
    # Mostly the label begins with its first letter, which is a little like a square too.
    weighed = np.where(before, likeness, np.where(with_it, _LESS_LIKELY * likeness, -1.0))
    at = int(np.argmax(weighed))
    return float(likeness[at]), float(across[at]), float(down[at])


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
                confidence=(
                    max(place.trust, _ON_PAGE) if score >= _SEEN else place.trust * _COVERED
                ),
            )
        )
    return tuple(boxes)
