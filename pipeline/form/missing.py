"""Labels that no reading found, placed by their neighbours and by where leaders begin.

A leader that begins well inside the line has a label before it. Where the free lines of
that sort between two known labels are as many as the labels missing there, each gets its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.form.leaders import Segment, chained
from pipeline.form.pitch import Label, leader_drop, line_pitch
from pipeline.form.schema import Form

_TRUST = 0.55
_INDENT_MM = 8.0
"""A label before a leader is at least this long with its margin."""


def infer(labels: Sequence[Label], segments: Sequence[Segment], form: Form) -> tuple[Label, ...]:
    """All labels, with those required but missing put in where their place is plain."""
    if len(labels) < 4:
        return tuple(labels)
    pitch = line_pitch(labels, segments)
    drop = leader_drop(labels, segments, pitch)
    begins = [
        (chain[0].x0, sum(y for _, y in chain[0].points) / len(chain[0].points) - drop)
        for chain in chained(segments)
    ]
    found = list(labels)
    for entry in sorted({label.entry for label in labels}):
        known = {label.item: label for label in labels if label.entry == entry}
        for gap in _gaps(known, form):
            above, below = known[gap[0] - 1], known[gap[-1] + 1]
            free = sorted(
                (y, x)
                for x, y in begins
                if above.baseline + 0.6 * pitch < y < below.baseline - 0.6 * pitch
                and _INDENT_MM < x - below.x0 < 90
            )
            if len(free) != len(gap) or abs(above.x0 - below.x0) > 30:
                continue
            for item, (y, x) in zip(gap, free, strict=True):
                height = below.y1 - below.y0
                found.append(
                    Label(
                        entry,
                        item,
                        below.x0,
                        x - 1.0,
                        y - height,
                        y,
                        y,
                        _TRUST,
                        inferred=True,
                    )
                )
    return tuple(sorted(found, key=lambda label: (label.entry, label.item)))


def _gaps(known: dict[int, Label], form: Form) -> list[list[int]]:
    """Runs of required full-width items that are missing between two known ones."""
    runs: list[list[int]] = []
    for item, part in enumerate(form.items):
        if item in known or part.optional or part.column or not part.field:
            continue
        if runs and runs[-1][-1] == item - 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    return [run for run in runs if run[0] - 1 in known and run[-1] + 1 in known]
