"""Readers side by side on labelled lines (``hotich read --compare``, ``--report``)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cli.output import err, out
from pipeline.errors import InputError, SettingsError
from pipeline.evaluation.lines import ReadLine, line_figures, render_lines
from pipeline.fields import FieldType
from pipeline.reading.guide import Guide
from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.reading.lines import LineFile, LineReading, read_lines
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Grey

READERS = ("auto", "hand", "tesseract", "asterocr")


def reader_names(said: str) -> list[str]:
    """Names out of ``tesseract,hand``.

    Raises:
        SettingsError: a reader that nobody knows, or that is not installed.
    """
    names = [name.strip() for name in said.split(",") if name.strip()]
    unknown = [name for name in names if name not in READERS]
    if unknown:
        raise SettingsError(f"--compare {', '.join(unknown)}: {', '.join(READERS)}")
    if "asterocr" in names:
        _asterocr()
    return names


def labelled(files: Sequence[LineFile]) -> list[LineFile]:
    """Files whose text is known; says so where the net could not write some of it.

    Raises:
        InputError: none is.
    """
    known = [file for file in files if file.text]
    if not known:
        raise InputError("labels.tsv: file, text (, writer)")
    strange = sorted(
        {sign for file in known for sign in foreign_signs(normalized(file.text or ""))}
    )
    if strange:
        err.print(
            Text(
                "Nhãn có ký tự mà mạng không viết được, tính là lỗi: {signs}",
                "Labels have signs that the net cannot write; they count as errors: {signs}",
            ).format(signs=" ".join(strange))
        )
    return known


def read_by(
    name: str, files: Sequence[LineFile], field: FieldType, settings: Settings, guide: Guide
) -> tuple[list[ReadLine], float]:
    """What one reader makes of labelled lines, and the CPU seconds of this process it took.

    Tesseract runs as a process of its own: its time is counted too.
    """
    began = _cpu()
    found = list(_readings(name, files, field, settings, guide))
    return paired(files, found), _cpu() - began


def paired(files: Sequence[LineFile], readings: Sequence[LineReading]) -> list[ReadLine]:
    """Truth and reading of each line whose truth is known."""
    return [
        ReadLine(file.name, file.writer, file.text, one.text, one.confidence)
        for file, one in zip(files, readings, strict=True)
        if file.text
    ]


def tell(readers: dict[str, list[ReadLine]], seconds: dict[str, float]) -> None:
    """The table of readers on standard output."""
    from rich.table import Table

    table = Table("", "lines", "CER %", "WER %", "exact %", "CER %, bare", "lines / CPU s")
    for name, lines in readers.items():
        own = line_figures(lines)
        rates = (own.cer, own.wer, own.exact, own.bare_cer)
        pace = f"{own.lines / seconds[name]:.1f}" if seconds.get(name) else "–"
        table.add_row(name, str(own.lines), *(f"{100 * rate:.1f}" for rate in rates), pace)
    out.print(table)


def write_report(
    folder: Path, readers: dict[str, list[ReadLine]], files: Sequence[LineFile]
) -> Path:
    """``lines.html`` in a folder, made where it is not there."""
    paths = {file.name: file.path for file in files}

    def picture(name: str) -> Grey | None:
        data = np.fromfile(paths[name], np.uint8) if paths[name].exists() else np.zeros(0, np.uint8)
        grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
        return None if grey is None else np.asarray(grey, np.uint8)

    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "lines.html"
    page.write_text(render_lines(dict(readers), picture), "utf-8")
    return page


def _readings(
    name: str, files: Sequence[LineFile], field: FieldType, settings: Settings, guide: Guide
) -> Iterator[LineReading]:
    if name != "asterocr":
        own = settings.model_copy(update={"recognizer": name})
        yield from read_lines(files, field, own, guide=guide, refused=lambda _file, _error: None)
        return
    from PIL import Image

    reader = _asterocr()
    for file in files:
        try:
            with Image.open(file.path) as image:
                text = str(reader.predict(image.convert("RGB")))
        except OSError:
            text = ""
        yield LineReading(file.name, text, 0.0)


def _asterocr() -> Any:
    """The reader of the package asterocr, where somebody has installed it: never needed.

    Raises:
        SettingsError: it is not there.
    """
    import importlib

    try:
        package = importlib.import_module("asterocr")
    except ImportError as error:
        raise SettingsError(
            Text(
                "asterocr chưa được cài (tùy chọn, chỉ để so sánh)",
                "asterocr is not installed (optional, for comparing only)",
            ).format()
        ) from error
    return package.AsterOCR(enable_telemetry=False)


def _cpu() -> float:
    import resource

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
