"""What all tables share: naming of constraints, column types, the declarative base."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

CONSTRAINT_NAMES = {
    # Named, so that a migration can drop them on both databases.
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Key of tables that pass two thousand million rows; SQLite counts only in INTEGER keys."""


SORTABLE_LENGTH = 200
Sortable = String(SORTABLE_LENGTH).with_variant(
    String(SORTABLE_LENGTH, collation="C"), "postgresql"
)
"""Codes and search keys: plain ASCII, ordered by bytes on both databases, found by prefix."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, always with its time zone in Python; written by the database's clock."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: hand it UTC."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What SQLite gives back is UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment(),
        str: Text(),  # what people and readers write has no length that we could promise
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


def coded(states: type[StrEnum], length: int = 16) -> Enum:
    """Column of a closed list, stored as its short codes (never as a database enumeration).

    A new state is then a change of code, not of two databases.
    """
    return Enum(
        states,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def to_json(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, letters as they are. Hashes are taken over it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
