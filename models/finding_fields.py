"""Where the fields of a scan are, for whoever corrects them from a list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.database import Database
from models.tables import Entry, FieldValue, Scan
from pipeline.types import ValueState


@dataclass(frozen=True)
class FieldPlace:
    """A field as it stands now, a person's word before the machine's.

    ``position`` is that of its entry among those of the scan, from 0.
    """

    entry_id: int
    position: int
    number: str
    field: str
    value: str | None
    state: ValueState
    by_person: bool


def scan_fields(db: Database, book_id: int, scan: str) -> list[FieldPlace]:
    """Fields of the scan of a name, in the order of its entries; none where there is no such."""
    query = (
        select(
            Entry.id, Entry.position, Entry.number, FieldValue.field, FieldValue.value,
            FieldValue.state, FieldValue.person_value, FieldValue.person_state,
        )
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Scan, Scan.id == Entry.scan_id)
        .where(Scan.book_id == book_id, Scan.name == scan)
        .order_by(Entry.position, FieldValue.position, FieldValue.field)
    )  # fmt: skip
    with db.read() as connection:
        found = []
        for row in connection.execute(query):
            person = row.person_state is not None
            found.append(
                FieldPlace(
                    row.id,
                    row.position,
                    row.number,
                    row.field,
                    row.person_value if person else row.value,
                    ValueState(row.person_state if person else row.state),
                    person,
                )
            )
        return found
