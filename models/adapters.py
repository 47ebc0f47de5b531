"""Adapters of the handwriting net: which are in force, and how one takes another's place.

The files lie in the home under their digest; a row without its file is no harm, because who
reads falls back to the weights themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.counters import DECIDED
from models.database import Database
from models.entries import OPEN_DECISIONS
from models.locks import Lock, take
from models.queueing import make_ready
from models.states import AdapterState, ScanState
from models.tables import Adapter, Book, BookCounter, Entry, FieldValue, Maker, Scan

OFFICE = "office"
"""Subject of the audit events of what the whole office has taught."""
_READ_BY_HAND = "hand%"
"""Readers whose readings an adapter may change."""


@dataclass(frozen=True)
class NewAdapter:
    """What came of learning one hand; columns as in the table."""

    state: AdapterState
    hand: int
    scans: tuple[int, ...]
    base: str
    digest: str | None
    data_digest: str
    fields: int
    lines: int
    before: float | None = None
    after: float | None = None
    seconds: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AdapterRecord(NewAdapter):
    """The same as it stands in the database."""

    id: int = 0
    version: int = 0
    reviewed: int = 0
    created_at: str = ""
    """ISO 8601, UTC."""
    created_by: str = ""


def adapters_of(db: Database, book_id: int | None) -> list[AdapterRecord]:
    """All attempts over a book, or of the office (None), oldest first."""
    with db.read() as connection:
        rows = connection.execute(
            select(Adapter.__table__).where(_of(book_id)).order_by(Adapter.id)
        ).mappings()
        return [_record(row) for row in rows]


def adapters_in_force(db: Database, book_id: int | None, base: str) -> list[AdapterRecord]:
    """What the scans of a book are read with, and the hands that are read without.

    The active ones, and those of the last time of learning that were rolled back: they say
    which scans need none. Adapters of other base weights are left out.
    """
    of_base = [one for one in adapters_of(db, book_id) if one.base == base]
    last = max((one.version for one in of_base if one.state not in _UNTRIED), default=0)
    return [
        one
        for one in of_base
        if one.state is AdapterState.ACTIVE
        or (one.state is AdapterState.ROLLED_BACK and one.version == last)
    ]


def active_digests(db: Database) -> dict[str, str]:
    """Digests of all adapters in force, each with the code of its book, or ``office``."""
    query = (
        select(Adapter.digest, func.coalesce(Book.code, OFFICE))
        .outerjoin(Book, Book.id == Adapter.book_id)
        .where(_ACTIVE, Adapter.digest.is_not(None))
        .order_by(Adapter.id)
    )
    with db.read() as connection:
        return {str(digest): of for digest, of in connection.execute(query)}


def save_adapters(
    db: Database,
    book_id: int | None,
    learned: Sequence[NewAdapter],
    *,
    reviewed: int,
    still: Collection[int] = (),
    actor: str,
) -> int:
    """Keep what came of a time of learning, and send to the readers what it may change.

    All in one transaction: new adapters take the place of the active ones, and scans of the
    book with open handwritten fields go back into the queue; a person's words stay.

    Args:
        db: the database.
        book_id: the book; None for the office.
        learned: one a hand.
        reviewed: fields of the book that a person had set.
        still: ids of active adapters that stay active beside the new ones.
        actor: who asked for it, or the run of the engine.

    Returns:
        Scans that are to be read again.
    """
    with db.write() as connection:
        take(connection, Lock.ADAPTERS)
        kept = any(one.state is AdapterState.ACTIVE for one in learned)
        scans = 0
        if kept and book_id is not None:
            scans = _read_again(connection, book_id)
        if kept:
            connection.execute(
                update(Adapter)
                .where(_of(book_id), _ACTIVE, Adapter.id.not_in(list(still)))
                .values(state=AdapterState.SUPERSEDED)
            )
        version = _last_version(connection, book_id) + 1
        for one in learned:
            connection.execute(
                insert(Adapter).values(
                    **_columns(one), book_id=book_id, version=version, reviewed=reviewed,
                    created_at=Now(), created_by=actor,
                )
            )  # fmt: skip
        detail = {
            "version": version,
            "reviewed": reviewed,
            "scans": scans,
            "hands": [
                {
                    "hand": one.hand, "state": str(one.state), "digest": one.digest,
                    "base": one.base, "data": one.data_digest, "fields": one.fields,
                    "before": one.before, "after": one.after,
                }
                for one in learned
            ],
        }  # fmt: skip
        record_event(connection, actor, "hand.learned", _subject(connection, book_id), detail)
        return scans


def revert_adapters(db: Database, book_id: int | None, *, actor: str) -> tuple[int, int]:
    """Take back what is in force of a book or of the office.

    A book is then read with the office's adapter or the weights themselves, the office with
    the version in force before. Returns how many were taken back and how many scans go back
    into the queue.
    """
    with db.write() as connection:
        take(connection, Lock.ADAPTERS)
        active = connection.execute(
            select(Adapter.id, Adapter.version, Adapter.detail).where(_of(book_id), _ACTIVE)
        ).all()
        if not active:
            return 0, 0
        scans = 0 if book_id is None else _read_again(connection, book_id)
        connection.execute(
            update(Adapter).where(_of(book_id), _ACTIVE).values(state=AdapterState.REVERTED)
        )
        before = None if book_id is not None else _version_before(connection, active[0].version)
        if before is not None:
            connection.execute(
                update(Adapter)
                .where(_of(None), Adapter.version == before)
                .values(state=AdapterState.ACTIVE)
            )
        detail = {"version": max(row.version for row in active), "to": before, "scans": scans}
        record_event(connection, actor, "hand.reverted", _subject(connection, book_id), detail)
        return len(active), scans


def use_office_version(db: Database, version: int, *, actor: str) -> bool:
    """Make an earlier version of the office's the one in force; 0 is that of the installation.

    Returns False, with nothing changed, where there is no such version or it has no file.
    """
    with db.write() as connection:
        take(connection, Lock.ADAPTERS)
        wanted = (_of(None), Adapter.version == version, Adapter.digest.is_not(None))
        if version and connection.execute(select(Adapter.id).where(*wanted)).first() is None:
            return False
        connection.execute(
            update(Adapter).where(_of(None), _ACTIVE).values(state=AdapterState.SUPERSEDED)
        )
        connection.execute(update(Adapter).where(*wanted).values(state=AdapterState.ACTIVE))
        record_event(connection, actor, "hand.used", OFFICE, {"version": version})
        return True


def due_books(
    db: Database,
    base: str,
    *,
    first: int,
    growth: float,
    book_id: int | None = None,
    batch: int | None = None,
) -> list[int]:
    """Books whose hand may be learned (again): enough reviewed since, and fields still open.

    Reckoned from counters alone, so that asking costs nothing. Whether a reviewed field is
    handwriting shows when its scan is looked at; an attempt that found too little waits for
    growth like any other.

    Args:
        db: the database.
        base: weights in use; what was learned for others does not count.
        first: fields a person must have set for the first time of learning.
        growth: times as many as at the last time, for the next.
        book_id: only this book.
        batch: only books of this batch.
    """
    last = func.coalesce(func.max(Adapter.reviewed), 0)
    query = (
        select(Book.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .outerjoin(Adapter, (Adapter.book_id == Book.id) & (Adapter.base == base))
        .where(
            BookCounter.fields_person >= first,
            BookCounter.fields_review + BookCounter.fields_unreadable > 0,
        )
        .group_by(Book.id, BookCounter.fields_person)
        .having(BookCounter.fields_person >= growth * last)
        .order_by(Book.id)
    )
    if book_id is not None:
        query = query.where(Book.id == book_id)
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    with db.read() as connection:
        return list(connection.execute(query).scalars())


def wake_book(db: Database, book_id: int, *, actor: str, reason: str = "learn") -> bool:
    """Put a finished book back into the queue without any scan; False where it is there.

    The run over it learns its hand first where that is due, decides then what is read again, and
    checks the book as a whole.
    """
    with db.write() as connection:
        if (
            connection.execute(
                select(Book.finished_at).where(Book.id == book_id).with_for_update()
            ).scalar_one()
            is None
        ):
            return False  # fmt: skip
        code = make_ready(connection, book_id, [])
        record_event(connection, actor, "book.requeued", code, {"scans": 0, "reason": reason})
        return True


_UNTRIED = (AdapterState.SKIPPED, AdapterState.FAILED)
_ACTIVE = Adapter.state == AdapterState.ACTIVE


def _of(book_id: int | None) -> ColumnElement[bool]:
    return Adapter.book_id.is_(None) if book_id is None else Adapter.book_id == book_id


def _read_again(connection: Connection, book_id: int) -> int:
    """Queue the read scans of a book that have an open handwritten field."""
    open_by_hand = (
        select(Scan.id)
        .join(Entry, Entry.scan_id == Scan.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(
            Scan.book_id == book_id,
            Scan.state == ScanState.READ,
            DECIDED.in_([str(decision) for decision in OPEN_DECISIONS]),
            Maker.reader.like(_READ_BY_HAND),
        )
        .distinct()
    )
    scan_ids = sorted(connection.execute(open_by_hand).scalars())
    if scan_ids:
        make_ready(connection, book_id, scan_ids)
    return len(scan_ids)


def _last_version(connection: Connection, book_id: int | None) -> int:
    last = select(func.coalesce(func.max(Adapter.version), 0)).where(_of(book_id))
    return int(connection.execute(last).scalar_one())


def _version_before(connection: Connection, version: int) -> int | None:
    """The office's version that ``version`` took the place of; None where it was the first."""
    before = select(func.max(Adapter.version)).where(
        _of(None), Adapter.version < version, Adapter.state == AdapterState.SUPERSEDED
    )
    return connection.execute(before).scalar()


def _subject(connection: Connection, book_id: int | None) -> str:
    if book_id is None:
        return OFFICE
    return str(connection.execute(select(Book.code).where(Book.id == book_id)).scalar_one())


def _columns(one: NewAdapter) -> dict[str, Any]:
    return {
        "state": one.state,
        "hand": one.hand,
        "scans": list(one.scans),
        "base": one.base,
        "digest": one.digest,
        "data_digest": one.data_digest,
        "fields": one.fields,
        "lines": one.lines,
        "before": one.before,
        "after": one.after,
        "seconds": one.seconds,
        "detail": one.detail,
    }


def _record(row: RowMapping) -> AdapterRecord:
    columns = {name: value for name, value in row.items() if name != "book_id"}
    columns["scans"] = tuple(columns["scans"])
    columns["state"] = AdapterState(columns["state"])
    columns["created_at"] = columns["created_at"].isoformat(timespec="seconds")
    return AdapterRecord(**columns)
