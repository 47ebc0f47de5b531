"""One field of many entries at once: the rows of a column that wait, taken together."""

from __future__ import annotations

from sqlalchemy import and_, exists, select

from models.clock import Now
from models.database import Database
from models.holding import Hold, Place, as_seen, find_held, grab, note_taken
from models.keyings import planned_fields
from models.review_entry import OPEN, ReviewEntry
from models.states import DeskState, Task
from models.tables import Book, Entry, FieldValue, ReviewHold, ReviewMark
from models.users import User, in_scope
from pipeline.errors import OutOfReachError

MOST_ROWS = 60
KEYS = 2**63
"""No key is as large: a number typed into an address may be."""


def take_column(
    db: Database, user: User, entry_id: int, field: str, *, seconds: float, whole_book: bool = False
) -> list[tuple[Hold, ReviewEntry]]:
    """Take all entries around one whose field waits for a person, in reading order.

    Those in other hands and those this person has skipped are left out; so are books that are
    keyed twice, where a part of an entry would count as all of it.

    Args:
        db: the database.
        user: who; holds ``entry_id``, or supervises.
        entry_id: the entry they come from.
        field: the column.
        seconds: of the holds.
        whole_book: on from this entry's page through the book, not this page only.

    Raises:
        OutOfReachError: the entry is not theirs to see.
    """
    if not 0 < entry_id < KEYS:
        raise OutOfReachError()
    with db.write() as connection:
        start = connection.execute(
            select(Entry.book_id, Entry.scan_id)
            .join(Book, Book.id == Entry.book_id)
            .where(Entry.id == entry_id, in_scope(user))
        ).first()
        held = find_held(connection, user.id, entry_id)
        if start is None or (held is None and not user.supervises):
            raise OutOfReachError()
        if planned_fields(connection, start.book_id) is not None:
            return []
        where = Entry.scan_id >= start.scan_id if whole_book else Entry.scan_id == start.scan_id
        rows = connection.execute(
            select(Entry.id, Entry.book_id, Entry.scan_id, Entry.position, Entry.desk)
            .join(FieldValue, and_(FieldValue.entry_id == Entry.id, FieldValue.field == field))
            .where(
                Entry.book_id == start.book_id,
                where,
                Entry.desk == DeskState.OPEN,
                FieldValue.person_state.is_(None),
                FieldValue.decision.in_(OPEN),
                ~exists().where(
                    ReviewHold.entry_id == Entry.id,
                    ReviewHold.user_id != user.id,
                    ReviewHold.until >= Now(),
                ),
                ~exists().where(
                    ReviewMark.entry_id == Entry.id,
                    ReviewMark.user_id == user.id,
                    ReviewMark.until > Now(),
                ),
            )
            .order_by(Entry.scan_id, Entry.position)
            .limit(MOST_ROWS)
        ).all()
        taken = []
        for row in rows:
            hold = find_held(connection, user.id, row.id)
            if hold is None:
                hold = grab(connection, user, Place(*row), Task.REVIEW, seconds)
                if hold is None:
                    continue
                note_taken(connection, user, hold)
            if not hold.blind:
                taken.append((hold, as_seen(connection, hold)))
        return taken


def waiting_columns(db: Database, entry_id: int) -> dict[str, int]:
    """Fields of an entry's page that wait for a person: how many rows each, in printed order."""
    scan = select(Entry.scan_id).where(Entry.id == entry_id).scalar_subquery()
    query = (
        select(FieldValue.field, FieldValue.position)
        .join(Entry, Entry.id == FieldValue.entry_id)
        .where(
            Entry.scan_id == scan,
            Entry.desk == DeskState.OPEN,
            FieldValue.person_state.is_(None),
            FieldValue.decision.in_(OPEN),
        )
        .order_by(FieldValue.position)
    )
    counts: dict[str, int] = {}
    with db.read() as connection:
        for row in connection.execute(query):
            counts[row.field] = counts.get(row.field, 0) + 1
    return counts
