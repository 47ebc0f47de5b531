"""A person's word on a field. It never touches what the machine said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, bindparam, select, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference
from models.database import Database
from models.entries import refresh_entries
from models.repeating import Repeat, repeats_of, with_values_above, write_repeats
from models.states import EntryState
from models.tables import Book, Entry, FieldValue, Scan
from models.words import FieldChange
from pipeline.errors import ReleasedError
from pipeline.types import ValueState

__all__ = ["FieldChange", "correct_field", "entry_subject", "lock_entry", "set_fields"]


def correct_field(
    db: Database,
    entry_id: int,
    field: str,
    *,
    value: str | None,
    state: ValueState = ValueState.WRITTEN,
    person: str,
    reason: str = "",
) -> None:
    """Set a field as a person sees it; setting it again replaces the person's earlier word.

    The earlier word stays in the audit log.

    Raises:
        LookupError: the entry has no such field.
        ReleasedError: the entry is released.
    """
    with db.write() as connection:
        place = lock_entry(connection, entry_id)
        said = with_values_above(connection, place, [FieldChange(field, state, value)])
        (told,) = set_fields(connection, place, said, person)
        subject = f"{entry_subject(place)}/{field}"
        record_event(
            connection, person, "field.corrected", subject, {**told["change"], "reason": reason}
        )


def lock_entry(connection: Connection, entry_id: int) -> RowMapping:
    """Where an entry stands and what state it is in; nobody else changes it or its scan now.

    Raises:
        LookupError: there is no such entry.
    """
    asked = {"entry": entry_id}
    if connection.dialect.name != "sqlite":  # where a writer is alone as it is
        connection.execute(_SCAN, asked).all()
    place = connection.execute(_PLACE, asked).mappings().first()
    if place is None:
        raise LookupError(f"entry {entry_id}")
    return place


_THIS = bindparam("entry", type_=BigInteger)
_SCAN = (
    select(Scan.id)
    .where(Scan.id == select(Entry.scan_id).where(Entry.id == _THIS).scalar_subquery())
    .with_for_update()
)
_PLACE = (
    select(
        Entry.id, Entry.scan_id, Entry.book_id, Entry.position, Entry.version, Entry.state,
        Entry.person_version, Entry.desk, Entry.keying, Scan.number, Book.code,
    )
    .join(Scan, Entry.scan_id == Scan.id)
    .join(Book, Book.id == Scan.book_id)
    .where(Entry.id == _THIS)
    .with_for_update(of=Entry)
)  # fmt: skip
_STANDING = select(
    FieldValue.field, FieldValue.value, FieldValue.state,
    FieldValue.person_value, FieldValue.person_state,
).where(
    FieldValue.entry_id == _THIS, FieldValue.field.in_(bindparam("fields", expanding=True))
)  # fmt: skip
_SAY = (
    update(FieldValue)
    .where(FieldValue.entry_id == _THIS, FieldValue.field == bindparam("which"))
    .values(
        person_value=bindparam("words"), person_state=bindparam("said"),
        person_literal=bindparam("spelt"), person_by=bindparam("person"), person_at=Now(),
    )
)  # fmt: skip


def entry_subject(place: RowMapping) -> str:
    """An entry's name in the audit log: ``xa-an-thai.an-lao.KS.2008.01#3/0``."""
    return f"{place['code']}#{place['number']}/{place['position']}"


def set_fields(
    connection: Connection,
    place: RowMapping,
    changes: Sequence[FieldChange],
    person: str,
    *,
    after_release: bool = False,
    **entry: object,
) -> list[dict[str, Any]]:
    """Write a person's words into a locked entry; moves version, state, record and counters.

    Dittos that repeat what is changed follow it (``models.repeating``), in other entries too.

    Args:
        connection: a running transaction.
        place: of ``lock_entry``.
        changes: the words.
        person: whose.
        after_release: the change is recorded as a correction of a released entry
            (``models.releasing``); without it a released entry refuses every change.
        entry: other columns of the entry to set with them.

    Returns:
        For the audit log: field, what it was and is, and the dittos that follow it, in the order
        of the changes.

    Raises:
        LookupError: the entry has no such field.
        ReleasedError: the entry is released.
    """
    if place["state"] == EntryState.RELEASED and not after_release:
        raise ReleasedError(entry_subject(place))
    entry_id, book_id = place["id"], place["book_id"]
    there = {
        row.field: row
        for row in connection.execute(
            _STANDING, {"entry": entry_id, "fields": [change.field for change in changes]}
        )
    }
    told: list[dict[str, Any]] = []
    repeats: list[Repeat] = []
    if any(_moves(there.get(change.field), change) for change in changes):
        repeats = repeats_of(connection, place, changes)
    scans = sorted({place["scan_id"], *(one.scan_id for one in repeats)})
    before = _counted(connection, scans, book_id)
    write_repeats(connection, repeats, entry_id)
    for change in changes:
        was = there.get(change.field)
        if was is None:
            raise LookupError(f"entry {entry_id} has no field {change.field}")
        stood = was.person_state is not None
        moved: dict[str, Any] = {
            "was": was.person_value if stood else was.value,
            "was_state": str(was.person_state if stood else was.state),
            "is": change.value,
            "is_state": str(change.state),
        }
        told.append({"field": change.field, "change": moved})
    said = [
        {
            "entry": entry_id, "which": change.field, "words": change.value,
            "said": change.state, "spelt": change.literal, "person": person,
        }
        for change in changes
    ]  # fmt: skip
    if said:
        connection.execute(_SAY, said)
    version = Entry.version + 1
    connection.execute(
        update(Entry)
        .where(Entry.id == entry_id)
        .values({"version": version, "person_version": version, **entry})
    )
    refresh_entries(connection, sorted({entry_id, *(one.entry_id for one in repeats)}))
    after = _counted(connection, scans, book_id)
    add_to_counters(connection, book_id, difference(after, before))
    names = [one["field"] for one in told]
    for one in repeats:
        of = told[names.index(one.was.field) if one.was.field in names else 0]
        of["change"].setdefault("dittos", []).append(one.told())
    return told


def _moves(was: Any, change: FieldChange) -> bool:
    """Whether a field gets another value than the one that stands."""
    if was is None:
        return False
    stands = was.value if was.person_state is None else was.person_value
    return bool(stands != change.value)


def _counted(connection: Connection, scans: Sequence[int], book_id: int) -> Counter[str]:
    """What stands on some scans of a book, counted."""
    total: Counter[str] = Counter()
    for scan_id in scans:
        total.update(count_rows(connection, scan_id=scan_id).get(book_id, Counter()))
    return total
