"""What a clerk may have written where a person has set a value: candidates for the ink."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.fields import FIELDS, FieldType
from pipeline.types import ValueState
from pipeline.values.context import Context
from pipeline.values.manner import Manner, manner_of, with_manners
from pipeline.values.normalise import normalise
from pipeline.values.text import clean, same_words
from pipeline.values.written import ways_to_write

_NEVER_MIXED = frozenset(
    {
        FieldType.NAME,
        FieldType.DATE,
        FieldType.DATE_WORDS,
        FieldType.YEAR_OR_DATE,
        FieldType.TIME,
        FieldType.SEX,
        FieldType.AGE,
    }
)
"""Types in whose texts capitals follow one rule; a text that follows none is misread."""


def texts_in_manners(
    field: str, value: str, read: Sequence[str], context: Context
) -> tuple[str, ...]:
    """``texts_for``, the first of them in every manner of capitals, so that a book's be chosen."""
    texts = with_manners(texts_for(field, value, read, context))
    if FIELDS[field].type not in _NEVER_MIXED:
        return texts
    return tuple(text for text in texts if manner_of(text) is not Manner.MIXED) or texts


def texts_for(field: str, value: str, read: Sequence[str], context: Context) -> tuple[str, ...]:
    """Texts that mean ``value``, the machine's own readings first where they mean it too.

    Args:
        field: name of the field.
        value: as a person set it.
        read: what readers saw in the cell.
        context: the book.

    Returns:
        Readings that mean the value exactly, without being bent to it: one of them is what
        stands there. Only where there is none, the ways to write the value.
    """
    own = tuple(
        dict.fromkeys(
            text for one in read if (text := clean(one)) and _means(field, text, value, context)
        )
    )
    if own:
        return own
    return tuple(ways_to_write(field, value, context))


def _means(field: str, text: str, value: str, context: Context) -> bool:
    found = normalise(field, text, context)
    if found.state is not ValueState.WRITTEN or found.normalized is None or found.factor < 1:
        return False
    if found.normalized == value:
        return True
    # Other capitals may be the clerk's; a mixture that nobody writes (TRẦN THANH Hảo) is the net's.
    return same_words(found.normalized, value) and text in ways_to_write(field, value, context)
