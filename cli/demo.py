"""``hotich demo``: the whole way on the sample books, as a contractor and a supervisor see it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.engine import live_progress, stop_on_signals
from cli.output import complain, err, out
from cli.status import book_table, unit_table
from pipeline.errors import MissingFileError
from pipeline.settings import PROJECT
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home

SAMPLES = PROJECT / "samples" / "batches"
CONTRACTORS = ("Công ty Số hóa Bạch Đằng (mẫu)", "Trung tâm Lưu trữ Cấm Giang (mẫu)")


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "demo",
        help=str(
            Text("Chạy thử toàn bộ với các sổ mẫu.", "Try the whole way on the sample books.")
        ),
    )(demo)


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help=str(Text("Dừng sau bảng tổng kết", "End after the summary"))),
    ] = False,
) -> None:
    """Queues the samples, digitizes them with the local engine, sums up."""
    from cli.home import open_home, prepare
    from flows.dispatch import run_all
    from pipeline.settings import load_settings

    settings = load_settings().model_copy(update={"engine": "local"})
    prepare(settings)
    stay = sys.stdin.isatty() and sys.stdout.isatty() and not once
    with open_home(settings) as home:
        _queue_samples(home)
        addresses: list[str] = []
        if stay:
            _serve(home)
            return
        with live_progress() as show:
            outcome = run_all(settings, progress=show, say=addresses.append)
        _summary(home)
        _where(home, next((line for line in addresses if line.startswith("http")), ""))
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def _queue_samples(home: Home) -> None:
    """As a contractor would; what is queued already is not queued again."""
    from cli.batches import queue_one

    batches = sorted(
        path for path in SAMPLES.iterdir() if path.suffix == ".zip" or path.is_dir()
    ) if SAMPLES.is_dir() else []  # fmt: skip
    if not batches:
        raise MissingFileError(str(SAMPLES.relative_to(PROJECT)))
    for number, batch in enumerate(batches):
        source, receipt = queue_one(home, batch, CONTRACTORS[number % len(CONTRACTORS)])
        name = Path(batch).name
        if receipt.queued:
            text = Text(
                "Lô {name}: {books} quyển, {scans} ảnh.",
                "Batch {name}: {books} books, {scans} scans.",
            )
            err.print(text.format(name=name, books=len(receipt.queued), scans=receipt.scans))
        else:
            err.print(Text("Lô {name}: đã có.", "Batch {name}: already here.").format(name=name))
        for refusal in source.refused:
            complain(refusal.error)


def _serve(home: Home) -> None:
    """Keeps the engine after the summary and serves the desk, until Ctrl-C."""
    from cli.demo_users import tell_demo_users
    from cli.desk import desk_beside, say_where
    from flows.dispatch import serve
    from models import UnitProgress, pending_books

    stop = stop_on_signals()
    addresses: list[str] = []
    summed_up = False

    with ExitStack() as stack:
        show = stack.enter_context(live_progress())

        def watch(rows: list[UnitProgress]) -> None:
            nonlocal summed_up
            if summed_up:
                return
            show(rows)
            if not pending_books(home.database):
                summed_up = True
                show([])
                _summary(home)
                _where(home, addresses[-1] if addresses else "")
                say_where(home, stack.enter_context(desk_beside(home)))
                tell_demo_users(home)
                err.print(Text("Ctrl-C để dừng.", "Ctrl-C ends it.").format())

        serve(home.settings, stop, progress=watch, say=addresses.append)


def _summary(home: Home) -> None:
    """Books, pages, entries, fields accepted and for review, rescans; per registering unit."""
    from models import book_progress, progress, rescan_list

    out.rule(str(Text("Tổng kết", "Summary")))
    out.print(unit_table(progress(home.database)))
    out.print()
    out.print(book_table(book_progress(home.database)))
    rescans = rescan_list(home.database)
    if rescans:
        out.print()
        out.print(
            Text("{n} ảnh phải quét lại ('hotich show rescan'):",
                 "{n} scans to be made again ('hotich show rescan'):").format(n=len(rescans))
        )  # fmt: skip
        for scan in rescans:
            out.print(f"  {scan.book} {scan.name}: {', '.join(scan.reasons)}", markup=False)


def _where(home: Home, address: str) -> None:
    """Where to look on."""
    from flows.supervise import running_engine

    engine = running_engine(home.settings)
    if engine is not None:
        address = str(engine.get("ui_url", address))
        out.print(Text("Giao diện Prefect: {url}", "Prefect's web page: {url}").format(url=address))
    else:
        out.print(
            Text(
                "Bàn soát xét và giao diện Prefect: './run hotich up' (Prefect vừa rồi: {url}).",
                "Review desk and Prefect's page: './run hotich up' (Prefect this time: {url}).",
            ).format(url=address or "–")
        )
    out.print(Text("Dữ liệu: {home}", "Data: {home}").format(home=home.settings.resolved_home))
