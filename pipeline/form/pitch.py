"""Labels of the frame, and how far apart the lines of their form are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.form.leaders import Segment


@dataclass(frozen=True)
class Label:
    """A printed label in the frame, mm. ``trust`` is below 1 where its place was inferred."""

    entry: int
    item: int
    x0: float
    x1: float
    y0: float
    y1: float
    baseline: float
    trust: float = 1.0
    inferred: bool = False


def line_pitch(labels: Sequence[Label], leaders: Sequence[Segment]) -> float:
    """Usual distance of two lines of the form, mm."""
    # Leaders may lie well below the baseline: from label to leader is no distance of lines.
    kinds = [label.baseline for label in labels], [segment.y for segment in leaders]
    apart = np.concatenate([np.diff(merged(sorted(heights), 2.0)) for heights in kinds])
    apart = apart[(apart > 4.0) & (apart < 20.0)]
    if not len(apart):
        return 9.0
    # The commonest distance, not the mean: titles and section gaps stretch some of them.
    near = [int(np.sum(np.abs(apart - d) < 0.08 * d)) for d in apart]
    mode = apart[int(np.argmax(near))]
    return float(np.median(apart[np.abs(apart - mode) < 0.12 * mode]))


def merged(heights: list[float], within: float) -> list[float]:
    """Means of heights, rising, that lie within so many millimetres of the one before."""
    groups: list[list[float]] = []
    for height in heights:
        if groups and height - groups[-1][-1] < within:
            groups[-1].append(height)
        else:
            groups.append([height])
    return [sum(group) / len(group) for group in groups]


def leader_drop(labels: Sequence[Label], leaders: Sequence[Segment], pitch: float) -> float:
    """How far leaders lie below the baseline of the labels before them, mm."""
    drops = [
        segment.y - label.baseline
        for label in labels
        for segment in leaders
        if -0.5 < segment.x0 - label.x1 < 6 and abs(segment.y - label.baseline) < 0.4 * pitch
    ]
    return float(np.median(drops)) if drops else 0.0


def pitch_at(height: float, heights: Sequence[float], pitch: float) -> float:
    """Pitch around a line: that of its neighbours where they are regular."""
    apart = [
        abs(one - height)
        for one in merged(sorted(heights), 0.3 * pitch)
        if 0.75 * pitch < abs(one - height) < 1.3 * pitch
    ]
    return 0.5 * (pitch + sum(apart) / len(apart)) if apart else pitch
