"""What becomes of a field without a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.checks.acceptance import Bars
from pipeline.checks.rules import is_soft
from pipeline.checks.settled import settled_by_list
from pipeline.checks.twins import TWIN
from pipeline.checks.voids import VOIDED
from pipeline.checks.witnesses import readers_differ
from pipeline.fields import FIELDS
from pipeline.reading.corrections import CORRECTED
from pipeline.reading.overflow import OVERFLOWS, OVERRUN, TORN
from pipeline.reading.ticks import NONE_TICKED, SEVERAL_TICKED
from pipeline.reading.verdict import STAMPED
from pipeline.types import Decision, EntryResult, FieldResult, Finding, ValueState

_BY_OTHERS = (Decision.PERSON, Decision.RESCAN)
MARGIN_NOTE = "margin_note"
"""Reason of what stands in the margin beside an entry: a change of it, or its correction."""
_NEVER_UNSEEN = frozenset(
    {STAMPED, VOIDED, SEVERAL_TICKED, MARGIN_NOTE, CORRECTED, OVERFLOWS, OVERRUN, TORN}
)
_NEVER_BLANK_UNSEEN = frozenset({NONE_TICKED, OVERRUN, TORN})


def decide(field: FieldResult, findings: Iterable[Finding], bars: Bars) -> Decision:
    """Accepted only if the calibrated probability passes its type's bar and no rule objects.

    What a person has set, or a rescan, stays. A blank cell stays blank unless a rule asks for
    its content; ink without text is unreadable. Never accepted unseen are writing under a stamp
    or in an entry that is crossed out, boxes of which none or several are ticked, a date that
    its twin has chosen, a text that another reader sees otherwise unless a list knows it and not
    the other (``settled``), a note in the margin, a
    correction over struck text, writing that runs over the edge of its cell, and what it leaves
    of the next one, letters that hang together with another row. All else goes to a person.
    What soft rules say is already in the probability (``witnesses``).
    """
    if field.decision in _BY_OTHERS:
        return field.decision
    if any(field.field in finding.fields and not is_soft(finding) for finding in findings):
        return Decision.UNREADABLE if field.state is ValueState.UNREADABLE else Decision.REVIEW
    sure = field.confidence >= bars.of(FIELDS[field.field].type.value, field.reader)
    if field.state is ValueState.BLANK:
        if not _NEVER_BLANK_UNSEEN.isdisjoint(field.reasons):
            return Decision.REVIEW  # a box should be ticked; a neighbour's word may be its own
        # "không có" is read like any word; an empty cell has nothing to be read
        return Decision.BLANK if sure or not field.literal.strip() else Decision.REVIEW
    if field.state is ValueState.UNREADABLE:
        return Decision.UNREADABLE
    if field.state is ValueState.STRUCK or field.value is None or _doubted(field):
        return Decision.REVIEW
    return Decision.ACCEPTED if sure else Decision.REVIEW


def _doubted(field: FieldResult) -> bool:
    chosen = any(reason in _NEVER_UNSEEN or reason.startswith(TWIN) for reason in field.reasons)
    return chosen or (readers_differ(field) and not settled_by_list(field))


def decided(entry: EntryResult, findings: Sequence[Finding], bars: Bars) -> EntryResult:
    """The entry with its findings, and all its fields decided."""
    fields = tuple(_with(field, decide(field, findings, bars)) for field in entry.fields)
    return replace(entry, fields=fields, findings=tuple(findings))


def _with(field: FieldResult, decision: Decision) -> FieldResult:
    return field if field.decision is decision else replace(field, decision=decision)
