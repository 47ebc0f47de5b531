"""When links were looked for among all entries, and when it is time to do it again.

Looking costs the whole office's entries, so it is not done with each finished book but some time
after, and the seldomer the longer it takes; or at once where a supervisor has asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, insert, or_, outerjoin, select, update

from models.audit import record_event
from models.clock import After, Now
from models.database import Database
from models.locks import Lock, take
from models.tables import Book, LinkRequest, LinkRun
from models.users import User
from pipeline.errors import OutOfReachError

_PAUSE_SECONDS = 600.0
"""Least time between two searches that nobody asked for. One that has not ended by then may have
been killed: what was asked of it waits for the next."""
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


@dataclass(frozen=True)
class AskedSearch:
    """The search for links that was asked for last. Times are empty while it waits, is at work."""

    by: str
    asked_at: datetime
    begun_at: datetime | None
    done_at: datetime | None
    lost: bool
    """Begun long ago and not ended: another will take its place, should it have been killed."""

    @property
    def waits(self) -> bool:
        """Whether nobody has ended it yet."""
        return self.done_at is None


def ask_for_links(db: Database, user: User) -> bool:
    """Have links looked for now; the engine does it, beside its other work.

    Returns False, with nothing written, where a search that was asked for is still to end.

    Raises:
        OutOfReachError: no supervisor.
    """
    if not user.supervises:
        raise OutOfReachError()
    with db.write() as connection:
        take(connection, Lock.LINKS)
        last = connection.execute(_LAST_ASKED).first()
        if last is not None and last.done_at is None:
            return False
        connection.execute(insert(LinkRequest).values(asked_at=Now(), asked_by=user.login))
        record_event(connection, user.login, "links.asked", "office", {})
        return True


def last_asked_search(db: Database) -> AskedSearch | None:
    """The search for links that was asked for last; None where nobody ever has."""
    with db.read() as connection:
        row = connection.execute(_LAST_ASKED).first()
        return AskedSearch(*row) if row is not None else None


def links_due(db: Database) -> bool:
    """Whether it is time: somebody asks for it, or a book was finished and a while has passed."""
    with db.read() as connection:
        return _asked(connection) or _due(connection)


def begin_link_run(db: Database, *, by: str, asked: bool) -> int | None:
    """Note that links are being looked for from now on.

    Args:
        db: the database.
        by: who, or what.
        asked: by the caller, who wants it now; else only where somebody at the desk has asked for
            it, or it is due and nobody is at it.

    Returns:
        Number of the run, for :func:`end_link_run`; None where there is no need.
    """
    with db.write() as connection:
        take(connection, Lock.LINKS)
        if not asked and not _asked(connection) and not _due(connection):
            return None
        run = int(
            connection.execute(
                insert(LinkRun)
                .values(begun_at=Now(), by=by, persons=0, suggested=0)
                .returning(LinkRun.id)
            ).scalar_one()
        )
        # Whoever begins does what others wait for: all they have written is in it.
        waiting = LinkRequest.id.in_(connection.execute(_WAITING).scalars().all())
        connection.execute(update(LinkRequest).where(waiting).values(run_id=run))
        return run


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
_LOST = and_(LinkRun.done_at.is_(None), LinkRun.begun_at <= After(-_PAUSE_SECONDS))
_WITH_RUN = outerjoin(LinkRequest, LinkRun, LinkRun.id == LinkRequest.run_id)
_WAITING = (
    select(LinkRequest.id).select_from(_WITH_RUN).where(or_(LinkRequest.run_id.is_(None), _LOST))
)
_LAST_ASKED = (
    select(
        LinkRequest.asked_by, LinkRequest.asked_at, LinkRun.begun_at, LinkRun.done_at,
        func.coalesce(_LOST, False).label("lost"),
    )
    .select_from(_WITH_RUN)
    .order_by(LinkRequest.id.desc())
    .limit(1)
)  # fmt: skip


def _asked(connection: Connection) -> bool:
    return connection.execute(_WAITING.limit(1)).first() is not None


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
