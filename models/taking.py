"""The next entry for an operator.

``take_next`` looks for work where the person already sits: one book, one hand, in reading
order. Only where that book has nothing left for them is another one chosen, by priority. Both
steps walk a partial index that holds nothing but waiting entries; figures: docs/desk.md.
"""

from __future__ import annotations

import random
import secrets

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)

from models.clock import Now
from models.database import Database
from models.holding import TASKS, Hold, Place, as_hold, grab, note_taken, renewed
from models.keyings import AGREED
from models.states import DeskState, Task
from models.tables import (
    Book,
    BookCounter,
    DeskUser,
    Entry,
    Keying,
    ReviewHold,
    ReviewMark,
    Unit,
)
from models.tables.entries import QUEUED_ENTRIES
from models.users import User, in_scope

_BOOKS_AT_ONCE = 64
"""Books probed by one statement."""
_TEST_DRAW = 50
"""Known entries looked at for one that this person may be given."""
_ROUNDS = 20
"""Chunks of books looked through before the queue counts as empty."""


def take_next(
    db: Database, user: User, *, seconds: float, but: int | None = None, test_share: float = 0.0
) -> Hold | None:
    """The entry that this person should do now; None where nothing waits for them.

    What they already hold comes first, also after a reload, a new log-in or a restart, unless
    somebody took it after their hold ran out.

    Args:
        db: the database.
        user: whose scope, seat and skips count.
        seconds: how long the entry is theirs without a sign of life.
        but: an entry they hold and are at: another one is taken ahead.
        test_share: share of takes that give an entry whose values are known.
    """
    if not user.reviews:
        return None
    with db.write() as connection:
        held = _own(connection, user, but)
        if held is not None:
            return renewed(connection, held, seconds)
        if test_share > 0 and secrets.randbelow(1_000_000) < test_share * 1_000_000:
            known = _pick_test(connection, user)
            if known is not None:
                hold = grab(connection, user, known, Task.TEST, seconds)
                if hold is not None:
                    note_taken(connection, user, hold)
                    return hold
        seat = connection.execute(
            select(DeskUser.seat_book_id, DeskUser.seat_scan_id, DeskUser.seat_position).where(
                DeskUser.id == user.id
            )
        ).one()
        hold = None
        if seat.seat_book_id is not None and _may_see(connection, user, seat.seat_book_id):
            after = (seat.seat_scan_id or 0, seat.seat_position or 0)
            hold = _first_in(connection, user, seat.seat_book_id, after, seconds)
        if hold is None:
            hold = _from_another_book(connection, user, seat.seat_book_id, seconds)
        if hold is not None:
            note_taken(connection, user, hold)
        return hold


def _may_see(connection: Connection, user: User, book_id: int) -> bool:
    query = select(Book.id).where(Book.id == book_id, in_scope(user))
    return connection.execute(query).first() is not None


def _own(connection: Connection, user: User, but: int | None) -> Hold | None:
    query = (
        select(ReviewHold.__table__)
        .join(Book, Book.id == ReviewHold.book_id)
        .where(ReviewHold.user_id == user.id, in_scope(user))
    )
    if but is not None and 0 < but < 2**63:
        query = query.where(ReviewHold.entry_id != but)
    row = connection.execute(query.order_by(ReviewHold.taken_at).limit(1)).first()
    return None if row is None else as_hold(row)


def _for_this_person(user: User) -> ColumnElement[bool]:
    """Waiting entries that nobody holds, this person has not skipped and not keyed before."""
    held = exists().where(ReviewHold.entry_id == Entry.id, ReviewHold.until >= Now())
    skipped = exists().where(
        ReviewMark.entry_id == Entry.id, ReviewMark.user_id == user.id, ReviewMark.until > Now()
    )
    keyed = exists().where(Keying.entry_id == Entry.id, Keying.user_id == user.id, Keying.round > 0)
    return and_(
        text(f"entry.{QUEUED_ENTRIES}"), ~held, ~skipped, or_(Entry.desk == DeskState.OPEN, ~keyed)
    )


def waiting_in(
    user: User, book_id: int, after: tuple[int, int] | None = None
) -> Select[int, int, int, int, DeskState]:
    """Query for the first entry of a book that this person may take.

    Args:
        user: the person.
        book_id: the book.
        after: scan and position; only entries behind that place.
    """
    query = (
        select(Entry.id, Entry.book_id, Entry.scan_id, Entry.position, Entry.desk)
        .where(Entry.book_id == book_id, _for_this_person(user))
        .order_by(Entry.scan_id, Entry.position)
        .limit(1)
    )
    if after is not None:
        query = query.where(tuple_(Entry.scan_id, Entry.position) > tuple_(*after))
    return query


def _first_in(
    connection: Connection,
    user: User,
    book_id: int,
    after: tuple[int, int] | None,
    seconds: float,
) -> Hold | None:
    """The next entry of a book behind a place in it, else from its beginning."""
    for place in (after, None) if after is not None else (None,):
        query = waiting_in(user, book_id, place)
        if connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True, of=Entry)
        for _ in range(_ROUNDS):  # somebody else may have taken it between look and grip
            found = connection.execute(query).first()
            if found is None:
                break
            hold = grab(connection, user, Place(*found), TASKS[DeskState(found.desk)], seconds)
            if hold is not None:
                return hold
    return None


def _from_another_book(
    connection: Connection, user: User, but: int | None, seconds: float
) -> Hold | None:
    others = (
        select(ReviewHold.book_id, func.count().label("people"))
        .where(ReviewHold.user_id != user.id, ReviewHold.until >= Now())
        .group_by(ReviewHold.book_id)
        .subquery()
    )
    books = (
        select(Book.id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .outerjoin(others, others.c.book_id == Book.id)
        .where(BookCounter.entries_review > 0, in_scope(user))
        # Where nobody sits before where somebody does; what is begun before what is not.
        .order_by(
            Unit.priority.desc(),
            Book.priority.desc(),
            func.coalesce(others.c.people, 0),
            (BookCounter.fields_person > 0).desc(),
            Book.id,
        )
        .limit(_ROUNDS * _BOOKS_AT_ONCE + 1)
    )
    ids = [one for one in connection.execute(books).scalars() if one != but]
    for start in range(0, min(len(ids), _ROUNDS * _BOOKS_AT_ONCE), _BOOKS_AT_ONCE):
        chunk = ids[start : start + _BOOKS_AT_ONCE]
        first = (
            select(Entry.id)
            .where(Entry.book_id == Book.id, _for_this_person(user))
            .limit(1)
            .correlate(Book)
            .scalar_subquery()
        )
        with_work = set(
            connection.execute(
                select(Book.id).where(Book.id.in_(chunk), first.is_not(None))
            ).scalars()
        )
        for book_id in chunk:
            if book_id in with_work:
                hold = _first_in(connection, user, book_id, None, seconds)
                if hold is not None:
                    return hold
    return None


def _pick_test(connection: Connection, user: User) -> Place | None:
    """A known entry of this person's scope that they have never keyed and nobody holds."""
    known = and_(Keying.round == 1, Keying.settled == AGREED)
    low, high = connection.execute(
        select(func.min(Keying.id), func.max(Keying.id)).where(known)
    ).one()
    if low is None:
        return None
    start = random.randint(low, high)
    drawn = (
        select(Keying.entry_id)
        .where(known, Keying.id >= start)
        .order_by(Keying.id)
        .limit(_TEST_DRAW)
    )
    by_them = exists().where(Keying.entry_id == Entry.id, Keying.user_id == user.id)
    held = exists().where(ReviewHold.entry_id == Entry.id)
    found = connection.execute(
        select(Entry.id, Entry.book_id, Entry.scan_id, Entry.position, Entry.desk)
        .join(Book, Book.id == Entry.book_id)
        .where(
            Entry.id.in_(drawn.scalar_subquery()), Entry.keying == 0, ~by_them, ~held,
            in_scope(user),
        )
        .limit(1)
    ).first()  # fmt: skip
    return None if found is None else Place(*found)
