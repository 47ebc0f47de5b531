"""Machine values that people have seen, with what they stand for: what calibration learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import String, and_, case, cast, func, or_, select

from models.audit import record_event
from models.database import Database
from models.tables import Book, BookCounter, Entry, FieldValue, Maker
from pipeline.checks.acceptance import reader_family
from pipeline.checks.borne_out import GIVEN
from pipeline.checks.sampling import SAMPLED, STOPPED
from pipeline.checks.witnesses import OWN
from pipeline.fields import FIELDS
from pipeline.reading.recalibrate import Judged
from pipeline.types import Decision, ValueState

_VALUE = and_(FieldValue.value.is_not(None), FieldValue.state == ValueState.WRITTEN)
_HELD = or_(
    cast(FieldValue.reasons, String).contains(SAMPLED),
    cast(FieldValue.reasons, String).contains(STOPPED),
)
_Kind = tuple[str, str, bool]
"""Reader family, field type, whether the probability would let it pass."""


def judged_values(db: Database) -> list[Judged]:
    """Written values that a person has seen, each with the fields that it stands for.

    People see the doubtful fields and a sample of the accepted ones. Within reader, field type
    and either of these two kinds, each seen field stands for as many as there are unseen ones.
    An accepted field that a person changed without its being drawn is left out: nobody counts
    the accepted ones that were looked at and left.
    """
    totals = _totals(db)
    found = list(_seen(db))
    seen = Counter(kind for kind, _ in found)
    return [
        replace(judged, weight=max(1.0, totals.get(kind, 0) / seen[kind])) for kind, judged in found
    ]


def record_calibration(db: Database, action: str, detail: Mapping[str, Any], *, actor: str) -> None:
    """Note in the audit log what became of a calibration; the curves are files of the home."""
    with db.write() as connection:
        record_event(connection, actor, f"calibration.{action}", "office", dict(detail))


def _totals(db: Database) -> dict[_Kind, int]:
    passes = case((FieldValue.decision == Decision.ACCEPTED, 1), (_HELD, 1), else_=0)
    query = (
        select(Maker.reader, FieldValue.field, passes.label("passes"), func.count().label("fields"))
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(_VALUE)
        .group_by(Maker.reader, FieldValue.field, "passes")
    )
    totals: Counter[_Kind] = Counter()
    with db.read() as connection:
        for row in connection.execute(query):
            totals[_kind(row.reader, row.field, bool(row.passes))] += row.fields
    return dict(totals)


def _kind(reader: str, field: str, passes: bool) -> _Kind:
    return reader_family(reader), FIELDS[field].type.value, passes


def _seen(db: Database) -> Iterator[tuple[_Kind, Judged]]:
    query = (
        select(
            Book.code, FieldValue.entry_id, Maker.reader, FieldValue.field, FieldValue.value,
            FieldValue.state, FieldValue.confidence, FieldValue.reasons, FieldValue.person_value,
            FieldValue.person_state,
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Entry, Entry.book_id == Book.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(
            BookCounter.fields_person > 0,
            FieldValue.person_state.is_not(None),
            FieldValue.decision != Decision.ACCEPTED,
            _VALUE,
        )
        .order_by(Book.code, FieldValue.entry_id, FieldValue.position)
    )  # fmt: skip
    with db.read() as connection:
        for row in connection.execute(query):
            held = any(r == SAMPLED or r.startswith(STOPPED) for r in row.reasons)
            kind = _kind(row.reader, row.field, held)
            right = row.person_state == row.state and (row.person_value or "") == row.value
            yield kind, Judged(kind[0], kind[1], row.code, str(row.entry_id), _given(row), right)


def _given(row: SqlRow[Any]) -> float:
    """The shipped calibrator's word: kept where the office's own curves, or evidence, moved it."""
    for kept in (GIVEN, OWN):
        for reason in row.reasons:
            if reason.startswith(kept):
                return float(reason.removeprefix(kept))
    return float(row.confidence)
