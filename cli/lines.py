"""``hotich read``: read images of single lines, to try and to measure a reader."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.output import bar, err
from pipeline.fields import FieldType
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "read",
        help=str(Text("Đọc ảnh từng dòng chữ, ghi ra tệp TSV.", "Read images of single lines.")),
    )(read)


def read(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="LINES_DIR",
            help=str(
                Text(
                    "Thư mục ảnh dòng, hoặc tệp labels.tsv có cột file.",
                    "Folder of line images, or a labels.tsv with a column 'file'.",
                )
            ),
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="file,text,confidence (TSV)")],
    field: Annotated[
        FieldType,
        typer.Option("--field", help=str(Text("Loại trường", "Field type"))),
    ] = FieldType.TEXT,
) -> None:
    """Reads every line and writes ``file, text, confidence``; characters a second to stderr."""
    from pipeline.reading.lines import line_files, read_lines
    from pipeline.settings import load_settings

    files = line_files(folder)
    started = time.perf_counter()
    letters = 0
    with (
        out.open("w", encoding="utf-8", newline="") as stream,
        bar() as progress,
    ):
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(["file", "text", "confidence"])
        task = progress.add_task(str(Text("Đọc dòng", "Lines")), total=len(files))
        for line in read_lines(files, field, load_settings()):
            writer.writerow([line.file, line.text, f"{line.confidence:.4f}"])
            letters += len(line.text)
            progress.advance(task)
    seconds = time.perf_counter() - started
    err.print(
        Text("{n} dòng, {rate:.0f} ký tự/giây", "{n} lines, {rate:.0f} characters/s").format(
            n=len(files), rate=letters / max(seconds, 1e-9)
        )
    )
