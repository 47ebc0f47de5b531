"""Where names of units stand in a written place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.places.index import Bearer, NameIndex, index_of
from pipeline.places.parse import TYPE_SPELLINGS, Stretch, TypeWord, Written, parse, small_before
from pipeline.places.tables import LEVELS
from pipeline.places.units import Gazetteer

_EDITS = 2
_SHORTEST_NEAR = 4
"""Letters of the shortest text for which near names are looked for."""
_MOST_SPANS = 6
"""Names of one level in one text that are looked at; more only stand in nonsense."""
_LONG_TYPES = ("phuong", "huyen")
_WINDOW = 3
"""Words of the longest damaged name inside a stretch without separators."""


class Span(NamedTuple):
    """A name found at tokens ``start`` to ``end``; ``edits`` letters away from the text."""

    start: int
    end: int
    level: str
    bearers: tuple[Bearer, ...]
    text: str
    """The text with its marks."""
    type: TypeWord | None
    small: bool
    """The word before makes it a street, hamlet or house."""
    edits: int = 0

    @property
    def first(self) -> int:
        """First token, the type word included."""
        return self.type.start if self.type else self.start

    def meets(self, other: Span) -> bool:
        """True where the two names share a word."""
        return self.start < other.end and other.start < self.end


def _exact(written: Written, index: NameIndex) -> Iterator[Span]:
    tokens = written.tokens
    type_starts = {word.start for word in written.types.values()}
    for start, first in enumerate(tokens):
        if start in type_starts and first.marked in TYPE_SPELLINGS:
            continue  # phường Hùng Vương, not Phương Hưng; but Phượng Hoàng
        words = ""
        for end in range(start + 1, min(len(tokens), start + index.longest) + 1):
            if words and tokens[end - 1].after_break:
                break
            words = f"{words} {tokens[end - 1].folded}" if words else first.folded
            levels = index.by_words.get(words)
            if not levels:
                continue
            marked = " ".join(token.marked for token in tokens[start:end])
            type_ = written.types.get(start)
            small = small_before(written, type_.start if type_ else start)
            for level, bearers in levels.items():
                if type_ is None or level in type_.levels:
                    yield Span(start, end, level, bearers, marked, type_, small)


def _near_at(
    written: Written, index: NameIndex, stretch: Stretch, start: int, end: int
) -> Iterator[Span]:
    """Names near to the letters of some tokens of a stretch."""
    tokens = written.tokens[start:end]
    letters = "".join(token.folded for token in tokens)
    if len(letters) < _SHORTEST_NEAR or letters.isdecimal():
        return
    edits = _EDITS if len(letters) >= 6 else 1
    marked = " ".join(token.marked for token in tokens)
    type_ = stretch.type if start == stretch.start else None
    for level in type_.levels if type_ else LEVELS:
        for words, distance in index.near(level, letters, edits):
            yield Span(
                *(start, end, level, index.by_words[words][level], marked, type_, stretch.small),
                edits=max(distance, 1),
            )


def _like_type(written: Written, start: int) -> bool:
    """True where a word may be a type word that was misread: phườug, huyệu."""
    word = written.tokens[start].folded
    return any(Levenshtein.distance(word, one, score_cutoff=2) <= 2 for one in _LONG_TYPES)


def _near(written: Written, index: NameIndex, found: list[Span]) -> Iterator[Span]:
    """Names near to stretches in which no name was found: letters lost, changed, run together."""
    for stretch in written.stretches:
        start, end = stretch.start, stretch.end
        if stretch.facility:
            continue
        levels = stretch.type.levels if stretch.type else LEVELS
        inside = [
            span
            for span in found
            if span.level in levels and span.start >= start and span.end <= end
        ]
        if end - start <= index.longest:
            if not any(span.start == start and span.end == end for span in inside):
                yield from _near_at(written, index, stretch, start, end)
            if end - start > 1 and stretch.type is None and _like_type(written, start):
                yield from _near_at(written, index, stretch, start + 1, end)
            if end - start <= _WINDOW:
                continue
        taken = {at for span in inside for at in range(span.start, span.end)}
        for first in range(start, end):
            for last in range(first + 2, min(end, first + _WINDOW) + 1):
                if not taken.intersection(range(first, last)):
                    yield from _near_at(written, index, stretch, first, last)


def _outermost(spans: list[Span]) -> list[Span]:
    """Spans that lie in no longer one of the same reading: Đông Hải 1 hides Đông Hải."""
    return [
        span
        for span in spans
        if not any(
            other.start <= span.start
            and span.end <= other.end
            and other.end - other.start > span.end - span.start
            for other in spans
        )
    ]


@lru_cache(maxsize=16384)
def names_in(text: str, gazetteer: Gazetteer) -> tuple[Span, ...]:
    """Names that stand in a text, exactly or damaged; the likeliest few of each level.

    Near names are looked for only in stretches where no exact one stands.
    """
    written = parse(text)
    index = index_of(gazetteer)
    exact = _outermost(list(_exact(written, index)))
    found = [*exact, *_near(written, index, exact)]
    chosen: list[Span] = []
    for level in LEVELS:
        chosen += sorted(
            (span for span in found if span.level == level),
            key=lambda span: (span.edits, span.type is None, -span.start),
        )[:_MOST_SPANS]
    return tuple(chosen)


ELSEWHERE, NO_UNIT, DITTO = "place_elsewhere", "no_unit_named", "as_above"
NO_PLACE_REASONS = frozenset({NO_UNIT, DITTO})
"""Reasons why a place that resolves to nothing is no mistake."""
_AS_ABOVE = frozenset({"nt", "n t", "nhu tren", "nhu tren nt"})


def no_place(text: str) -> str:
    """Why a text may name no unit: ``no_unit_named`` (at home, a hospital), ``as_above`` (nt),
    else empty.
    """
    written = parse(text)
    if " ".join(token.folded for token in written.tokens) in _AS_ABOVE:
        return DITTO
    if not written.types and all(stretch.facility for stretch in written.stretches):
        return NO_UNIT
    return ""
