"""Finding an entry by a person's name, a day, a place: misspelt, without accents, by sound.

A name is looked up by how it sounds (``models.search.sound_key``): as it is, with one letter
more, less or other, as the beginning of longer names, and by its two ends alone. All of these
are searches in two indexes; what they find is then ordered by likeness.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text

from models.audit import record_event
from models.database import Database
from models.search import ends_key, sound_key
from models.states import EntryState
from models.tables import (
    BirthRecord,
    Book,
    DeathRecord,
    Entry,
    MarriageRecord,
    PersonKey,
    Unit,
)
from models.users import User, in_scope
from pipeline.types import Kind

_LETTERS = "abcdefghikmnopqtuvx "
"""Of a sound key; ``models.search`` leaves no others in names."""
_FIRST = tuple(sorted(_LETTERS))
_CANDIDATES = 400
"""Looked at, of each of the ways to find a name."""
_END = "\x7f"
"""Sorts after every letter of a key."""
_LEAST = 62.0
"""Likeness below which two names have nothing in common."""


@dataclass(frozen=True)
class Asked:
    """A search. ``days``: first and last day that the event, or the birth, may lie on."""

    name: str = ""
    days: tuple[date, date] | None = None
    years: tuple[int, int] | None = None
    """Of the book."""
    kind: Kind | None = None
    units: frozenset[str] | None = None
    number: int | None = None
    released: bool = False
    """Only released entries."""

    @property
    def narrow(self) -> bool:
        """Not all books may hold what is asked for."""
        return bool(self.kind or self.years or self.units is not None or self.released)

    @property
    def empty(self) -> bool:
        """Too little: it would list a whole city."""
        named = len(sound_key(self.name)) >= 2
        return not named and self.days is None and (self.number is None or self.units is None)


@dataclass(frozen=True)
class Found:
    """An entry, the persons it names, and how like the name asked for is (0 to 100)."""

    entry_id: int
    kind: Kind
    persons: tuple[str, ...]
    matched: str
    """Of the persons, the one who is likest; empty where no name was asked for."""
    day: str
    unit: str
    book: str
    number: str
    year: int
    state: EntryState
    likeness: int


_RECORDS: dict[Kind, tuple[type[Any], tuple[str, ...], str, str]] = {
    Kind.BIRTH: (BirthRecord, ("child_name", "father_name", "mother_name"), "birth_day",
                 "birth_date"),
    Kind.MARRIAGE: (MarriageRecord, ("husband_name", "wife_name"), "registration_day",
                    "registration_date"),
    Kind.DEATH: (DeathRecord, ("deceased_name",), "death_day", "death_date"),
}  # fmt: skip


def look_up(db: Database, user: User, asked: Asked, limit: int = 50) -> list[Found]:
    """Entries that may be meant, the likeliest first; the search goes into the audit log.

    Args:
        db: the database.
        user: a supervisor; only entries of their units are found.
        asked: what is known.
        limit: at most so many.
    """
    if asked.empty or not user.supervises:
        return []
    with db.read() as connection:
        by_index(connection)
        if len(sound_key(asked.name)) >= 2:
            likeness = _by_name(connection, user, asked, limit)
        else:
            likeness = dict.fromkeys(_by_record(connection, user, asked, limit), 100)
        known = len(likeness)
        if asked.days is None and asked.number is None:  # the likest are what is shown
            likeness = dict(list(likeness.items())[:limit])
        found = _details(connection, asked, likeness)
    found.sort(key=lambda one: (-one.likeness, one.year, one.entry_id))
    with db.write() as connection:
        detail = {
            "name": asked.name, "found": max(known, len(found)), "released": asked.released,
            "days": [str(day) for day in asked.days or ()], "years": list(asked.years or ()),
            "kind": str(asked.kind or ""), "units": len(asked.units or ()),
            "shown": [one.entry_id for one in found[:limit]],
        }  # fmt: skip
        record_event(connection, user.login, "entries.searched", "search", detail)
    return found[:limit]


def read_ahead(db: Database, rest: float = 0.0) -> int:
    """Read the two indexes of names once, so that the first search need not wait for a disk.

    A search goes to two hundred places of each; read in order they come hundreds of times as
    fast. Letter by letter, so that nobody's checkpoint waits for it. PostgreSQL keeps its own
    memory over a desk's restart and is left alone.

    Args:
        db: the database.
        rest: seconds without work after each second of it, for those who are at work meanwhile.

    Returns:
        Names read.
    """
    if db.dialect != "sqlite":
        return 0
    seen = 0
    for column in (PersonKey.sound, PersonKey.ends):
        for first, after in zip(_FIRST, (*_FIRST[1:], _END), strict=True):
            query = select(func.count(column)).where(column >= first, column < after)
            begun = time.monotonic()
            with db.read() as connection:
                seen += connection.execute(query).scalar_one()
            time.sleep(rest * (time.monotonic() - begun))
    return seen


def by_index(connection: Connection) -> None:
    """Keep PostgreSQL from reading whole tables, and compiling that, until the transaction ends.

    It takes two hundred spellings for so frequent that their first 400 rows were found soonest by
    reading all; of five million names that took seconds where the index takes milliseconds.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL jit = off"))


def variants(sound: str) -> Iterator[str]:
    """The key and all keys one letter away from it: left out, added, other, or two swapped."""
    yield sound
    for at in range(len(sound) + 1):
        head, tail = sound[:at], sound[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _by_name(connection: Connection, user: User, asked: Asked, limit: int) -> dict[int, int]:
    sound = sound_key(asked.name)
    words = len(sound.split())
    ways = [PersonKey.sound == sound, PersonKey.sound.in_(sorted(set(variants(sound)) - {sound}))]
    if words > 1:
        ways.append(PersonKey.ends == ends_key(asked.name))
    ways.append((PersonKey.sound > sound) & (PersonKey.sound < sound + _END))
    best: dict[int, float] = {}
    for way in ways:
        query = select(PersonKey.entry_id, PersonKey.sound).where(way)
        if not user.sees_all or asked.narrow:
            query = _narrowed(
                query.join(Entry, Entry.id == PersonKey.entry_id).join(
                    Book, Book.id == Entry.book_id
                ),
                user,
                asked,
            )
        for entry_id, heard in connection.execute(query.limit(_CANDIDATES)):
            alike = 100.0 if heard == sound else min(99.0, fuzz.ratio(sound, heard))
            if alike >= _LEAST or heard.startswith(sound):
                best[entry_id] = max(alike, best.get(entry_id, 0.0))
        exact = sum(alike == 100.0 for alike in best.values())
        if asked.days is None and asked.number is None and exact >= limit:
            break  # so many of just this name: nobody looks at those that are only like it
    ordered = sorted(best, key=lambda entry_id: (-best[entry_id], entry_id))[:_CANDIDATES]
    return {entry_id: round(best[entry_id]) for entry_id in ordered}


def _by_record(connection: Connection, user: User, asked: Asked, limit: int) -> list[int]:
    found: list[int] = []
    for kind, (record, _, day, _) in _RECORDS.items():
        if asked.kind not in (None, kind):
            continue
        columns = record.__table__.c
        query = _narrowed(
            select(columns.entry_id)
            .join(Entry, Entry.id == columns.entry_id)
            .join(Book, Book.id == Entry.book_id),
            user,
            asked,
        ).where(*_of_record(columns, day, asked))
        found += connection.execute(query.limit(limit)).scalars()
    return found


def _of_record(columns: Any, day: str, asked: Asked) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.days is not None:
        wanted.append(columns[day].between(*asked.days))
    if asked.number is not None:
        wanted.append(columns.number == asked.number)
        if asked.units is not None:
            wanted.append(columns.unit_id.in_(sorted(asked.units)))
    return wanted


def _narrowed(
    query: Select[*tuple[Any, ...]], user: User, asked: Asked
) -> Select[*tuple[Any, ...]]:
    query = query.where(in_scope(user))
    if asked.kind is not None:
        query = query.where(Book.kind == asked.kind)
    if asked.years is not None:
        query = query.where(Book.year.between(*asked.years))
    if asked.units is not None:
        query = query.where(Book.unit_id.in_(sorted(asked.units)))
    if asked.released:
        query = query.where(Entry.released_at.is_not(None))
    return query


def _details(connection: Connection, asked: Asked, likeness: dict[int, int]) -> list[Found]:
    places = _places(connection, list(likeness))
    found: list[Found] = []
    for kind, (record, names, day, written) in _RECORDS.items():
        own = [entry_id for entry_id, row in places.items() if row.kind == kind]
        if asked.kind not in (None, kind) or not own:
            continue
        columns = record.__table__.c
        query = select(
            columns.entry_id, *(columns[name] for name in names), columns[written].label("day"),
            columns.year,
        ).where(columns.entry_id.in_(own), *_of_record(columns, day, asked))  # fmt: skip
        for row in connection.execute(query):
            place, persons = places[row.entry_id], row[1 : 1 + len(names)]
            found.append(
                Found(
                    row.entry_id, kind, tuple(name for name in persons if name),
                    _likest(persons, asked.name), row.day or "",
                    f"{place.type} {place.name}".strip(), place.code, place.number, row.year,
                    EntryState(place.state), likeness[row.entry_id],
                )
            )  # fmt: skip
    return found


def _places(connection: Connection, entry_ids: list[int]) -> dict[int, Row[*tuple[Any, ...]]]:
    """Where entries stand; their kinds first, so that each is looked for in one table alone."""
    query = (
        select(Entry.id, Entry.number, Entry.state, Book.kind, Book.code, Unit.type, Unit.name)
        .join(Book, Book.id == Entry.book_id)
        .join(Unit, Unit.id == Book.unit_id)
        .where(Entry.id.in_(entry_ids))
    )
    return {row.id: row for row in connection.execute(query)}


def _likest(names: Iterable[str | None], asked: str) -> str:
    sound = sound_key(asked)
    if not sound:
        return ""
    return max(
        (name for name in names if name),
        key=lambda name: fuzz.ratio(sound, sound_key(name)),
        default="",
    )
