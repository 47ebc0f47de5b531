"""How many entries of a book are looked at a second time, and how many may be wrong.

Four ways, of which a supervisor chooses one:

* ``share``: a share of the book, 30 % as practised (Công văn 1437/BTP-CNTT: loop 2); as many
  wrong ones pass as the allowed rate gives for the sample, rounded down;
* ``single``: the smallest sample by which a book as good as allowed passes with probability of
  at least ``1 - producer``, and one as bad as the limit with ``consumer`` at most;
* ``double``: the same in two samples, the second of which is drawn only where the first does
  not decide; of all such plans the one that looks at fewest entries of a good book.

The probabilities are exact: entries drawn without putting back from a lot of known size are
hypergeometric. That is what the tables of ISO 2859-1 and 2859-2 approximate by lot classes; no
table is copied here.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Mode = Literal["off", "share", "single", "double"]
_ACCEPT_MOST = 6
"""Acceptance numbers tried for a double plan: beyond, books would have to be huge."""


@dataclass(frozen=True)
class PlanChoice:
    """What a supervisor has chosen. Shares between 0 and 1."""

    mode: Mode = "off"
    share: float = 0.3
    """Of a book, for ``share``."""
    allowed: float = 0.01
    """Share of wrong entries of a book that is good enough (AQL)."""
    limit: float = 0.1
    """Share of wrong entries of a book that must not pass (limiting quality)."""
    producer: float = 0.05
    """Chance that a good enough book fails."""
    consumer: float = 0.1
    """Chance that a book at the limit passes."""


@dataclass(frozen=True)
class LotPlan:
    """Sizes and numbers for one book. Without a second sample, ``second`` is 0."""

    first: int
    accept: int
    """So many wrong ones in the first sample pass the book."""
    reject: int
    """So many fail it; between the two the second sample decides."""
    second: int = 0
    accept_both: int = 0
    """So many wrong ones in both samples together pass the book."""

    def verdict(self, wrong: tuple[int, int], seen: tuple[int, int]) -> str | None:
        """``passed``, ``failed``, or None while more must be looked at.

        Args:
            wrong: wrong entries of the first and the second sample so far.
            seen: looked at so far, of each.
        """
        first, both = wrong[0], sum(wrong)
        if first >= self.reject or (self.second and both > self.accept_both):
            return "failed"
        if seen[0] < self.first:
            return None
        if first <= self.accept:
            return "passed"
        return "passed" if seen[1] >= self.second else None

    def needs_second(self, wrong: int, seen: int) -> bool:
        """The first sample is done and has decided nothing."""
        return bool(self.second) and seen >= self.first and self.accept < wrong < self.reject


def plan_for(choice: PlanChoice, lot: int) -> LotPlan:
    """Sizes and numbers for a book of ``lot`` entries.

    Raises:
        ValueError: there is no plan for no entries, or none was chosen.
    """
    if lot < 1 or choice.mode == "off":
        raise ValueError("no entries, or no plan")
    if choice.mode == "share":
        size = min(lot, math.ceil(round(choice.share * lot, 9)))
        accept = math.floor(round(choice.allowed * size, 9))
        return LotPlan(size, accept, accept + 1)
    single = _single(choice, lot)
    return (_double(choice, lot) or single) if choice.mode == "double" else single


def passes(plan: LotPlan, lot: int, wrong: int) -> float:
    """Probability that a book of ``lot`` entries, ``wrong`` of them wrong, passes."""
    sure = _at_most(plan.accept, lot, wrong, plan.first)
    if not plan.second:
        return sure
    return sure + math.fsum(
        _exactly(hits, lot, wrong, plan.first)
        * _at_most(plan.accept_both - hits, lot - plan.first, wrong - hits, plan.second)
        for hits in range(plan.accept + 1, plan.reject)
    )


def looked_at(plan: LotPlan, lot: int, wrong: int) -> float:
    """How many entries are looked at on average."""
    again = math.fsum(
        _exactly(hits, lot, wrong, plan.first) for hits in range(plan.accept + 1, plan.reject)
    )
    return plan.first + plan.second * again


def draw(seed: str, keys: Iterable[str], size: int) -> list[str]:
    """So many of the keys, the same for the same seed on every machine, in order of drawing."""
    ranked = sorted(
        keys, key=lambda key: hashlib.blake2b(f"{seed}\0{key}".encode(), digest_size=16).digest()
    )
    return ranked[:size]


# --- inside -------------------------------------------------------------------------------------


def _good(choice: PlanChoice, lot: int) -> int:
    return math.floor(round(choice.allowed * lot, 9))


def _bad(choice: PlanChoice, lot: int) -> int:
    """At least one more than a good book has: of a small book no other could be told apart."""
    return min(lot, max(_good(choice, lot) + 1, math.ceil(round(choice.limit * lot, 9))))


@lru_cache(maxsize=4096)
def _single(choice: PlanChoice, lot: int) -> LotPlan:
    good, bad = _good(choice, lot), _bad(choice, lot)
    for accept in range(lot):
        size = _least(lambda n, c=accept: _at_most(c, lot, bad, n) <= choice.consumer, 1, lot)
        if size is None:
            break
        if _at_most(accept, lot, good, size) >= 1 - choice.producer:
            return LotPlan(size, accept, accept + 1)
    return LotPlan(lot, good, good + 1)


@lru_cache(maxsize=4096)
def _double(choice: PlanChoice, lot: int) -> LotPlan | None:
    good, bad = _good(choice, lot), _bad(choice, lot)
    best: tuple[float, LotPlan] | None = None
    for accept in range(_ACCEPT_MOST):
        for both in range(accept + 1, accept + _ACCEPT_MOST):

            def at(size: int, accept: int = accept, both: int = both) -> LotPlan:
                return LotPlan(size, accept, both + 1, size, both)

            size = _least(lambda n: passes(at(n), lot, bad) <= choice.consumer, 1, lot // 2)
            if size is None or passes(at(size), lot, good) < 1 - choice.producer:
                continue
            cost = looked_at(at(size), lot, good)
            if best is None or cost < best[0] - 1e-9:
                best = cost, at(size)
    return None if best is None else best[1]


def _least(holds: object, low: int, high: int) -> int | None:
    """The smallest size for which it holds; larger samples let bad books pass more seldom."""
    assert callable(holds)
    if high < low or not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _exactly(hits: int, lot: int, wrong: int, size: int) -> float:
    if hits < max(0, size - (lot - wrong)) or hits > min(size, wrong):
        return 0.0
    # By logarithms: whole numbers of a thousand digits take seconds for a book of some thousand.
    return math.exp(
        _log_ways(wrong, hits) + _log_ways(lot - wrong, size - hits) - _log_ways(lot, size)
    )


def _log_ways(many: int, some: int) -> float:
    return math.lgamma(many + 1) - math.lgamma(some + 1) - math.lgamma(many - some + 1)


def _at_most(hits: int, lot: int, wrong: int, size: int) -> float:
    if hits < 0:
        return 0.0
    return min(1.0, math.fsum(_exactly(n, lot, wrong, size) for n in range(hits + 1)))
