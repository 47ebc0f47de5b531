"""Lines with what stands in them, from which a book's hand is learned; some kept for judging."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.reading.hand.alphabet import normalized
from pipeline.reading.hand.ctc import Codes
from pipeline.reading.hand.ctc_loss import frames_needed
from pipeline.reading.hand.ink import InkLine, padded_width
from pipeline.reading.hand.net import Card

_KEPT = 0.2
"""Share of the lines that judge what was learned from the others."""


@dataclass(frozen=True, eq=False)
class Example:
    """One line, its text as written, and the key of the entry it stands in."""

    ink: InkLine
    text: str
    entry: str


@dataclass(frozen=True, eq=False)
class Lesson:
    """An example ready to learn from."""

    ink: InkLine
    text: str
    codes: Codes
    entry: str


@dataclass(frozen=True)
class Lessons:
    """Examples that can be learned from, and why others cannot.

    Attributes:
        lessons: in their order.
        strange: signs that the net cannot write; lines with such are left out.
        short: lines with too little room for their text.
        empty: lines without text.
    """

    lessons: tuple[Lesson, ...]
    strange: tuple[str, ...] = ()
    short: int = 0
    empty: int = 0

    def left_out(self) -> str:
        """Why examples were left out, for a note; empty where none was."""
        said = []
        if self.strange:
            said.append(f"signs outside the alphabet: {' '.join(self.strange)}")
        if self.short:
            said.append(f"lines too short for their text: {self.short}")
        if self.empty:
            said.append(f"lines without text: {self.empty}")
        return "; ".join(said)


def lessons_of(examples: Sequence[Example], card: Card) -> Lessons:
    """Examples that the net of a card can learn from."""
    found: list[Lesson] = []
    strange: set[str] = set()
    short = empty = 0
    for example in examples:
        text = normalized(example.text)
        codes = card.letters.codes(text)
        if not text:
            empty += 1
        elif codes is None:
            strange |= set(text) - set(card.letters.signs)
        elif frames_needed(codes) > padded_width(example.ink.shape[1]) // card.stride:
            short += 1
        else:
            found.append(Lesson(example.ink, text, codes, example.entry))
    return Lessons(tuple(found), tuple(sorted(strange)), short, empty)


def apart(
    lessons: Sequence[Lesson], seed: int, share: float = _KEPT
) -> tuple[list[Lesson], list[Lesson]]:
    """Lines to learn from, and lines to judge by: whole entries, the same ones as a book grows."""
    order = sorted({lesson.entry for lesson in lessons}, key=lambda entry: _lot(seed, entry))
    wanted, kept = share * len(lessons), set[str]()
    for entry in order[:-1]:
        if sum(lesson.entry in kept for lesson in lessons) >= wanted:
            break
        kept.add(entry)
    learned = [lesson for lesson in lessons if lesson.entry not in kept]
    return learned, [lesson for lesson in lessons if lesson.entry in kept]


def parts(
    lessons: Sequence[Lesson], seed: int, count: int
) -> list[tuple[list[Lesson], list[Lesson]]]:
    """The same ``count`` times, each entry judging once."""
    order = sorted({lesson.entry for lesson in lessons}, key=lambda entry: _lot(seed, entry))
    turn = {entry: n % count for n, entry in enumerate(order)}
    return [
        (
            [lesson for lesson in lessons if turn[lesson.entry] != n],
            [lesson for lesson in lessons if turn[lesson.entry] == n],
        )
        for n in range(count)
    ]


def digest_of(examples: Sequence[Example]) -> str:
    """SHA-256 of examples, whatever their order."""
    each = sorted(
        hashlib.sha256(
            b"\0".join(
                (
                    example.entry.encode(),
                    example.text.encode(),
                    str(example.ink.shape).encode(),
                    np.ascontiguousarray(example.ink, np.float32).tobytes(),
                )
            )
        ).digest()
        for example in examples
    )
    return hashlib.sha256(b"".join(each)).hexdigest()


def _lot(seed: int, entry: str) -> bytes:
    return hashlib.sha256(f"{seed} {entry}".encode()).digest()
