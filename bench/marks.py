"""``python -m bench.marks``: ticks, void entries, margin notes and ditto strokes, held to truth.

Each generated book is learned from its own pages under its own form, laid out, and its marks are
held against the truth by entry. Many entries are made void (``--void``) and noted (``--noted``),
and the clerk of a ledger draws strokes for "as above" (``--strokes``), as rare things cannot be
measured on a few pages. Prints a line a mark that is wrong or doubtful, and the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated, Any
from unittest.mock import patch

import typer

from pipeline.errors import NotARegisterError
from pipeline.form import learn_book, load_forms
from pipeline.form.place import place_scan
from pipeline.form.schema import Form
from pipeline.page import prepare
from pipeline.page.points import to_scan_polygon
from pipeline.reading.ditto_strokes import with_ditto_strokes
from pipeline.reading.recognizer import NoRecognizer, read_cells
from pipeline.reading.ticks import LEAST_THERE, mark_chance
from pipeline.reading.voids import void_marks
from pipeline.settings import PROJECT
from pipeline.types import BookForm, Cell, Layout, PageImage, Reading, Scan, ScanRef
from samples.book import BookSpec, SamplePage, make_book
from samples.eras.clerk import Scribe, draw_scribe
from samples.eras.fill import STROKE

CONFIG = PROJECT / "ocr_config"
_ASKED, _LIKELY = 0.2, 0.5


def measure(scan: Scan, page: SamplePage, book: BookForm, form: Form, counts: Counter[str]) -> None:
    """Counts the marks of one scan."""
    placed = place_scan(scan, prepare(scan, opening=form.opening), book, {form.form: form}, None)
    chances = {mark.entry: mark.probability for mark in void_marks(placed.pages, placed.layout)}
    readings = read_cells(placed.pages, placed.layout, NoRecognizer(), CONFIG)
    ledger = form.layout == "ledger"
    readings = with_ditto_strokes(placed.pages, readings, ledger=ledger)
    for number, entry in enumerate(page.truth["entries"]):
        where = f"{form.form} scan {scan.ref.number} entry {number}"
        _count_void(where, bool(entry.get("voided")), chances.get(number, 0.0), counts)
        _count_ticks(where, entry, placed.pages, placed.layout, number, counts)
        own = [(cell, reading) for cell, reading in readings if cell.entry == number]
        for cell, reading in own:
            if cell.margin:
                _count_note(where, entry, cell, placed.pages[cell.page], reading, counts)
        if ledger:
            _count_strokes(where, page.truth["entries"], number, own, counts)


def _count_void(where: str, true: bool, chance: float, counts: Counter[str]) -> None:
    state = "void" if chance >= _LIKELY else "asked" if chance >= _ASKED else "live"
    counts[f"entries {'void' if true else 'live'} → {state}"] += 1
    if (state == "void") != true:
        typer.echo(f"{where}: {'void' if true else 'live'} taken for {state} {chance:.3f}")


def _count_ticks(
    where: str,
    entry: dict[str, Any],
    pages: tuple[PageImage, ...],
    layout: Layout,
    number: int,
    counts: Counter[str],
) -> None:
    chances = {
        box.choice: mark_chance(pages[box.page], box.polygon)
        for box in layout.ticks
        if box.entry == number and box.confidence >= LEAST_THERE
    }
    for tick in entry.get("ticks", ()):
        chance = chances.get(tick["choice"])
        state = "unsure" if chance is None else "marked" if chance >= _LIKELY else "empty"
        counts[f"squares {'marked' if tick['ticked'] else 'empty'} → {state}"] += 1
        if state != ("marked" if tick["ticked"] else "empty"):
            typer.echo(f"{where}: {tick['choice']} {state}")


def _count_note(
    where: str,
    entry: dict[str, Any],
    cell: Cell,
    page: PageImage,
    reading: Reading,
    counts: Counter[str],
) -> None:
    """Whether a note's box holds the true one, and whether it is told from an empty one."""
    true = next((one for one in entry["fields"] if one["field"] == cell.field), None)
    if true is None:
        counts["notes without a margin"] += 1
        return
    outline = to_scan_polygon(page, cell.polygon)
    (left, right), (upper, lower) = ((min(v), max(v)) for v in zip(*outline, strict=True))
    (x0, x1), (y0, y1) = ((min(v), max(v)) for v in zip(*true["polygon"], strict=True))
    across = max(0.0, min(right, x1) - max(left, x0)) / (x1 - x0)
    down = max(0.0, min(lower, y1) - max(upper, y0)) / (y1 - y0)
    blank = reading.blank
    if entry.get("voided"):
        counts["notes of void entries, whose strokes run over them"] += 1
        return
    counts[
        f"notes {'written' if true['literal'] else 'blank'} → {'blank' if blank else 'ink'}"
    ] += 1
    held = across * down >= 0.8
    counts[f"notes' boxes {'held' if held else 'not held'}"] += 1
    if not held or (blank and true["literal"]):
        typer.echo(f"{where}: note held {across:.2f} × {down:.2f}, blank {blank}")


def _count_strokes(
    where: str,
    entries: list[dict[str, Any]],
    number: int,
    readings: list[tuple[Cell, Reading]],
    counts: Counter[str],
) -> None:
    """Strokes for "as above" against the cells' truth; those of one cell are left to readers."""
    literals, *near = (
        {field["field"]: field["literal"] for field in entries[at]["fields"]}
        for at in (number, number - 1, number + 1)
        if 0 <= at < len(entries)
    )
    for cell, reading in readings:
        literal = literals.get(cell.field, "")
        true, found = literal == STROKE, reading.text == '"'
        alone = true and not any(one.get(cell.field) == STROKE for one in near)
        if true or found:
            what = "a stroke alone" if alone else "a stroke" if true else "no stroke"
            told = "ditto" if found else "blank" if reading.blank else "ink"
            counts[f"cells with {what} → {told}"] += 1
        if found and not true:
            typer.echo(f"{where}: {cell.field} {literal!r} taken for a stroke")


def _strokes(drawn: Callable[..., Scribe]) -> Callable[..., Scribe]:
    """Clerks as drawn, all of whom use strokes."""
    return lambda *args, **named: replace(drawn(*args, **named), ditto=STROKE)


def main(
    forms: Annotated[str, typer.Option(help="ids with commas")] = "birth-15,birth-fr-act",
    wears: Annotated[str, typer.Option(help="mild, medium, heavy")] = "medium,heavy",
    scans: Annotated[int, typer.Option(help="pages a book")] = 4,
    noted: Annotated[float, typer.Option(help="share of entries with a note")] = 0.3,
    strokes: Annotated[bool, typer.Option(help="all clerks draw ditto strokes")] = True,
    void: Annotated[float, typer.Option(help="share of entries crossed out")] = 0.25,
    seed: Annotated[str, typer.Option(help="any text")] = "marks",
    pool: Annotated[str, typer.Option(help="development or evaluation")] = "development",
    dpi: Annotated[int, typer.Option(help="resolution")] = 200,
) -> None:
    """Measures and prints."""
    known = load_forms(CONFIG)
    for name in forms.split(","):
        form = known[name]
        for wear in wears.split(","):
            year = form.years[0] + 2
            spec = BookSpec(
                batch="m", path=name, unit="Xã An Thái", district="Huyện An Lão", form=name,
                year=year, wear=wear, hand="hand", scans=scans, dpi=dpi, seed=seed, pool=pool,
            )  # fmt: skip
            with ExitStack() as stack:
                stack.enter_context(patch("samples.eras.book._VOID", void))
                stack.enter_context(patch("samples.eras.events._NOTED", noted))
                if strokes:
                    drawn = _strokes(draw_scribe)
                    stack.enter_context(patch("samples.eras.book.draw_scribe", drawn))
                pages = list(make_book(spec))
            made = [
                Scan(ScanRef("", 0, n + 1, f"{n}", f"{n}"), page.picture, float(dpi))
                for n, page in enumerate(pages)
            ]
            try:
                book = learn_book(
                    [prepare(scan, opening=form.opening) for scan in made], {name: form},
                    kind=form.kind, year=year, digests=[scan.ref.digest for scan in made],
                )  # fmt: skip
            except NotARegisterError:
                typer.echo(f"{name} {wear}: not learned from {scans} scans")
                continue
            counts: Counter[str] = Counter()
            for scan, page in zip(made, pages, strict=True):
                measure(scan, page, book, form, counts)
            typer.echo(f"{name} {wear}: {dict(sorted(counts.items()))}")


if __name__ == "__main__":
    typer.run(main)
