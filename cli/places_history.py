"""``hotich places history`` and ``formers``: what a name was, and what a unit is made of."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.days import day_of
from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from pipeline.places import Gazetteer
    from pipeline.places.history import Passage, UnitHistory
    from pipeline.places.walk import Arrival

_NAME = typer.Argument(
    metavar="NAME|ID", help=str(Text("Tên hoặc mã đơn vị", "Name or id of a unit"))
)


def register(group: typer.Typer) -> None:
    """Adds the commands."""
    group.command(
        "history",
        help=str(
            Text(
                "Mọi đơn vị từng mang một tên, qua các thời kỳ.",
                "Every unit that ever bore a name, through time.",
            )
        ),
        epilog='hotich places history "An Hải" --svg an-hai.svg',
    )(history)
    group.command(
        "formers",
        help=str(
            Text(
                "Những đơn vị cũ hợp thành một đơn vị nay.",
                "Which former units make up a present one.",
            )
        ),
        epilog='hotich places formers "phường Hồng Bàng" --on 2004-09-01',
    )(formers)


def history(
    name: Annotated[str, _NAME],
    svg: Annotated[
        Path | None,
        typer.Option(
            *("--svg",),
            metavar="FILE",
            dir_okay=False,
            help=str(Text("Vẽ thành dòng thời gian", "Draw it as a timeline")),
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """States, predecessors and successors; homonyms are all listed."""
    from pipeline.places import load_gazetteer
    from pipeline.places.history import as_json, unit_history
    from pipeline.places.timeline import draw
    from pipeline.settings import load_settings

    gazetteer = load_gazetteer(load_settings().config)
    ids = _called(gazetteer, name)
    found = [unit_history(gazetteer, one) for one in ids]
    if svg is not None:
        try:
            svg.write_text(draw(gazetteer, ids), "utf-8")
        except OSError as error:
            raise InputError(str(error), where=str(svg)) from error
    if json_:
        print_json(as_json(found))
        return
    for one in found:
        _show(one)
    if svg is not None:
        err.print(f"→ {svg}", markup=False)


def _called(gazetteer: Gazetteer, name: str) -> tuple[str, ...]:
    """Ids of the units called so.

    Raises:
        InputError: none; names the nearest.
    """
    from pipeline.places.history import nearest_names, units_called

    ids = units_called(gazetteer, name)
    if not ids:
        near = ", ".join(nearest_names(gazetteer, name)) or "–"
        raise InputError(
            Text(
                "không có đơn vị nào mang tên '{name}'; gần nhất: {near}",
                "no unit ever bore the name '{name}'; nearest: {near}",
            ).format(name=name, near=near)
        )
    return ids


def _show(one: UnitHistory) -> None:
    from pipeline.places.shown import LEVEL_NAMES, UNVERIFIED, spell_life, spell_when

    doubt = "" if one.verified else f" [yellow]({UNVERIFIED})[/]"
    parent = f", {one.parent}" if one.parent else ""
    out.print(
        f"[bold]{escape(one.full_name)}[/]{escape(parent)} [dim]{LEVEL_NAMES[one.level]}[/]  "
        f"{spell_life(one.begins, one.ends)}{doubt}  [dim]{escape(one.unit_id)}[/]"
    )
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in (
        Text("  từ", "  from"), Text("đến", "to"), Text("tên", "name"), Text("thuộc", "in"),
        Text("mã GSO", "GSO code"), Text("văn bản", "act"),
    ):  # fmt: skip
        table.add_column(str(title), overflow="fold")
    for period in one.periods:
        table.add_row(
            f"  {spell_when(period.begins)}",
            spell_when(period.ends),
            *map(escape, (period.full_name, period.parent, period.gso_code)),
            escape(period.act) + ("" if period.act_verified else f" [yellow]({UNVERIFIED})[/]"),
        )
    out.print(table)
    if one.other_names:
        names = ", ".join(f"{other.name} ({other.kind})" for other in one.other_names)
        out.print(f"  {Text('tên khác', 'other names')}: {escape(names)}")
    for passage in one.predecessors:
        _show_passage("←", passage)
    for passage in one.successors:
        _show_passage("→", passage)
    out.print()


def _show_passage(arrow: str, passage: Passage) -> None:
    from pipeline.places.shown import UNVERIFIED, spell_extent, spell_when

    doubt = "" if passage.verified else f" [yellow]({UNVERIFIED})[/]"
    parent = f", {passage.parent}" if passage.parent else ""
    act = f" – {passage.act}" if passage.act else ""
    out.print(
        f"  {arrow} {spell_when(passage.when)}: [bold]{escape(passage.full_name)}[/]"
        f"{escape(parent)}, {spell_extent(passage.extent, passage.share)}{escape(act)}{doubt}",
        soft_wrap=True,
    )


def formers(
    name: Annotated[str, _NAME],
    on: Annotated[
        str, typer.Option("--on", metavar="D", help=str(Text("Vào ngày này", "On this day")))
    ],
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Share: the part of the former unit's people that is counted in the present one."""
    from pipeline.places import load_gazetteer
    from pipeline.places import walk as walking
    from pipeline.places.when import OPEN_END
    from pipeline.settings import load_settings

    day = day_of(on, "--on")
    gazetteer = load_gazetteer(load_settings().config)
    ids = _called(gazetteer, name)
    present = [one for one in ids if gazetteer.units[one].end == OPEN_END] or list(ids)
    found = {
        one: _own_level(gazetteer, one, walking.formers(gazetteer, one, day)) for one in present
    }
    if json_:
        print_json([_as_data(gazetteer, one, ways, day) for one, ways in found.items()])
        return
    for one, ways in found.items():
        _show_formers(gazetteer, one, ways, day)


def _own_level(gazetteer: Gazetteer, unit: str, ways: tuple[Arrival, ...]) -> tuple[Arrival, ...]:
    """Forerunners of the unit's own level; a district would count its wards a second time."""
    level = gazetteer.units[unit].level
    return tuple(way for way in ways if gazetteer.units[way.unit].level == level) or ways


def _as_data(
    gazetteer: Gazetteer, unit: str, ways: tuple[Arrival, ...], day: date
) -> dict[str, Any]:
    from pipeline.places.history import full_name_of, parent_of

    return {
        "unit_id": unit,
        "full_name": full_name_of(gazetteer, unit, date.max),
        "on": day,
        "formers": [
            {
                "unit_id": way.unit,
                "full_name": full_name_of(gazetteer, way.unit, day),
                "parent": parent_of(gazetteer, way.unit, day),
                "share": round(way.share, 4),
                "acts": list(way.acts),
            }
            for way in ways
        ],
    }


def _show_formers(gazetteer: Gazetteer, unit: str, ways: tuple[Arrival, ...], day: date) -> None:
    from pipeline.places.history import full_name_of, parent_of
    from pipeline.places.shown import spell_day

    title = f"{full_name_of(gazetteer, unit, date.max)} ({unit})"
    if not ways:
        out.print(
            Text(
                "{unit}: không có nguồn nào cho biết ngày {day} là những đơn vị nào.",
                "{unit}: no source tells which units it was on {day}.",
            ).format(unit=escape(title), day=spell_day(day))
        )
        return
    table = Table(
        str(Text("tỷ lệ dân", "share")),
        Text("đơn vị ngày {day}", "unit on {day}").format(day=spell_day(day)),
        str(Text("thuộc", "in")),
        str(Text("văn bản", "acts")),
        title=escape(title),
        title_justify="left",
    )
    for way in ways:
        table.add_row(
            f"{way.share:.0%}",
            escape(full_name_of(gazetteer, way.unit, day)),
            escape(parent_of(gazetteer, way.unit, day)),
            escape("\n".join(way.acts)),
        )
    out.print(table)
