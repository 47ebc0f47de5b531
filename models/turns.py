"""Whose book comes next: contractors share the engine by pages, not by books.

Start-time fair queueing (Goyal, Vin & Cheng 1996) with pages as time: each book's tag is how many
pages of its contractor were taken up before it, and the smallest tag goes first. Counted from
the moment since which everybody who waits now has been waiting: who comes later is owed nothing
for the time before, and owes nothing. Shares differ by one book at the most, whatever the books.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, or_, select

from models.states import BookState, ScanState
from models.tables import Batch, Book, BookCounter

WAITING = (BookState.QUEUED, BookState.RUNNING)


def in_queue() -> ColumnElement[bool]:
    """Condition on ``book`` and ``batch``: it is not finished, and its batch is not paused.

    Of a paused batch, what was begun is finished.
    """
    return and_(
        Book.state.in_(list(WAITING)),
        or_(Batch.paused.is_(False), Book.state == BookState.RUNNING),
    )


def turns() -> Subquery:
    """Books of the queue: ``id``, ``batch_id``, and ``tag``, by which they are taken up.

    Within a contractor: what is running, then batches in the order that it chose, older first.
    """
    oldest = (
        select(func.min(Book.queued_at).label("since"))
        .join(Batch, Batch.id == Book.batch_id)
        .where(in_queue())
        .group_by(Batch.contractor_id)
        .subquery()
    )
    since = select(func.max(oldest.c.since)).scalar_subquery()
    count = BookCounter.__table__.c
    all_pages = sum((count[f"scans_{state}"] for state in ScanState), literal(0))
    served = (
        select(Batch.contractor_id, func.sum(all_pages).label("pages"))
        .join(Book, Book.batch_id == Batch.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(Book.started_at >= since, Book.state.not_in(list(WAITING)))
        .group_by(Batch.contractor_id)
        .subquery()
    )
    pages = case(
        (
            and_(Book.state == BookState.RUNNING, Book.started_at >= since),
            all_pages,
        ),
        else_=count.scans_waiting,
    )
    before = func.sum(pages).over(
        partition_by=Batch.contractor_id,
        order_by=((Book.state == BookState.RUNNING).desc(), Batch.rank, Batch.id, Book.id),
        rows=(None, -1),
    )
    return (
        select(
            Book.id,
            Book.batch_id,
            (func.coalesce(before, 0) + func.coalesce(served.c.pages, 0)).label("tag"),
        )
        .join(Batch, Batch.id == Book.batch_id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .outerjoin(served, served.c.contractor_id == Batch.contractor_id)
        .where(in_queue())
        .subquery()
    )
