"""What the words of a written place that no chosen name explains say against a reading."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.places.parse import (
    COMMUNE,
    COUNTRY,
    DISTRICT,
    HAMLET,
    PROVINCE,
    Stretch,
    Written,
)
from pipeline.places.spans import Span

_OUT_OF_ORDER, _REVERSE = 0.3, 0.4
_SMALL_NAME, _TYPE_IN_NAME = 0.05, 0.2
_WORDS_AFTER, _WORDS_BEFORE, _WORDS_BEFORE_DISTRICT = 0.2, 0.2, 0.05
_ELSEWHERE = 0.0005
_OTHER_DISTRICT = 0.003
_OTHER_COMMUNE, _SECOND_COMMUNE = 0.003, 0.3
_UNKNOWN_ABOVE, _UNKNOWN_BELOW = 0.1, 0.002
_TIEU_KHU = "Tiểu khu"
_UNLISTED = 0.7
"""Villages and streets below a commune, and communes of other provinces: most are in no list."""


def _loose(
    stretch: Stretch, inside: Sequence[Span], smallest: Span, *, reverse: bool, closed: bool
) -> float:
    """What words beside the names of one stretch take away."""
    weight = 1.0
    before = min(span.start for span in inside) - stretch.start
    covered = sum(span.end - span.start for span in inside)
    after = stretch.end - stretch.start - covered - before
    if after > 0 and not reverse:
        weight *= _WORDS_AFTER
    if before > 0 and smallest.type is None and not (stretch.small or stretch.facility):
        small = smallest.level in (COMMUNE, HAMLET) or not closed
        weight *= _WORDS_BEFORE if small else _WORDS_BEFORE_DISTRICT
    return weight


def _names(stretch: Stretch, spans: Sequence[Span]) -> set[str]:
    """Levels of which a name stands in a stretch exactly and alone."""
    return {
        span.level
        for span in spans
        if span.start == stretch.start and span.end == stretch.end and not span.edits
    }


def _unexplained(
    stretch: Stretch,
    smallest: Span,
    spans: Sequence[Span],
    *,
    below: bool,
    at_end: bool,
    open_level: bool,
    district_slot: bool,
) -> float:
    """Weight of a stretch that holds none of the chosen names."""
    names = _names(stretch, spans)
    type_ = stretch.type
    if type_ and HAMLET in type_.levels and COMMUNE not in type_.levels:
        return 1.0
    if type_ and type_.type == _TIEU_KHU:
        return _UNLISTED  # most of those before 1981 are in no list
    if type_ and type_.levels[0] == COMMUNE:
        if smallest.level == HAMLET:
            return _OTHER_COMMUNE
        if open_level:
            return 1.0
        return _SECOND_COMMUNE if smallest.level == COMMUNE else _OTHER_COMMUNE
    if type_ and DISTRICT in type_.levels:
        if open_level and smallest.level in (PROVINCE, COUNTRY) and DISTRICT not in names:
            return _UNLISTED
        return _OTHER_DISTRICT
    if type_:
        return _ELSEWHERE
    if at_end and not below and names & {PROVINCE, COUNTRY}:
        return _ELSEWHERE
    if stretch.small or stretch.facility:
        return 1.0
    if not below:
        return _OTHER_DISTRICT if DISTRICT in names else _UNKNOWN_ABOVE
    if open_level:
        return _UNLISTED
    return _UNKNOWN_BELOW if district_slot else _UNLISTED


def rest_weight(
    written: Written,
    chosen: Sequence[Span],
    spans: Sequence[Span],
    *,
    open_level: bool,
    shared: bool,
) -> float:
    """How natural a reading is: 1 where every word falls into place.

    Args:
        written: the text.
        chosen: names of the reading, the smallest unit's first.
        spans: all names found in the text.
        open_level: what lies below the smallest unit is in no list (other provinces).
        shared: the smallest name is untyped and a district bears it too.
    """
    weight = 1.0
    positions = [span.start for span in chosen]
    ordered = positions == sorted(positions) or positions == sorted(positions, reverse=True)
    if not ordered:
        weight *= _OUT_OF_ORDER
    reverse = ordered and len(positions) > 1 and positions[0] > positions[-1]
    if reverse:
        weight *= _REVERSE
    smallest = chosen[0]
    district_slot = smallest.level not in (COMMUNE, HAMLET) or (
        len(chosen) < 3 and smallest.type is None and shared
    )
    for span in chosen:
        # khu Hồng Quảng was a province; đường Lê Lợi is no commune
        if span.small and not span.type and span.level not in (HAMLET, PROVINCE):
            weight *= _SMALL_NAME
        if any(span.type and span is not o and span.first < o.end <= span.start for o in chosen):
            weight *= _TYPE_IN_NAME
    for stretch in written.stretches:
        inside = [span for span in chosen if span.start < stretch.end and stretch.start < span.end]
        if inside:
            weight *= _loose(stretch, inside, smallest, reverse=reverse, closed=not open_level)
        else:
            weight *= _unexplained(
                stretch,
                smallest,
                spans,
                below=(stretch.start > smallest.start) is reverse,
                at_end=stretch.start == 0 or stretch.end == len(written.tokens),
                open_level=open_level,
                district_slot=district_slot,
            )
    return weight
