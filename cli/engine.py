"""``hotich up``, ``run`` and ``worker``: who does the work, and until when."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from cli.output import err, print_json
from cli.status import unit_table
from pipeline.errors import PageError
from pipeline.texts import Text

if TYPE_CHECKING:
    from flows.dispatch import RunOutcome
    from models import UnitProgress
    from pipeline.settings import Settings


class EngineName(StrEnum):
    """Choices of ``--engine``."""

    INLINE = "inline"
    LOCAL = "local"
    CLUSTER = "cluster"


def register(cli: typer.Typer) -> None:
    """Adds the commands."""
    cli.command(
        "run",
        help=str(
            Text(
                "Số hóa mọi thứ đang chờ cho đến khi hết.",
                "Digitize what is queued until nothing is left.",
            )
        ),
        epilog=str(
            Text(
                "Mã thoát: 0 xong; 20 có ảnh không xử lý được; khác: xem lỗi.",
                "Exit code: 0 all done; 20 some scans could not be digitized; else see the error.",
            )
        ),
    )(run)
    cli.command(
        "up",
        help=str(
            Text(
                "Chạy bộ máy (Prefect), bàn soát xét và xử lý hàng đợi cho đến khi Ctrl-C.",
                "Run engine (Prefect) and review desk, work off the queue until Ctrl-C.",
            )
        ),
    )(up)
    cli.command(
        "worker",
        help=str(Text("Chạy một tiến trình xử lý của cụm máy.", "Run one worker of a cluster.")),
    )(worker)


def run(
    batch: Annotated[
        int | None, typer.Option("--batch", help=str(Text("Chỉ lô này", "Only this batch")))
    ] = None,
    engine: Annotated[EngineName | None, typer.Option("--engine")] = None,
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Digitizes; what was done before is not done again."""
    from cli.home import open_home
    from flows.dispatch import run_all
    from models import batch_progress, stuck_scans
    from models.states import ScanState

    with open_home(_settings(engine)) as home:
        with live_progress() as show:
            outcome = run_all(home.settings, batch, progress=show, say=_say)
        broken = stuck_scans(home.database, (ScanState.QUARANTINED,), batch=batch)
        if json_:
            print_json(_as_data(outcome, len(broken)))
        else:
            _tell(outcome, len(broken))
            if not batch_progress(home.database, batch):
                err.print(Text("Hàng đợi trống.", "Nothing was ever queued.").format())
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)
    if broken:
        raise typer.Exit(PageError.exit_code)


def _settings(engine: EngineName | None) -> Settings:
    from pipeline.settings import load_settings

    settings = load_settings()
    return settings if engine is None else settings.model_copy(update={"engine": engine.value})


def _say(message: str) -> None:
    err.print(f"[dim]{message}[/]")


def _as_data(outcome: RunOutcome, broken: int) -> dict[str, object]:
    return {
        "books": outcome.books,
        "failed": [
            {"book": book.code, "error": book.error, "what": book.text} for book in outcome.failed
        ],
        "quarantined": broken,
    }


def _tell(outcome: RunOutcome, broken: int) -> None:
    err.print(Text("✓ Xong {n} quyển.", "✓ {n} books finished.").format(n=outcome.books))
    for book in outcome.failed:
        err.print(f"[red]✗[/] {book.code}: {book.text}")
    if broken:
        err.print(
            Text(
                "[yellow]![/] {n} ảnh không xử lý được: 'hotich show stuck'.",
                "[yellow]![/] {n} scans could not be digitized: 'hotich show stuck'.",
            ).format(n=broken)
        )


@contextmanager
def live_progress() -> Iterator[Callable[[Sequence[UnitProgress]], None]]:
    """A table of the units that redraws itself; silent where nobody watches."""
    if not err.is_terminal:
        yield lambda _rows: None
        return
    with Live(console=err, auto_refresh=False, transient=True) as live:
        yield lambda rows: live.update(unit_table(rows), refresh=True)


def up(
    desk: Annotated[
        bool,
        typer.Option("--desk/--no-desk", help=str(Text("Kèm bàn soát xét", "With the desk"))),
    ] = True,
) -> None:
    """Serves until it is told to stop."""
    from cli.desk import desk_beside, say_where
    from cli.home import open_home
    from flows.dispatch import serve

    with ExitStack() as stack:
        home = stack.enter_context(open_home(_with_server()))
        stop = stop_on_signals()
        if desk:
            say_where(home, stack.enter_context(desk_beside(home)))
        show = stack.enter_context(live_progress())
        serve(home.settings, stop, progress=show, say=_say)


def _with_server() -> Settings:
    """Somebody who says ``up`` wants an engine: local unless the cluster is set."""
    from pipeline.settings import load_settings

    settings = load_settings()
    return (
        settings.model_copy(update={"engine": "local"}) if settings.engine == "inline" else settings
    )


def stop_on_signals() -> threading.Event:
    """An event set by Ctrl-C or ``kill``; a second Ctrl-C interrupts as usual."""
    stop = threading.Event()

    def ask(signum: int, _frame: object) -> None:
        stop.set()
        signal.signal(signum, signal.SIG_DFL)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def worker(
    limit: Annotated[
        int,
        typer.Option("--limit", help=str(Text("Số quyển cùng lúc", "Books at the same time"))),
    ] = 1,
) -> None:
    """Waits for books of the cluster at PREFECT_API_URL."""
    from flows.supervise import run_worker
    from pipeline.settings import load_settings

    settings = load_settings().model_copy(update={"engine": "cluster"})
    raise typer.Exit(run_worker(settings, limit))
