"""``hotich watch``: takes batches out of a watched folder or bucket, without the desk."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import err, out
from pipeline.errors import HotichError, SettingsError
from pipeline.texts import Text

if TYPE_CHECKING:
    from desk.intake.collecting import Swept


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "watch",
        help=str(
            Text(
                "Nhận các lô nhà thầu đặt vào thư mục hay kho S3 (HOTICH_DESK_WATCH).",
                "Take batches that contractors put into a folder or S3 bucket (HOTICH_DESK_WATCH).",
            )
        ),
    )(watch)


def watch(
    once: Annotated[
        bool, typer.Option("--once", help=str(Text("Xem một lần rồi thôi", "Look once and end")))
    ] = False,
) -> None:
    """Looks, takes and checks until it is told to stop; the desk does the same by itself."""
    from cli.engine import stop_on_signals
    from cli.home import open_home
    from desk.intake.checking import work_off
    from desk.intake.collecting import sweep
    from desk.settings import load_desk_settings

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = load_desk_settings()
    if not options.watch:
        raise SettingsError(
            Text("HOTICH_DESK_WATCH chưa đặt", "HOTICH_DESK_WATCH is not set").format()
        )
    stop = stop_on_signals()
    with open_home() as home:
        err.print(Text("Đang xem {place}", "Watching {place}").format(place=options.watch))
        while True:
            try:
                for again in (True, False):  # taken, checked, and then told
                    swept = sweep(home.database, home.settings, options)
                    if swept is not None:
                        _tell(swept)
                    if again:
                        work_off(home.settings, home.database)
            except (HotichError, OSError) as error:  # the place is away: a share, a bucket
                if once:
                    raise
                err.print(str(error), markup=False)
            if once or stop.wait(options.watch_seconds):
                return


def _tell(swept: Swept) -> None:
    for places, text in (
        (swept.taken, Text("Đã lấy: {place}", "Taken: {place}")),
        (swept.told, Text("Đã trả lời: {place}", "Answered: {place}")),
        (swept.failed, Text("Không lấy được: {place}", "Could not be taken: {place}")),
        (
            swept.strange,
            Text("Không phải thư mục của nhà thầu nào: {place}", "No contractor's folder: {place}"),
        ),
    ):
        for place in places:
            out.print(text.format(place=place), markup=False)
