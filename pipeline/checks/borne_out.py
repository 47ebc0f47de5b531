"""An entry's probabilities as the office's reviewed fields bear them out, before all evidence.

What the shipped calibrator gave stays beside the field (``shipped=``), so that a newer
recalibration, or none, starts from there.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.checks.acceptance import reader_family
from pipeline.checks.witnesses import EVIDENCE, own
from pipeline.fields import FIELDS
from pipeline.reading.recalibrate import Recalibration
from pipeline.types import Decision, EntryResult, FieldResult, ValueState

GIVEN = "shipped="
_BY_OTHERS = (Decision.PERSON, Decision.RESCAN)
_READ = (ValueState.WRITTEN, ValueState.DITTO)


def borne_out(entry: EntryResult, bent: Recalibration) -> EntryResult:
    """The entry with the probabilities of this recalibration; the same again changes nothing."""
    return replace(entry, fields=tuple(_borne_out(field, bent) for field in entry.fields))


def given(field: FieldResult) -> float:
    """What reader and grammar gave the field with the shipped calibrator."""
    kept = next((reason for reason in field.reasons if reason.startswith(GIVEN)), None)
    return float(kept.removeprefix(GIVEN)) if kept else own(field)


def _borne_out(field: FieldResult, bent: Recalibration) -> FieldResult:
    if field.decision in _BY_OTHERS or field.state not in _READ or field.value is None:
        return field
    before = given(field)
    type_ = FIELDS[field.field].type.value
    after = bent.probability(reader_family(field.reader), type_, before)
    plain = [reason for reason in field.reasons if not reason.startswith((GIVEN, *EVIDENCE))]
    if after == before and len(plain) == len(field.reasons):
        return field
    kept = (f"{GIVEN}{before!r}",) if after != before else ()
    return replace(field, confidence=after, reasons=(*plain, *kept))
