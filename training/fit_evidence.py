"""What agreement of two readings is worth, measured with readers whose errors are known.

    python -m training.fit_evidence [--entries N] [--seed S]

Dates are drawn, written in digits and in words, and running numbers in rows; simulated readers
misread signs and words with the confusions of such scripts, more often on entries whose writing
is poor (which makes errors come together). Each reading carries the probability that an honest
calibrator would give it: the share of right ones among readings that look as doubtful. From
these follow, per relation, how often two wrong readings agree (``collision``) and how much
errors come together beyond what the probabilities know (``correlation``), for the ``evidence``
section of ``thresholds.yaml``; then the combination itself is held against the truth.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from pipeline.checks.sequence import between_neighbours
from pipeline.reading.calibrate import calibration_error
from pipeline.reading.evidence import agreeing, contradicting
from pipeline.settings import RelationStrength, SignStrength

_DIGITS = {"0": "69", "1": "74", "2": "37", "3": "85", "4": "19", "5": "36", "6": "05", "7": "12",
           "8": "30", "9": "74"}  # fmt: skip
"""What pen and print are mistaken for, likelier first (taken twice as often)."""
_WORDS = {
    "một": "mốt mười", "hai": "ba", "ba": "hai tám", "bốn": "bảy", "năm": "tám lăm",
    "sáu": "tám", "bảy": "bốn", "tám": "sáu năm", "chín": "mười", "mười": "một mươi",
}  # fmt: skip
_SAID = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_VALUES = {**{word: n for n, word in enumerate(_SAID)}, "mười": 10, "mốt": 1, "lăm": 5, "mươi": 10}
_PAPER_DISSENTS = 0.005
"""Share of entries whose clerk wrote two different dates; assumed, no count is published."""
_GAPS = 0.03


@dataclass(frozen=True)
class Pair:
    """Two readings of one fact: whether each is right, whether they agree, how sure each is."""

    first_right: bool
    second_right: bool
    agree: bool
    first: float
    second: float


@dataclass(frozen=True)
class _Seen:
    right: bool
    value: object
    looks: float
    """How doubtful it looks to its reader: a log rate with noise."""


def _misread(signs: Sequence[str], others: dict[str, list[str]], rate: float,
             chance: random.Random) -> list[str]:  # fmt: skip
    read = []
    for sign in signs:
        if sign in others and chance.random() < rate:
            near = others[sign]
            sign = near[0] if len(near) == 1 or chance.random() < 2 / 3 else near[1]
        read.append(sign)
    return read


_NEAR_DIGITS = {sign: list(near) for sign, near in _DIGITS.items()}
_NEAR_WORDS = {word: near.split() for word, near in _WORDS.items()}


def _said(number: int) -> list[str]:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return [_SAID[ones]]
    return [*([] if tens == 1 else [_SAID[tens]]), "mười", *([_SAID[ones]] if ones else [])]


def _meant(words: Sequence[str]) -> int:
    number = 0
    for word in words:
        value = _VALUES[word]
        number = max(number, 1) * 10 if value == 10 else number + value
    return number


def _by_grammar(day: int, month: int, year: int) -> object:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _digits_of(day: date, rate: float, chance: random.Random) -> object:
    read = "".join(_misread(list(f"{day:%d%m%Y}"), _NEAR_DIGITS, rate, chance))
    return _by_grammar(int(read[:2]), int(read[2:4]), int(read[4:]))


def _words_of(day: date, rate: float, chance: random.Random) -> object:
    parts = [_said(n) for n in (day.day, day.month, day.year // 100, day.year % 100)]
    read = [_meant(_misread(part, _NEAR_WORDS, rate, chance)) for part in parts]
    return _by_grammar(read[0], read[1], read[2] * 100 + read[3])


def _rates(chance: random.Random, poor: float) -> tuple[float, float]:
    """Rate of misread signs and what the reader shows of it: poor writing shows, not wholly."""
    log_rate = -5.2 + 1.3 * poor + 0.7 * chance.gauss(0, 1)
    return min(0.4, math.exp(log_rate)), log_rate + 0.6 * chance.gauss(0, 1)


def _dates(count: int, chance: random.Random) -> list[tuple[_Seen, _Seen, bool]]:
    pairs = []
    for _ in range(count):
        true = date(1922, 1, 1) + timedelta(days=chance.randrange(34_000))
        other = true
        if chance.random() < _PAPER_DISSENTS:
            other = true + timedelta(days=chance.choice((-1, 1, 10, 31)))
        poor = chance.gauss(0, 1)
        rate, looks = _rates(chance, poor)
        digits = _digits_of(true, rate, chance)
        one = _Seen(digits == true, digits, looks)
        rate, looks = _rates(chance, poor)
        words = _words_of(other, rate, chance)
        two = _Seen(words == other, words, looks)
        if digits is not None and words is not None:  # what breaks the grammar has no value
            pairs.append((one, two, digits == words))
    return pairs


def _numbers(count: int, chance: random.Random) -> list[tuple[_Seen, _Seen, bool]]:
    rows: list[_Seen] = []
    number, poor = 0, chance.gauss(0, 1)
    for at in range(count):
        if at % 40 == 0:  # a page has one hand
            poor = chance.gauss(0, 1)
        number = 1 if number > 300 else number + (1 if chance.random() > _GAPS else 2)
        rate, looks = _rates(chance, poor)
        read = int("".join(_misread(list(f"{number}"), _NEAR_DIGITS, rate, chance)))
        rows.append(_Seen(read == number, read, looks))
    return [
        (one, before, int(str(before.value)) + 1 == one.value) for before, one in pairwise(rows)
    ]


def _honest(seen: Sequence[_Seen], bins: int = 40) -> list[float]:
    """For each reading the share of right ones among those that look like it."""
    order = np.argsort([one.looks for one in seen])
    honest = np.empty(len(seen))
    for part in np.array_split(order, bins):
        right = sum(seen[n].right for n in part)
        honest[part] = (right + 0.5) / (len(part) + 1.0)
    return [float(share) for share in honest]


def simulate(kind: str, count: int, seed: int) -> list[Pair]:
    """Pairs of readings of one relation: ``digits_words`` or ``next_number``."""
    makers: dict[str, Callable[[int, random.Random], list[tuple[_Seen, _Seen, bool]]]] = {
        "digits_words": _dates,
        "next_number": _numbers,
    }
    seen = makers[kind](count, random.Random(seed))
    first, second = (_honest([pair[at] for pair in seen]) for at in (0, 1))  # type: ignore[misc]
    return [
        Pair(one.right, two.right, agree, p, q)
        for (one, two, agree), p, q in zip(seen, first, second, strict=True)
    ]


def fit(pairs: Sequence[Pair]) -> RelationStrength:
    """The strength of a relation, from pairs whose truth is known."""
    both_right = [pair for pair in pairs if pair.first_right and pair.second_right]
    neither = [pair for pair in pairs if not (pair.first_right or pair.second_right)]
    together = sum(
        (pair.first_right - pair.first) * (pair.second_right - pair.second) for pair in pairs
    )
    spread = sum(math.sqrt(p.first * (1 - p.first) * p.second * (1 - p.second)) for p in pairs)
    return RelationStrength(
        dissent=1 - sum(pair.agree for pair in both_right) / max(1, len(both_right)),
        collision=(sum(pair.agree for pair in neither) + 0.5) / (len(neither) + 1.0),
        correlation=min(0.99, max(0.0, together / spread if spread else 0.0)),
    )


def combined(pairs: Sequence[Pair], relation: RelationStrength, ceiling: float) -> list[float]:
    """Probability of each first reading once the second has been heard."""
    return [
        agreeing(pair.first, pair.second, relation, ceiling)
        if pair.agree
        else contradicting(pair.first, pair.second, relation)
        for pair in pairs
    ]


def held_against_truth(pairs: Sequence[Pair], probabilities: Sequence[float],
                       bar: float) -> dict[str, float]:  # fmt: skip
    """Calibration error, and share and error of what passes ``bar``."""
    p = np.asarray(probabilities)
    right = np.asarray([pair.first_right for pair in pairs], float)
    passed = p >= bar
    return {
        "calibration_error": calibration_error(p, right),
        "passed": float(passed.mean()),
        "expected_error": float(1 - p[passed].mean()) if passed.any() else 0.0,
        "error": float(1 - right[passed].mean()) if passed.any() else 0.0,
    }


def signs_of_order(count: int, seed: int, a_year: int) -> SignStrength:
    """How often a registration date lies between its neighbours' ones, right and wrong ones.

    Args:
        count: rows.
        seed: of the draw.
        a_year: entries registered in a year.
    """
    chance = random.Random(seed)
    day, rows, right = date(1960, 1, 1), [], []
    for at in range(count):
        if at % 40 == 0:
            poor = chance.gauss(0, 1)
        day += timedelta(days=int(chance.expovariate(a_year / 365)))
        day = day if day.year < 2015 else date(1960, 1, 1)
        read = _digits_of(day, _rates(chance, poor)[0], chance)
        if isinstance(read, date):
            rows.append(read)
            right.append(read == day)
    seen = {
        start + at: seen
        for start in range(0, len(rows), 300)
        for at, seen in enumerate(between_neighbours([(d, d) for d in rows[start : start + 300]]))
    }
    shares = []
    for kind in (True, False):
        told = [seen[at] for at, one in enumerate(right) if one is kind and seen[at] is not None]
        shares.append(min(0.999, (sum(map(bool, told)) + 0.5) / (len(told) + 1.0)))
    return SignStrength(right=shares[0], wrong=shares[1])


def main() -> None:
    """Prints the strengths and how well the combination holds on other draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for kind in ("digits_words", "next_number"):
        relation = fit(simulate(kind, given.entries, given.seed))
        print(f"{kind}: {relation}")
        fresh = simulate(kind, given.entries, given.seed + 1)
        alone = [pair.first for pair in fresh]
        ways: dict[str, list[float]] = defaultdict(list)
        ways["alone"] = alone
        ways["combined"] = combined(fresh, relation, 0.9995)
        for name, probabilities in ways.items():
            for bar in (0.99, 0.998):
                figures = held_against_truth(fresh, probabilities, bar)
                print(f"  {name:9} >= {bar}", {k: round(v, 5) for k, v in figures.items()})
    for a_year in (60, 120, 300):
        print(f"date_in_order, {a_year} a year:", signs_of_order(given.entries, 1, a_year))


if __name__ == "__main__":
    main()
