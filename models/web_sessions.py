"""Who is logged in where, and who may try again when.

Only hashes of tokens are kept. Times are the database's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update

from models.audit import record_event
from models.clock import After, Now
from models.database import Database
from models.tables import DeskUser, LoginTry, WebSession
from models.users import User, load_user

_BY_TOKEN = select(WebSession.__table__, Now().label("now")).where(
    WebSession.token_hash == bindparam("token")
)
"""Built once: it is asked with every request."""
_SEEN_SECONDS = 30
"""``seen_at`` is not written more often: it costs a write a click otherwise."""
FREE_FAILURES = 4
"""Wrong passwords without a wait."""
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 900.0
_FORGOTTEN_SECONDS = 3600
"""Failures of an address that are older count no more."""


@dataclass(frozen=True)
class Session:
    """A logged-in browser."""

    id: int
    user: User
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str
    token_hash: str


@dataclass(frozen=True)
class Credentials:
    """What a log-in is checked against."""

    user_id: int
    login: str
    password_hash: str | None
    disabled: bool
    wait_seconds: float
    """Until the next try is looked at; 0 where one may be made now."""


def credentials(db: Database, login: str, address: str) -> Credentials | None:
    """What is known of a login name, with the wait that name or address must keep; or None."""
    with db.read() as connection:
        now = connection.execute(select(Now())).scalar_one()
        row = connection.execute(
            select(
                DeskUser.id, DeskUser.login, DeskUser.password_hash, DeskUser.disabled,
                DeskUser.locked_until,
            ).where(DeskUser.login == login)
        ).first()  # fmt: skip
        blocked = connection.execute(
            select(LoginTry.locked_until).where(LoginTry.key.in_(_keys(login, address)))
        ).scalars()
        until = [moment for moment in [*blocked, row.locked_until if row else None] if moment]
    wait = max([(moment - now).total_seconds() for moment in until], default=0.0)
    if row is None:
        return None if wait <= 0 else Credentials(0, login, None, True, wait)
    return Credentials(row.id, row.login, row.password_hash, row.disabled, max(0.0, wait))


def note_failure(db: Database, login: str, address: str) -> float:
    """Count a wrong password against name and address; returns the seconds to wait now.

    Each failure after the first four doubles the wait, up to a quarter of an hour: an attacker
    gets about a hundred tries a day, a forgetful person loses minutes. An address may fail
    five times as often before it waits, since an office has one.
    """
    with db.write() as connection:
        user = connection.execute(
            select(DeskUser.id, DeskUser.failures).where(DeskUser.login == login).with_for_update()
        ).first()
        waits = []
        if user is not None:
            waits.append(_wait(user.failures + 1, 1))
            connection.execute(
                update(DeskUser)
                .where(DeskUser.id == user.id)
                .values(failures=user.failures + 1, locked_until=After(waits[-1]))
            )
        name_key, address_key = _keys(login, address)
        for key, patience in ((name_key, 1), (address_key, 5)):
            if key == name_key and user is not None:
                continue
            there = connection.execute(
                select(LoginTry.failures, LoginTry.last_at, Now().label("now")).where(
                    LoginTry.key == key
                )
            ).first()
            old = there is None or there.now - there.last_at > timedelta(seconds=_FORGOTTEN_SECONDS)
            failures = 1 if there is None or old else there.failures + 1
            waits.append(_wait(failures, patience))
            columns = {
                "failures": failures, "last_at": Now(), "locked_until": After(waits[-1]),
            }  # fmt: skip
            connection.execute(delete(LoginTry).where(LoginTry.key == key))
            connection.execute(insert(LoginTry).values(key=key, **columns))
        detail = {"address": address, "wait": round(max(waits))}
        # An unknown name is not written down: it may be a password typed into the wrong field.
        subject = f"user:{login}" if user is not None else "user:?"
        record_event(connection, "desk", "login.failed", subject, detail)
    return max(waits)


def open_session(
    db: Database, user_id: int, token_hash: str, *, seconds: float, address: str, agent: str
) -> None:
    """A log-in that succeeded: its session ends after ``seconds`` at the latest.

    Sessions that ended are swept on the way, and the failures of the name forgotten.
    """
    with db.write() as connection:
        login = connection.execute(
            update(DeskUser)
            .where(DeskUser.id == user_id)
            .values(failures=0, locked_until=None)
            .returning(DeskUser.login)
        ).scalar_one()
        connection.execute(delete(WebSession).where(WebSession.ends_at < Now()))
        connection.execute(
            insert(WebSession).values(
                token_hash=token_hash,
                user_id=user_id,
                created_at=Now(),
                seen_at=Now(),
                ends_at=After(seconds),
                address=address[:100],
                agent=agent[:300],
            )
        )
        record_event(connection, login, "login", f"user:{login}", {"address": address[:100]})


def find_session(db: Database, token_hash: str, *, idle_seconds: float) -> Session | None:
    """The living session of a token, marked as seen; None where it ended, idled out or never was.

    A disabled user's session is none.
    """
    with db.read() as connection:
        row = connection.execute(_BY_TOKEN, {"token": token_hash}).first()
        if row is None:
            return None
        idle = (row.now - row.seen_at).total_seconds()
        user = load_user(connection, row.user_id)
    if row.ends_at <= row.now or idle > idle_seconds or user is None or user.disabled:
        return None
    if idle > _SEEN_SECONDS:
        with db.write() as connection:
            connection.execute(
                update(WebSession).where(WebSession.id == row.id).values(seen_at=Now())
            )
    return Session(
        row.id, user, row.created_at, row.seen_at, row.ends_at, row.address, row.agent, token_hash
    )


def end_session(db: Database, token_hash: str) -> None:
    """Log out."""
    with db.write() as connection:
        login = connection.execute(
            select(DeskUser.login)
            .join(WebSession, WebSession.user_id == DeskUser.id)
            .where(WebSession.token_hash == token_hash)
        ).scalar()
        connection.execute(delete(WebSession).where(WebSession.token_hash == token_hash))
        if login is not None:
            record_event(connection, login, "logout", f"user:{login}", {})


def end_sessions(
    db: Database, user_id: int, *, actor: str, session_id: int | None = None, but: str = ""
) -> int:
    """End a user's sessions, or only that of ``session_id``; never that of token hash ``but``."""
    with db.write() as connection:
        query = delete(WebSession).where(
            WebSession.user_id == user_id, WebSession.token_hash != but
        )
        if session_id is not None:
            query = query.where(WebSession.id == session_id)
        ended = connection.execute(query).rowcount
        login = connection.execute(
            select(DeskUser.login).where(DeskUser.id == user_id)
        ).scalar_one()
        detail = {"ended": ended}
        record_event(connection, actor, "sessions.ended", f"user:{login}", detail)
    return ended


def sessions_of(db: Database, user: User) -> list[Session]:
    """A user's sessions, newest first."""
    with db.read() as connection:
        rows = connection.execute(
            select(WebSession.__table__)
            .where(WebSession.user_id == user.id, WebSession.ends_at > Now())
            .order_by(WebSession.id.desc())
        ).all()
    return [
        Session(
            row.id, user, row.created_at, row.seen_at, row.ends_at, row.address, row.agent,
            row.token_hash,
        )
        for row in rows
    ]  # fmt: skip


def session_count(db: Database) -> int:
    """Sessions that have not ended."""
    with db.read() as connection:
        query = select(func.count()).select_from(WebSession).where(WebSession.ends_at > Now())
        return int(connection.execute(query).scalar_one())


def _keys(login: str, address: str) -> tuple[str, str]:
    return f"name:{login[:64]}", f"from:{address[:64]}"


def _wait(failures: int, patience: int) -> float:
    beyond = failures - FREE_FAILURES * patience
    if beyond <= 0:
        return 0.0
    return float(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(beyond - 1, 20)))
