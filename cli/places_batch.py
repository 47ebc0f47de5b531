"""``hotich places resolve --batch``: a file of written places, a JSON line for each."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import typer

from cli.output import bar, err
from pipeline.errors import InputError, MissingFileError
from pipeline.texts import Text

NEEDED = ("id", "text")
"""Columns that a file must have; ``year``, ``unit`` and ``as_of`` may be missing or empty."""
_SHOWN = 10
_STDOUT = "-"


def answer_file(batch: Path, target: str) -> None:
    """Answers every row; a row that cannot be asked is answered with its error.

    Raises:
        MissingFileError: no such file.
        InputError: not a CSV file in UTF-8 with the columns needed; a folder that cannot be
            written.
        typer.Exit: with the code of ``InputError`` where some rows were wrong; all others are
            answered.
    """
    from pipeline.places import load_gazetteer, resolve_batch
    from pipeline.settings import load_settings

    rows = _read(batch)
    answers = resolve_batch(rows, load_gazetteer(load_settings().config))
    with _opened(target) as stream, bar() as progress:
        task = progress.add_task(str(Text("Tra địa danh", "Resolving")), total=len(rows))
        faults = _write(answers, stream, lambda done: progress.update(task, completed=done))
    err.print(Text("{n} địa danh", "{n} queries").format(n=len(rows)))
    if faults:
        _complain(faults)
        raise typer.Exit(InputError.exit_code)


def _read(batch: Path) -> list[dict[str, str]]:
    if not batch.is_file():
        raise MissingFileError(str(batch))
    rows: list[dict[str, str]] = []
    with batch.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        try:
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(
                    Text("thiếu cột {names}", "column {names} is missing").format(
                        names=", ".join(missing)
                    ),
                    where=f"{batch}:1",
                )
            rows.extend(reader)
        except UnicodeDecodeError as error:
            raise InputError(
                Text(
                    "tệp không phải UTF-8; lưu lại thành 'CSV UTF-8'",
                    "the file is not UTF-8; save it as 'CSV UTF-8'",
                ).format(),
                where=str(batch),
            ) from error
        except csv.Error as error:
            raise InputError(str(error), where=f"{batch}:{reader.line_num}") from error
    return rows


@contextmanager
def _opened(target: str) -> Iterator[TextIO]:
    """Standard output, or a file that takes its place whole."""
    if target == _STDOUT:
        yield sys.stdout
        return
    path = Path(target)
    if not path.parent.is_dir():
        raise InputError(
            Text("không có thư mục này", "no such folder").format(), where=str(path.parent)
        )
    if path.exists() and not path.is_file():  # a pipe or /dev/null
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", encoding="utf-8") as stream:
        yield stream
    unfinished.replace(path)


def _write(
    answers: Iterable[dict[str, Any]], stream: TextIO, done: Callable[[int], None]
) -> list[str]:
    """Writes the answers; returns what is wrong with rows, one text a row."""
    faults = []
    for count, answer in enumerate(answers, start=1):
        stream.write(json.dumps(answer, ensure_ascii=False) + "\n")
        if "error" in answer:
            faults.append(str(answer["error"]))
        if count % 500 == 0:
            done(count)
    return faults


def _complain(faults: list[str]) -> None:
    for text in faults[:_SHOWN]:
        err.print(f"✗ {text}", style="red", markup=False, soft_wrap=True)
    if len(faults) > _SHOWN:
        more = len(faults) - _SHOWN
        err.print(Text("  … và {n} dòng nữa", "  … and {n} more rows").format(n=more))
    err.print(
        Text(
            "{n} dòng không tra được; các dòng khác đã xong.",
            "{n} rows could not be asked; all others are answered.",
        ).format(n=len(faults))
    )
