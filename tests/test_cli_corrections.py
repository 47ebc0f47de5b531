"""Corrections out of a file: every good row is taken, every bad one is named."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from models_samples import birth, claim, field, queue, result, save
from models_samples import book as sample_book

from flows.corrections import import_corrections
from models import book_entries, export_fields, find_books, recount
from pipeline.errors import InputError
from pipeline.scan.corrections import read_corrections
from pipeline.settings import Settings
from pipeline.types import Decision, Kind, ValueState
from pipeline.values import Context
from pipeline.values.persons import persons_value

COLUMNS = ["book", "scan", "entry_number", "field", "value"]


@pytest.fixture
def book(database):
    """A book of two scans with two entries each."""
    (book_id,) = queue(database, sample_book(2))
    for job in claim(database, book_id):
        notes = field("notes", "?", decision=Decision.REVIEW)
        entries = tuple(birth(i, f"{job.ref.number}{i}", "Hoa", notes=notes) for i in range(2))
        save(database, job, replace(result(job.ref.number), entries=entries))
    return find_books(database, str(book_id))[0]


def write(path: Path, rows, columns=COLUMNS) -> Path:
    if path.suffix == ".xlsx":
        sheet = openpyxl.Workbook()
        for row in [columns, *rows]:
            sheet.active.append(row)
        sheet.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([columns, *rows])
    return path


def take(database, path):
    return import_corrections(database, read_corrections(path), Settings(), person="lan")


def entry(database, book, number):
    return next(e for e in book_entries(database, book.id) if e.number == number)


def fields(found):
    return {one.field: one for one in found.fields}


@pytest.mark.parametrize("name", ["sửa.csv", "sửa.xlsx"])
def test_rows_become_a_persons_word(database, book, tmp_path, name):
    rows = [
        [book.code, "trang_001.jpg", "10", "child_full_name", "Nguyễn Thị Hòa"],
        [book.code, "trang_002.jpg", "21", "birth_date", "5/3/2008"],
    ]
    found = take(database, write(tmp_path / name, rows))
    assert (found.taken, found.bad) == (2, ())
    name_field = fields(entry(database, book, "10"))["child_full_name"]
    assert (name_field.value, name_field.literal) == ("Nguyễn Thị Hòa", "Hoa")
    assert name_field.decision is Decision.PERSON
    assert fields(entry(database, book, "21"))["birth_date"].value == "2008-03-05"
    assert recount(database) == []


def test_a_bad_row_is_named_and_costs_no_other(database, book, tmp_path):
    scan = "trang_001.jpg"
    rows = [
        ["no-such-book", scan, "10", "sex", "Nam"],
        [book.code, "trang_009.jpg", "10", "sex", "Nam"],
        [book.code, scan, "77", "sex", "Nam"],
        [book.code, scan, "10", "shoe_size", "42"],
        [book.code, scan, "10", "birth_date", "hôm qua"],
        [book.code, scan, "10", "sex", "Nam"],
    ]
    found = take(database, write(tmp_path / "c.csv", rows))
    assert found.taken == 1
    assert [row.line for row in found.bad] == [2, 3, 4, 5, 6]
    assert "hôm qua" in found.bad[-1].error.detail


def test_a_corrected_number_does_not_lose_the_rows_after_it(database, book, tmp_path):
    rows = [
        [book.code, "trang_001.jpg", "10", "entry_number", "15"],
        [book.code, "trang_001.jpg", "10", "sex", "Nam"],
    ]
    assert take(database, write(tmp_path / "c.csv", rows)).taken == 2
    assert fields(entry(database, book, "15"))["sex"].value == "Nam"


def test_an_entry_is_found_by_its_position_too(database, book, tmp_path):
    columns = ["book", "scan", "position", "field", "value", "state"]
    rows = [
        [book.code, "trang_001.jpg", "2", "notes", "", "unreadable"],
        [book.code, "trang_001.jpg", "1", "notes", "", ""],
        [book.code, "trang_001.jpg", "3", "notes", "x", ""],
    ]
    found = take(database, write(tmp_path / "c.csv", rows, columns))
    assert (found.taken, [row.line for row in found.bad]) == (2, [4])
    assert fields(entry(database, book, "11"))["notes"].state is ValueState.UNREADABLE
    assert fields(entry(database, book, "10"))["notes"].state is ValueState.BLANK


def test_of_an_export_only_what_somebody_changed_is_taken(database, book, tmp_path):
    rows = [list(row) for row in export_fields(database)]
    columns = list(next(iter(export_fields(database)))._fields)
    value, decision, of = (columns.index(name) for name in ("value", "decision", "field"))
    names = [row for row in rows if row[of] == "child_full_name"]
    names[0][value] = "Nguyễn Thị Hòa"
    names[1][decision] = "person"  # looked at, and right as it is
    path = write(tmp_path / "all.csv", rows, columns)
    found = take(database, path)
    assert (found.taken, found.unchanged, found.bad) == (2, len(rows) - 2, ())
    again = take(database, path)
    assert (again.taken, again.already) == (0, 2)


def test_a_file_without_its_columns_is_refused(tmp_path):
    path = write(tmp_path / "c.csv", [["a", "b"]], ["book", "scan"])
    with pytest.raises(InputError, match="field, value"):
        read_corrections(path)
    with pytest.raises(InputError, match="position"):
        read_corrections(write(tmp_path / "d.csv", [], ["book", "scan", "field", "value"]))


@pytest.mark.parametrize(
    ("field_name", "text", "value"),
    [
        ("birth_date", "1974-12", "1974-12"),
        ("birth_date", "5/12/1974", "1974-12-05"),
        ("birth_date", "ngày năm tháng ba năm hai ngàn linh tám", "2008-03-05"),
        ("child_full_name", " NGUYỄN  thị Hòa ", "NGUYỄN thị Hòa"),
        ("sex", "nữ", "Nữ"),
        ("entry_number", "07", "7"),
    ],
)
def test_what_a_person_keys_keeps_its_meaning(field_name, text, value):
    assert persons_value(field_name, text, "", Context(Kind.BIRTH, 2008))[0] == value


@pytest.mark.parametrize(
    ("field_name", "text", "state"),
    [("birth_date", "2008-13-45", ""), ("sex", "khác", ""), ("sex", "Nam", "maybe"),
     ("sex", "", "written"), ("id_number", "12", "")],
)  # fmt: skip
def test_what_is_no_value_is_refused(field_name, text, state):
    with pytest.raises(InputError):
        persons_value(field_name, text, state, Context(Kind.BIRTH, 2008))
