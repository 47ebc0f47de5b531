"""Where entries stand that wait for a person: what evaluations match with their truth."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.database import Database
from models.states import EntryState
from models.tables import Book, Entry, Scan, Unit


@dataclass(frozen=True)
class WaitingPlace:
    """An entry by its book, scan and position."""

    entry_id: int
    kind: str
    year: int
    volume: str
    unit: str
    scan: str
    position: int


def waiting_places(db: Database) -> list[WaitingPlace]:
    """All entries that wait, in book order."""
    query = (
        select(
            Entry.id, Book.kind, Book.year, Book.volume, Unit.name, Scan.name.label("scan"),
            Entry.position,
        )
        .join(Scan, Scan.id == Entry.scan_id)
        .join(Book, Book.id == Entry.book_id)
        .join(Unit, Unit.id == Book.unit_id)
        .where(Entry.state == EntryState.REVIEW)
        .order_by(Entry.book_id, Scan.number, Entry.position)
    )  # fmt: skip
    with db.read() as connection:
        return [
            WaitingPlace(one.id, str(one.kind), one.year, one.volume, one.name, one.scan,
                         one.position)
            for one in connection.execute(query)
        ]  # fmt: skip
