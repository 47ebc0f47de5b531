"""``hotich places``: answers for people and for scripts, and clear words where it cannot answer."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import openpyxl
import pytest

from cli.main import app
from models import open_database, places_digest
from pipeline.errors import GazetteerError, InputError, MissingFileError
from pipeline.settings import PROJECT


class Said(NamedTuple):
    code: int
    out: str
    err: str


Hotich = Callable[..., Said]


@pytest.fixture
def hotich(monkeypatch, capsys, tmp_path) -> Hotich:
    """The command line in this process, in English, in a home of its own."""
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hotich", "places", *map(str, arguments)])
        try:
            app()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def answers(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_csv(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "text", "year", "unit", "as_of"), *rows])
    return path


def test_one_place_is_answered_with_its_acts(hotich):
    said = hotich(
        *("resolve", "xã An Thái, huyện An Lão", "--year", 1999, "--as-of", "1/7/2025", "--json")
    )
    answer = json.loads(said.out)
    assert said.code == 0
    assert answer["status"] == "certain"
    assert answer["as_of"] == "2025-07-01"
    (one,) = answer["candidates"]
    assert one["unit_id"] == "hp-xa-an-hung@hai-phong"
    assert any("1669" in act for act in one["acts"])
    assert answer["unverified_acts"] == []


def test_a_person_sees_unit_probability_and_acts(hotich):
    said = hotich("resolve", "xã An Thái, huyện An Lão", "--year", 1999, "--as-of", "2022-12-29")
    assert "certain" in said.out
    assert "An Thái" in said.out
    assert "%" in said.out


def test_what_is_not_recognised_is_said_not_guessed(hotich):
    said = hotich("resolve", "xã Xyzabc", "--as-of", "2022-12-29", "--json")
    assert said.code == 0
    assert json.loads(said.out)["status"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("resolve", "An Thái", "--as-of", "31/2/2025"), "--as-of"),
        (("resolve", "An Thái", "--as-of", "hôm nay"), "hôm nay"),
        (("resolve", "An Thái", "--as-of", "1700-01-01"), "1700"),
        (("resolve", "An Thái", "--year", "1700"), "1700"),
        (("resolve", "x" * 10_000), "10000"),
        (("formers", "An Biên", "--on", "2025-13-01"), "--on"),
        (("map", "--as-of", "nay", "--out", "x.csv"), "--as-of"),
        (("map", "--as-of", "2025-07-01", "--out", "x.pdf"), ".xlsx"),
        (("map", "--as-of", "2025-07-01", "--out", "nowhere/x.csv"), "nowhere"),
        (("history", "Zzzyx Wvuts"), "Zzzyx"),
    ],
)
def test_bad_input_is_named(hotich, arguments, word):
    said = hotich(*arguments)
    assert said.code == InputError.exit_code
    assert word in said.err.replace("\n", "")


def test_text_and_batch_exclude_each_other(hotich, tmp_path):
    assert hotich("resolve").code == 2
    assert hotich("resolve", "An Thái", "--batch", tmp_path / "in.csv", "--out", "-").code == 2
    assert hotich("resolve", "--batch", tmp_path / "in.csv").code == 2


def test_a_batch_answers_every_row_in_order(hotich, tmp_path):
    rows = write_csv(
        tmp_path / "in.csv",
        [
            ("a", "xã An Thái, huyện An Lão", "2008", "", "2022-12-29"),
            ("b", "Lê Lợi", "", "", "2022-12-29"),
            ("c", "", "", "", ""),
        ],
    )
    said = hotich("resolve", "--batch", rows, "--out", tmp_path / "out.jsonl")
    found = answers(tmp_path / "out.jsonl")
    assert said.code == 0
    assert [(one["id"], one["status"]) for one in found] == [
        ("a", "certain"), ("b", "ambiguous"), ("c", "unknown"),
    ]  # fmt: skip
    assert set(found[0]["candidates"][0]) == {
        "unit_id", "type", "name", "parent", "gso_code", "probability", "acts",
    }  # fmt: skip
    assert not list(tmp_path.glob("*.part"))


def test_a_batch_needs_no_more_columns_than_id_and_text(hotich, tmp_path):
    (tmp_path / "in.csv").write_text("id,text\n1,huyện An Lão\n", "utf-8-sig")
    assert hotich("resolve", "--batch", tmp_path / "in.csv", "--out", tmp_path / "o").code == 0
    assert len(answers(tmp_path / "o")) == 1


def test_wrong_rows_of_a_batch_do_not_stop_the_others(hotich, tmp_path):
    good = ("g", "xã An Thái, huyện An Lão", "2008", "", "2022-12-29")
    bad = [(f"b{n}", "An Thái", "MCMXC", "", "") for n in range(12)]
    rows = write_csv(tmp_path / "in.csv", [good, *bad, good])
    said = hotich("resolve", "--batch", rows, "--out", tmp_path / "out.jsonl")
    found = answers(tmp_path / "out.jsonl")
    assert said.code == InputError.exit_code
    assert [one["status"] for one in found] == ["certain", *["unknown"] * 12, "certain"]
    assert ["error" in one for one in found] == [False, *[True] * 12, False]
    assert "row 2:" in said.err
    assert "row 11:" in said.err
    assert "row 12:" not in said.err
    assert "2 more rows" in said.err
    assert "12 rows" in said.err


def test_a_batch_can_be_answered_on_standard_output(hotich, tmp_path):
    rows = write_csv(tmp_path / "in.csv", [("1", "huyện An Lão", "", "", "")])
    said = hotich("resolve", "--batch", rows, "--out", "-")
    assert json.loads(said.out)["id"] == "1"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"id,place\n1,An Bi\xc3\xaan\n", "text"),
        (b"", "id"),
        (b"id,text\n1,An Bi\xean\n", "UTF-8"),
    ],
)
def test_a_batch_that_is_no_table_is_refused(hotich, tmp_path, content, word):
    (tmp_path / "in.csv").write_bytes(content)
    said = hotich("resolve", "--batch", tmp_path / "in.csv", "--out", tmp_path / "out.jsonl")
    assert said.code == InputError.exit_code
    assert word in said.err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_batch_that_is_not_there_is_missing(hotich, tmp_path):
    said = hotich("resolve", "--batch", tmp_path / "none.csv", "--out", "-")
    assert said.code == MissingFileError.exit_code


def test_history_lists_all_bearers_and_draws_them(hotich, tmp_path):
    said = hotich("history", "An Hải", "--json", "--svg", tmp_path / "an-hai.svg")
    units = [one["unit_id"] for one in json.loads(said.out)]
    assert {"hp-phuong-an-hai@an-duong", "hp-phuong-an-hai@hai-phong"} <= set(units)
    drawing = ElementTree.parse(tmp_path / "an-hai.svg").getroot()
    texts = ["".join(node.itertext()) for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert all(unit in texts for unit in units)


def test_history_for_people_names_states_and_successors(hotich):
    said = hotich("history", "hp-phuong-an-hai@an-duong")
    assert "Phường An Hải" in said.out
    assert "1232/NQ-UBTVQH15" in said.out
    assert "→ 1/7/2025" in said.out


def test_formers_make_up_a_present_unit(hotich):
    said = hotich("formers", "phường Hồng Bàng", "--on", "2022-12-29", "--json")
    (unit,) = json.loads(said.out)
    names = [one["full_name"] for one in unit["formers"]]
    assert {"Phường Minh Khai", "Phường Sở Dầu", "Phường Hùng Vương"} <= set(names)
    assert all(0 < one["share"] <= 1 for one in unit["formers"])
    assert "Quận Hồng Bàng" not in names  # its wards are counted already
    assert "Minh Khai" in hotich("formers", "phường Hồng Bàng", "--on", "29/12/2022").out


def test_the_map_is_written_as_csv_and_as_workbook(hotich, tmp_path):
    for name in ("map.csv", "map.xlsx"):
        said = hotich("map", "--as-of", "2025-07-01", "--out", tmp_path / name)
        assert said.code == 0
        assert "rows" in said.err
    with (tmp_path / "map.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sheet = openpyxl.load_workbook(tmp_path / "map.xlsx").active
    assert sheet.freeze_panes == "A2"
    assert sheet.max_row == len(rows) + 1
    assert [cell.value for cell in sheet[2]][1] == rows[0]["old_id"]


def copied_config(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "ocr_config", config, ignore=shutil.ignore_patterns("raw"))
    return config


def test_check_reports_counts_and_gaps(hotich):
    said = hotich("check", "--json")
    report = json.loads(said.out)
    assert said.code == 0
    assert report["problems"] == []
    assert report["counts"]["units.commune"] > 700
    assert all({"level", "period", "text"} == set(gap) for gap in report["gaps"])


def test_load_fills_the_database_and_again_does_nothing(hotich, tmp_path):
    first = json.loads(hotich("load", "--json").out)
    again = json.loads(hotich("load", "--json").out)
    assert again["unchanged"]
    assert again["rows"] == first["rows"]
    assert first["rows"]["place_unit"] > 700
    db = open_database(f"sqlite:///{tmp_path / 'home' / 'hotich.sqlite'}")
    assert places_digest(db)
    db.close()


def test_a_changed_file_is_loaded_again_and_a_wrong_one_named(hotich, tmp_path, monkeypatch):
    config = copied_config(tmp_path)
    monkeypatch.setenv("HOTICH_CONFIG", str(config))
    hotich("load", "--json")
    names = config / "gazetteer" / "registry" / "names.csv"
    text = names.read_text("utf-8")
    names.write_text(text.replace(",An Thái,", ",An Thai,", 1), "utf-8")
    changed = json.loads(hotich("load", "--json").out)
    assert (changed["added"], changed["changed"], changed["removed"]) == (0, 1, 0)
    names.write_text(text + "hp-nowhere,Không đâu,official,,,,x,yes\n", "utf-8")
    line = len(text.splitlines()) + 1
    said = hotich("load")
    assert said.code == GazetteerError.exit_code
    assert f"registry/names.csv:{line}" in said.err
