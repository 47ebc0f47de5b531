"""Fits ``ocr_config/calibration/hand.json``: what the handwriting net's own shares are worth.

``python -m training.fit_hand_calibration --lines FOLDER --lines FOLDER --state STATE`` reads cells
of generated books in handwriting faces the production way, lines of clerks in such faces, fields
put together of pieces of kept hands, and real lines of writers the net was not trained on. It
fits as ``training.fit_calibration`` does for Tesseract: two thirds of the books and writers to
fit, the rest to test. What counts as right is the value that is accepted (``same_value``). Run it
anew whenever the weights change (``--weights hand-free`` for the others: each weights file has a
calibration of its own).
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from pipeline.fields import FIELDS, FieldType
from pipeline.places import load_gazetteer
from pipeline.places.written import place_names
from pipeline.reading.calibrate import Curve, save_calibration, usual_confidence
from pipeline.reading.hand.ink import InkLine
from pipeline.reading.hand.reader import (
    HandRecognizer,
    hand_recognizer,
    legibility,
    seen,
    seen_alone,
)
from pipeline.reading.recognizer import field_type, read_cells
from pipeline.settings import PROJECT
from pipeline.types import Crop, Kind, Reading
from pipeline.values import Context
from pipeline.values.guide import guide_of
from pipeline.values.normalise import normalise
from samples.batch import FORMS, random_books
from samples.book import BookSpec
from training.cells import DPI, QUALITY, laid_out_pages
from training.fit_calibration import HELD_OUT, Example, fit, plain, report
from training.hand.book import SCAN, face_book
from training.hand.draw import UNSEEN
from training.hand.real import split_source
from training.kept import kept_or_made

VERSION = "4"
"""Of what is fitted: values rather than letters since 4."""
_BATCH = 60
_YEAR = 2018
_ENTRIES = 16
"""Of a clerk."""
_RECOMPOSED = 1000
"""Seed of fields put together for the fit; those that are reported have small ones."""
_FIRST_CLERK = 100
_NO_PICTURE = np.full((9, 9), 255, np.uint8)
FEWEST = 100
CAUTIOUS_BELOW = 600
"""Examples below which a family's curve is a lower bound: refuse rather than accept."""
_LITERAL = (FieldType.PLACE, FieldType.TEXT)
CEILING = {"name": 0.95, "place": 0.95, "open": 0.97}
"""No reading alone is believed more. One clerk's letters are misread alike again and again (*Hùng*
as *Hưng*, *Bố* as *Bà*): of the names of one unseen clerk that a plain curve accepted 4 of 51 were
wrong, though 1 in 200 was over all clerks. More must come from other evidence."""
FAMILIES = {
    "listed": ("sex", "ethnicity", "nationality"),
    # open lists: any word may stand there, and short ones are alike (Bố, Bà)
    "open": ("relation", "occupation"),
    "dates": ("date", "year_or_date"),
    "date_words": ("date_words",),
    "numbers": ("number", "age", "identity", "time"),
    "texts": ("text",),
    "name": ("name",),
    "place": ("place",),
}
"""Field types that are decoded alike share a curve: alone most have too few examples."""


def hand_books(count: int, seed: str, families: Sequence[str]) -> list[BookSpec]:
    """Generated books written in handwriting faces."""
    rng = random.Random(f"hand calibration {seed}")
    return [
        replace(
            spec,
            # Forms come in turn: shifted, so that each face is seen on each of them.
            hand=f"hand:{families[(n + n // len(FORMS)) % len(families)]}",
            dpi=rng.choice(DPI),
            quality=rng.choice(QUALITY),
        )
        for n, spec in enumerate(random_books(count, f"training-{seed}", 200, 2))
    ]


def share_of(reading: Reading) -> float:
    """Share of the text that was taken, as the calibration is given it."""
    return dict(reading.alternatives).get(reading.text.replace("\n", " "), reading.confidence)


def same_value(field: str, truth: str, text: str, context: Context) -> bool:
    """True where a text read means what truly stands there.

    What is accepted is a value: *mùng* for *mồng*, or a capital too many, is no error of a date
    in words. Places and free text have no value of their own and must be the same text.
    """
    if plain(truth) == plain(text):
        return True
    if FIELDS[field].type in _LITERAL:
        return False
    wanted = normalise(field, truth, context).normalized
    return wanted is not None and normalise(field, text, context).normalized == wanted


def _example(reading: Reading, right: bool, usual: float, **of: object) -> Example:
    return Example(
        wear="",
        lowest=round(share_of(reading), 4),
        mean=round(legibility(reading.words), 4),
        usual=round(usual, 4),
        blank=reading.blank,
        right=right,
        **of,  # type: ignore[arg-type]
    )


def cells_of(number: int, spec: BookSpec, reader: HandRecognizer) -> Iterator[Example]:
    """All cells of one book that were read or called blank."""
    config = PROJECT / "ocr_config"
    for page in laid_out_pages(spec):
        unit = f"{spec.unit}, {spec.district}"
        names = place_names(load_gazetteer(config), unit, spec.year)
        context = Context(Kind.BIRTH, spec.year)
        guide = guide_of(context, config, names)
        readings = read_cells(page.pages, page.layout, reader, config, guide)
        usual = usual_confidence([legibility(one.words) for _, one in readings if not one.blank])
        for (cell, reading), truth in zip(readings, page.truth, strict=True):
            unread = not reading.text and not reading.blank
            if unread or (truth is None and reading.blank):
                continue
            kind = field_type(cell.field)
            right = truth is not None and same_value(cell.field, truth, reading.text, context)
            yield _example(reading, right, usual, book=number, hand=spec.hand, field_type=kind)


def lines_of(folder: Path, writers: frozenset[str], reader: HandRecognizer) -> Iterator[Example]:
    """Real lines of some writers, as ``hotich read`` reads them; every writer is a book."""
    with (folder / "labels.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [row for row in rows if row["writer"] in writers or row["file"] in writers]
    # Nothing is known of where these were written: names of places may only mislead.
    config = PROJECT / "ocr_config"
    names = place_names(load_gazetteer(config), "", _YEAR)
    guide = guide_of(Context(Kind.BIRTH, _YEAR), config, names)
    groups = sorted({row["writer"] for row in rows})
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        crops, maps = [], []
        for row in some:
            grey = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
            if grey is None:
                raise typer.BadParameter(row["file"])
            picture = np.asarray(grey, np.uint8)
            crops.append(Crop(picture, 300.0, "birth_place"))
            maps.append(seen(picture))
        readings = reader.read_maps(crops, maps, guide)
        usual = usual_confidence([legibility(one.words) for one in readings])
        for n, (row, reading) in enumerate(zip(some, readings, strict=True), start=start):
            if reading.text:
                book = groups.index(row["writer"]) if len(groups) > 1 else n // 20
                yield _example(
                    reading, plain(row["text"]) == plain(reading.text), usual,
                    book=book, hand=folder.name, field_type="place",
                )  # fmt: skip


def clerks_of(family: str, clerk: int, reader: HandRecognizer) -> Iterator[Example]:
    """Fields of a clerk who writes in a face, each as a line of its own: many for little time."""
    config = PROJECT / "ocr_config"
    book = face_book(family, _ENTRIES, clerk)
    place = f"{book.context.unit}, {book.context.district}"
    names = place_names(load_gazetteer(config), place, book.context.year or _YEAR)
    guide = guide_of(book.context, config, names)
    for start in range(0, _ENTRIES, SCAN):
        lines = [line for entry in book.entries[start : start + SCAN] for line in entry]
        crops = [Crop(_NO_PICTURE, 300.0, line.field) for line in lines]
        readings = reader.read_maps(crops, [line.ink for line in lines], guide)
        truths = [(line.field, line.text) for line in lines]
        yield from _examples(truths, readings, book.context, book=clerk, hand=family)


def recomposed_of(
    state: Path, data: Path | None, count: int, reader: HandRecognizer
) -> Iterator[Example]:
    """Fields put together of pieces of kept hands; needs PyTorch for cutting them."""
    from training.hand.fields import communes, tasks
    from training.hand.recompose import hands_of

    places = communes()
    context = Context(Kind.BIRTH, _YEAR)
    guide = guide_of(context, PROJECT / "ocr_config", lambda _: places)
    by_hand: dict[str, list[tuple[str, str, InkLine]]] = {}
    for task in tasks(hands_of(state, data, kept=True), count, seed=_RECOMPOSED, paper=True):
        one = (task.field, task.text, seen_alone(task.page))
        by_hand.setdefault(task.hand, []).append(one)
    for number, (hand, found) in enumerate(sorted(by_hand.items())):
        for start in range(0, len(found), _BATCH):
            some = found[start : start + _BATCH]
            crops = [Crop(_NO_PICTURE, 300.0, field) for field, _, _ in some]
            readings = reader.read_maps(crops, [ink for _, _, ink in some], guide)
            truths = [(field, text) for field, text, _ in some]
            yield from _examples(truths, readings, context, book=number, hand=hand)


def _examples(
    truths: Sequence[tuple[str, str]],
    readings: Sequence[Reading],
    context: Context,
    *,
    book: int,
    hand: str,
) -> Iterator[Example]:
    """Lines read together: field and text of each, and its reading."""
    usual = usual_confidence([legibility(one.words) for one in readings])
    for (field, text), reading in zip(truths, readings, strict=True):
        if reading.text:
            right = same_value(field, text, reading.text, context)
            kind = field_type(field)
            yield _example(reading, right, usual, book=book, hand=hand, field_type=kind)


def main(
    books: Annotated[int, typer.Option(help="generated books")] = 12,
    seed: Annotated[str, typer.Option(help="names the generated books")] = "hand-a",
    families: Annotated[str, typer.Option(help="faces (default: those never trained on)")] = "",
    lines: Annotated[list[Path] | None, typer.Option(help="folders of real lines")] = None,
    writers: Annotated[
        Path | None,
        typer.Option(help="writers or files, one a line (default: those kept apart)"),
    ] = None,
    clerks: Annotated[int, typer.Option(help="clerks a face")] = 40,
    state: Annotated[
        Path | None, typer.Option(help="state of training.hand.train, to put fields together")
    ] = None,
    recomposed: Annotated[int, typer.Option(help="fields of a kind put together")] = 400,
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    examples: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
    weights: Annotated[str, typer.Option(help="name in ocr_config/weights")] = "hand",
    out: Annotated[
        Path | None, typer.Option(help="default: ocr_config/calibration/WEIGHTS.json")
    ] = None,
) -> None:
    """Generate, read, fit, test, write."""
    cv2.setNumThreads(1)
    began = time.process_time()
    reader = hand_recognizer(PROJECT / "ocr_config", weights)

    def made() -> Iterator[Example]:
        faces = families.split(",") if families else list(UNSEEN)
        for n, spec in enumerate(hand_books(books, seed, faces)):
            yield from cells_of(n, spec, reader)
            typer.echo(f"{n + 1}/{books} books", err=True)
        known = frozenset(writers.read_text("utf-8").split()) if writers else frozenset()
        for folder in lines or []:
            yield from lines_of(folder, known or _kept(folder), reader)
        for clerk in range(_FIRST_CLERK, _FIRST_CLERK + clerks):
            for family in faces:
                yield from clerks_of(family, clerk, reader)
            typer.echo(f"clerk {clerk}", err=True)
        if state:
            yield from recomposed_of(state, data, recomposed, reader)

    found = kept_or_made(examples, Example, made)
    found = [replace(e, field_type=_family(e.field_type)) for e in found]
    fitted = [e for e in found if e.book % HELD_OUT]
    real = ", ".join(folder.name for folder in lines or []) or "none"
    said = (
        f"{len(found)} cells and lines: generated books (seed training-{seed}) and clerks in faces "
        f"not trained on, real lines of writers not trained on ({real})"
        f"{', fields put together of their pieces' if state else ''}"
    )
    for line in report(
        fit(fitted, said, reader.name, FEWEST, CAUTIOUS_BELOW),
        [e for e in found if not e.book % HELD_OUT],
    ):
        typer.echo(line)
    # What is shipped knows the held-out third too.
    calibration = fit(found, said, reader.name, FEWEST, CAUTIOUS_BELOW)
    path = out or PROJECT / f"ocr_config/calibration/{weights}.json"
    curves = _for_types(calibration.curves)
    save_calibration(replace(calibration, version=VERSION, curves=curves), path)
    typer.echo(f"{path.name}: {time.process_time() - began:.0f} CPU s")


def _kept(folder: Path) -> frozenset[str]:
    """Files that training keeps apart."""
    return frozenset(str(one.path.relative_to(folder)) for one in split_source(folder).kept)


def _family(field_type: str) -> str:
    return next((name for name, types in FAMILIES.items() if field_type in types), field_type)


def _below(curve: Curve, ceiling: float) -> Curve:
    return replace(curve, probabilities=tuple(min(p, ceiling) for p in curve.probabilities))


def _for_types(curves: dict[str, Curve]) -> dict[str, Curve]:
    """A family's curve under the name of each of its field types."""
    own = {name: curve for name, curve in curves.items() if name not in FAMILIES}
    for family, types in FAMILIES.items():
        if family in curves:
            own |= dict.fromkeys(types, _below(curves[family], CEILING.get(family, 1.0)))
    return own


if __name__ == "__main__":
    typer.run(main)
