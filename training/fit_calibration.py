"""Fits ``ocr_config/calibration/tesseract.json``: what Tesseract's confidence is worth.

``python -m training.fit_calibration`` generates books (print, type and handwriting fonts, all
levels of wear, several resolutions), reads them the production way, fits isotonic curves on
two thirds of the books and prints how well they hold on the rest. Committed samples and the
development set are never read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline import tesseract
from pipeline.reading.calibrate import (
    ALL,
    BLANK,
    Calibration,
    Curve,
    Evidence,
    blank_probability,
    calibration_error,
    features,
    fit_curve,
    kind_of,
    probability,
    save_calibration,
    score,
    usual_confidence,
)
from pipeline.reading.recognizer import field_type, read_cells, recognizer
from pipeline.settings import PROJECT, load_thresholds
from pipeline.values.marks import is_ditto
from samples.book import BookSpec
from training.cells import laid_out_pages, training_books
from training.kept import kept_or_made
from training.logistic import logistic

VERSION = "3"
SHRINK = 1.0
_CAUTION = 1.0
"""Standard errors by which curves of few examples are taken lower."""
FEWEST = 250
"""Examples a field type needs for a curve of its own."""
HELD_OUT = 3
"""Every third book is kept for the test."""


@dataclass(frozen=True)
class Example:
    """One cell: what the reader was sure of, and whether it was right."""

    book: int
    hand: str
    wear: str
    field_type: str
    lowest: float
    mean: float
    usual: float
    blank: bool
    right: bool

    @property
    def evidence(self) -> Evidence:
        """What the calibration is given."""
        return Evidence(self.lowest, self.mean, self.usual)


def examples_of(languages: str, numbered: tuple[int, BookSpec]) -> list[Example]:
    """All cells of one generated book."""
    cv2.setNumThreads(1)
    number, spec = numbered
    config = PROJECT / "ocr_config"
    reader = recognizer("tesseract", languages, config)
    found = []
    gate = load_thresholds(config).layout.min_page_confidence
    for page in laid_out_pages(spec):
        if page.layout.confidence < gate:
            continue
        readings = read_cells(page.pages, page.layout, reader, config)
        usual = usual_confidence([r.confidence for _, r in readings if not r.blank])
        for (cell, reading), truth in zip(readings, page.truth, strict=True):
            if not reading.text and not reading.blank:
                continue  # written, but not read: probability 0 without any curve
            if truth is None and reading.blank:
                continue  # an empty row below the last entry
            found.append(
                Example(
                    book=number,
                    hand=spec.hand,
                    wear=spec.wear,
                    field_type=kind_of(field_type(cell.field), reading.text),
                    lowest=round(reading.confidence, 4),
                    mean=round(float(np.mean([w.confidence for w in reading.words] or [1])), 4),
                    usual=round(usual, 4),
                    blank=reading.blank,
                    right=truth is not None and same_ink(truth, reading.text),
                )
            )
    return found


def fit(
    examples: Sequence[Example],
    data: str,
    reader: str,
    fewest: int = FEWEST,
    cautious_below: int = 0,
) -> Calibration:
    """Weights, and curves over all fields, per field type with enough examples, and of blanks.

    Field types with fewer examples than ``cautious_below`` have a lower bound for their curve.
    """
    read = [e for e in examples if not e.blank]
    weights = fit_weights(
        np.array([features(e.evidence) for e in read]), np.array([e.right for e in read], float)
    )
    draft = Calibration(reader, VERSION, data, weights, {})
    groups: dict[str, list[Example]] = {}
    for example in examples:
        for kind in (BLANK,) if example.blank else (ALL, example.field_type):
            groups.setdefault(kind, []).append(example)
    curves: dict[str, Curve] = {BLANK: _curve(draft, groups.pop(BLANK))}
    curves[ALL] = _curve(draft, groups.pop(ALL))
    for kind, group in sorted(groups.items()):
        if len(group) >= fewest:
            caution = _CAUTION if len(group) < cautious_below else 0.0
            curves[kind] = _curve(draft, group, curves[ALL], caution)
    return replace(draft, curves=curves)


def _curve(
    draft: Calibration,
    group: Sequence[Example],
    prior: Curve | None = None,
    caution: float = 0.0,
) -> Curve:
    scores = [0.0 if e.blank else score(draft, e.evidence) for e in group]
    return fit_curve(scores, [e.right for e in group], prior, caution)


def fit_weights(
    x: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Logistic regression by Newton steps with a little shrinkage; x has shape (n, 4)."""
    weights = logistic(x, right, SHRINK)
    # More confidence must never mean less probability.
    constant, lowest, mean, usual = np.round(weights, 4).tolist()
    return constant, max(0.0, lowest), max(0.0, mean), max(0.0, usual)


def report(calibration: Calibration, examples: list[Example]) -> Iterator[str]:
    """Lines of a reliability table over held-out examples."""
    known = np.array([_probability(calibration, e) for e in examples])
    right = np.array([e.right for e in examples], float)
    raw = np.array([1.0 if e.blank else e.lowest for e in examples])
    yield f"held out: {len(examples)} cells, right {right.mean():.3f}"
    error, raw_error = calibration_error(known, right), calibration_error(raw, right)
    yield f"calibration error {error:.4f} (raw confidence {raw_error:.4f})"
    yield "probability   cells  mean p  right"
    for low in np.arange(0, 1, 0.1):
        here = (known >= low) & ((known < low + 0.1) | (low > 0.85))
        if here.any():
            mean, share = known[here].mean(), right[here].mean()
            yield f"{low:.1f}-{low + 0.1:.1f}  {here.sum():9d}  {mean:.3f}   {share:.3f}"
    for name, group in _groups(examples):
        own = known[group]
        written = group & np.array([not e.blank for e in examples])
        yield (
            f"{name:16} {int(group.sum()):6d} cells, written read right "
            f"{right[written].mean() if written.any() else float('nan'):.3f}, "
            f"calibration error {calibration_error(own, right[group]):.4f}, "
            f"p >= 0.97: {_share(own >= 0.97)} right {_mean(right[group][own >= 0.97])}"
        )


def main(
    books: Annotated[int, typer.Option(help="generated books")] = 60,
    seed: Annotated[str, typer.Option(help="names the generated books")] = "a",
    languages: Annotated[str, typer.Option(help="as Tesseract writes them")] = "vie",
    workers: Annotated[int, typer.Option(help="processes")] = 1,
    examples: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
    out: Annotated[Path, typer.Option(help="file to write")] = PROJECT
    / "ocr_config/calibration/tesseract.json",
) -> None:
    """Generate, read, fit, test, write."""

    def made() -> Iterator[Example]:
        specs = list(enumerate(training_books(books, seed)))
        with ProcessPoolExecutor(workers) as pool:
            for n, some in enumerate(pool.map(partial(examples_of, languages), specs), start=1):
                typer.echo(f"{n}/{books} books, {len(some)} cells", err=True)
                yield from some

    found = kept_or_made(examples, Example, made)
    fitted = [e for e in found if e.book % HELD_OUT]
    data = (
        f"{len({e.book for e in fitted})} generated books (seed training-{seed}), "
        f"{len(fitted)} cells; print, type and handwriting fonts; mild, medium, heavy wear; "
        "200 to 300 dpi"
    )
    calibration = fit(fitted, data, f"tesseract-{tesseract.version()}/{languages}")
    for line in report(calibration, [e for e in found if not e.book % HELD_OUT]):
        typer.echo(line)
    save_calibration(calibration, out)


def _probability(calibration: Calibration, example: Example) -> float:
    if example.blank:
        return blank_probability(calibration)
    return probability(calibration, example.field_type, example.evidence)


def plain(text: str) -> str:
    """NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same_ink(truth: str, text: str) -> bool:
    """True where a text is what stands there; any ditto mark is one."""
    return plain(truth) == plain(text) or (is_ditto(truth) and is_ditto(text))


def _groups(examples: list[Example]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for wear in ("mild", "medium", "heavy"):
        for hand in ("print", "type", "hand"):
            group = np.array([e.wear == wear and e.hand.startswith(hand) for e in examples])
            if group.any():
                yield f"{hand} {wear}", group
    for kind in sorted({e.field_type for e in examples}):
        yield kind, np.array([e.field_type == kind for e in examples])


def _share(flags: NDArray[np.bool_]) -> str:
    return f"{flags.mean():.3f}"


def _mean(values: NDArray[np.float64]) -> str:
    return f"{values.mean():.4f}" if values.size else "–"


if __name__ == "__main__":
    typer.run(main)
