"""Which books wait for their second loop, which are in it, and which failed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from models.database import Database
from models.tables import Book, BookCounter, CheckEntry, CheckRound
from models.users import User, in_scope


@dataclass(frozen=True)
class OpenRound:
    """An open round in which an entry was drawn."""

    id: int
    seen: bool


def open_round(db: Database, user: User, entry_id: int) -> OpenRound | None:
    """The open round in which a supervisor may say something of this entry."""
    query = (
        select(CheckRound.id, CheckEntry.wrong.is_not(None))
        .join(CheckEntry, CheckEntry.round_id == CheckRound.id)
        .join(Book, Book.id == CheckRound.book_id)
        .where(CheckEntry.entry_id == entry_id, CheckRound.verdict.is_(None), in_scope(user))
    )
    with db.read() as connection:
        row = connection.execute(query).first()
    return None if row is None or not user.supervises else OpenRound(row[0], bool(row[1]))


@dataclass(frozen=True)
class CheckedBook:
    """A book with its newest round; ``verdict`` is ``open`` while it is being looked at."""

    id: int
    code: str
    lot: int
    drawn: int
    seen: int
    wrong: int
    verdict: str


def books_in_check(db: Database, user: User, limit: int = 100) -> list[CheckedBook]:
    """Books with a round, those that are open first, then the newest."""
    newest = select(func.max(CheckRound.id)).group_by(CheckRound.book_id)
    counts = (
        select(
            CheckEntry.round_id, func.count().label("drawn"),
            func.count(CheckEntry.wrong).label("seen"),
            func.count().filter(CheckEntry.wrong.is_(True)).label("wrong"),
        )
        .group_by(CheckEntry.round_id)
        .subquery()
    )  # fmt: skip
    query = (
        select(
            Book.id, Book.code, CheckRound.lot, counts.c.drawn, counts.c.seen, counts.c.wrong,
            func.coalesce(CheckRound.verdict, "open").label("verdict"),
        )
        .join(Book, Book.id == CheckRound.book_id)
        .join(counts, counts.c.round_id == CheckRound.id)
        .where(CheckRound.id.in_(newest), in_scope(user))
        .order_by(CheckRound.verdict.is_not(None), CheckRound.id.desc())
        .limit(limit)
    )  # fmt: skip
    with db.read() as connection:
        return [CheckedBook(*row) for row in connection.execute(query)]


def books_to_check(db: Database, user: User, limit: int = 50) -> list[tuple[int, str, int]]:
    """Books in which nothing is open and of which no sample was drawn: id, code, entries."""
    query = (
        select(Book.id, Book.code, BookCounter.entries_settled)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(
            BookCounter.entries_review == 0, BookCounter.entries_settled > 0,
            BookCounter.scans_waiting == 0, Book.released_at.is_(None), in_scope(user),
            ~select(CheckRound.id).where(CheckRound.book_id == Book.id).exists(),
        )
        .order_by(BookCounter.moved_at, Book.id)
        .limit(limit)
    )  # fmt: skip
    with db.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]
