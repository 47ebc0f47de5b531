"""Filling the tables of places from the gazetteer's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from models.audit import record_event
from models.base import Base
from models.clock import Now
from models.database import Database
from models.locks import Lock, take
from models.search import search_key
from models.tables import (
    PlaceCode,
    PlaceEvent,
    PlaceLink,
    PlaceLoad,
    PlaceName,
    PlaceParent,
    PlaceType,
    PlaceUnit,
)

Record = Mapping[str, Any]
_IN_ORDER: tuple[type[Base], ...] = (
    PlaceUnit, PlaceEvent, PlaceName, PlaceType, PlaceParent, PlaceCode, PlaceLink,
)  # fmt: skip
"""Each refers only to those before it."""
_ONE_LOAD = 1


@dataclass(frozen=True)
class PlacesLoaded:
    """What a load did, rows by table; ``unchanged`` where the files were loaded before."""

    rows: Mapping[str, int]
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: bool = False


def places_digest(db: Database) -> str:
    """Digest of the files that the tables were last filled from; empty where never."""
    with db.read() as connection:
        return connection.execute(select(PlaceLoad.digest)).scalar() or ""


def load_places(db: Database, tables: Mapping[str, Sequence[Record]], digest: str) -> PlacesLoaded:
    """Make the tables of places equal to ``tables``; the same digest again does nothing.

    Args:
        db: where to.
        tables: records by table, as ``pipeline.places.records`` gives them, checked.
        digest: of the files they were read from.

    One transaction: whoever asks meanwhile sees all of the old or all of the new.
    """
    with db.write() as connection:
        take(connection, Lock.PLACES)
        before = connection.execute(select(PlaceLoad.digest, PlaceLoad.counts)).first()
        if before is not None and before.digest == digest:
            return PlacesLoaded(before.counts, unchanged=True)
        changes = [_Change(connection, model, tables) for model in _IN_ORDER]
        for change in changes:
            change.write(connection)
        # Last: a name may have referred until now to an event that is no more.
        for change in reversed(changes):
            change.remove(connection)
        rows = {change.table.name: change.rows for change in changes}
        loaded = PlacesLoaded(
            rows,
            added=sum(len(change.added) for change in changes),
            changed=sum(len(change.changed) for change in changes),
            removed=sum(len(change.removed) for change in changes),
        )
        now = connection.execute(select(Now())).scalar_one()
        connection.execute(delete(PlaceLoad))
        connection.execute(
            insert(PlaceLoad).values(id=_ONE_LOAD, digest=digest, loaded_at=now, counts=rows)
        )
        record_event(
            *(connection, "hotich", "places.loaded", "places"),
            {
                "digest": digest,
                "added": loaded.added,
                "changed": loaded.changed,
                "removed": loaded.removed,
            },
        )
        return loaded


class _Change:
    """What one table needs to become equal to its records."""

    def __init__(
        self, connection: Connection, model: type[Base], tables: Mapping[str, Sequence[Record]]
    ) -> None:
        self.table = cast("Table", model.__table__)
        self.keys = [column.name for column in self.table.primary_key]
        wanted = {self._key(row): self._row(row) for row in tables[self.table.name]}
        rows = [dict(row) for row in connection.execute(select(self.table)).mappings()]
        there = {self._key(row): row for row in rows}
        self.rows = len(wanted)
        self.added = [row for key, row in wanted.items() if key not in there]
        self.changed = [row for key, row in wanted.items() if key in there and there[key] != row]
        self.removed = [row for key, row in there.items() if key not in wanted]

    def _key(self, row: Record) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.keys)

    def _row(self, row: Record) -> dict[str, Any]:
        return {**row, "name_key": search_key(row["name"])} if "name" in row else dict(row)

    def remove(self, connection: Connection) -> None:
        """Take out what is no more."""
        if self.removed:
            connection.execute(
                delete(self.table).where(
                    *(self.table.c[name] == bindparam(f"old_{name}") for name in self.keys)
                ),
                [{f"old_{name}": row[name] for name in self.keys} for row in self.removed],
            )

    def write(self, connection: Connection) -> None:
        """Put in what is new, and correct what was different."""
        if self.added:
            connection.execute(insert(self.table), self.added)
        if self.changed:
            connection.execute(
                update(self.table)
                .where(*(self.table.c[name] == bindparam(f"old_{name}") for name in self.keys))
                .values({name: bindparam(name) for name in self.changed[0]}),
                [
                    {**row, **{f"old_{name}": row[name] for name in self.keys}}
                    for row in self.changed
                ],
            )
