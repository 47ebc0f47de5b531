"""Learns the hand of a book from lines that people have read, in minutes on one core.

Only the upper part of the net moves (``tail.py``); lines are varied anew each time they are
shown. Some entries are kept from learning: they judge whether it has helped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import WeightsError
from pipeline.reading.hand.adapter import Adapter, Fact, rounded
from pipeline.reading.hand.examples import (
    Example,
    Lesson,
    Lessons,
    apart,
    digest_of,
    lessons_of,
    parts,
)
from pipeline.reading.hand.judge import Judge, by_chance
from pipeline.reading.hand.look import lower_part
from pipeline.reading.hand.net import load_weights
from pipeline.reading.hand.onnx_file import weights_of
from pipeline.reading.hand.tail import Layers, layers_of
from pipeline.reading.hand.teach import Course, Plan, planned_steps, teach
from pipeline.reading.hand.threads import one_thread

Changes = Mapping[str, NDArray[np.float16]]

__all__ = ["Adapter", "Example", "Learned", "Plan", "learn_hand"]

FEWEST = 16
"""Usable lines below which nothing is tried."""
_FEW = 160
"""With fewer lines all of them judge in turn: a fifth of them could not tell help from chance (25
lines of a sample book: 4.4 % before, 2.8 % after, and chance as good in one case of five)."""
_TURNS = 3
_BRIEF = 0.4
"""Steps of a turn that only judges, of those planned: the adapter itself has most of the time."""
_PLAN = Plan()
_POORLY = 0.15
_LEAST = 0.1
"""A hand that is read with so many errors a letter is learned at the plan's rate; a better one at
less, in proportion, down to a tenth. Of 0.016 errors a tenth of the rate left 0.010, half of it
0.015, and all of it was no help; of 0.19 all of it left 0.091, two fifths 0.092."""
_HALF, _ALL_FROM = 0.5, 0.1
"""This share of what was learned is taken, and all of it only where a hand is misread in so many
letters: between the base weights and those that learned lie some that read what was not among the
examples better than either (docs/reading.md)."""
_CHANCE = 0.1
"""An adapter is kept if chance would do as well in no more than this share of cases."""


@dataclass(frozen=True)
class Learned:
    """What came of it.

    Attributes:
        adapter: None where it did not help, or could not be tried: ``note`` says why.
        before: character error rate on lines kept from learning, as things were.
        after: the same with what was learned.
        kept: lines that judged. With few examples each judges in turn what was learned from the
            others, and the adapter is then learned from all.
        trained: lines that the adapter was learned from.
        note: for the log, English.
    """

    adapter: Adapter | None
    before: float
    after: float
    kept: int
    trained: int
    note: str


@one_thread()
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
    plan: Plan = _PLAN,
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
    if len(usable.lessons) < FEWEST or len({lesson.entry for lesson in usable.lessons}) < _TURNS:
        return _untried(usable)
    lower, base = lower_part(weights), layers_of(weights_of(weights))
    first = _with(base, start.tensors if start else {})
    others = lessons_of(old, card).lessons
    turns = _turns(usable.lessons, seed)
    dice = np.random.default_rng([seed, len(usable.lessons)])
    brief = len(turns) > 1
    # All lines are looked at once: to choose the rate, and to judge what comes of it.
    judge = Judge.of(lower, card.letters, usable.lessons)
    as_is = judge.edits(first)
    errors = int(as_is.sum()) / sum(len(lesson.text) for lesson in usable.lessons)
    plan, share = _fitting(plan, errors), 1.0 if errors >= _ALL_FROM else _HALF
    place = {id(lesson): n for n, lesson in enumerate(usable.lessons)}
    judged = [[place[id(lesson)] for lesson in judging] for _, judging in turns]
    judges = [judge.among(places) for places in judged]
    del judge  # what it has seen of lines that judge nothing goes with it
    counts = [
        steps or _steps(plan, learning, brief and bool(judging)) for learning, judging in turns
    ]
    clock = _Clock(math.inf if steps else began + seconds, counts, progress)
    kept: list[Lesson] = []
    gains: list[NDArray[np.int64]] = []
    before = after = done = 0
    tensors: Changes = {}
    for turn, ((learning, judging), count) in enumerate(zip(turns, counts, strict=True)):
        layers = base.like(first.flat.copy())
        course = Course(lower, plan, learning, others)
        done = teach(course, base, layers, count, clock.deadline(), dice, clock.told)
        tensors = rounded(base.like(np.float32(share) * (layers.flat - base.flat)).tensors)
        clock.turned()
        if judging:
            was, now = as_is[judged[turn]], judges[turn].edits(_with(base, tensors))
            kept += judging
            gains.append(was - now)
            before, after = before + int(was.sum()), after + int(now.sum())
    chance = by_chance(np.concatenate(gains), [lesson.entry for lesson in kept], dice)
    letters = sum(len(lesson.text) for lesson in kept)
    facts: dict[str, Fact] = {
        "before": round(before / letters, 4),
        "after": round(after / letters, 4),
        "kept": len(kept),
        "trained": len(turns[-1][0]),
        "old": len(others),
        "steps": done,
        "seed": seed,
        "share": share,
        "weights": card.name,
    }
    adapter = Adapter(card.digest, digest_of(examples), tensors, facts)
    took = f"by chance {chance:.3f}, {done} steps, {time.process_time() - began:.0f} s"
    helped = chance <= _CHANCE
    return Learned(
        adapter if helped else None,
        before / letters,
        after / letters,
        len(kept),
        len(turns[-1][0]),
        _note("" if helped else "no help", took, usable.left_out()),
    )


def _fitting(plan: Plan, errors: float) -> Plan:
    """The plan at the rate that suits how well the hand is read as things are."""
    return replace(plan, rate=plan.rate * min(1.0, max(_LEAST, errors / _POORLY)))


def _steps(plan: Plan, learning: Sequence[Lesson], only_judged: bool) -> int:
    planned = planned_steps(plan, len(learning))
    return max(1, round(_BRIEF * planned)) if only_judged else planned


def _untried(usable: Lessons) -> Learned:
    count = len(usable.lessons)
    few = f"{count} usable lines, {FEWEST} in {_TURNS} entries wanted"
    return Learned(None, math.nan, math.nan, 0, count, _note(few, usable.left_out()))


def _note(*said: str) -> str:
    return "; ".join(part for part in said if part)


def _turns(lessons: Sequence[Lesson], seed: int) -> list[tuple[list[Lesson], list[Lesson]]]:
    """What is learned from, and judged by, in each turn; the last one makes the adapter."""
    if len(lessons) >= _FEW:
        return [apart(lessons, seed)]
    turns = [(learned, kept) for learned, kept in parts(lessons, seed, _TURNS) if kept]
    return [*turns, (list(lessons), [])]


class _Clock:
    """Shares the time out between turns, by their steps, and says how far all of it is."""

    def __init__(
        self,
        end: float,
        counts: Sequence[int],
        progress: Callable[[float], None] | None,
    ) -> None:
        self.end, self.counts, self.progress = end, list(counts), progress
        self.turn = 0

    def deadline(self) -> float:
        """End of the turn that begins now, in CPU seconds of the process."""
        now = time.process_time()
        return now + (self.end - now) * self.counts[self.turn] / sum(self.counts[self.turn :])

    def told(self, done: float) -> None:
        """Passes on how much of this turn is done as how much of all."""
        if self.progress:
            before = sum(self.counts[: self.turn])
            self.progress((before + done * self.counts[self.turn]) / sum(self.counts))

    def turned(self) -> None:
        """The next turn begins."""
        self.turn += 1


def _with(layers: Layers, changes: Changes) -> Layers:
    """A copy of layers with differences added, as a file gives them."""
    found = layers.like(layers.flat.copy())
    for name, change in changes.items():
        if name not in found.tensors or found.tensors[name].shape != change.shape:
            raise WeightsError(f"{name}?")
        found.tensors[name][...] += change.astype(np.float32)
    return found
