"""``hotich audit verify``: whether the audit log is as it was written."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.output import err, print_json
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(
        no_args_is_help=True, help=str(Text("Nhật ký kiểm toán.", "The audit log."))
    )
    group.callback()(lambda: None)
    group.command(
        "verify",
        help=str(
            Text(
                "Kiểm tra chuỗi băm; mã thoát 1 nếu bị sửa.",
                "Check the chain of hashes; exit code 1 where it was changed.",
            )
        ),
    )(verify)
    cli.add_typer(group, name="audit")


def verify(
    last: Annotated[
        int | None,
        typer.Option("--last", min=1, help=str(Text("Chỉ n mục cuối", "Only the last n events"))),
    ] = None,
    head: Annotated[
        str,
        typer.Option(
            "--head",
            help=str(
                Text("Mã băm cuối đã ghi lại trước đây", "Hash of the end as noted down before")
            ),
        ),
    ] = "",
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Walks the chain and says where it breaks, and the hash of its end to be noted down."""
    from cli.home import open_home
    from models import verify_audit
    from models.audit import has_event

    with open_home() as home:
        state = verify_audit(home.database, last=last)
        kept = not head or has_event(home.database, head)
    if json_:
        print_json({**asdict(state), "sound": state.sound and kept, "head_found": kept})
    elif not state.sound:
        err.print(
            Text(
                "[red]✗[/] Nhật ký bị sửa từ mục {n}.", "[red]✗[/] The log is broken at event {n}."
            ).format(n=state.broken_at)
        )
    elif not kept:
        err.print(
            Text(
                "[red]✗[/] Không còn mục có mã băm đã ghi: phần cuối bị cắt.",
                "[red]✗[/] The event noted down is gone: the end was cut off.",
            ).format()
        )
    else:
        err.print(
            Text(
                "✓ {n} mục, nguyên vẹn; mã băm cuối {head}",
                "✓ {n} events, sound; hash of the end {head}",
            ).format(n=state.events, head=state.head)
        )
    if not (state.sound and kept):
        raise typer.Exit(1)
