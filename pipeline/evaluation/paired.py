"""Two readers on the same lines: is the second better, and is it worse anywhere beyond chance?

Lines of one entry are written at one time with one pen, so entries are what chance throws: the
sign of each entry's gain is flipped at random (a permutation test), and the share of throws
that do as well says how far chance alone would explain the gain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LUCK = 0.05
"""Share of throws up to which a difference is more than chance."""
_THROWS = 2000


@dataclass(frozen=True)
class PairedLine:
    """One line read by both: errors in letters of ``letters``."""

    era: str
    hand: str
    entry: str
    letters: int
    before: int
    after: int


@dataclass(frozen=True)
class Paired:
    """Both readers on the lines of a group. ``before`` and ``after`` are errors a letter.

    ``by_chance`` is the share of throws that gain as much, ``worse_by_chance`` of those that
    lose as much.
    """

    group: str
    lines: int
    letters: int
    before: float
    after: float
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
class Comparison:
    """All lines together, then by era, then by era and hand."""

    all: Paired
    eras: tuple[Paired, ...]
    hands: tuple[Paired, ...]

    @property
    def worth_it(self) -> bool:
        """Better as a whole, and worse in no era."""
        return self.all.better and not any(era.worse for era in self.eras)


def compare_readers(lines: Sequence[PairedLine], seed: int = 4) -> Comparison:
    """Compare two readers line by line; the same lines and seed give the same answer."""
    eras: dict[str, list[PairedLine]] = defaultdict(list)
    hands: dict[str, list[PairedLine]] = defaultdict(list)
    for line in lines:
        eras[line.era].append(line)
        hands[f"{line.era} · {line.hand}"].append(line)
    return Comparison(
        _paired("", lines, seed),
        tuple(_paired(name, own, seed) for name, own in sorted(eras.items())),
        tuple(_paired(name, own, seed) for name, own in sorted(hands.items())),
    )


def _paired(group: str, lines: Sequence[PairedLine], seed: int) -> Paired:
    letters = max(1, sum(line.letters for line in lines))
    gains: dict[str, int] = defaultdict(int)
    for line in lines:
        gains[line.entry] += line.before - line.after
    own = np.array([gain for _, gain in sorted(gains.items()) if gain], np.float64)
    dice = np.random.default_rng([seed, len(own)])
    thrown = dice.choice((-1.0, 1.0), (_THROWS, len(own))) @ own
    return Paired(
        group,
        len(lines),
        sum(line.letters for line in lines),
        sum(line.before for line in lines) / letters,
        sum(line.after for line in lines) / letters,
        float((thrown >= own.sum() - 1e-9).mean()),
        float((thrown <= own.sum() + 1e-9).mean()),
    )
