"""What is printed twice is printed alike: entry blocks of a page, columns of husband and wife.

A label worn off in one twin, or a leader broken there, is taken over from the other; a label
read in two ways is taken as the better reading has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pipeline.form.align import Match, Slot, label_weight
from pipeline.form.ends import letter_count
from pipeline.form.labels import fold
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.schema import Form, Item

_ALIKE_MM = 1.2
"""Twins whose labels lie more differently than this are none."""
_COMMON = 4
"""Labels both must show to be compared."""
_WELL = 0.85
"""Likeness from which a wording was read and is not a part of it with writing behind."""
_INFERRED = 0.8
"""Trust in a label that was taken over."""


@dataclass(frozen=True)
class _Pair:
    """Two areas printed alike: slots that correspond, and the stretch of each (mm)."""

    slots: dict[Slot, Slot]
    source: tuple[float, float, float, float]
    """x0, x1, y0, y1 within which the leaders of the source lie."""


def same_wording(
    matches: Sequence[Match], slots: Sequence[Slot], form: Form | None = None
) -> tuple[Match, ...]:
    """Labels of one item in several entry blocks in one wording: that of most weight.

    Where one wording is a part of another that was read well, the whole one is what is printed.

    Args:
        matches: labels found, mm.
        slots: of the form.
        form: whose columns of two persons ask the same in the same words, where it has some.
    """
    one = _asked_alike(form) if form is not None else {}
    groups: dict[int, list[Match]] = {}
    for match in matches:
        item = slots[match.slot].item
        groups.setdefault(one.get(item, item), []).append(match)
    best = {item: _wording(group) for item, group in groups.items()}
    alike = []
    for match in matches:
        item = slots[match.slot].item
        other = best[one.get(item, item)]
        if other.label != match.label:
            width = other.x1 - other.x0
            # The French alone of a bilingual label ends where the label ends, not there begins.
            tail = fold(other.label).endswith(fold(match.label))
            x0, x1 = (match.x1 - width, match.x1) if tail else (match.x0, match.x0 + width)
            if _has_all(match, other):
                x0, x1 = match.x0, match.x1
            match = replace(match, label=other.label, x0=x0, x1=x1)
        alike.append(match)
    return tuple(alike)


def _asked_alike(form: Form) -> dict[int, int]:
    """Items of a right column, each with the one of the left that is worded as it is."""
    return {
        there.item: here.item
        for here, there in column_slots(form, 0).items()
        if form.items[here.item].labels == form.items[there.item].labels
    }


def _wording(group: Sequence[Match]) -> Match:
    """The reading whose wording is what is printed."""
    best = max(group, key=lambda m: m.score * label_weight(m.label))
    part = fold(best.label)
    whole = [m for m in group if m.score >= _WELL and part in fold(m.label)]
    return max(whole, key=lambda m: (len(fold(m.label)), m.score), default=best)


def _has_all(match: Match, whole: Match) -> bool:
    """Whether a reading of a part of a label has the place of all of it, its other words unread."""
    part, full = fold(match.label), fold(whole.label)
    if part not in full:
        return False
    wide, width = match.x1 - match.x0, whole.x1 - whole.x0
    return abs(wide - width) < abs(wide - width * len(part) / len(full))


def complete(
    labels: Sequence[Label], segments: Sequence[Segment], form: Form
) -> tuple[tuple[Label, ...], tuple[Segment, ...]]:
    """Labels and leaders of all twins, each completed by the other."""
    by_slot = {Slot(label.entry, label.item): label for label in labels}
    all_segments = list(segments)
    widths = [
        (label.x1 - label.x0) / letter_count(form.items[label.item].labels[0]) for label in labels
    ]
    letter = float(np.median(widths)) if widths else 1.0
    for pair in _pairs(labels, form):
        offset = _offset(by_slot, pair)
        if offset is None:
            continue
        for here, there in pair.slots.items():
            if here in by_slot and there not in by_slot:
                wider = _wider(by_slot[here], form.items[there.item], form, letter)
                moved = _moved_label(by_slot[here], there, offset, wider)
                if not any(_overlap(moved, other) for other in by_slot.values()):
                    by_slot[there] = moved
        left, right, top, bottom = pair.source
        for segment in segments:
            if left < segment.x0 and segment.x1 < right and top < segment.y < bottom:
                all_segments += _uncovered(_moved(segment, offset), all_segments)
    ordered = sorted(by_slot.values(), key=lambda label: (label.entry, label.item))
    return tuple(ordered), tuple(all_segments)


def paired_headings(labels: Sequence[Label], form: Form) -> tuple[Label, ...]:
    """Labels without a heading over one of two columns whose twin was not found.

    Vợ and Chồng, Cha and Mẹ are printed both or neither; a part of a name looks like one of them.
    """
    have = {(label.entry, label.item) for label in labels}
    twin: dict[int, int] = {}
    for n, (one, two) in enumerate(pairwise(form.items)):
        if {one.column, two.column} == {"left", "right"} and not (one.field or two.field):
            twin |= {n: n + 1, n + 1: n}
    return tuple(
        label
        for label in labels
        if label.item not in twin or (label.entry, twin[label.item]) in have
    )


def _pairs(labels: Sequence[Label], form: Form) -> Iterator[_Pair]:
    """Entry blocks, then columns within each block; each pair in both directions."""
    entries = sorted({label.entry for label in labels})
    items = range(len(form.items))
    for to in entries:
        for source in entries:
            if source != to:
                slots = {Slot(source, item): Slot(to, item) for item in items}
                yield _Pair(slots, (-1e9, 1e9, *_heights(labels, source)))
    for entry in entries:
        columns = column_slots(form, entry)
        right = [
            label.x0
            for label in labels
            if label.entry == entry and Slot(entry, label.item) in columns.values()
        ]
        if right:
            fold = float(np.median(right)) - 2.0
            halves = ("left", "right")
            in_columns = [one for one in labels if form.items[one.item].column in halves]
            heights = _heights(in_columns, entry)
            yield _Pair(columns, (-1e9, fold, *heights))
            back = {there: here for here, there in columns.items()}
            yield _Pair(back, (fold, 1e9, *heights))


def column_slots(form: Form, entry: int) -> dict[Slot, Slot]:
    """Left slots and the right ones that ask the same of the other person."""

    def asked(field: str) -> str:
        return field.partition("_")[2]

    right = {
        asked(item.field): n
        for n, item in enumerate(form.items)
        if item.column == "right" and item.field
    }
    return {
        Slot(entry, n): Slot(entry, right[asked(item.field)])
        for n, item in enumerate(form.items)
        if item.column == "left" and asked(item.field) in right
    }


def _offset(labels: dict[Slot, Label], pair: _Pair) -> tuple[float, float] | None:
    """Where the target lies from the source; None where they are not alike."""
    apart = np.array(
        [
            (labels[b].x0 - labels[a].x0, labels[b].baseline - labels[a].baseline)
            for a, b in pair.slots.items()
            if a in labels and b in labels
        ]
    )
    if len(apart) < _COMMON:
        return None
    middle = np.median(apart, axis=0)
    if np.median(np.abs(apart - middle), axis=0).max() > _ALIKE_MM:
        return None
    return float(middle[0]), float(middle[1])


def _heights(labels: Sequence[Label], entry: int) -> tuple[float, float]:
    """Heights between which a block's leaders lie; below the last label up to the next block."""
    own = [label.baseline for label in labels if label.entry == entry]
    below = [label.y0 for label in labels if label.entry > entry]
    return min(own, default=0.0) - 4.0, min(below, default=max(own, default=0.0) + 40.0)


def _wider(label: Label, other: Item, form: Form, letter: float) -> float:
    """How much wider the other item's label is: Họ và tên vợ is shorter than Họ và tên chồng.

    Which of the wordings is printed, the label's own width tells; ``letter`` is that of a letter.
    """
    item = form.items[label.item]
    if item.labels == other.labels:
        return 1.0
    pairs = [
        (letter_count(a), letter_count(b)) for a, b in zip(item.labels, other.labels, strict=False)
    ]
    width = (label.x1 - label.x0) / letter
    own, their = min(pairs, key=lambda pair: abs(pair[0] - width))
    return their / own


def _moved_label(label: Label, slot: Slot, offset: tuple[float, float], wider: float) -> Label:
    dx, dy = offset
    end = label.x0 + wider * (label.x1 - label.x0)
    return Label(
        slot.entry,
        slot.item,
        label.x0 + dx,
        end + dx,
        label.y0 + dy,
        label.y1 + dy,
        label.baseline + dy,
        label.trust * _INFERRED,
        inferred=True,
    )


def _overlap(one: Label, other: Label) -> bool:
    return (
        one.x0 < other.x1
        and other.x0 < one.x1
        and abs(one.baseline - other.baseline) < 0.5 * (one.y1 - one.y0)
    )


def _moved(segment: Segment, offset: tuple[float, float]) -> Segment:
    return Segment(tuple((x + offset[0], y + offset[1]) for x, y in segment.points))


def _uncovered(segment: Segment, known: Sequence[Segment]) -> list[Segment]:
    """The segment at the height of those it continues, or nothing where they cover it."""
    beside = [other for other in known if abs(other.y - segment.y) < _ALIKE_MM]
    if any(o.x0 <= segment.x0 + 1 and o.x1 >= segment.x1 - 1 for o in beside):
        return []
    if not beside:
        return [segment]
    height = float(np.average([o.y for o in beside], weights=[o.x1 - o.x0 for o in beside]))
    return [Segment(tuple((x, height) for x, _ in segment.points))]
