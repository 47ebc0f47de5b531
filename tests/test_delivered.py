"""A delivery is held against its table, and its checks against what the instruction asks."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner

from cli.main import cli
from pipeline.delivery.package import check_package
from pipeline.errors import InputError
from pipeline.settings import Settings
from pipeline.types import Severity


def pdf(path: Path, pages: int = 1) -> None:
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(200, 300))
        made.save(path)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "giao nộp"
    folder.mkdir()
    for name in ("KS.2008.01.001", "KS.2008.01.002"):
        pdf(folder / f"{name}.pdf")
    (tmp_path / "rows.csv").write_text("so,file\n1,KS.2008.01.001.pdf\n2,KS.2008.01.002\n", "utf-8")
    return folder


def test_what_matches_one_to_one_has_no_findings(package: Path) -> None:
    found = check_package(package, package.parent / "rows.csv", "file", Settings())
    assert (found.rows, found.files, found.findings) == (2, 2, ())


def test_a_missing_a_strange_a_broken_and_a_fat_file_are_told(package: Path) -> None:
    (package / "KS.2008.01.001.pdf").unlink()
    pdf(package / "x.pdf")
    (package / "KS.2008.01.002.pdf").write_bytes(b"%PDF-1.4 cut off")
    found = check_package(package, package.parent / "rows.csv", "FILE", Settings())
    told = sorted((one.rule, one.severity, one.detail.split(":")[0]) for one in found.findings)
    assert told == [
        ("V20", Severity.ERROR, "KS.2008.01.001"),
        ("V20", Severity.ERROR, "KS.2008.01.002"),
        ("V20", Severity.ERROR, "x"),
    ]


def test_scans_must_be_seen_by_one_and_three_in_ten_by_another(package: Path) -> None:
    checks = package.parent / "checks.csv"
    rows = [f"A,{n},1" for n in range(10)] + [f"A,{n},2" for n in range(3)]
    rows += [f"B,{n},1" for n in range(9)] + ["B,9,0", "B,1,2"]
    checks.write_text("\n".join(["book,scan,loop", *rows]), "utf-8")
    found = check_package(package, package.parent / "rows.csv", "file", Settings(), checks)
    assert [(one.rule, one.detail) for one in found.findings] == [
        ("V21", "B 1: 9/10"),
        ("V21", "B 2: 1/10"),
    ]


def test_the_command_fails_where_an_error_is_found(package: Path) -> None:
    table = str(package.parent / "rows.csv")
    run = CliRunner()
    assert run.invoke(cli, ["delivered", str(package), "--table", table]).exit_code == 0
    (package / "KS.2008.01.002.pdf").unlink()
    told = run.invoke(cli, ["delivered", str(package), "--table", table, "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["findings"][0]["rule"] == "V20"
    with pytest.raises(InputError):
        check_package(package, package.parent / "rows.csv", "pdf", Settings())
