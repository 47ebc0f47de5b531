"""Locks for what must happen one after the other in the whole database."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Connection, text


class Lock(IntEnum):
    """Keys of PostgreSQL's advisory locks; any numbers that nobody else uses."""

    MIGRATION = 0x686F7401
    QUEUE = 0x686F7402
    AUDIT = 0x686F7403
    PLACES = 0x686F7404
    ADAPTERS = 0x686F7405
    LINKS = 0x686F7406
    TARGETS = 0x686F7407


def take(connection: Connection, lock: Lock) -> None:
    """Hold a lock until the transaction ends. On SQLite each writer holds them all anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(lock)})
