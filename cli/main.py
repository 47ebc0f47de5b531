"""``hotich``: the commands, and what becomes of an error.

Commands import what they need when they run: Prefect alone takes longer to import than most
of them take to answer.
"""

from __future__ import annotations

import errno
import sys

import typer

from cli import (
    adapt,
    audit,
    backup,
    batches,
    calibrate,
    corrections,
    delivered,
    demo,
    desk,
    doctor,
    engine,
    evaluate,
    export,
    forms,
    layout,
    lines,
    links,
    places,
    quality,
    setup,
    show,
    status,
    train,
    users,
    watch,
)
from cli.output import complain
from pipeline.errors import DiskFullError, HotichError
from pipeline.texts import Text

cli = typer.Typer(
    name="hotich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=str(
        Text(
            "Số hóa sổ hộ tịch: nhận lô quét, nhận dạng, chuẩn hóa, nạp vào cơ sở dữ liệu.",
            "Digitizes civil-status registers: scan batches in, checked records out.",
        )
    ),
)
_MODULES = (
    setup, batches, engine, status, show, layout, export, forms, corrections, adapt, train,
    calibrate, evaluate, quality, delivered, lines, links, places, desk, users, watch, audit,
    backup, doctor, demo,
)  # fmt: skip
for module in _MODULES:
    module.register(cli)


def app() -> None:
    """Runs a command; an error leaves as one clear message and its own exit code."""
    try:
        cli()
    except HotichError as error:
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        full = DiskFullError(str(error))
        complain(full)
        sys.exit(full.exit_code)


if __name__ == "__main__":
    app()
