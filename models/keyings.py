"""Two keyings of one field by two people who do not see each other, and what they tell.

A plan names fields of a book. Saving the first review of an entry is the first keying of its
planned fields; the second is done blind by somebody else; where they differ, a third decides.
Entries whose keyings agreed come again, unannounced, as tests: nothing but the operator's error
rate follows from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, func, insert, select, true, update

from models.audit import record_event
from models.clock import Now
from models.correcting import FieldChange
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import refresh_entries
from models.tables import (
    Book,
    DeskUser,
    Entry,
    FieldValue,
    Keying,
    KeyingPlan,
    Scan,
)
from models.users import User, in_scope
from pipeline.checks.sampling import interval
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.texts import Text
from pipeline.types import ValueState

AGREED, DIFFERS, RIGHT, WRONG = "agreed", "differs", "right", "wrong"


@dataclass(frozen=True)
class Word:
    """What somebody keyed into a field."""

    value: str | None
    state: ValueState

    def same(self, other: Word) -> bool:
        """Whether both mean the same; spaces and the way accents are encoded do not count."""
        return self.state == other.state and _plain(self.value) == _plain(other.value)


@dataclass(frozen=True)
class OperatorRate:
    """How often a person's keyings were wrong, as far as somebody else's word tells.

    ``low`` and ``high`` bound the share of wrong fields at the level asked for.
    """

    login: str
    name: str
    seen: int
    wrong: int
    tests: int
    """Of ``seen``: unannounced tests."""
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share of wrong fields, 0 where none was compared."""
        return self.wrong / self.seen if self.seen else 0.0


def plan_keying(db: Database, user: User, book_id: int, fields: Sequence[str] | None) -> int:
    """Have fields of a book keyed twice (an empty list: all); None takes the plan back.

    What people have set so far counts as the first keying.

    Returns:
        Entries that wait for their second keying now.

    Raises:
        OutOfReachError: the book is not this person's to plan.
    """
    with db.write() as connection:
        lock_scans(connection, Scan.book_id == book_id)
        code = connection.execute(
            select(Book.code).where(Book.id == book_id, in_scope(user))
        ).scalar()
        if code is None or not user.supervises:
            raise OutOfReachError()
        before = count_rows(connection, book_id=book_id).get(book_id)
        connection.execute(delete(KeyingPlan).where(KeyingPlan.book_id == book_id))
        of_book = select(Entry.id).where(Entry.book_id == book_id)
        if fields is None:
            touched = list(connection.execute(of_book.where(Entry.keying > 0)).scalars())
            connection.execute(
                update(Entry)
                .where(Entry.id.in_(touched))
                .values(keying=0, version=Entry.version + 1)
            )
        else:
            connection.execute(
                insert(KeyingPlan).values(
                    book_id=book_id, fields=sorted(set(fields)), made_by=user.login, made_at=Now()
                )
            )
            touched = _first_keyings(connection, book_id, fields)
        refresh_entries(connection, touched)
        after = count_rows(connection, book_id=book_id).get(book_id)
        if before is not None and after is not None:
            add_to_counters(connection, book_id, difference(after, before))
        detail = {"fields": None if fields is None else sorted(set(fields)), "due": len(touched)}
        record_event(connection, user.login, "keying.planned", code, detail)
    return len(touched) if fields is not None else 0


def planned_fields(connection: Connection, book_id: int) -> frozenset[str] | None:
    """Fields of a book that are keyed twice: None no plan, empty all."""
    fields = connection.execute(
        select(KeyingPlan.fields).where(KeyingPlan.book_id == book_id)
    ).scalar()
    return None if fields is None else frozenset(fields)


def keying_plans(db: Database) -> dict[int, tuple[str, ...]]:
    """Planned fields by book; empty means all."""
    with db.read() as connection:
        rows = connection.execute(select(KeyingPlan.book_id, KeyingPlan.fields))
        return {book_id: tuple(fields) for book_id, fields in rows}


def note_first(
    connection: Connection, entry_id: int, user_id: int, words: Mapping[str, Word]
) -> None:
    """Keep a first keying; keying it again (undo) replaces it."""
    connection.execute(delete(Keying).where(Keying.entry_id == entry_id, Keying.round == 1))
    _write(connection, entry_id, user_id, 1, words, None)


def compare_second(
    connection: Connection, entry_id: int, user_id: int, words: Mapping[str, Word]
) -> tuple[str, ...]:
    """Keep a second keying and compare it with the first; returns the fields that differ.

    Raises:
        BadValueError: a field of the first keying is missing.
    """
    first = words_of(connection, entry_id, 1)
    _need(words, first.keys())
    differing = tuple(sorted(name for name in first if not first[name].same(words[name])))
    connection.execute(delete(Keying).where(Keying.entry_id == entry_id, Keying.round == 2))
    for name in first:
        verdict = DIFFERS if name in differing else AGREED
        _write(connection, entry_id, user_id, 2, {name: words[name]}, verdict)
        _settle(connection, entry_id, 1, name, verdict)
    return differing


def settle(connection: Connection, entry_id: int, user_id: int, words: Mapping[str, Word]) -> None:
    """A third person's word: whose keying was right shows now.

    Raises:
        BadValueError: a field that differs is missing.
    """
    rows = connection.execute(
        select(Keying.field, Keying.round, Keying.value, Keying.state).where(
            Keying.entry_id == entry_id, Keying.settled == DIFFERS, Keying.round.in_((1, 2))
        )
    ).all()
    _need(words, {row.field for row in rows})
    for row in rows:
        verdict = RIGHT if Word(row.value, ValueState(row.state)).same(words[row.field]) else WRONG
        _settle(connection, entry_id, row.round, row.field, verdict)
    decided = {name: words[name] for name in {row.field for row in rows}}
    _write(connection, entry_id, user_id, 3, decided, None)


def note_test(
    connection: Connection, entry_id: int, user_id: int, words: Mapping[str, Word]
) -> None:
    """Keep what somebody keyed into a known entry, right or wrong. Nothing else changes."""
    known = {
        row.field: Word(row.person_value, ValueState(row.person_state))
        for row in connection.execute(
            select(FieldValue.field, FieldValue.person_value, FieldValue.person_state).where(
                FieldValue.entry_id == entry_id,
                FieldValue.person_state.is_not(None),
                FieldValue.field.in_(list(words_of(connection, entry_id, 1))),
            )
        )
    }
    _need(words, known.keys())
    for name, truth in known.items():
        verdict = RIGHT if truth.same(words[name]) else WRONG
        _write(connection, entry_id, user_id, 0, {name: words[name]}, verdict)


def words_of(connection: Connection, entry_id: int, round_: int) -> dict[str, Word]:
    """One round of an entry's keyings by field."""
    rows = connection.execute(
        select(Keying.field, Keying.value, Keying.state).where(
            Keying.entry_id == entry_id, Keying.round == round_
        )
    )
    return {row.field: Word(row.value, ValueState(row.state)) for row in rows}


def operator_rates(
    db: Database, user: User | None = None, level: float = 0.95
) -> list[OperatorRate]:
    """Error rates of everybody whose keyings were compared, with intervals of ``level``.

    Args:
        db: the database.
        user: who asks; only keyings of books of their scope count. None: all.
        level: of the intervals.
    """
    judged = Keying.settled.in_((AGREED, RIGHT, WRONG))
    query = (
        select(
            DeskUser.login, DeskUser.name, func.count().label("seen"),
            func.count().filter(Keying.settled == WRONG).label("wrong"),
            func.count().filter(Keying.round == 0).label("tests"),
        )
        .join(Keying, Keying.user_id == DeskUser.id)
        .join(Entry, Entry.id == Keying.entry_id)
        .join(Book, Book.id == Entry.book_id)
        .where(judged, Keying.round < 3, true() if user is None else in_scope(user))
        .group_by(DeskUser.login, DeskUser.name)
        .order_by(DeskUser.login)
    )  # fmt: skip
    with db.read() as connection:
        return [
            OperatorRate(
                row.login, row.name, row.seen, row.wrong, row.tests,
                *interval(row.wrong, row.seen, level),
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def _first_keyings(connection: Connection, book_id: int, fields: Sequence[str]) -> list[int]:
    """Turn what people have set into first keyings; returns the entries that gives."""
    rows = connection.execute(
        select(
            FieldValue.entry_id, FieldValue.field, FieldValue.person_value,
            FieldValue.person_state, DeskUser.id.label("user_id"),
        )
        .join(Entry, Entry.id == FieldValue.entry_id)
        .join(DeskUser, DeskUser.login == FieldValue.person_by)
        .where(
            Entry.book_id == book_id,
            Entry.keying == 0,
            FieldValue.person_state.is_not(None),
            ~exists().where(Keying.entry_id == Entry.id, Keying.round > 0),
            FieldValue.field.in_(list(fields)) if fields else true(),
        )
    ).all()  # fmt: skip
    for row in rows:
        word = Word(row.person_value, ValueState(row.person_state))
        _write(connection, row.entry_id, row.user_id, 1, {row.field: word}, None)
    ids = sorted({row.entry_id for row in rows})
    connection.execute(
        update(Entry).where(Entry.id.in_(ids)).values(keying=2, version=Entry.version + 1)
    )
    return ids


def _write(
    connection: Connection,
    entry_id: int,
    user_id: int,
    round_: int,
    words: Mapping[str, Word],
    settled: str | None,
) -> None:
    for name, word in words.items():
        connection.execute(
            insert(Keying).values(
                entry_id=entry_id, field=name, round=round_, user_id=user_id, value=word.value,
                state=word.state, at=Now(), settled=settled,
            )
        )  # fmt: skip


def _settle(connection: Connection, entry_id: int, round_: int, field: str, verdict: str) -> None:
    connection.execute(
        update(Keying)
        .where(Keying.entry_id == entry_id, Keying.round == round_, Keying.field == field)
        .values(settled=verdict)
    )


def _need(words: Mapping[str, Word], fields: Iterable[str]) -> None:
    missing = sorted(set(fields) - set(words))
    if missing:
        raise BadValueError(
            Text("chưa nhập: {fields}", "not keyed: {fields}").format(fields=", ".join(missing))
        )


def _plain(value: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", value or "").split())


def words_from(changes: Sequence[FieldChange]) -> dict[str, Word]:
    """Changes as words."""
    return {change.field: Word(change.value, change.state) for change in changes}
