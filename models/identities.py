"""Who of an identity provider is which of our users: verified subjects, by an admin's word.

Kept as settings of the office, one a subject. A subject that nobody has linked is nobody here:
people and roles are made by admins alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.tables import DeskUser, OfficeSetting, WebSession
from pipeline.errors import UserError
from pipeline.texts import Text

_PREFIX = "identity:"
_LONGEST = 255
"""Characters of a subject: OpenID Connect Core 1.0, section 2."""


@dataclass(frozen=True)
class Identity:
    """A subject of a provider, and the login name of whoever it is here."""

    issuer: str
    subject: str
    login: str


def link_identity(db: Database, login: str, issuer: str, subject: str, *, actor: str) -> None:
    """Let a user come in by a provider from now on; their password and sessions end.

    A password would be a second door that the provider does not watch; an admin can open it
    again (*New password*).

    Raises:
        UserError: no such user, the subject cannot be one, or it is somebody else's.
    """
    if not subject or len(subject) > _LONGEST or not subject.isprintable():
        raise UserError(Text("mã định danh không dùng được", "no subject can be this").format())
    with db.write() as connection:
        user_id = _id_of(connection, login)
        row = _row(connection, issuer, subject)
        if row is not None and row["user_id"] != user_id:
            raise UserError(
                Text("mã này đã gắn với người khác", "this subject is somebody else's").format()
            )
        if row is None:
            connection.execute(
                insert(OfficeSetting).values(
                    name=_name(issuer, subject), by=actor, at=Now(),
                    value={"issuer": issuer, "subject": subject, "user_id": user_id},
                )
            )  # fmt: skip
        connection.execute(delete(WebSession).where(WebSession.user_id == user_id))
        connection.execute(
            update(DeskUser)
            .where(DeskUser.id == user_id)
            .values(password_hash=None, must_change=False, failures=0, locked_until=None)
        )
        detail = {"issuer": issuer, "subject": subject}
        record_event(connection, actor, "user.identity.linked", f"user:{login}", detail)


def unlink_identities(db: Database, login: str, *, actor: str) -> int:
    """Take all subjects from a user and end their sessions; returns how many there were.

    Raises:
        UserError: no such user.
    """
    with db.write() as connection:
        user_id = _id_of(connection, login)
        mine = [name for name, value in _all(connection) if value["user_id"] == user_id]
        connection.execute(delete(OfficeSetting).where(OfficeSetting.name.in_(mine)))
        connection.execute(delete(WebSession).where(WebSession.user_id == user_id))
        record_event(
            connection, actor, "user.identity.unlinked", f"user:{login}", {"subjects": len(mine)}
        )
    return len(mine)


def identities(db: Database) -> list[Identity]:
    """All that are linked, by login name."""
    with db.read() as connection:
        logins = dict(connection.execute(select(DeskUser.id, DeskUser.login)).all())
        found = [
            Identity(value["issuer"], value["subject"], logins[value["user_id"]])
            for _, value in _all(connection)
        ]
    return sorted(found, key=lambda one: (one.login, one.issuer, one.subject))


def user_of_identity(db: Database, issuer: str, subject: str, *, address: str) -> int | None:
    """Id of the user whom a verified subject is here, None where it is nobody's or shut out.

    Either is written into the audit log: the log-in itself follows with its session.
    """
    with db.write() as connection:
        row = _row(connection, issuer, subject)
        user = None
        if row is not None:
            user = connection.execute(
                select(DeskUser.id, DeskUser.login, DeskUser.disabled).where(
                    DeskUser.id == row["user_id"]
                )
            ).first()
        known = user is not None and not user.disabled
        detail = {"issuer": issuer, "subject": subject[:_LONGEST], "address": address[:100]}
        record_event(
            connection,
            user.login if user is not None else "desk",
            "login.identity" if known else "login.identity.refused",
            f"user:{user.login}" if user is not None else "user:?",
            detail,
        )
        return user.id if user is not None and known else None


def _id_of(connection: Connection, login: str) -> int:
    found = connection.execute(select(DeskUser.id).where(DeskUser.login == login)).scalar()
    if found is None:
        raise UserError(Text("không có người dùng này", "there is no such user").format())
    return int(found)


def _name(issuer: str, subject: str) -> str:
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return f"{_PREFIX}{digest[:30]}"


def _row(connection: Connection, issuer: str, subject: str) -> dict[str, Any] | None:
    """The link of exactly this subject: its name is only a digest's beginning."""
    value = connection.execute(
        select(OfficeSetting.value).where(OfficeSetting.name == _name(issuer, subject))
    ).scalar()
    if value is None or (value["issuer"], value["subject"]) != (issuer, subject):
        return None
    return dict(value)


def _all(connection: Connection) -> list[tuple[str, dict[str, Any]]]:
    rows = connection.execute(
        select(OfficeSetting.name, OfficeSetting.value).where(
            OfficeSetting.name.startswith(_PREFIX)
        )
    )
    return [(name, value) for name, value in rows]
