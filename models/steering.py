"""What a contractor may do with a batch in the queue: pause it, move it, take it back."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import delete, select, update

from models.audit import record_event
from models.counters import add_to_counters, count_rows, lock_scans
from models.database import Database
from models.locks import Lock, take
from models.own_batches import find_own_batch
from models.states import BookState, JobState
from models.tables import Batch, Book, PageJob, Scan
from models.users import User


def pause_batch(db: Database, user: User, batch_id: int, *, paused: bool) -> None:
    """Begin no further book of a batch, or go on; what is begun is finished.

    Raises:
        OutOfReachError: not a batch of theirs.
    """
    find_own_batch(db, user, batch_id)
    with db.write() as connection:
        connection.execute(update(Batch).where(Batch.id == batch_id).values(paused=paused))
        action = "batch.paused" if paused else "batch.resumed"
        record_event(connection, user.login, action, f"batch:{batch_id}", {})


def move_batch(db: Database, user: User, batch_id: int, *, first: bool) -> None:
    """Put a batch before, or behind, all others of its firm. Other firms are not passed.

    Raises:
        OutOfReachError: not a batch of theirs.
    """
    find_own_batch(db, user, batch_id)
    with db.write() as connection:
        take(connection, Lock.QUEUE)
        of_firm = select(Batch.contractor_id).where(Batch.id == batch_id).scalar_subquery()
        ranks = list(
            connection.execute(
                select(Batch.rank).where(Batch.contractor_id == of_firm, Batch.id != batch_id)
            ).scalars()
        )
        rank = (min(ranks, default=0) - 1) if first else (max(ranks, default=0) + 1)
        connection.execute(update(Batch).where(Batch.id == batch_id).values(rank=rank))
        record_event(connection, user.login, "batch.moved", f"batch:{batch_id}", {"first": first})


def withdraw_batch(db: Database, user: User, batch_id: int) -> list[str]:
    """Take back those books of a batch of which no scan was taken up yet; their codes.

    They may be handed over again. The pictures stay in the store, their digests in the log.

    Raises:
        OutOfReachError: not a batch of theirs.
    """
    find_own_batch(db, user, batch_id)
    gone: list[str] = []
    with db.write() as connection:
        take(connection, Lock.QUEUE)
        books = connection.execute(
            select(Book.id, Book.code, Book.digest)
            .where(Book.batch_id == batch_id, Book.state == BookState.QUEUED)
            .order_by(Book.id)
        ).all()
        told = []
        for book in books:
            # Whoever claims a scan waits for this, or has it before us.
            jobs = connection.execute(
                select(PageJob.state, PageJob.attempt)
                .where(PageJob.book_id == book.id)
                .order_by(PageJob.id)
                .with_for_update()
            ).all()
            if any(job.state != JobState.READY or job.attempt for job in jobs):
                continue
            lock_scans(connection, Scan.book_id == book.id)
            counted = count_rows(connection, book_id=book.id).get(book.id, Counter())
            change = {name: -number for name, number in counted.items()} | {"books_queued": -1}
            add_to_counters(connection, book.id, change)
            connection.execute(delete(Book).where(Book.id == book.id))
            gone.append(book.code)
            told.append({"code": book.code, "digest": book.digest, "scans": len(jobs)})
        detail = {"books": told, "kept": len(books) - len(gone)}
        record_event(connection, user.login, "batch.withdrawn", f"batch:{batch_id}", detail)
    return gone
