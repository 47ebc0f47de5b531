"""Users for tests of the desk."""

from __future__ import annotations

from models import Database
from models.states import Role
from models.users import User, add_user

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"
"""Of no password."""


def person(db: Database, login: str, role: Role = Role.OPERATOR, **more: object) -> User:
    """A user who sees everything unless ``more`` says otherwise."""
    settings: dict[str, object] = {"everywhere": not {"units", "batches"} & set(more)}
    settings |= more
    return add_user(db, login, login.title(), role, HASH, actor="test", **settings)  # type: ignore[arg-type]
