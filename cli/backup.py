"""``hotich backup``: a copy of database and originals while everybody works on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import err, print_json
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "backup",
        help=str(
            Text(
                "Sao lưu cơ sở dữ liệu và ảnh gốc vào một thư mục, không dừng việc.",
                "Back database and scans up into a folder; work goes on.",
            )
        ),
        epilog=str(Text("Khôi phục: docs/operation.md.", "To restore: docs/operation.md.")),
    )(backup)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    scans: Annotated[
        bool,
        typer.Option(
            "--scans/--no-scans",
            help=str(Text("Chép cả ảnh gốc còn thiếu", "Copy originals the folder lacks too")),
        ),
    ] = True,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Copies, checks the copy, and notes it for the operations page."""
    from cli.home import open_home
    from models.backup import back_up

    with open_home() as home:
        made = back_up(
            home.database, home.settings.resolved_home, home.settings.scan_store,
            folder.expanduser().resolve(), scans=scans,
        )  # fmt: skip
    if json_:
        print_json(asdict(made))
        return
    text = Text(
        "✓ {file}: {size} MB, {scans} ảnh, chép mới {copied}, {seconds} giây",
        "✓ {file}: {size} MB, {scans} scans, {copied} copied, {seconds} s",
    )
    err.print(
        text.format(
            file=made.file, size=f"{made.size / 1e6:.1f}", scans=made.scans, copied=made.copied,
            seconds=f"{made.seconds:.1f}",
        ),
        markup=False,
    )  # fmt: skip
