"""Batches: lists of books to make, and where they go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from samples.book import BookSpec
from samples.packing import single_thread, write_book, write_manifest, write_truth, zip_folder

FORMS = ("birth-158-a4", "birth-76-ledger", "death-83-half", "marriage-158-two-columns")
YEARS = {
    "birth-158-a4": 2008,
    "birth-76-ledger": 1978,
    "birth-76-ledger-single": 1979,
    "death-83-half": 2002,
    "marriage-158-two-columns": 2011,
}


def write_batches(
    specs: Sequence[BookSpec], out: Path, zipped: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Make all books below ``out/batches`` and ``out/truth``; yields what was made."""
    single_thread()
    for batch, group in groupby(specs, key=lambda spec: spec.batch):
        books = list(group)
        folder = out / "batches" / batch
        folder.mkdir(parents=True, exist_ok=True)
        for spec in books:
            truth = write_book(spec, folder)
            write_truth(truth, out / "truth" / batch)
            yield f"{batch}/{spec.path}"
        write_manifest(books, folder)
        if batch in zipped:
            zip_folder(folder, out / "batches" / f"{batch}.zip")
            shutil.rmtree(folder)
