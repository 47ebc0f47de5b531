"""``hotich init`` and ``hotich dictionary``: what is done once, or when the code changes."""

from __future__ import annotations

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
        help=str(Text("In từ điển dữ liệu (Markdown).", "Print the data dictionary (Markdown).")),
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


def dictionary() -> None:
    """Prints docs/data-dictionary.md."""
    from cli.dictionary import data_dictionary

    out.print(data_dictionary(), end="", markup=False, soft_wrap=True)
