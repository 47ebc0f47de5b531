"""Checking a delivery and queueing it: in a process of its own, because files may be hostile.

What is found is kept with the delivery; a checker that is killed leaves nothing half-done.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.intake.covers import Covers, with_covers
from desk.intake.room import IntakeRoom, build_tree
from desk.intake.said import notice_of, said_of
from models.database import Database, open_database
from models.deliveries import (
    AT_WORK,
    DeliveryView,
    beat_delivery,
    claim_delivery,
    drop_files,
    load_delivery,
    move_delivery,
)
from models.delivery_files import files_of
from models.planning import refuse_foreign
from models.queueing import queue_batch
from models.states import DeliveryState
from models.watched import is_watched
from pipeline.errors import ForeignBookError, HotichError, IntakeError, ManifestError, NoPagesError
from pipeline.places import load_gazetteer, registering_unit
from pipeline.scan.batch import read_listing
from pipeline.scan.guess import Guess, guess_books
from pipeline.scan.listing import Listing, batch_root, list_books, list_rows
from pipeline.scan.manifest import COLUMNS, Row
from pipeline.scan.report import BatchSource, FindUnit, Refusal
from pipeline.scan.store import ScanStore
from pipeline.settings import Settings
from pipeline.texts import Text
from pipeline.types import Kind

LEASE_SECONDS = 120.0
_BEAT_SECONDS = 1.0
_MOST_ATTEMPTS = 3
"""A delivery whose checker died so often has a file that kills it."""
_MOST_NOTICES = 500


class TakenAwayError(Exception):
    """The contractor has withdrawn the delivery meanwhile."""


@dataclass(frozen=True)
class Checker:
    """Who checks, and with what."""

    db: Database
    settings: Settings
    owner: str

    @property
    def room(self) -> IntakeRoom:
        """Where deliveries lie."""
        return IntakeRoom.of(self.settings)

    def unit_finder(self, delivery: DeliveryView | None = None) -> FindUnit:
        """Unit and district as written to a unit's id; only those of the contractor."""
        gazetteer = load_gazetteer(self.settings.config)

        def find_unit(unit: str, district: str, year: int) -> str:
            found = registering_unit(unit, district, year, gazetteer)
            if delivery is not None and delivery.units and found.id not in delivery.units:
                raise ForeignBookError(
                    Text("{unit} không thuộc các đơn vị được giao", "{unit} is not one of yours")
                    .format(unit=f"{unit}, {district}" if district else unit)
                )  # fmt: skip
            return found.id

        return find_unit

    def progress(self, delivery_id: int) -> Callable[[int, int, str], None]:
        """Keeps the claim alive and tells how far it is."""
        last = 0.0

        def tell(done: int, total: int, _name: str) -> None:
            nonlocal last
            if time.monotonic() < last + _BEAT_SECONDS:
                return
            last = time.monotonic()
            if not beat_delivery(self.db, delivery_id, self.owner, LEASE_SECONDS, done, total):
                raise TakenAwayError

        return tell


def work_off(settings: Settings, database: Database | None = None) -> int:
    """Check and queue all deliveries that wait; returns how many."""
    db = database or open_database(settings.resolved_database_url)
    checker = Checker(db, settings, f"{platform.node()}:{os.getpid()}:{time.time_ns()}")
    count = 0
    try:
        while claimed := claim_delivery(db, checker.owner, LEASE_SECONDS):
            number, attempt = claimed
            _one(checker, load_delivery(db, number), attempt)
            count += 1
    finally:
        if database is None:
            db.close()
    return count


def _one(checker: Checker, delivery: DeliveryView, attempt: int) -> None:
    try:
        if attempt > _MOST_ATTEMPTS:
            raise IntakeError(
                Text(
                    "một tệp trong lô làm hỏng chương trình kiểm tra",
                    "a file of the delivery ends the checking program",
                ).format()
            )
        if delivery.state is DeliveryState.QUEUEING:
            _queue(checker, delivery)
        else:
            _check(checker, delivery)
    except TakenAwayError:
        return
    except HotichError as error:
        report = {"refused": [said_of(error)], "notices": []}
        move_delivery(
            checker.db, delivery.id, DeliveryState.FAILED, actor=checker.owner, of=AT_WORK,
            report=report,
        )  # fmt: skip


def _check(checker: Checker, delivery: DeliveryView) -> None:
    """Look at all files, say what the books are and what is wrong with them."""
    tell = checker.progress(delivery.id)
    tree, refused = build_tree(
        checker.room, delivery.id, files_of(checker.db, delivery.id), checker.settings, tell
    )
    find_unit = checker.unit_finder(delivery)
    listing, rows, source_of_rows = _rows(checker, delivery, tree)
    found = read_listing(
        listing,
        delivery.name,
        find_unit=find_unit,
        store=None,
        settings=checker.settings,
        progress=tell,
        may_take=_may_take(checker, delivery, duplicates=True),
    )
    if not rows and not refused:
        raise NoPagesError(Text("không có ảnh quét nào", "there is no scan in it").format())
    report = {
        "refused": [said_of(one.error, one.where) for one in (*refused, *_odd(found, rows))],
        "notices": [notice_of(one) for one in found.warnings[:_MOST_NOTICES]],
        "more_notices": max(0, len(found.warnings) - _MOST_NOTICES),
        "rows_from": source_of_rows,
    }
    books = _books(rows, listing, found)
    move_delivery(
        checker.db, delivery.id, DeliveryState.CHECKED, actor=checker.owner, of=AT_WORK,
        books=books, report=report,
    )  # fmt: skip
    # Nobody sits before a watched folder: with a manifest its contractor has said it all.
    told = source_of_rows in ("manifest", "names")
    good = any(book["scans"] and not book["error"] for book in books)
    if told and good and is_watched(checker.db, delivery.id):
        move_delivery(
            checker.db, delivery.id, DeliveryState.QUEUEING, actor=checker.owner,
            of=(DeliveryState.CHECKED,),
        )  # fmt: skip


def _queue(checker: Checker, delivery: DeliveryView) -> None:
    """Keep the originals in the scan store and put the books into the queue."""
    tell = checker.progress(delivery.id)
    tree, _refused = build_tree(
        checker.room, delivery.id, files_of(checker.db, delivery.id), checker.settings, tell
    )
    listing, _, _ = _rows(checker, delivery, tree)
    store = ScanStore(checker.settings.scan_store)
    source = read_listing(
        listing,
        delivery.name,
        find_unit=checker.unit_finder(delivery),
        store=store,
        settings=checker.settings,
        progress=tell,
        may_take=_may_take(checker, delivery, duplicates=False),
        move=True,
    )
    tell(1, 1, "")
    receipt = queue_batch(checker.db, source, contractor=delivery.contractor)
    wrong = [Refusal(one.path, one.error) for one in (*receipt.already, *receipt.refused)]
    if receipt.queued:
        wrong = [Refusal(one.path, one.error) for one in receipt.refused]
    report = {
        "refused": [said_of(one.error, one.where) for one in (*source.refused, *wrong)],
        "notices": [notice_of(one) for one in source.warnings[:_MOST_NOTICES]],
        "rows_from": delivery.report.get("rows_from", "rows"),
    }
    state = DeliveryState.QUEUED if receipt.batch_id is not None else DeliveryState.FAILED
    moved = move_delivery(
        checker.db, delivery.id, state, actor=checker.owner, of=AT_WORK, report=report,
        batch_id=receipt.batch_id,
    )  # fmt: skip
    if moved and state is DeliveryState.QUEUED:
        with checker.db.write() as connection:
            drop_files(connection, delivery.id)
        checker.room.throw_away(delivery.id)


def _rows(
    checker: Checker, delivery: DeliveryView, tree: Path
) -> tuple[Listing, list[dict[str, Any]], str]:
    """Which files make which book: as the contractor confirmed, as written, or as guessed."""
    root, manifest = batch_root(tree)
    guessed = delivery.report.get("rows_from") == "guess"
    confirmed = [book for book in delivery.books if book.get("confirmed")]
    if confirmed:
        rows = [
            Row(book["where"], *(str(book[column]) for column in COLUMNS)) for book in confirmed
        ]
        kept = [{**book, "missing": []} for book in confirmed]
        if not guessed:
            return list_rows(root, rows, (), manifest), kept, delivery.report["rows_from"]
        paths = {book["path"] for book in confirmed}
        for guess, said in _guesses(checker, delivery, tree, but=paths):  # files have come since
            rows.append(guess.row)
            kept.append({**_row(guess.row), "missing": list(guess.missing), **said})
        return list_rows(tree, rows), kept, "guess"
    try:
        listing = list_books(tree, delivery.name)
    except ManifestError:
        if manifest is not None:
            raise
    else:
        source = "manifest" if manifest else "names"
        return listing, [_row(one.row) for one in listing.books], source
    guesses = _guesses(checker, delivery, tree)
    books = [{**_row(one.row), "missing": list(one.missing), **said} for one, said in guesses]
    return list_rows(tree, [one.row for one, _ in guesses]), books, "guess"


def _guesses(
    checker: Checker, delivery: DeliveryView, tree: Path, but: Collection[str] = ()
) -> list[tuple[Guess, dict[str, Any]]]:
    """Books by their names and covers, but those of some paths."""
    named = guess_books(tree, delivery.name, checker.unit_finder())
    guesses = [one for one in named if one.row.path not in but]
    listing = list_rows(tree, [one.row for one in guesses])
    covers = Covers.of(checker.settings)
    return with_covers(guesses, listing.books, covers, checker.progress(delivery.id))


def _row(row: Row) -> dict[str, Any]:
    return {"where": row.where, "missing": [], **{name: getattr(row, name) for name in COLUMNS}}


def _books(
    rows: Sequence[dict[str, Any]], listing: Listing, found: BatchSource
) -> list[dict[str, Any]]:
    """The rows with what was found of each: unit, scans, digest, or the reason of its refusal."""
    taken = {book.path: book for book in found.books}
    errors = {one.where: one.error for one in found.refused}
    files = {one.row.where: len(one.files) for one in listing.books}
    books = []
    for row in rows:
        book = taken.get(row["path"])
        error = errors.get(row["where"])
        books.append(
            {
                **row,
                "files": files.get(row["where"], 0),
                "scans": len(book.scans) if book else 0,
                "unit_id": book.unit_id if book else "",
                "digest": book.digest if book else "",
                "error": said_of(error, row["path"]) if error else None,
            }
        )
    return books


def _odd(found: BatchSource, rows: Sequence[dict[str, Any]]) -> list[Refusal]:
    """Refusals that belong to no row."""
    known = {row["where"] for row in rows}
    return [one for one in found.refused if one.where not in known]


def _may_take(
    checker: Checker, delivery: DeliveryView, *, duplicates: bool
) -> Callable[[str, Kind, int, str], None]:
    def may_take(unit_id: str, kind: Kind, year: int, volume: str) -> None:
        refuse_foreign(
            checker.db, delivery.contractor_id, unit_id, kind, year, volume, duplicates=duplicates
        )

    return may_take
