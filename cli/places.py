"""``hotich places``: the group, and ``resolve``: what written places are called on a given day."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import places_batch, places_history, places_tables
from cli.days import day_or_today
from cli.output import out, print_json
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.places import Gazetteer
    from pipeline.types import PlaceAnswer

_STATUS = {
    "certain": Text("[green]chắc chắn[/]", "[green]certain[/]"),
    "ambiguous": Text("[yellow]chưa rõ là nơi nào[/]", "[yellow]ambiguous[/]"),
    "unknown": Text("[red]không nhận ra[/]", "[red]unknown[/]"),
}
_REASONS = {
    "no_unit_named": Text("không nêu đơn vị nào (nhà, bệnh viện …)", "names no unit (at home …)"),
    "as_above": Text("ghi như trên", "written: as above"),
}


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True,
        help=str(
            Text("Địa danh và đơn vị hành chính qua các thời kỳ.", "Places and units through time.")
        ),
    )
    group.command(
        "resolve",
        help=str(
            Text(
                "Tra địa danh trong sổ ra đơn vị hành chính tại ngày as_of.",
                "Map written places to the units of the day as_of.",
            )
        ),
        epilog='hotich places resolve "xã Vĩnh-Niệm, huyện An-Hải" --year 1985',
    )(resolve)
    places_history.register(group)
    places_tables.register(group)
    cli.add_typer(group, name="places")


def resolve(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT",
            show_default=False,
            help=str(Text("Địa danh như ghi trong sổ", "A place as written")),
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help=str(Text("Năm ghi sổ", "Year of the entry")))
    ] = None,
    unit: Annotated[
        str,
        typer.Option(
            "--unit", help=str(Text("Nơi đăng ký của quyển sổ", "The book's registering unit"))
        ),
    ] = "",
    as_of: Annotated[
        str | None,
        typer.Option(
            *("--as-of",),
            metavar="D",
            show_default=False,
            help=str(Text("Theo đơn vị của ngày này (hôm nay)", "Units of this day (today)")),
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="CSV: id,text,year,unit,as_of", metavar="IN.csv"),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            *("--out",),
            metavar="OUT.jsonl",
            help=str(Text("Kết quả của --batch (-: màn hình)", "Answers of --batch (-: stdout)")),
        ),
    ] = None,
) -> None:
    """One place, or a whole file of them with --batch and --out."""
    if (text is None) == (batch is None) or (batch is None) != (target is None):
        raise typer.BadParameter(
            str(
                Text(
                    "cần TEXT, hoặc --batch cùng với --out",
                    "give TEXT, or --batch together with --out",
                )
            )
        )
    if batch is not None and target is not None:
        places_batch.answer_file(batch, target)
    elif text is not None:
        _resolve_one(text, year, unit, as_of, json_=json_)


def _resolve_one(text: str, year: int | None, unit: str, as_of: str | None, *, json_: bool) -> None:
    from pipeline.places import Context, describe, load_gazetteer
    from pipeline.places import resolve as answer_of
    from pipeline.settings import load_settings

    day = day_or_today(as_of, "--as-of")
    gazetteer = load_gazetteer(load_settings().config)
    answer = answer_of(text, written_on=year, context=Context(unit), as_of=day, gazetteer=gazetteer)
    doubtful = _doubtful(gazetteer, answer)
    reason = "" if answer.candidates else describe(text)
    if json_:
        data = {**asdict(answer), "status": answer.status.value}
        print_json({"text": text, **data, "reason": reason, "unverified_acts": doubtful})
        return
    _show(answer, doubtful, reason)


def _doubtful(gazetteer: Gazetteer, answer: PlaceAnswer) -> list[str]:
    """Acts on the ways that no source was read for, each once."""
    from pipeline.places.history import unverified_labels

    labels = unverified_labels(gazetteer)
    acts = [act for one in answer.candidates for act in one.acts if act in labels]
    return list(dict.fromkeys(acts))


def _show(answer: PlaceAnswer, doubtful: list[str], reason: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    status = _STATUS[answer.status.value].format()
    why = f" – {_REASONS[reason]}" if reason in _REASONS else ""
    out.print(
        Text(
            "{status}{why} [dim](theo đơn vị ngày {day})[/]",
            "{status}{why} [dim](units of {day})[/]",
        ).format(status=status, why=why, day=answer.as_of)
    )
    if not answer.candidates:
        return
    table = Table(
        *(
            str(title)
            for title in (
                Text("xác suất", "probability"), Text("đơn vị", "unit"), Text("thuộc", "in"),
                Text("mã GSO", "GSO code"), Text("văn bản", "acts"),
            )
        )
    )  # fmt: skip
    for one in answer.candidates:
        table.add_row(
            f"{one.probability:.1%}",
            *map(escape, (f"{one.type} {one.name}", one.parent, one.gso_code)),
            escape("\n".join(one.acts)),
        )
    out.print(table)
    if doubtful:
        out.print(
            Text(
                "[yellow]![/] {n} văn bản trên đường đi chưa kiểm chứng.",
                "[yellow]![/] {n} of the acts on the way are not verified.",
            ).format(n=len(doubtful))
        )
