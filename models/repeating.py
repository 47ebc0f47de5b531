"""Dittos after a person's word: they stand for what is above them, whatever that is now.

A person who says *ditto* says no value: it is taken from the row above, on a form from the field
before. Where a person corrects what a ditto repeats, a ditto that the machine read takes the new
value and is asked; one that a person has said takes it and stays theirs. Both go into the audit
log with what they were. Released entries are passed by: they change only by their own correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from models.counters import lock_scans
from models.rows import field_from, read_columns
from models.states import EntryState, ScanState
from models.tables import Entry, FieldValue, Maker, Scan
from models.words import FieldChange
from pipeline.checks.ditto import below, field_before, following_in_entry
from pipeline.checks.sampling import SAMPLED
from pipeline.types import Decision, EntryResult, FieldResult, ValueState

_FORMS_ON_A_SCAN = 4
"""Two pages with two forms each; more entries on a scan are rows of a ledger."""


@dataclass(frozen=True)
class Repeat:
    """A ditto that takes another value: where it stands, and what it was and is."""

    entry_id: int
    scan_id: int
    place: str
    """Scan and position, as entries are named in the audit log: ``12/3``."""
    was: FieldResult
    now: FieldResult

    def told(self) -> dict[str, Any]:
        """For the audit log."""
        return {
            "id": self.entry_id, "entry": self.place, "field": self.was.field,
            "was": self.was.value, "is": self.now.value,
            "by": "person" if self.was.decision is Decision.PERSON else "machine",
        }  # fmt: skip


def with_values_above(
    connection: Connection, place: RowMapping, changes: Sequence[FieldChange]
) -> list[FieldChange]:
    """The changes, dittos that were said without a value with the one that stands above.

    Args:
        connection: a running transaction.
        place: of ``models.correcting.lock_entry``.
        changes: what a person says.
    """
    empty = {one.field for one in changes if one.state is ValueState.DITTO and one.value is None}
    if not empty:
        return list(changes)
    if is_ledger(connection, place["book_id"]):
        above = _row_above(connection, place, empty)
    else:
        above = {}
        said = {one.field: one for one in changes}
        before: list[FieldResult] = []
        for field in _fields(connection, [place["id"]])[place["id"]]:
            change = said.get(field.field)
            if change is not None:
                field = spoken(field, change)
            source = field_before(field, before) if field.field in empty else None
            if source is not None:
                field = above[field.field] = replace(field, value=source.value)
            before.append(field)
    return [
        replace(one, value=above[one.field].value)
        if one.field in empty and one.field in above
        else one
        for one in changes
    ]


def repeats_of(
    connection: Connection, place: RowMapping, changes: Sequence[FieldChange]
) -> list[Repeat]:
    """Dittos that repeat a field which these changes give another value, as they will be.

    Locks the scans they stand on. To be asked before the changes are written.

    Args:
        connection: a running transaction.
        place: of ``models.correcting.lock_entry``.
        changes: what a person says.
    """
    fields = _fields(connection, [place["id"]])[place["id"]]
    said = {one.field: one for one in changes}
    after = [spoken(one, said[one.field]) if one.field in said else one for one in fields]
    if place["state"] != EntryState.RELEASED:
        own = following_in_entry(EntryResult(place["position"], "", tuple(after)))
        after = list(own.fields)
    where = f"{place['number']}/{place['position']}"
    moved = {
        now.field: (was, now)
        for was, now in zip(fields, after, strict=True)
        if now.value != was.value
    }
    found = [
        Repeat(place["id"], place["scan_id"], where, was, now)
        for name, (was, now) in moved.items()
        if name not in said
    ]
    if moved and is_ledger(connection, place["book_id"]):
        found += _rows_below(connection, place, moved)
    return found


def write_repeats(connection: Connection, repeats: Sequence[Repeat], own: int) -> None:
    """Write dittos that take another value, and raise the versions of their entries.

    ``own`` is the entry that a person speaks of: its version rises with what they say.
    """
    for one in repeats:
        if one.was.decision is Decision.PERSON:
            columns: dict[str, Any] = {"person_value": one.now.value}
        else:
            key = (FieldValue.entry_id == one.entry_id, FieldValue.field == one.now.field)
            kept = connection.execute(select(FieldValue.as_read).where(*key)).scalar()
            columns = {**read_columns(one.now), "as_read": kept or read_columns(one.was)}
        connection.execute(
            update(FieldValue)
            .where(FieldValue.entry_id == one.entry_id, FieldValue.field == one.now.field)
            .values(**columns)
        )
    version = Entry.version + 1
    persons = {one.entry_id for one in repeats if one.was.decision is Decision.PERSON}
    for entry_id in sorted({one.entry_id for one in repeats} - {own}):
        moved: dict[str, Any] = {"version": version}
        if entry_id in persons:
            moved["person_version"] = version
        connection.execute(update(Entry).where(Entry.id == entry_id).values(moved))


# By scan: an index on scan and position answers it, where every entry of a book was looked at.
_ROWS = (
    select(Entry.id)
    .join(Scan, Scan.id == Entry.scan_id)
    .where(Scan.book_id == bindparam("book"), Entry.position >= _FORMS_ON_A_SCAN)
    .limit(1)
)


def is_ledger(connection: Connection, book_id: int) -> bool:
    """Whether entries of a book are rows, so that a ditto means the row above."""
    return connection.execute(_ROWS, {"book": book_id}).first() is not None


def spoken(field: FieldResult, change: FieldChange) -> FieldResult:
    """The field as it stands once a person's word is in."""
    return replace(
        field, value=change.value, state=change.state, confidence=1.0,
        decision=Decision.PERSON, place=None,
    )  # fmt: skip


# --- inside -------------------------------------------------------------------------------------


_FIELDS = (
    select(FieldValue.__table__, Maker.reader)
    .join(Maker, Maker.id == FieldValue.maker_id)
    .where(FieldValue.entry_id.in_(bindparam("entries", expanding=True)))
    .order_by(FieldValue.entry_id, FieldValue.position, FieldValue.field)
)


def _fields(
    connection: Connection, entry_ids: Sequence[int], names: Sequence[str] = ()
) -> dict[int, list[FieldResult]]:
    """Fields of entries as they stand, in printed order; all, or those of some names."""
    query, asked = _FIELDS, {"entries": list(entry_ids)}
    if names:
        query = query.where(FieldValue.field.in_(names))
    found: dict[int, list[FieldResult]] = {entry_id: [] for entry_id in entry_ids}
    for row in connection.execute(query, asked).mappings():
        found[row["entry_id"]].append(field_from(row, finished=True))
    return found


def _row_above(
    connection: Connection, place: RowMapping, names: set[str]
) -> dict[str, FieldResult]:
    """Fields of the row above; none where a scan between was not read."""
    above = select(Entry.id).where(
        Entry.scan_id == place["scan_id"], Entry.position < place["position"]
    )
    entry_id = connection.execute(above.order_by(Entry.position.desc()).limit(1)).scalar()
    scans = connection.execute(
        select(Scan.id, Scan.state)
        .where(Scan.book_id == place["book_id"], Scan.number < place["number"])
        .order_by(Scan.number.desc())
    )
    while entry_id is None and (scan := scans.fetchone()) and scan.state == ScanState.READ:
        last = select(Entry.id).where(Entry.scan_id == scan.id).order_by(Entry.position.desc())
        entry_id = connection.execute(last.limit(1)).scalar()
    scans.close()
    if entry_id is None:
        return {}
    return {one.field: one for one in _fields(connection, [entry_id], sorted(names))[entry_id]}


def _rows_below(
    connection: Connection, place: RowMapping, moved: dict[str, tuple[FieldResult, FieldResult]]
) -> list[Repeat]:
    """Row by row as far as dittos reach; ``moved`` holds each field as it was and is."""
    above = dict(moved)
    found: list[Repeat] = []
    for entry, rows in _below(connection, place, sorted(moved)):
        here = {field.field: field for field in rows}
        reached: dict[str, tuple[FieldResult, FieldResult]] = {}
        for name, (was_above, now_above) in above.items():
            field = here.get(name)
            if field is None or entry.released_at is not None:
                continue
            if field.decision is Decision.PERSON:
                repeats = field.state is ValueState.DITTO and field.value == was_above.value
                now = replace(field, value=now_above.value) if repeats else field
            else:
                now = below(field, now_above)
            if now.value == field.value:
                continue
            reached[name] = (field, now)
            if field.decision is not Decision.PERSON and SAMPLED in field.reasons:
                continue  # drawn to tell how often the machine errs: what it said is what counts
            where = f"{entry.number}/{entry.position}"
            found.append(Repeat(entry.id, entry.scan_id, where, field, now))
        above = reached
        if not above:
            break
    return found


def _below(
    connection: Connection, place: RowMapping, names: Sequence[str]
) -> Iterator[tuple[Any, list[FieldResult]]]:
    """The rows below an entry, over page turns up to a scan that was not read; scans locked."""
    after, number, scan_id = place["position"], place["number"], place["scan_id"]
    while True:
        rows = connection.execute(
            select(Entry.id, Entry.scan_id, Entry.position, Entry.released_at, Scan.number)
            .join(Scan, Scan.id == Entry.scan_id)
            .where(Entry.scan_id == scan_id, Entry.position > after)
            .order_by(Entry.position)
        ).all()
        fields = _fields(connection, [row.id for row in rows], names) if rows else {}
        for row in rows:
            yield row, fields[row.id]
        turned = connection.execute(
            select(Scan.id, Scan.number, Scan.state)
            .where(Scan.book_id == place["book_id"], Scan.number > number)
            .order_by(Scan.number)
            .limit(1)
        ).first()
        if turned is None or turned.state != ScanState.READ:
            return
        scan_id, number, after = turned.id, turned.number, -1
        lock_scans(connection, Scan.id == scan_id)
