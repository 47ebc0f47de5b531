"""Rows of entries moved where a person splits or joins entries; no word of anybody is lost.

Everything here runs in the transaction of ``models.layout`` that keeps the correction itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Enum, Table, delete, insert, or_, select, update

from models.base import Moment
from models.clock import Now
from models.entries import refresh_entries
from models.keyings import Word
from models.states import LinkState
from models.tables import (
    CheckEntry,
    CheckRound,
    DeskUser,
    Draft,
    Entry,
    EntryLink,
    FieldValue,
    Keying,
    Regrouping,
    ReleaseCorrection,
    ReviewHold,
)
from pipeline.errors import DeskError, ReleasedError
from pipeline.fields import FIELDS, FieldType
from pipeline.texts import Text
from pipeline.types import EditKind, ValueState

BOTH_WORDS = (FieldType.TEXT, FieldType.NAME, FieldType.PLACE, FieldType.OCCUPATION)
"""Types whose two halves make one text."""
_BUSY = Text(
    "trường hợp thứ {n} của trang đang ở tay {who}, hoặc {who} có bản nháp chưa lưu",
    "{who} holds entry {n} of the page, or has an unsaved draft of it",
)
_KEYED = Text(
    "trường hợp thứ {n} đã được nhập hai lần hoặc đã liên kết: chuyển người phụ trách",
    "entry {n} has been keyed twice or linked already: pass it to the supervisor",
)
_DRAWN = Text(
    "trường hợp thứ {n} đang nằm trong mẫu kiểm tra vòng 2: kết thúc vòng này trước",
    "entry {n} is in the sample of the second loop: finish that round before",
)
_NONE_BELOW = Text(
    "không có trường hợp nào ngay sau trường hợp thứ {n}", "no entry comes right after entry {n}"
)
_DIFFER = Text(
    "người đã nhập khác nhau: {fields}; chọn chữ nào giữ lại",
    "people typed different words: {fields}; choose which to keep",
)

_PERSON = ("person_value", "person_state", "person_literal", "person_by", "person_at")


class WordsDifferError(DeskError):
    """Two entries become one, and people said different things in both."""

    exit_code = 64
    message = Text("Chưa gộp: {detail}", "Not joined yet: {detail}")
    advice = Text("Chọn rồi lưu lại.", "Choose, then save again.")

    def __init__(self, words: dict[str, tuple[str, str, bool]]) -> None:
        super().__init__(_DIFFER.format(fields=", ".join(words)))
        self.words = words
        """By field: the first entry's word, the second's, and whether both make one text."""


def split_rows(connection: Connection, scan_id: int, position: int, person: str) -> None:
    """Make room for another entry after one; what people said stays with the first.

    Raises:
        ReleasedError: the entry or one after it is signed off.
    """
    _refuse_released(connection, scan_id, position)
    first = _entry_at(connection, scan_id, position)
    if first is None:
        raise DeskError(_NONE_BELOW.format(n=position))
    was = _rows(connection, first)
    _shift(connection, scan_id, position, 1)
    _raise_version(connection, first, by_person=False)
    _note(connection, scan_id, EditKind.SPLIT, position, was, None, person)


def join_rows(
    connection: Connection, scan_id: int, position: int, person: str, choices: Mapping[str, str]
) -> None:
    """Lay the entry after one into it; people's words of both stay.

    Args:
        connection: the running transaction.
        scan_id: the scan.
        position: of the first of the two.
        person: who does it; their own hold of the second is laid back.
        choices: for fields in which both have different words of people: ``first``, ``second``
            or ``both`` (one text after the other).

    Raises:
        WordsDifferError: choices are missing.
        ReleasedError: one of them, or one after them, is signed off.
        DeskError: the second is in somebody's hands, in the second loop's open sample, keyed
            twice or linked, or not there.
    """
    _refuse_released(connection, scan_id, position)
    first = _entry_at(connection, scan_id, position)
    second = _entry_at(connection, scan_id, position + 1)
    if first is None or second is None:
        raise DeskError(_NONE_BELOW.format(n=position + 1))
    was, gone = _rows(connection, first), _merged(connection, first, second, person, choices)
    _shift(connection, scan_id, position + 1, -1)
    refresh_entries(connection, [first])
    _note(connection, scan_id, EditKind.JOIN, position, was, gone, person)


def undo_rows(
    connection: Connection, scan_id: int, person: str, choices: Mapping[str, str]
) -> EditKind | None:
    """Take the last split or join of a scan back; None where there is none.

    Words that people have said since stay where they are.

    Raises:
        WordsDifferError, ReleasedError, DeskError: as :func:`join_rows`.
    """
    last = connection.execute(
        select(Regrouping.__table__)
        .where(Regrouping.scan_id == scan_id, Regrouping.undone_at.is_(None))
        .order_by(Regrouping.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    _refuse_released(connection, scan_id, last.position)
    values: dict[str, Any] = {"undone_at": Now(), "undone_by": person}
    first = _entry_at(connection, scan_id, last.position)
    if last.kind == EditKind.SPLIT:
        second = _entry_at(connection, scan_id, last.position + 1)
        if second is not None and first is not None:
            values["gone"] = _merged(connection, first, second, person, choices)
            refresh_entries(connection, [first])
        elif second is not None:  # the first was found blank meanwhile: the second is its rest
            connection.execute(
                update(Entry).where(Entry.id == second).values(position=last.position)
            )
        _shift(connection, scan_id, last.position + 1, -1)
    else:
        _shift(connection, scan_id, last.position, 1)
        back = _restore(connection, last.gone, last.position + 1)
        if first is not None:
            _words_back(connection, first, last.was, last.at)
            _raise_version(connection, first, by_person=True)
        refresh_entries(connection, [back] if first is None else [first, back])
    connection.execute(update(Regrouping).where(Regrouping.id == last.id).values(**values))
    return EditKind(last.kind)


def last_regrouping(connection: Connection, scan_id: int) -> tuple[EditKind, int] | None:
    """Kind and position of what :func:`undo_rows` would take back."""
    row = connection.execute(
        select(Regrouping.kind, Regrouping.position)
        .where(Regrouping.scan_id == scan_id, Regrouping.undone_at.is_(None))
        .order_by(Regrouping.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (EditKind(row.kind), row.position)


# --- two entries in one -------------------------------------------------------------------------


def _merged(
    connection: Connection, first: int, second: int, person: str, choices: Mapping[str, str]
) -> dict[str, Any]:
    """Move people's words of the second entry into the first and delete it; returns its rows."""
    _refuse_busy(connection, second, person)
    gone = _rows(connection, second)
    theirs = _fields(connection, first)
    words = {name: row for name, row in _fields(connection, second).items() if row["person_state"]}
    open_: dict[str, tuple[str, str, bool]] = {}
    moved = False
    for name, row in words.items():
        own = theirs.get(name)
        if own is None:
            connection.execute(
                update(FieldValue)
                .where(FieldValue.entry_id == second, FieldValue.field == name)
                .values(entry_id=first)
            )
            moved = True
            continue
        said = {column: row[column] for column in _PERSON}
        if own["person_state"] is not None:
            if _word(own).same(_word(row)):
                continue
            choice = choices.get(name, "")
            joinable = _joinable(name, own, row)
            if choice == "both" and joinable:
                said |= _one_text(own, row)
            elif choice == "first":
                continue
            elif choice != "second":
                open_[name] = (_told(own), _told(row), joinable)
                continue
        connection.execute(
            update(FieldValue)
            .where(FieldValue.entry_id == first, FieldValue.field == name)
            .values(**said)
        )
        moved = True
    if open_:
        raise WordsDifferError(open_)
    connection.execute(delete(Entry).where(Entry.id == second))
    _raise_version(connection, first, by_person=moved)
    return gone


def _refuse_busy(connection: Connection, entry_id: int, person: str) -> None:
    position = connection.execute(select(Entry.position).where(Entry.id == entry_id)).scalar_one()
    for there in (ReviewHold, Draft):
        query = (
            select(DeskUser.login)
            .join(there, there.user_id == DeskUser.id)
            .where(there.entry_id == entry_id)
        )
        if there is ReviewHold:
            query = query.where(DeskUser.login != person, ReviewHold.until >= Now())
        who = connection.execute(query.limit(1)).scalar()
        if who is not None:
            raise DeskError(_BUSY.format(n=position + 1, who=who))
    linked = or_(EntryLink.first_entry_id == entry_id, EntryLink.second_entry_id == entry_id)
    for bound in (
        select(Keying.id).where(Keying.entry_id == entry_id),
        select(EntryLink.id).where(linked, EntryLink.state == LinkState.CONFIRMED),
        select(ReleaseCorrection.id).where(ReleaseCorrection.entry_id == entry_id),
    ):
        if connection.execute(bound.limit(1)).first() is not None:
            raise DeskError(_KEYED.format(n=position + 1))
    drawn = (
        select(CheckEntry.entry_id)
        .join(CheckRound, CheckRound.id == CheckEntry.round_id)
        .where(CheckEntry.entry_id == entry_id, CheckRound.verdict.is_(None))
    )
    if connection.execute(drawn.limit(1)).first() is not None:
        raise DeskError(_DRAWN.format(n=position + 1))


def _word(row: Mapping[str, Any]) -> Word:
    return Word(row["person_value"], ValueState(row["person_state"]))


def _told(row: Mapping[str, Any]) -> str:
    return str(row["person_literal"] or row["person_value"] or f"({row['person_state']})")


def _joinable(name: str, *rows: Mapping[str, Any]) -> bool:
    spec = FIELDS.get(name)
    written = all(row["person_state"] == ValueState.WRITTEN for row in rows)
    return written and spec is not None and spec.type in BOTH_WORDS


def _one_text(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column: " ".join(text for text in (own[column], other[column]) if text) or None
        for column in ("person_value", "person_literal")
    }


# --- positions and rows -------------------------------------------------------------------------


def _entry_at(connection: Connection, scan_id: int, position: int) -> int | None:
    return connection.execute(
        select(Entry.id).where(Entry.scan_id == scan_id, Entry.position == position)
    ).scalar()


def _shift(connection: Connection, scan_id: int, after: int, by: int) -> None:
    """Move all entries behind a position; one by one, so that none ever stands on another."""
    order = Entry.position.desc() if by > 0 else Entry.position
    later = select(Entry.id).where(Entry.scan_id == scan_id, Entry.position > after)
    for entry_id in connection.execute(later.order_by(order)).scalars().all():
        connection.execute(
            update(Entry).where(Entry.id == entry_id).values(position=Entry.position + by)
        )


def _raise_version(connection: Connection, entry_id: int, *, by_person: bool) -> None:
    values: dict[str, Any] = {"version": Entry.version + 1}
    if by_person:
        values["person_version"] = Entry.version + 1
    connection.execute(update(Entry).where(Entry.id == entry_id).values(values))


def _refuse_released(connection: Connection, scan_id: int, position: int) -> None:
    released = select(Entry.number).where(
        Entry.scan_id == scan_id, Entry.position >= position, Entry.released_at.is_not(None)
    )
    if (number := connection.execute(released.limit(1)).scalar()) is not None:
        raise ReleasedError(number)


def _fields(connection: Connection, entry_id: int) -> dict[str, dict[str, Any]]:
    rows = connection.execute(
        select(FieldValue.__table__).where(FieldValue.entry_id == entry_id)
    ).mappings()
    return {row["field"]: dict(row) for row in rows}


def _rows(connection: Connection, entry_id: int) -> dict[str, Any]:
    """An entry with its fields as plain data."""
    entry = connection.execute(select(Entry.__table__).where(Entry.id == entry_id)).mappings().one()
    fields = _fields(connection, entry_id).values()
    return {"entry": _plain(dict(entry)), "fields": [_plain(row) for row in fields]}


def _restore(connection: Connection, rows: Mapping[str, Any], position: int) -> int:
    """Write an entry again that went away; returns its id, the old one where it is still free.

    SQLite gives the numbers of deleted rows away again.
    """
    entry = _typed(Entry.__table__, rows["entry"])  # type: ignore[arg-type]  # it is a Table
    entry |= {"position": position, "version": entry["version"] + 1}
    if connection.execute(select(Entry.id).where(Entry.id == entry["id"])).first() is not None:
        del entry["id"]
    entry_id: int = connection.execute(
        insert(Entry).values(**entry).returning(Entry.id)
    ).scalar_one()
    fields = [
        {**_typed(FieldValue.__table__, row), "entry_id": entry_id}  # type: ignore[arg-type]
        for row in rows["fields"]
    ]
    if fields:
        connection.execute(insert(FieldValue), fields)
    return entry_id


def _words_back(
    connection: Connection, entry_id: int, was: Mapping[str, Any], since: datetime
) -> None:
    """People's words of an entry as they stood, but for those said since."""
    before = {row["field"]: row for row in was["fields"]}
    for name, row in _fields(connection, entry_id).items():
        if row["person_at"] is not None and row["person_at"] > since:
            continue
        old = _typed(FieldValue.__table__, before[name]) if name in before else {}  # type: ignore[arg-type]
        connection.execute(
            update(FieldValue)
            .where(FieldValue.entry_id == entry_id, FieldValue.field == name)
            .values({column: old.get(column) for column in _PERSON})
        )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _typed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in row.items():
        column = table.c[name].type
        if value is not None and isinstance(column, Moment):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column, Enum) and column.enum_class is not None:
            value = column.enum_class(value)
        typed[name] = value
    return typed


def _note(
    connection: Connection,
    scan_id: int,
    kind: EditKind,
    position: int,
    was: dict[str, Any],
    gone: dict[str, Any] | None,
    person: str,
) -> None:
    connection.execute(
        insert(Regrouping).values(
            scan_id=scan_id, kind=kind, position=position, was=was, gone=gone, by=person, at=Now()
        )
    )
