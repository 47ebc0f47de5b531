"""Finished books that should be finished again: people have had their say since."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select, text

from models.database import Database
from models.states import BookState, EntryState
from models.tables import Book, BookCounter, Entry, FieldValue, FindingRow
from models.tables.entries import QUEUED_ENTRIES
from pipeline.types import Severity


def books_to_check(db: Database, batch: int | None = None) -> list[int]:
    """Books in which people have had their say since rules looked last, and nothing is open.

    Finished again, their findings are those of the values that stand now: what people corrected
    blocks no release any more, and what they got wrong is found.
    """
    said = exists().where(Entry.book_id == Book.id, Entry.reviewed_at > Book.finished_at)
    mended = exists().where(
        Entry.book_id == Book.id, Entry.state == EntryState.REVIEW,
        FieldValue.entry_id == Entry.id, FieldValue.person_at > Book.finished_at,
        FindingRow.entry_id == Entry.id, FindingRow.severity == Severity.ERROR,
    )  # fmt: skip
    waiting = exists().where(Entry.book_id == Book.id, text(QUEUED_ENTRIES))
    query = (
        select(Book.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(
            Book.state.in_((BookState.DONE, BookState.ATTENTION)),
            Book.released_at.is_(None),
            BookCounter.fields_person > 0,
            BookCounter.fields_review + BookCounter.fields_unreadable == 0,
            BookCounter.moved_at >= Book.finished_at,
            or_(and_(said, ~waiting), mended),
        )
        .order_by(Book.id)
    )
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    with db.read() as connection:
        return list(connection.execute(query).scalars())


def books_to_hear(
    db: Database, *, first: int, growth: float, batch: int | None = None
) -> list[int]:
    """Books of which people have set enough since they were finished last to speak for the rest.

    Reckoned from counters alone, as ``models.adapters.due_books`` is.

    Args:
        db: the database.
        first: fields people must have set for the first time.
        growth: times as many as at the last time, for the next.
        batch: only books of this batch.
    """
    query = (
        select(Book.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(
            Book.state.in_((BookState.DONE, BookState.ATTENTION)),
            Book.released_at.is_(None),
            BookCounter.fields_person >= first,
            BookCounter.fields_person >= growth * Book.heard_fields,
            BookCounter.fields_review > 0,
        )
        .order_by(Book.id)
    )
    if batch is not None:
        query = query.where(Book.batch_id == batch)
    with db.read() as connection:
        return list(connection.execute(query).scalars())
