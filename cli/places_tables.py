"""``hotich places map``, ``check`` and ``load``: the gazetteer as a whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.days import day_of
from cli.output import err, out, print_json
from pipeline.errors import GazetteerError, InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from models import PlacesLoaded

_SHOWN = 50
_EVENTS = Text("sự kiện", "events")


def register(group: typer.Typer) -> None:
    """Adds the commands."""
    group.command(
        "map",
        help=str(
            Text(
                "Bảng mọi đơn vị cũ → đơn vị mới tại một ngày (CSV hoặc XLSX).",
                "Table of all old units → units of a day (CSV or XLSX).",
            )
        ),
        epilog="hotich places map --as-of 2025-07-01 --out cu-moi.xlsx",
    )(map_)
    group.command(
        "check",
        help=str(
            Text(
                "Kiểm tra các tệp địa danh; liệt kê những chỗ còn thiếu.",
                "Check the gazetteer's files; list what is still missing.",
            )
        ),
    )(check)
    group.command(
        "load",
        help=str(
            Text(
                "Nạp địa danh vào cơ sở dữ liệu (làm lại cũng không sao).",
                "Load the gazetteer into the database (harmless to repeat).",
            )
        ),
    )(load)


def map_(
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="D", help=str(Text("Ngày của đơn vị mới", "Day of the new units"))
        ),
    ],
    target: Annotated[Path, typer.Option("--out", metavar="FILE.csv|.xlsx", dir_okay=False)],
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="D",
            help=str(Text("Bỏ đơn vị đã hết trước ngày này", "Leave out what ended before")),
        ),
    ] = None,
) -> None:
    """One row an old name and a new unit."""
    from pipeline.places import load_gazetteer
    from pipeline.places.mapping import mapping, write_csv, write_xlsx
    from pipeline.settings import load_settings

    day = day_of(as_of, "--as-of")
    first = None if since is None else day_of(since, "--since")
    kind = target.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise InputError(
            Text("đuôi tệp phải là .csv hoặc .xlsx", "the file must end in .csv or .xlsx").format(),
            where=str(target),
        )
    if not target.parent.is_dir():
        raise InputError(
            Text("không có thư mục này", "no such folder").format(), where=str(target.parent)
        )
    rows = mapping(load_gazetteer(load_settings().config), day, first)
    unfinished = target.with_name(target.name + ".part")
    if kind == ".csv":
        # With a byte order mark: Excel takes it for UTF-8 then.
        with unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
            count = write_csv(rows, stream)
    else:
        count = write_xlsx(rows, unfinished, day.isoformat())
    unfinished.replace(target)
    err.print(
        Text("{n} dòng → {path}", "{n} rows → {path}").format(n=count, path=target), markup=False
    )


def check(json_: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Ends with the exit code of a wrong gazetteer where rows speak against one another."""
    from rich.table import Table

    from pipeline.places import load_gazetteer, validate
    from pipeline.places.shown import LEVEL_NAMES
    from pipeline.settings import load_settings

    report = validate.check(load_gazetteer(load_settings().config))
    if json_:
        print_json({**asdict(report), "counts": dict(report.counts)})
    else:
        for problem in report.problems[:_SHOWN]:
            out.print(f"✗ {problem.where}: {problem.text}", markup=False, soft_wrap=True)
        if len(report.problems) > _SHOWN:
            more = len(report.problems) - _SHOWN
            out.print(Text("  … và {n} lỗi nữa", "  … and {n} more").format(n=more))
        gaps = Table(
            *(
                str(title)
                for title in (
                    Text("cấp", "level"), Text("thời kỳ", "period"),
                    Text("còn thiếu", "still missing"),
                )
            )
        )  # fmt: skip
        for gap in report.gaps:
            level = LEVEL_NAMES.get(gap.level, _EVENTS)
            gaps.add_row(str(level), gap.period, gap.text)
        if report.gaps:
            out.print(gaps)
        out.print(", ".join(f"{name} {count}" for name, count in report.counts.items()))
    if report.problems:
        raise typer.Exit(GazetteerError.exit_code)
    if not json_:
        out.print(Text("[green]✓[/] Không có lỗi.", "[green]✓[/] No problems.").format())


def load(json_: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Checks the files first; an error changes nothing."""
    from cli.home import open_home
    from cli.places_load import load_gazetteer_tables

    with open_home() as home:
        loaded = load_gazetteer_tables(home.settings, home.database)
    if json_:
        print_json(asdict(loaded))
    else:
        _tell(loaded)


def _tell(loaded: PlacesLoaded) -> None:
    if loaded.unchanged:
        out.print(Text("Không có gì mới.", "Nothing has changed.").format())
    else:
        out.print(
            Text(
                "[green]✓[/] thêm {added}, sửa {changed}, bỏ {removed} dòng",
                "[green]✓[/] {added} rows added, {changed} changed, {removed} removed",
            ).format(added=loaded.added, changed=loaded.changed, removed=loaded.removed)
        )
    out.print(", ".join(f"{table} {count}" for table, count in loaded.rows.items()))
