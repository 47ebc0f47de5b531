"""``hotich decide``, ``hotich quality`` and ``hotich check``: what may pass, and whether it did."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import err, out, print_json
from pipeline.texts import Text
from pipeline.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models import TargetRecord
    from pipeline.checks.acceptance import PlanRow
    from pipeline.checks.sampling import Verdict


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command(
        "decide",
        help=str(
            Text(
                "Mức sai cho phép và cái giá: tự nhận bao nhiêu, người phải xem bao nhiêu giờ.",
                "Error allowed and what it costs: share accepted, hours of people.",
            )
        ),
    )(decide)
    cli.command(
        "quality",
        help=str(
            Text(
                "Sai thật của trường tự nhận, theo mẫu kiểm tra; dừng tự nhận nơi sai quá mức.",
                "True error of accepted fields from the blind sample; stops where it is too high.",
            )
        ),
    )(quality)
    cli.command(
        "check",
        help=str(
            Text(
                "Kiểm tra các sổ của một đơn vị: số thứ tự, trùng người, bản thứ hai.",
                "Check all books of a unit: numbers, persons twice, second copies.",
            )
        ),
    )(check)


def decide(
    plan: Annotated[
        bool, typer.Option("--plan", help=str(Text("So các mức sai", "Compare targets")))
    ] = False,
    learn: Annotated[
        bool,
        typer.Option(
            "--learn",
            help=str(
                Text(
                    "Tính ngưỡng theo các trường của chính cơ quan này",
                    "Take the bars from this office's own fields",
                )
            ),
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """One row a field type and target; those in force alone without --plan."""
    from cli.home import open_home
    from models import decision_in_force, learn_bars, targets_set, values_at_hand
    from pipeline.checks.acceptance import type_of_scale
    from pipeline.checks.at_hand import TARGETS

    with open_home() as home:
        config, folder = home.settings.config, home.settings.resolved_home
        thresholds = decision_in_force(home.database, config)
        found = values_at_hand(home.database, config, folder)
        own = targets_set(home.database)
        if learn:
            err.print(f"→ {learn_bars(home.database, found, folder, actor=getpass.getuser())}")
            found = values_at_hand(home.database, config, folder)
    rows: list[PlanRow] = []
    for scale in sorted(found.spectra):
        now = thresholds.target(type_of_scale(scale))
        targets = sorted({now, *TARGETS}) if plan else [now]
        rows += found.rows(scale, targets, thresholds)
    if json_:
        print_json([_as_json(row) for row in rows])
        return
    from rich.table import Table

    titles = (
        Text("loại", "type"), Text("mức sai", "target"), Text("ngưỡng", "bar"),
        Text("trường", "fields"), Text("tự nhận", "accepted"), Text("sai dự kiến", "expected"),
        Text("người xem", "to people"), Text("giờ", "hours"),
    )  # fmt: skip
    table = Table(*map(str, titles), box=None, header_style="dim")
    for row in rows:
        now = thresholds.target(type_of_scale(row.scale))
        chosen = "bold" if plan and row.target == now else ""
        share = f"{row.accepted / row.fields:.0%}" if row.fields else "–"
        table.add_row(
            row.scale, f"{row.target:.3%}", "–" if row.bar > 1 else f"{row.bar:.4f}",
            str(row.fields), share, f"{row.expected_error:.3%}", str(row.to_people),
            f"{row.hours:.2f}", style=chosen,
        )  # fmt: skip
    out.print(table)
    tell_targets(own.values())


def _as_json(row: PlanRow) -> dict[str, Any]:
    from pipeline.checks.acceptance import type_of_scale

    figures = asdict(row)
    scale = figures.pop("scale")
    type_ = type_of_scale(scale)
    return {"field_type": type_, "handwriting": scale != type_, **figures}


def quality(
    dry: Annotated[
        bool, typer.Option("--dry", help=str(Text("Chỉ xem, không dừng gì", "Stop nothing")))
    ] = False,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Counts the sample anew and keeps what stops for the books to come."""
    from cli.home import open_home
    from models import decision_in_force, reviewed_sample
    from pipeline.checks.sampling import load_stops, save_stops, stops_file, verdicts

    with open_home() as home:
        thresholds = decision_in_force(home.database, home.settings.config)
        found = verdicts(reviewed_sample(home.database), thresholds)
    path = stops_file(home.settings.resolved_home)
    if not dry and (load_stops(path) or any(one.stopped for one in found)):
        save_stops(found, path)
    if json_:
        print_json([{**asdict(one), "stopped": one.stopped} for one in found])
        return
    if not found:
        out.print(Text("Chưa có mẫu nào được xem.", "Nobody has seen any of the sample.").format())
        return
    from rich.table import Table

    titles = (
        Text("theo", "by"), Text("của", "of"), Text("loại", "type"), Text("đã xem", "seen"),
        Text("sai", "wrong"), Text("khoảng", "interval"), Text("cho phép", "target"), "",
    )  # fmt: skip
    table = Table(*map(str, titles), box=None, header_style="dim")
    for one in found:
        table.add_row(
            one.what, one.which, one.field_type, str(one.seen), str(one.wrong),
            f"{one.low:.2%}–{one.high:.2%}", f"{one.target:.2%}",
            f"[red]{Text('dừng', 'stopped')}[/]" if one.stopped else "",
        )  # fmt: skip
    out.print(table)


def tell_targets(targets: Iterable[TargetRecord]) -> None:
    """A line for each target that a supervisor has set in the desk over that of the file."""
    text = Text(
        "Mức sai {type}: {target:.2%} ({by}, {at:%d.%m.%Y}: {reason})",
        "Target of {type}: {target:.2%} ({by}, {at:%d.%m.%Y}: {reason})",
    )
    for one in targets:
        told = text.format(
            type=one.field_type, target=one.target, by=one.by, at=one.at, reason=one.reason
        )
        err.print(told, markup=False)


def tell_stops(stops: Iterable[Verdict]) -> None:
    """A line for each kind of field that is no longer accepted unseen."""
    text = Text(
        "⚠ Dừng tự nhận {type} ({what} {which}): sai {low:.2%}–{high:.2%}, cho phép {target:.2%}",
        "⚠ {type} no longer accepted ({what} {which}): {low:.2%}–{high:.2%} wrong, "
        "allowed {target:.2%}",
    )
    for one in stops:
        err.print(
            text.format(
                type=one.field_type, what=one.what, which=one.which, low=one.low, high=one.high,
                target=one.target,
            )
        )  # fmt: skip


def check(
    unit: Annotated[str, typer.Argument(metavar="UNIT")],
    kind: Annotated[Kind | None, typer.Option("--kind")] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """What the books of a unit say together; kept for the unit's page in the desk."""
    from cli.home import open_home
    from models import check_unit_books, find_units
    from pipeline.checks.rules import explain

    rows: list[dict[str, Any]] = []
    with open_home() as home:
        for one in find_units(home.database, unit):
            for each in [kind] if kind else list(Kind):
                found, links = check_unit_books(home.database, one.id, each)
                rows += [
                    {
                        "unit": one.name,
                        "kind": str(each),
                        "year": said.year,
                        "rule": said.finding.rule,
                        "text": explain(said.finding),
                        "entries": [f"{row.book} {row.number}" for row in said.rows],
                    }
                    for said in found
                ]
                if links:
                    books = sorted({f"{link.first.book} = {link.second.book}" for link in links})
                    err.print(
                        Text("Bản thứ hai: {books}", "Second copies: {books}").format(
                            books="; ".join(books)
                        )
                    )
    if json_:
        print_json(rows)
        return
    for row in rows:
        entries = ", ".join(map(str, row["entries"]))
        told = f"[yellow]{row['rule']}[/] {row['text']}  [dim]{entries}[/]"
        out.print(f"{row['kind']} {row['year']}  {told}")
