"""What people's words say of the shipped probabilities: curves that bend them, per office.

A curve goes from the probability that reader and grammar gave (``own`` in
``pipeline.checks.witnesses``) to the one that the office's reviewed fields bear out. It is an
isotonic regression over knots, in logits: reviewed fields are parted into groups of like
probability, each group is moved by one number, drawn towards no move as far as the group is
small, and groups that would no longer rise are pooled (Ayer et al. 1955). Between knots the
shipped order stays, so that sure fields are still told from less sure ones; a step curve would
make them all alike.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.settings import RecalibrationThresholds

Floats = NDArray[np.float64]
ALL = "all"
_LEAST, _MOST = 1e-4, 1 - 1e-4
_LOTS = 1 << 32


@dataclass(frozen=True)
class Judged:
    """A machine's value that a person has seen.

    ``weight`` is how many of the office's fields it stands for: fields that came to a person
    for their doubt stand for themselves, those of the blind sample for all accepted ones.
    """

    reader: str
    """Family: ``tesseract`` (print and type) or ``hand``."""
    field_type: str
    book: str
    entry: str
    probability: float
    """As reader and grammar gave it with the shipped calibrator."""
    right: bool
    weight: float = 1.0


@dataclass(frozen=True)
class Bend:
    """Knots of one curve in logits, both rising; ``fields`` reviewed ones are behind it."""

    given: tuple[float, ...]
    borne_out: tuple[float, ...]
    fields: int


@dataclass(frozen=True)
class Recalibration:
    """Curves by ``reader/field type`` and ``reader/all``; version 0 changes nothing."""

    version: int = 0
    data: str = ""
    bends: Mapping[str, Bend] = field(default_factory=dict)

    def probability(self, reader: str, field_type: str, given: float) -> float:
        """The shipped probability as this office's fields bear it out."""
        bend = self.bends.get(f"{reader}/{field_type}") or self.bends.get(f"{reader}/{ALL}")
        if bend is None or not bend.given or given <= 0.0:
            return given
        return round(_share(_bent(bend, _logit(given))), 4)


SHIPPED = Recalibration()
"""What the installation brought along."""


def _logit(share: float) -> float:
    inside = min(_MOST, max(_LEAST, share))
    return math.log(inside / (1 - inside))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _bent(bend: Bend, logit: float) -> float:
    """Between knots a straight line; outside, the move of the nearest one."""
    moves = [after - before for before, after in zip(bend.given, bend.borne_out, strict=True)]
    return logit + float(np.interp(logit, bend.given, moves))


def held_back(book: str, share: float) -> bool:
    """Whether a book is kept for the test: the same answer in every run."""
    lot = int.from_bytes(hashlib.sha256(f"calibration {book}".encode()).digest()[:4], "big")
    return lot < share * _LOTS


def parted(judged: Sequence[Judged], share: float) -> tuple[tuple[Judged, ...], tuple[Judged, ...]]:
    """Fields to fit and fields to test, by book; two books at least are always parted."""
    books = sorted({one.book for one in judged})
    kept = {book for book in books if held_back(book, share)}
    if len(books) > 1 and len(kept) in (0, len(books)):
        first = min(books, key=lambda book: hashlib.sha256(book.encode()).digest())
        kept = {first}
    return (
        tuple(one for one in judged if one.book not in kept),
        tuple(one for one in judged if one.book in kept),
    )


def recalibrate(
    judged: Iterable[Judged], limits: RecalibrationThresholds, version: int, data: str
) -> Recalibration:
    """Curves of each reader, and of its field types with enough reviewed fields.

    A reader's own curve is drawn towards the shipped one, a field type's towards its reader's.
    """
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[f"{one.reader}/{ALL}"].append(one)
        groups[f"{one.reader}/{one.field_type}"].append(one)
    bends: dict[str, Bend] = {}
    for name, group in sorted(groups.items(), key=lambda item: not item[0].endswith(f"/{ALL}")):
        reader, _, kind = name.partition("/")
        if len(group) >= limits.type_fields or kind == ALL:
            towards = bends.get(f"{reader}/{ALL}") if kind != ALL else None
            bends[name] = _bend(group, limits, towards)
    return Recalibration(version, data, bends)


def _bend(group: Sequence[Judged], limits: RecalibrationThresholds, towards: Bend | None) -> Bend:
    order = sorted(group, key=lambda one: one.probability)
    given, borne, weights = [], [], []
    for some in np.array_split(np.arange(len(order)), max(1, len(order) // limits.knot_fields)):
        knot = [order[int(at)] for at in some]
        logits = np.array([_logit(one.probability) for one in knot])
        weight = _honest(np.array([one.weight for one in knot]))
        right = np.array([one.right for one in knot], np.float64)
        middle = float(np.average(logits, weights=weight))
        prior = _bent(towards, middle) - middle if towards else 0.0
        given.append(middle)
        borne.append(middle + _move(logits, right, weight, prior, limits.spread))
        weights.append(float(weight.sum()))
    return Bend(*_rising(given, borne, weights), len(order))


def _honest(weights: Floats) -> Floats:
    """Weights that add up to what such unequal ones are worth (Kish 1965)."""
    return np.asarray(weights * weights.sum() / (weights**2).sum())


def _move(logits: Floats, right: Floats, weights: Floats, prior: float, spread: float) -> float:
    """What is added to the logits of a group: likeliest under a normal prior."""
    low, high = prior - 8.0, prior + 8.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        short = float((weights * (right - 1 / (1 + np.exp(-(logits + middle))))).sum())
        # The posterior's slope falls all the way: its zero is halved in.
        slope = short - (middle - prior) / spread**2
        low, high = (middle, high) if slope > 0 else (low, middle)
    return (low + high) / 2


def _rising(
    given: Sequence[float], borne: Sequence[float], weights: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots that rise: what falls, or lies on one place, is pooled."""
    pooled: list[tuple[float, float, float]] = []
    for knot in zip(given, borne, weights, strict=True):
        while pooled and (pooled[-1][1] >= knot[1] or pooled[-1][0] >= knot[0] - 1e-6):
            x, y, w = pooled.pop()
            total = w + knot[2]
            knot = ((x * w + knot[0] * knot[2]) / total, (y * w + knot[1] * knot[2]) / total, total)
        pooled.append(knot)
    return (
        tuple(round(x, 4) for x, _, _ in pooled),
        tuple(round(y, 4) for _, y, _ in pooled),
    )
