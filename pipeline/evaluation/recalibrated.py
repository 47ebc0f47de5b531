"""Two calibrations on the same reviewed fields: is the new one better, and worse for no reader?

Measured by the logarithmic loss, which only honest probabilities make small. Fields of one entry
share page and hand, so entries are what chance throws (as in ``paired``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.paired import LUCK
from pipeline.evaluation.reliability import Weighed, calibration_error
from pipeline.reading.recalibrate import Judged, Recalibration

_THROWS = 2000
_FLOOR = 1e-4


@dataclass(frozen=True)
class Held:
    """Both calibrations on the held-out fields of one reader (or all, name empty).

    ``before`` and ``after`` are mean losses in nats, ``error_before`` and ``error_after``
    calibration errors; ``by_chance`` is the share of throws that gain as much.
    """

    reader: str
    fields: int
    books: int
    before: float
    after: float
    error_before: float
    error_after: float
    by_chance: float
    worse_by_chance: float

    @property
    def better(self) -> bool:
        """Better beyond chance."""
        return self.after < self.before and self.by_chance <= LUCK

    @property
    def worse(self) -> bool:
        """Worse beyond chance."""
        return self.after > self.before and self.worse_by_chance <= LUCK


@dataclass(frozen=True)
class HeldOut:
    """All held-out fields together, then by reader."""

    all: Held
    readers: tuple[Held, ...]

    @property
    def worth_it(self) -> bool:
        """Better as a whole, no larger calibration error, and no reader worse."""
        smaller = self.all.error_after <= self.all.error_before
        return self.all.better and smaller and not any(one.worse for one in self.readers)


def weighed_by(bent: Recalibration, judged: Sequence[Judged]) -> list[Weighed]:
    """Fields with the probability that a calibration gives them."""
    return [
        Weighed(
            bent.probability(one.reader, one.field_type, one.probability), one.right, one.weight
        )
        for one in judged
    ]


def compare_calibrations(
    judged: Sequence[Judged], before: Recalibration, after: Recalibration, seed: int = 4
) -> HeldOut:
    """Compare on fields that neither was fitted on; the same fields give the same answer."""
    readers: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        readers[one.reader].append(one)
    return HeldOut(
        _held("", judged, before, after, seed),
        tuple(_held(name, own, before, after, seed) for name, own in sorted(readers.items())),
    )


def _held(
    reader: str, judged: Sequence[Judged], before: Recalibration, after: Recalibration, seed: int
) -> Held:
    was, now = weighed_by(before, judged), weighed_by(after, judged)
    gains: dict[tuple[str, str], float] = defaultdict(float)
    total = sum(one.weight for one in judged) or 1.0
    for field, one, other in zip(judged, was, now, strict=True):
        gains[field.book, field.entry] += (_loss(one) - _loss(other)) * field.weight
    own = np.array([gain for _, gain in sorted(gains.items())], np.float64)
    dice = np.random.default_rng([seed, len(own)])
    thrown = dice.choice((-1.0, 1.0), (_THROWS, len(own))) @ own
    return Held(
        reader,
        len(judged),
        len({one.book for one in judged}),
        sum(_loss(one) * one.weight for one in was) / total,
        sum(_loss(one) * one.weight for one in now) / total,
        calibration_error(was) or 0.0,
        calibration_error(now) or 0.0,
        float((thrown >= own.sum() - 1e-9).mean()),
        float((thrown <= own.sum() + 1e-9).mean()),
    )


def _loss(one: Weighed) -> float:
    share = min(1 - _FLOOR, max(_FLOOR, one.probability))
    return -math.log(share if one.right else 1 - share)
