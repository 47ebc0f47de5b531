"""A date in digits and the same in words, read together (Thông tư 04/2020 Đ.31.2).

Where one of the two was not understood, or only by bending its text, both are asked for the day
that each says at a small cost. What is filled in so goes to a person all the same: the twin has
chosen it, so that it is no free witness.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.checks.witnesses import TWICE, own
from pipeline.types import Decision, EntryResult, FieldResult, ValueState
from pipeline.values import Context
from pipeline.values.dates import agree, candidates
from pipeline.values.found import BENT

TWIN = "from_twin="
"""Reason of a date that its twin in digits or words has chosen; carries what it was before."""


def with_twin_dates(entry: EntryResult, context: Context) -> EntryResult:
    """The entry with the dates that digits and words say together; the literals stay.

    Nothing changes where both say the same already, or where both are surely said and differ
    (rule V07 tells).
    """
    fields = {field.field: field for field in entry.fields}
    for names in TWICE:
        pair = [fields.get(name) for name in names]
        one, other = pair
        if one is None or other is None or not (_legible(one) and _legible(other)):
            continue
        if one.value == other.value and one.value is not None:
            continue
        said = agree(candidates(one.literal, context), candidates(other.literal, context)).edtf
        if said is not None:
            fields |= {field.field: _with(field, said) for field in (one, other)}
    return replace(entry, fields=tuple(fields[field.field] for field in entry.fields))


def _legible(field: FieldResult) -> bool:
    return (
        field.state is ValueState.WRITTEN
        and bool(field.literal.strip())
        and field.decision not in (Decision.PERSON, Decision.RESCAN)
    )


def _with(field: FieldResult, said: str) -> FieldResult:
    """A field that says less than the two together is not wrong: it stays."""
    if field.value is not None and said.startswith(field.value):
        return field
    return replace(
        field,
        value=said,
        confidence=own(field) * BENT,
        reasons=(*field.reasons, f"{TWIN}{field.value or ''}"),
    )
