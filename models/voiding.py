"""An entry that a person crosses out though the machine has not asked.

What is known of it stands in the field ``voided`` (``pipeline.checks.voids``). Where the machine
has written no such field, a person's word needs a row to stand in: it comes first among the
fields, covers the whole entry, and says for the machine that nothing speaks against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, RowMapping, insert

from models.correcting import FieldChange
from models.counters import add_to_counters, count_rows, difference
from models.entries import maker_id
from models.review_entry import ReviewEntry, ReviewField, load_entry
from models.tables import FieldValue
from pipeline.checks.voids import VOIDED
from pipeline.types import Decision, Polygon, ValueState

READER = "void-by-hand/1"
_FIRST = -1
"""Position before the first printed field; the machine's own ``voided`` stands at 0."""


def with_void_field(entry: ReviewEntry) -> ReviewEntry:
    """The entry with a field ``voided`` to be said, where it has none."""
    if not entry.fields or any(field.field == VOIDED for field in entry.fields):
        return entry
    page, outline = _around(entry)
    field = ReviewField(
        field=VOIDED, position=_FIRST, page=page, polygon=outline, literal="", value=None,
        state=ValueState.BLANK, confidence=1.0, decision=Decision.ACCEPTED, reasons=(),
        place=None, reader=READER,
    )  # fmt: skip
    return replace(entry, fields=(field, *entry.fields))


def make_room(
    connection: Connection, place: RowMapping, changes: Sequence[FieldChange]
) -> list[FieldChange]:
    """Write the row of ``voided`` where a change says it and the entry has none.

    Args:
        connection: a running transaction.
        place: of ``models.correcting.lock_entry``.
        changes: what a person says.

    Returns:
        The changes to make: an entry that is not void need not be told so.
    """
    said = next((one for one in changes if one.field == VOIDED), None)
    if said is None:
        return list(changes)
    entry = load_entry(connection, place["id"])
    offered = with_void_field(entry)
    if offered is entry:
        return list(changes)
    if said.state is ValueState.BLANK:
        return [one for one in changes if one is not said]
    field = offered.field(VOIDED)
    before = count_rows(connection, scan_id=place["scan_id"])[place["book_id"]]
    connection.execute(
        insert(FieldValue).values(
            entry_id=entry.id, field=VOIDED, position=field.position, page=field.page,
            polygon=[list(point) for point in field.polygon], literal="", value=None,
            state=field.state, confidence=field.confidence, raw_confidence=field.confidence,
            decision=field.decision, reasons=[], maker_id=maker_id(connection, READER),
        )
    )  # fmt: skip
    after = count_rows(connection, scan_id=place["scan_id"])[place["book_id"]]
    add_to_counters(connection, place["book_id"], difference(after, before))
    return list(changes)


def _around(entry: ReviewEntry) -> tuple[int, Polygon]:
    """Page that holds most of an entry, and the upright box around its fields there."""
    pages = [field.page for field in entry.fields]
    page = max(sorted(set(pages)), key=pages.count)
    points = [point for one in entry.fields if one.page == page for point in one.polygon]
    (left, right), (top, bottom) = ((min(at), max(at)) for at in zip(*points, strict=True))
    return page, ((left, top), (right, top), (right, bottom), (left, bottom))
