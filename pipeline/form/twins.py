"""Several entry blocks on one page are printed alike: what one block shows, the others have.

A label worn off in one block, or a leader broken there, is taken over from its twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.form.boxes import Label
from pipeline.form.leaders import Segment

_ALIKE_MM = 1.2
"""Blocks whose labels differ more than this are not twins."""
_COMMON = 4
"""Labels both blocks must show to be compared."""
_INFERRED = 0.8
"""Trust in a label that was taken over."""


def complete(
    labels: Sequence[Label], segments: Sequence[Segment]
) -> tuple[tuple[Label, ...], tuple[Segment, ...]]:
    """Labels and leaders of all blocks, each block completed by the others."""
    all_labels, all_segments = list(labels), list(segments)
    blocks = sorted({label.entry for label in labels})
    for to in blocks:
        for source in blocks:
            offset = _offset(labels, source, to) if source != to else None
            if offset is None:
                continue
            have = {label.item for label in all_labels if label.entry == to}
            for label in labels:
                if label.entry == source and label.item not in have:
                    moved = _moved_label(label, to, offset)
                    if not any(_overlap(moved, other) for other in all_labels):
                        all_labels.append(moved)
            top, bottom = _extent(labels, source)
            for segment in segments:
                if top < segment.y < bottom:
                    all_segments += _uncovered(_moved(segment, offset), all_segments)
    all_labels.sort(key=lambda label: (label.entry, label.item))
    return tuple(all_labels), tuple(all_segments)


def _offset(labels: Sequence[Label], source: int, to: int) -> tuple[float, float] | None:
    """Where block ``to`` lies from block ``source``; None where they are not alike."""
    first = {label.item: label for label in labels if label.entry == source}
    second = {label.item: label for label in labels if label.entry == to}
    both = sorted(first.keys() & second.keys())
    if len(both) < _COMMON:
        return None
    apart = np.array(
        [(second[i].x0 - first[i].x0, second[i].baseline - first[i].baseline) for i in both]
    )
    middle = np.median(apart, axis=0)
    if np.median(np.abs(apart - middle), axis=0).max() > _ALIKE_MM:
        return None
    return float(middle[0]), float(middle[1])


def _extent(labels: Sequence[Label], entry: int) -> tuple[float, float]:
    """Heights between which a block's leaders lie; below the last label up to the next block."""
    own = [label.baseline for label in labels if label.entry == entry]
    below = [label.y0 for label in labels if label.entry > entry]
    return min(own) - 4.0, min(below, default=max(own) + 40.0)


def _moved_label(label: Label, entry: int, offset: tuple[float, float]) -> Label:
    dx, dy = offset
    return replace(
        label,
        entry=entry,
        x0=label.x0 + dx,
        x1=label.x1 + dx,
        y0=label.y0 + dy,
        y1=label.y1 + dy,
        baseline=label.baseline + dy,
        trust=label.trust * _INFERRED,
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
