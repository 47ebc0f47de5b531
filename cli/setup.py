"""``hotich init`` and ``hotich dictionary``: what is done once, or when the code changes."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import err, out
from pipeline.texts import Text


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command(
        "init",
        help=str(
            Text(
                "Tạo thư mục dữ liệu và cơ sở dữ liệu (làm lại cũng không sao).",
                "Create the data directory and the database (harmless to repeat).",
            )
        ),
    )(init)
    cli.command(
        "dictionary",
        help=str(
            Text(
                "In từ điển dữ liệu, hoặc các quy tắc (Markdown).",
                "Print the data dictionary, or the rules (Markdown).",
            )
        ),
    )(dictionary)


def init() -> None:
    """Creates home, database and registering units."""
    from cli.home import prepare
    from pipeline.settings import load_settings

    settings = load_settings()
    units = prepare(settings)
    err.print(
        Text("✓ Sẵn sàng: {home} ({units} đơn vị)", "✓ Ready: {home} ({units} units)").format(
            home=settings.resolved_home, units=units
        )
    )


def dictionary(
    rules: Annotated[
        bool, typer.Option("--rules", help=str(Text("Các quy tắc kiểm tra", "The rules")))
    ] = False,
) -> None:
    """Prints docs/data-dictionary.md, or docs/rules.md."""
    from cli.dictionary import data_dictionary
    from cli.rule_table import rule_table

    text = rule_table() if rules else data_dictionary()
    out.print(text, end="", markup=False, soft_wrap=True)
