"""What folder and file names tell of books, and what an inventory's rows say."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import ManifestError, UnknownUnitError
from pipeline.scan.guess import guess_books
from pipeline.scan.inventory import read_inventory

KNOWN = {"xã an thái", "xa an thai", "an thái", "phường cát dài", "p cát dài"}


def find_unit(unit: str, district: str, year: int) -> str:
    if unit.lower() not in KNOWN:
        raise UnknownUnitError(unit)
    return f"hp-{unit}"


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("Xã An Thái/KS 2008 quyển 02/1.jpg", ("Xã An Thái", "KS", "2008", "02")),
        ("Phường Cát Dài/Khai tử/1975/01/0001.tif", ("Phường Cát Dài", "KT", "1975", "01")),
        ("xa-an-thai.KH.1999.03.pdf", ("xa an thai", "KH", "1999", "03")),
        ("An Thái/Đăng ký kết hôn năm 1961.pdf", ("An Thái", "KH", "1961", "")),
        ("lo 17/quet/scan_0001.jpg", ("", "", "", "")),
        ("Xã An Thái/KS 1850/1.jpg", ("Xã An Thái", "KS", "", "")),
    ],
)
def test_names_tell_unit_kind_year_and_volume_and_invent_nothing(tmp_path, file, told):
    touch(tmp_path, file, file.replace("1.jpg", "2.jpg").replace("0001", "0002"))
    (guess,) = guess_books(tmp_path, "lô", find_unit)
    row = guess.row
    assert (row.unit, row.kind, row.year, row.volume) == told
    asked = dict(zip(("unit", "kind", "year", "volume"), told, strict=True))
    assert guess.missing == tuple(name for name, value in asked.items() if not value)


def test_a_folder_of_images_is_a_book_and_so_is_each_pdf_elsewhere(tmp_path):
    touch(tmp_path, "a/1.jpg", "a/2.jpg", "b/KS 2001.pdf", "b/KS 2002.pdf", "c/p1.tif", "c/p2.tif")
    paths = [one.row.path for one in guess_books(tmp_path, "lô", find_unit)]
    assert sorted(paths) == ["a", "b/KS 2001.pdf", "b/KS 2002.pdf", "c"]


def test_an_inventory_reports_each_bad_row_by_its_number(tmp_path):
    sheet = openpyxl.Workbook()
    for row in (
        ["Đơn vị", "Loại sổ", "Năm", "Quyển số", "Hạn"],
        ["Xã An Thái", "KS", 1990, "1-3", "31/12/2026"],
        ["Xã An Thái", "KS", 1990, "02", None],
        ["Xã Lạ", "KS", 1990, "1", None],
        ["Xã An Thái", "CMC", 1990, "1", None],
        ["Xã An Thái", "KS", 1890, "1", None],
        [None, None, None, None, None],
        ["Xã An Thái", "KT", 1991.0, None, "mai"],
        ["Xã An Thái", "KT", 1991.0, 1, None],
    ):
        sheet.active.append(row)
    sheet.save(tmp_path / "kiem-ke.xlsx")
    found = read_inventory(tmp_path / "kiem-ke.xlsx", find_unit)
    assert [(one.row, one.year, one.volume) for one in found.books] == [
        (2, 1990, "01"), (2, 1990, "02"), (2, 1990, "03"), (9, 1991, "1"),
    ]  # fmt: skip
    assert [one.row for one in found.wrong] == [3, 4, 5, 6, 8]
    assert found.wrong[0].error.detail.endswith("dòng 2")


def test_a_sheet_without_needed_columns_says_which(tmp_path):
    (tmp_path / "x.csv").write_text("Đơn vị,Năm\nXã An Thái,1990\n", "utf-8")
    with pytest.raises(ManifestError, match="kind"):
        read_inventory(tmp_path / "x.csv", find_unit)
