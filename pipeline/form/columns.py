"""Columns of two persons are printed alike: what lies elsewhere in one of them is not the label.

A short label worn off in one column is found in what is written there: Nội trợ reads like Chỗ ở.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.form.align import Slot
from pipeline.form.halves import apart, settled
from pipeline.form.pitch import Label
from pipeline.form.schema import Form
from pipeline.form.twins import column_slots
from pipeline.types import Grey

_COMMON = 4
"""Labels both columns must show to be compared."""
_ALIKE_MM = 1.2
"""Columns whose labels commonly lie more differently than this are not printed alike."""
_OFF_MM = 3.5
"""A label so far from where the other column has it is not that label, or that is not."""


def agreed_columns(labels: Sequence[Label], form: Form, ink: Grey) -> tuple[Label, ...]:
    """Labels with those set right, or doubted, that lie elsewhere than in the other column.

    Args:
        labels: of all entries, in the frame.
        form: whose labels they are; only those worded alike in both columns are held together.
        ink: common print at ``READ_DPI``: it tells which of two places the label has.
    """
    by = {Slot(label.entry, label.item): label for label in labels}
    for entry in sorted({label.entry for label in labels}):
        pairs = [
            (here, there)
            for here, there in column_slots(form, entry).items()
            if here in by
            and there in by
            and form.items[here.item].labels == form.items[there.item].labels
        ]
        if len(pairs) < _COMMON:
            continue
        dx, dy = apart([(by[here], by[there]) for here, there in pairs])
        off = [
            max(abs(two.x0 - one.x0 - dx), abs(two.baseline - one.baseline - dy))
            for one, two in ((by[here], by[there]) for here, there in pairs)
        ]
        if float(np.median(off)) > _ALIKE_MM:
            continue
        for (here, there), far in zip(pairs, off, strict=True):
            if far > _OFF_MM:
                by[here], by[there] = settled(by[here], by[there], (dx, dy), ink)
    return tuple(sorted(by.values(), key=lambda label: (label.entry, label.item)))
