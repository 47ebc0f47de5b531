"""Printed labels that no form knows: a field ends where one begins.

A press may print "Quyển số:" on the line of the number. It is known as print, and told from what
people wrote, by its colon, by standing at one place on the pages, and by the leader that stops
before it and goes on behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from statistics import median

from pipeline.form.labels import fold
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.tokens import Token, token_lines

_PAGES = 0.6
"""Share of the pages, and two at least, on which a word of print is read at one place."""
_SAME_MM = 2.0
_LETTERS = 3
_SURE = 0.4
_WORD_GAP = 1.2
"""Of the height of letters: words closer together are one label."""
_ROW_MM = 3.0
_LEADER_MM = 4.0
"""A leader this long stands on either side of it."""
_UNDER = 0.3
"""Share of a label under which a leader may run: print stands between leaders, writing on them."""


def strangers(
    printed: Sequence[Sequence[Token]],
    pages: Sequence[Sequence[Token]],
    labels: Sequence[Label],
    leaders: Sequence[Segment],
) -> tuple[Label, ...]:
    """Labels among the known ones that are none of them; their entry and item are -1.

    Args:
        printed: words of the common print, reading by reading, in the frame.
        pages: words of each page, in the frame.
        labels: known ones.
        leaders: of the frame.
    """
    found: list[Label] = []
    for tokens in printed:
        for line in token_lines(list(tokens)):
            for at, token in enumerate(line):
                if not token.colon or not _printed(token, pages):
                    continue
                run = _run(line[: at + 1])
                long = len(fold("".join(word.text for word in run))) >= _LETTERS
                label = _label(run, labels)
                known = _known(label, [*labels, *found])
                if long and not known and _between(label, labels, leaders):
                    found.append(label)
    return tuple(found)


def _printed(token: Token, pages: Sequence[Sequence[Token]]) -> bool:
    if token.confidence < _SURE:
        return False
    seen = sum(any(_same(token, other) for other in page) for page in pages)
    return seen >= max(2, _PAGES * len(pages))


def _same(one: Token, other: Token) -> bool:
    near = abs(one.x1 - other.x1) < _SAME_MM and abs(one.middle - other.middle) < _SAME_MM
    return near and fold(one.text) == fold(other.text)


def _run(line: Sequence[Token]) -> list[Token]:
    """The last word of a line and those before it that belong to it."""
    pairs = zip(line[-2::-1], line[:0:-1], strict=True)
    height = line[-1].y1 - line[-1].y0
    joined = takewhile(lambda p: not p[0].stop and p[1].x0 - p[0].x1 < _WORD_GAP * height, pairs)
    return [*reversed([left for left, _ in joined]), line[-1]]


def _label(run: Sequence[Token], labels: Sequence[Label]) -> Label:
    """The words as a label, on the line of a known one left of them or on a line of its own."""
    middle = run[-1].middle
    level = [
        label
        for label in labels
        if abs((label.y0 + label.y1) / 2 - middle) < _ROW_MM and label.x1 < run[0].x0
    ]
    tops, feet = [token.y0 for token in run], [token.y1 for token in run]
    baseline = max(level, key=lambda label: label.x1).baseline if level else median(feet)
    return Label(-1, -1, run[0].x0, run[-1].x1, min(tops), max(feet), baseline)


def _known(label: Label, others: Sequence[Label]) -> bool:
    return any(
        other.x0 < label.x1
        and label.x0 < other.x1
        and abs(other.baseline - label.baseline) < _ROW_MM
        for other in others
    )


def _between(label: Label, labels: Sequence[Label], leaders: Sequence[Segment]) -> bool:
    """Whether a leader begins behind a label, and one stops before it or its line begins there."""
    spans = [(s.x0, s.x1) for s in leaders if abs(s.y - label.baseline) < _ROW_MM]
    before = any(b < label.x0 + 1 and b - a >= _LEADER_MM for a, b in spans) or (
        not any(a < label.x0 for a, _ in spans)
        and min(abs(other.x0 - label.x0) for other in labels) < _ROW_MM
    )
    after = any(a > label.x1 - 1 and b - a >= _LEADER_MM for a, b in spans)
    under = sum(max(0.0, min(b, label.x1) - max(a, label.x0)) for a, b in spans)
    return before and after and under < _UNDER * (label.x1 - label.x0)
