"""Learns the hand of a book from lines that people have read, in minutes on one core.

Only the upper part of the net moves (``tail.py``); lines are varied anew each time they are
shown. Some entries are kept from learning: they judge whether it has helped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from pipeline.errors import WeightsError
from pipeline.reading.hand.adapter import Adapter, Fact, rounded
from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.ctc_loss import ctc_loss
from pipeline.reading.hand.examples import Example, Lesson, apart, digest_of, lessons_of
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.look import Lower, lower_part
from pipeline.reading.hand.net import load_weights
from pipeline.reading.hand.onnx_file import weights_of
from pipeline.reading.hand.optimise import Optimiser
from pipeline.reading.hand.tail import (
    Floats,
    Layers,
    Noise,
    backward,
    forward,
    layers_of,
    reach_of,
    tape_of,
)
from pipeline.reading.hand.vary import varied

__all__ = ["Adapter", "Example", "Learned", "Plan", "learn_hand"]

FEWEST = 20
"""Usable lines below which nothing is tried."""
_CHANCE = 0.1
"""An adapter is kept if chance would do as well in no more than this share of cases."""
_FLIPS = 2000
_JUDGED = 40
"""Lines read at once when judging."""


_NOISE = Noise(features=0.1, blocks=0.05)


@dataclass(frozen=True)
class Plan:
    """How a book is learned.

    Attributes:
        rate: of learning, at its highest.
        lines: shown a step.
        shows: times a line is shown, at most ``most_steps`` steps.
        decay: toward the base weights.
        noise: what is left out by chance.
        strength: of the variation of lines.
        old: share of old lines among those shown, where there are any.
    """

    rate: float = 1e-3
    lines: int = 8
    shows: float = 30
    fewest_steps: int = 150
    most_steps: int = 900
    decay: float = 0.02
    noise: Noise = _NOISE
    strength: float = 1.0
    old: float = 0.25


@dataclass(frozen=True)
class Learned:
    """What came of it.

    Attributes:
        adapter: None where it did not help, or could not be tried: ``note`` says why.
        before: character error rate on the entries kept from learning, as things were.
        after: the same with what was learned.
        kept: lines that judged.
        trained: lines that were learned from.
        note: for the log, English.
    """

    adapter: Adapter | None
    before: float
    after: float
    kept: int
    trained: int
    note: str


def learn_hand(
    config: Path,
    name: str,
    examples: Sequence[Example],
    old: Sequence[Example] = (),
    *,
    seconds: float = 180.0,
    seed: int = 4,
    start: Adapter | None = None,
    progress: Callable[[float], None] | None = None,
    steps: int | None = None,
    plan: Plan = Plan(),
) -> Learned:
    """Learns a hand from examples.

    Args:
        config: the ``ocr_config`` folder.
        name: of the base weights.
        examples: lines of the book (of one hand of it), from some 50 on.
        old: lines of other books, shown in between so that what was known is not forgotten.
        seconds: of this process's CPU time; the plan is cut short to fit.
        seed: of all chance. The same seed, examples and number of steps give the same adapter.
        start: what was learned before, to go on from.
        progress: called with the share done; what it raises ends the learning.
        steps: exactly so many, however long they take.
        plan: how to learn.

    Raises:
        WeightsError: the weights cannot be used, or ``start`` is for others.
    """
    began = time.process_time()
    _path, card, weights = load_weights(config, name)
    if start is not None and start.base != card.digest:
        raise WeightsError(f"base {start.base[:12]} != {card.digest[:12]}")
    usable = lessons_of(examples, card)
    learned, kept = apart(usable.lessons, seed)
    if len(usable.lessons) < FEWEST or not kept:
        few = f"{len(usable.lessons)} usable lines, {FEWEST} wanted"
        note = "; ".join(part for part in (few, usable.left_out()) if part)
        return Learned(None, math.nan, math.nan, len(kept), len(learned), note)
    lower, base = lower_part(weights), layers_of(weights_of(weights))
    layers = base.like(base.flat.copy())
    if start is not None:
        for tensor, change in start.tensors.items():
            layers.tensors[tensor][...] += change.astype(np.float32)
    judge = _Judge(lower, card.letters, kept)
    before = judge.edits(layers)
    dice = np.random.default_rng([seed, len(learned)])
    others = lessons_of(old, card).lessons
    count = steps or _planned(plan, len(learned))
    deadline = math.inf if steps else began + seconds
    done = _train(
        _Course(lower, plan, learned, others), base, layers, count, deadline, dice, progress
    )
    tensors = rounded(base.like(layers.flat - base.flat).tensors)
    for tensor, delta in tensors.items():
        layers.tensors[tensor][...] = base.tensors[tensor] + delta.astype(np.float32)
    after = judge.edits(layers)
    letters = sum(len(lesson.text) for lesson in kept)
    rates = float(before.sum()) / letters, float(after.sum()) / letters
    chance = _by_chance(before - after, [lesson.entry for lesson in kept], dice)
    helped = chance <= _CHANCE
    said = f"by chance {chance:.3f}, {done} steps, {time.process_time() - began:.0f} s"
    note = "; ".join(
        part for part in ("" if helped else "no help", said, usable.left_out()) if part
    )
    facts: dict[str, Fact] = {
        "before": round(rates[0], 4),
        "after": round(rates[1], 4),
        "kept": len(kept),
        "trained": len(learned),
        "old": len(others),
        "steps": done,
        "seed": seed,
        "weights": card.name,
    }
    adapter = Adapter(card.digest, digest_of(examples), tensors, facts) if helped else None
    return Learned(adapter, *rates, len(kept), len(learned), note)


@dataclass(frozen=True, eq=False)
class _Course:
    """What is shown, and how."""

    lower: Lower
    plan: Plan
    lessons: Sequence[Lesson]
    old: Sequence[Lesson]

    def batches(self, dice: Generator) -> Iterator[list[Lesson]]:
        """Lines of a step, without end: each line of the book once before any comes again."""
        own = self._shuffled(self.lessons, dice)
        others = self._shuffled(self.old, dice)
        while True:
            yield [
                next(others) if self.old and dice.random() < self.plan.old else next(own)
                for _ in range(self.plan.lines)
            ]

    def shown(self, batch: Sequence[Lesson], dice: Generator) -> list[Floats]:
        """What the frozen part sees of varied lines."""
        return self.lower.features(
            [varied(lesson.ink, dice, self.plan.strength) for lesson in batch]
        )

    @staticmethod
    def _shuffled(lessons: Sequence[Lesson], dice: Generator) -> Iterator[Lesson]:
        while lessons:
            yield from (lessons[n] for n in dice.permutation(len(lessons)))


def _planned(plan: Plan, lines: int) -> int:
    """Steps that show each line often enough."""
    wanted = round(plan.shows * lines / plan.lines)
    return max(plan.fewest_steps, min(plan.most_steps, wanted))


def _train(
    course: _Course,
    base: Layers,
    layers: Layers,
    count: int,
    deadline: float,
    dice: Generator,
    progress: Callable[[float], None] | None,
) -> int:
    """Moves the layers; gives the steps done."""
    plan, reach = course.plan, reach_of(base)
    gradient = base.like(np.empty_like(base.flat))
    optimiser = Optimiser(layers.flat, base.flat, decay=plan.decay)
    feed = course.batches(dice)
    began = time.process_time()
    room = deadline - began
    for step in range(count):
        # With too little time the rate falls with the clock instead of the steps.
        done = max(step / count, (time.process_time() - began) / room)
        if done >= 1:
            return step
        batch = next(feed)
        tape = tape_of(course.shown(batch, dice), reach)
        said, trace = forward(layers, tape, plan.noise, dice)
        _, pulls = ctc_loss([said[a:b] for a, b in tape.spans], [lesson.codes for lesson in batch])
        pull = np.zeros_like(said)
        for (a, b), own in zip(tape.spans, pulls, strict=True):
            pull[a:b] = own
        pull /= sum(len(lesson.codes) for lesson in batch)
        backward(layers, tape, trace, pull, gradient)
        rate = plan.rate * min(1.0, (step + 1) / 10) * (0.5 + 0.5 * math.cos(math.pi * done))
        optimiser.step(gradient.flat, rate)
        if progress:
            progress(done)
    return count


class _Judge:
    """Reads the kept lines with any layers, plainly (no word model)."""

    def __init__(self, lower: Lower, letters: Letters, kept: Sequence[Lesson]) -> None:
        self.letters, self.kept = letters, kept
        self.seen = lower.features([lesson.ink for lesson in kept])

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
            for a, b in tape.spans:
                codes = tuple(letter.code for letter in greedy(said[a:b]))
                texts.append(self.letters.text(codes).strip())
        return texts


def _by_chance(gains: NDArray[np.int64], entries: Sequence[str], dice: Generator) -> float:
    """How often chance gives as large a gain: signs of the entries' gains thrown anew."""
    _, own = np.unique(np.array(entries), return_inverse=True)
    gain = np.bincount(own, weights=gains)
    signs = dice.choice((-1.0, 1.0), (_FLIPS, len(gain)))
    return float((signs @ gain >= gain.sum() - 1e-9).mean()) if gain.any() else 1.0
