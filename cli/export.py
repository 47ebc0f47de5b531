"""``hotich export``: what is known, as files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from cli.output import bar, err
from pipeline.errors import InputError
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(no_args_is_help=True, help=str(Text("Xuất dữ liệu.", "Export data.")))
    group.callback()(lambda: None)
    group.command(
        "fields",
        help=str(
            Text("Mỗi dòng một trường, có vị trí trên ảnh.", "One row a field, with its polygon.")
        ),
    )(fields)
    cli.add_typer(group, name="export")


def fields(
    csv_: Annotated[Path, typer.Option("--csv", metavar="OUT", dir_okay=False)],
    book: Annotated[
        str | None, typer.Option("--book", help=str(Text("Mã quyển sổ", "Code of a book")))
    ] = None,
) -> None:
    """Columns as in docs/data-model.md; polygons are JSON in scan pixels."""
    from cli.home import open_home
    from models import export_fields, find_books
    from models.exporting import FieldRow

    with open_home() as home:
        books = [None] if book is None else [found.id for found in find_books(home.database, book)]
        if not books:
            raise InputError(
                Text("không có quyển nào mã {code}", "no book has the code {code}").format(
                    code=book
                )
            )
        count = 0
        # Written beside and moved: whoever reads the file never sees half of it.
        unfinished = csv_.with_name(csv_.name + ".part")
        with unfinished.open("w", encoding="utf-8", newline="") as stream, bar() as progress:
            task = progress.add_task(str(Text("Xuất", "Exporting")), total=None)
            writer = csv.writer(stream)
            writer.writerow(FieldRow._fields)
            for book_id in books:
                for row in export_fields(home.database, book_id):
                    writer.writerow(row)
                    count += 1
                    if count % 1000 == 0:
                        progress.update(task, completed=count)
        unfinished.replace(csv_)
    err.print(Text("{n} trường → {path}", "{n} fields → {path}").format(n=count, path=csv_))
