"""Manifests as offices write them: CSV, JSON, XLSX, with all that Excel does to them."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ManifestError, UnknownUnitError
from pipeline.scan.cover import parse_kind, parse_year, volume_key
from pipeline.scan.manifest import COLUMNS, clean, find_manifest, read_manifest
from pipeline.types import Kind

HEADER = list(COLUMNS)
BOOK = ["so 1", "Xã An Thắng", "Huyện An Lão", "KS", "1975", "01", "bìa rách"]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    return path


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_shape_excel_writes(tmp_path: Path, encoding: str, delimiter: str):
    rows, notices = read_manifest(written(tmp_path, table([HEADER, BOOK], delimiter), encoding))
    [row] = rows
    assert [row.path, row.unit, row.district, row.kind, row.year, row.volume, row.note] == BOOK
    assert notices == ()


def test_vietnamese_headers_in_any_order_and_unused_columns(tmp_path: Path):
    header = ["Năm mở sổ", "Loại sổ", "STT", "Đường dẫn", "UBND xã", "Quận/Huyện", "Quyển số"]
    [row], [said] = read_manifest(
        written(tmp_path, table([header, ["1975", "Khai sinh", "1", "a", "X", "Y", "02"]]))
    )
    assert (row.path, row.unit, row.district, row.kind) == ("a", "X", "Y", "Khai sinh")
    assert (row.year, row.volume, row.note) == ("1975", "02", "")
    assert (said.code, dict(said.particulars)) == ("unknown_column", {"column": "STT"})


def test_rows_are_named_as_the_person_sees_them(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    text = table([HEADER, BOOK, ["", "", ""], ["b\nb", *BOOK[1:]], ["c", *BOOK[1:]]])
    rows, _ = read_manifest(written(tmp_path, text))
    assert [row.where for row in rows] == [
        "manifest.csv, row 2", "manifest.csv, row 4", "manifest.csv, row 6",
    ]  # fmt: skip


def test_decomposed_letters_become_one_spelling(tmp_path: Path):
    text = unicodedata.normalize("NFD", table([HEADER, BOOK]))
    [row], _ = read_manifest(written(tmp_path, text))
    assert row.unit == "Xã An Thắng"


def test_json_as_list_and_as_object(tmp_path: Path):
    books = [{"path": "a", "unit": "U", "kind": "KT", "year": 1975, "volume": 1}]
    path = tmp_path / "manifest.json"
    for content in (books, {"books": books}):
        path.write_text(json.dumps(content), "utf-8")
        [row], _ = read_manifest(path)
        assert (row.path, row.kind, row.year, row.volume) == ("a", "KT", "1975", "1")


def test_xlsx_numbers_are_read_as_written(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["a", "U", "D", "KH", 1975.0, 2, None])
    book.save(tmp_path / "manifest.xlsx")
    [row], _ = read_manifest(tmp_path / "manifest.xlsx")
    assert (row.year, row.volume, row.note) == ("1975", "2", "")
    assert row.where.endswith(" 2")


@pytest.mark.parametrize(
    ("name", "content", "telling"),
    [
        ("manifest.csv", b"", "empty"),
        ("manifest.csv", b"path,unit,kind,year\n", "no book"),
        ("manifest.csv", b"path,unit,year\na,b,1975\n", "kind"),
        ("manifest.csv", b"path,file,unit,kind,year\na,a,b,KS,1975\n", "path"),
        ("manifest.csv", b"path,unit,kind,year\na,X\xe3,KS,1975\n", "UTF-8"),
        ("manifest.json", b"{", "JSON"),
        ("manifest.json", b"[1, 2]", "list of books"),
        ("manifest.xlsx", b"PK\x03\x04 not really", "XLSX"),
    ],
)  # fmt: skip
def test_a_bad_manifest_says_what_is_wrong(tmp_path, monkeypatch, name, content, telling):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path / name)
    assert name in str(caught.value)
    assert telling in str(caught.value)
    assert caught.value.exit_code == 11


def test_two_manifests_are_no_manifest(tmp_path: Path):
    (tmp_path / "manifest.csv").touch()
    assert find_manifest(tmp_path) == tmp_path / "manifest.csv"
    (tmp_path / "Bảng kê.xlsx").touch()
    with pytest.raises(ManifestError, match=r"manifest\.csv"):
        find_manifest(tmp_path)


cells = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=20
)


@given(
    rows=st.lists(st.tuples(*[cells] * 7), min_size=1, max_size=5),
    delimiter=st.sampled_from([",", ";", "\t"]),
    bom=st.booleans(),
)
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, rows, delimiter, bom):
    path = tmp_path_factory.mktemp("manifest") / "manifest.csv"
    text = table([HEADER, *map(list, rows)], delimiter)
    path.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))
    read, _ = read_manifest(path)
    assert [
        (row.path, row.unit, row.district, row.kind, row.year, row.volume, row.note) for row in read
    ] == [tuple(clean(cell) for cell in row) for row in rows]


@given(st.binary(max_size=300), st.sampled_from(["manifest.csv", "manifest.json", "manifest.xlsx"]))
def test_no_bytes_break_the_reader(tmp_path_factory, content: bytes, name: str):
    path = tmp_path_factory.mktemp("manifest") / name
    path.write_bytes(content)
    try:
        rows, _ = read_manifest(path)
    except ManifestError as error:
        assert error.where
    else:
        assert rows


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("KS", Kind.BIRTH), ("ks ", Kind.BIRTH), ("Khai sinh", Kind.BIRTH),
        ("SỔ ĐĂNG KÝ KHAI SINH", Kind.BIRTH), ("births", Kind.BIRTH), ("Naissances", Kind.BIRTH),
        ("KH", Kind.MARRIAGE), ("kết hôn", Kind.MARRIAGE), ("Sổ giá thú", Kind.MARRIAGE),
        ("Đăng ký kết hôn", Kind.MARRIAGE), ("KT", Kind.DEATH), ("Khai tử", Kind.DEATH),
        ("Décès", Kind.DEATH),
    ],
)  # fmt: skip
def test_kinds_as_people_write_them(text: str, kind: Kind):
    assert parse_kind(text) is kind
    assert parse_kind(unicodedata.normalize("NFD", text)) is kind


@pytest.mark.parametrize("text", ["", "KX", "sổ hộ khẩu", "1"])
def test_an_unknown_kind_is_refused(text: str):
    with pytest.raises(UnknownUnitError, match="KS, KH, KT") as caught:
        parse_kind(text)
    assert caught.value.exit_code == 12


@pytest.mark.parametrize(
    ("text", "code"), [("CMC", "CMC"), ("Nhận cha mẹ con", "CMC"), ("HN", "HN")]
)
def test_kinds_outside_the_project_are_named(monkeypatch, text: str, code: str):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    with pytest.raises(UnknownUnitError, match=f"{code} is out of scope"):
        parse_kind(text)


@given(st.integers(0, 9999))
def test_years_from_1922_to_2015_are_taken(year: int):
    if 1922 <= year <= 2015:
        assert (
            parse_year(f"{year}") == parse_year(f" {year}.0") == parse_year(f"Năm {year}") == year
        )
    else:
        with pytest.raises(UnknownUnitError, match="1922"):
            parse_year(f"{year:04d}")


@pytest.mark.parametrize("text", ["", "75", "1975-1976", "19750", "một chín bảy lăm", "１９７５"])
def test_what_is_no_year_is_refused(text: str):
    with pytest.raises(UnknownUnitError):
        parse_year(text)


def test_one_volume_in_many_spellings():
    assert {volume_key(text) for text in ("1", "01", "Quyển số 01", "01/1975", "Vol. 1")} == {"1"}
    assert volume_key("") == ""
    assert volume_key("1A") != volume_key("1")
