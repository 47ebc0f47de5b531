"""``hotich delivered``: is a delivery whole, and were its scans checked (V20, V21)?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import err, out, print_json
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "delivered",
        help=str(
            Text(
                "Kiểm tra bộ giao nộp: PDF và dòng dữ liệu khớp một-một, ảnh đã kiểm hai vòng.",
                "Check a delivery: PDFs and rows one to one, scans checked in two loops.",
            )
        ),
    )(delivered)


def delivered(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False)],
    table: Annotated[
        Path, typer.Option("--table", help=str(Text("Bảng dữ liệu", "Table of the rows")))
    ],
    column: Annotated[
        str, typer.Option("--column", help=str(Text("Cột tên PDF", "Column of the PDF's name")))
    ] = "file",
    checks: Annotated[
        Path | None,
        typer.Option("--checks", help=str(Text("Bảng book,scan,loop", "Table of book,scan,loop"))),
    ] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Exit code 1 where an error was found; nothing is changed."""
    from pipeline.checks.rules import explain
    from pipeline.delivery.package import check_package
    from pipeline.settings import load_settings
    from pipeline.types import Severity

    found = check_package(folder, table, column, load_settings(), checks)
    if json_:
        print_json(asdict(found))
    else:
        for one in found.findings:
            colour = "red" if one.severity is Severity.ERROR else "yellow"
            out.print(f"[{colour}]{one.rule}[/] {explain(one)}")
        err.print(
            Text("{rows} dòng, {files} PDF.", "{rows} rows, {files} PDFs.").format(
                rows=found.rows, files=found.files
            )
        )
    if any(one.severity is Severity.ERROR for one in found.findings):
        raise typer.Exit(1)
