"""Fits ``ocr_config/calibration/views.json``: what a text read in several pictures is worth.

``python -m training.fit_views bench/books/printed-development.yaml`` makes the heavily worn books
of the list, lays them out and cuts them the production way, lets Tesseract read each grainy cell
in its pictures, and fits one logistic regression. For the figures each book is left out in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from pipeline.reading.calibrate import kind_of, load_calibration
from pipeline.reading.recognizer import TesseractRecognizer, cell_crops, field_type
from pipeline.reading.views import SIGNS, Views, agreement, judged, save_views, signs, views_file
from pipeline.settings import PROJECT
from pipeline.types import Crop, Kind
from pipeline.values import Context
from samples.batch import read_books
from samples.book import BookSpec
from training.cells import laid_out_pages
from training.fit_hand_calibration import same_value
from training.kept import kept_or_made
from training.logistic import logistic

VERSION = "1"
SHRINK = 1.0
_WEAR = "heavy"
_KINDS = {"birth": Kind.BIRTH, "death": Kind.DEATH, "marriage": Kind.MARRIAGE}
# Takes what the confidences say as it is: the regression is to be fitted on that.
PLAIN = Views("none", "", tuple(float(name == "probability") for name in SIGNS))
_SURE = 0.98


@dataclass(frozen=True)
class Example:
    """A cell that was read in several pictures."""

    book: int
    field: str
    probability: float
    """What the confidences of its words say."""
    seen: str
    right: bool


def reader() -> TesseractRecognizer:
    """Tesseract with several pictures, not yet weighed."""
    return TesseractRecognizer("vie", load_calibration(PROJECT / "ocr_config", "tesseract"), PLAIN)


def examples_of(numbered: tuple[int, BookSpec]) -> list[Example]:
    """Cells of one book that were read in several pictures."""
    cv2.setNumThreads(1)
    number, spec = numbered
    found: list[Example] = []
    for page in laid_out_pages(spec):
        crops = cell_crops(page.pages, page.layout, PROJECT / "ocr_config")
        found += told(number, spec, crops, page.truth)
    return found


def told(
    number: int, spec: BookSpec, crops: Sequence[Crop], truth: Sequence[str | None]
) -> Iterator[Example]:
    """What the crops of one scan were read as, beside what truly stands there."""
    context = Context(_KINDS[spec.form.partition("-")[0]], spec.year)
    for crop, wanted, reading in zip(crops, truth, reader().read(crops), strict=True):
        seen, kind = agreement(reading), field_type(crop.field)
        if not wanted or not seen or kind_of(kind, reading.text) != kind:
            continue
        right = same_value(crop.field, wanted, reading.text, context)
        yield Example(number, crop.field, reading.probability, seen, right)


def fit(examples: Sequence[Example], data: str) -> Views:
    """The weights."""
    x = np.array([signs(one.probability, one.seen, field_type(one.field)) for one in examples])
    right = np.array([one.right for one in examples], float)
    return Views(VERSION, data, tuple(np.round(logistic(x, right, SHRINK), 4).tolist()))


def report(examples: Sequence[Example]) -> Iterator[str]:
    """What was said and what was right, each book judged by weights that never saw it."""
    rows: list[tuple[str, float, float, bool]] = []
    for book in sorted({one.book for one in examples}):
        views = fit([one for one in examples if one.book != book], "")
        for one in examples:
            if one.book == book:
                known = judged(views, one.probability, one.seen, field_type(one.field))
                rows.append((one.seen, one.probability, known, one.right))
    for name in ("", *sorted({row[0] for row in rows})):
        own = [row for row in rows if name in ("", row[0])]
        sure = [row for row in own if row[2] >= _SURE]
        alone, said, right = (float(np.mean([row[at] for row in own])) for at in (1, 2, 3))
        wrong = sum(not row[3] for row in sure)
        yield (
            f"{name or 'all':5} {len(own):5d} cells  by confidence {alone:.3f} said {said:.3f} "
            f"right {right:.3f}  sure {len(sure)}, wrong {wrong}"
        )


def main(
    books: Annotated[Path, typer.Argument(help="list of books; its heavily worn ones are read")],
    workers: Annotated[int, typer.Option(help="processes")] = 1,
    keep: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
) -> None:
    """Make, read, fit, tell, write."""
    specs = [spec for spec in read_books(books, books.stem) if spec.wear == _WEAR]

    def made() -> Iterator[Example]:
        with ProcessPoolExecutor(workers) as pool:
            for n, some in enumerate(pool.map(examples_of, enumerate(specs)), start=1):
                typer.echo(f"{n} books, {len(some)} cells read in several pictures", err=True)
                yield from some

    found = kept_or_made(keep, Example, made)
    for line in report(found):
        typer.echo(line)
    data = f"{len(found)} cells of the {len(specs)} heavily worn books of {books.name}"
    save_views(fit(found, data), views_file(PROJECT / "ocr_config"))


if __name__ == "__main__":
    typer.run(main)
