"""From printed labels and leaders to the boxes of the fields, in the book's own frame.

A box runs from the end of its label to the next label on the line or the end of the leader; it is
one line pitch high, three quarters above the baseline. A field of several lines also covers the
leaders below it that no label claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.fields import FIELDS, FieldType
from pipeline.form.align import is_short
from pipeline.form.leader_rows import (
    LeaderRow,
    across,
    covered,
    in_step,
    joined,
    number_end,
    number_room,
    ruled,
)
from pipeline.form.leaders import Segment, chained
from pipeline.form.pitch import Label, leader_drop, line_pitch, pitch_at
from pipeline.form.schema import Form

ASCENT, DESCENT = 0.75, 0.25
"""Share of the line pitch above and below the baseline."""
_SAME_ROW = 0.38
"""Heights that differ by less than this share of the pitch are one row."""
_SNAP_MM = 10.0
"""Leaders that end this near the common right margin ended there before they wore off."""
_LONG = 12.0
"""Only pieces this long (mm) speak for a margin: the edge of the paper leaves shorter ones."""
_COMMON = 0.15
"""Share of the rows that must end at one place for it to be a margin."""
_SHARED = 0.4
"""The same, of the rows that end where most do."""
_NEAREST = 5
"""So many rows around a label tell where its own ends."""
_CONTINUED = 0.3
"""Share of the column that a further line covers: seals and signatures leave short strokes."""
_NO_LEADER = 0.4
_LEAST_MM, _NO_ROOM = 3.0, 0.3
"""A box without room for writing is the fault of a label or an end, and what that leaves of it."""
_UNTOLD, _UNSEEN = 0.3, 0.15
"""A box whose end its own line does not tell, and the share of it that may lack the line."""
APART = ("entry_number", "book_number")
"""The number of an entry stands by itself above the lines, often centred."""
_TOLD = 3
"""So many labels must stand behind a leader to tell how far from it."""
_INTO_MM = 2.0  # so far a label's print may seem to reach into its leader
_NAME_MM = 25.0
"""A shorter line with nothing behind it is what wear left of one for a name or place."""
SIGNING = ("clerk_full_name", "signer_full_name")
"""Whose titles stand under many an entry too, each over a signature."""


@dataclass(frozen=True)
class FieldBox:
    """Where a field is written: outline and label in the frame, mm."""

    entry: int
    field: str
    box: tuple[float, float, float, float]
    label: tuple[float, float, float, float]
    lines: int
    trust: float
    margin: bool = False
    """In a column beside the whole entry, where later changes are noted."""


def field_boxes(
    form: Form,
    labels: Sequence[Label],
    leaders: Sequence[Segment],
    width: float,
    strangers: Sequence[Label] = (),
) -> tuple[FieldBox, ...]:
    """Boxes of all fields whose labels are known; ``strangers`` are labels that no form knows."""
    pitch = line_pitch(labels, leaders)
    drop = leader_drop(labels, leaders, pitch)
    rows = [
        LeaderRow(
            float(np.median([y for s in chain for _, y in s.points])) - drop,
            tuple((s.x0, s.x1) for s in chain),
        )
        for chain in chained(leaders)
    ]
    rows = [row for row in rows if in_step(row.y, labels, pitch)]
    if not ruled(form, labels, rows, pitch):
        rows = []  # labels followed by bare paper: level strokes are no leaders here
    sheet = _Sheet(form, tuple(labels), tuple(strangers), joined(rows, pitch), pitch, width)
    return tuple(
        sheet.box(label)
        for label in labels
        if form.items[label.item].field and not sheet.is_caption(label)
    )


@dataclass(frozen=True)
class _Sheet:
    """Labels and leader rows of the whole page, asked for one field at a time."""

    form: Form
    labels: tuple[Label, ...]
    strangers: tuple[Label, ...]
    rows: tuple[LeaderRow, ...]
    pitch: float
    width: float

    def box(self, label: Label) -> FieldBox:
        item = self.form.items[label.item]
        right_of = self._next_on_row(label)
        row = self._row_at(label.baseline, label.x1)
        baseline = row.y if row else label.baseline
        gap = self._gap()
        begin = self._begin(label, row, gap)
        end = self._end(label, row, right_of, gap, begin)
        heights = [*(one.baseline for one in self.labels), *(one.y for one in self.rows)]
        pitch = pitch_at(label.baseline, heights, self.pitch)
        spans, bottom, lines = [(begin, end)], baseline, 1
        if right_of is None:
            below = self._continuation(label, baseline, pitch)
            for number, height in enumerate(below, 2):
                left, stop = self._column_span(label)
                spans.append((left, stop))
                bottom, lines = height, number
        spans = [span for span in spans if span[1] - span[0] > 3.0] or spans
        x0, x1 = min(s[0] for s in spans), max(s[1] for s in spans)
        return FieldBox(
            label.entry,
            item.field,
            (x0, baseline - ASCENT * pitch, x1, bottom + DESCENT * pitch),
            (label.x0, label.y0, label.x1, label.y1),
            lines,
            label.trust
            * self._followed(label, row)
            * (1.0 if x1 - x0 > _LEAST_MM else _NO_ROOM)
            * (1.0 if right_of or self._told(label, row, (begin, end)) else _UNTOLD),
        )

    def is_caption(self, label: Label) -> bool:
        """Whether a title stands over a signature: no line begins with it, and none follows it."""
        if self.form.items[label.item].field not in SIGNING or not self.rows:
            return False
        row = self._row_at(label.baseline, label.x1)
        # What begins before its end is the line above, or the signature; its strokes are short.
        spans = [(a, b) for a, b in row.spans if a > label.x1 - _INTO_MM] if row else []
        behind = [b - max(a, label.x1) for a, b in spans]
        return sum(behind) < _LONG and not self._regular(label)

    def _followed(self, label: Label, row: LeaderRow | None) -> float:
        """Less than 1 for a short label without the leader that the others have.

        Số is also a part of titles and values; longer labels do not turn up by chance.
        """
        if row is not None or not self.rows:
            return 1.0
        item = self.form.items[label.item]
        return _NO_LEADER if is_short(item.labels[0]) else 1.0

    def _told(self, label: Label, row: LeaderRow | None, box: tuple[float, float]) -> bool:
        """Whether its own line tells where the last box beside the number of an entry ends.

        Such rows end anywhere: neither their neighbours nor the margin speak for them.
        """
        if self._apart(label) or not self.rows or not self._apart(self._first_on_row(label)):
            return True
        begin, end = box
        seen = max((b for _, b in row.spans if begin < b <= end), default=begin) if row else begin
        return end - seen < _UNSEEN * (end - begin)

    def _column(self, label: Label) -> str:
        return self.form.items[label.item].column

    def _column_limits(self, label: Label) -> tuple[float, float]:
        """The stretch of the page that belongs to the label's column."""
        column = self._column(label)
        fold = self._fold()
        if not column or not self._side_by_side(fold):
            return 0.0, self.width
        return (0.0, fold) if column == "left" else (fold, self.width)

    def _side_by_side(self, fold: float) -> bool:
        """False where a press prints two persons one under another: no column ends their lines."""
        return all(label.x0 < fold for label in self.labels if self._column(label) == "left")

    def _fold(self) -> float:
        """Where the right column begins."""
        starts = [label.x0 for label in self.labels if self._column(label) == "right"]
        fields = [
            label.x0
            for label in self.labels
            if self._column(label) == "right" and self.form.items[label.item].field
        ]
        return min(fields or starts or [self.width / 2]) - 1.0

    def _next_on_row(self, label: Label) -> Label | None:
        limit = self._column_limits(label)[1]
        after = [
            other
            for other in (*self.labels, *self.strangers)
            if other is not label
            and abs(other.baseline - label.baseline) < _SAME_ROW * self.pitch
            and label.x1 - 1 < other.x0 < limit
        ]
        return min(after, key=lambda other: other.x0, default=None)

    def _row_at(self, height: float, after: float) -> LeaderRow | None:
        """The leader row of a label: at its height, with a piece right of it."""
        near = [
            row
            for row in self.rows
            if abs(row.y - height) < 0.3 * self.pitch and any(b > after + 1 for _, b in row.spans)
        ]
        return min(near, key=lambda row: abs(row.y - height), default=None)

    def _gap(self) -> float:
        """Usual distance from a label to its leader."""
        gaps = [
            a - label.x1
            for label in self.labels
            for row in [self._row_at(label.baseline, label.x1)]
            if row
            for a, _ in row.spans
            if -1.0 < a - label.x1 < 4.0
        ]
        return float(np.median(gaps)) if gaps else 1.0

    def _gap_before(self, gap: float) -> float:
        """Usual distance from a leader to the label behind it; ``gap`` where too few tell."""
        gaps = [
            min(near)
            for label in self.labels
            # What ends before the first of a column is a line of the other column.
            if self._first_on_row(label) is not label
            for row in [self._row_at(label.baseline, 0.0)]
            if row
            for near in [[label.x0 - b for _, b in row.spans if -1.0 < label.x0 - b < 6.0]]
            if near
        ]
        # Wear only adds to it.
        return float(np.percentile(gaps, 25)) if len(gaps) >= _TOLD else gap

    def _begin(self, label: Label, row: LeaderRow | None, gap: float) -> float:
        usual = label.x1 + gap
        starts = [a for a, _ in row.spans if abs(a - usual) < 2.0] if row else []
        return min(starts, key=lambda a: abs(a - usual), default=usual)

    def _margin(self, limits: tuple[float, float], label: Label) -> float | None:
        """Where the leaders around a label commonly end: in its entry, for pages lie askew."""
        top, bottom = self._heights(label.entry)
        height = label.baseline
        ends = [
            (
                max(
                    (b for a, b in row.spans if limits[0] < b <= limits[1] + 2 and b - a > _LONG),
                    default=0.0,
                ),
                row.y,
            )
            for row in self.rows
            if top < row.y < bottom
        ]
        ends = [one for one in ends if one[0] > limits[0] + 0.5 * (limits[1] - limits[0])]
        if not ends:
            return None
        near = [sum(abs(end - other) < 2.5 for other, _ in ends) for end, _ in ends]
        # The outermost that several rows share: broken leaders end early, and what ends late is
        # no leader but the rule between two entries, or a stroke of the frame.
        enough = max(2.0, _COMMON * len(ends), _SHARED * max(near))
        enough = min(max(near), enough)
        outermost = max(end for (end, _), count in zip(ends, near, strict=True) if count >= enough)
        shared = [(end, y) for end, y in ends if abs(end - outermost) < 2.5]
        shared.sort(key=lambda one: abs(one[1] - height))
        return float(np.median([end for end, _ in shared[:_NEAREST]]))

    def _heights(self, entry: int) -> tuple[float, float]:
        """Between which an entry's lines lie."""
        own = [label.baseline for label in self.labels if label.entry == entry]
        below = [label.baseline for label in self.labels if label.entry > entry]
        return min(own) - self.pitch, min(below, default=1e9) - 0.5 * self.pitch

    def _end(
        self, label: Label, row: LeaderRow | None, following: Label | None, gap: float, begin: float
    ) -> float:
        limits = self._column_limits(label)
        if following is not None:
            ends = [b for a, b in row.spans if begin < b < following.x0 + 1] if row else []
            usual = following.x0 - self._gap_before(gap)
            end = max(ends, default=usual)
            # Worn off before it, where the others of the press run on.
            return max(end, usual) if following.x0 - end < 0.6 * _SNAP_MM else following.x0 - gap
        margin = self._margin(limits, label)
        # Nothing right of the margin is a leader: it is the edge of the paper.
        stop = limits[1] + 2 if margin is None else min(limits[1] + 2, margin + 3)
        ends = [b for _, b in row.spans if begin < b <= stop] if row else []
        apart = self._apart(label)
        if not ends:
            most = begin + number_room(self.rows, self.labels) if apart else limits[1]
            return min(margin if margin is not None else limits[1] - 0.06 * self.width, most)
        end = max(ends)
        if row and apart and not across(row, begin, end, margin):
            end = number_end(row, begin, end, stop, number_room(self.rows, self.labels))
        if margin is None or margin <= end:
            return end
        near = margin - end < _SNAP_MM
        cramped = end - begin < _NAME_MM and self._is_long(label)
        return margin if near or cramped or self._regular(label) else end

    def _is_long(self, label: Label) -> bool:
        """True for what never fits on a stub of a line."""
        field = self.form.items[label.item].field
        return field in FIELDS and FIELDS[field].type in (FieldType.NAME, FieldType.PLACE)

    def _regular(self, label: Label) -> bool:
        """True for a label on a line that begins at the left margin, and so ends at the right."""
        first = self._first_on_row(label)
        return not self._apart(first) and abs(first.x0 - self._left(label)) < 4.0

    def _apart(self, label: Label) -> bool:
        return self.form.items[label.item].field in APART

    def _first_on_row(self, label: Label) -> Label:
        limits = self._column_limits(label)
        on_row = [
            other
            for other in self.labels
            if abs(other.baseline - label.baseline) < _SAME_ROW * self.pitch
            and limits[0] <= other.x0 <= label.x0
        ]
        return min(on_row, key=lambda other: other.x0)

    def _left(self, label: Label) -> float:
        """Where the labels of a column commonly begin."""
        column = self._column(label)
        starts = sorted(
            other.x0
            for other in self.labels
            if self._column(other) == column and self.form.items[other.item].field
        )
        near = [sum(abs(start - other) < 3.0 for other in starts) for start in starts]
        return starts[near.index(max(near))]

    def _column_span(self, label: Label) -> tuple[float, float]:
        """Continuation lines run from margin to margin of the column."""
        limits = self._column_limits(label)
        spans = [
            (a, b)
            for row in self.rows
            for a, b in row.spans
            if limits[0] - 2 < a and b < limits[1] + 2
        ]
        left = self._left(label)
        near = [a for a, _ in spans if abs(a - left) < 3.0]
        margin = self._margin(limits, label)
        right = margin if margin is not None else max((b for _, b in spans), default=limits[1])
        return (float(np.median(near)) if near else left), right

    def _continuation(self, label: Label, baseline: float, pitch: float) -> list[float]:
        """Baselines of further lines of the field, down to the next label."""
        item = self.form.items[label.item]
        limits = self._column_limits(label)
        below = [
            other.baseline
            for other in (*self.labels, *self.strangers)
            if other.baseline > label.baseline + _SAME_ROW * self.pitch
            and limits[0] - 2 <= other.x0 <= limits[1]
        ]
        bottom = min(below, default=1e9)
        if item.lines == 1:
            return []
        room = min(item.lines - 1, round((bottom - baseline) / pitch) - 1)
        left, right = self._column_span(label)
        free = [
            row.y
            for row in self.rows
            if baseline + 0.5 * pitch < row.y < bottom - 0.5 * pitch
            and covered(row.spans, left, right) > _CONTINUED * (right - left)
        ]
        if not self.rows:
            if bottom > 1e8:
                room = item.lines - 1
            return [baseline + n * pitch for n in range(1, room + 1)]
        heights: list[float] = []
        for number in range(1, item.lines):
            wanted = (heights[-1] if heights else baseline) + pitch
            near = [y for y in free if abs(y - wanted) < 0.3 * pitch]
            if near:
                heights.append(min(near, key=lambda y: abs(y - wanted)))
            elif number <= room and any(abs(y - wanted - pitch) < 0.3 * pitch for y in free):
                heights.append(wanted)  # worn off on every page, but another one follows
            else:
                break
        return heights
