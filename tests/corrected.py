"""A small book in a handwriting face, digitized, and corrected from its truth as a person would."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from bench.homes import queue_in
from models import Database, correct_field
from models.tables import Entry, FieldValue, Scan
from pipeline.evaluation.truth import TruthBook, load_truth
from pipeline.settings import Settings
from pipeline.types import ValueState
from samples.batch import write_batches
from samples.book import BookSpec


def handwritten(folder: Path, *, scans: int, hand: str = "hand:patrick-hand") -> Path:
    """Print a small book of births (A4) in a face of a hand; returns the folder of the office."""
    spec = BookSpec(
        batch="batch", path="book", unit="Xã Tân Dân", district="Huyện An Lão",
        form="birth-158-a4", year=2008, volume="01", scans=scans, dpi=200, seed="corrected",
        hand=hand, wear="mild",
    )  # fmt: skip
    for _ in write_batches([spec], folder):
        pass
    return folder


def queued(folder: Path, settings: Settings) -> TruthBook:
    """Queue that book in the home of ``settings``; returns its truth."""
    queue_in(settings, folder / "batches" / "batch")
    (truth,) = load_truth(folder / "truth")
    return truth


def correct(database: Database, truth: TruthBook, scans: range, person: str = "lan") -> int:
    """Set every field of some scans (from 0) as the truth has it; returns how many."""
    query = (
        select(Entry.id, Entry.position, FieldValue.field)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Scan, Scan.id == Entry.scan_id)
    )
    count = 0
    for number in scans:
        scan = truth.scans[number]
        with database.read() as connection:
            rows = connection.execute(query.where(Scan.name == scan.name)).all()
        for entry_id, position, field in rows:
            fields = {one.field: one for one in scan.entries[position].fields}
            true = fields.get(field)
            written = true is not None and true.value is not None
            state = true.state if true is not None else ValueState.BLANK
            correct_field(
                database, entry_id, field,
                value=true.value if written else None,
                state=ValueState.WRITTEN if written else state,
                person=person,
            )  # fmt: skip
            count += 1
    return count
