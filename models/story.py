"""All that is known of one entry, the machine's word and a person's side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.database import Database
from models.rows import field_from, finding_from
from models.tables import Entry, FieldValue, FindingRow, Maker, Page, Scan
from pipeline.types import FieldResult, Finding


@dataclass(frozen=True)
class PersonsWord:
    """What a person set, and when."""

    value: str | None
    state: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class FieldStory:
    """A field: what the machine has of it, who read it with which version, and a person's word."""

    machine: FieldResult
    pipeline_version: str
    side: str
    """``single``, ``left`` or ``right``: the page of the scan."""
    person: PersonsWord | None


@dataclass(frozen=True)
class EntryStory:
    """An entry where it was found."""

    entry_id: int
    scan: str
    position: int
    number: str
    fields: tuple[FieldStory, ...]
    findings: tuple[Finding, ...]


def entry_stories(db: Database, book_id: int, where: str) -> list[EntryStory]:
    """Entries of a book by their number, or by scan and position (``0003.jpg/0``).

    Args:
        db: the database.
        book_id: the book.
        where: number as the entry bears it, or name of the scan, a slash and the position.

    Returns:
        All that fit, in book order: a number may stand twice.
    """
    scan, slash, position = where.rpartition("/")
    query = select(Entry.id, Entry.position, Entry.number, Scan.name, Scan.id.label("scan_id"))
    query = query.join(Scan, Scan.id == Entry.scan_id).where(Entry.book_id == book_id)
    if slash and position.isdecimal():
        query = query.where(Scan.name == scan, Entry.position == int(position))
    else:
        query = query.where(Entry.number.in_({where, where.lstrip("0")}))
    with db.read() as connection:
        stories = []
        for entry in connection.execute(query.order_by(Scan.number, Entry.position)).all():
            sides = dict(
                connection.execute(
                    select(Page.position, Page.side).where(Page.scan_id == entry.scan_id)
                ).all()
            )
            rows = connection.execute(
                select(FieldValue.__table__, Maker.reader, Maker.pipeline_version)
                .join(Maker, Maker.id == FieldValue.maker_id)
                .where(FieldValue.entry_id == entry.id)
                .order_by(FieldValue.position, FieldValue.field)
            ).mappings()
            fields = []
            for row in rows:
                machine = field_from({**row, "person_state": None}, finished=True)  # type: ignore[arg-type]
                person = None
                if row["person_state"] is not None:
                    person = PersonsWord(
                        row["person_value"],
                        str(row["person_state"]),
                        row["person_by"] or "",
                        row["person_at"],
                    )
                side = str(sides.get(row["page"], row["page"]))
                fields.append(FieldStory(machine, row["pipeline_version"], side, person))
            findings = connection.execute(
                select(FindingRow.__table__)
                .where(FindingRow.entry_id == entry.id)
                .order_by(FindingRow.position)
            ).mappings()
            stories.append(
                EntryStory(
                    entry.id,
                    entry.name,
                    entry.position,
                    entry.number,
                    tuple(fields),
                    tuple(finding_from(row) for row in findings),
                )
            )
        return stories
