"""Taking a batch into the queue, and which book comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, literal, or_, select, text, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans, open_counters
from models.database import Database
from models.locks import Lock, take
from models.naming import book_code, volume_key
from models.states import BookState, JobState, ScanState, Stage
from models.tables import Batch, Book, Contractor, PageJob, Scan, Unit
from models.tables.jobs import OPEN_JOBS
from models.turns import turns
from models.units import UnitName, put_unit
from pipeline.errors import DuplicateBookError, HotichError, UnknownUnitError
from pipeline.scan.report import BatchSource
from pipeline.types import BookSource, Kind


@dataclass(frozen=True)
class QueuedBook:
    """A book in the queue. ``path`` is the manifest's."""

    id: int
    code: str
    path: str
    scans: int


@dataclass(frozen=True)
class RefusedBook:
    """A book that was not queued. ``code`` is that of the book already there, if it is that."""

    path: str
    code: str
    error: HotichError


@dataclass(frozen=True)
class QueueReceipt:
    """What became of a batch. ``batch_id`` is None where nothing of it was ever queued."""

    batch_id: int | None
    queued: tuple[QueuedBook, ...]
    already: tuple[RefusedBook, ...]
    """Books that are here before (``DuplicateBookError``)."""
    refused: tuple[RefusedBook, ...]

    @property
    def scans(self) -> int:
        """Scans newly in the queue."""
        return sum(book.scans for book in self.queued)


def queue_batch(db: Database, batch: BatchSource, *, contractor: str) -> QueueReceipt:
    """Put the books of a batch into the queue, in one transaction.

    The same batch again changes nothing. A book is the same when its scans are the same, or its
    unit, kind, year and volume.
    """
    queued: list[QueuedBook] = []
    already: list[RefusedBook] = []
    refused: list[RefusedBook] = []
    with db.write() as connection:
        take(connection, Lock.QUEUE)
        contractor_id = _contractor(connection, contractor)
        batch_id: int | None = connection.execute(
            select(Batch.id).where(
                Batch.contractor_id == contractor_id, Batch.digest == batch.digest
            )
        ).scalar()
        for book in batch.books:
            there = _same_book(connection, book)
            if there:
                error: HotichError = DuplicateBookError(there, where=book.path)
                already.append(RefusedBook(book.path, there, error))
            elif not book.unit_id:
                error = UnknownUnitError(f"{book.unit}, {book.district}", where=book.path)
                refused.append(RefusedBook(book.path, "", error))
            else:
                if batch_id is None:
                    batch_id = _open_batch(connection, batch, contractor_id)
                queued.append(_queue_book(connection, book, batch_id))
        if queued:
            detail = {
                "name": batch.name,
                "digest": batch.digest,
                "books": [book.code for book in queued],
                "scans": sum(book.scans for book in queued),
            }
            record_event(connection, contractor, "batch.queued", f"batch:{batch_id}", detail)
    return QueueReceipt(batch_id, tuple(queued), tuple(already), tuple(refused))


@dataclass(frozen=True)
class PendingBook:
    """A book with work left. ``ready`` counts the scans nobody holds, ``leased`` the others."""

    id: int
    code: str
    batch_id: int
    contractor: str
    kind: Kind
    year: int
    state: BookState
    ready: int
    leased: int


def pending_books(
    db: Database, batch: int | None = None, limit: int | None = None
) -> list[PendingBook]:
    """Books that are not finished, in the order in which to take them up.

    Contractors share by pages (``models.turns``): who has a thousand books waiting does not
    hold up who has one. Within a contractor batches come in the order that it chose, older ones
    first. Paused batches wait.
    """
    order = turns()
    query = (
        select(
            Book.id, Book.code, Book.batch_id, Book.kind, Book.year, Book.state,
            Contractor.name.label("contractor"),
        )
        .join(order, order.c.id == Book.id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .order_by(order.c.tag, order.c.batch_id, order.c.id)
        .limit(limit)
    )  # fmt: skip
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    with db.read() as connection:
        books = connection.execute(query).all()
        ready = PageJob.state == JobState.READY
        jobs = {
            book_id: (waiting, total - waiting)
            for book_id, waiting, total in connection.execute(
                select(PageJob.book_id, func.count().filter(ready), func.count())
                .where(PageJob.book_id.in_([book.id for book in books]), text(OPEN_JOBS))
                .group_by(PageJob.book_id)
            )
        }
    return [
        PendingBook(
            book.id, book.code, book.batch_id, book.contractor, book.kind, book.year, book.state,
            *jobs.get(book.id, (0, 0)),
        )
        for book in books
    ]  # fmt: skip


def requeue_scans(
    db: Database,
    book_id: int,
    states: Collection[ScanState] = (ScanState.QUARANTINED, ScanState.RESCAN),
    *,
    actor: str,
) -> int:
    """Give stuck scans of a book another chance; returns how many. Failures are forgotten.

    What a person has said of them too: that another picture is needed, not that none is.
    """
    with db.write() as connection:
        stuck = select(Scan.id).where(Scan.book_id == book_id, Scan.state.in_(list(states)))
        scan_ids = list(connection.execute(stuck.order_by(Scan.id)).scalars())
        if not scan_ids:
            return 0
        code = make_ready(connection, book_id, scan_ids)
        unsaid = {"person_reason": None, "person_by": None, "person_at": None}
        connection.execute(update(Scan).where(Scan.id.in_(scan_ids)).values(unsaid))
        record_event(connection, actor, "book.requeued", code, {"scans": len(scan_ids)})
        return len(scan_ids)


def make_ready(connection: Connection, book_id: int, scan_ids: Sequence[int]) -> str:
    """Open the jobs of some scans of a book again, and the book with them; returns its code.

    Without scans only the book is opened: a run over it then finds what else is due.
    """
    connection.execute(
        update(PageJob)
        .where(PageJob.scan_id.in_(scan_ids), PageJob.stage == Stage.DIGITIZE)
        .values(state=JobState.READY, failures=0, lease_owner=None, lease_until=None)
    )
    lock_scans(connection, Scan.id.in_(scan_ids))
    before = count_rows(connection, book_id=book_id).get(book_id, Counter())
    connection.execute(update(Scan).where(Scan.id.in_(scan_ids)).values(state=ScanState.WAITING))
    change = difference(count_rows(connection, book_id=book_id).get(book_id, Counter()), before)
    code, old = connection.execute(
        select(Book.code, Book.state).where(Book.id == book_id).with_for_update()
    ).one()
    if old in (BookState.DONE, BookState.ATTENTION):
        connection.execute(
            update(Book).where(Book.id == book_id).values(state=BookState.QUEUED, finished_at=None)
        )
        change |= {f"books_{old}": -1, "books_queued": 1}
    add_to_counters(connection, book_id, change)
    return str(code)


def _contractor(connection: Connection, name: str) -> int:
    known = select(Contractor.id).where(Contractor.name == name)
    there = connection.execute(known).scalar()
    if there is not None:
        return there
    return connection.execute(
        insert(Contractor).values(name=name).returning(Contractor.id)
    ).scalar_one()


def _same_book(connection: Connection, book: BookSource) -> str | None:
    same_place = (
        (Book.unit_id == book.unit_id)
        & (Book.kind == book.kind)
        & (Book.year == book.year)
        & (Book.volume == volume_key(book.volume))
    )
    return connection.execute(
        select(Book.code).where(or_(Book.digest == book.digest, same_place)).limit(1)
    ).scalar()


def _open_batch(connection: Connection, batch: BatchSource, contractor_id: int) -> int:
    return connection.execute(
        insert(Batch)
        .values(contractor_id=contractor_id, name=batch.name, digest=batch.digest, queued_at=Now())
        .returning(Batch.id)
    ).scalar_one()


def _queue_book(connection: Connection, book: BookSource, batch_id: int) -> QueuedBook:
    unit = connection.execute(
        select(Unit.type, Unit.name, Unit.district).where(Unit.id == book.unit_id)
    ).first()
    if unit is None:
        cover = UnitName(book.unit_id, book.unit, "", book.district)
        put_unit(connection, cover)
        code = book_code("", book.unit, book.district, book.kind, book.year, book.volume)
    else:
        code = book_code(*unit, book.kind, book.year, book.volume)
    code = _free_code(connection, code)
    book_id = connection.execute(
        insert(Book)
        .values(
            code=code, batch_id=batch_id, unit_id=book.unit_id, kind=book.kind, year=book.year,
            volume=volume_key(book.volume), digest=book.digest, path=book.path, note=book.note,
            stage=Stage.DIGITIZE, state=BookState.QUEUED, queued_at=Now(),
        )
        .returning(Book.id)
    ).scalar_one()  # fmt: skip
    scans = [
        {
            "book_id": book_id,
            "number": scan.number,
            "name": scan.name,
            "path": scan.path,
            "position": scan.index,
            "digest": scan.digest,
            "state": ScanState.WAITING,
        }
        for scan in book.scans
    ]
    if scans:
        connection.execute(insert(Scan), scans)
    # The database copies the keys itself: no thousands of ids back and forth.
    jobs = select(
        Scan.id, Scan.book_id, literal(Stage.DIGITIZE.value), literal(JobState.READY.value),
        literal(0), literal(0),
    ).where(Scan.book_id == book_id).order_by(Scan.number)  # fmt: skip
    columns = ["scan_id", "book_id", "stage", "state", "attempt", "failures"]
    connection.execute(insert(PageJob).from_select(columns, jobs))
    open_counters(connection, book_id, len(book.scans))
    return QueuedBook(book_id, code, book.path, len(book.scans))


def _free_code(connection: Connection, code: str) -> str:
    """Two units of one name in one district and year are told apart by a number."""
    taken = set(
        connection.execute(
            select(Book.code).where(Book.code.startswith(code, autoescape=True))
        ).scalars()
    )
    candidate, number = code, 2
    while candidate in taken:
        candidate, number = f"{code}.{number}", number + 1
    return candidate
