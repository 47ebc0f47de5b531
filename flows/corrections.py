"""Corrections out of a file into the record, row by row: a bad row costs no other one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flows.page import book_context
from flows.persist import patiently
from models import BookRecord, Database, FieldPlace, correct_field, find_books, scan_fields
from pipeline.errors import InputError
from pipeline.scan.corrections import CorrectionRow
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Decision
from pipeline.values import Context
from pipeline.values.persons import persons_value

_MANY = 200
"""Scans whose fields are remembered; rows of a scan stand together."""


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken, and why."""

    line: int
    error: InputError


@dataclass(frozen=True)
class Imported:
    """What became of the rows of a file."""

    taken: int = 0
    already: int = 0
    """A person has said so before."""
    unchanged: int = 0
    """Rows of an export in which nobody changed anything."""
    bad: tuple[BadRow, ...] = ()


def import_corrections(
    database: Database,
    rows: Sequence[CorrectionRow],
    settings: Settings,
    *,
    person: str,
    reason: str = "",
    notice: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Set the fields of some rows as a person's word.

    A file with a column ``decision`` came out of an export: of it only those rows count whose
    value or state differs from what stands there, or whose decision somebody set to
    ``person``. In a file without that column every row is a person's word.

    Args:
        database: ours.
        rows: of the file.
        settings: decides "today" for the meaning of values.
        person: whose word it is.
        reason: for the log, such as the name of the file.
        notice: called with the number of rows done.

    Raises:
        StorageError: the database did not answer; rows done before stay, run it again.
    """
    desk = _Desk(database, settings)
    counts = {"taken": 0, "already": 0, "unchanged": 0}
    bad = []
    for done, row in enumerate(rows, start=1):
        try:
            counts[_take(desk, row, person, reason)] += 1
        except InputError as error:
            bad.append(BadRow(row.line, error))
        notice(done)
    return Imported(bad=tuple(bad), **counts)


def _take(desk: _Desk, row: CorrectionRow, person: str, reason: str) -> str:
    book, context = desk.book(row.book)
    place = desk.place(book, row)
    value, state = persons_value(row.field, row.value, row.state, context)
    same = (value, state) == (place.value, place.state)
    if not row.state and value is None and place.value is None:
        same = True  # an export shows what kind of nothing it is only in its decision
    if place.by_person and same:
        return "already"
    if row.decision is not None and same and row.decision.lower() != Decision.PERSON:
        return "unchanged"
    patiently(
        lambda: correct_field(
            desk.database, place.entry_id, row.field,
            value=value, state=state, person=person, reason=reason,
        )
    )  # fmt: skip
    return "taken"


class _Desk:
    """Books and fields that rows name, looked up once.

    Entries keep the number they had at first: a row may correct that very number, and the
    rows after it still mean the same entry.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self._settings = settings
        self._books: dict[str, tuple[BookRecord, Context]] = {}
        self._scans: dict[tuple[int, str], list[FieldPlace]] = {}

    def book(self, code: str) -> tuple[BookRecord, Context]:
        if code not in self._books:
            found = [book for book in find_books(self.database, code) if book.code == code]
            if not found:
                raise InputError(
                    Text("không có quyển nào mã {code}", "no book has the code {code}").format(
                        code=code or "–"
                    )
                )
            self._books[code] = (found[0], book_context(found[0], self._settings))
        return self._books[code]

    def place(self, book: BookRecord, row: CorrectionRow) -> FieldPlace:
        key = (book.id, row.scan)
        if key not in self._scans:
            if len(self._scans) >= _MANY:
                self._scans.pop(next(iter(self._scans)))
            self._scans[key] = scan_fields(self.database, book.id, row.scan)
        fields = self._scans[key]
        if not fields:
            raise InputError(
                Text("ảnh {name} chưa có trường hợp nào", "scan {name} has no entries").format(
                    name=row.scan or "–"
                )
            )
        entries = {field.entry_id for field in fields if _is_meant(field, row)}
        if len(entries) != 1:
            raise InputError(
                Text(
                    "ảnh {scan}: {n} trường hợp có số “{number}”; ghi thêm cột position",
                    "scan {scan}: {n} entries are “{number}”; add a column position",
                ).format(scan=row.scan, n=len(entries), number=row.position or row.entry_number)
            )
        for field in fields:
            if field.entry_id in entries and field.field == row.field:
                return field
        raise InputError(
            Text("mẫu sổ không có trường {name}", "the form has no field {name}").format(
                name=row.field
            )
        )


def _is_meant(field: FieldPlace, row: CorrectionRow) -> bool:
    if row.position:
        return row.position.isdecimal() and field.position + 1 == int(row.position)
    return field.number == row.entry_number
