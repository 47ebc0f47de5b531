"""``python -m bench.learning``: how many fields fewer a person sees once a book's hand is learned.

Simulated books of one hand and 200 entries are read in order; fields below their bar are set by
a person, what is accepted nobody sees; the hand is learned when enough fields are set, and the
rest read again; what was set bears out the rest whenever production would finish the book. Beside
it the same book as it was read, nothing learned.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import typer

from bench.learning.course import Rules, take_through
from bench.learning.report import chart, figures, kinds, table
from pipeline.settings import PROJECT
from training.hand.book import FIELDS, Book, face_book
from training.hand.draw import UNSEEN

OUT = PROJECT / "bench" / "out"


def main(
    faces: Annotated[str, typer.Option(help="handwriting faces, by commas; empty for none")] = (
        ",".join(UNSEEN)
    ),
    hands: Annotated[str, typer.Option(help="kept writers (needs PyTorch), or 'all'")] = "",
    data: Annotated[
        Path | None, typer.Option(envvar="HOTICH_HANDWRITING", help="sets of real lines")
    ] = None,
    fields: Annotated[str, typer.Option(help="of the form, for faces")] = ",".join(FIELDS),
    entries: int = 200,
    first: Annotated[int, typer.Option(help="fields set before the hand is learned")] = 50,
    growth: Annotated[float, typer.Option(help="times as many, for the next time")] = 1.5,
    seconds: Annotated[float, typer.Option(help="CPU seconds a time of learning")] = 180.0,
    chosen: Annotated[
        int, typer.Option(help="entries chosen by what they teach until so many fields are set")
    ] = 0,
    moved: Annotated[
        bool, typer.Option(help="move probabilities to what people found in the book")
    ] = False,
    scale: Annotated[
        float | None,
        typer.Option(help="one scan for a face's whole book: its size; else each line has its own"),
    ] = None,
    seed: int = 1,
    out: Annotated[Path, typer.Option(help="folder for learning.json and the charts")] = OUT,
) -> None:
    """Measures and writes learning.json and a chart a book."""
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    rules = Rules(PROJECT / "ocr_config", first, growth, seconds, chosen, moved)
    found = []
    for make in _makers(faces, hands, fields, data, entries, seed, scale):
        with tempfile.TemporaryDirectory(prefix="hotich-learning-") as work:
            course, plain = take_through(
                make(), rules, Path(work), lambda text: typer.echo(text, err=True)
            )
        found.append(figures(course, plain))
        (out / f"learning-{course.book}.svg").write_text(chart(course, plain), "utf-8")
        (out / "learning.json").write_text(
            json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
        typer.echo(table(found[-1:]))
    typer.echo(table(found))
    typer.echo(kinds(found))


def _makers(
    faces: str,
    hands: str,
    fields: str,
    data: Path | None,
    entries: int,
    seed: int,
    scale: float | None,
) -> list[Callable[[], Book]]:
    chosen = fields.split(",")
    makers: list[Callable[[], Book]] = [
        partial(face_book, face, entries, seed, chosen, scale=scale)
        for face in faces.split(",")
        if face
    ]
    if hands:
        from bench.learning.cut import cut_book, kept_hands

        if data is None:
            raise typer.BadParameter("--data or HOTICH_HANDWRITING: where real lines are")
        folder = data / "kalapa2023"
        writers = kept_hands(folder) if hands == "all" else hands.split(",")
        makers += [partial(cut_book, folder, writer, entries, seed) for writer in writers]
    return makers


if __name__ == "__main__":
    typer.run(main)
