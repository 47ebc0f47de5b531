"""``hotich read``: read images of single lines, to try and to measure a reader."""

from __future__ import annotations

import csv
import os
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import bar, complain, err
from pipeline.errors import InputError
from pipeline.fields import FieldType
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.evaluation.lines import ReadLine
    from pipeline.reading.lines import LineFile, LineReading


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
    unit: Annotated[
        str,
        typer.Option(
            "--unit",
            help=str(
                Text(
                    "Đơn vị đăng ký: địa danh được đọc theo tên nơi đó",
                    "Registering unit: places are read under its names",
                )
            ),
        ),
    ] = "",
    year: Annotated[
        int | None,
        typer.Option("--year", help=str(Text("Năm ghi sổ", "Year of writing"))),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help=str(
                Text(
                    "Thư mục báo cáo HTML theo người viết (cần cột text)",
                    "Folder for an HTML report per hand (needs the column text)",
                )
            ),
        ),
    ] = None,
    compare: Annotated[
        str,
        typer.Option(
            "--compare",
            help=str(
                Text(
                    "So các bộ đọc: tesseract,hand,auto (asterocr nếu có cài)",
                    "Compare readers: tesseract,hand,auto (asterocr where it is installed)",
                )
            ),
        ),
    ] = "",
) -> None:
    """Reads every line and writes ``file, text, confidence``; characters a second to stderr.

    A picture that cannot be read is named and has an empty text; the rest is read, and the exit
    code is that of the first fault.
    """
    import cv2

    from cli.lines_compare import labelled, paired, read_by, reader_names, tell, write_report
    from pipeline.places import load_gazetteer
    from pipeline.places.written import place_names
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
    # Where no book is known, any year up to this one may be written.
    written = year or date.today().year
    names = place_names(load_gazetteer(settings.config), unit, written) if unit else None
    guide = guide_of(Context(Kind.BIRTH, written, unit), settings.config, names)
    files = line_files(folder, all_there=False)
    others = reader_names(compare)
    known = labelled(files) if report or others else []
    faults: list[InputError] = []

    def refused(_file: LineFile, error: InputError) -> None:
        faults.append(error)
        complain(error)

    found: list[LineReading] = []
    started = time.perf_counter()
    letters = 0
    with (
        out.open("w", encoding="utf-8", newline="") as stream,
        bar() as progress,
    ):
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(["file", "text", "confidence"])
        task = progress.add_task(str(Text("Đọc dòng", "Lines")), total=len(files))
        for line in read_lines(files, field, settings, guide=guide, refused=refused):
            found.append(line)
            writer.writerow([line.file, line.text, f"{line.confidence:.4f}"])
            letters += len(line.text)
            progress.advance(task)
    seconds = time.perf_counter() - started
    err.print(
        Text("{n} dòng, {rate:.0f} ký tự/giây", "{n} lines, {rate:.0f} characters/s").format(
            n=len(files), rate=letters / max(seconds, 1e-9)
        )
    )
    if known:
        readers: dict[str, list[ReadLine]] = {settings.recognizer: paired(files, found)}
        paces: dict[str, float] = {}
        for name in others:
            readers[name], paces[name] = read_by(name, known, field, settings, guide)
        tell(readers, paces)
        if report:
            out_page = write_report(report, readers, known)
            err.print(Text("Báo cáo: {page}", "Report: {page}").format(page=out_page))
    if faults:
        raise typer.Exit(faults[0].exit_code)
