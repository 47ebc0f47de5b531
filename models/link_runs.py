"""When links were looked for among all entries, and when it is time to do it again.

Looking costs the whole office's entries, so it is not done with each finished book but some time
after, and the seldomer the longer it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from models.clock import After, Now
from models.database import Database
from models.locks import Lock, take
from models.tables import Book, LinkRun

_PAUSE_SECONDS = 600.0
"""Least time between two searches that nobody asked for."""
_SHARE = 20.0
"""And at least so many times as long as the last one took: a twentieth of a core at most."""


@dataclass(frozen=True)
class LinkSearch:
    """The last search for links that came to its end, and how many books ended since it began."""

    begun_at: datetime
    done_at: datetime
    by: str
    persons: int
    suggested: int
    books_since: int


def links_due(db: Database) -> bool:
    """Whether a book was finished since links were last looked for, and that is long enough ago."""
    with db.read() as connection:
        return _due(connection)


def begin_link_run(db: Database, *, by: str, asked: bool) -> int | None:
    """Note that links are being looked for from now on.

    Args:
        db: the database.
        by: who, or what.
        asked: somebody wants it now; else only where it is due and nobody is at it.

    Returns:
        Number of the run, for :func:`end_link_run`; None where there is no need.
    """
    with db.write() as connection:
        take(connection, Lock.LINKS)
        if not asked and not _due(connection):
            return None
        return int(
            connection.execute(
                insert(LinkRun)
                .values(begun_at=Now(), by=by, persons=0, suggested=0)
                .returning(LinkRun.id)
            ).scalar_one()
        )


def end_link_run(db: Database, run: int, *, persons: int, suggested: int) -> None:
    """Note what a search came to."""
    with db.write() as connection:
        connection.execute(
            update(LinkRun)
            .where(LinkRun.id == run)
            .values(done_at=Now(), persons=persons, suggested=suggested)
        )


def last_link_search(db: Database) -> LinkSearch | None:
    """The last search that came to its end; None where there was none."""
    with db.read() as connection:
        last = connection.execute(_LAST).first()
        if last is None:
            return None
        since = select(func.count()).where(Book.finished_at > last.begun_at)
        return LinkSearch(
            last.begun_at, last.done_at, last.by, last.persons, last.suggested,
            connection.execute(since).scalar_one(),
        )  # fmt: skip


_LAST = (
    select(LinkRun.__table__)
    .where(LinkRun.done_at.is_not(None))
    .order_by(LinkRun.begun_at.desc(), LinkRun.id.desc())
    .limit(1)
)


def _due(connection: Connection) -> bool:
    last = connection.execute(_LAST).first()
    pause = _PAUSE_SECONDS
    finished = select(Book.id).where(Book.finished_at.is_not(None))
    if last is not None:
        pause = max(pause, _SHARE * (last.done_at - last.begun_at).total_seconds())
        finished = finished.where(Book.finished_at > last.begun_at)
    # One that is at work counts too; one that was killed holds up nothing for longer than this.
    lately = exists().where(or_(LinkRun.begun_at > After(-pause), LinkRun.done_at > After(-pause)))
    if connection.execute(select(lately)).scalar():
        return False
    return connection.execute(finished.limit(1)).first() is not None
