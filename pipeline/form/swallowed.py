"""Boxes that may hold a second field because its label was not found.

A box runs on to the next known label. Where a label that every press has is missing in between,
worn off or unread on all pages, its field lies inside the box before it: two values would be read
as one, and one of them is in the wrong place. What speaks against such a box is print inside it
that the pages share; a box without any is no fuller for a label that this press does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.fields import FIELDS, FieldType
from pipeline.form.boxes import FieldBox
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI

_SAME_ROW = 0.4
"""Heights that differ by less than this share of the pitch are one row."""
_INDENT_MM = 25.0
"""A label so far right of where its column begins has room for another one before it."""
_DOUBT = 0.3
"""What is left of the trust in a box that may hold two fields."""
_DEEP = 0.35
"""Share of the depth of the labels that were read which others have at least, worn as they are."""
_TALL_MM, _FEWEST_MM = 0.9, 1.0
"""Letters have strokes this high, dots have not; those of a label are so wide together."""


_ONE_PLACE = 0.5
"""Share of the smaller of two boxes from which they are one place."""
_ENOUGH = 3
"""Of so many pages the median has no writing in it, and no page where wear took a label counts."""

_BRIEF = {
    FieldType.SEX, FieldType.AGE, FieldType.ETHNICITY, FieldType.NATIONALITY, FieldType.TIME,
    FieldType.YEAR_OR_DATE, FieldType.NUMBER,
}  # fmt: skip
_BRIEF_OR_NAME = _BRIEF | {FieldType.NAME}
"""What is written on every page in other boxes (tháng, năm, a village) looks like print too, and
two names overlap by chance."""
_WRITTEN_MM, _APART_MM, _LABEL_MM = 8.0, 3.5, 6.0
"""What is written begins within so much of its box; a label stands so far behind it, and is so
long at least."""
_STOPS_MM = 3.0
"""A leader stops and goes on so near to a label that stands in it."""


@dataclass(frozen=True)
class Shared:
    """Ink that so many pages of a book have in common, at ``READ_DPI``."""

    ink: Grey
    pages: int
    leaders: tuple[Segment, ...] = ()
    """What any of the pages shows of the lines to write on."""


@dataclass(frozen=True)
class _Gap:
    """Items found before and after labels that were not, and where their column begins, mm."""

    before: int
    missing: int
    after: int
    left: float


def doubted(
    fields: Sequence[FieldBox],
    labels: Sequence[Label],
    form: Form,
    pitch: float,
    shared: Shared | None = None,
) -> tuple[FieldBox, ...]:
    """Boxes with those doubted that end where another field should have begun.

    Args:
        fields: boxes of all entries.
        labels: found or inferred, of all entries.
        form: whose labels they are.
        pitch: distance of two lines, mm.
        shared: print of the book, which may show that nothing else stands in a box.
    """
    ink = shared.ink if shared is not None and shared.pages > 1 else None
    enough = shared is not None and shared.pages >= _ENOUGH
    deep = _DEEP * _depth(labels, ink) if ink is not None else 0.0
    full: set[tuple[int, str]] = set()
    printed: set[tuple[int, str]] = set()
    for entry in sorted({label.entry for label in labels}):
        known = {label.item: label for label in labels if label.entry == entry}
        lines = {field.field: field.lines for field in fields if field.entry == entry}
        for gap in _gaps(known, form):
            before = form.items[gap.before].field
            if _holds(gap, known, lines.get(before, 1), pitch):
                full.add((entry, before))
        lacking = {form.items[gap.before].field for gap in _gaps(known, form, optional=True)}
        # Not every press has these labels: print in the box tells that this one has.
        printed |= {(entry, name) for name in lacking}

    twice = _twice(fields)

    def is_full(field: FieldBox) -> bool:
        at = (field.entry, field.field)
        if at in twice:
            return True
        if at in full and not (enough and ink is not None and _bare(field, ink, deep)):
            return True
        if at not in printed or ink is None or shared is None:
            return False
        told = FIELDS[field.field].type in (_BRIEF if not enough else _BRIEF_OR_NAME)
        inside = told and _words_inside(field, ink, deep)
        return inside or _parts_leader(field, ink, deep, shared.leaders)

    return tuple(
        replace(field, trust=field.trust * _DOUBT) if is_full(field) else field for field in fields
    )


def _twice(fields: Sequence[FieldBox]) -> set[tuple[int, str]]:
    """Fields whose boxes lie on one another: one place is not two people's."""
    single = [field for field in fields if field.lines == 1 and not field.margin]
    return {
        (field.entry, field.field)
        for pair in combinations(single, 2)
        if _shared_part(pair[0].box, pair[1].box) > _ONE_PLACE
        for field in pair
    }


def _shared_part(
    one: tuple[float, float, float, float], two: tuple[float, float, float, float]
) -> float:
    """What two boxes have in common, as a share of the smaller one."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    sizes = [max(1e-6, (box[2] - box[0]) * (box[3] - box[1])) for box in (one, two)]
    return max(0.0, width) * max(0.0, height) / min(sizes)


def _gaps(known: dict[int, Label], form: Form, *, optional: bool = False) -> list[_Gap]:
    """Where labels are missing between two known ones of a column: required, or optional ones."""
    found = []
    for column in sorted({form.items[item].column for item in known} - {"margin"}):
        own = [item for item in known if form.items[item].column == column]
        left = min(known[item].x0 for item in own)
        before, missing = -1, 0
        for item, part in enumerate(form.items):
            if part.column != column or part.ticks:
                continue
            if item in known:
                if missing and before >= 0 and form.items[before].field:
                    found.append(_Gap(before, missing, item, left))
                before, missing = item, 0
            elif part.field and part.optional is optional:
                missing += 1
    return found


def _holds(gap: _Gap, known: dict[int, Label], lines: int, pitch: float) -> bool:
    """Whether the box of so many lines before a gap holds what is missing in it."""
    before, after = known[gap.before], known[gap.after]
    apart = (after.baseline - before.baseline) / pitch
    if apart < _SAME_ROW:
        return True
    if gap.missing == 1 and after.x0 - gap.left > _INDENT_MM:
        return False  # it stood left of the label that was found
    # Each may have a line of its own, unless the box has taken that too.
    return round(apart) - lines < gap.missing


def _depth(labels: Sequence[Label], ink: Grey) -> float:
    """How dark the labels that were read are, 0..255: the paler quarter of them."""
    depths = [
        float(np.percentile(part, 90))
        for label in labels
        if not label.inferred
        for part in [_cut(ink, (label.x0, label.y0, label.x1, label.y1))]
        if part.size
    ]
    return float(np.percentile(depths, 25)) if depths else 0.0


def _bare(field: FieldBox, ink: Grey, deep: float) -> bool:
    """Whether no letters of a label stand in a box; the foot of its own label does not count."""
    return deep > 0 and float(_strokes(field, ink, deep).sum()) * MM < _FEWEST_MM


def _words_inside(field: FieldBox, ink: Grey, deep: float) -> bool:
    """Whether a word stands apart from where writing begins, as a label further on the line does.

    Kinh, or one village, is written on every page at the beginning of a box.
    """
    at = np.flatnonzero(_strokes(field, ink, deep)) * MM
    if field.lines > 1 or deep <= 0 or not len(at):
        return False
    words = np.split(at, np.flatnonzero(np.diff(at) > _APART_MM) + 1)
    return any(
        word[0] > _WRITTEN_MM
        and word[0] - (before[-1] if len(before) else 0.0) > _APART_MM
        and word[-1] - word[0] > _LABEL_MM
        and len(word) * MM > _FEWEST_MM
        for before, word in zip([np.array([]), *words], words, strict=False)
    )


def _parts_leader(field: FieldBox, ink: Grey, deep: float, leaders: Sequence[Segment]) -> bool:
    """Whether the leader of a box stops before shared print and goes on behind it.

    It runs on under what is written, and where wear took it no print fills the gap.
    """
    if field.lines > 1 or deep <= 0:
        return False
    x0, y0, x1, y1 = field.box
    own = [
        (max(x0, piece.x0), min(x1, piece.x1))
        for piece in leaders
        if (y0 + y1) / 2 < piece.y < y1 and piece.x0 < x1 and piece.x1 > x0
    ]
    at = x0 + 1.0 + np.flatnonzero(_strokes(field, ink, deep)) * MM
    end = x0
    for start, stop in sorted(own):
        inside = at[(at > end) & (at < start)]
        if (
            end > x0 + _WRITTEN_MM
            and start > end
            and len(inside) * MM > _FEWEST_MM
            and inside[0] - end < _STOPS_MM
            and start - inside[-1] < _STOPS_MM
        ):
            return True
        end = max(end, stop)
    return False


def _strokes(field: FieldBox, ink: Grey, deep: float) -> NDArray[np.bool_]:
    """Columns of a box in which letters have upright strokes."""
    x0, y0, x1, y1 = field.box
    part = _cut(ink, (x0 + 1.0, y0, x1, y1))
    if not part.size:
        return np.zeros(0, bool)
    upright = np.ones((max(2, round(_TALL_MM / MM)), 1), np.uint8)
    letters = cv2.morphologyEx((part > deep).astype(np.uint8), cv2.MORPH_OPEN, upright)
    return np.asarray(letters.any(axis=0), bool)


def _cut(ink: Grey, box: tuple[float, float, float, float]) -> Grey:
    x0, y0, x1, y1 = (max(0, round(at / MM)) for at in box)
    return ink[y0:y1, x0:x1]
