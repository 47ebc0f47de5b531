"""Labels overlooked in one place that were read in another: the same words in the same print.

Dân tộc, Năm sinh, Quốc tịch are asked of several people on a form. Where one of them was not read
though its neighbours were, or was read where it cannot stand, its print is looked for between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.form.halves import moved
from pipeline.form.pitch import Label
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI
_ALIKE = 0.85
"""Likeness from which it is the same print: that reaches 0.92 to 0.99 on heavily worn books, other
words of one face 0.8 at most."""
_AROUND_MM = 0.7
"""Bare paper around a label is a part of its looks."""
_HIGHER_MM = 1.5
"""How far a row may rise or fall between two labels."""
_GAP_MM = 2.0
_ROOM_MM = 3.0
"""Labels closer than this leave no room for a field between them."""
_DOUBT = 0.3
"""What is left of the trust in a label that leaves none and is found nowhere else."""
_SOFT_MM = 0.25
_LEAST_INK = 25
_TRUST = 0.9

Span = tuple[float, float, float]
"""From, to, and baseline, mm."""


def found_again(labels: Sequence[Label], form: Form, ink: Grey) -> tuple[Label, ...]:
    """Labels with those whose print stands between two others, as it does where it was read.

    One that leaves the label before it no room is looked for anew, doubted where it is not found.

    Args:
        labels: of all entries, in the frame.
        form: whose labels they are.
        ink: common print at ``READ_DPI``.
    """
    soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), _SOFT_MM / MM), np.uint8)
    crowded = _crowded(labels, form)
    labels = [label for label in labels if label not in crowded]
    found = list(labels)
    for entry in sorted({label.entry for label in labels}):
        known = {label.item: label for label in labels if label.entry == entry}
        for item, part in enumerate(form.items):
            if item in known or not part.field or part.column == "margin":
                continue
            alike = [
                label
                for label in labels
                # A label may be worded as this one may be; its picture tells whether it is.
                if not label.inferred
                and not {*form.items[label.item].labels}.isdisjoint(part.labels)
            ]
            spans = list(_spans(item, known, form, ink.shape[1] * MM)) if alike else []
            best = max(
                (_seen(soft, label, span) for label in alike for span in spans),
                key=lambda seen: seen[0],
                default=None,
            )
            if best is not None and best[0] >= _ALIKE:
                known[item] = replace(best[1], entry=entry, item=item, trust=_TRUST)
                found.append(known[item])
    have = {(label.entry, label.item) for label in found}
    found += [
        replace(label, trust=label.trust * _DOUBT)
        for label in crowded
        if (label.entry, label.item) not in have
    ]
    return tuple(sorted(found, key=lambda label: (label.entry, label.item)))


def _crowded(labels: Sequence[Label], form: Form) -> list[Label]:
    """Labels so close behind another one that its field has no room: one was read in writing."""
    fields = [label for label in labels if form.items[label.item].field]
    return [
        label
        for label in fields
        for other in fields
        if other.entry == label.entry
        and other.item < label.item
        and abs(other.baseline - label.baseline) < 0.5 * (label.y1 - label.y0)
        and other.x0 < label.x0 < other.x1 + _ROOM_MM
    ]


def _spans(item: int, known: dict[int, Label], form: Form, width: float) -> Iterator[Span]:
    """Where on a row an item may stand: behind the one before it, or in front of the next."""
    column = form.items[item].column
    own = sorted(i for i in known if form.items[i].column == column)
    before = max((i for i in own if i < item), default=None)
    after = min((i for i in own if i > item), default=None)
    if before is None or after is None:
        return
    one, two = known[before], known[after]
    left = min(known[i].x0 for i in own)
    rows = [(one.x1 + _GAP_MM, width), (left - _GAP_MM, two.x0 - _GAP_MM)]
    if abs(one.baseline - two.baseline) < one.y1 - one.y0:
        rows = [(one.x1 + _GAP_MM, two.x0 - _GAP_MM)]
    for (x0, x1), at in zip(rows, (one, two), strict=False):
        ends = [
            label.x0 - _GAP_MM
            for label in known.values()
            if label.x0 > x0 and abs(label.baseline - at.baseline) < at.y1 - at.y0
        ]
        yield x0, min([x1, *ends]), at.baseline


def _seen(soft: Grey, label: Label, span: Span) -> tuple[float, Label]:
    """How much the likest print within a span is like a label's, and the label moved there."""
    x0, x1, baseline = span
    up, down = baseline - label.baseline - _HIGHER_MM, baseline - label.baseline + _HIGHER_MM
    near = _AROUND_MM
    own = _cut(soft, label.x0 - near, label.y0 - near, label.x1 + near, label.y1 + near)
    there = _cut(soft, x0, label.y0 - near + up, x1, label.y1 + near + down)
    small = there.shape[0] < own.shape[0] or there.shape[1] < own.shape[1]
    if not own.size or small or int(own.max()) < _LEAST_INK:
        return 0.0, label
    likeness = np.nan_to_num(cv2.matchTemplate(there, own, cv2.TM_CCOEFF_NORMED))
    _, best, _, (right, below) = cv2.minMaxLoc(likeness)
    dx = max(0.0, x0) + right * MM + near - label.x0
    dy = up + below * MM
    return float(best), moved(label, dx, dy)


def _cut(ink: Grey, x0: float, y0: float, x1: float, y1: float) -> Grey:
    rows, across = (slice(*(max(0, round(v / MM)) for v in ends)) for ends in ((y0, y1), (x0, x1)))
    return ink[rows, across]
