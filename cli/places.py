"""``hotich places resolve``: what written places are called on a given day."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated

import typer

from cli.output import err
from pipeline.errors import InputError, MissingFileError
from pipeline.texts import Text

COLUMNS = ("id", "text", "year", "unit", "as_of")


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(
            Text("Địa danh và đơn vị hành chính qua các thời kỳ.", "Places and units through time.")
        ),
    )
    group.command(
        "resolve",
        help=str(
            Text(
                "Tra địa danh trong sổ ra đơn vị hiện hành tại ngày as_of.",
                "Map written places to the units of the day as_of.",
            )
        ),
    )(resolve)
    cli.add_typer(group, name="places")


def resolve(
    batch: Annotated[
        Path, typer.Option("--batch", help="CSV: id,text,year,unit,as_of", metavar="IN.csv")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.jsonl")],
) -> None:
    """One JSON line a query: id, status, candidates."""
    from pipeline.places import load_gazetteer, resolve_batch
    from pipeline.settings import load_settings

    if not batch.is_file():
        raise MissingFileError(str(batch))
    try:
        with batch.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(error), where=str(batch)) from error
    missing = [column for column in COLUMNS[:2] if rows and column not in rows[0]]
    if missing:
        raise InputError(
            Text("thiếu cột {names}", "column {names} is missing").format(names=", ".join(missing)),
            where=str(batch),
        )
    count = 0
    with out.open("w", encoding="utf-8") as stream:
        for answer in resolve_batch(rows, load_gazetteer(load_settings().config)):
            stream.write(json.dumps(answer, ensure_ascii=False) + "\n")
            count += 1
    err.print(Text("{n} địa danh", "{n} queries").format(n=count))
