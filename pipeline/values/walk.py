"""A walk through the words of a date along a grammar, past words that were misread.

Each unit of a date (day, month, year, year of the cycle, year of a reign) has a tree of phrases
(``number_words``) and may be opened by its label. The walk keeps the cheapest ways to each place
of the text; what is whole at the end is a reading with its cost in letters (``misread``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from pipeline.values.misread import Spellings, pairs_near, words_near
from pipeline.values.number_words import Node
from pipeline.values.text import fold

BEAM = 32
_BEHIND = 2.3
"""How much dearer than the best a way may be and still be followed."""
_SKIP, _MOST_SKIPPED = 2.2, 2
_GLUED = 0.3
"""A space lost between two words that are right."""


_RIVALS = 1.1
"""How much dearer than its nearest word another may be that a token is tried for."""
_LETTERS_AND_DIGITS = 5
"""A shorter token of both is no damaged word: it may be a damaged number."""


class Unit(IntEnum):
    """What a date is made of."""

    DAY = 0
    MONTH = 1
    YEAR = 2
    CYCLE = 3
    REIGN = 4
    LEAP = 5
    """Said of a month: tháng tư nhuận."""
    MOON = 6
    """1 âm lịch, 0 dương lịch."""


Values = tuple[int | None, ...]
"""What was said of each unit."""
_YEARS = (Unit.YEAR, Unit.CYCLE, Unit.REIGN)
NOTHING: Values = (None,) * len(Unit)


@dataclass(frozen=True, eq=False)
class Grammar:
    """Words of a language's dates.

    ``lost`` is the cost of a unit without its label, ``fillers`` words that say nothing between
    units (``between``) or only before the first, ``day_first_after_year`` allows year, day, month.
    """

    spellings: Spellings
    trees: tuple[Node, ...]
    labels: Mapping[str, tuple[Unit, ...]]
    lost: tuple[float, ...]
    fillers: frozenset[str]
    between: bool = False
    day_first_after_year: bool = False


class Reading(NamedTuple):
    """One way to understand a text; ``skipped`` words were left out."""

    cost: float
    values: Values
    skipped: int


class _Way(NamedTuple):
    cost: float
    values: Values
    unit: int
    """-1 before the first."""
    node: Node | None
    skipped: int


class _Edge(NamedTuple):
    end: int
    words: tuple[str, ...]
    cost: float


def _allowed(grammar: Grammar, values: Values) -> Iterator[Unit]:
    """Units that may come next."""
    said = {unit for unit in Unit if values[unit] is not None}
    year = any(unit in said for unit in _YEARS)
    for unit in range(len(grammar.trees)):
        if unit in said:
            continue
        if unit == Unit.DAY:
            free = not said or (year and (Unit.MONTH in said or grammar.day_first_after_year))
        elif unit == Unit.MONTH:
            free = not said or Unit.DAY in said or year
        elif unit in (Unit.LEAP, Unit.MOON):
            free = Unit.MONTH in said
        else:
            free = not said or Unit.MONTH in said or year
        if free:
            yield Unit(unit)


@lru_cache(maxsize=256)
def _next_units(grammar: Grammar, said: tuple[bool, ...]) -> tuple[Unit, ...]:
    return tuple(_allowed(grammar, tuple(0 if is_said else None for is_said in said)))


@lru_cache(maxsize=4096)
def _leaf(value: int) -> Node:
    return Node(value=value)


def _unglued(word: str, spellings: Spellings) -> tuple[str, ...]:
    """Words written together taken apart: ``haimuoi`` -> hai, muoi; empty where it is none."""
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 6), end - 1):
            before = ways[start]
            if before is not None and word[start:end] in spellings:
                ways[end] = (*before, word[start:end])
                break
    return ways[-1] or ()


def _exact_edges(grammar: Grammar, tokens: Sequence[str], *, bare: bool) -> list[list[_Edge]]:
    edges = []
    for place, token in enumerate(tokens):
        word = fold(token)
        forms = grammar.spellings.get(word, ())
        right = bool(forms) and (bare or token in forms)
        edges.append([_Edge(place + 1, (word,), 0.0)] if right or token.isdecimal() else [])
    return edges


def _bent_edges(grammar: Grammar, tokens: Sequence[str], *, bare: bool) -> list[list[_Edge]]:
    near = [
        {token: 0.0}
        if token.isdecimal()
        else {}
        if len(token) < _LETTERS_AND_DIGITS and any(sign.isdecimal() for sign in token)
        else _near(grammar, token, bare=bare)
        for token in tokens
    ]
    edges = []
    for place, token in enumerate(tokens):
        here = [_Edge(place + 1, (word,), cost) for word, cost in near[place].items()]
        damaged = min(near[place].values(), default=9.0) > 0
        if damaged:
            here += [
                _Edge(place + 1, pair, cost)
                for pair, cost in pairs_near(token, grammar.spellings, bare=bare)
            ]
            parted = _unglued(fold(token), grammar.spellings)
            if len(parted) > 1:
                here.append(_Edge(place + 1, parted, _GLUED * (len(parted) - 1)))
        after = near[place + 1] if place + 1 < len(tokens) else {"": 0.0}
        if damaged or min(after.values(), default=9.0) > 0:
            both = f"{token} {tokens[place + 1]}" if place + 1 < len(tokens) else ""
            if both:
                joined = _near(grammar, both, bare=bare)
                here += [_Edge(place + 2, (word,), cost) for word, cost in joined.items()]
        edges.append(here)
    return edges


@lru_cache(maxsize=8192)
def _near(grammar: Grammar, token: str, *, bare: bool) -> dict[str, float]:
    near = words_near(token, grammar.spellings, bare=bare)
    best = min(near.values(), default=0.0)
    return {word: cost for word, cost in near.items() if cost <= best + _RIVALS}


def _steps(grammar: Grammar, way: _Way, word: str, *, bent: bool) -> Iterator[_Way]:
    """All ways to take one more word, its own cost left out."""
    node = way.node
    past = _filler(grammar, way, word)
    if past is not None:
        yield past
    figures = word.isdecimal() and len(word) < 5 and not (len(word) > 2 and word[0] == "0")
    number = int(word) if figures else None
    if node is not None:
        if number is None:
            child = node.next.get(word)
            if child is not None:
                yield way._replace(node=child)
        else:
            leaf = _number_at(node, number)
            if leaf is not None:
                yield way._replace(node=leaf)
        if node.value is None:
            return
    values = way.values
    if node is not None:
        values = (*values[: way.unit], node.value, *values[way.unit + 1 :])
    following = _next_units(grammar, tuple(value is not None for value in values))
    for unit in grammar.labels.get(word, ()):
        if unit in following:
            yield way._replace(values=values, unit=unit, node=grammar.trees[unit])
    for unit in following:
        lost = 0.0 if unit == Unit.DAY and node is None else grammar.lost[unit]
        if lost and not bent:
            continue
        root = grammar.trees[unit]
        child = root.next.get(word) if number is None else _number_at(root, number)
        if child is not None:
            yield way._replace(cost=way.cost + lost, values=values, unit=unit, node=child)


def _number_at(node: Node, number: int) -> Node | None:
    if node.digits is None or not node.digits[0] <= number <= node.digits[1]:
        return None
    return _leaf(number + node.digits[2])


def _filler(grammar: Grammar, way: _Way, word: str) -> _Way | None:
    """The way past a word that says nothing; what was being said ends there."""
    if word not in grammar.fillers:
        return None
    if way.node is None:
        return way
    if not grammar.between:
        return None
    if way.node is grammar.trees[way.unit]:
        return way
    return None if way.node.value is None else way._replace(node=_leaf(way.node.value))


def _skip(way: _Way) -> _Way | None:
    """A word left out between units."""
    if way.skipped == _MOST_SKIPPED or (way.node is not None and way.node.value is None):
        return None
    return way._replace(cost=way.cost + _SKIP, skipped=way.skipped + 1)


def readings(grammar: Grammar, tokens: Sequence[str], *, bent: bool) -> list[Reading]:
    """Whole readings, cheapest first.

    Args:
        grammar: the language.
        tokens: words in lower case NFC, numbers in digits.
        bent: words may be misread; otherwise all must be right.
    """
    bare = all(token.isascii() for token in tokens)
    make = _bent_edges if bent else _exact_edges
    edges = make(grammar, tokens, bare=bare)
    places: list[dict[tuple[object, ...], _Way]] = [{} for _ in range(len(tokens) + 2)]
    _keep(places[0], _Way(0.0, NOTHING, -1, None, 0))
    for place in range(len(tokens)):
        ways = sorted(places[place].values(), key=lambda way: way.cost)[:BEAM]
        for way in ways:
            if way.cost > ways[0].cost + _BEHIND:
                break
            for edge in edges[place]:
                taken = [way._replace(cost=way.cost + edge.cost)]
                for word in edge.words:
                    taken = [
                        step for one in taken for step in _steps(grammar, one, word, bent=bent)
                    ]
                for step in taken:
                    _keep(places[edge.end], step)
            past = _skip(way) if bent else None
            if past is not None:
                _keep(places[place + 1], past)
    return _whole(places[len(tokens)].values())


def _keep(ways: dict[tuple[object, ...], _Way], way: _Way) -> None:
    key = (way.values, way.unit, id(way.node), way.skipped)
    known = ways.get(key)
    if known is None or way.cost < known.cost:
        ways[key] = way


def _whole(ways: Iterable[_Way]) -> list[Reading]:
    best: dict[Values, Reading] = {}
    for way in ways:
        if way.node is None or way.node.value is None:
            continue
        values = (*way.values[: way.unit], way.node.value, *way.values[way.unit + 1 :])
        if all(values[unit] is None for unit in _YEARS):
            continue
        if values[Unit.DAY] is not None and values[Unit.MONTH] is None:
            continue
        if way.skipped and values[Unit.DAY] is None:
            continue  # what was left out may have been the day: a partial date would be invented
        reading = Reading(way.cost, values, way.skipped)
        if values not in best or reading.cost < best[values].cost:
            best[values] = reading
    return sorted(best.values(), key=lambda reading: reading.cost)
