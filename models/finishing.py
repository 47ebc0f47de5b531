"""The entries of a book together, and its end: dittos, running numbers, totals.

What the page alone gave is kept (``as_read``) beside what the book made of it, so that a book
can be finished again, after a rescan or a repaired rule, from the same starting point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import refresh_entries, write_findings
from models.rows import entry_from, field_from, finding_columns, finding_from, read_columns
from models.states import BookState, DeskState, ScanState
from models.tables import (
    Book,
    Entry,
    FieldValue,
    FindingRow,
    Maker,
    Page,
    PageJob,
    Scan,
)
from models.tables.jobs import OPEN_JOBS
from pipeline.types import Decision, EntryResult, FieldResult, Finding, Severity


def book_entries(db: Database, book_id: int, *, finished: bool = False) -> list[EntryResult]:
    """Entries of a book in book order: by scan, then top to bottom.

    Args:
        db: the database.
        book_id: the book.
        finished: as ``save_finished_book`` left them. By default as the pages alone gave them,
            so that finishing a book again starts from the same point and gives the same end. A
            person's words stand in both.
    """
    with db.read() as connection:
        return [entry for _, entry in _entries(connection, book_id, finished=finished)]


@dataclass(frozen=True)
class ScanRows:
    """How many entries a scan of a book holds, and whether it was read at all."""

    number: int
    read: bool
    """A blank page or a cover is read; one to rescan, set aside or of doubtful boxes is not."""
    entries: int
    holes: tuple[int, ...] = ()
    """So many of its entries stand before a page of it that was left unread: one crossed out after
    it was filled, or under a slip."""


def scan_rows(db: Database, book_id: int) -> list[ScanRows]:
    """The scans of a book in its order; their entries are those of ``book_entries``."""
    held = (
        select(Entry.scan_id, func.count().label("entries"))
        .where(Entry.book_id == book_id)
        .group_by(Entry.scan_id)
        .subquery()
    )
    with db.read() as connection:
        rows = connection.execute(
            select(Scan.number, Scan.state, func.coalesce(held.c.entries, 0))
            .outerjoin(held, held.c.scan_id == Scan.id)
            .where(Scan.book_id == book_id)
            .order_by(Scan.number)
        ).all()
        holes = _holes(connection, book_id)
    return [
        ScanRows(number, state == ScanState.READ, count, holes.get(number, ()))
        for number, state, count in rows
    ]


def _holes(connection: Connection, book_id: int) -> dict[int, tuple[int, ...]]:
    """By number of its scan, how many entries stand before each page that was left unread."""
    doubted = connection.execute(
        select(Scan.id, Scan.number, Page.position, Page.reasons)
        .join(Page, Page.scan_id == Scan.id)
        .where(Scan.book_id == book_id, Scan.state == ScanState.ATTENTION)
        .order_by(Scan.number, Page.position)
    ).all()
    asked = sorted({scan for scan, _, _, reasons in doubted if reasons})
    if not asked:
        return {}
    first = (
        select(Entry.scan_id, func.min(FieldValue.page).label("page"))
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .where(Entry.scan_id.in_(asked))
        .group_by(Entry.id, Entry.scan_id)
    )
    pages: dict[int, list[int]] = {}
    for scan, page in connection.execute(first):
        pages.setdefault(scan, []).append(page)
    holes: dict[int, tuple[int, ...]] = {}
    for scan, number, position, reasons in doubted:
        # A page may be doubted and its entries kept all the same.
        if reasons and position not in pages.get(scan, ()):
            before = sum(page < position for page in pages.get(scan, ()))
            holes[number] = (*holes.get(number, ()), before)
    return holes


@dataclass(frozen=True)
class PlacedEntry:
    """An entry as finishing the book left it, with its scan."""

    id: int
    scan: str
    scan_number: int
    entry: EntryResult


def placed_entries(db: Database, book_id: int) -> list[PlacedEntry]:
    """Entries of a book in book order, with their ids and where they stand."""
    with db.read() as connection:
        entries = _entries(connection, book_id, finished=True)
        places = {
            entry_id: (name, number)
            for entry_id, name, number in connection.execute(
                select(Entry.id, Scan.name, Scan.number)
                .join(Scan, Scan.id == Entry.scan_id)
                .where(Entry.book_id == book_id)
            )
        }
    return [PlacedEntry(entry_id, *places[entry_id], entry) for entry_id, entry in entries]


def save_finished_book(
    db: Database,
    book_id: int,
    entries: Sequence[EntryResult],
    findings: Sequence[Finding] = (),
    *,
    run_ref: str = "",
) -> BookState:
    """Write what looking at the book as a whole changed, and close the book.

    Args:
        db: the database.
        book_id: the book.
        entries: those of ``book_entries`` in the same order: dittos resolved, findings and
            decisions of the book added. What a person has set stays as it is.
        findings: what rules say about the book rather than about one entry.
        run_ref: run of the engine, for the log.

    Returns:
        DONE, or ATTENTION where scans are missing (to rescan, quarantined, without trusted
        boxes). Its present state, with nothing written, while scans are still open.

    Raises:
        ValueError: the entries are not those of the book.
    """
    with db.write() as connection:
        lock_scans(connection, Scan.book_id == book_id)
        code, old = connection.execute(
            select(Book.code, Book.state).where(Book.id == book_id).with_for_update()
        ).one()
        open_jobs = select(PageJob.id).where(PageJob.book_id == book_id, text(OPEN_JOBS))
        if connection.execute(open_jobs.limit(1)).first():
            return BookState(old)
        before = count_rows(connection, book_id=book_id).get(book_id, Counter())
        there = _entries(connection, book_id, finished=False)
        _check_same([entry for _, entry in there], entries)
        ids = [entry_id for entry_id, _ in there]
        known = _errors(connection, book_id)
        _write_changes(connection, book_id, there, entries)
        connection.execute(delete(FindingRow).where(FindingRow.book_id == book_id))
        of_entries = zip(ids, (entry.findings for entry in entries), strict=True)
        write_findings(connection, book_id, [*of_entries, (None, findings)])
        refresh_entries(connection, ids)
        _ask_again(connection, sorted(_errors(connection, book_id) - known))
        after = count_rows(connection, book_id=book_id).get(book_id, Counter())
        stuck = after["scans_attention"] + after["scans_rescan"] + after["scans_quarantined"]
        state = BookState.ATTENTION if stuck else BookState.DONE
        connection.execute(
            update(Book)
            .where(Book.id == book_id)
            .values(state=state, finished_at=Now(), heard_fields=after["fields_person"])
        )
        change = Counter(difference(after, before))
        change[f"books_{old}"] -= 1
        change[f"books_{state}"] += 1
        moved = {name: number for name, number in change.items() if number}
        add_to_counters(connection, book_id, moved)
        detail = {"state": str(state), "entries": len(ids), "change": moved}
        record_event(connection, run_ref, "book.finished", code, detail)
    return state


def _errors(connection: Connection, book_id: int) -> set[tuple[int, str]]:
    """Entries of a book in which rules find errors, with the rules."""
    query = select(FindingRow.entry_id, FindingRow.rule).where(
        FindingRow.book_id == book_id, FindingRow.entry_id.is_not(None),
        FindingRow.severity == Severity.ERROR,
    )  # fmt: skip
    return {(row.entry_id, row.rule) for row in connection.execute(query)}


def _ask_again(connection: Connection, errors: Sequence[tuple[int, str]]) -> None:
    """Back to the operators: a rule speaks against what a person has said of these entries."""
    connection.execute(
        update(Entry)
        .where(
            Entry.id.in_(sorted({entry_id for entry_id, _ in errors})),
            Entry.desk == DeskState.DONE,
            Entry.released_at.is_(None),
        )
        .values(desk=DeskState.OPEN)
    )


def _entries(
    connection: Connection, book_id: int, *, finished: bool
) -> list[tuple[int, EntryResult]]:
    fields: dict[int, list[FieldResult]] = {}
    for row in connection.execute(
        select(FieldValue.__table__, Maker.reader)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .join(Entry, Entry.id == FieldValue.entry_id)
        .where(Entry.book_id == book_id)
        .order_by(FieldValue.entry_id, FieldValue.position, FieldValue.field)
    ).mappings():
        fields.setdefault(row["entry_id"], []).append(field_from(row, finished=finished))
    findings: dict[int, list[Finding]] = {}
    for row in connection.execute(
        select(FindingRow.__table__)
        .where(FindingRow.book_id == book_id, FindingRow.entry_id.is_not(None))
        .order_by(FindingRow.entry_id, FindingRow.position)
    ).mappings():
        findings.setdefault(row["entry_id"], []).append(finding_from(row))
    rows: Sequence[RowMapping] = (
        connection.execute(
            select(Entry.id, Entry.position, Entry.number, Entry.as_read)
            .join(Scan, Scan.id == Entry.scan_id)
            .where(Entry.book_id == book_id)
            .order_by(Scan.number, Entry.position)
        )
        .mappings()
        .all()
    )
    return [
        (
            row["id"],
            entry_from(
                row, fields.get(row["id"], []), findings.get(row["id"], []), finished=finished
            ),
        )
        for row in rows
    ]


def _check_same(there: Sequence[EntryResult], given: Sequence[EntryResult]) -> None:
    def shape(entries: Sequence[EntryResult]) -> list[tuple[int, list[str]]]:
        return [(entry.index, [field.field for field in entry.fields]) for entry in entries]

    if shape(there) != shape(given):
        raise ValueError("the entries to save are not those of the book, in its order")


def _write_changes(
    connection: Connection,
    book_id: int,
    there: Sequence[tuple[int, EntryResult]],
    entries: Sequence[EntryResult],
) -> None:
    """Write what differs from the pages' own reading, and undo what no longer does."""
    of_book = select(Entry.id).where(Entry.book_id == book_id)
    changed_before = set(
        connection.execute(
            select(FieldValue.entry_id, FieldValue.field).where(
                FieldValue.entry_id.in_(of_book), FieldValue.as_read.is_not(None)
            )
        )
    )
    released = set(
        connection.execute(
            select(Entry.id).where(Entry.book_id == book_id, Entry.released_at.is_not(None))
        ).scalars()
    )
    rows: list[dict[str, Any]] = []
    for (entry_id, read), entry in zip(there, entries, strict=True):
        if entry_id in released:
            continue
        _write_entry(connection, entry_id, read, entry)
        for was, now in zip(read.fields, entry.fields, strict=True):
            key = {"of_entry": entry_id, "of_field": now.field}
            columns, before = read_columns(now), read_columns(was)
            if was.decision is Decision.PERSON:
                continue
            if columns != before:
                rows.append({**key, **columns, "as_read": before})
            elif (entry_id, now.field) in changed_before:
                rows.append({**key, **columns, "as_read": None})
    if rows:
        connection.execute(
            update(FieldValue).where(
                FieldValue.entry_id == bindparam("of_entry"),
                FieldValue.field == bindparam("of_field"),
            ),
            rows,
        )
        changed = sorted({row["of_entry"] for row in rows})
        connection.execute(
            update(Entry)
            .where(Entry.id == bindparam("of_entry"))
            .values(version=Entry.version + 1),
            [{"of_entry": entry_id} for entry_id in changed],
        )


def _write_entry(
    connection: Connection, entry_id: int, read: EntryResult, entry: EntryResult
) -> None:
    as_read: dict[str, Any] | None = None
    if (read.number, read.findings) != (entry.number, entry.findings):
        findings = [finding_columns(finding) for finding in read.findings]
        as_read = {"number": read.number, "findings": findings}
    connection.execute(
        update(Entry).where(Entry.id == entry_id).values(number=entry.number, as_read=as_read)
    )
