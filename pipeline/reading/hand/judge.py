"""Judges what was learned: plain reading of lines kept from learning, against chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.examples import Lesson
from pipeline.reading.hand.ink import own_frames
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.look import Lower
from pipeline.reading.hand.tail import Layers, forward, reach_of, tape_of

_FLIPS = 2000
_JUDGED = 40
"""Lines read at once."""


class Judge:
    """Reads lines with any layers, plainly (no word model)."""

    def __init__(
        self, letters: Letters, kept: Sequence[Lesson], seen: Sequence[NDArray[np.float32]]
    ) -> None:
        self.letters, self.kept, self.seen = letters, kept, seen

    @classmethod
    def of(cls, lower: Lower, letters: Letters, lessons: Sequence[Lesson]) -> Judge:
        """One who has looked at the lines."""
        return cls(letters, lessons, lower.features([lesson.ink for lesson in lessons]))

    def among(self, places: Sequence[int]) -> Judge:
        """One of some of the lines, which are not looked at again."""
        return Judge(self.letters, [self.kept[n] for n in places], [self.seen[n] for n in places])

    def edits(self, layers: Layers) -> NDArray[np.int64]:
        """Edits a line."""
        return np.array(
            [
                Levenshtein.distance(read, lesson.text)
                for read, lesson in zip(self.read(layers), self.kept, strict=True)
            ]
        )

    def read(self, layers: Layers) -> list[str]:
        """What is read, a text a line."""
        texts = []
        for at in range(0, len(self.seen), _JUDGED):
            tape = tape_of(self.seen[at : at + _JUDGED], reach_of(layers))
            said, _ = forward(layers, tape)
            for (a, b), lesson in zip(tape.spans, self.kept[at : at + _JUDGED], strict=True):
                own = said[a : a + own_frames(lesson.ink.shape[1], b - a)]
                codes = tuple(letter.code for letter in greedy(own))
                texts.append(self.letters.text(codes).strip())
        return texts


def by_chance(gains: NDArray[np.int64], entries: Sequence[str], dice: Generator) -> float:
    """How often chance gives as large a gain: signs of the entries' gains thrown anew."""
    _, own = np.unique(np.array(entries), return_inverse=True)
    gain = np.bincount(own, weights=gains)
    signs = dice.choice((-1.0, 1.0), (_FLIPS, len(gain)))
    return float((signs @ gain >= gain.sum() - 1e-9).mean()) if gain.any() else 1.0
