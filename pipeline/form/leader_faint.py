"""Where the line behind a number ends, when the dots there are fainter than dots usually are.

Other lines run to a margin that many of them show. That of a number ends by itself, so that what
wear took of its end is told by nothing else: faint dots count here, if they lie on one line with
those that are plain and make a row of some length.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.form.impression import flat_rows
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.tokens import MM_PER_INCH, READ_DPI
from pipeline.form.warp import Floats
from pipeline.types import Grey

_MM = MM_PER_INCH / READ_DPI
_WINDOW_MM = 6.0
"""So much of a row of dots is looked at together: grain averages out, dots do not."""
_CAP = 40
"""Faint dots are as dark as this; what is darker counts no more: strokes of writing are."""
_BESIDE_MM = 0.5
"""Pages laid on one another fit so well."""
_ROW_MM = 4.0
_CLEAR = 5.0
"""So many times the grain's spread is a line."""
_FURTHEST_MM = 60.0
"""From the label; a number needs no longer line."""
_LEAST_MM = 5.0
_LEVEL_MM = 1.2
"""Pieces of one line lie on one height within this."""


def faint_pieces(
    labels: Sequence[Label], segments: Sequence[Segment], pages: Sequence[Grey]
) -> tuple[Segment, ...]:
    """Faint pieces of the lines behind some labels, on the height of their plain pieces.

    Args:
        labels: those whose lines end by themselves, in the frame.
        segments: plain pieces of line, in the frame.
        pages: what each page shows, laid over one another, at ``READ_DPI``.
    """
    rows = [(label, height) for label in labels if (height := _height(label, segments))]
    if not rows:
        return ()
    found: list[Segment] = []
    for page in pages:
        clear = _lines(page)
        for label, height in rows:
            spans = _spans(clear, label.x1, height)
            found += [Segment(((a, height), (b, height))) for a, b in spans]
    return tuple(found)


def _height(label: Label, segments: Sequence[Segment]) -> float | None:
    """How high the plain pieces behind a label lie; None where there are none."""
    own = [
        s
        for s in segments
        if abs(s.y - label.baseline) < _LEVEL_MM and label.x1 - 1 < s.x0 < label.x1 + _FURTHEST_MM
    ]
    if not own:
        return None
    return float(np.average([s.y for s in own], weights=[s.x1 - s.x0 for s in own]))


def _lines(page: Grey) -> Floats:
    """How much each place looks like one of a level line, in spreads of the grain."""
    faint = np.minimum(flat_rows(page, READ_DPI), _CAP).astype(np.float32)
    along = cv2.blur(faint, (round(_WINDOW_MM / _MM) | 1, 1))
    above = np.asarray(along - cv2.blur(along, (1, round(_ROW_MM / _MM) | 1)), np.float64)
    grain = 1.48 * float(np.median(np.abs(above))) or 1.0
    return np.asarray(above / grain, np.float64)


def _spans(clear: Floats, begin: float, height: float) -> list[tuple[float, float]]:
    """Where a line runs on a height, right of a place, mm."""
    reach = round(_BESIDE_MM / _MM)
    y, x = round(height / _MM - 0.5), round(begin / _MM)
    band = clear[max(0, y - reach) : y + reach + 1, x : x + round(_FURTHEST_MM / _MM)]
    if not band.size:
        return []
    level = band.max(axis=0)
    seen = np.flatnonzero(np.diff(np.pad(level > _CLEAR, 1).astype(np.int8))).reshape(-1, 2)
    spans = []
    for a, b in seen:
        # Windows half over the end of a line show half of it.
        own = a + np.flatnonzero(level[a:b] > 0.5 * float(np.median(level[a:b])))
        spans.append((begin + float(own[0]) * _MM, begin + float(own[-1] + 1) * _MM))
    return [(a, b) for a, b in spans if b - a > _LEAST_MM]
