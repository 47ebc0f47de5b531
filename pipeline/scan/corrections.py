"""Reads a file of corrections: rows as ``hotich export fields`` writes them, a value changed.

Only what a row must have is looked for; columns nobody knows are passed over, because an
export brings many of them along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError, ManifestError
from pipeline.scan.manifest import read_table
from pipeline.scan.names import nfc
from pipeline.texts import Text

NEEDED = ("book", "scan", "field", "value")
_PLACES = ("entry_number", "position")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2}) 00:00:00")
"""A date as a spreadsheet hands it out of a cell."""


@dataclass(frozen=True)
class CorrectionRow:
    """One row as written. ``line`` is its number in the file.

    ``position`` is that of the entry among those of its scan, from 1; empty where the row names
    the entry by its number. ``decision`` is None in a file without that column.
    """

    line: int
    book: str
    scan: str
    entry_number: str
    position: str
    field: str
    value: str
    state: str
    decision: str | None


def read_corrections(path: Path) -> tuple[CorrectionRow, ...]:
    """All rows of a CSV (UTF-8, or UTF-16 as Excel writes it), JSON or XLSX file.

    Raises:
        InputError: the file cannot be read, or lacks a column that no row can do without.
    """
    name = nfc(path.name)
    try:
        table = read_table(path)
    except OSError as error:
        raise InputError(error.strerror or str(error), where=name) from error
    except ManifestError as error:
        raise InputError(error.detail, where=name) from error
    filled = [(number, cells) for number, cells in table if any(cells)]
    header = [title.strip().lower() for title in filled[0][1]] if filled else []
    missing = [column for column in NEEDED if column not in header]
    if not missing and not set(header) & set(_PLACES):
        missing = [" / ".join(_PLACES)]
    if missing:
        raise InputError(
            Text("thiếu cột {names}", "columns missing: {names}").format(names=", ".join(missing)),
            where=name,
        )
    at = {title: place for place, title in enumerate(header)}

    def cell(cells: list[str], column: str) -> str:
        place = at.get(column, len(cells))
        return cells[place] if place < len(cells) else ""

    rows = []
    for number, cells in filled[1:]:
        given = {column: cell(cells, column) for column in (*NEEDED, *_PLACES, "state")}
        given["value"] = _DAY.sub(r"\1", given["value"])
        decision = cell(cells, "decision") if "decision" in at else None
        rows.append(CorrectionRow(line=number, decision=decision, **given))
    return tuple(rows)
