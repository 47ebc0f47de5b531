"""Leaders gathered to rows: pieces of dotted line at one height.

What people write leaves level strokes too; rows that lie on no line of the form are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.form.pitch import Label
from pipeline.form.schema import Form

_STEP = 0.27
"""Share of the pitch by which a leader may miss the step of the lines."""
_RULED = 0.4
_NUMBER_MM, _WORN_NUMBER_MM = 33.6, 37.0
"""Room for a number and its year, where no leader tells how far it goes, or too short a one: its
end may be worn off on all pages. Presses draw it 28 to 42 mm long, up to 45 beside another; where
the lines of the page are broken, a short one is sooner a part of a long one."""
_WHOLE = 0.9
"""Share of their way that lines show which are not worn."""
_LINE_MM = 60.0
"""Lines so long tell."""
LONGEST_MM = 48.0
"""No press draws the line of a number longer, but for one across the whole page."""
_AT_MARGIN_MM, _ACROSS = 3.0, 0.3
"""So near to the margin of the other lines, and seen along such a share of the way, it runs on."""
_BROKEN_MM = 20.0
"""Wear breaks a leader by less; what stands further on is a title, or a seal."""


@dataclass(frozen=True)
class LeaderRow:
    """Pieces of leader at one height."""

    y: float
    spans: tuple[tuple[float, float], ...]


def ruled(form: Form, labels: Sequence[Label], rows: Sequence[LeaderRow], pitch: float) -> bool:
    """True where many labels are followed by a leader."""
    asked = [label for label in labels if form.items[label.item].field]
    followed = [
        any(
            abs(row.y - label.baseline) < 0.3 * pitch
            and any(b > label.x1 + 1 and b - a > 5 for a, b in row.spans)
            for row in rows
        )
        for label in asked
    ]
    return sum(followed) >= _RULED * len(asked)


def in_step(y: float, labels: Sequence[Label], pitch: float) -> bool:
    """True for a height a whole number of lines from the next label above or below.

    Writing leaves level strokes between the lines, above all on grainy paper.
    """
    above = [y - label.baseline for label in labels if label.baseline <= y]
    below = [label.baseline - y for label in labels if label.baseline > y]
    steps = [min(part) / pitch for part in (above, below) if part]
    return any(abs(step - round(step)) < _STEP for step in steps)


def joined(rows: list[LeaderRow], pitch: float) -> tuple[LeaderRow, ...]:
    """Rows of one height made one, from the top."""
    merged: list[LeaderRow] = []
    for row in sorted(rows, key=lambda row: row.y):
        if merged and row.y - merged[-1].y < 0.15 * pitch:
            last = merged[-1]
            weight = [sum(b - a for a, b in r.spans) for r in (last, row)]
            y = float(np.average([last.y, row.y], weights=weight))
            merged[-1] = LeaderRow(y, tuple(sorted((*last.spans, *row.spans))))
        else:
            merged.append(row)
    return tuple(merged)


def covered(spans: Sequence[tuple[float, float]], left: float, right: float) -> float:
    """Millimetres of ``left`` to ``right`` that spans lie over, those beyond not counted."""
    inside = [(max(a, left), min(b, right)) for a, b in spans if a > left - 3 and b < right + 3]
    return sum(max(0.0, b - a) for a, b in inside)


def number_room(rows: Sequence[LeaderRow], labels: Sequence[Label]) -> float:
    """Least width (mm) of a number's box, by how much is left of the lines of its page."""
    shown = []
    for row in rows:
        spans = sorted(row.spans)
        first, last = spans[0][0], max(b for _, b in spans)
        if last - first < _LINE_MM:
            continue
        near = [one for one in labels if abs(one.baseline - row.y) < 0.5 * (one.y1 - one.y0)]
        seen = sorted([*spans, *((one.x0 - 2, one.x1 + 3) for one in near)])
        bare, at = 0.0, first
        for a, b in seen:
            bare += max(0.0, min(a, last) - at)
            at = max(at, min(b, last))
        shown.append(1.0 - bare / (last - first))
    return _NUMBER_MM if not shown or np.mean(shown) > _WHOLE else _WORN_NUMBER_MM


def number_end(row: LeaderRow, begin: float, end: float, stop: float, room: float) -> float:
    """Where the box of a number ends that begins at a place: its leader is seen up to ``end``."""
    whole = min(end, unbroken(row, begin) or end)
    return max(whole, min(begin + room, stop))


def across(row: LeaderRow, begin: float, end: float, margin: float | None) -> bool:
    """Whether the leader of a number runs on to where the other lines of its entry end.

    Worn in long stretches it is that still: no title or seal ends just there.
    """
    if margin is None or margin - end > _AT_MARGIN_MM or end - begin < 2 * _NUMBER_MM:
        return False
    return covered(row.spans, begin, end) > _ACROSS * (end - begin)


def unbroken(row: LeaderRow, begin: float) -> float | None:
    """Where the leader that begins at a place ends, if one does."""
    end = begin
    for a, b in sorted(row.spans):
        if b > end and a - end < _BROKEN_MM:
            end = b
    return end if end > begin else None
