"""The way of a contractor through the command line: queue, run, status, export, evaluate."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import cli
from pipeline.settings import PROJECT
from samples.batch import write_batches
from samples.book import BookSpec

pytestmark = pytest.mark.slow


VARIABLES = {"HOTICH_LANGUAGE": "en", "HOTICH_ENGINE": "inline", "COLUMNS": "200"}


def hotich(home: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """As somebody calls it: a process of its own, with its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        cwd=home.parent,
        env={**os.environ, **VARIABLES, "HOTICH_HOME": str(home), **variables},
        capture_output=True,
        text=True,
    )


def ok(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 0, answer.stderr + answer.stdout
    return answer.stdout


def told(home: Path, *arguments: object) -> str:
    """What a command that succeeds says, in this process: most take less time than its start."""
    variables = {**VARIABLES, "HOTICH_HOME": str(home)}
    answer = CliRunner().invoke(cli, [*map(str, arguments)], env=variables, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small books, one of them with a form that the first has not."""
    folder = tmp_path_factory.mktemp("made")
    shared = {"batch": "lo-1", "unit": "Xã Tân Dân", "district": "Huyện An Lão"}
    books = [
        BookSpec(**shared, path="ks", form="birth-158-a4", year=2008, volume="01", scans=1,
                 dpi=200, seed="cli-ks", wear="mild", hand="print"),
        BookSpec(**shared, path="kt", form="death-83-half", year=2001, volume="01", scans=1,
                 dpi=200, seed="cli-kt", wear="mild", hand="print"),
    ]  # fmt: skip
    for _ in write_batches(books, folder):
        pass
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, batch: Path) -> Path:
    """A home in which the batch was queued and digitized."""
    home = tmp_path_factory.mktemp("office") / "home"
    ok(hotich(home, "queue", batch / "batches" / "lo-1", "--contractor", "A"))
    ok(hotich(home, "run"))
    return home


def status(home: Path, *arguments: str) -> dict[str, Any]:
    return dict(json.loads(told(home, "status", "--json", *arguments)))


def test_status_counts_every_page_of_the_unit(home: Path) -> None:
    found = status(home, "--unit", "Tân Dân")
    (unit,) = found["units"]
    assert unit["pages"] == {"total": 2, "waiting": 0, "read": 2, "attention": 0, "rescan": 0,
                             "quarantined": 0}  # fmt: skip
    assert unit["entries"]["total"] == 3
    assert [book["state"] for book in found["books"]] == ["done", "done"]


def test_running_again_changes_nothing(home: Path) -> None:
    before = status(home)
    assert json.loads(told(home, "run", "--json"))["books"] == 0
    assert status(home) == before


def test_queueing_again_refuses_the_books_kindly(home: Path, batch: Path) -> None:
    answer = hotich(home, "queue", batch / "batches" / "lo-1", "--json")
    assert answer.returncode == 14
    found = json.loads(answer.stdout)
    assert found["books"] == []
    assert [book["code"] for book in found["already"]] == ["DuplicateBookError"] * 2


def test_fields_are_exported_with_their_place_on_the_scan(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "fields.csv"
    told(home, "export", "fields", "--csv", target)
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["book", "scan", "page", "entry_number", "field", "literal", "value",
                             "confidence", "decision", "reader", "polygon"]  # fmt: skip
    assert {row["book"].split(".")[2] for row in rows} == {"KS", "KT"}
    assert all(len(json.loads(row["polygon"])) >= 4 for row in rows)
    names = [row for row in rows if row["field"] == "child_full_name"]
    assert len(names) == 1
    one_book = tmp_path / "one.csv"
    told(home, "export", "fields", "--csv", one_book, "--book", names[0]["book"])
    assert len(one_book.read_text("utf-8").splitlines()) < len(rows)


def test_an_unknown_book_is_refused_without_a_file(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "fields.csv"
    answer = hotich(home, "export", "fields", "--csv", target, "--book", "nowhere")
    assert answer.returncode == 10
    assert "nowhere" in answer.stderr
    assert not target.exists()


def test_evaluation_finds_all_entries_and_no_slip(home: Path, batch: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    answer = told(home, "evaluate", batch / "truth", "--json", "--html", report)
    figures = json.loads(answer)
    assert figures["entries"] == {"true": 3, "found": 3, "extra": 0}
    assert figures["all"]["slips"] == 0
    assert figures["all"]["boxes_good"] >= 0.99
    assert figures["all"]["exact_literal"] >= 0.8
    assert "<table>" in report.read_text("utf-8")


def test_a_scan_is_drawn_with_its_boxes(home: Path, tmp_path: Path) -> None:
    code = status(home)["books"][0]["code"]
    picture = tmp_path / "page.png"
    told(home, "show", "scan", code, "0001.jpg", "--out", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    shown = told(home, "show", "book", code)
    assert "child_full_name" in shown


def test_a_bad_book_is_refused_and_the_others_are_queued(batch: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lo-2"
    shutil.copytree(batch / "batches" / "lo-1" / "ks", folder / "ks")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\n")
    (folder / "manifest.csv").write_text(
        "path,unit,district,kind,year,volume,note\n"
        "ks,Xã Tân Dân,Huyện An Lão,KS,2008,01,\n"
        "broken.pdf,Xã Tân Dân,Huyện An Lão,KS,2009,01,\n"
        "missing,Xã Tân Dân,Huyện An Lão,KS,2010,01,\n"
        "ks,Xã Tân Đân Xa Lắc,Huyện Không Có,KS,2011,01,\n",
        "utf-8",
    )
    answer = hotich(tmp_path / "home", "queue", folder, "--json")
    found = json.loads(answer.stdout)
    assert [book["path"] for book in found["books"]] == ["ks"]
    codes = {item["code"] for item in found["refused"]}
    assert {"MissingFileError", "UnknownUnitError"} < codes
    assert len(found["refused"]) == 3
    assert answer.returncode in {item["exit_code"] for item in found["refused"]}
    assert all(item["what"] and item["advice"] for item in found["refused"])


def test_doctor_says_how_to_mend_what_is_missing(tmp_path: Path) -> None:
    answer = hotich(tmp_path / "home", "doctor", "--json", HOTICH_OCR_LANGUAGES="vie+tlh")
    assert answer.returncode == 30
    checks = {check["name"]: check for check in json.loads(answer.stdout)}
    assert checks["Tesseract"]["state"] == "error"
    assert "tlh" in checks["Tesseract"]["found"]
    assert "apt-get" in checks["Tesseract"]["mend"]
    assert "init" in checks["database"]["mend"]


def test_places_are_resolved_line_by_line(tmp_path: Path) -> None:
    queries = tmp_path / "in.csv"
    queries.write_text(
        "id,text,year,unit,as_of\n"
        '1,"xã Tân Dân, huyện An Lão, Hải Phòng",2008,,2022-12-29\n'
        "2,Atlantis,2008,,\n",
        "utf-8",
    )
    out = tmp_path / "out.jsonl"
    told(tmp_path / "home", "places", "resolve", "--batch", queries, "--out", out)
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert (first["id"], first["status"]) == ("1", "certain")
    assert set(first["candidates"][0]) == {
        "unit_id", "type", "name", "parent", "gso_code", "probability", "acts"
    }  # fmt: skip
    assert (second["id"], second["status"], second["candidates"]) == ("2", "unknown", [])


def test_lines_are_read_to_a_table(tmp_path: Path) -> None:
    from PIL import Image, ImageDraw, ImageFont

    folder = tmp_path / "lines"
    folder.mkdir()
    picture = Image.new("L", (700, 80), 245)
    font = ImageFont.truetype("DejaVuSans.ttf", 44)
    ImageDraw.Draw(picture).text((20, 12), "Trần Văn Định", font=font, fill=20)
    picture.save(folder / "a.png")
    out = tmp_path / "out.tsv"
    answer = hotich(tmp_path / "home", "read", folder, "--out", out, "--field", "name")
    ok(answer)
    header, line = out.read_text("utf-8").splitlines()
    assert header.split("\t") == ["file", "text", "confidence"]
    assert line.split("\t")[:2] == ["a.png", "Trần Văn Định"]
    assert "characters/s" in answer.stderr


def test_no_command_leaves_files_where_it_was_called(home: Path) -> None:
    assert sorted(path.name for path in home.parent.iterdir()) == ["home"]
    assert not (PROJECT / "hotich.sqlite").exists()
