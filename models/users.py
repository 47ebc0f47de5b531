"""People who may log in, with role and scope. Passwords arrive hashed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    or_,
    select,
    true,
    update,
)

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.states import Role
from models.tables import (
    Batch,
    Book,
    Contractor,
    DeskUser,
    Unit,
    UserBatch,
    UserUnit,
    WebSession,
)
from pipeline.errors import UserError
from pipeline.texts import Text

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")

# Asked with every request: building a statement costs more than SQLite takes to answer it.
_USERS = select(
    DeskUser.id, DeskUser.login, DeskUser.name, DeskUser.role, DeskUser.language,
    DeskUser.everywhere, DeskUser.contractor_id, DeskUser.must_change,
    DeskUser.disabled, DeskUser.password_hash, DeskUser.locked_until,
).order_by(DeskUser.login)  # fmt: skip
_BY_ID = _USERS.where(DeskUser.id == bindparam("user"))
_UNITS = select(UserUnit.user_id, UserUnit.unit_id).where(
    UserUnit.user_id.in_(bindparam("users", expanding=True))
)
_BATCHES = select(UserBatch.user_id, UserBatch.batch_id).where(
    UserBatch.user_id.in_(bindparam("users", expanding=True))
)


@dataclass(frozen=True)
class User:
    """A person as the desk knows them.

    ``units`` and ``batches`` are what they may see; all of it where ``everywhere`` is set, or
    for a supervisor or admin for whom nothing is named.
    """

    id: int
    login: str
    name: str
    role: Role
    language: str = "vi"
    everywhere: bool = False
    units: frozenset[str] = frozenset()
    batches: frozenset[int] = frozenset()
    contractor_id: int | None = None
    must_change: bool = False
    disabled: bool = False
    has_password: bool = True
    locked_until: datetime | None = None

    @property
    def sees_all(self) -> bool:
        """No unit or batch is closed to them."""
        if self.role is Role.ADMIN or self.everywhere:
            return True
        return self.role is Role.SUPERVISOR and not self.units and not self.batches

    @property
    def supervises(self) -> bool:
        """Supervisors and admins."""
        return self.role in (Role.SUPERVISOR, Role.ADMIN)

    @property
    def reviews(self) -> bool:
        """May take entries."""
        return self.role is not Role.CONTRACTOR


def add_user(
    db: Database,
    login: str,
    name: str,
    role: Role,
    password_hash: str | None,
    *,
    units: Iterable[str] = (),
    batches: Iterable[int] = (),
    everywhere: bool = False,
    contractor: str | None = None,
    language: str = "vi",
    must_change: bool = True,
    actor: str,
) -> User:
    """Write a new user.

    Raises:
        UserError: the login name is taken or cannot be used; unit, batch or contractor unknown.
    """
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise UserError(
            Text(
                "tên đăng nhập '{login}' (2–63 chữ thường không dấu, chữ số, . _ -)",
                "login name '{login}' (2–63 small letters, digits, . _ -)",
            ).format(login=login[:80])
        )
    if role is Role.CONTRACTOR and not contractor:
        raise UserError(
            Text("nhà thầu cần --contractor", "a contractor needs --contractor").format()
        )
    with db.write() as connection:
        if connection.execute(select(DeskUser.id).where(DeskUser.login == login)).first():
            raise UserError(Text("tên '{login}' đã có", "'{login}' is taken").format(login=login))
        user_id = connection.execute(
            insert(DeskUser)
            .values(
                login=login,
                name=" ".join(name.split())[:200] or login,
                role=role,
                language=language,
                everywhere=everywhere,
                contractor_id=_contractor_id(connection, contractor),
                password_hash=password_hash,
                must_change=must_change,
                failures=0,
                created_at=Now(),
            )
            .returning(DeskUser.id)
        ).scalar_one()
        scope = _write_scope(connection, user_id, units, batches)
        detail = {"role": str(role), "everywhere": everywhere, **scope}
        record_event(connection, actor, "user.added", f"user:{login}", detail)
        return _load(connection, DeskUser.id == user_id)[0]


def change_user(
    db: Database,
    login: str,
    *,
    role: Role | None = None,
    name: str | None = None,
    units: Iterable[str] | None = None,
    batches: Iterable[int] | None = None,
    everywhere: bool | None = None,
    disabled: bool | None = None,
    actor: str,
) -> User:
    """Change what is given. A change of role or scope, or a disabling, ends their sessions.

    Raises:
        UserError: no such user, unit or batch; or it would leave no admin who may log in.
    """
    with db.write() as connection:
        user = _one(connection, login)
        columns = {"role": role, "name": name, "everywhere": everywhere, "disabled": disabled}
        given = {key: value for key, value in columns.items() if value is not None}
        if given:
            connection.execute(update(DeskUser).where(DeskUser.id == user.id).values(given))
        detail: dict[str, object] = dict(given)
        if units is not None or batches is not None:
            detail |= _write_scope(
                connection,
                user.id,
                user.units if units is None else units,
                user.batches if batches is None else batches,
            )
        if user.role is Role.ADMIN and not user.disabled:
            _keep_an_admin(connection)
        if set(detail) - {"name"}:
            connection.execute(delete(WebSession).where(WebSession.user_id == user.id))
        record_event(connection, actor, "user.changed", f"user:{user.login}", detail)
        return _load(connection, DeskUser.id == user.id)[0]


def set_password(
    db: Database, login: str, password_hash: str, *, must_change: bool, actor: str, but: str = ""
) -> None:
    """Set a password, lift the lock-out, end all sessions but the one of token hash ``but``.

    Raises:
        UserError: no such user.
    """
    with db.write() as connection:
        user = _one(connection, login)
        connection.execute(
            update(DeskUser)
            .where(DeskUser.id == user.id)
            .values(
                password_hash=password_hash,
                must_change=must_change,
                failures=0,
                locked_until=None,
            )
        )
        connection.execute(
            delete(WebSession).where(WebSession.user_id == user.id, WebSession.token_hash != but)
        )
        record_event(connection, actor, "user.password", f"user:{user.login}", {})


def set_language(db: Database, user_id: int, language: str) -> None:
    """Language of a user's pages, ``vi`` or ``en``."""
    with db.write() as connection:
        connection.execute(
            update(DeskUser)
            .where(DeskUser.id == user_id)
            .values(language="en" if language == "en" else "vi")
        )


def list_users(db: Database) -> list[User]:
    """All users by login name."""
    with db.read() as connection:
        return _load(connection, true())


def find_user(db: Database, login: str) -> User | None:
    """The user of a login name."""
    with db.read() as connection:
        found = _load(connection, DeskUser.login == login.strip().lower()[:64])
    return found[0] if found else None


def load_user(connection: Connection, user_id: int) -> User | None:
    """The user of an id, in a running transaction."""
    rows = connection.execute(_BY_ID, {"user": user_id}).all()
    found = _with_scope(connection, rows)
    return found[0] if found else None


def in_scope(user: User) -> ColumnElement[bool]:
    """Condition on ``book``: what this person may see."""
    if user.sees_all:
        return true()
    own: list[ColumnElement[bool]] = [
        Book.unit_id.in_(sorted(user.units)), Book.batch_id.in_(sorted(user.batches)),
    ]  # fmt: skip
    if user.contractor_id is not None:
        own.append(
            Book.batch_id.in_(select(Batch.id).where(Batch.contractor_id == user.contractor_id))
        )
    return or_(*own)


def _one(connection: Connection, login: str) -> User:
    found = _load(connection, DeskUser.login == login.strip().lower()[:64])
    if not found:
        raise UserError(Text("không có '{login}'", "no '{login}'").format(login=login[:80]))
    return found[0]


def _load(connection: Connection, condition: ColumnElement[bool]) -> list[User]:
    return _with_scope(connection, connection.execute(_USERS.where(condition)).all())


def _with_scope(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[User]:
    ids = {"users": [row.id for row in rows]}
    units: dict[int, set[str]] = {}
    batches: dict[int, set[int]] = {}
    for user_id, unit in connection.execute(_UNITS, ids):
        units.setdefault(user_id, set()).add(unit)
    for user_id, batch in connection.execute(_BATCHES, ids):
        batches.setdefault(user_id, set()).add(batch)
    return [
        User(
            id=row.id,
            login=row.login,
            name=row.name,
            role=Role(row.role),
            language=row.language,
            everywhere=row.everywhere,
            units=frozenset(units.get(row.id, ())),
            batches=frozenset(batches.get(row.id, ())),
            contractor_id=row.contractor_id,
            must_change=row.must_change,
            disabled=row.disabled,
            has_password=row.password_hash is not None,
            locked_until=row.locked_until,
        )
        for row in rows
    ]


def _contractor_id(connection: Connection, name: str | None) -> int | None:
    if not name:
        return None
    found = connection.execute(select(Contractor.id).where(Contractor.name == name)).scalar()
    if found is not None:
        return int(found)
    return int(
        connection.execute(
            insert(Contractor).values(name=name).returning(Contractor.id)
        ).scalar_one()
    )


def _write_scope(
    connection: Connection, user_id: int, units: Iterable[str], batches: Iterable[int]
) -> dict[str, list[str] | list[int]]:
    wanted_units, wanted_batches = sorted(set(units)), sorted(set(batches))
    there = set(connection.execute(select(Unit.id).where(Unit.id.in_(wanted_units))).scalars())
    known = set(connection.execute(select(Batch.id).where(Batch.id.in_(wanted_batches))).scalars())
    unknown = [*(unit for unit in wanted_units if unit not in there),
               *(f"#{batch}" for batch in wanted_batches if batch not in known)]  # fmt: skip
    if unknown:
        raise UserError(
            Text("không có {what}", "unknown: {what}").format(what=", ".join(unknown)[:200])
        )
    connection.execute(delete(UserUnit).where(UserUnit.user_id == user_id))
    connection.execute(delete(UserBatch).where(UserBatch.user_id == user_id))
    if wanted_units:
        connection.execute(
            insert(UserUnit), [{"user_id": user_id, "unit_id": unit} for unit in wanted_units]
        )
    if wanted_batches:
        connection.execute(
            insert(UserBatch), [{"user_id": user_id, "batch_id": one} for one in wanted_batches]
        )
    return {"units": wanted_units, "batches": wanted_batches}


def _keep_an_admin(connection: Connection) -> None:
    left = select(DeskUser.id).where(DeskUser.role == Role.ADMIN, DeskUser.disabled.is_(False))
    if connection.execute(left.limit(1)).first() is None:
        raise UserError(
            Text("phải còn ít nhất một quản trị viên", "at least one admin must stay").format()
        )
