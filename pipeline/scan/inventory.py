"""Reads the inventory of books that exist: one row a book, or a run of volumes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.errors import InputError, ManifestError
from pipeline.scan.cover import parse_kind, parse_year, volume_key
from pipeline.scan.manifest import read_table
from pipeline.scan.names import fold, nfc
from pipeline.scan.report import FindUnit
from pipeline.texts import Text
from pipeline.types import Kind

INVENTORY_COLUMNS = (
    "unit", "district", "kind", "year", "volume", "pages", "due", "contractor", "note",
)  # fmt: skip
_REQUIRED = ("unit", "kind", "year")
_ALIASES = {
    "unit": "unit commune ward donvi tendonvi xa xaphuong phuongxa xaphuongthitran phuong noidangky"
    " coquandangky",
    "district": "district huyen quan quanhuyen huyenquan tenhuyen",
    "kind": "kind type loai loaiso loaihotich loaisohotich",
    "year": "year nam namso nammo nammoso",
    "volume": "volume volumes vol quyen quyenso soquyen sothutuquyen",
    "pages": "pages sotrang trang soto",
    "due": "due duedate hanhoanthanh han thoihan ngayhoanthanh",
    "contractor": "contractor nhathau donviquet donvithuchien",
    "note": "note notes ghichu",
}
_COLUMN_OF = {word: name for name, words in _ALIASES.items() for word in words.split()}
_RUN = re.compile(r"([0-9]{1,3})\s*(?:-|–|đến|den|to)\s*([0-9]{1,3})", re.I)
_MOST_VOLUMES = 200


@dataclass(frozen=True)
class Expected:
    """A book that somebody says exists. ``row`` is its number in the sheet."""

    row: int
    unit_id: str
    kind: Kind
    year: int
    volume: str
    pages: int | None
    due: date | None
    contractor: str
    note: str


@dataclass(frozen=True)
class WrongRow:
    """A row that cannot be used, and why."""

    row: int
    error: InputError


@dataclass(frozen=True)
class Inventory:
    """All that a sheet says."""

    books: tuple[Expected, ...]
    wrong: tuple[WrongRow, ...]


def read_inventory(path: Path, find_unit: FindUnit) -> Inventory:
    """Books of an XLSX, CSV or JSON sheet; each bad row is reported with its number.

    ``volume`` may be a number, or a run of them (``1-4``).

    Raises:
        ManifestError: the file cannot be read, or lacks a column.
    """
    return inventory_of(read_table(path), nfc(path.name), find_unit)


def inventory_of(
    table: Sequence[tuple[int, Sequence[str]]], name: str, find_unit: FindUnit
) -> Inventory:
    """Books of a table's rows, the header first."""
    filled = [(number, cells) for number, cells in table if any(cells)]
    header = [_COLUMN_OF.get(fold(title), "") for title in filled[0][1]] if filled else []
    if missing := [column for column in _REQUIRED if column not in header]:
        raise ManifestError(
            Text("thiếu cột {names}", "columns missing: {names}").format(names=", ".join(missing)),
            where=name,
        )
    books: list[Expected] = []
    wrong: list[WrongRow] = []
    rows_of: dict[tuple[str, Kind, int, str], int] = {}
    for number, cells in filled[1:]:
        row = dict(zip(header, cells, strict=False))
        try:
            for book in _books(number, row, find_unit):
                key = book.unit_id, book.kind, book.year, volume_key(book.volume)
                if key in rows_of:
                    raise InputError(
                        Text(
                            "quyển {volume} trùng với dòng {row}",
                            "volume {volume} is already in row {row}",
                        ).format(volume=book.volume or "–", row=rows_of[key])
                    )
                rows_of[key] = number
                books.append(book)
        except InputError as error:
            wrong.append(WrongRow(number, error))
    return Inventory(tuple(books), tuple(wrong))


def _books(number: int, row: dict[str, str], find_unit: FindUnit) -> list[Expected]:
    kind, year = parse_kind(row.get("kind", "")), parse_year(row.get("year", ""))
    if not row.get("unit"):
        raise InputError(Text("thiếu đơn vị", "the unit is missing").format())
    unit_id = find_unit(row["unit"], row.get("district", ""), year)
    pages = row.get("pages", "")
    if pages and not (pages.isascii() and pages.isdecimal() and 0 < int(pages) < 10_000):
        raise InputError(
            Text("số trang “{text}”", "number of pages “{text}”").format(text=pages[:40])
        )
    due = _day(row.get("due", ""))
    return [
        Expected(
            number, unit_id, kind, year, volume, int(pages) if pages else None, due,
            row.get("contractor", "")[:200], row.get("note", "")[:500],
        )
        for volume in _volumes(row.get("volume", ""))
    ]  # fmt: skip


def _volumes(text: str) -> list[str]:
    found = _RUN.fullmatch(text.strip())
    if not found:
        return [text[:60]]
    first, last = int(found[1]), int(found[2])
    if not first <= last < first + _MOST_VOLUMES:
        raise InputError(Text("dãy quyển “{text}”", "run of volumes “{text}”").format(text=text))
    return [f"{volume:02d}" for volume in range(first, last + 1)]


def _day(text: str) -> date | None:
    """``31/12/2026``, ``2026-12-31``, also as a spreadsheet hands a date out."""
    if not text:
        return None
    bare = text.removesuffix(" 00:00:00")
    european = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", bare)
    try:
        if european:
            return date(int(european[3]), int(european[2]), int(european[1]))
        return date.fromisoformat(bare)
    except ValueError:
        raise InputError(
            Text("hạn “{text}” không phải ngày", "“{text}” is no day").format(text=text[:40])
        ) from None
