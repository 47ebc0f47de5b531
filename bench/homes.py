"""Homes with a freshly made book in the queue, for tests and benchmarks of the whole way."""

from __future__ import annotations

from pathlib import Path

from cli.home import prepare
from models import QueueReceipt, canonical_dump, open_database, queue_batch
from pipeline.places import load_gazetteer, registering_unit
from pipeline.scan.batch import read_batch
from pipeline.scan.store import ScanStore
from pipeline.settings import Settings
from samples.batch import write_batches
from samples.book import BookSpec

AS_OF = "2026-01-01"
"""Set as ``as_of`` where homes are compared: midnight may pass between their runs."""


def make_batch(folder: Path, *, scans: int, books: int = 1, dpi: int = 200) -> Path:
    """Print small books of births (A4, 2008) and return the folder of their batch."""
    specs = [
        BookSpec(
            batch="batch",
            path=f"book-{number}",
            unit="Xã Tân Dân",
            district="Huyện An Lão",
            form="birth-158-a4",
            year=2008,
            volume=f"{number + 1:02d}",
            scans=scans,
            dpi=dpi,
            seed=f"homes-{number}",
        )
        for number in range(books)
    ]
    for _ in write_batches(specs, folder):
        pass
    return folder / "batches" / "batch"


def queue_in(settings: Settings, batch: Path) -> QueueReceipt:
    """Make the home of ``settings`` and queue a batch as a contractor would."""
    prepare(settings)
    gazetteer = load_gazetteer(settings.config)
    source = read_batch(
        batch,
        find_unit=lambda unit, district, year: registering_unit(unit, district, year, gazetteer).id,
        store=ScanStore(settings.scan_store),
        settings=settings,
    )
    database = open_database(settings.resolved_database_url)
    try:
        return queue_batch(database, source, contractor="bench")
    finally:
        database.close()


def dump(settings: Settings) -> list[str]:
    """``canonical_dump`` of a home."""
    database = open_database(settings.resolved_database_url)
    try:
        return canonical_dump(database)
    finally:
        database.close()
