"""Suggested links among many people: blocked, compared, weighed, the likely ones kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.checks.linking.blocks import PASSES, Pairs, Pass, Relation, Rows, pairs, skipped
from pipeline.checks.linking.compare import COMPARED, LEVELS, compare
from pipeline.checks.linking.people import ROLES, People
from pipeline.checks.linking.weigh import Floats, Weights, learned, weights
from pipeline.settings import LinkingThresholds

_SAMPLE = 200_000
"""Pairs of a pass from which ``m`` is learned."""
_AT_ONCE = 500_000


@dataclass(frozen=True)
class Reason:
    """One comparison: ``level`` of it, and its weight in bits."""

    what: str
    level: str
    weight: float


@dataclass(frozen=True)
class Suggestion:
    """Two entries that may belong together, likelier first; ``weight`` in bits, without prior."""

    relation: Relation
    first: int
    first_role: str
    second: int
    second_role: str
    weight: float
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Found:
    """What linking found; ``compared`` pairs, ``left_out`` rows of keys shared by too many."""

    suggestions: tuple[Suggestion, ...]
    compared: int
    left_out: int


Notice = Callable[[str, int], None]
"""Relation and pass, and pairs compared so far."""


def find_links(
    people: People, limits: LinkingThresholds, notice: Notice = lambda what, count: None
) -> Found:
    """All suggestions of both relations.

    Args:
        people: of all books that are to be looked at together.
        limits: least probability, largest block.
        notice: called after each pass.
    """
    suggestions: list[Suggestion] = []
    compared = left_out = 0
    for relation in Relation:
        passes = [one for one in PASSES if one.relation is relation]
        worth = _learned(people, relation, passes, limits)
        kept: dict[tuple[int, int], float] = {}
        for one in passes:
            left_out += skipped(people, one, limits.largest_block)
            for low, high in _batches(people, one, limits):
                compared += len(low)
                total = _total(people, worth, relation, low, high)
                likely = total + worth.prior >= np.log2(limits.least / (1 - limits.least))
                kept |= {
                    (int(low[n]), int(high[n])): float(total[n]) for n in np.flatnonzero(likely)
                }
            notice(f"{relation}: {'+'.join(one.columns)}", compared)
        suggestions += _told(people, worth, relation, kept)
    suggestions.sort(key=lambda one: (-one.probability, -one.weight, one.first, one.second))
    return Found(tuple(suggestions), compared, left_out)


def _batches(people: People, one: Pass, limits: LinkingThresholds) -> Iterator[Pairs]:
    """Pairs of a pass, gathered to batches that are worth a call."""
    held: list[Pairs] = []
    count = 0
    for low, high in pairs(people, one, limits.largest_block):
        for at in range(0, len(low), _AT_ONCE):
            held.append((low[at : at + _AT_ONCE], high[at : at + _AT_ONCE]))
            count += len(held[-1][0])
            if count >= _AT_ONCE:
                yield _joined(held)
                held, count = [], 0
    if held:
        yield _joined(held)


def _joined(held: list[Pairs]) -> Pairs:
    return np.concatenate([low for low, _ in held]), np.concatenate([high for _, high in held])


def _total(people: People, worth: Weights, relation: Relation, low: Rows, high: Rows) -> Floats:
    levels = compare(people, relation, low, high)
    return np.asarray(np.sum(list(worth.parts(people, levels, low, high).values()), axis=0))


def _learned(
    people: People, relation: Relation, passes: list[Pass], limits: LinkingThresholds
) -> Weights:
    samples = []
    dice = np.random.default_rng(6)
    for one in passes:
        for low, high in _batches(people, one, limits):
            take = np.sort(dice.permutation(len(low))[:_SAMPLE])
            low, high = low[take], high[take]
            samples.append((one.shared, low, high, compare(people, relation, low, high)))
            break
    start = weights(people, relation, COMPARED[relation])
    return learned(start, people, samples) if samples else start


def _told(
    people: People, worth: Weights, relation: Relation, kept: dict[tuple[int, int], float]
) -> list[Suggestion]:
    if not kept:
        return []
    low = np.array([one for one, _ in kept], np.int64)
    high = np.array([other for _, other in kept], np.int64)
    levels = compare(people, relation, low, high)
    parts = worth.parts(people, levels, low, high)
    found = []
    for n, (one, other) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        reasons = tuple(
            Reason(what, LEVELS[what](int(level[n])).name.lower(), round(float(parts[what][n]), 1))
            for what, level in levels.items()
            if level[n]
        )
        # In the order of a life, and of writing.
        first, second = sorted((one, other), key=lambda row: (people.kind[row], people.entry[row]))
        weight = float(sum(part[n] for part in parts.values()))
        found.append(
            Suggestion(
                relation,
                int(people.entry[first]),
                ROLES[people.role[first]],
                int(people.entry[second]),
                ROLES[people.role[second]],
                round(weight, 2),
                round(float(1 / (1 + np.exp2(-(weight + worth.prior)))), 4),
                reasons,
            )
        )
    return found
