"""Boxes that may hold a second field because its label was not found.

A box runs on to the next known label. Where a label that every press has is missing in between,
worn off or unread on all pages, its field lies inside the box before it: two values would be read
as one, and one of them is in the wrong place. Nothing on the page speaks against such a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.form.boxes import FieldBox
from pipeline.form.pitch import Label
from pipeline.form.schema import Form

_SAME_ROW = 0.4
"""Heights that differ by less than this share of the pitch are one row."""
_INDENT_MM = 25.0
"""A label so far right of where its column begins has room for another one before it."""
_DOUBT = 0.3
"""What is left of the trust in a box that may hold two fields."""


@dataclass(frozen=True)
class _Gap:
    """Items found before and after labels that were not, and where their column begins, mm."""

    before: int
    missing: int
    after: int
    left: float


def doubted(
    fields: Sequence[FieldBox], labels: Sequence[Label], form: Form, pitch: float
) -> tuple[FieldBox, ...]:
    """Boxes with those doubted that end where another field should have begun.

    Args:
        fields: boxes of all entries.
        labels: found or inferred, of all entries.
        form: whose labels they are.
        pitch: distance of two lines, mm.
    """
    full: set[tuple[int, str]] = set()
    for entry in sorted({label.entry for label in labels}):
        known = {label.item: label for label in labels if label.entry == entry}
        lines = {field.field: field.lines for field in fields if field.entry == entry}
        for gap in _gaps(known, form):
            before = form.items[gap.before].field
            if _holds(gap, known, lines.get(before, 1), pitch):
                full.add((entry, before))
    return tuple(
        replace(field, trust=field.trust * _DOUBT) if (field.entry, field.field) in full else field
        for field in fields
    )


def _gaps(known: dict[int, Label], form: Form) -> list[_Gap]:
    """Where labels are missing between two known ones of a column."""
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
            elif part.field and not part.optional:
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
