"""Rules over all books of a unit: compared when a book is finished, kept for whoever looks.

What was found of a unit and kind is replaced as a whole. Of two comparisons that overlap the one
that began later keeps its findings: it has seen at least as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.clock import Now
from models.database import Database
from models.quality import unit_rows
from models.tables import Book, Entry, UnitCheck, UnitFinding
from pipeline.checks.unit import Link, check_unit, copied_books
from pipeline.checks.unit import UnitFinding as Found
from pipeline.types import Kind

COPIES = "copies"
"""In place of a rule's id: two books that are two copies of one. No fault, but worth knowing."""
MOST_KEPT = 500
"""Findings of a unit and kind that are kept, years in order; ``found`` counts all."""
_NAMED_ENTRIES = 8
"""Entries of a finding that are kept."""


@dataclass(frozen=True)
class UnitChecked:
    """When a unit's books of a kind were last compared, and what came of it."""

    unit_id: str
    kind: Kind
    entries: int
    found: int
    at: datetime | None


@dataclass(frozen=True)
class FoundEntry:
    """An entry that a finding speaks of."""

    id: int
    book: str
    number: str


@dataclass(frozen=True)
class KeptFinding:
    """What a rule said of a year of a unit's books; ``rule`` may be :data:`COPIES`."""

    kind: Kind
    year: int
    rule: str
    detail: str
    entries: tuple[FoundEntry, ...]


def check_unit_books(
    db: Database, unit: str, kind: Kind
) -> tuple[tuple[Found, ...], tuple[Link, ...]]:
    """Compare the books of a unit and keep what the rules say.

    Costs the rows of this unit and kind alone, whatever else the database holds. What it writes
    is derived: the audit log has the books it follows from.

    Args:
        db: the database.
        unit: id of the registering unit.
        kind: births, marriages or deaths.
    """
    with db.write() as connection:
        asked = _ask(connection, unit, kind)
    rows = list(unit_rows(db, unit, kind))
    found, links = check_unit(rows)
    told = [
        *((one.year, one.finding.rule, one.finding.detail, one.rows) for one in found),
        *(
            (one.year, COPIES, f"{one.first} = {one.second} ({one.entries})", one.rows)
            for one in copied_books(links)
        ),
    ]
    told.sort(key=lambda one: (one[0], one[1]))
    this = (UnitCheck.unit_id == unit, UnitCheck.kind == kind)
    with db.write() as connection:
        now = connection.execute(select(UnitCheck.asked).where(*this).with_for_update()).scalar()
        if now != asked:
            return found, links
        connection.execute(
            delete(UnitFinding).where(UnitFinding.unit_id == unit, UnitFinding.kind == kind)
        )
        kept = [
            {
                "unit_id": unit, "kind": kind, "year": year, "rule": rule, "detail": detail,
                "entries": [row.entry_id for row in of[:_NAMED_ENTRIES]],
            }
            for year, rule, detail, of in told[:MOST_KEPT]
        ]  # fmt: skip
        if kept:
            connection.execute(insert(UnitFinding), kept)
        connection.execute(
            update(UnitCheck).where(*this).values(entries=len(rows), found=len(told), at=Now())
        )
    return found, links


def units_checked(db: Database, units: Sequence[str]) -> list[UnitChecked]:
    """The last comparisons of some units."""
    query = (
        select(UnitCheck.unit_id, UnitCheck.kind, UnitCheck.entries, UnitCheck.found, UnitCheck.at)
        .where(UnitCheck.unit_id.in_(units), UnitCheck.at.is_not(None))
        .order_by(UnitCheck.unit_id, UnitCheck.kind)
    )
    with db.read() as connection:
        return [UnitChecked(*row) for row in connection.execute(query)]


def unit_finding_counts(db: Database, units: Sequence[str]) -> dict[tuple[Kind, str], int]:
    """How many findings of each kind of book and rule are kept of some units."""
    query = (
        select(UnitFinding.kind, UnitFinding.rule, func.count())
        .where(UnitFinding.unit_id.in_(units))
        .group_by(UnitFinding.kind, UnitFinding.rule)
        .order_by(UnitFinding.kind, UnitFinding.rule)
    )
    with db.read() as connection:
        return {(kind, rule): many for kind, rule, many in connection.execute(query)}


def unit_findings(
    db: Database,
    units: Sequence[str],
    *,
    kind: Kind | None = None,
    rule: str = "",
    start: int = 0,
    most: int = 50,
) -> list[KeptFinding]:
    """Findings kept of some units, by year, with those of their entries that are still there."""
    query = (
        select(UnitFinding)
        .where(UnitFinding.unit_id.in_(units))
        .order_by(UnitFinding.kind, UnitFinding.year, UnitFinding.id)
        .offset(start)
        .limit(most)
    )
    if kind is not None:
        query = query.where(UnitFinding.kind == kind)
    if rule:
        query = query.where(UnitFinding.rule == rule)
    with db.read() as connection:
        rows = connection.execute(query).all()
        entries = _entries(connection, {int(id_) for row in rows for id_ in row.entries})
    return [
        KeptFinding(
            row.kind, row.year, row.rule, row.detail,
            tuple(entries[int(id_)] for id_ in row.entries if int(id_) in entries),
        )
        for row in rows
    ]  # fmt: skip


def _ask(connection: Connection, unit: str, kind: Kind) -> int:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = {"unit_id": unit, "kind": kind, "asked": 1, "entries": 0, "found": 0}
    statement = dialect.insert(UnitCheck).values(**fresh)
    asked = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["unit_id", "kind"], set_={"asked": UnitCheck.asked + 1}
        ).returning(UnitCheck.asked)
    ).scalar_one()
    return int(asked)


def _entries(connection: Connection, ids: set[int]) -> dict[int, FoundEntry]:
    query = (
        select(Entry.id, Book.code, Entry.number)
        .join(Book, Book.id == Entry.book_id)
        .where(Entry.id.in_(sorted(ids)))
    )
    return {row.id: FoundEntry(*row) for row in connection.execute(query)}
