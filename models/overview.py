"""What a supervisor looks at: books with work, escalations, who holds what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text, update

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.states import DeskState, MarkKind, Task
from models.tables import (
    Book,
    BookCounter,
    DeskUser,
    Entry,
    KeyingPlan,
    ReviewHold,
    ReviewMark,
    Scan,
    Unit,
)
from models.tables.entries import WAITING_ENTRIES
from models.units import unit_ids
from models.users import User, in_scope
from pipeline.errors import OutOfReachError

_SHOWN = 200


@dataclass(frozen=True)
class BookAtDesk:
    """A book with entries that wait for people. ``keyed`` names the fields keyed twice."""

    id: int
    code: str
    unit: str
    priority: int
    entries_review: int
    entries_settled: int
    fields_review: int
    fields_person: int
    keyed: tuple[str, ...] | None
    people: int


@dataclass(frozen=True)
class WaitingEntry:
    """An entry that an operator has given up, with the reason."""

    entry_id: int
    code: str
    scan_number: int
    position: int
    number: str
    desk: DeskState
    reason: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class LiveHold:
    """Who has which entry in hand."""

    entry_id: int
    code: str
    login: str
    name: str
    task: Task
    taken_at: datetime
    until: datetime
    alive: bool


def books_at_desk(
    db: Database, user: User, *, unit: str = "", limit: int = _SHOWN
) -> list[BookAtDesk]:
    """Books of this person's units with entries for review, in the order of the queue.

    Args:
        db: the database.
        user: whose units.
        unit: id or name of units, as people type it; empty: all.
        limit: so many at the most.
    """
    people = (
        select(ReviewHold.book_id, func.count(ReviewHold.user_id.distinct()).label("people"))
        .where(ReviewHold.until >= Now())
        .group_by(ReviewHold.book_id)
        .subquery()
    )
    query = (
        select(
            Book.id, Book.code, Unit.name, Book.priority, BookCounter.entries_review,
            BookCounter.entries_settled, BookCounter.fields_review, BookCounter.fields_person,
            KeyingPlan.fields, func.coalesce(people.c.people, 0).label("people"),
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .outerjoin(KeyingPlan, KeyingPlan.book_id == Book.id)
        .outerjoin(people, people.c.book_id == Book.id)
        .where(BookCounter.entries_review > 0, in_scope(user))
        .order_by(Unit.priority.desc(), Book.priority.desc(), Book.id)
        .limit(limit)
    )  # fmt: skip
    with db.read() as connection:
        if unit:
            query = query.where(Book.unit_id.in_(unit_ids(connection, unit)))
        return [
            BookAtDesk(
                row.id, row.code, row.name, row.priority, row.entries_review,
                row.entries_settled, row.fields_review, row.fields_person,
                None if row.fields is None else tuple(row.fields), row.people,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def waiting_entries(db: Database, user: User, limit: int = _SHOWN) -> list[WaitingEntry]:
    """Escalated entries and asked-for rescans of this person's units, oldest first."""
    last = (
        select(func.max(ReviewMark.id))
        .where(ReviewMark.entry_id == Entry.id, ReviewMark.kind != MarkKind.SKIPPED)
        .correlate(Entry)
        .scalar_subquery()
    )
    query = (
        select(
            Entry.id, Book.code, Scan.number.label("scan"), Entry.position, Entry.number,
            Entry.desk, ReviewMark.reason, ReviewMark.at, DeskUser.login,
        )
        .join(Book, Book.id == Entry.book_id)
        .join(Scan, Scan.id == Entry.scan_id)
        .outerjoin(ReviewMark, ReviewMark.id == last)
        .outerjoin(DeskUser, DeskUser.id == ReviewMark.user_id)
        .where(text(f"entry.{WAITING_ENTRIES}"), in_scope(user))
        .order_by(ReviewMark.at)
        .limit(limit)
    )  # fmt: skip
    with db.read() as connection:
        return [
            WaitingEntry(
                row.id, row.code, row.scan, row.position, row.number, DeskState(row.desk),
                row.reason or "", row.login or "", row.at,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def live_holds(db: Database, user: User) -> list[LiveHold]:
    """What is in whose hands, of this person's units."""
    query = (
        select(
            ReviewHold.entry_id, Book.code, DeskUser.login, DeskUser.name, ReviewHold.task,
            ReviewHold.taken_at, ReviewHold.until, (ReviewHold.until >= Now()).label("alive"),
        )
        .join(Book, Book.id == ReviewHold.book_id)
        .join(DeskUser, DeskUser.id == ReviewHold.user_id)
        .where(in_scope(user))
        .order_by(DeskUser.login, ReviewHold.taken_at)
        .limit(_SHOWN)
    )  # fmt: skip
    with db.read() as connection:
        return [
            LiveHold(
                row.entry_id, row.code, row.login, row.name, Task(row.task), row.taken_at,
                row.until, bool(row.alive),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def visible_books(db: Database, user: User) -> frozenset[int]:
    """Books of this person's units and batches, a contractor's own firm's included."""
    with db.read() as connection:
        return frozenset(connection.execute(select(Book.id).where(in_scope(user))).scalars())


def set_priority(db: Database, user: User, book_id: int, priority: int) -> None:
    """Have a book reviewed earlier (higher) or later.

    Raises:
        OutOfReachError: not a book of this supervisor.
    """
    with db.write() as connection:
        code = connection.execute(
            select(Book.code).where(Book.id == book_id, in_scope(user))
        ).scalar()
        if code is None or not user.supervises:
            raise OutOfReachError()
        connection.execute(update(Book).where(Book.id == book_id).values(priority=priority))
        record_event(connection, user.login, "book.priority", code, {"priority": priority})
