"""What becomes of a field without a person, and how independent evidence adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.checks.entry_rules import WITNESSES
from pipeline.checks.rules import is_soft
from pipeline.fields import FIELDS
from pipeline.settings import DecisionThresholds
from pipeline.types import Decision, EntryResult, FieldResult, Finding, ValueState

AGREES = "agrees_with="
_SOFT_DOUBT = 0.9
"""What a soft warning leaves of a probability."""
_MOST = 0.9999
_BY_OTHERS = (Decision.PERSON, Decision.RESCAN)


def combine(one: float, other: float) -> float:
    """Probability that two independent readings which agree are right.

    Odds multiply. This is careful: it lets two wrong readings agree as easily as if there were
    only one wrong value, while a wrong date would have to meet one of thousands.
    """
    one, other = min(one, _MOST), min(other, _MOST)
    both = one * other
    neither = (1 - one) * (1 - other)
    return min(_MOST, both / (both + neither)) if both + neither else 0.0


def raised(field: FieldResult, witness: str, probability: float) -> FieldResult:
    """The field with a witness for its value; a witness counts once.

    A witness that is itself unlikely says nothing, rather than speaking against the field.
    """
    reason = AGREES + witness
    if reason in field.reasons or field.decision in _BY_OTHERS or probability <= 0.5:
        return field
    confidence = max(field.confidence, combine(field.confidence, probability))
    return replace(field, confidence=confidence, reasons=(*field.reasons, reason))


def hear_witnesses(entry: EntryResult) -> EntryResult:
    """Raises dates in digits and in words that say the same (rule V07 in its good case)."""
    by_name = {field.field: field for field in entry.fields}
    for digits, words in WITNESSES:
        one, other = by_name.get(digits), by_name.get(words)
        if one and other and one.value and one.value == other.value:
            by_name[digits] = raised(one, words, other.confidence)
            by_name[words] = raised(other, digits, one.confidence)
    return replace(entry, fields=tuple(by_name[field.field] for field in entry.fields))


def decide(
    field: FieldResult, findings: Iterable[Finding], thresholds: DecisionThresholds
) -> Decision:
    """Accepted only if the calibrated probability passes its type's bar and no rule objects.

    What a person has set, or a rescan, stays. A blank cell stays blank unless a rule asks for
    its content; ink without text is unreadable; all else goes to a person.
    """
    if field.decision in _BY_OTHERS:
        return field.decision
    against = [finding for finding in findings if field.field in finding.fields]
    if any(not is_soft(finding) for finding in against):
        return Decision.UNREADABLE if field.state is ValueState.UNREADABLE else Decision.REVIEW
    bar = thresholds.accept.get(
        FIELDS[field.field].type.value, thresholds.accept.get("default", 1.0)
    )
    sure = field.confidence * (_SOFT_DOUBT if against else 1.0) >= bar
    if field.state is ValueState.BLANK:
        # "không có" is read like any word; an empty cell has nothing to be read
        return Decision.BLANK if sure or not field.literal.strip() else Decision.REVIEW
    if field.state is ValueState.UNREADABLE:
        return Decision.UNREADABLE
    if field.state is ValueState.STRUCK or field.value is None:
        return Decision.REVIEW
    return Decision.ACCEPTED if sure else Decision.REVIEW


def decided(
    entry: EntryResult, findings: Sequence[Finding], thresholds: DecisionThresholds
) -> EntryResult:
    """The entry with its findings, and all its fields decided."""
    fields = tuple(
        replace(field, decision=decide(field, findings, thresholds)) for field in entry.fields
    )
    return replace(entry, fields=fields, findings=tuple(findings))
