"""``hotich queue``: a contractor hands over a batch and sees at once what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import bar, complain, err, out, print_json
from pipeline.texts import Text

if TYPE_CHECKING:
    from cli.home import Home
    from models.queueing import QueueReceipt
    from pipeline.scan.report import BatchSource


def register(cli: typer.Typer) -> None:
    """Adds the command."""
    cli.command(
        "queue",
        help=str(
            Text(
                "Nhận một lô quét: thư mục hoặc zip có manifest.csv.",
                "Queue a batch of scans: a folder or zip with a manifest.csv.",
            )
        ),
        epilog="manifest.csv: path,unit,district,kind,year,volume,note",
    )(queue)


def queue(
    batch: Annotated[Path, typer.Argument(metavar="DIR|ZIP")],
    contractor: Annotated[
        str, typer.Option("--contractor", help=str(Text("Đơn vị quét", "Who scanned it")))
    ] = "–",
    json_: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Queues what can be used; exit code of the first refusal where any book was refused."""
    from cli.home import open_home

    with open_home() as home:
        source, receipt = queue_one(home, batch, contractor)
    if json_:
        print_json(_as_data(source, receipt))
    else:
        _tell(source, receipt)
    errors = [item.error for item in source.refused] + [item.error for item in receipt.refused]
    if errors:
        raise typer.Exit(errors[0].exit_code)
    if receipt.already and not receipt.queued:
        raise typer.Exit(receipt.already[0].error.exit_code)


def queue_one(home: Home, batch: Path, contractor: str) -> tuple[BatchSource, QueueReceipt]:
    """Reads a batch into the scan store and puts its books into the queue."""
    from models.queueing import queue_batch
    from pipeline.places import load_gazetteer, registering_unit
    from pipeline.scan.batch import read_batch
    from pipeline.scan.store import ScanStore

    gazetteer = load_gazetteer(home.settings.config)

    def find_unit(unit: str, district: str, year: int) -> str:
        return registering_unit(unit, district, year, gazetteer).id

    with bar() as progress:
        task = progress.add_task(str(Text("Đọc lô", "Reading batch")), total=None)
        source = read_batch(
            batch,
            find_unit=find_unit,
            store=ScanStore(home.settings.scan_store),
            settings=home.settings,
            progress=lambda done, total, _: progress.update(task, completed=done, total=total),
        )
    return source, queue_batch(home.database, source, contractor=contractor)


def _as_data(source: BatchSource, receipt: QueueReceipt) -> dict[str, Any]:
    def refused(where: str, error: Any) -> dict[str, Any]:
        return {
            "where": where,
            "code": error.code,
            "exit_code": error.exit_code,
            "what": error.what(),
            "advice": error.what_to_do(),
        }

    return {
        "batch": receipt.batch_id,
        "name": source.name,
        "books": [
            {"book": book.code, "path": book.path, "pages": book.scans} for book in receipt.queued
        ],
        "pages": receipt.scans,
        "already": [
            {"book": book.code, **refused(book.path, book.error)} for book in receipt.already
        ],
        "refused": [refused(item.where, item.error) for item in source.refused]
        + [refused(item.path, item.error) for item in receipt.refused],
        "notices": [
            {"code": item.code, "where": item.where, "what": str(item)} for item in source.warnings
        ],
    }


def _tell(source: BatchSource, receipt: QueueReceipt) -> None:
    for book in receipt.queued:
        out.print(
            Text("[green]✓[/] {code}  {n} ảnh  ({path})", "[green]✓[/] {code}  {n} scans  ({path})")
            .format(code=book.code, n=book.scans, path=book.path)
        )  # fmt: skip
    for known in receipt.already:
        out.print(
            Text("[dim]= {path}: đã có ({code})[/]", "[dim]= {path}: already here ({code})[/]")
            .format(path=known.path, code=known.code)
        )  # fmt: skip
    for item in source.warnings:
        err.print("[yellow]![/]", str(item), markup=True)
    for refusal in source.refused:
        complain(refusal.error)
    for refused in receipt.refused:
        complain(refused.error)
    out.print(
        Text(
            "Lô {batch}: nhận {books} quyển, {scans} ảnh; đã có {already}; từ chối {refused}.",
            "Batch {batch}: {books} books, {scans} scans queued; {already} already here; "
            "{refused} refused.",
        ).format(
            batch=receipt.batch_id or "–",
            books=len(receipt.queued),
            scans=receipt.scans,
            already=len(receipt.already),
            refused=len(receipt.refused) + len(source.refused),
        )
    )
