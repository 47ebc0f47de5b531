"""Labels read on several sheets, the common print and each page, taken together.

What two readings show at one place is print. What one page alone shows may be writing, but not
where the other labels begin: there only print stands, and of two worn pages each has lost labels
that the other still shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.form.align import Match, candidates, is_short, title_places
from pipeline.form.schema import Form
from pipeline.form.tokens import Token

_PLAIN = 0.85
"""Likeness from which a label on one page alone is read well."""
_ALIGNED_MM, _COMMON = 2.5, 4
"""Where so many labels begin, others do."""
_ROW_MM = 3.0
"""Labels whose heights differ by less stand on one row."""


def candidates_of(sheets: Sequence[Sequence[Token]], form: Form) -> list[list[Match]]:
    """Candidates of every sheet, without short ones where any sheet shows a title."""
    places = [place for sheet in sheets for place in title_places(sheet, form)]
    return [
        [
            match
            for match in candidates(sheet, form)
            if not (
                is_short(match.label)
                and any(
                    x0 - 1 < match.x0 and match.x1 < x1 + 1 and y0 - 1 < match.middle < y1 + 1
                    for x0, y0, x1, y1 in places
                )
            )
        ]
        for sheet in sheets
    ]


def pooled(sources: Sequence[Sequence[Match]], common: int) -> list[Match]:
    """Candidates of all readings; those seen at one place several times gain.

    Args:
        sources: candidates, mm, reading by reading, all in one frame.
        common: so many of the first are readings of the common print: their ends of labels are
            the cleanest, and what one of them shows is print.
    """
    groups: list[list[Match]] = []
    seen_in: list[set[int]] = []
    for number, source in enumerate(sources):
        for match in source:
            for group, numbers in zip(groups, seen_in, strict=True):
                first = group[0]
                if (
                    first.slot == match.slot
                    and first.label == match.label
                    and abs(first.x0 - match.x0) < 2.5
                    and abs(first.middle - match.middle) < 2.0
                    and abs(first.x1 - match.x1) < 4.0
                ):
                    group.append(match)
                    numbers.add(number)
                    break
            else:
                groups.append([match])
                seen_in.append({number})
    taken: list[Match] = []
    alone: list[Match] = []
    for group, numbers in zip(groups, seen_in, strict=True):
        printed = min(numbers) < common
        best = group[0] if printed else max(group, key=lambda match: match.score)
        score = max(match.score for match in group)
        share = len(numbers) / len(sources)
        one = replace(best, score=score * (0.75 + 0.25 * share), support=len(numbers))
        if printed or len(numbers) > 1:
            taken.append(one)
        elif score >= _PLAIN:
            alone.append(one)
    return [*taken, *(match for match in alone if _begins_a_line(match, taken))]


def _begins_a_line(match: Match, others: Sequence[Match]) -> bool:
    """Whether labels of several other rows begin where this one does."""
    heights = sorted(
        other.middle
        for other in others
        if abs(other.x0 - match.x0) < _ALIGNED_MM
        and other.score >= _PLAIN
        and not is_short(other.label)
    )
    rows: list[float] = []
    for height in heights:
        if not rows or height - rows[-1] > _ROW_MM:
            rows.append(height)
    return len(rows) >= _COMMON
