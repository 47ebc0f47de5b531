"""Typed records out of an entry's fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select

from models.base import Base
from models.rows import place_from
from models.search import ends_key, search_key, sound_key
from models.tables import (
    BirthRecord,
    Book,
    DeathRecord,
    Entry,
    FieldValue,
    MarriageRecord,
    PersonKey,
)
from pipeline.types import Kind, PlaceAnswer, PlaceStatus

TABLES: dict[Kind, type[Base]] = {
    Kind.BIRTH: BirthRecord,
    Kind.MARRIAGE: MarriageRecord,
    Kind.DEATH: DeathRecord,
}
_THESE: BindParameter[Any] = bindparam("entries", expanding=True)
_ENTRIES = (
    select(Entry.id, Entry.number, Entry.voided, Book.unit_id, Book.kind, Book.year)
    .join(Book, Book.id == Entry.book_id)
    .where(Entry.id.in_(_THESE))
)
_FIELDS = select(
    FieldValue.entry_id, FieldValue.field, FieldValue.value, FieldValue.place,
    FieldValue.person_state, FieldValue.person_value,
).where(FieldValue.entry_id.in_(_THESE))  # fmt: skip
_WRITTEN: tuple[type[Base], ...] = (*TABLES.values(), PersonKey)
_DELETE = {table: delete(table).where(table.__table__.c.entry_id.in_(_THESE)) for table in _WRITTEN}
_INSERT = {table: insert(table) for table in _WRITTEN}
_EDTF = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_NUMBER = re.compile(r"\d{1,6}")

_PEOPLE = {
    Kind.BIRTH: ("child", "father", "mother"),
    Kind.MARRIAGE: ("husband", "wife"),
    Kind.DEATH: ("deceased",),
}


def earliest_day(edtf: str | None) -> date | None:
    """First day that an EDTF date can mean: ``1974-12`` → 1 December 1974.

    Unknown day → the first, unknown month → January (Thông tư 04/2020 Đ.32.2). None for what is
    no date or no day of the calendar; such a date is kept as text, and not sorted.
    """
    match = _EDTF.match(edtf or "")
    if not match:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def leading_number(number: str | None) -> int | None:
    """The figure to sort by: ``05`` → 5, ``12b`` → 12, ``12 bis`` → 12."""
    match = _NUMBER.match((number or "").strip())
    return int(match.group()) if match else None


def derive_records(connection: Connection, entry_ids: Sequence[int]) -> None:
    """Write the typed records of entries anew from their fields, person before machine.

    An entry that is crossed out has none: it is no live record.
    """
    if not entry_ids:
        return
    entries = {
        row["id"]: dict(row)
        for row in connection.execute(_ENTRIES, {"entries": list(entry_ids)}).mappings()
    }
    values: dict[int, dict[str, tuple[str | None, PlaceAnswer | None]]] = {
        entry_id: {} for entry_id in entries
    }
    for row in connection.execute(_FIELDS, {"entries": list(entry_ids)}):
        said = (row.value, place_from(row.place))
        values[row.entry_id][row.field] = (
            said if row.person_state is None else (row.person_value, None)
        )
    for kind, table in TABLES.items():
        own = [id_ for id_, entry in entries.items() if entry["kind"] == kind]
        if own:
            connection.execute(_DELETE[table], {"entries": own})
            live = [id_ for id_ in sorted(own) if not entries[id_]["voided"]]
            rows = [_record(kind, table, entries[id_], values[id_]) for id_ in live]
            if rows:
                connection.execute(_INSERT[table], rows)
            connection.execute(_DELETE[PersonKey], {"entries": own})
            _write_person_keys(connection, kind, rows)


def _write_person_keys(connection: Connection, kind: Kind, records: list[dict[str, Any]]) -> None:
    rows = [
        {
            "entry_id": record["entry_id"],
            "role": role,
            "sound": sound_key(record[f"{role}_key"]),
            "ends": ends_key(record[f"{role}_key"]),
        }
        for record in records
        for role in _PEOPLE[kind]
        if record[f"{role}_key"]
    ]
    if rows:
        connection.execute(_INSERT[PersonKey], rows)


def _record(
    kind: Kind,
    table: type[Base],
    entry: dict[str, Any],
    values: dict[str, tuple[str | None, PlaceAnswer | None]],
) -> dict[str, Any]:
    said = {field: value for field, (value, _) in values.items()}
    registered = earliest_day(said.get("registration_date"))
    record: dict[str, Any] = {
        "entry_id": entry["id"],
        "unit_id": entry["unit_id"],
        "year": registered.year if registered else entry["year"],
        "number": leading_number(entry["number"]),
        "registration_day": registered,
    }
    for person in _PEOPLE[kind]:
        name = said.get(f"{person}_full_name")
        record[f"{person}_name"] = name
        record[f"{person}_key"] = search_key(name) if name else None
    for column in (column.key for column in table.__table__.columns):
        if column in record:
            continue
        if column.endswith("_day"):
            record[column] = earliest_day(said.get(column.removesuffix("_day") + "_date"))
        elif column.endswith("_unit_id"):
            record[column] = _certain_unit(values.get(column.removesuffix("_unit_id")))
        else:
            record[column] = said.get(column)
    return record


def _certain_unit(said: tuple[str | None, PlaceAnswer | None] | None) -> str | None:
    place = said[1] if said else None
    if place is None or place.status is not PlaceStatus.CERTAIN or not place.candidates:
        return None
    return place.candidates[0].unit_id
