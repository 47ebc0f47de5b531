"""Labels read on several sheets, the common print and each page, taken together.

What two readings show at one place is print. What was read on one page alone may be writing, but
not where the other labels begin, for there only print stands, nor where another page shows the
same, too faint to be read: of two worn pages each has lost labels that the other still has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.form.align import Match, candidates, is_short, title_places
from pipeline.form.boxes import SIGNING
from pipeline.form.schema import Form
from pipeline.form.tokens import MM_PER_INCH, READ_DPI, Token
from pipeline.types import Grey

MM = MM_PER_INCH / READ_DPI
_PLAIN = 0.85
"""Likeness from which a label on one page alone is read well."""
_WHOLE = 0.98
"""Share of the best likeness at one place from which a reading has all of the label."""
_ALIGNED_MM, _COMMON = 2.5, 4
"""Where so many labels begin, others do."""
_AT_ONE_HEIGHT_MM = 2.0
"""Readings of one label differ by less in height."""
_ROW_MM = 3.0
"""Labels whose heights differ by less stand on one row."""
_SOFT_MM, _REACH_MM = 0.25, 1.0
"""Blur before two pages are compared, and how far one may lie from the other."""
_SAME = 0.5
"""Likeness from which two pages show the same print."""
_CAPTION = 0.8
"""What is left of the likeness of a title over a signature, where its label was seen too."""
_INK = 40
"""Darkness without which there is no print to compare."""


@dataclass(frozen=True)
class Sheets:
    """Ink of the pages in the frame at ``READ_DPI``, softened for comparison."""

    pages: tuple[Grey, ...]

    @classmethod
    def of(cls, pages: Sequence[Grey]) -> Sheets:
        """Pages as they lie on one another."""
        soft = (cv2.GaussianBlur(page, (0, 0), _SOFT_MM / MM) for page in pages)
        return cls(tuple(np.asarray(page, np.uint8) for page in soft))

    def shared(self, match: Match, page: int) -> bool:
        """Whether another page shows at its place what this one shows of a label."""
        own = _cut(self.pages[page], match, 0.0)
        if not own.size or int(own.max()) < _INK:
            return False
        for number, other in enumerate(self.pages):
            there = _cut(other, match, _REACH_MM)
            if number == page or there.shape[0] < own.shape[0] or there.shape[1] < own.shape[1]:
                continue
            likeness = np.nan_to_num(cv2.matchTemplate(there, own, cv2.TM_CCOEFF_NORMED))
            if float(likeness.max()) >= _SAME:
                return True
        return False


def _cut(ink: Grey, match: Match, more: float) -> Grey:
    rows = slice(*(max(0, round(v / MM)) for v in (match.y0 - more, match.y1 + more)))
    across = slice(*(max(0, round(v / MM)) for v in (match.x0 - more, match.x1 + more)))
    return ink[rows, across]


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


def pooled(
    sources: Sequence[Sequence[Match]], common: int, sheets: Sheets | None = None
) -> list[Match]:
    """Candidates of all readings; those seen at one place several times gain.

    Args:
        sources: candidates, mm, reading by reading, all in one frame.
        common: so many of the first are readings of the common print: their ends of labels are
            the cleanest, and what one of them shows is print. The others are of a page each.
        sheets: ink of these pages.
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
                    and abs(first.x0 - match.x0) < _ALIGNED_MM
                    and abs(first.middle - match.middle) < _AT_ONE_HEIGHT_MM
                    and abs(first.x1 - match.x1) < 4.0
                ):
                    group.append(match)
                    numbers.add(number)
                    break
            else:
                groups.append([match])
                seen_in.append({number})
    taken: list[Match] = []
    alone: list[tuple[Match, int]] = []
    for group, numbers in zip(groups, seen_in, strict=True):
        printed = min(numbers) < common
        # A label without its last short word lies almost where the whole one does.
        clean = [match for match in group if match.score >= _WHOLE * max(m.score for m in group)]
        best = clean[0] if printed else max(group, key=lambda match: match.score)
        score = max(match.score for match in group)
        if printed:
            numbers |= _run_on(best, groups, seen_in)
        share = len(numbers) / len(sources)
        one = replace(best, score=score * (0.75 + 0.25 * share), support=len(numbers))
        if printed or len(numbers) > 1:
            taken.append(one)
        elif score >= _PLAIN:
            alone.append((one, min(numbers) - common))
    # A single page is its own common print, only read once more.
    single = len(sources) == common + 1
    printed_too = [
        match
        for match, page in alone
        if single
        or begins_a_line(match, taken)
        or (sheets is not None and sheets.shared(match, page))
    ]
    return [*taken, *printed_too]


def _run_on(
    match: Match, groups: Sequence[Sequence[Match]], seen_in: Sequence[set[int]]
) -> set[int]:
    """Readings in which a label has run on into what is written close behind it: they show it."""
    return {
        number
        for group, numbers in zip(groups, seen_in, strict=True)
        for other in group[:1]
        for number in numbers
        if (other.slot, other.label) == (match.slot, match.label)
        and other.score >= _PLAIN
        and other.x1 > match.x1
        and abs(other.x0 - match.x0) < _ALIGNED_MM
        and abs(other.middle - match.middle) < _AT_ONE_HEIGHT_MM
    }


def before_captions(matches: Sequence[Match], form: Form) -> list[Match]:
    """Candidates with those weighed less that are titles over a signature.

    Hộ lại stands before a name, and once more under the entry; the label begins a line.
    """
    lines = {
        (match.slot, match.label)
        for match in matches
        if form.items[match.slot].field in SIGNING and begins_a_line(match, matches)
    }
    return [
        replace(match, score=match.score * _CAPTION)
        if (match.slot, match.label) in lines and not begins_a_line(match, matches)
        else match
        for match in matches
    ]


def begins_a_line(match: Match, others: Sequence[Match]) -> bool:
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
