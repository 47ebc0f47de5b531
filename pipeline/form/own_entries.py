"""Labels that a press prints elsewhere than the form says, and the entry that each belongs to.

A printer may set the date of registration at the head of an entry where the form has it at the
foot. In the order of the form the foot of one entry and the head of the next are neighbours: taken
there, the date of every entry would be read for the person before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.form.align import CAPTIONS, Match, Slot
from pipeline.form.halves import DOUBT, SHOWN, apart, moved, shown_at
from pipeline.form.labels import fold
from pipeline.form.pitch import Label
from pipeline.form.pooled import begins_a_line
from pipeline.form.schema import Form
from pipeline.types import Grey

_COMMON = 5
"""Labels that two entries must both show to tell how far they lie apart."""
_EDGE_MM = 2.0
_LETTERS = 7
"""Shorter labels turn up elsewhere by chance."""
_PLAIN = 0.8
"""Likeness from which a label out of the form's order is believed."""
_SAME_MM = 3.0


def strays(
    found: Sequence[Match], pooled: Sequence[Match], form: Form, slots: Sequence[Slot]
) -> tuple[Match, ...]:
    """Labels out of the form's order, each where it is printed once in its entry.

    Args:
        found: labels in order.
        pooled: candidates of all readings; ``slot`` is the item's index.
        form: whose labels they are.
        slots: of the form.
    """
    have = {match.slot for match in found}
    count = len(form.items)
    names = [{fold(label) for label in item.labels} for item in form.items]
    added: list[Match] = []
    for at, top, bottom in _blocks(found, slots, form.entries):
        for item, part in enumerate(form.items):
            slot = at * count + item
            others = set[str]().union(*(own for n, own in enumerate(names) if n != item))
            if slot in have or not part.field or part.column:
                continue
            places = [
                match
                for match in pooled
                if match.slot == item
                and match.score >= _PLAIN
                and top <= match.middle < bottom
                and len(fold(match.label)) >= _LETTERS
                and fold(match.label) not in others
                and not any(_over(match, other) for other in found)
                and not _of_caption(match, found)
            ]
            best = max(places, key=lambda match: match.score, default=None)
            if best is not None and all(_near(best, other) for other in places):
                added.append(replace(best, slot=slot))
    return tuple(added)


def _of_caption(match: Match, found: Sequence[Match]) -> bool:
    """Whether it may be what wear left of words over a signature: a label begins where others do.

    Người khai stands before a name, Người khai ký over a stroke of the pen.
    """
    label = fold(match.label)
    captions = any(fold(caption).startswith(label) for caption in CAPTIONS)
    return captions and not begins_a_line(match, found)


def _blocks(
    found: Sequence[Match], slots: Sequence[Slot], entries: int
) -> list[tuple[int, float, float]]:
    """Number, top and bottom of each entry that shows labels."""
    tops = []
    for entry in range(entries):
        own = [match.y0 for match in found if slots[match.slot].entry == entry]
        if own:
            tops.append((entry, min(own)))
    bottoms = [top - _EDGE_MM for _, top in tops[1:]] + [1e9]
    # What stands over the first label of the first entry is title and state's name.
    return [
        (entry, top - _EDGE_MM, bottom) for (entry, top), bottom in zip(tops, bottoms, strict=True)
    ]


def _over(one: Match, other: Match) -> bool:
    return (
        one.x0 < other.x1
        and other.x0 < one.x1
        and abs(one.middle - other.middle) < 0.5 * (other.y1 - other.y0)
    )


def _near(one: Match, other: Match) -> bool:
    return abs(one.x0 - other.x0) < _SAME_MM and abs(one.middle - other.middle) < _SAME_MM


def in_own_entries(labels: Sequence[Label], ink: Grey) -> tuple[Label, ...]:
    """Labels with those given to the entry among whose lines they stand.

    Args:
        labels: of all entries, in the frame.
        ink: common print at ``READ_DPI``: it tells whether the label stands in the other entry
            too.
    """
    by = {(label.entry, label.item): label for label in labels}
    for a, b in pairwise(sorted({label.entry for label in labels})):
        common = [item for entry, item in by if entry == a and (b, item) in by]
        if len(common) < _COMMON:
            continue
        dx, dy = apart([(by[a, item], by[b, item]) for item in common])
        top = min(label.baseline for (entry, _), label in by.items() if entry == a) + dy
        foot = max(label.baseline for (entry, _), label in by.items() if entry == b) - dy
        for label in list(by.values()):
            if label.entry == a and label.baseline > top - _EDGE_MM:
                _given(by, label, b, (-dx, -dy), ink)
            elif label.entry == b and label.baseline < foot + _EDGE_MM:
                _given(by, label, a, (dx, dy), ink)
    return tuple(by[key] for key in sorted(by))


def _given(
    by: dict[tuple[int, int], Label], label: Label, to: int, way: tuple[float, float], ink: Grey
) -> None:
    """Gives a label to the entry it stands in, and its own entry the one printed there."""
    if (to, label.item) in by:
        by[label.entry, label.item] = replace(label, trust=label.trust * DOUBT)
        return
    by[to, label.item] = replace(label, entry=to)
    del by[label.entry, label.item]
    if shown_at(ink, label, *way) >= SHOWN:
        by[label.entry, label.item] = moved(label, *way)
