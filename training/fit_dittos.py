"""Fits the curves of ditto marks in ``ocr_config/calibration/tesseract.json``.

``python -m training.fit_dittos`` makes ledgers (print and type, all levels of wear, clerks of all
marks), reads them with the reader of print, and takes of them the cells that it read as a mark:
in production the router tells most drawn marks itself, so that too few of them would be found. A
column of marks multiplies what each of them is worth, so that a share that is a hundredth too
low makes twenty rows worth four fifths: the curves need many marks, and no bound below their
share. Committed samples and the development set are never read.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from pipeline.reading.calibrate import (
    DITTO,
    DITTO_WORD,
    Calibration,
    calibration_error,
    fit_curve,
    kind_of,
    load_calibration,
    probability,
    save_calibration,
    score,
    usual_confidence,
)
from pipeline.reading.recognizer import field_type, read_cells, recognizer
from pipeline.settings import PROJECT, load_thresholds
from samples.batch import WEARS, random_books
from samples.book import BookSpec
from training.cells import DPI, QUALITY, laid_out_pages
from training.fit_calibration import Example, same_ink
from training.kept import kept_or_made

VERSION = "5"
KINDS = (DITTO, DITTO_WORD)
_LEDGER = "birth-76-ledger"
_EVERY = 4
"""One of so many random books is a ledger."""
_PRINT = "tesseract"
_FEWEST = 60
"""Marks of a kind below which its curve stays as it is."""


def ledgers(count: int, seed: str) -> list[BookSpec]:
    """Ledgers of print and type from presses of their own."""
    rng = random.Random(f"training dittos {seed}")
    made = random_books(_EVERY * count, f"training-dittos-{seed}", 200, 2)
    return [
        replace(spec, wear=WEARS[n % len(WEARS)], dpi=rng.choice(DPI), quality=rng.choice(QUALITY))
        for n, spec in enumerate(spec for spec in made if spec.form == _LEDGER)
    ]


def marks_of(number: int, spec: BookSpec) -> list[Example]:
    """Cells of one book that the reader of print took for a ditto mark."""
    config = PROJECT / "ocr_config"
    reader = recognizer(_PRINT, "vie", config)
    gate = load_thresholds(config).layout.min_page_confidence
    found = []
    for page in laid_out_pages(spec):
        if page.layout.confidence < gate:
            continue
        read = read_cells(page.pages, page.layout, reader, config)
        usual = usual_confidence([r.confidence for _, r in read if not r.blank])
        for (cell, reading), truth in zip(read, page.truth, strict=True):
            kind = kind_of(field_type(cell.field), reading.text)
            if kind not in KINDS or reading.blank:
                continue
            found.append(
                Example(
                    book=number,
                    hand=spec.hand,
                    wear=spec.wear,
                    field_type=kind,
                    lowest=round(reading.confidence, 4),
                    mean=round(float(np.mean([w.confidence for w in reading.words] or [1])), 4),
                    usual=round(usual, 4),
                    blank=False,
                    right=truth is not None and same_ink(truth, reading.text),
                )
            )
    return found


def with_marks(calibration: Calibration, examples: Sequence[Example]) -> Calibration:
    """The calibration with curves of marks fitted to the examples of their kind."""
    curves = dict(calibration.curves)
    for kind in KINDS:
        own = [e for e in examples if e.field_type == kind]
        if len(own) >= _FEWEST:
            scores = [score(calibration, e.evidence) for e in own]
            curves[kind] = fit_curve(scores, [e.right for e in own])
    books = len({e.book for e in examples})
    told = calibration.data.partition("; marks of")[0]
    data = f"{told}; marks of {books} ledgers ({len(examples)} cells)"
    return replace(calibration, version=VERSION, data=data, curves=curves)


def left_out(calibration: Calibration, examples: Sequence[Example]) -> np.ndarray:
    """Probability of each example by curves fitted without its book, shape (n,)."""
    known = np.zeros(len(examples))
    for book in {e.book for e in examples}:
        fitted = with_marks(calibration, [e for e in examples if e.book != book])
        for n, e in enumerate(examples):
            if e.book == book:
                known[n] = probability(fitted, e.field_type, e.evidence)
    return known


def together(examples: Sequence[Example]) -> float:
    """How far errors of marks come together in books: the size of a beta-binomial, the likeliest.

    So many right marks of a book halve the doubt of its next; large where errors fall anywhere.
    """
    books = {e.book: [0, 0] for e in examples}
    for e in examples:
        books[e.book][e.right] += 1
    share = np.mean([not e.right for e in examples]) + 0.5 / len(examples)
    sizes = [round(1.5**n, 1) for n in range(1, 18)]
    return max(sizes, key=lambda size: _likelihood(list(books.values()), float(share), size))


def _likelihood(books: Sequence[Sequence[int]], share: float, size: float) -> float:
    a, b = share * size, (1 - share) * size

    def beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return sum(beta(a + wrong, b + right) - beta(a, b) for wrong, right in books)


def main(
    books: Annotated[int, typer.Option(help="ledgers to make")] = 24,
    seed: Annotated[str, typer.Option(help="names them")] = "a",
    kept: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
    out: Annotated[Path, typer.Option(help="file to bend and write")] = PROJECT
    / "ocr_config/calibration/tesseract.json",
) -> None:
    """Make, read, fit, say how it holds on books left out, write."""
    cv2.setNumThreads(1)

    def made() -> Iterator[Example]:
        for number, spec in enumerate(ledgers(books, seed)):
            yield from marks_of(number, spec)
            typer.echo(f"{number + 1}/{books} {spec.hand} {spec.wear}", err=True)

    found = kept_or_made(kept, Example, made)
    shipped = load_calibration(out.parent.parent, out.stem)
    known = left_out(shipped, found)
    right = np.array([e.right for e in found], float)
    for kind in KINDS:
        own = np.array([e.field_type == kind for e in found], bool)
        if own.any():
            typer.echo(
                f"{kind}: {own.sum()} cells, right {right[own].mean():.4f}, calibration error on "
                f"books left out {calibration_error(known[own], right[own]):.4f}"
            )
    typer.echo(f"errors come together: {together(found):.0f} marks halve the doubt of the next")
    save_calibration(with_marks(shipped, found), out)


if __name__ == "__main__":
    typer.run(main)
