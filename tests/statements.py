"""Statements that are compiled once a process, however many databases its tests open.

SQLAlchemy keeps compiled statements per engine, and each test has an engine of its own: a third
of what a test of the database costs was to compile what the test before it had compiled.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache


class _Shared(LRUCache[Any, Any]):
    """Compiled statements by the kind of the database instead of the engine's own dialect.

    All engines of a kind are made by ``models.database.connect_engine``, and alike.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


_COMPILED = _Shared(3000)


def share_compiled_statements() -> None:
    """From now on all engines of this process share what they compile."""

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=_COMPILED)
