"""``hotich read``: read images of single lines, to try and to measure a reader."""

from __future__ import annotations

import csv
import os
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.output import bar, err
from pipeline.fields import FieldType
from pipeline.texts import Text


class Reader(StrEnum):
    """Readers that a person may ask for."""

    AUTO = "auto"
    HAND = "hand"
    TESSERACT = "tesseract"


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
    reader: Annotated[
        Reader | None,
        typer.Option(
            "--reader",
            help=str(
                Text(
                    "Bộ đọc: auto tự chọn theo chữ in hay chữ viết (mặc định: theo thiết lập)",
                    "Reader: auto chooses by print or handwriting (default: as set)",
                )
            ),
        ),
    ] = None,
) -> None:
    """Reads every line and writes ``file, text, confidence``; characters a second to stderr."""
    import cv2

    from pipeline.reading.lines import line_files, read_lines
    from pipeline.settings import load_settings
    from pipeline.types import Kind
    from pipeline.values import Context
    from pipeline.values.guide import guide_of

    # One thread: lines are small, and figures are per core.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    cv2.setNumThreads(1)
    settings = load_settings()
    if reader is not None:
        settings = settings.model_copy(update={"recognizer": reader.value})
    # No book is known: any year up to this one may be written.
    guide = guide_of(Context(Kind.BIRTH, date.today().year), settings.config)
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
        for line in read_lines(files, field, settings, guide=guide):
            writer.writerow([line.file, line.text, f"{line.confidence:.4f}"])
            letters += len(line.text)
            progress.advance(task)
    seconds = time.perf_counter() - started
    err.print(
        Text("{n} dòng, {rate:.0f} ký tự/giây", "{n} lines, {rate:.0f} characters/s").format(
            n=len(files), rate=letters / max(seconds, 1e-9)
        )
    )
