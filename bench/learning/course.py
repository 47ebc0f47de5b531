"""A book taken through review: what came to a person, what was accepted, what was learned.

Entries are met one after another. Of each, a person sees the fields that are not accepted, and
sets their values; what is accepted nobody sees, its errors stay. When enough fields have been
set, the hand is learned from them and the rest of the book is read again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.checks.acceptance import load_bars
from pipeline.checks.book import finish_book
from pipeline.checks.decide import decided
from pipeline.checks.memory import remember, said_by_book, spelled_as_set
from pipeline.checks.memory_signs import load_weights
from pipeline.checks.order import Candidate, candidate, first_to_review
from pipeline.checks.witnesses import weighed
from pipeline.reading.calibrate import Observed, book_shift, load_calibration, with_book
from pipeline.reading.hand.adapter import write_adapter
from pipeline.reading.hand.examples import Example
from pipeline.reading.hand.known import Known, agreed, best_matches
from pipeline.reading.hand.learn import learn_hand
from pipeline.reading.hand.net import Net, load_net
from pipeline.reading.hand.reader import HandRecognizer
from pipeline.reading.hand.rehearsal import load_rehearsal
from pipeline.reading.hand.words import load_words
from pipeline.reading.recognizer import field_type
from pipeline.settings import load_settings, load_thresholds
from pipeline.types import Decision, EntryResult, Reading
from pipeline.values.guide import guide_of
from pipeline.values.known import texts_in_manners
from pipeline.values.manner import style_of
from pipeline.values.normalise import normalise
from training.hand.book import SCAN, Book, Line
from training.hand.entries import ReadEntry, as_set, read_entries

NAME = "hand"
_SURE = 1 - 1e-6


@dataclass(frozen=True)
class Rules:
    """How the book is taken through.

    Attributes:
        config: the ``ocr_config`` folder.
        first: fields a person must have set before the hand is learned.
        growth: times as many, for the next time.
        seconds: CPU seconds a time of learning may take.
        chosen: entries are shown by ``first_to_review`` until so many fields are set; 0 for
            book order all along.
        moved: probabilities are moved to what people found in the book (``with_book``).
        seed: of the learner's chance.
    """

    config: Path
    first: int = 50
    growth: float = 1.5
    seconds: float = 180.0
    chosen: int = 0
    moved: bool = False
    seed: int = 4


@dataclass(frozen=True)
class Met:
    """A field as it was when its entry came up.

    ``probability`` is the reading's calibrated one, ``shift`` what the book's reviewed fields
    then said should be added to its logit, ``factor`` what the value left of it, ``bar`` the one
    of its type; ``right`` tells whether the value was.
    """

    field: str
    probability: float
    shift: float
    factor: float
    bar: float
    person: bool
    right: bool
    version: int


@dataclass(frozen=True)
class Lesson:
    """A time of learning: after how many entries and reviewed fields, and what came of it."""

    entries: int
    reviewed: int
    trained: int
    before: float
    after: float
    kept: bool
    seconds: float
    wall: float
    note: str


@dataclass
class Course:
    """All fields by entry, in the order in which the entries were met."""

    book: str
    lines: int
    met: list[list[Met]] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    taught: int = 0
    taught_wrong: int = 0
    """Fields learned from, and those whose text was not what truly stands there."""
    reading_seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Reviewed:
    """A line whose value a person set, and the texts that may stand there."""

    entry: int
    line: Line
    texts: Mapping[str, Known]


class Reader:
    """Reads entries of a book with a net, and counts the seconds."""

    def __init__(self, book: Book, config: Path) -> None:
        self.book, self.config = book, config
        self.guide = guide_of(book.context, config)
        self.net: Net = load_net(config, NAME)
        self.unlearned: Net | None = None
        self.calibration = load_calibration(config, NAME)
        self.model = load_words(config)
        # Nobody is asked for the sake of the sample: what is wrong in it is known here.
        self.bars = replace(load_bars(config, load_settings().resolved_home), sample_rate=0.0)
        self.seconds = 0.0

    def learned(self, adapter: Path) -> None:
        """From now on reads with what was learned."""
        self.unlearned = load_net(self.config, NAME)
        self.net = load_net(self.config, NAME, adapter)

    def read(self, numbers: Sequence[int], observed: Sequence[Observed]) -> dict[int, ReadEntry]:
        """Entries of these numbers as production makes them of readings."""
        began = time.process_time()
        calibration = with_book(self.calibration, observed)
        reader = HandRecognizer(self.net, calibration, self.model, self.unlearned)
        results = read_entries(self.book, numbers, reader, self.guide)
        self.seconds += time.process_time() - began
        return results

    def finished(self, entries: Sequence[EntryResult]) -> Sequence[EntryResult]:
        """The book as finishing it leaves it, with what people have set so far."""
        if self.book.sense:
            return finish_book(entries, self.book.context, bars=self.bars)[0]
        strengths = load_thresholds(self.config).evidence
        memory, weights = remember(entries, self.book.context), load_weights(self.config)
        spelled = [spelled_as_set(entry, memory) for entry in entries]
        said = [said_by_book(one, memory, weights, strengths.ceiling) for one in spelled]
        return [
            decided(weighed(entry, strengths, heard), (), self.bars)
            for entry, heard in zip(spelled, said, strict=True)
        ]


Looker = Callable[[Sequence[EntryResult], int], None]
"""Shown all entries of a book, as read or set by a person, and the number of the next one."""


def take_through(
    book: Book,
    rules: Rules,
    work: Path,
    say: Callable[[str], None],
    look: Looker = lambda _entries, _number: None,
) -> tuple[Course, Course]:
    """The book with learning, and the same without.

    Args:
        book: the book.
        rules: how.
        work: folder for adapters.
        say: told how far it is.
        look: shown each entry as it comes up, before a person sets anything in it.
    """
    reader = Reader(book, rules.config)
    everything = range(len(book.entries))
    results = reader.read(everything, ())
    lines = sum(len(entry) for entry in book.entries)
    entries = [results[n].entry for n in everything]
    finished = reader.finished(entries)
    alone = [_met(reader, n, results[n], finished[n], 0.0, 0) for n in everything]
    plain = Course(book.name, lines, alone)
    plain.reading_seconds = reader.seconds
    say(f"{book.name}: {lines} lines, {_people(plain):.0f} fields to a person without learning")
    course = Course(book.name, lines)
    reviewed: list[Reviewed] = []
    observed: list[Observed] = []
    left, last, heard, version, in_force = list(everything), 0, 0, 0, 0.0
    limits = load_thresholds(rules.config).learning
    seen: list[int] = []
    while left:
        n = _next(book, left, seen, finished, rules, len(reviewed))
        left.remove(n)
        seen.append(n)
        look(entries, n)
        met = _met(reader, n, results[n], finished[n], in_force, version)
        own = zip(book.entries[n], met, strict=True)
        entries[n] = as_set(entries[n], {line.field: line.value for line, one in own if one.person})
        shift = book_shift(observed)
        course.met.append([replace(one, shift=shift) for one in met])
        for line, one, reading in zip(book.entries[n], met, results[n].readings, strict=True):
            if not one.person:
                continue
            reviewed.append(Reviewed(n, line, may_be(reader, line, reading, book)))
            if one.probability * one.factor < one.bar:
                observed.append(Observed(one.probability, one.right))
        if len(reviewed) >= max(rules.first, rules.growth * last) and left:
            last = len(reviewed)
            examples = as_written(reviewed)
            lesson = _learn(reader, examples, rules, work / f"{book.name}-{last}.npz", len(seen))
            course.lessons.append(lesson)
            say(f"  entry {len(seen)}, {last} fields: {lesson}")
            if lesson.kept:
                if not version:
                    observed.clear()  # those of the bare weights say nothing of these
                version += 1
                in_force = book_shift(observed) if rules.moved else 0.0
                results |= reader.read(left, observed if rules.moved else ())
                for again in left:
                    entries[again] = results[again].entry
            heard = 0  # each time of learning ends with finishing the book
        if left and len(reviewed) >= max(limits.heard_fields, limits.heard_growth * heard):
            heard, finished = len(reviewed), reader.finished(entries)
    course.reading_seconds = reader.seconds
    course.taught = len(reviewed)
    truth = [one.line.text for one in reviewed]
    texts = [one.text for one in as_written(reviewed)]
    course.taught_wrong = sum(a != b for a, b in zip(texts, truth, strict=True))
    say(f"  {_people(course):.0f} fields to a person with learning")
    return course, plain


def _people(course: Course) -> float:
    return sum(one.person for met in course.met for one in met)


def _met(
    reader: Reader, number: int, result: ReadEntry, entry: EntryResult, shift: float, version: int
) -> list[Met]:
    """``shift`` is what the readings' probabilities have been moved by: taken off again."""
    book = reader.book
    found = {one.field: one for one in entry.fields}
    met = []
    for line, reading in zip(book.entries[number], result.readings, strict=True):
        one = found.get(line.field)
        plain = moved(reading.probability, -shift)
        bar = reader.bars.of(field_type(line.field))
        if one is None:  # not even taken for an entry
            met.append(Met(line.field, plain, 0.0, 0.0, bar, True, False, version))
            continue
        person = one.decision in (Decision.REVIEW, Decision.UNREADABLE)
        factor = normalise(line.field, reading.text, book.context).factor
        right = one.value == line.value
        met.append(Met(line.field, plain, 0.0, factor, bar, person, right, version))
    return met


def moved(probability: float, by: float) -> float:
    """A probability with something added to its logit."""
    inside = min(_SURE, max(1 - _SURE, probability))
    return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) + by)))


def _next(
    book: Book,
    left: Sequence[int],
    seen: Sequence[int],
    entries: Sequence[EntryResult],
    rules: Rules,
    reviewed: int,
) -> int:
    if reviewed >= rules.chosen:
        return left[0]

    def as_candidate(n: int) -> Candidate:
        return candidate(n // SCAN, entries[n])

    chosen = first_to_review(
        [as_candidate(n) for n in left], [as_candidate(n) for n in seen], most=1
    )
    return left[chosen[0]] if chosen else left[0]


def may_be(reader: Reader, line: Line, reading: Reading, book: Book) -> Mapping[str, Known]:
    """What the hand may have written for the value a person set, by manner of capitals."""
    inks = reader.net.posteriors([line.ink])
    texts = texts_in_manners(line.field, line.value, (reading.text, reading.greedy), book.context)
    return best_matches(inks, reader.net.card.letters, texts, style_of)


def as_written(reviewed: Sequence[Reviewed]) -> list[Example]:
    """What is learned from: the text in each ink, as ``flows.teaching`` finds it."""
    by_field: dict[str, list[int]] = {}
    for n, one in enumerate(reviewed):
        by_field.setdefault(one.line.field, []).append(n)
    texts = [one.line.value for one in reviewed]
    for numbers in by_field.values():
        for n, known in zip(numbers, agreed([reviewed[n].texts for n in numbers]), strict=True):
            if known is not None:
                texts[n] = " ".join(known.lines)
    return [
        Example(one.line.ink, text, f"{one.entry:04d}")
        for one, text in zip(reviewed, texts, strict=True)
    ]


def _learn(
    reader: Reader, examples: Sequence[Example], rules: Rules, path: Path, entries: int
) -> Lesson:
    began, clock = time.process_time(), time.monotonic()
    old = load_rehearsal(rules.config)[: load_thresholds(rules.config).learning.old_lines]
    learned = learn_hand(rules.config, NAME, examples, old, seconds=rules.seconds, seed=rules.seed)
    if learned.adapter is not None:
        write_adapter(learned.adapter, path)
        reader.learned(path)
    return Lesson(
        entries,
        len(examples),
        learned.trained,
        round(learned.before, 4),
        round(learned.after, 4),
        learned.adapter is not None,
        round(time.process_time() - began, 1),
        round(time.monotonic() - clock, 1),
        learned.note,
    )
