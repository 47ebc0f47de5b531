"""``python -m bench.steps``: what each optional step of preparing a page and its cells is worth.

Pages of generated books are read with all steps, then again without each one in turn. Cells are
put where the truth has them, so that what is measured is the step and not the layout. A row a
wear and a step: share of written cells read to the letter, share of cells rightly told empty or
written, CPU seconds a page.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Annotated, Any
from unittest.mock import patch

import cv2
import numpy as np
import typer

from pipeline.evaluation.truth import nfc
from pipeline.form import load_forms
from pipeline.page import prepare
from pipeline.reading.recognizer import Recognizer, read_cells, recognizer
from pipeline.settings import PROJECT, load_settings
from pipeline.types import Cell, Layout, PageImage, Scan, ScanRef
from samples.book import BookSpec, make_book

CONFIG = PROJECT / "ocr_config"
ALL = "all steps"
STEPS = {
    "even light": ("pipeline.page.prepare.flatten", lambda grey, dpi: grey),
    "deskewing": ("pipeline.page.prepare.skew_angle", lambda ink, dpi: 0.0),
    "rules out": (
        "pipeline.reading.crop.without_rules",
        lambda ink, dpi, margin: (ink.depth, np.zeros_like(ink.depth)),
    ),
    "leaders out": ("pipeline.reading.crop.without_leaders", lambda depth, faint, dpi: depth),
    "shine-through out": ("pipeline.reading.recognizer.without_shine", list),
}
"""Step -> what does it, and what stands in for it when it is left out."""


@dataclass
class Score:
    """Counts over cells, and CPU seconds."""

    written: int = 0
    exact: int = 0
    cells: int = 0
    told: int = 0
    seconds: float = 0.0
    pages: int = 0

    def row(self) -> str:
        """As cells of a table."""
        exact = self.exact / max(1, self.written)
        told = self.told / max(1, self.cells)
        return (
            f"{exact:.3f} of {self.written} | {told:.3f} of {self.cells} | "
            f"{self.seconds / max(1, self.pages):.2f}"
        )


@contextmanager
def _without(step: str) -> Iterator[None]:
    target, instead = STEPS[step]
    with patch(target, instead):
        yield


def true_cells(pages: tuple[PageImage, ...], truth: dict[str, Any]) -> list[tuple[Cell, str]]:
    """Cells on the pages where the truth has its fields, with what is written there."""
    found = []
    for number, entry in enumerate(truth["entries"]):
        for field in entry["fields"]:
            points = np.array([field["polygon"]], np.float64)
            for at, page in enumerate(pages):
                own = cv2.perspectiveTransform(points, np.linalg.inv(np.array(page.to_scan)))[0]
                x, y = own.mean(axis=0)
                if 0 <= x < page.grey.shape[1] and 0 <= y < page.grey.shape[0]:
                    polygon = tuple((float(a), float(b)) for a, b in own)
                    cell = Cell(at, number, field["field"], polygon, 1.0, lines=2)
                    found.append((cell, field["literal"] if field["state"] != "struck" else ""))
                    break
    return found


def measure(scan: Scan, truth: dict[str, Any], reader: Recognizer, step: str, score: Score) -> None:
    """Reads one page with or without a step."""
    with _without(step) if step != ALL else nullcontext():
        before = _cpu()
        pages = prepare(scan)
        cells = true_cells(pages, truth)
        layout = Layout("", tuple(cell for cell, _ in cells), 1.0, len(truth["entries"]))
        readings = read_cells(pages, layout, reader, CONFIG)
        score.seconds += _cpu() - before
    score.pages += 1
    for (_, literal), (_, reading) in zip(cells, readings, strict=True):
        score.cells += 1
        score.told += reading.blank == (not literal)
        if literal:
            score.written += 1
            score.exact += nfc(reading.text) == nfc(literal)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(
    forms: Annotated[str, typer.Option(help="ids with commas")] = "birth-158-a4,birth-76-ledger",
    wears: Annotated[str, typer.Option(help="mild, medium, heavy")] = "mild,medium,heavy",
    scans: Annotated[int, typer.Option(help="pages a book")] = 1,
    hand: Annotated[str, typer.Option(help="print, type or hand")] = "print",
    dpi: Annotated[int, typer.Option(help="resolution")] = 200,
    seed: Annotated[str, typer.Option(help="any text")] = "steps",
    pool: Annotated[str, typer.Option(help="development or evaluation")] = "development",
    read_with: Annotated[str, typer.Option(help="reader: tesseract, hand or auto")] = "tesseract",
    steps: Annotated[str, typer.Option(help="steps with commas; all if empty")] = "",
) -> None:
    """Measures and prints a table."""
    settings = load_settings()
    reader = recognizer(read_with, settings.ocr_languages, settings.config, settings.hand_weights)
    known = load_forms(CONFIG)
    chosen = [ALL, *(steps.split(",") if steps else STEPS)]
    typer.echo("| form | wear | without | exact | empty or written | CPU s |")
    typer.echo("| --- | --- | --- | --- | --- | --- |")
    for name in forms.split(","):
        for wear in wears.split(","):
            spec = BookSpec(
                batch="steps", path=name, unit="Xã An Thái", district="Huyện An Lão", form=name,
                year=known[name].years[0] + 2, wear=wear, hand=hand, scans=scans, dpi=dpi,
                seed=seed, pool=pool,
            )  # fmt: skip
            scores = {step: Score() for step in chosen}
            for n, page in enumerate(make_book(spec)):
                scan = Scan(ScanRef("", 0, n + 1, f"{n}", f"{n}"), page.picture, float(dpi))
                for step, score in scores.items():
                    measure(scan, page.truth, reader, step, score)
            for step, score in scores.items():
                said = "–" if step == ALL else step
                typer.echo(f"| {name} | {wear} | {said} | {score.row()} |")


if __name__ == "__main__":
    typer.run(main)
