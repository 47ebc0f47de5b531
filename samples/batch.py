"""Batches: lists of books to make, and where they go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import yaml

from samples import people
from samples.book import BookSpec
from samples.chance import stream
from samples.packing import single_thread, write_book, write_manifest, write_truth, zip_folder

FORMS = ("birth-158-a4", "birth-76-ledger", "death-83-half", "marriage-158-two-columns")
YEARS = {
    "birth-158-a4": (2006, 2015),
    "birth-76-ledger": (1976, 1986),
    "death-83-half": (1999, 2006),
    "marriage-158-two-columns": (2006, 2015),
}
WEARS = ("mild", "medium", "heavy")


def write_batches(
    specs: Sequence[BookSpec], out: Path, zipped: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Make all books below ``out/batches`` and ``out/truth``; yields what was made."""
    single_thread()
    for batch, group in groupby(specs, key=lambda spec: spec.batch):
        books = list(group)
        folder = out / "batches" / batch
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for spec in books:
            truth = write_book(spec, folder)
            write_truth(truth, out / "truth" / batch)
            yield f"{batch}/{spec.path}"
        write_manifest(books, folder)
        if batch in zipped:
            zip_folder(folder, out / "batches" / f"{batch}.zip")
            shutil.rmtree(folder)


def random_books(count: int, seed: str, dpi: int, scans: int, wear: str = "") -> list[BookSpec]:
    """Books of all forms in turn, each from its own printer, printed or typed."""
    rng = stream("random books", seed)
    specs = []
    for n in range(count):
        form = FORMS[n % len(FORMS)]
        unit, district = rng.choice(people.units())
        specs.append(
            BookSpec(
                batch="random",
                path=f"{n + 1:03d}-{form}",
                unit=unit,
                district=district,
                form=form,
                year=rng.randint(*YEARS[form]),
                volume=f"{n // len(FORMS) + 1:02d}",
                wear=wear or WEARS[n // len(FORMS) % len(WEARS)],
                hand=rng.choice(("print", "type")),
                scans=scans,
                dpi=dpi,
                seed=f"{seed}-{n}",
                ragged=n % 3 == 2,
            )
        )
    return specs


def ledger_books(pages: int, seed: str, wear: str) -> list[BookSpec]:
    """One book of benchmark pages."""
    return [
        BookSpec(
            batch="bench",
            path=f"ledger-{wear}",
            unit="Xã An Thái",
            district="Huyện An Lão",
            form="birth-76-ledger-single",
            year=1979,
            wear=wear,
            hand="print:dejavu-serif",
            scans=pages,
            seed=seed,
            quality=90,
            bench=True,
        )
    ]


def read_books(path: Path, seed: str) -> list[BookSpec]:
    """Book specifications from a YAML file: a list of mappings, fields of ``BookSpec``."""
    rows = yaml.safe_load(path.read_text("utf-8"))
    return [
        BookSpec(
            **{
                "seed": f"{seed}-{n}",
                **row,
                "extras": tuple(row.get("extras", ())),
            }
        )
        for n, row in enumerate(rows)
    ]
