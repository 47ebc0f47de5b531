"""What is in a delivery: the table's rows, the PDFs, and which scans were checked twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks.delivered import DeliveredFile, check_delivery, check_scans_seen
from pipeline.errors import InputError, ManifestError
from pipeline.scan.manifest import read_table
from pipeline.scan.names import nfc
from pipeline.scan.pdf import open_pdf
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Finding

_CHECKS = ("book", "scan", "loop")
_ALL = 0
"""Loop of a row that names a scan without a check."""


@dataclass(frozen=True)
class Checked:
    """What V20 and V21 say of a delivery."""

    rows: int
    files: int
    findings: tuple[Finding, ...]


def check_package(
    folder: Path, table: Path, column: str, settings: Settings, checks: Path | None = None
) -> Checked:
    """Hold the PDFs of a folder against the rows of its table (V20), and the checks (V21).

    Args:
        folder: all PDFs below it belong to the delivery; names must be unique without ending.
        table: CSV, JSON or XLSX with one row an entry.
        column: of the table that names the PDF, with or without its ending.
        settings: limits of PDFs.
        checks: CSV, JSON or XLSX with ``book, scan, loop``: a row a check (1 or 2), and a row
            of loop 0 for each scan that nobody checked.

    Raises:
        InputError: a table cannot be read or lacks a column.
    """
    rows = [_bare(name) for (name,) in _cells(table, (column,)) if name]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf")
    files = [_file(path, settings) for path in paths]
    findings = list(check_delivery(rows, files))
    if checks is not None:
        findings += _loops(checks)
    return Checked(len(rows), len(files), tuple(findings))


def _loops(checks: Path) -> list[Finding]:
    seen: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for book, scan, loop in _cells(checks, _CHECKS):
        number = int(loop) if loop.strip() in ("0", "1", "2") else _ALL
        seen[book][number].add(scan)
        seen[book][_ALL].add(scan)
    return [
        Finding(one.rule, one.severity, one.fields, f"{book} {one.detail}")
        for book, loops in sorted(seen.items())
        for one in check_scans_seen(len(loops[_ALL]), len(loops[1]), len(loops[2]))
    ]


def _file(path: Path, settings: Settings) -> DeliveredFile:
    """A file that cannot be opened has no page."""
    pages = 0
    try:
        with open_pdf(path, settings) as pdf:
            pages = len(pdf.pages)
    except (InputError, OSError):
        pages = 0
    return DeliveredFile(_bare(path.name), pages, path.stat().st_size)


def _bare(name: str) -> str:
    name = nfc(name.strip())
    return name[:-4] if name.lower().endswith(".pdf") else name


def _cells(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    try:
        table = read_table(path)
    except OSError as error:
        raise InputError(error.strerror or str(error), where=path.name) from error
    except ManifestError as error:
        raise InputError(error.detail, where=path.name) from error
    filled = [cells for _, cells in table if any(cells)]
    header = [title.strip().lower() for title in filled[0]] if filled else []
    missing = [column for column in columns if column.lower() not in header]
    if missing:
        raise InputError(
            Text("thiếu cột {names}", "columns missing: {names}").format(names=", ".join(missing)),
            where=path.name,
        )
    places = [header.index(column.lower()) for column in columns]
    return [
        tuple(cells[place].strip() if place < len(cells) else "" for place in places)
        for cells in filled[1:]
    ]
