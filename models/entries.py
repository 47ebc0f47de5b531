"""Writing the entries of a scan: all machine rows anew, a person's words untouched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import (
    Connection,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from models.counters import DECIDED
from models.records import derive_records
from models.rows import field_columns, finding_columns
from models.states import DeskState, EntryState, LinkState
from models.tables import (
    Book,
    CheckEntry,
    Draft,
    Entry,
    EntryLink,
    FieldValue,
    FindingRow,
    Maker,
    ReviewHold,
)
from pipeline.checks.voids import VOIDED
from pipeline.types import Decision, EntryResult, Finding, Severity, ValueState

OPEN_DECISIONS = (Decision.REVIEW, Decision.UNREADABLE, Decision.RESCAN)
"""Decisions that a person still has to follow up."""

_KEPT = (DeskState.ESCALATED, DeskState.RESCAN)
"""Said by a person; only a person takes it back."""


def replace_entries(
    connection: Connection,
    book_id: int,
    scan_id: int,
    entries: Sequence[EntryResult],
    pipeline_version: str,
) -> None:
    """Put the entries of a scan in place of those that were there.

    Fields that a person has set stay, with their entry; only the machine's columns beside them
    are renewed. An entry that somebody holds, is drafting, has escalated or reviewed stays too,
    one that the second loop has drawn or sent back, and one of whose links somebody has spoken.
    A released entry stays whole, and so do all entries of a released book.
    """
    book_released = select(Book.released_at).where(Book.id == book_id)
    if connection.execute(book_released).scalar() is not None:
        return
    kept = _clear(connection, scan_id)
    released = released_positions(connection, scan_id)
    entries = [entry for entry in entries if entry.index not in released]
    kept = {index: entry_id for index, entry_id in kept.items() if index not in released}
    fresh = [entry for entry in entries if entry.index not in kept]
    ids = dict(kept)
    if fresh:
        written = connection.execute(
            insert(Entry).returning(Entry.id, Entry.position, sort_by_parameter_order=True),
            [
                {
                    "book_id": book_id,
                    "scan_id": scan_id,
                    "position": entry.index,
                    "number": entry.number,
                    "state": EntryState.SETTLED,
                }
                for entry in fresh
            ],
        )
        ids |= {position: entry_id for entry_id, position in written}
    for entry in entries:
        if entry.index in kept:
            connection.execute(
                update(Entry)
                .where(Entry.id == ids[entry.index])
                .values(number=entry.number, version=Entry.version + 1)
            )
    makers = _makers(connection, pipeline_version, entries)
    _write_fields(connection, [(ids[entry.index], entry) for entry in entries], kept, makers)
    write_findings(connection, book_id, [(ids[entry.index], entry.findings) for entry in entries])
    gone = [kept[index] for index in kept.keys() - {entry.index for entry in entries}]
    if gone:  # held or drafted, and no longer on the page; what a person has set stays
        without_fields = ~exists().where(FieldValue.entry_id == Entry.id)
        connection.execute(delete(Entry).where(Entry.id.in_(gone), without_fields))
    refresh_entries(connection, list(ids.values()))


def _clear(connection: Connection, scan_id: int) -> dict[int, int]:
    """Delete the machine's rows; returns position and id of the entries a person has touched."""
    judged = EntryLink.state != LinkState.SUGGESTED
    touched = or_(
        exists().where(FieldValue.entry_id == Entry.id, FieldValue.person_state.is_not(None)),
        exists().where(ReviewHold.entry_id == Entry.id),
        exists().where(Draft.entry_id == Entry.id),
        exists().where(CheckEntry.entry_id == Entry.id),
        exists().where(EntryLink.first_entry_id == Entry.id, judged),
        exists().where(EntryLink.second_entry_id == Entry.id, judged),
        Entry.sent_back,
        Entry.desk.in_(_KEPT),
        Entry.reviewed_at.is_not(None),
        Entry.released_at.is_not(None),
    )
    connection.execute(delete(Entry).where(Entry.scan_id == scan_id, ~touched))
    touched_entries = select(Entry.position, Entry.id).where(Entry.scan_id == scan_id)
    kept = dict(connection.execute(touched_entries).all())
    released = released_positions(connection, scan_id)
    ids = [entry_id for position, entry_id in kept.items() if position not in released]
    if ids:
        connection.execute(
            delete(FieldValue).where(
                FieldValue.entry_id.in_(ids), FieldValue.person_state.is_(None)
            )
        )
        connection.execute(delete(FindingRow).where(FindingRow.entry_id.in_(ids)))
        connection.execute(update(Entry).where(Entry.id.in_(ids)).values(as_read=None))
    return kept


def released_positions(connection: Connection, scan_id: int) -> frozenset[int]:
    """Positions of the entries of a scan that are signed off."""
    query = select(Entry.position).where(Entry.scan_id == scan_id, Entry.released_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def _makers(
    connection: Connection, pipeline_version: str, entries: Iterable[EntryResult]
) -> dict[str, int]:
    """Ids of the makers of these entries' fields by reader, new ones written."""
    readers = sorted({field.reader for entry in entries for field in entry.fields})
    return _makers_of(connection, pipeline_version, readers) if readers else {}


def maker_id(connection: Connection, reader: str, pipeline_version: str = "") -> int:
    """Id of one maker, written where it is new; a person's hand has no version of the pipeline."""
    return _makers_of(connection, pipeline_version, [reader])[reader]


def _makers_of(
    connection: Connection, pipeline_version: str, readers: Sequence[str]
) -> dict[str, int]:
    known = select(Maker.reader, Maker.id).where(
        Maker.reader.in_(readers), Maker.pipeline_version == pipeline_version
    )
    found = dict(connection.execute(known).all())
    missing = [reader for reader in readers if reader not in found]
    if not missing:
        return found
    # Another worker may be writing the same ones: whoever is second finds them there.
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = [{"reader": reader, "pipeline_version": pipeline_version} for reader in missing]
    connection.execute(dialect.insert(Maker).on_conflict_do_nothing(), new)
    return dict(connection.execute(known).all())


def _write_fields(
    connection: Connection,
    entries: Sequence[tuple[int, EntryResult]],
    kept: dict[int, int],
    makers: dict[str, int],
) -> None:
    persons = set()
    if kept:
        persons = set(
            connection.execute(
                select(FieldValue.entry_id, FieldValue.field).where(
                    FieldValue.entry_id.in_(list(kept.values()))
                )
            )
        )
    rows = []
    for entry_id, entry in entries:
        for position, field in enumerate(entry.fields):
            columns = {"position": position, "maker_id": makers[field.reader]}
            columns |= field_columns(field)
            if (entry_id, field.field) in persons:
                connection.execute(
                    update(FieldValue)
                    .where(FieldValue.entry_id == entry_id, FieldValue.field == field.field)
                    .values(**columns, as_read=None)
                )
            else:
                rows.append({"entry_id": entry_id, "field": field.field, **columns})
    if rows:
        connection.execute(insert(FieldValue), rows)


def write_findings(
    connection: Connection,
    book_id: int,
    findings: Iterable[tuple[int | None, Sequence[Finding]]],
) -> None:
    """Write findings by entry id, or of the book where the id is None."""
    rows = [
        {
            "book_id": book_id,
            "entry_id": entry_id,
            "position": position,
            **finding_columns(finding),
        }
        for entry_id, of_entry in findings
        for position, finding in enumerate(of_entry)
    ]
    if rows:
        connection.execute(insert(FindingRow), rows)


def refresh_entries(connection: Connection, entry_ids: Sequence[int]) -> None:
    """Bring up to date what follows from fields and findings: number, state, typed record."""
    if not entry_ids:
        return
    number, state = _refreshing()
    asked = {"entries": list(entry_ids)}
    connection.execute(number, asked)
    connection.execute(state, asked)
    derive_records(connection, entry_ids)


@lru_cache
def _refreshing() -> tuple[Update, Update]:
    """What brings number, and state and desk, of some ``entries`` up to date; built once."""
    these = Entry.id.in_(bindparam("entries", expanding=True))
    said = (
        FieldValue.entry_id == Entry.id,
        FieldValue.field == "entry_number",
        FieldValue.person_state.is_not(None),
    )
    number = select(func.coalesce(FieldValue.person_value, "")).where(*said).scalar_subquery()
    numbered = update(Entry).where(these, exists().where(*said)).values(number=number)
    crossed_out = exists().where(
        FieldValue.entry_id == Entry.id,
        FieldValue.field == VOIDED,
        or_(
            FieldValue.person_state == ValueState.WRITTEN,
            and_(FieldValue.person_state.is_(None), FieldValue.value.is_not(None)),
        ),
    )
    open_field = exists().where(
        FieldValue.entry_id == Entry.id, DECIDED.in_([str(d) for d in OPEN_DECISIONS])
    )
    error = exists().where(FindingRow.entry_id == Entry.id, FindingRow.severity == Severity.ERROR)
    released = Entry.released_at.is_not(None)
    desk = case(
        (released, DeskState.DONE),
        (Entry.desk.in_(_KEPT), Entry.desk),
        (
            or_(open_field, Entry.sent_back, and_(error, Entry.reviewed_at.is_(None))),
            DeskState.OPEN,
        ),
        (Entry.keying == 2, DeskState.SECOND),
        (Entry.keying == 3, DeskState.ARBITRATE),
        else_=DeskState.DONE,
    )
    state = case(
        (released, EntryState.RELEASED),
        (
            or_(open_field, error, Entry.sent_back, Entry.keying > 0, Entry.desk.in_(_KEPT)),
            EntryState.REVIEW,
        ),
        else_=EntryState.SETTLED,
    )
    return numbered, update(Entry).where(these).values(state=state, desk=desk, voided=crossed_out)
