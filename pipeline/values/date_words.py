"""Dates written in words, read along the grammar and tolerant to damaged words.

The words are walked through the trees of ``number_words`` with a beam: each word costs its
distance from the tree's word, and what is left at the end must be a real day. Where two
readings cost about the same, none is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.values.calendar import edtf
from pipeline.values.date_digits import LUNAR
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.number_words import SPELLINGS, Node, Phrase, as_words, trees
from pipeline.values.text import clean, fold

_WORD = re.compile(r"\d+|[^\W\d_]+")
_BEAM = 48
_LOST_LABEL = 0.4
_SKIPPED = 0.9
_MARGIN = 0.2
"""Costs are in words: 1 is a word without any likeness."""
_MONTHS_OF_THE_MOON = {"ram", "gieng", "chap"}
_OLD_NOVEMBER = re.compile(r"\bthang mot\b")
_MODERN_JANUARY = 1956
"""In older speech *tháng một* was the eleventh month, *tháng giêng* the first."""
MOST_DAMAGED = 0.34
"""Share of words that may be bent before the whole counts as unread."""


class _Walk(NamedTuple):
    """A reading of the words so far. ``stage`` 0: day, 1: month, 2: year."""

    cost: float
    damaged: int
    stage: int
    node: Node
    day: int | None
    month: int | None
    skipped: int


@lru_cache(maxsize=16384)
def _cost(token: str, word: str) -> float:
    """0 where ``token`` is ``word``; up to 1; above where they have too little in common."""
    if fold(token) == word:
        return 0.0
    likeness = max(
        Levenshtein.normalized_similarity(fold(token), word),
        *(Levenshtein.normalized_similarity(token, form) for form in SPELLINGS[word]),
    )
    return 1.1 * (1.0 - likeness) if likeness >= 0.5 else 2.0


@lru_cache(maxsize=4096)
def _unglued(token: str) -> Phrase:
    """Number words written together taken apart: ``haimươi`` -> hai, mươi."""
    folded = fold(token)
    if folded in SPELLINGS:
        return (token,)
    ways: list[Phrase | None] = [()] + [None] * len(folded)
    for end in range(2, len(folded) + 1):
        for start in range(max(0, end - 5), end - 1):
            before = ways[start]
            if before is not None and folded[start:end] in SPELLINGS:
                ways[end] = (*before, folded[start:end])
                break
    return ways[-1] or (token,)


def _tokens(literal: str) -> list[str] | None:
    """Words of a date; numbers in digits become words; None where a number fits nowhere."""
    tokens: list[str] = []
    for word in _WORD.findall(clean(literal).lower()):
        if word.isdecimal():
            words = as_words(word)
            if words is None:
                return None
            tokens.extend(words)
        else:
            tokens.extend(_unglued(word))
    return tokens


def _steps(walk: _Walk, token: str, *, bent: bool) -> Iterator[_Walk]:
    """All ways to take one more word."""
    day_tree, month_tree, year_tree = trees()

    def costs(word: str) -> float:
        return _cost(token, word) if bent else (0.0 if fold(token) == word else 2.0)

    def walked(cost: float) -> _Walk:
        return walk._replace(cost=walk.cost + cost, damaged=walk.damaged + (cost > 0))

    for word, node in walk.node.next.items():
        if (cost := costs(word)) <= 1:
            yield walked(cost)._replace(node=node)
    at_start = walk.node in (day_tree, month_tree, year_tree)
    value = walk.node.value
    fresh = at_start and walk.stage == 0
    if fresh and walk.damaged == 0 and (cost := costs("ngay")) <= 1:
        yield walked(cost)._replace(node=day_tree)
    if walk.stage == 0 and (fresh or value):
        if (cost := costs("thang")) <= 1:
            yield walked(cost)._replace(stage=1, node=month_tree, day=value)
        elif bent and value:
            yield from _steps(
                walked(_LOST_LABEL)._replace(stage=1, node=month_tree, day=value),
                token,
                bent=True,
            )
    if (walk.stage == 1 and value) or fresh:
        month = value if walk.stage == 1 else None
        if (cost := costs("nam")) <= 1:
            yield walked(cost)._replace(stage=2, node=year_tree, month=month)
        if bent and walk.stage == 1:
            for word, node in year_tree.next.items():
                if (cost := costs(word)) <= 1:
                    yield walked(_LOST_LABEL + cost)._replace(stage=2, node=node, month=month)
    if bent and walk.skipped < 2 and (fresh or (walk.stage == 2 and value)):
        yield walked(_SKIPPED)._replace(skipped=walk.skipped + 1)


def _walks(tokens: list[str], *, bent: bool) -> list[_Walk]:
    """Complete readings, cheapest first."""
    beam = [_Walk(0.0, 0, 0, trees()[0], None, None, 0)]
    for token in tokens:
        best: dict[tuple[object, ...], _Walk] = {}
        for walk in beam:
            for step in _steps(walk, token, bent=bent):
                key = (step.stage, id(step.node), step.day, step.month, step.skipped)
                if key not in best or step.cost < best[key].cost:
                    best[key] = step
        beam = sorted(best.values(), key=lambda step: step.cost)[:_BEAM]
    return [
        walk
        for walk in beam
        if walk.stage == 2
        and walk.node.value is not None
        # a word left out before a partial date may have been its day
        and not (walk.skipped and walk.day is None)
    ]


def _readings(tokens: list[str], book_year: int) -> list[tuple[float, int, Found]]:
    """(cost, bent words, meaning) of each reading that is a real date, cheapest first."""
    for bent in (False, True):
        dates: dict[str, tuple[float, int, Found]] = {}
        walks = _walks(tokens, bent=bent)
        for walk in walks:
            found = edtf(walk.day, walk.month, walk.node.value or 0, book_year)
            if found.normalized is not None:
                dates.setdefault(found.normalized, (walk.cost, walk.damaged, found))
        if dates or walks:
            return list(dates.values())  # none: well said, but no real day (30 February)
    return []


def parse_words(literal: str, book_year: int) -> Found:
    """EDTF of a date in words.

    Args:
        literal: e.g. ``Ngày mồng năm, tháng mười hai, năm một nghìn chín trăm bảy mươi tư``.
        book_year: resolves short years (``năm bảy tư``).
    """
    if LUNAR.search(fold(literal)):
        return not_understood("lunar_date")
    tokens = _tokens(literal)
    if not tokens:
        return not_understood("no_number_words")
    if len(tokens) > 40:
        return not_understood("too_long")
    readings = _readings(tokens, book_year)
    if not readings:
        return not_understood("not_a_date_in_words")
    cost, damaged, found = readings[0]
    if damaged > MOST_DAMAGED * len(tokens):
        return not_understood("too_damaged")
    if len(readings) > 1 and readings[1][0] - cost < _MARGIN:
        return not_understood("ambiguous_words")
    if damaged:
        found = found.because(f"damaged_words={damaged}", BENT**damaged)
    if _MONTHS_OF_THE_MOON & {fold(token) for token in tokens}:
        # giêng, chạp, rằm belong to the moon's calendar; clerks also say them of the sun's
        found = found.because("lunar_word", BENT)
    if book_year < _MODERN_JANUARY and _OLD_NOVEMBER.search(fold(literal)):
        found = found.because("month_one_may_be_eleven", BENT)
    return found
