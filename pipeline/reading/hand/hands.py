"""Tells the hands of a book apart: clerks change, each for a run of entries, and may come back.

Single lines of one hand differ as much as lines of two hands do, so that clustering them fails.
What shows a change is the mean over a run of entries: as long as one hand writes, the entries
could as well stand in any other order. So each possible change is weighed against the same
entries shuffled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

MOST_HANDS = 4
_SHORTEST = 8
"""Entries of a run: of fewer a hand cannot be learned anyway."""
_AXES = 12
_SHUFFLES = 300
_CHANCE = 0.01
_APART = 2.2
"""Least distance of two hands' means, of a hand's own spread: less is the same hand tired."""

Floats = NDArray[np.float64]


def tell_apart(features: NDArray[np.float32], entries: Sequence[str], seed: int = 4) -> list[int]:
    """The hand of each line, numbered from 0 in the order of the book.

    Args:
        features: one row a line (``pipeline.reading.hand.look.line_features``).
        entries: key of each line's entry, lines in the order of the book.
        seed: of the shuffles.

    Returns:
        One to ``MOST_HANDS`` hands; all 0 where the lines look like one hand, or are too few.
    """
    keys = list(dict.fromkeys(entries))
    if len(keys) < 2 * _SHORTEST:
        return [0] * len(entries)
    numbers = {key: n for n, key in enumerate(keys)}
    own = np.array([numbers[entry] for entry in entries])
    pooled = np.zeros((len(keys), features.shape[1]))
    np.add.at(pooled, own, features)
    pooled /= np.bincount(own)[:, None]
    points = _evened(pooled)
    dice = np.random.default_rng(seed)
    runs = _joined(points, _runs(points, dice), dice)
    hands = np.zeros(len(keys), int)
    for hand, run in enumerate(runs):
        hands[run] = hand
    return [int(hands[n]) for n in own]


def _evened(pooled: Floats) -> Floats:
    """Few axes, each with the spread 1 that neighbouring entries have (they share a hand)."""
    centred = pooled - pooled.mean(axis=0)
    noise = np.sqrt(np.mean(np.diff(centred, axis=0) ** 2, axis=0) / 2) + 1e-9
    scaled = centred / noise
    left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
    axes = min(_AXES, max(1, len(pooled) // 4))
    points = left[:, :axes] * sizes[:axes]
    spread = np.sqrt(np.mean(np.diff(points, axis=0) ** 2, axis=0) / 2) + 1e-9
    return np.asarray(points / spread, np.float64)


def _runs(points: Floats, dice: Generator) -> list[NDArray[np.intp]]:
    """Runs of entries of one hand each, the clearest change first."""
    runs = [np.arange(len(points))]
    done: list[NDArray[np.intp]] = []
    while runs and len(runs) + len(done) < 2 * MOST_HANDS:
        run = runs.pop(0)
        at = _change(points[run], dice)
        if at:
            runs += [run[:at], run[at:]]
        else:
            done.append(run)
    return sorted(runs + done, key=lambda run: int(run[0]))


def _change(points: Floats, dice: Generator) -> int:
    """Where the hand changes most; 0 where it does not."""
    if len(points) < 2 * _SHORTEST:
        return 0
    gains = _gains(points)
    at = int(gains.argmax())
    if not _differ(points[: at + _SHORTEST], points[at + _SHORTEST :]):
        return 0
    chance = _gains(points[_orders(len(points), dice)]).max(axis=1)
    return at + _SHORTEST if np.mean(chance >= gains[at]) <= _CHANCE else 0


def _orders(count: int, dice: Generator) -> NDArray[np.intp]:
    return dice.random((_SHUFFLES, count)).argsort(axis=1)


def _gains(points: Floats) -> Floats:
    """How much two means explain better than one, for each place to part the entries."""
    count = points.shape[-2]
    first = np.arange(_SHORTEST, count - _SHORTEST + 1)
    sums = np.cumsum(points, axis=-2)
    until = sums[..., first - 1, :]
    before = until / first[:, None]
    after = (sums[..., -1:, :] - until) / (count - first)[:, None]
    weight = first * (count - first) / count
    return np.asarray(weight * ((before - after) ** 2).sum(axis=-1))


def _joined(
    points: Floats, runs: list[NDArray[np.intp]], dice: Generator
) -> list[NDArray[np.intp]]:
    """Runs of one hand put together, the likest first; no more than ``MOST_HANDS`` are left."""
    runs = list(runs)
    while len(runs) > 1:
        pairs = [(a, b) for b in range(len(runs)) for a in range(b)]
        likest = min(
            pairs, key=lambda pair: _distance(points[runs[pair[0]]], points[runs[pair[1]]])
        )
        one, other = (runs[n] for n in likest)
        if len(runs) <= MOST_HANDS and _two(points[one], points[other], dice):
            break
        runs = [run for n, run in enumerate(runs) if n not in likest]
        runs.append(np.sort(np.concatenate([one, other])))
        runs.sort(key=lambda run: int(run[0]))
    return runs


def _two(one: Floats, other: Floats, dice: Generator) -> bool:
    """True where two runs are further apart than the same entries dealt out anew."""
    if not _differ(one, other):
        return False
    both = np.concatenate([one, other])
    dealt = both[_orders(len(both), dice)]
    means = dealt[:, : len(one)].mean(axis=1), dealt[:, len(one) :].mean(axis=1)
    chance = ((means[0] - means[1]) ** 2).sum(axis=1)
    return float(np.mean(chance >= _distance(one, other))) <= _CHANCE


def _distance(one: Floats, other: Floats) -> float:
    return float(((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum())


def _differ(one: Floats, other: Floats) -> bool:
    """True where means lie far apart for the spread, what chance adds to the distance taken off."""
    spread = (((one - one.mean(axis=0)) ** 2).sum() + ((other - other.mean(axis=0)) ** 2).sum()) / (
        len(one) + len(other) - 2
    )
    by_chance = spread * (1 / len(one) + 1 / len(other))
    return bool(_distance(one, other) - by_chance >= _APART**2 * spread / one.shape[1])
