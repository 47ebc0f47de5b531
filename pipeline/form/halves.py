"""Entries on one page are printed alike: where their boxes differ, one of them is wrong.

A label found too far right in one half, or a leader that seems to run on because a seal stands
there, gives a box that nothing on the page speaks against. The other half does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, permutations

import cv2
import numpy as np

from pipeline.form.boxes import APART, FieldBox
from pipeline.form.leader_rows import LONGEST_MM
from pipeline.form.pitch import Label
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI
_ALIKE_MM = 2.5
"""Labels of one press differ by less from entry to entry."""
_ENDS_MM = 4.0
"""The same for the ends of boxes."""
_ROW_MM = 3.0
"""And their heights: a line further up or down is another row."""
_COMMON = 5
"""Labels both must show to be compared."""
_REACH_MM = 1.5
"""How far print may lie from where the other entry has it."""
SHOWN = 0.5
"""Likeness from which a label's print stands in the other entry too."""
_BARE = 0.3
"""Likeness up to which it does not: other print, or bare paper."""
_INK = 60
"""Darkness without which there is no print."""
_CLEARER = 0.07
"""By how much more alike print must be to be believed against other print."""
_COLON_MM = 1.0
"""What stands behind a label in any case."""
DOUBT = 0.3
"""What is left of the trust in two labels of which nobody knows which is right."""


def agreed_labels(labels: Sequence[Label], ink: Grey) -> tuple[Label, ...]:
    """Labels with those set right that stand elsewhere than in the other entry.

    Args:
        labels: of all entries, in the frame.
        ink: common print at ``READ_DPI``: it tells which of two places the label has.
    """
    by = {(label.entry, label.item): label for label in labels}
    for a, b in combinations(sorted({label.entry for label in labels}), 2):
        items = [item for entry, item in by if entry == a and (b, item) in by]
        if len(items) < _COMMON:
            continue
        pairs = [(by[a, item], by[b, item]) for item in items]
        dx, dy = apart(pairs)
        for item, (one, two) in zip(items, pairs, strict=True):
            if abs(two.baseline - one.baseline - dy) > _ROW_MM:
                _on_other_rows(by, one, two, (dx, dy))
                continue
            away = max(abs(two.x0 - one.x0 - dx), abs(two.x1 - one.x1 - dx))
            if away > _ALIKE_MM and not (one.inferred or two.inferred):
                by[a, item], by[b, item] = settled(one, two, (dx, dy), ink)
    return tuple(by[key] for key in sorted(by))


def _on_other_rows(
    by: dict[tuple[int, int], Label], one: Label, two: Label, offset: tuple[float, float]
) -> None:
    """Settles a label that stands on another row in the other entry.

    Ngày khai ta and Ngày khai tây are nearly alike: where one of them is worn, the other may be
    taken for it, and its field would hold the wrong date. What stands where the other entry has
    another label is that label; where nobody knows, both are doubted.
    """
    dx, dy = offset
    wrong = False
    for label, (right, down) in ((one, (dx, dy)), (two, (-dx, -dy))):
        to = two.entry if label is one else one.entry
        taken = _taken(replace(moved(label, right, down), entry=to), by.values())
        if taken is not None and taken.item != label.item:
            wrong = True
            by.pop((label.entry, label.item))
            by.setdefault((label.entry, taken.item), replace(label, item=taken.item))
    if not wrong:
        for label in (one, two):
            by[label.entry, label.item] = replace(label, trust=label.trust * DOUBT)


def settled(one: Label, two: Label, offset: tuple[float, float], ink: Grey) -> tuple[Label, Label]:
    """Two labels printed alike that do not lie ``offset`` apart: both where the print shows them.

    Where it shows neither in the other's place, both are doubted.
    """
    dx, dy = offset
    likes = shown_at(ink, one, dx, dy), shown_at(ink, two, -dx, -dy)
    if max(likes) < SHOWN:
        return replace(one, trust=one.trust * DOUBT), replace(two, trust=two.trust * DOUBT)
    first = likes[0] > likes[1]
    if abs(likes[0] - likes[1]) < _CLEARER:
        # Both stand in both: the one that is longer has all of it, or writing behind it.
        first = one.x1 - one.x0 > two.x1 - two.x0
        long, short, (right, down) = (
            (one, moved(two, -dx, -dy), (dx, dy))
            if first
            else (two, moved(one, dx, dy), (-dx, -dy))
        )
        behind = replace(long, x0=short.x1 + _COLON_MM)
        ran_on = abs(long.x0 - short.x0) < _ALIKE_MM and behind.x1 - behind.x0 > _ALIKE_MM
        if ran_on and shown_at(ink, behind, right, down) < SHOWN:
            first = not first
    if first:
        return one, replace(moved(one, dx, dy), entry=two.entry, item=two.item)
    return replace(moved(two, -dx, -dy), entry=one.entry, item=one.item), two


def moved(label: Label, dx: float, dy: float) -> Label:
    """The label so many millimetres further right and down."""
    return replace(
        label,
        x0=label.x0 + dx,
        x1=label.x1 + dx,
        y0=label.y0 + dy,
        y1=label.y1 + dy,
        baseline=label.baseline + dy,
    )


def shown_at(ink: Grey, label: Label, dx: float, dy: float) -> float:
    """Likeness, -1..1, of a label's print to what stands ``dx``, ``dy`` from it."""
    soft = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.25 / MM), np.uint8)
    own = _cut(soft, label, 0.0, 0.0, 0.0)
    there = _cut(soft, label, dx, dy, _REACH_MM)
    bare = not own.size or int(own.max()) < _INK
    if bare or there.shape[0] < own.shape[0] or there.shape[1] < own.shape[1]:
        return 0.0
    return float(np.nan_to_num(cv2.matchTemplate(there, own, cv2.TM_CCOEFF_NORMED)).max())


def _cut(ink: Grey, label: Label, dx: float, dy: float, more: float) -> Grey:
    rows = slice(*(max(0, round(v / MM)) for v in (label.y0 + dy - more, label.y1 + dy + more)))
    across = slice(*(max(0, round(v / MM)) for v in (label.x0 + dx - more, label.x1 + dx + more)))
    return ink[rows, across]


def printed_in_both(labels: Sequence[Label], form: Form, ink: Grey) -> tuple[Label, ...]:
    """Labels with those settled that were found in one entry of a page only.

    What a press prints, it prints in each entry. Where the other entry shows the same print, the
    label stands there too. Where it does not, a label that not every press has was made out of
    something else. It is doubted where nobody knows: between the two, and at top and foot of an
    entry, where some presses print a line once for the whole page.

    Args:
        labels: of all entries, in the frame.
        form: whose labels they are.
        ink: common print at ``READ_DPI``.
    """
    by = {(label.entry, label.item): label for label in labels}
    for here, there in permutations(sorted({label.entry for label in labels}), 2):
        common = [item for entry, item in by if entry == here and (there, item) in by]
        if len(common) < _COMMON:
            continue
        offset = apart([(by[here, item], by[there, item]) for item in common])
        for item in [item for entry, item in by if entry == here and (there, item) not in by]:
            if form.items[item].column == "margin":
                continue
            label = by.pop((here, item))
            twin = replace(moved(label, *offset), entry=there)
            taken = _taken(twin, by.values())
            optional, shown = form.items[item].optional, _shown(ink, label, offset)
            inner = sum(i < item for i in common) >= 2 and sum(i > item for i in common) >= 2
            if taken is not None and optional and (here, taken.item) not in by:
                by[here, taken.item] = replace(label, item=taken.item)
            elif taken is None and shown is True:
                by[here, item], by[there, item] = label, twin
            elif not (optional and inner and taken is None and shown is False):
                trust = label.trust * (DOUBT if optional else 1.0)
                by[here, item] = replace(label, trust=trust)
    return tuple(by[key] for key in sorted(by))


def _shown(ink: Grey, label: Label, offset: tuple[float, float]) -> bool | None:
    """Whether a label's print stands ``offset`` from it too; None where that is not to be told."""
    own = _cut(ink, label, 0.0, 0.0, 0.0)
    if not own.size or int(own.max()) < _INK:
        return None
    likeness = shown_at(ink, label, *offset)
    return True if likeness >= SHOWN else False if likeness <= _BARE else None


def apart(pairs: Sequence[tuple[Label, Label]]) -> tuple[float, float]:
    """Where the labels of the second entry lie from those of the first, mm."""
    dx = float(np.median([two.x0 - one.x0 for one, two in pairs]))
    dy = float(np.median([two.baseline - one.baseline for one, two in pairs]))
    return dx, dy


def _taken(label: Label, others: Iterable[Label]) -> Label | None:
    """Another label of the entry that stands where this one would."""
    for other in others:
        across = other.x0 < label.x1 and label.x0 < other.x1
        level = abs(other.baseline - label.baseline) < 0.5 * (label.y1 - label.y0)
        if other.entry == label.entry and across and level:
            return other
    return None


def agreed_ends(fields: Sequence[FieldBox]) -> tuple[FieldBox, ...]:
    """Boxes that reach as far in one entry as in the other: seals and strokes only add.

    But the line of a number ends by itself, and wear takes its end: of two that presses draw the
    longer one is whole.
    """
    by = {(field.entry, field.field): field for field in fields}
    for a, b in combinations(sorted({field.entry for field in fields}), 2):
        names = [name for entry, name in by if entry == a and (b, name) in by]
        if len(names) < _COMMON:
            continue
        pairs = [(by[a, name].box, by[b, name].box) for name in names]
        dx = float(np.median([two[0] - one[0] for one, two in pairs]))
        for name, (one, two) in zip(names, pairs, strict=True):
            begins_alike = abs(two[0] - one[0] - dx) < _ALIKE_MM
            if begins_alike and abs(two[2] - one[2] - dx) > _ENDS_MM:
                ends = one[2], two[2] - dx
                alone = name in APART and max(ends) - one[0] < LONGEST_MM
                end = max(ends) if alone else min(ends)
                by[a, name] = _ended(by[a, name], end)
                by[b, name] = _ended(by[b, name], end + dx)
    return tuple(by[field.entry, field.field] for field in fields)


def _ended(field: FieldBox, end: float) -> FieldBox:
    x0, y0, _, y1 = field.box
    return replace(field, box=(x0, y0, end, y1))
