"""Fits ``ocr_config/calibration/memory.json``: what people's words in a book say of the rest of it.

``python -m training.fit_memory`` takes books in handwriting faces that the net was never trained
on, with places of many hamlets, reads them, lets a person set ten entries after another, and asks
of the next ten what the book has shown of their words by then. More books are taken through review
as production does it, their hand learned on the way: a net that has learned is surer of its letters
than it should be, and has weights of its own. One logistic regression a family. For the figures
each face is left out in turn. ``--report`` only tells how what is shipped does on books of other
faces or seeds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from bench.learning.course import Rules, take_through
from pipeline.checks.memory import Memory, remember, shown_of, spelled_as_set
from pipeline.checks.memory_signs import (
    LEARNED,
    Shown,
    Weights,
    load_weights,
    save_weights,
    signs,
    weights_file,
)
from pipeline.reading.hand.reader import hand_recognizer
from pipeline.settings import PROJECT
from pipeline.types import EntryResult
from pipeline.values.guide import guide_of
from samples.chance import stream
from training.hand.book import DISTRICT, UNIT, Book, face_book
from training.hand.draw import UNSEEN
from training.hand.dwellings import dwellings
from training.hand.entries import as_set, read_entries
from training.kept import kept_or_made
from training.logistic import logistic

VERSION = "4"
SHRINK = 1.0
FIELDS = (
    "child_full_name", "sex", "birth_place", "ethnicity", "nationality", "father_full_name",
    "father_residence", "father_occupation", "mother_full_name", "mother_residence",
    "mother_occupation", "declarant_full_name", "declarant_relation", "signer_full_name",
)  # fmt: skip
_STEP = 10
_FEWEST = 500
_APART = 10
"""Between the seeds of books read as they are and of those whose hand is learned."""
_LEVELS = (0.95, 0.975, 0.982, 0.99, 0.995)
"""Among them the bar of names in handwriting, 0.982."""


@dataclass(frozen=True)
class Example:
    """A value that was read, what its book had shown of it, and whether it was right."""

    face: str
    family: str
    probability: float
    shown: Shown
    right: bool
    field: str = ""
    """Of the form; empty in examples that were kept before it was noted."""


def book_of(face: str, entries: int, seed: int) -> Book:
    """A book in a face, with places as one clerk writes them."""
    places = dwellings(UNIT, DISTRICT, stream("memory", face, seed))
    return face_book(face, entries, seed, FIELDS, places)


def examples_of(book: Book) -> Iterator[Example]:
    """All words of a book but the first, each when its entry comes up."""
    config = PROJECT / "ocr_config"
    reader = hand_recognizer(config, "hand")
    numbers = range(len(book.entries))
    read = read_entries(book, numbers, reader, guide_of(book.context, config))
    entries = [read[n].entry for n in numbers]
    for start in range(0, len(entries), _STEP):
        memory = remember(entries[:start], book.context)
        for n in numbers[start : start + _STEP]:
            yield from _shown_in(book, n, entries[n], memory)
            entries[n] = as_set(entries[n], _truth(book, n))


def learned_examples(book: Book, seconds: float) -> Iterator[Example]:
    """As production has it: a person sets what is not accepted, and the hand is learned."""
    found: list[Example] = []

    def look(entries: Sequence[EntryResult], n: int) -> None:
        found.extend(_shown_in(book, n, entries[n], remember(entries, book.context)))

    rules = Rules(PROJECT / "ocr_config", seconds=seconds)
    with tempfile.TemporaryDirectory(prefix="hotich-memory-") as work:
        take_through(book, rules, Path(work), partial(typer.echo, err=True), look)
    yield from found


def _truth(book: Book, number: int) -> dict[str, str]:
    return {line.field: line.value for line in book.entries[number]}


def _shown_in(book: Book, number: int, entry: EntryResult, memory: Memory) -> Iterator[Example]:
    truth = _truth(book, number)
    for one in spelled_as_set(entry, memory).fields:
        found = shown_of(memory, one)
        if found is not None and one.field in truth:
            right = one.value == truth[one.field]
            yield Example(book.name, found[0], one.confidence, found[1], right, one.field)


def fit(examples: Sequence[Example], data: str) -> Weights:
    """Weights by family; those of too few examples are left to the family before learning."""
    families = {}
    for family in sorted({one.family for one in examples}):
        own = [one for one in examples if one.family == family]
        if len(own) < _FEWEST:
            continue
        x = np.array([signs(one.probability, one.shown) for one in own])
        right = np.array([float(one.right) for one in own])
        families[family] = tuple(np.round(logistic(x, right, SHRINK), 4).tolist())
    return Weights(VERSION, data, families)


def said(examples: Sequence[Example], weights: Weights) -> NDArray[np.float64]:
    """Probabilities of examples, each by its family."""
    x = [signs(one.probability, one.shown) for one in examples]
    own = [weights.of(one.family) or () for one in examples]
    told = [np.dot(weight, sign) for weight, sign in zip(own, x, strict=True)]
    return np.asarray(1 / (1 + np.exp(-np.array(told))), np.float64)


def each_by_others(examples: Sequence[Example]) -> Iterator[tuple[list[Example], Weights]]:
    """The examples of each face, and weights that were fitted on all the other faces."""
    for face in sorted({one.face for one in examples}):
        own = [one for one in examples if one.face == face]
        yield own, fit([one for one in examples if one.face != face], "")


def report(examples: Sequence[Example], weights: Weights) -> Iterator[str]:
    """Per family, and per field of it: what is said on average, what is right, how the sure do.

    Texts that people have set before are told apart as "known": who signs every entry of a book is
    another thing than names of which each is a new one.
    """
    for family in sorted(weights.families):
        some = [one for one in examples if one.family == family]
        if not some:
            continue
        yield f"{some[0].face:14} {family:6} {_told(some, weights)}"
        for field in sorted({one.field for one in some if one.field}):
            own = [one for one in some if one.field == field]
            yield f"{'':14} {field:20} {_told(own, weights)}"
        new = [one for one in some if not one.shown.whole.right]
        if new:
            yield f"{'':14} {'not known':20} {_told(new, weights)}"


def _told(examples: Sequence[Example], weights: Weights) -> str:
    known, right = said(examples, weights), np.array([one.right for one in examples])
    sure = [(level, known >= level) for level in _LEVELS]
    levels = "  ".join(
        f"{level}: {np.mean(own):.2f}, {int((~right[own]).sum())} wrong of {int(own.sum())} "
        f"(said {float((1 - known[own]).sum()):.1f})"
        for level, own in sure
    )
    before = np.mean([one.shown.whole.right > 0 for one in examples])
    return (
        f"{len(examples):5d}  said {known.mean():.3f} right {right.mean():.3f} "
        f"known {before:.2f}  {levels}"
    )


def main(
    faces: Annotated[str, typer.Option(help="by commas; default: those never trained on")] = "",
    books: Annotated[int, typer.Option(help="a face, read as they are")] = 5,
    learned: Annotated[int, typer.Option(help="more books a face, whose hand is learned")] = 2,
    seconds: Annotated[float, typer.Option(help="CPU seconds a time of learning")] = 40.0,
    entries: Annotated[int, typer.Option(help="a book")] = 200,
    seed: Annotated[int, typer.Option(help="of the first book")] = 100,
    keep: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
    only_report: Annotated[bool, typer.Option("--report", help="fit nothing")] = False,
) -> None:
    """Make, read, fit, tell, write."""
    cv2.setNumThreads(1)
    config = PROJECT / "ocr_config"

    def read() -> Iterator[Example]:
        for face in faces.split(",") if faces else UNSEEN:
            for n in range(seed, seed + books):
                yield from examples_of(book_of(face, entries, n))
                typer.echo(f"{face} {n}", err=True)
            for n in range(seed + _APART, seed + _APART + learned):
                yield from learned_examples(book_of(face, entries, n), seconds)
                typer.echo(f"{face} {n}, learned", err=True)

    found = kept_or_made(keep, Example, read)
    for own, others in each_by_others(found):
        for line in report(own, load_weights(config) if only_report else others):
            typer.echo(line)
    if only_report:
        return
    made = sorted({one.face for one in found})
    after = sum(one.family.endswith(LEARNED) for one in found)
    data = (
        f"{len(found)} values of {(books + learned) * len(made)} generated books in faces not "
        f"trained on ({', '.join(made)}; seeds from {seed} and {seed + _APART}), {after} of them "
        "read by a net that has learned the hand"
    )
    save_weights(fit(found, data), weights_file(config))


if __name__ == "__main__":
    typer.run(main)
