"""Whose hands an entry is in, and who may reach it at all."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from models.audit import record_event
from models.clock import After, Now
from models.correcting import entry_subject
from models.database import Database
from models.review_entry import ReviewEntry, blinded, load_entry
from models.states import DeskState, Task
from models.tables import (
    Book,
    DeskUser,
    Draft,
    Entry,
    FieldValue,
    Keying,
    KeyingPlan,
    ReviewHold,
    Scan,
)
from models.users import User, in_scope
from pipeline.errors import LostHoldError, OutOfReachError

TASKS = {
    DeskState.OPEN: Task.REVIEW, DeskState.SECOND: Task.SECOND,
    DeskState.ARBITRATE: Task.ARBITRATE,
}  # fmt: skip
_KEYS = 2**63
"""No key is as large: a number typed into an address may be."""
UNDO_HOURS = 24
"""So long an operator may take up again what they have saved."""


@dataclass(frozen=True)
class Place:
    """An entry, where it stands and whom it waits for."""

    id: int
    book_id: int
    scan_id: int
    position: int
    desk: DeskState


@dataclass(frozen=True)
class Hold:
    """An entry in somebody's hands. The token proves it; ``until`` is the database's time."""

    entry_id: int
    book_id: int
    user_id: int
    token: str
    task: Task
    until: datetime

    @property
    def blind(self) -> bool:
        """The planned fields are keyed without seeing anybody's words for them."""
        return self.task in (Task.SECOND, Task.TEST)

    @property
    def keying(self) -> int:
        """Number of the keying: 0 a test, 1 the first, 2 the second, 3 the arbiter's."""
        return {Task.TEST: 0, Task.SECOND: 2, Task.ARBITRATE: 3}.get(self.task, 1)


def hold_entry(db: Database, user: User, entry_id: int, *, seconds: float) -> Hold:
    """Take an entry that this person names: a supervisor any, others what was theirs.

    "Theirs": they hold it, have a draft of it, or saved it within the last day (undo). An entry
    whose two keyings differ is not given to either of the two.

    Raises:
        OutOfReachError: no such entry, or not for this person.
        LostHoldError: somebody else has it in hand.
    """
    with db.write() as connection:
        place = _place(connection, user, entry_id)
        hold = find_held(connection, user.id, entry_id)
        if hold is not None:
            return renewed(connection, hold, seconds)
        if not user.supervises and not _was_theirs(connection, user, entry_id):
            raise OutOfReachError()
        task = Task.INSPECT
        if place.desk in (DeskState.SECOND, DeskState.ARBITRATE):
            keyed = select(Keying.id).where(
                Keying.entry_id == entry_id, Keying.user_id == user.id, Keying.round > 0
            )
            if connection.execute(keyed.limit(1)).first() is None:
                task = TASKS[DeskState(place.desk)]
            elif place.desk is DeskState.ARBITRATE and not user.supervises:
                raise OutOfReachError()  # they would see what the other one keyed
        hold = grab(connection, user, place, task, seconds)
        if hold is None:
            raise LostHoldError()
        note_taken(connection, user, hold)
        return hold


def held_entry(
    db: Database, user: User, entry_id: int, token: str = ""
) -> tuple[Hold, ReviewEntry]:
    """A hold of this person with the entry as they may see it (blind where it must be).

    Args:
        db: the database.
        user: the person.
        entry_id: the entry.
        token: of the hold where the caller has it; a hold of theirs with another one is lost.

    Raises:
        LostHoldError: they do not hold it.
        OutOfReachError: it is no longer in their scope.
    """
    with db.read() as connection:
        hold = _proved(connection, user, entry_id, token)
        return hold, as_seen(connection, hold)


def living_hold(db: Database, user: User, entry_id: int, token: str) -> Hold:
    """The same without the entry, which a sign of life does not ask for.

    Raises:
        LostHoldError: they do not hold it.
        OutOfReachError: it is no longer in their scope.
    """
    with db.read() as connection:
        return _proved(connection, user, entry_id, token)


def _proved(connection: Connection, user: User, entry_id: int, token: str) -> Hold:
    hold = find_held(connection, user.id, entry_id)
    if hold is not None:
        _place(connection, user, entry_id)  # their scope may have changed since
    if hold is None or (token and hold.token != token):
        raise LostHoldError()
    return hold


def as_seen(connection: Connection, hold: Hold) -> ReviewEntry:
    """The entry of a hold as its holder may see it."""
    entry = load_entry(connection, hold.entry_id)
    if not hold.blind:
        return entry
    if hold.task is Task.TEST:
        known = select(Keying.field).where(
            Keying.entry_id == entry.id, Keying.round == 1, Keying.settled.is_not(None)
        )
        return blinded(entry, frozenset(connection.execute(known).scalars()))
    fields = connection.execute(
        select(KeyingPlan.fields).where(KeyingPlan.book_id == entry.book_id)
    ).scalar()
    return blinded(entry, frozenset(fields) if fields else None)


def holds_of(db: Database, user_id: int) -> list[Hold]:
    """All entries in a person's hands, oldest first."""
    with db.read() as connection:
        rows = connection.execute(
            select(ReviewHold.__table__)
            .where(ReviewHold.user_id == user_id)
            .order_by(ReviewHold.taken_at)
        ).all()
    return [as_hold(row) for row in rows]


def renew_hold(db: Database, hold: Hold, seconds: float) -> bool:
    """A sign of life. Also after the hold ran out, as long as nobody else has taken the entry."""
    with db.write() as connection:
        done = connection.execute(
            update(ReviewHold).where(*_proof(hold)).values(until=After(seconds))
        )
        return done.rowcount == 1


def give_back(db: Database, hold: Hold) -> bool:
    """Lay an entry back unchanged; False where it was no longer held."""
    with db.write() as connection:
        return connection.execute(delete(ReviewHold).where(*_proof(hold))).rowcount == 1


def may_reach(db: Database, user: User, entry_id: int) -> bool:
    """Whether a person may look at an entry: they hold it, had it, or supervise its unit."""
    with db.read() as connection:
        try:
            _place(connection, user, entry_id)
        except OutOfReachError:
            return False
        if user.supervises or find_held(connection, user.id, entry_id) is not None:
            return True
        return _was_theirs(connection, user, entry_id)


def find_held(connection: Connection, user_id: int, entry_id: int) -> Hold | None:
    """This person's hold of an entry, run out or not."""
    if not 0 < entry_id < _KEYS:
        return None
    row = connection.execute(
        select(ReviewHold.__table__).where(
            ReviewHold.entry_id == entry_id, ReviewHold.user_id == user_id
        )
    ).first()
    return None if row is None else as_hold(row)


def _proof(hold: Hold) -> tuple[ColumnElement[bool], ...]:
    return (
        ReviewHold.entry_id == hold.entry_id,
        ReviewHold.user_id == hold.user_id,
        ReviewHold.token == hold.token,
    )


def renewed(connection: Connection, hold: Hold, seconds: float) -> Hold:
    """The hold, prolonged."""
    until = connection.execute(
        update(ReviewHold)
        .where(*_proof(hold))
        .values(until=After(seconds))
        .returning(ReviewHold.until)
    ).scalar_one()
    return Hold(hold.entry_id, hold.book_id, hold.user_id, hold.token, hold.task, until)


def grab(
    connection: Connection, user: User, found: Place, task: Task, seconds: float
) -> Hold | None:
    """Write the hold, unless somebody living has one; moves the person's seat."""
    columns = {
        "book_id": found.book_id, "user_id": user.id, "token": secrets.token_hex(16),
        "task": task, "taken_at": Now(), "until": After(seconds),
    }  # fmt: skip
    ran_out = or_(ReviewHold.until < Now(), ReviewHold.user_id == user.id)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    there = connection.execute(
        dialect.insert(ReviewHold)
        .values(entry_id=found.id, **columns)
        .on_conflict_do_update(index_elements=["entry_id"], set_=columns, where=ran_out)
        .returning(*ReviewHold.__table__.c)
    ).first()
    if there is None:
        return None
    if task is not Task.TEST:
        connection.execute(
            update(DeskUser)
            .where(DeskUser.id == user.id)
            .values(
                seat_book_id=found.book_id,
                seat_scan_id=found.scan_id,
                seat_position=found.position,
            )
        )
    return as_hold(there)


def note_taken(connection: Connection, user: User, hold: Hold) -> None:
    """Write into the audit log who has seen the entry."""
    place = (
        connection.execute(
            select(Book.code, Scan.number, Entry.position)
            .join(Scan, Scan.id == Entry.scan_id)
            .join(Book, Book.id == Entry.book_id)
            .where(Entry.id == hold.entry_id)
        )
        .mappings()
        .one()
    )
    detail = {"task": str(hold.task)}
    record_event(connection, user.login, "entry.taken", entry_subject(place), detail)


def as_hold(row: Row[*tuple[Any, ...]]) -> Hold:
    """A hold out of its row."""
    return Hold(row.entry_id, row.book_id, row.user_id, row.token, Task(row.task), row.until)


# --- what a person may reach --------------------------------------------------------------------


def _place(connection: Connection, user: User, entry_id: int) -> Place:
    """Where an entry of this person's scope stands; nobody else changes it now.

    Raises:
        OutOfReachError: no such entry, or of a foreign unit.
    """
    if not 0 < entry_id < _KEYS:
        raise OutOfReachError()
    row = connection.execute(
        select(Entry.id, Entry.book_id, Entry.scan_id, Entry.position, Entry.desk)
        .join(Book, Book.id == Entry.book_id)
        .where(Entry.id == entry_id, in_scope(user))
    ).first()
    if row is None or not user.reviews:
        raise OutOfReachError()
    return Place(*row)


def _was_theirs(connection: Connection, user: User, entry_id: int) -> bool:
    drafted = select(Draft.entry_id).where(Draft.entry_id == entry_id, Draft.user_id == user.id)
    if connection.execute(drafted).first() is not None:
        return True
    saved = select(FieldValue.field).where(
        FieldValue.entry_id == entry_id,
        FieldValue.person_by == user.login,
        FieldValue.person_at > After(-3600.0 * UNDO_HOURS),
    )
    return connection.execute(saved.limit(1)).first() is not None
