"""``python -m samples``: make sample registers with ground truth.

``make`` invents any number of books, ``eras`` books of every form, ``committed`` makes the
set in this folder again, ``ledger`` the benchmark pages of ``anchors.md`` 2, ``fonts`` merges
the installed fonts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.form.schema import load_forms
from pipeline.settings import PROJECT
from samples import fonts
from samples.batch import ledger_books, random_books, read_books, write_batches
from samples.committed import BATCHES, ZIPPED
from samples.eras.pools import POOLS
from samples.eras.sets import era_books
from samples.wear import LEVELS

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
HERE = Path(__file__).resolve().parent


@app.command()
def make(
    out: Annotated[Path, typer.Argument(help="folder for batches/ and truth/")],
    seed: Annotated[str, typer.Option(help="any text; the same seed gives the same books")] = "1",
    books: Annotated[
        str,
        typer.Option(
            help="a number of random books, or a YAML file with a list of book specifications "
            "(fields of samples.book.BookSpec)"
        ),
    ] = "8",
    dpi: Annotated[int, typer.Option(help="resolution of random books")] = 300,
    scans: Annotated[int, typer.Option(help="pages of a random book")] = 3,
    wear: Annotated[str, typer.Option(help="mild, medium or heavy; empty for all in turn")] = "",
) -> None:
    """Make books."""
    specs = (
        random_books(int(books), seed, dpi, scans, wear)
        if books.isdigit()
        else read_books(Path(books), seed)
    )
    for line in write_batches(specs, out):
        typer.echo(line)


@app.command()
def committed(
    out: Annotated[
        Path, typer.Option(help="where to write; the repository's own set if empty")
    ] = HERE,
) -> None:
    """Make the committed set again."""
    for line in write_batches(BATCHES, out, ZIPPED):
        typer.echo(line)


@app.command()
def ledger(
    out: Annotated[Path, typer.Argument(help="folder for batches/ and truth/")],
    pages: Annotated[int, typer.Option(help="number of pages")] = 20,
    seed: Annotated[str, typer.Option(help="any text")] = "bench",
    wear: Annotated[str, typer.Option(help="mild, medium or heavy")] = "mild",
) -> None:
    """Make benchmark pages: A3 at 300 dpi, 130 ruled cells, printed."""
    for line in write_batches(ledger_books(pages, seed, wear), out):
        typer.echo(line)


@app.command()
def eras(
    out: Annotated[Path, typer.Argument(help="folder for batches/ and truth/")],
    pool: Annotated[
        str, typer.Option(help="development, or evaluation: never to be tuned on")
    ] = "development",
    seed: Annotated[str, typer.Option(help="any text")] = "1",
    wear: Annotated[str, typer.Option(help="mild, medium or heavy")] = "medium",
    printers: Annotated[int, typer.Option(help="presses a form")] = 1,
    scans: Annotated[int, typer.Option(help="pages of entries a book")] = 4,
    dpi: Annotated[int, typer.Option(help="resolution")] = 300,
    only: Annotated[str, typer.Option(help="forms or eras, with commas; all if empty")] = "",
    plain: Annotated[bool, typer.Option(help="entries alone, flat, undamaged")] = False,
) -> None:
    """Make books of every era and kind: all forms, page sorts, photographs and damage."""
    wanted = tuple(name for name in only.split(",") if name)
    known = {
        name
        for form in load_forms(PROJECT / "ocr_config").values()
        for name in (form.form, form.era)
    }
    for value, allowed in (
        (pool, set(POOLS)),
        (wear, set(LEVELS)),
        *((name, known) for name in wanted),
    ):
        if value not in allowed:
            raise typer.BadParameter(f"{value}: one of {', '.join(sorted(allowed))}")
    specs = era_books(
        pool, seed, wear=wear, printers=printers, scans=scans, dpi=dpi, only=wanted, plain=plain
    )
    for line in write_batches(specs, out):
        typer.echo(line)


@app.command("fonts")
def merge_fonts() -> None:
    """Merge the installed fonts and say which families can be used."""
    for kind, families in (
        ("print", fonts.print_families()),
        ("type", fonts.type_families()),
        ("hand", fonts.hand_families()),
    ):
        for family in families:
            lacking = fonts.missing_letters(fonts.font_file(family))
            typer.echo(f"{kind}\t{family}\t{'all letters' if not lacking else ''.join(lacking)}")


if __name__ == "__main__":
    app()
