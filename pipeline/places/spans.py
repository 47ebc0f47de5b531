"""Where names of communes, districts and provinces stand in a written place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from pipeline.places.gazetteer import LEVELS, Gazetteer
from pipeline.places.index import LONGEST, Bearer, NameIndex, index_of
from pipeline.places.parse import (
    COMMUNE,
    DISTRICT,
    PROVINCE,
    Stretch,
    TypeWord,
    Written,
    parse,
    small_before,
)

_EDITS = 2
_MOST_SPANS = 5
"""Names of one level in one text that are looked at; more only stand in nonsense."""


_UNNATURAL = 0.002
"""Readings this much less natural than the best are left out."""


@dataclass(frozen=True)
class Span:
    """A name found at tokens ``start`` to ``end``; ``edits`` letters away from the text."""

    start: int
    end: int
    level: str
    bearers: tuple[Bearer, ...]
    text: str
    """The text with its marks."""
    type: TypeWord | None
    small: bool
    edits: int = 0

    @property
    def first(self) -> int:
        """First token, the type word included."""
        return self.type.start if self.type else self.start

    def meets(self, other: Span) -> bool:
        """True where the two names share a word."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Layout:
    """One way to read the text: which name is the commune, the district, the province.

    ``weight`` says how natural that is, 1 where everything falls into place. ``elsewhere`` is
    True where the text names a province or district that the gazetteer does not have.
    """

    commune: Span | None
    district: Span | None
    province: Span | None
    weight: float
    elsewhere: bool


def _exact(written: Written, index: NameIndex) -> Iterator[Span]:
    tokens = written.tokens
    type_starts = {word.start for word in written.types.values()}
    for start, first in enumerate(tokens):
        if start in type_starts and first.marked != first.folded:
            continue  # phường Hùng Vương, not Phương Hưng
        words = ""
        for end in range(start + 1, min(len(tokens), start + LONGEST) + 1):
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


def _near(written: Written, index: NameIndex, found: list[Span]) -> Iterator[Span]:
    """Names near to stretches in which no name was found: letters lost, changed, run together."""
    for stretch in written.stretches:
        start, end = stretch.start, stretch.end
        levels = stretch.type.levels if stretch.type else LEVELS
        letters = stretch.words.replace(" ", "")
        if (
            end - start > LONGEST + 2
            or stretch.facility
            or len(letters) < 4
            or letters.isdecimal()
            or any(
                span.level in levels
                and (span.start == start or end - start > LONGEST)
                and span.end <= end
                and span.start >= start
                and (span.end == end or end - start > LONGEST)
                for span in found
            )
        ):
            continue
        edits = _EDITS if len(letters) >= 6 else 1
        marked = " ".join(token.marked for token in written.tokens[start:end])
        for level in levels:
            for words, distance in index.near(level, letters, edits):
                bearers = index.by_words[words][level]
                yield Span(
                    *(start, end, level, bearers, marked, stretch.type, stretch.small),
                    edits=max(distance, 1),
                )


def _outermost(spans: list[Span]) -> list[Span]:
    """Spans that lie in no longer one of the same reading: Đông Hải 1 hides Đông Hải."""
    return [
        span
        for span in spans
        if not any(
            other.start <= span.start
            and span.end <= other.end
            and other.end - other.start > span.end - span.start
            and other.edits == 0
            for other in spans
        )
    ]


def _loose(stretch: Stretch, inside: list[Span], smallest: Span, *, reverse: bool) -> float:
    """What words beside the names of one stretch take away."""
    weight = 1.0
    before = min(span.start for span in inside) - stretch.start
    covered = sum(span.end - span.start for span in inside)
    after = stretch.end - stretch.start - covered - before
    if after > 0 and not reverse:
        weight *= 0.2
    if before > 0 and smallest.type is None and not (stretch.small or stretch.facility):
        weight *= 0.05 if smallest.level != COMMUNE else 0.2
    return weight


def _weigh(written: Written, chosen: list[Span], index: NameIndex) -> tuple[float, bool]:
    """How natural a reading is, and whether it names a place elsewhere."""
    weight = 1.0
    elsewhere = False
    positions = [span.start for span in chosen]
    ordered = positions == sorted(positions) or positions == sorted(positions, reverse=True)
    if not ordered:
        weight *= 0.3
    reverse = ordered and len(positions) > 1 and positions[0] > positions[-1]
    smallest = chosen[0]
    words = " ".join(token.folded for token in written.tokens[smallest.start : smallest.end])
    slot_of_district = smallest.level != COMMUNE or (
        len(chosen) < 3 and smallest.type is None and DISTRICT in index.by_words.get(words, ())
    )
    for span in chosen:
        if span.small and not span.type:
            weight *= 0.05
        if any(span.type and span is not o and span.first < o.end <= span.start for o in chosen):
            weight *= 0.2  # the type word is a syllable of the name before it
    for stretch in written.stretches:
        inside = [span for span in chosen if span.start < stretch.end and stretch.start < span.end]
        if inside:
            weight *= _loose(stretch, inside, smallest, reverse=reverse)
            continue
        type_ = stretch.type
        below = (stretch.start > smallest.start) is reverse
        at_end = stretch.start == 0 or stretch.end == len(written.tokens)
        if stretch.words in index.elsewhere and (PROVINCE in type_.levels if type_ else at_end):
            elsewhere = True
        elif type_ and COMMUNE in type_.levels:
            weight *= 0.003 if smallest.level != COMMUNE else 0.3
        elif type_:
            elsewhere = True  # huyện Quỳnh Phụ, tỉnh nobody knows
        elif not below:
            weight *= 0.1
        elif slot_of_district and not stretch.small and not stretch.facility:
            weight *= 0.002  # the word before it would be the commune
    return weight, elsewhere


@lru_cache(maxsize=16384)
def layouts(text: str, gazetteer: Gazetteer) -> tuple[Layout, ...]:
    """All ways to read a text as commune, district and province.

    Near names are looked for only in stretches where no exact one stands.
    """
    written = parse(text)
    index = index_of(gazetteer)
    found = _outermost(list(_exact(written, index)))
    found += list(_near(written, index, found))
    by_level: dict[str, list[Span | None]] = {
        level: [
            *sorted(
                (span for span in found if span.level == level),
                key=lambda span: (span.edits, span.type is None, -span.start),
            )[:_MOST_SPANS],
            None,
        ]
        for level in LEVELS
    }
    ways: list[Layout] = []
    for commune, district, province in product(
        by_level[COMMUNE], by_level[DISTRICT], by_level[PROVINCE]
    ):
        chosen = [span for span in (commune, district, province) if span]
        if not chosen or any(
            one.meets(other) for at, one in enumerate(chosen) for other in chosen[at + 1 :]
        ):
            continue
        weight, elsewhere = _weigh(written, chosen, index)
        ways.append(Layout(commune, district, province, weight, elsewhere))
    best = max((way.weight for way in ways), default=0.0)
    return tuple(way for way in ways if way.weight > best * _UNNATURAL)


ELSEWHERE, NO_UNIT = "place_elsewhere", "no_unit_named"
NO_PLACE_REASONS = frozenset({ELSEWHERE, NO_UNIT})
"""Reasons why a place that resolves to nothing is no mistake."""


def no_place(text: str, gazetteer: Gazetteer) -> str:
    """Why a text may name no unit of the gazetteer: ``place_elsewhere`` (Hà Nội, tỉnh Thái Bình)
    or ``no_unit_named`` (at home, a hospital); else empty.
    """
    written, index = parse(text), index_of(gazetteer)
    for stretch in written.stretches:
        at_end = stretch.start == 0 or stretch.end == len(written.tokens)
        typed = stretch.type is not None and PROVINCE in stretch.type.levels
        if stretch.words in index.elsewhere and (typed or (at_end and stretch.type is None)):
            return ELSEWHERE
    if not written.types and all(stretch.facility for stretch in written.stretches):
        return NO_UNIT
    return ""
