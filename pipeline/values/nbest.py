"""A value out of all a reader saw: its text, and the likeliest others it thought of."""

from __future__ import annotations

from dataclasses import replace

from pipeline.fields import FIELDS, FieldType
from pipeline.types import Reading, Value, ValueState
from pipeline.values.context import Context
from pipeline.values.date_words import MARGIN
from pipeline.values.dates import decode
from pipeline.values.found import BENT
from pipeline.values.name_model import rerank
from pipeline.values.normalise import normalise

OTHER_READING = "other_reading"
"""Reason that carries the text of the reader's list that a value comes from."""
_DATES = (FieldType.DATE, FieldType.DATE_WORDS)


def value_of(field: str, reading: Reading, context: Context) -> Value:
    """Meaning of a reading; other texts of its list are tried where its own says nothing.

    The literal is always the reader's own text. A date is taken from another text only where the
    reader's own is none, a name only where ``name_model`` says so; both with a reason and a
    factor that sends them to a person.
    """
    value = normalise(field, reading.text, context)
    if value.state is not ValueState.WRITTEN or len(reading.alternatives) < 2:
        return value
    type_ = FIELDS[field].type
    if type_ is FieldType.NAME:
        ranked = rerank(reading.alternatives)
        # what the reader itself put first stands, whatever its text was made of
        if ranked and ranked[0].share < max(one.share for one in ranked):
            best = ranked[0].text
            return _other(value, normalise(field, best, context), best)
    elif type_ in _DATES and value.normalized is None:
        near = decode(reading.alternatives, context)
        clear = len(near) == 1 or (len(near) > 1 and near[1].cost - near[0].cost >= MARGIN)
        if clear:
            for text, _ in reading.alternatives:
                other = normalise(field, text, context)
                if other.normalized == near[0].edtf:
                    return _other(value, other, text)
    return value


def _other(value: Value, other: Value, text: str) -> Value:
    if other.normalized is None:
        return value
    return replace(
        other,
        literal=value.literal,
        factor=other.factor * BENT,
        reasons=(*other.reasons, f"{OTHER_READING}={text}"),
    )
