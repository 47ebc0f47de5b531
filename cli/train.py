"""``hotich train``: the reader learns from the corrections of the whole office, in versions."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.adapt import LEFT_OUT, learning_progress
from cli.output import err, out, print_json
from pipeline.errors import InputError
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from flows.train import Trained
    from models import AdapterRecord
    from pipeline.evaluation.paired import Paired


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "train",
        help=str(
            Text(
                "Học từ mọi trường đã sửa của cơ quan; chỉ dùng bản mới nếu đọc tốt hơn.",
                "Learn from all corrected fields of the office; used only if it reads better.",
            )
        ),
    )(train)


def train(
    list_: Annotated[
        bool, typer.Option("--list", help=str(Text("Các bản đã có", "Versions there are")))
    ] = False,
    use: Annotated[
        int | None,
        typer.Option("--use", metavar="VERSION", help=str(Text("Dùng bản này", "Use this one"))),
    ] = None,
    revert: Annotated[
        bool,
        typer.Option("--revert", help=str(Text("Trở lại bản trước", "Back to the one before"))),
    ] = False,
    dry: Annotated[
        bool,
        typer.Option(
            "--dry-run", help=str(Text("Chỉ cho biết sẽ học từ gì", "Only say what from"))
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Learns now; version 0 is what the installation brought along."""
    from cli.home import open_home
    from flows.child import open_pool
    from flows.train import train_office

    with open_home() as home:
        if use is not None:
            _use(home, use)
        elif revert:
            _revert(home)
        if list_ or use is not None or revert:
            _list(home, json_=json_)
            return
        with open_pool(home.settings) as pool, learning_progress() as notice:
            found = train_office(
                home.database, home.settings, pool, actor=getpass.getuser(), dry=dry, notice=notice
            )
    if json_:
        print_json(_as_data(found))
    else:
        for sentence in _sentences(found, dry=dry):
            out.print(sentence)


def _use(home: Home, version: int) -> None:
    from models import use_office_version

    if not use_office_version(home.database, version, actor=getpass.getuser()):
        raise InputError(
            Text("không có bản {n} để dùng", "there is no version {n} to use").format(n=version)
        )


def _revert(home: Home) -> None:
    from models import revert_adapters

    count, _ = revert_adapters(home.database, None, actor=getpass.getuser())
    if not count:
        err.print(Text("Chưa có bản nào đang dùng.", "No version is in use.").format())


def _list(home: Home, *, json_: bool) -> None:
    from rich.table import Table

    from models import adapters_of
    from pipeline.reading.hand.naming import weights_name

    rows = adapters_of(home.database, None)
    if json_:
        print_json([{**asdict(one), "state": str(one.state)} for one in rows])
        return
    base = weights_name(home.settings.config, home.settings.hand_weights)
    titles = (
        Text("bản", "version"), Text("ngày", "made"), Text("trạng thái", "state"),
        Text("trường", "fields"), Text("sai trước", "before"), Text("sai sau", "after"),
        Text("trọng số gốc", "base"),
    )  # fmt: skip
    table = Table(*(str(title) for title in titles))
    for one in rows:
        stale = "" if one.base == base else " ✗"
        table.add_row(
            str(one.version), one.created_at[:16], _state(one), str(one.fields),
            _rate(one.before), _rate(one.after), one.base + stale,
        )  # fmt: skip
    if rows:
        out.print(table)
    else:
        err.print(
            Text(
                "Chưa học lần nào; đang dùng {base}.", "Nothing was learned yet; {base} is in use."
            ).format(base=base or "–")
        )


def _state(one: AdapterRecord) -> str:
    from models.states import AdapterState

    names = {
        AdapterState.ACTIVE: Text("[green]đang dùng[/]", "[green]in use[/]"),
        AdapterState.SUPERSEDED: Text("đã thay", "superseded"),
        AdapterState.ROLLED_BACK: Text("không tốt hơn", "no better"),
        AdapterState.REVERTED: Text("đã bỏ", "taken back"),
        AdapterState.SKIPPED: Text("quá ít", "too few"),
        AdapterState.FAILED: Text("[red]lỗi[/]", "[red]failed[/]"),
    }
    return str(names[one.state])


def _rate(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.2%}"


def _as_data(found: Trained) -> dict[str, Any]:
    data = asdict(found)
    data["left_out"] = dict(found.left_out)
    if found.adapter:
        data["adapter"]["state"] = str(found.adapter.state)
        data["adapter"]["detail"].pop("compared", None)
    if found.compared:
        data["compared"]["worth_it"] = found.compared.worth_it
    return data


def _sentences(found: Trained, *, dry: bool) -> Iterator[str]:
    yield Text(
        "{books} quyển, {reviewed} trường đã có người xem; {fields} trường viết tay dùng được.",
        "{books} books, {reviewed} fields reviewed; {fields} of them handwriting to learn from.",
    ).format(books=found.books, reviewed=found.reviewed, fields=found.fields)
    for reason, count in sorted(found.left_out.items()):
        if count:
            yield Text("  bỏ qua {n}: {why}", "  {n} left out: {why}").format(
                n=count, why=LEFT_OUT[reason]
            )
    if found.adapter is None:
        if not dry or found.reviewed < found.wanted:
            yield Text(
                "Cần ít nhất {wanted} trường viết tay đã có người xem mới học cho cả cơ quan được.",
                "At least {wanted} reviewed handwritten fields are needed to learn for the office.",
            ).format(wanted=found.wanted)
        return
    yield from _outcome(found)


def _outcome(found: Trained) -> Iterator[str]:
    from models.states import AdapterState

    adapter, compared = found.adapter, found.compared
    assert adapter is not None
    if compared is None:
        yield Text(
            "[yellow]=[/] Không học được gì hơn: {note}. Giữ như cũ.",
            "[yellow]=[/] Nothing was gained: {note}. All stays as it was.",
        ).format(note=adapter.detail.get("note", ""))
        return
    yield str(
        Text(
            "Trên phần để riêng (không học), lỗi ký tự trước → sau:",
            "On the part kept apart (never learned from), character errors before → after:",
        )
    )
    yield f"  {_pair(compared.all, str(Text('tất cả', 'all')))}"
    for group in (*compared.eras, *compared.hands):
        yield f"  {_pair(group, group.group)}"
    if adapter.state is AdapterState.ACTIVE:
        yield str(
            Text(
                "[green]✓[/] Bản mới đọc tốt hơn, dùng từ bây giờ. "
                "Trở lại: 'hotich train --revert'.",
                "[green]✓[/] It reads better and is in use from now on. "
                "Back: 'hotich train --revert'.",
            )
        )
    else:
        yield str(
            Text(
                "[yellow]=[/] Bản mới không tốt hơn rõ rệt; giữ như cũ.",
                "[yellow]=[/] It is not clearly better; all stays as it was.",
            )
        )


def _pair(group: Paired, name: str) -> str:
    mark = "✓" if group.better else "✗" if group.worse else "·"
    lines = Text("{n} dòng", "{n} lines").format(n=group.lines)
    return f"{mark} {name}: {group.before:.2%} → {group.after:.2%} ({lines})"
