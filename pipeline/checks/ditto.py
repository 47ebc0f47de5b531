"""Dittos take a value from the row above, or on a form from the field before (V17)."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import replace

from pipeline.checks.witnesses import EVIDENCE, LENT, OWN, own
from pipeline.fields import FIELDS
from pipeline.types import Decision, EntryResult, FieldResult, ValueState
from pipeline.values.normalise import DITTO, DITTO_UNRESOLVED

IN_ENTRY = "ditto_in_entry"
"""Reason of a ditto that repeats a field of its own entry and none of the row above."""
DITTO_CORRECTED = "ditto_corrected"
"""Reason of a ditto whose value is the one a person has put above it since it was read."""


def _open(field: FieldResult) -> bool:
    return (
        field.state is ValueState.DITTO
        and field.value is None
        and DITTO_UNRESOLVED not in field.reasons
    )


def _taken(
    field: FieldResult, above: FieldResult | None, run: int = 0, together: float = math.inf
) -> FieldResult | None:
    """The field with the value above it; None where nothing stands there.

    A column of marks stands or falls with its head, and each mark adds its own doubt to it. But
    marks of one clerk are misread in some books and in others never (of 410 marks of 13 books two
    were wrong, both in one), so that these doubts are not independent: the n-th mark of a run adds
    what the mean of a beta distribution over books gives after n that were right.
    """
    if above is None or above.value is None:
        return None
    doubt = (1 - own(field)) / (1 + run / together)
    reasons = (reason for reason in field.reasons if not reason.startswith(EVIDENCE))
    return replace(
        field,
        value=above.value,
        place=above.place,
        confidence=(1 - doubt) * own(above),
        reasons=(*reasons, DITTO),
    )


def repeats_row_above(field: FieldResult) -> bool:
    """Whether the field is a ditto of which the machine found what stands above."""
    ditto = field.state is ValueState.DITTO and DITTO in field.reasons
    return ditto and IN_ENTRY not in field.reasons


def corrected(field: FieldResult, value: str | None) -> FieldResult:
    """A machine's ditto with the value a person has put where it points; it is to be asked."""
    reasons = (
        field.reasons if DITTO_CORRECTED in field.reasons else (*field.reasons, DITTO_CORRECTED)
    )
    return replace(field, value=value, place=None, decision=Decision.REVIEW, reasons=reasons)


def below(
    field: FieldResult, above: FieldResult | None, run: int = 0, together: float = math.inf
) -> FieldResult:
    """The field under a row's field: a ditto takes its value, or follows a person's word on it.

    Args:
        field: of the row.
        above: that of the row above.
        run: so many marks stand directly above one another, ending with that row.
        together: so many marks halve the doubt of the next (``evidence.ditto_run``).
    """
    if _open(field):
        return _taken(field, above, run, together) or field
    return _following(field, above) if repeats_row_above(field) else field


def following_in_entry(entry: EntryResult) -> EntryResult:
    """The entry with dittos that repeat one of its own fields following a person's word on it."""
    if not any(IN_ENTRY in field.reasons for field in entry.fields):
        return entry
    done: list[FieldResult] = []
    for field in entry.fields:
        if field.state is ValueState.DITTO and IN_ENTRY in field.reasons:
            field = _following(field, field_before(field, done))
        done.append(field)
    return replace(entry, fields=tuple(done))


def _following(field: FieldResult, source: FieldResult | None) -> FieldResult:
    if source is None or field.decision is Decision.PERSON or source.value == field.value:
        return field
    theirs = source.decision is Decision.PERSON or DITTO_CORRECTED in source.reasons
    return corrected(field, source.value) if theirs else field


def _above(done: Sequence[EntryResult], breaks: Set[int]) -> dict[str, FieldResult]:
    """Fields of the row above the next one, where that row was read."""
    if not done or len(done) in breaks:
        return {}
    return {field.field: field for field in done[-1].fields}


def from_rows_above(
    entries: Sequence[EntryResult],
    breaks: Set[int] = frozenset(),
    together: float = math.inf,
) -> tuple[EntryResult, ...]:
    """Dittos of a ledger, rows in book order, over page turns too.

    One that has its value from its page follows a person's word on the row above. What stays
    open has nothing above it yet: the first row of a page, or of the book.

    Args:
        entries: in book order.
        breaks: positions whose row above was not read: that of a scan in between.
        together: as for :func:`below`; without it each mark is doubted as if it stood alone.
    """
    done: list[EntryResult] = []
    runs: dict[str, int] = {}
    for entry in entries:
        above = _above(done, breaks)
        fields = tuple(
            below(field, above.get(field.field), runs.get(field.field, 0), together)
            for field in entry.fields
        )
        runs = {f.field: runs.get(f.field, 0) + 1 for f in fields if repeats_row_above(f)}
        done.append(replace(entry, fields=fields))
    return tuple(done)


def with_doubt_from_above(
    entries: Sequence[EntryResult], breaks: Set[int] = frozenset()
) -> tuple[EntryResult, ...]:
    """Decided rows: no ditto accepts unseen what is open, or says otherwise, in the row above."""
    done: list[EntryResult] = []
    for entry in entries:
        above = _above(done, breaks)
        fields = tuple(
            replace(field, decision=Decision.REVIEW)
            if field.decision is Decision.ACCEPTED
            and repeats_row_above(field)
            and (source := above.get(field.field)) is not None
            and (source.decision in _NOT_BELIEVED or source.value != field.value)
            else field
            for field in entry.fields
        )
        done.append(replace(entry, fields=fields))
    return tuple(done)


_NOT_BELIEVED = (Decision.REVIEW, Decision.UNREADABLE, Decision.RESCAN)
ROW_ABOVE = "row_above"
_BY_OTHERS = (Decision.PERSON, Decision.RESCAN)
_SURELY = 1e-6


def with_lent_evidence(
    entries: Sequence[EntryResult], ceiling: float, breaks: Set[int] = frozenset()
) -> tuple[EntryResult, ...]:
    """Rows of which dittos are as sure as the value they repeat, and their mark, make them.

    What speaks for the value above speaks for its repetition; that the mark is a ditto, it does
    not say: the mark keeps its own doubt, and so does each mark between.

    Args:
        entries: weighed, in book order.
        ceiling: probability above which nothing is lifted.
        breaks: as for :func:`from_rows_above`.
    """
    done: list[EntryResult] = []
    for entry in entries:
        above = _above(done, breaks)
        fields = tuple(_lent(field, above.get(field.field), ceiling) for field in entry.fields)
        done.append(replace(entry, fields=fields))
    return tuple(done)


def _lent(field: FieldResult, above: FieldResult | None, ceiling: float) -> FieldResult:
    if (
        not repeats_row_above(field)
        or field.decision in _BY_OTHERS
        or above is None
        or above.value != field.value
    ):
        return field
    before, source = own(field), own(above)
    if not 0 < before <= source or above.confidence == source:
        return field
    mark = before / source
    own_witnesses = _odds(field.confidence) / _odds(before)
    odds = _odds(mark * above.confidence) * own_witnesses
    # Nothing but a ditto's own witnesses makes it surer than its mark.
    most = max(field.confidence, min(ceiling, mark))
    kept = () if any(reason.startswith(OWN) for reason in field.reasons) else (f"{OWN}{before!r}",)
    return replace(
        field,
        confidence=min(most, odds / (1 + odds)),
        reasons=(*field.reasons, *kept, LENT + ROW_ABOVE),
    )


def _odds(probability: float) -> float:
    inside = min(1 - _SURELY, max(_SURELY, probability))
    return inside / (1 - inside)


def _part(field: FieldResult) -> str:
    """``residence`` of ``mother_residence``: what a ditto on a form repeats."""
    for person in ("father", "mother", "husband", "wife", "declarant"):
        if field.field.startswith(f"{person}_"):
            return field.field.removeprefix(f"{person}_")
    return field.field


def field_before(field: FieldResult, fields: Sequence[FieldResult]) -> FieldResult | None:
    """What a ditto on a form repeats of the fields printed before it; None where nothing fits."""
    before = [
        one
        for one in reversed(fields)
        if FIELDS[one.field].type is FIELDS[field.field].type and one.value is not None
    ]
    same_part = [one for one in before if _part(one) == _part(field)]
    return next(iter(same_part or before), None)


def from_fields_before(entry: EntryResult) -> EntryResult:
    """Dittos of a form: the same part of the person before, else the last field of its type.

    ``như trên`` at the mother's residence means the father's. What finds nothing is marked, so
    that no other entry lends it a value.
    """
    done: list[FieldResult] = []
    for field in entry.fields:
        if _open(field):
            taken = _taken(field, field_before(field, done))
            reason = IN_ENTRY if taken else DITTO_UNRESOLVED
            field = replace(taken or field, reasons=(*(taken or field).reasons, reason))
        done.append(field)
    return replace(entry, fields=tuple(done))
