"""What agreement is worth: log₂ of how much likelier it is for one person than for two.

``m``, how often a comparison comes out at a level for one person, is estimated by EM on the
pairs at hand (Dempster et al. 1977), drawn towards what is put in; ``u``, how often for two
people, is counted: two people share a name as often as the name is frequent, a day as often as
days are. So a rare name weighs more than a common one, and a small commune more than a town.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from pipeline.checks.linking.blocks import Relation, Rows, years
from pipeline.checks.linking.compare import LEVELS, Day, Levels, Name, Number, Same
from pipeline.checks.linking.people import KINDS, NONE, People
from pipeline.types import Kind

Floats = NDArray[np.float64]
_LEAST_U = 1e-9
_PUT_IN: dict[str, dict[int, float]] = {
    "name": {Name.SAME: 0.82, Name.MARKS: 0.08, Name.ENDS: 0.04, Name.NEAR: 0.04, Name.OTHER: 0.02},
    "born": {
        Day.SAME: 0.75, Day.FITS: 0.12, Day.ONE_PART: 0.06, Day.YEAR: 0.02, Day.NEAR_YEAR: 0.03,
        Day.OTHER: 0.02,
    },
    "event": {
        Day.SAME: 0.88, Day.FITS: 0.03, Day.ONE_PART: 0.06, Day.YEAR: 0.01, Day.NEAR_YEAR: 0.01,
        Day.OTHER: 0.01,
    },
    "sex": {Same.SAME: 0.99, Same.OTHER: 0.01},
    "unit": {Same.SAME: 0.7, Same.OTHER: 0.3},
    "other": {Same.SAME: 0.88, Same.OTHER: 0.12},
    "number": {Number.SAME: 0.85, Number.OTHER: 0.13, Number.ONE_BOOK: 0.02},
}  # fmt: skip
"""Chosen, not measured: no linked registers are published. Each counts as ``_WORTH`` pairs."""
_WORTH = 200.0
_ROUNDS = 25
_SHARE = 0.5
"""Share of people taken to have the other act among these entries; of acts written twice."""
_TWICE = 0.02


@dataclass(frozen=True)
class Weights:
    """``m`` by level of each comparison, frequencies for ``u``, log₂ odds of any one pair."""

    relation: Relation
    m: Mapping[str, Floats]
    u: Mapping[str, Floats]
    frequency: Mapping[str, Floats]
    """Of names, folded names, their ends, units and mothers, by code."""
    prior: float

    def parts(
        self, people: People, levels: Mapping[str, Levels], first: Rows, second: Rows
    ) -> dict[str, Floats]:
        """Weight of each comparison for some pairs, in bits; their sum and the prior decide."""
        found = {}
        for what, level in levels.items():
            u = self._chance(people, what, level, first, second)
            weight = np.log2(self.m[what][level] / np.maximum(u, _LEAST_U))
            found[what] = np.where(level == 0, 0.0, weight)
        return found

    def _chance(
        self, people: People, what: str, level: Levels, first: Rows, second: Rows
    ) -> Floats:
        u = self.u[what][level]
        if what == "name":
            # Of two that differ the commoner one: whichever stands first must not matter.
            key, name, ends = (
                np.maximum(self.frequency[of][column[first]], self.frequency[of][column[second]])
                for of, column in (
                    ("key", people.key), ("name", people.name), ("ends", people.ends)
                )
            )  # fmt: skip
            once = 1 / len(people)
            u = np.select(
                [level == Name.SAME, level == Name.MARKS, level == Name.ENDS],
                [name, np.maximum(key - name, once), np.maximum(ends - key, once)],
                u,
            )
        elif what in ("unit", "other"):
            column = getattr(people, what)[first]
            u = np.where(level == Same.SAME, self.frequency[what][column], u)
        return np.asarray(u)


def weights(people: People, relation: Relation, compared: tuple[str, ...]) -> Weights:
    """Weights before anything was learned from pairs."""
    u = {
        "name": _table(Name, {Name.NEAR: 0.003, Name.OTHER: 0.95}),
        "born": _day_chances(people.born, people.born_last),
        "event": _day_chances(people.event, people.event_last),
        # names tell the sex: who shares a name shares it nine times of ten (chosen)
        "sex": _table(Same, {Same.SAME: 0.9, Same.OTHER: 0.1}),
        "unit": _table(Same, {Same.OTHER: 1.0}),
        "other": _table(Same, {Same.OTHER: 1.0}),
        "number": _number_chances(people),
    }
    births = int((people.kind == KINDS[Kind.BIRTH]).sum())
    chance = (
        _SHARE / max(births, 2) if relation is Relation.PERSON else _TWICE / max(1, len(people))
    )
    return Weights(
        relation,
        {what: _table(LEVELS[what], _PUT_IN[what]) for what in compared},
        {what: u[what] for what in compared},
        {
            "name": _frequency(people.name),
            "key": _frequency(people.key),
            "ends": _frequency(people.ends),
            "unit": _frequency(people.unit),
            "other": _frequency(people.other),
        },
        float(np.log2(chance)),
    )


def _table(levels: type[IntEnum], known: Mapping[int, float]) -> Floats:
    table = np.ones(len(levels))
    for level, share in known.items():
        table[level] = share
    return table


def _frequency(codes: NDArray[np.int32]) -> Floats:
    known = codes[codes != NONE]
    counts = np.bincount(known) if known.size else np.zeros(1)
    # One more place: NONE is -1 and looks at the end.
    return np.asarray(np.r_[counts / max(1, known.size), 1.0])


def _day_chances(starts: NDArray[np.int32], ends: NDArray[np.int32]) -> Floats:
    """How often two people agree on a date, counted from the dates themselves."""
    known = starts != NONE
    whole = known & (starts == ends)
    days = _together(starts[whole])
    year = _together(years(starts[known]))
    month = _together(starts[whole] // 30)
    return _table(
        Day,
        {
            Day.SAME: days,
            Day.FITS: year,
            # a wrong day of the month, a wrong month, a wrong year: each as many as there are
            Day.ONE_PART: month + 11 * days + 90 * days,
            Day.YEAR: year,
            Day.NEAR_YEAR: 2 * year,
            Day.OTHER: 1 - 3 * year,
        },
    )


def _together(values: NDArray[np.int32]) -> float:
    """Probability that two drawn at random are equal."""
    _, counts = np.unique(values, return_counts=True)
    total = counts.sum()
    return max(1e-7, float((counts.astype(float) ** 2).sum() / total**2)) if total else 1e-5


def _number_chances(people: People) -> Floats:
    one_book = _together(people.book)
    same = _together(people.unit) * _together(people.year) / 300
    return _table(
        Number, {Number.SAME: same, Number.OTHER: 1 - one_book, Number.ONE_BOOK: one_book}
    )


def learned(
    start: Weights,
    people: People,
    samples: list[tuple[tuple[str, ...], Rows, Rows, dict[str, Levels]]],
) -> Weights:
    """Weights with ``m`` as the pairs at hand bear it out.

    Args:
        start: put-in weights.
        people: whom the pairs are of.
        samples: of each pass: what its pairs share anyway (never learned from them), first and
            second rows, levels.
    """
    now = start
    for _ in range(_ROUNDS):
        counts = {what: _WORTH * _proper(start.m[what]) for what in start.m}
        for shared, first, second, levels in samples:
            total = np.sum(list(now.parts(people, levels, first, second).values()), axis=0)
            likely = 1 / (1 + np.exp2(-np.clip(total + start.prior, -60, 60)))
            for what, level in levels.items():
                if what not in shared:
                    counts[what] += np.bincount(level, likely, len(counts[what]))
        m = {what: _shares(count) for what, count in counts.items()}
        moved = max(float(np.abs(m[what] - now.m[what]).max()) for what in m)
        now = Weights(start.relation, m, start.u, start.frequency, start.prior)
        if moved < 1e-4:
            break
    return now


def _proper(table: Floats) -> Floats:
    """Shares of the known levels alone."""
    shares = table.copy()
    shares[0] = 0.0
    return np.asarray(shares / shares.sum())


def _shares(counts: Floats) -> Floats:
    shares = _proper(counts)
    shares[0] = 1.0
    return shares
