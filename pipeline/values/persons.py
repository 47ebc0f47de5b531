"""What a person keys for a field, brought to the form in which values are kept."""

from __future__ import annotations

import re
from datetime import date

from pipeline.errors import InputError
from pipeline.fields import FIELDS, FieldType
from pipeline.texts import Text
from pipeline.types import ValueState
from pipeline.values.context import Context
from pipeline.values.found import BENT
from pipeline.values.normalise import normalise
from pipeline.values.text import clean

_FREE = (
    FieldType.NAME,
    FieldType.PLACE,
    FieldType.RELATION,
    FieldType.OCCUPATION,
    FieldType.TEXT,
)
_DATES = (FieldType.DATE, FieldType.DATE_WORDS, FieldType.YEAR_OR_DATE)
_EDTF = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def persons_value(
    field: str, text: str, state: str, context: Context
) -> tuple[str | None, ValueState]:
    """Value and state that a person means.

    Names, places and texts stay as they are keyed. Of everything else the meaning is kept: a
    date as EDTF whether it was keyed ``1974-12-05`` or ``5/12/1974``.

    Args:
        field: name of the field.
        text: what was keyed; empty for an empty field.
        state: as in ``ValueState``; empty where the text alone tells.
        context: the book.

    Raises:
        InputError: nobody knows the field or the state, or the text is no value of its type.
    """
    spec = FIELDS.get(field)
    if spec is None:
        raise InputError(Text("không có trường {name}", "no field {name}").format(name=field))
    value = clean(text)
    kind = _state(state, value)
    if kind in (ValueState.BLANK, ValueState.UNREADABLE):
        return None, kind
    if not value:
        return None, kind
    if spec.type in _FREE:
        return value, kind
    if spec.type in _DATES and _is_edtf(value):
        return value, kind
    found = normalise(field, value, context)
    if found.normalized is None or found.factor <= BENT:
        raise InputError(
            Text("không hiểu “{value}” ở trường {name}", "“{value}” is no value of {name}").format(
                value=value, name=field
            )
        )
    return found.normalized, kind


def _state(state: str, value: str) -> ValueState:
    if not state:
        return ValueState.WRITTEN if value else ValueState.BLANK
    try:
        kind = ValueState(state.strip().lower())
    except ValueError as error:
        known = ", ".join(ValueState)
        raise InputError(
            Text(
                "trạng thái “{state}” không có; chọn: {known}", "no state “{state}”; one of {known}"
            ).format(state=state, known=known)
        ) from error
    if kind is ValueState.WRITTEN and not value:
        raise InputError(Text("thiếu giá trị", "the value is missing").format())
    return kind


def _is_edtf(text: str) -> bool:
    match = _EDTF.fullmatch(text)
    if match is None:
        return False
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return False
    return True
