"""``hotich corrections``: people's corrections out of a file, until the desk takes them itself."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import bar, err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from flows.corrections import Imported

_SHOWN = 20
"""Bad rows that are shown to a person; ``--json`` has them all."""


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True, help=str(Text("Sửa dữ liệu đã đọc.", "Correct what was read."))
    )
    group.callback()(lambda: None)
    group.command(
        "import",
        help=str(
            Text(
                "Nạp các trường đã sửa từ tệp CSV/XLSX (cột như 'hotich export fields').",
                "Take corrected fields from a CSV/XLSX (columns of 'hotich export fields').",
            )
        ),
        epilog="book,scan,entry_number|position,field,value[,state][,decision]",
    )(import_)
    cli.add_typer(group, name="corrections")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    person: Annotated[
        str,
        typer.Option("--person", help=str(Text("Người đã xem và sửa", "Who looked and corrected"))),
    ] = "",
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Every row is one field as a person sees it; bad rows are reported, the others taken."""
    from cli.home import open_home
    from flows.corrections import import_corrections
    from pipeline.scan.corrections import read_corrections

    rows = read_corrections(file)
    with open_home() as home, bar() as progress:
        task = progress.add_task(str(Text("Nạp", "Taking in")), total=len(rows))
        found = import_corrections(
            home.database,
            rows,
            home.settings,
            person=person or getpass.getuser(),
            reason=file.name,
            notice=lambda done: progress.update(task, completed=done),
        )
    if json_:
        print_json(_as_data(found))
    else:
        _tell(found)
    if found.bad:
        raise typer.Exit(InputError.exit_code)


def _as_data(found: Imported) -> dict[str, Any]:
    return {
        "taken": found.taken,
        "already": found.already,
        "unchanged": found.unchanged,
        "bad": [{"line": row.line, "what": row.error.detail} for row in found.bad],
    }


def _tell(found: Imported) -> None:
    for row in found.bad[:_SHOWN]:
        err.print(
            Text("[red]✗[/] dòng {line}: {what}", "[red]✗[/] row {line}: {what}").format(
                line=row.line, what=row.error.detail.replace("[", r"\[")
            )
        )
    if len(found.bad) > _SHOWN:
        err.print(Text("… và {n} dòng nữa", "… and {n} more").format(n=len(found.bad) - _SHOWN))
    out.print(
        Text(
            "Nhận {taken} trường; {already} đã có; {unchanged} dòng không đổi; {bad} dòng lỗi.",
            "{taken} fields taken; {already} known before; {unchanged} rows unchanged; "
            "{bad} bad rows.",
        ).format(
            taken=found.taken,
            already=found.already,
            unchanged=found.unchanged,
            bad=len(found.bad),
        )
    )
