"""Shows lines to the upper part of the net, step after step, and moves its weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from pipeline.reading.hand.ctc_loss import ctc_loss
from pipeline.reading.hand.examples import Lesson
from pipeline.reading.hand.ink import own_frames
from pipeline.reading.hand.look import Lower
from pipeline.reading.hand.optimise import Optimiser
from pipeline.reading.hand.tail import (
    Floats,
    Layers,
    Noise,
    backward,
    forward,
    reach_of,
    tape_of,
)
from pipeline.reading.hand.vary import varied

_WARM = 10
"""Steps in which the rate rises."""
_NOISE = Noise(features=0.1, blocks=0.05)


@dataclass(frozen=True)
class Plan:
    """How a book is learned.

    Attributes:
        rate: of learning, at its highest.
        lines: shown a step.
        shows: times a line is shown, within the steps below.
        fewest_steps: whatever few lines there are.
        most_steps: whatever many.
        decay: toward the base weights.
        noise: what is left out by chance.
        strength: of the variation of lines.
        old: share of old lines among those shown, where there are any.
    """

    rate: float = 1e-3
    lines: int = 8
    shows: float = 30
    fewest_steps: int = 120
    most_steps: int = 900
    decay: float = 0.02
    noise: Noise = _NOISE
    strength: float = 1.0
    old: float = 0.25


@dataclass(frozen=True, eq=False)
class Course:
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

    def shown(self, batch: Sequence[Lesson], dice: Generator) -> tuple[list[Floats], list[int]]:
        """What the frozen part sees of varied lines, and how many frames of each are its own."""
        inks = [varied(lesson.ink, dice, self.plan.strength) for lesson in batch]
        seen = self.lower.features(inks)
        own = [own_frames(ink.shape[1], len(rows)) for ink, rows in zip(inks, seen, strict=True)]
        return seen, own

    @staticmethod
    def _shuffled(lessons: Sequence[Lesson], dice: Generator) -> Iterator[Lesson]:
        while lessons:
            yield from (lessons[n] for n in dice.permutation(len(lessons)))


def planned_steps(plan: Plan, lines: int) -> int:
    """Steps that show each line often enough."""
    wanted = round(plan.shows * lines / plan.lines)
    return max(plan.fewest_steps, min(plan.most_steps, wanted))


def teach(
    course: Course,
    base: Layers,
    layers: Layers,
    count: int,
    deadline: float,
    dice: Generator,
    progress: Callable[[float], None] | None,
) -> int:
    """Moves layers toward what the lines say; gives the steps done.

    Args:
        course: what is shown.
        base: where weights decay to.
        layers: changed in place.
        count: steps.
        deadline: CPU time of the process by which to end; the rate then falls with the clock.
        dice: chance.
        progress: called with the share done.
    """
    plan, reach = course.plan, reach_of(base)
    gradient = base.like(np.empty_like(base.flat))
    optimiser = Optimiser(layers.flat, base.flat, decay=plan.decay)
    feed = course.batches(dice)
    began = time.process_time()
    room = deadline - began
    if room <= 0:
        return 0
    for step in range(count):
        # With too little time the rate falls with the clock instead of the steps.
        done = max(step / count, (time.process_time() - began) / room)
        if done >= 1:
            return step
        batch = next(feed)
        seen, lengths = course.shown(batch, dice)
        tape = tape_of(seen, reach)
        said, trace = forward(layers, tape, plan.noise, dice)
        spans = [slice(a, a + own) for (a, _), own in zip(tape.spans, lengths, strict=True)]
        _, pulls = ctc_loss([said[span] for span in spans], [lesson.codes for lesson in batch])
        pull = np.zeros_like(said)
        for span, own in zip(spans, pulls, strict=True):
            pull[span] = own
        pull /= sum(len(lesson.codes) for lesson in batch)
        backward(layers, tape, trace, pull, gradient)
        rate = plan.rate * min(1.0, (step + 1) / _WARM) * (0.5 + 0.5 * math.cos(math.pi * done))
        optimiser.step(gradient.flat, rate)
        if progress:
            progress(done)
    return count
