"""Boxes for notes in the margin, a column beside the whole entry.

A note missed is worse than a box too many, so every entry of a form with such a column gets a
box. Where its label and the rule beside it show, they bound it; outwards too, for a label stands
over the middle of its column. Where they do not, the paper beside the entry's labels is taken
whole, and the box is less trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pipeline.form.align import Match
from pipeline.form.boxes import FieldBox
from pipeline.form.pitch import Label, line_pitch
from pipeline.form.preview import margin_side
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI
_INK = 45
"""Darker than grain, lighter than a pale rule."""
_WOBBLE_MM = 0.7
"""So far a rule strays from upright on a frame that is straight in height only."""
_RULED = 0.55
"""Share of the entry's height a rule must cover."""
_ABOVE_MM = 12.0
"""The column may begin so much above the entry's first label."""
_APART_MM = 9.0
"""So near to the entry its rule stands; further away the edge of the paper looks like one."""
_UNCLEAR_MM = 8.0
"""Room left and right that differs by less does not tell the margin's side."""
_EDGE_MM = 3.0
"""Nearer to the edge of the paper nobody writes."""
_LEAST_MM = 12.0
"""A narrower column bears no notes."""
_SPARE_MM = 0.5
"""Lines of an entry are taken to end so much too late where nothing bounds them (measured)."""
_SCORE = 0.7
_BELOW_LABEL_MM = 1.5
_ROOM_MM = 2.0
"""Notes may reach so far over where their column should end outwards."""
_UNRULED_MM = 2.0
"""A rule that is not seen stands so much further from the entry than the box begins."""
_SEEN, _GUESSED = 0.95, 0.6
"""Trust in a box bounded by a rule, and in one taken by its place alone."""


@dataclass(frozen=True)
class _Area:
    """An entry with all the paper it may have, mm."""

    labels: tuple[Label, ...]
    fields: tuple[FieldBox, ...]
    top: float
    bottom: float


@dataclass(frozen=True)
class _Column:
    """What is printed of an entry's column, mm: its label and its rule."""

    area: _Area
    label: tuple[float, float, float, float] | None
    ruled: bool
    edge: float
    """The side of the column beside the entry: its rule, where one is seen."""
    seen: bool
    """Whether the entry's own label and rule are."""


def margin_boxes(
    form: Form,
    found: Sequence[Match],
    labels: Sequence[Label],
    fields: Sequence[FieldBox],
    ink: Grey,
) -> tuple[FieldBox, ...]:
    """A box for each field in the margin of each entry.

    Args:
        form: with or without such items.
        found: candidates of all labels, mm; ``slot`` is the item.
        labels: of the entries, found in order.
        fields: boxes of the other fields.
        ink: common print at ``READ_DPI``.
    """
    items = [n for n, item in enumerate(form.items) if item.column == "margin" and item.field]
    if not items or not labels:
        return ()
    width, height = ink.shape[1] * MM, ink.shape[0] * MM
    matches = [match for match in found if match.slot in items and match.score >= _SCORE]
    side = _side(form, matches, labels, fields, width)
    boxes: list[FieldBox] = []
    areas = _areas(labels, fields, height)
    for item in items:
        of_item = [m for m in found if m.slot == item]
        columns = [_column(_beside(of_item, area, side), area, side, ink, width) for area in areas]
        told = [_alike(one, columns) for one in columns]
        boxes += [box for one in told if (box := _box(form, item, one, side, width))]
    return tuple(boxes)


def _side(
    form: Form,
    matches: Sequence[Match],
    labels: Sequence[Label],
    fields: Sequence[FieldBox],
    width: float,
) -> str:
    """On which side this press has its margin: where its label stands, else where room is left."""
    left = float(np.percentile([one.x0 for one in labels], 10))
    right = max((one.box[2] for one in fields), default=max(one.x1 for one in labels))
    beside = [match for match in matches if match.x1 < left + 1 or match.x0 > right - 1]
    if beside:
        best = max(beside, key=lambda match: match.score)
        return "left" if best.x1 < left + 1 else "right"
    more = left - (width - right)
    if abs(more) < _UNCLEAR_MM:
        return margin_side(form)
    return "left" if more > 0 else "right"


def _areas(labels: Sequence[Label], fields: Sequence[FieldBox], height: float) -> list[_Area]:
    """Entries from the top; each reaches down to where the next one begins."""
    numbers = sorted({label.entry for label in labels})
    own = [tuple(label for label in labels if label.entry == entry) for entry in numbers]
    tops = [max(0.0, min(one.y0 for one in part) - _ABOVE_MM) for part in own]
    # Entries of a page are as high as one another; what is left below the last is bare paper.
    last = tops[-1] + max((b - a for a, b in pairwise(tops)), default=height)
    ends = [*tops[1:], min(last, height - _EDGE_MM)]
    return [
        _Area(part, tuple(f for f in fields if f.entry == entry), top, end)
        for entry, part, top, end in zip(numbers, own, tops, ends, strict=True)
    ]


def _beside(found: Sequence[Match], area: _Area, side: str) -> Match | None:
    """The column's label: beside the entry, near its top."""
    starts = [label.x0 for label in area.labels]
    edge = float(np.percentile(starts, 10 if side == "left" else 100))
    near = [
        match
        for match in found
        if match.score >= _SCORE
        and area.top - _ABOVE_MM < match.middle < area.top + 0.4 * (area.bottom - area.top)
        and (match.x1 < edge if side == "left" else match.x0 > edge)
    ]
    return max(near, key=lambda match: match.score, default=None)


def _column(label: Match | None, area: _Area, side: str, ink: Grey, width: float) -> _Column:
    """What is printed of the column beside an entry."""
    left = float(np.percentile([one.x0 for one in area.labels], 10))
    right = max((f.box[2] for f in area.fields), default=max(one.x1 for one in area.labels))
    heights = (min(one.y0 for one in area.labels), max(one.baseline for one in area.labels))
    if side == "left":
        window = (max(left - _APART_MM, label.x1 if label else 0.0), left + _WOBBLE_MM)
        edge = left - 1.0
    else:
        window = (right - _WOBBLE_MM, min(right + _APART_MM, label.x0 if label else width))
        edge = right - _SPARE_MM
    rule = _upright(ink, window, heights)
    place = (label.x0, label.y0, label.x1, label.y1) if label else None
    seen = rule is not None and place is not None
    return _Column(area, place, rule is not None, edge if rule is None else rule, seen)


def _alike(column: _Column, all_: Sequence[_Column]) -> _Column:
    """A column with what wear took of it and left of another entry's: they are printed alike."""
    for other in all_:
        down = _top(column.area) - _top(other.area)
        if column.label is None and other.label is not None:
            x0, y0, x1, y1 = other.label
            column = replace(column, label=(x0, y0 + down, x1, y1 + down))
        if not column.ruled and other.ruled:
            column = replace(column, ruled=True, edge=other.edge)
    return column


def _top(area: _Area) -> float:
    return min(one.baseline for one in area.labels)


def _box(form: Form, item: int, column: _Column, side: str, width: float) -> FieldBox | None:
    area, label = column.area, column.label
    x0, x1 = (_EDGE_MM, column.edge) if side == "left" else (column.edge, width - _EDGE_MM)
    if label is not None:
        # It stands over the middle of the column, and is no wider.
        beyond = 0.0 if column.ruled else _UNRULED_MM
        if side == "left":
            x0 = max(x0, min(label[0] + label[2] - column.edge + beyond, label[0]) - _ROOM_MM)
        else:
            x1 = min(x1, max(label[0] + label[2] - column.edge - beyond, label[2]) + _ROOM_MM)
    if x1 - x0 < _LEAST_MM:
        return None
    y0 = label[3] + _BELOW_LABEL_MM if label else area.top
    lines = round((area.bottom - y0) / line_pitch(area.labels, ()))
    most = form.items[item].lines
    return FieldBox(
        area.labels[0].entry,
        form.items[item].field,
        (x0, y0, x1, area.bottom),
        label or (0.0, 0.0, 0.0, 0.0),
        max(1, min(most, lines)),
        _SEEN if column.seen else _GUESSED,
        margin=True,
    )


def _upright(ink: Grey, window: tuple[float, float], heights: tuple[float, float]) -> float | None:
    """Where the line stands (mm) that covers most of the heights within a stretch, if any."""
    left, right = round(max(0.0, window[0]) / MM), round(window[1] / MM)
    top, bottom = round(max(0.0, heights[0]) / MM), round(heights[1] / MM)
    dark = ink[top:bottom, left:right] > _INK
    if dark.shape[1] < 3 or bottom <= top:
        return None
    half = round(_WOBBLE_MM / MM)
    cover = np.array(
        [
            dark[:, max(0, at - half) : at + half + 1].any(axis=1).mean()
            for at in range(dark.shape[1])
        ]
    )
    if cover.max() < _RULED:
        return None
    # Where several columns see it alike, it stands in their middle.
    seen = np.flatnonzero(cover >= 0.97 * cover.max())
    return float((left + int(seen[len(seen) // 2]) + 0.5) * MM)
