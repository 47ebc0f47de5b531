"""Writes ``ocr_config/weights/rehearsal.npz``: lines that a learner is shown so as not to forget.

``python -m training.rehearsal`` draws names, dates, numbers and places in handwriting faces that
the net was trained on (all under the OFL; none of ``training.hand.draw.UNSEEN``), a clerk a face.
An office's first book has no lines of other books to mix in; these take their place.
"""

from __future__ import annotations

from typing import Annotated

import cv2
import typer

from pipeline.reading.hand.examples import Example
from pipeline.reading.hand.rehearsal import rehearsal_file, write_rehearsal
from pipeline.settings import PROJECT
from training.hand.book import face_book
from training.hand.draw import hands

FIELDS = (
    "child_full_name", "birth_date", "registration_date", "birth_place", "father_full_name",
    "mother_full_name", "entry_number",
)  # fmt: skip
_SEED = 900


def main(
    faces: Annotated[int, typer.Option(help="at most")] = 12,
    entries: Annotated[int, typer.Option(help="a face")] = 4,
) -> None:
    """Draw and write."""
    cv2.setNumThreads(1)
    known = hands()
    chosen = known[:: max(1, len(known) // faces)][:faces]
    lines: list[Example] = []
    for n, face in enumerate(chosen):
        book = face_book(face, entries, _SEED + n, FIELDS)
        for at, entry in enumerate(book.entries):
            lines += [Example(line.ink, line.text, f"{face}/{at}") for line in entry]
    path = rehearsal_file(PROJECT / "ocr_config")
    write_rehearsal(lines, path)
    typer.echo(f"{len(lines)} lines in {', '.join(chosen)}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    typer.run(main)
