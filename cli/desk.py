"""``hotich desk``: the web page where people review."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from cli.output import err
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from desk.settings import DeskSettings
    from pipeline.settings import Settings

_HEALTH_SECONDS = 5.0


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "desk",
        help=str(
            Text(
                "Mở bàn soát xét (trang web) cho đến khi Ctrl-C.",
                "Serve the review desk (web page) until Ctrl-C.",
            )
        ),
        epilog=str(Text("Thiết lập: HOTICH_DESK_…, xem docs/desk.md.", "Settings: HOTICH_DESK_…")),
    )(desk)


def desk() -> None:
    """Serves the desk alone, beside an engine that runs elsewhere or not at all."""
    from cli.home import open_home
    from desk.serve import address_of, bind, serve
    from desk.settings import load_desk_settings

    options = load_desk_settings()
    with open_home() as home:
        opened = bind(options)
        address = address_of(options, opened)
        say_where(home, address)
        serve(home.settings, home.database, options, opened)


def say_where(home: Home, address: str) -> None:
    """The address, and what is missing to use it."""
    from desk.static_files import missing_packages
    from models.users import list_users

    err.print(Text("Bàn soát xét: {url}", "Review desk: {url}").format(url=address), markup=False)
    if missing_packages():
        err.print(
            Text(
                "[yellow]![/] Thiếu gói của trang web: chạy './run setup'.",
                "[yellow]![/] Packages of the web page are missing: run './run setup'.",
            ).format()
        )
    if not list_users(home.database):
        err.print(
            Text(
                "[yellow]![/] Chưa có người dùng: './run hotich user add TÊN --role admin'.",
                "[yellow]![/] No users yet: './run hotich user add NAME --role admin'.",
            ).format()
        )


@contextmanager
def desk_beside(home: Home) -> Iterator[str]:
    """The desk as a watched child process while something else goes on here; its address.

    It is restarted where it dies, and never outlives this process.

    Raises:
        DeskAddressError: its address is taken.
    """
    from desk.serve import address_of, bind
    from desk.settings import load_desk_settings
    from flows.children import ChildSpec, Supervisor

    options = load_desk_settings()
    opened = bind(options)  # said now, not in a log
    port = int(opened.getsockname()[1])
    address = address_of(options, opened)
    opened.close()
    logs = home.settings.resolved_home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(_environment(home.settings, port), logs)
    command = (sys.executable, "-m", "cli.main", "desk")
    supervisor.add(
        ChildSpec(
            "desk", command, signal.SIGTERM, 10.0, answers=lambda: is_answering(options, port)
        )
    )
    try:
        yield address
    finally:
        supervisor.stop()


def is_answering(options: DeskSettings, port: int) -> bool:
    """Whether a desk answers at the port."""
    host = options.host if options.host not in ("0.0.0.0", "::") else "127.0.0.1"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{host}:{port}/health", timeout=_HEALTH_SECONDS) as answer:
            return bool(json.load(answer)["ok"])
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False


def _environment(settings: Settings, port: int) -> dict[str, str]:
    from flows.engine import settings_environment
    from pipeline.settings import PROJECT

    plain = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    return plain | settings_environment(settings) | {
        "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", "HOTICH_DESK_PORT": str(port),
    }  # fmt: skip
