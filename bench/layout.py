"""Finding each field, without reading any: ``python -m bench.layout``.

Books of every form and wear are printed from presses of their own, learned among all forms and
placed; boxes are compared with where the generator put them. Reading cells is left out, so that
a book costs some twenty CPU seconds. ``--rows`` keeps what was seen of every page: a run that was
cut off goes on where it stopped, figures of several runs together come from ``--report``, and
``training.fit_layout`` fits the confidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.layout_books import (
    CONFIG,
    Book,
    Placed,
    beside,
    compared,
    overlaps,
    placed,
    printed,
    specs,
)
from bench.layout_report import MARGIN, book_line, render
from pipeline.form import load_forms
from pipeline.types import Cell
from samples.packing import single_thread
from samples.wear import LEVELS

WORN = "ruined"
"""Wear beyond heavy, so that there are wrong boxes to learn doubt from."""


def main(
    forms: Annotated[str, typer.Option(help="ids with commas; all if empty")] = "",
    pool: Annotated[
        str, typer.Option(help="presses, hands and names: evaluation or development")
    ] = "evaluation",
    wears: Annotated[str, typer.Option(help="levels with commas")] = "mild,medium,heavy",
    seed: Annotated[str, typer.Option(help="any text; decides printers, texts and wear")] = "bench",
    scans: Annotated[int, typer.Option(help="scans a book")] = 5,
    dpi: Annotated[int, typer.Option(help="resolution")] = 200,
    books: Annotated[int, typer.Option(help="books of each form and wear")] = 1,
    turn: Annotated[bool, typer.Option(help="one wear a form, in turn, instead of all")] = False,
    strange: Annotated[
        bool, typer.Option(help="also ruined pages and pages of another press, to fit doubt")
    ] = False,
    rows: Annotated[
        Path | None, typer.Option(help="keep what was seen, one JSON a page; go on")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="only report what such a file holds")] = None,
) -> None:
    """Prints figures by wear and by form."""
    single_thread()
    if report is not None:
        typer.echo(render(_read(report)))
        return
    # What an earlier run into the same file saw is not printed again.
    seen = _read(rows) if rows is not None and rows.exists() else []
    done = {page["book"] for page in seen}
    ids = forms.split(",") if forms else list(load_forms(CONFIG))
    levels = wears.split(",")
    for spec in specs(pool, ids, levels, seed, scans, dpi, books):
        if turn and levels[ids.index(spec.form) % len(levels)] != spec.wear:
            continue
        if spec.path in done:
            continue
        book = printed(spec)
        found = placed(book)
        pages = [*_rows(book, found, "own"), *(_doubtful(book, found) if strange else ())]
        seen += pages
        if rows is not None:
            with rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(page) + "\n" for page in pages)
        typer.echo(book_line(pages), err=True)
    typer.echo(render(seen))


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _doubtful(book: Book, found: Placed) -> Iterator[dict[str, Any]]:
    """Pages that the learned book fits badly or not at all: worn out, and of another press."""
    if found.learned is None or found.learned.form_id != book.spec.form:
        return
    heavy = LEVELS["heavy"]
    LEVELS.setdefault(
        WORN,
        replace(heavy, broken=0.65, curvature=4.0, ink=(0.3, 0.48), noise=20.0, stains=24),
    )
    for what, spec in (
        ("worn", replace(book.spec, wear=WORN, scans=1)),
        ("worn", replace(book.spec, wear="heavy", scans=1)),
        (
            "strange",
            replace(book.spec, printer=book.spec.seed + "-strange", wear="mild", scans=1),
        ),
    ):
        other = printed(spec)
        yield from _rows(other, placed(other, found.learned), what)


def _rows(book: Book, found: Placed, what: str) -> Iterator[dict[str, Any]]:
    comparison = compared(book, found)
    learned = found.learned
    head = {
        "book": book.spec.path,
        "form": book.spec.form,
        "layout": book.form.layout,
        "wear": book.spec.wear,
        "what": what,
        "chosen": learned.form_id if learned else "",
        "score": learned.score if learned else 0.0,
        "learn_seconds": round(found.learn_seconds, 2),
        "place_seconds": round(found.place_seconds / max(1, len(book.scans)), 3),
    }
    by_scan: dict[str, list[Any]] = {}
    for pair in comparison.pairs:
        by_scan.setdefault(pair.scan, []).append(pair)
    for number, truth in enumerate(book.truth, 1):
        name = f"{number:04d}.jpg"
        pairs = by_scan.get(name, [])
        layout = found.layouts[number - 1] if found.layouts else None
        shares = overlaps(book, found, number)
        yield {
            **head,
            "scan": number,
            "page_class": layout.page_class if layout else "",
            "confidence": round(layout.confidence, 5) if layout else 0.0,
            "entries": len(truth.get("entries", ())),
            "found": layout.entries if layout else 0,
            "true": [round(pair.overlap, 3) for pair in pairs],
            "slipped": sum(pair.slipped for pair in pairs),
            "cells": [
                [round(cell.confidence, 5), round(share, 3), [round(v, 4) for v in cell.signs]]
                for cell, share in shares
            ],
            "fields": [_named(cell) for cell, _ in shares],
            "beside": beside(book, found, number),
        }


def _named(cell: Cell) -> str:
    """Field of a cell; notes beside an entry are told from others: nothing bounds their column."""
    return cell.field + (MARGIN if cell.margin else "")


__all__: Sequence[str] = ("main",)

if __name__ == "__main__":
    typer.run(main)
