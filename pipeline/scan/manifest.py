"""Reads the manifest of a batch: CSV, JSON or XLSX, one row a book."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import openpyxl

from pipeline.errors import ManifestError
from pipeline.scan.names import fold, nfc
from pipeline.scan.report import Notice, notice
from pipeline.texts import Text

COLUMNS = ("path", "unit", "district", "kind", "year", "volume", "note")
_REQUIRED = ("path", "unit", "kind", "year")
_ALIASES = {
    "path": "path paths file filename folder directory duongdan tep tentep tenfile taptin thumuc"
    " tenthumuc",
    "unit": "unit commune ward donvi tendonvi donvidangky noidangky coquandangky xa xaphuong"
    " phuongxa xaphuongthitran phuong tenxa ubnd ubndxa",
    "district": "district huyen quan quanhuyen huyenquan tenhuyen capHuyen",
    "kind": "kind type registertype loai loaiso loaihotich loaisohotich",
    "year": "year nam namso nammo nammoso",
    "volume": "volume vol book booknumber quyen quyenso soquyen quyensso",
    "note": "note notes remark remarks comment ghichu",
}
_COLUMN_OF = {fold(word): name for name, words in _ALIASES.items() for word in words.split()}
_STEMS = {"manifest", "bangke", "danhsach", "danhmuc"}
_SUFFIXES = (".csv", ".json", ".xlsx")
_MAX_BYTES = 50_000_000
"""Bytes of a manifest, unpacked: 50 MB is some 400,000 books; more is no manifest but a bomb."""


@dataclass(frozen=True)
class Row:
    """One row as written, in NFC and stripped. ``where`` names file and row."""

    where: str
    path: str
    unit: str
    district: str
    kind: str
    year: str
    volume: str
    note: str


def is_manifest_name(name: str) -> bool:
    """Whether a file of this name is taken for a manifest: ``manifest.csv``, ``Bảng kê.xlsx``."""
    path = PurePath(name)
    return path.suffix.lower() in _SUFFIXES and fold(path.stem) in _STEMS


def find_manifest(root: Path) -> Path | None:
    """The manifest at the root of a batch, None where there is none.

    Raises:
        ManifestError: there are several, and nobody can say which holds.
    """
    found = sorted(
        path for path in root.iterdir() if path.is_file() and is_manifest_name(path.name)
    )
    if len(found) > 1:
        names = ", ".join(nfc(path.name) for path in found)
        raise ManifestError(
            Text("có nhiều bảng kê ({names}); chỉ để một", "several manifests ({names}); keep one")
            .format(names=names)
        )  # fmt: skip
    return found[0] if found else None


def read_manifest(path: Path) -> tuple[tuple[Row, ...], tuple[Notice, ...]]:
    """Rows of a manifest and notices of columns nobody uses.

    CSV in UTF-8 with or without byte order mark (UTF-16 as Excel's "Unicode text" writes it),
    separated by comma, semicolon or tab; JSON as a list of objects, or ``{"books": [...]}``;
    the first sheet of an XLSX. Headers in English or Vietnamese, in any order.

    Raises:
        ManifestError: the file cannot be read, or lacks a column or any row.
    """
    return _rows(read_table(path), nfc(path.name))


def read_table(path: Path) -> list[tuple[int, list[str]]]:
    """Rows of a CSV, JSON or XLSX file with their numbers, the header first, cells as text.

    Raises:
        ManifestError: the file cannot be read.
    """
    try:
        match path.suffix.lower():
            case ".csv":
                return _csv_table(path)
            case ".json":
                return _json_table(path)
            case _:
                return _xlsx_table(path)
    except ManifestError as error:
        error.where = error.where or nfc(path.name)
        raise


def _rows(
    table: Iterable[tuple[int, Sequence[str]]], name: str
) -> tuple[tuple[Row, ...], tuple[Notice, ...]]:
    filled = [(number, cells) for number, cells in table if any(cells)]
    if not filled:
        raise ManifestError(Text("trống", "it is empty").format(), where=name)
    header, body = filled[0][1], filled[1:]
    places: dict[str, int] = {}
    warnings: list[Notice] = []
    for place, title in enumerate(header):
        column = _COLUMN_OF.get(fold(title))
        if column is None:
            if title:
                warnings.append(notice("unknown_column", name, column=title))
        elif column in places:
            raise ManifestError(
                Text("hai cột cùng là {column}", "two columns are both {column}").format(
                    column=column
                ),
                where=name,
            )
        else:
            places[column] = place
    if missing := [column for column in _REQUIRED if column not in places]:
        raise ManifestError(
            Text("thiếu cột {names}", "columns missing: {names}").format(names=", ".join(missing)),
            where=name,
        )
    if not body:
        raise ManifestError(Text("không có quyển nào", "it lists no book").format(), where=name)
    rows = tuple(
        Row(
            where=Text("{name}, dòng {row}", "{name}, row {row}").format(name=name, row=number),
            **{
                column: cells[places[column]]
                if column in places and places[column] < len(cells)
                else ""
                for column in COLUMNS
            },
        )
        for number, cells in body
    )
    return rows, tuple(warnings)


def clean(cell: object) -> str:
    """A cell as text: NFC, white space single, whole numbers without a decimal part."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return nfc(" ".join(str(cell).split()))


def _text(path: Path) -> str:
    _check_size(path.stat().st_size)
    data = path.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ManifestError(
            Text(
                "không phải UTF-8 (byte {at}); trong Excel hãy lưu kiểu “CSV UTF-8”",
                "not UTF-8 (byte {at}); in Excel save it as “CSV UTF-8”",
            ).format(at=error.start)
        ) from error


def _check_size(size: int) -> None:
    if size > _MAX_BYTES:
        raise ManifestError(
            Text("quá lớn: {size} byte", "too large: {size} bytes").format(size=size)
        )


def _csv_table(path: Path) -> list[tuple[int, list[str]]]:
    text = _text(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    table = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            table.append((start, [clean(cell) for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ManifestError(
            Text("dòng {row}: {error}", "row {row}: {error}").format(row=start, error=error)
        ) from error
    return table


def _json_table(path: Path) -> list[tuple[int, list[str]]]:
    try:
        content = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise ManifestError(
            Text("không phải JSON: {error}", "not JSON: {error}").format(error=error)
        ) from error
    books = content.get("books") if isinstance(content, dict) else content
    if not isinstance(books, list) or not all(isinstance(book, dict) for book in books):
        raise ManifestError(
            Text(
                "JSON phải là danh sách các quyển sổ, mỗi quyển một đối tượng",
                "the JSON must be a list of books, one object each",
            ).format()
        )
    titles = list(dict.fromkeys(str(title) for book in books for title in book))
    table = [(0, titles)]
    table += [
        (number, [clean(book.get(title)) for title in titles])
        for number, book in enumerate(books, 1)
    ]
    return table


def _xlsx_table(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(path) as parts:
            _check_size(sum(part.file_size for part in parts.infolist()))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            return [
                (number, [clean(cell) for cell in cells])
                for number, cells in enumerate(sheet.iter_rows(values_only=True), 1)
            ]
        finally:
            book.close()
    except ManifestError:
        raise
    except Exception as error:  # openpyxl lets whatever its XML parser meets pass through
        raise ManifestError(
            Text("không phải XLSX đọc được: {error}", "not a readable XLSX: {error}").format(
                error=error
            )
        ) from error
