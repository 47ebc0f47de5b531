"""A person's word on a field. It never touches what the machine said."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import refresh_entries
from models.tables import Book, Entry, FieldValue, Scan
from pipeline.types import ValueState


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
    """
    with db.write() as connection:
        place = connection.execute(
            select(Scan.id, Scan.number, Scan.book_id, Book.code, Entry.position)
            .join(Entry, Entry.scan_id == Scan.id)
            .join(Book, Book.id == Scan.book_id)
            .where(Entry.id == entry_id)
        ).first()
        if place is None:
            raise LookupError(f"entry {entry_id}")
        lock_scans(connection, Scan.id == place.id)
        before = count_rows(connection, scan_id=place.id).get(place.book_id, Counter())
        own = (FieldValue.entry_id == entry_id, FieldValue.field == field)
        was = connection.execute(
            select(
                FieldValue.value, FieldValue.state,
                FieldValue.person_value, FieldValue.person_state,
            ).where(*own)
        ).first()  # fmt: skip
        if was is None:
            raise LookupError(f"entry {entry_id} has no field {field}")
        connection.execute(
            update(FieldValue)
            .where(*own)
            .values(person_value=value, person_state=state, person_by=person, person_at=Now())
        )
        refresh_entries(connection, [entry_id])
        after = count_rows(connection, scan_id=place.id)[place.book_id]
        add_to_counters(connection, place.book_id, difference(after, before))
        stood = was.person_state is not None
        detail = {
            "was": was.person_value if stood else was.value,
            "was_state": str(was.person_state if stood else was.state),
            "is": value,
            "is_state": str(state),
            "reason": reason,
        }
        subject = f"{place.code}#{place.number}/{place.position}/{field}"
        record_event(connection, person, "field.corrected", subject, detail)
