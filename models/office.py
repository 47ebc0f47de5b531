"""What supervisors set for the whole office; every change is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.tables import OfficeSetting
from models.users import User
from pipeline.errors import OutOfReachError


def office_setting(connection: Connection, name: str) -> dict[str, Any]:
    """A setting's values; empty where nobody has set any."""
    query = select(OfficeSetting.value).where(OfficeSetting.name == name)
    return dict(connection.execute(query).scalar() or {})


def set_office(db: Database, user: User, name: str, value: Mapping[str, Any]) -> None:
    """Set values for the whole office.

    Raises:
        OutOfReachError: not a supervisor of all units.
    """
    if not user.supervises or not user.sees_all:
        raise OutOfReachError()
    with db.write() as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        columns = {"value": dict(value), "by": user.login, "at": Now()}
        connection.execute(
            dialect.insert(OfficeSetting)
            .values(name=name, **columns)
            .on_conflict_do_update(index_elements=["name"], set_=columns)
        )
        record_event(connection, user.login, "office.set", name, dict(value))
