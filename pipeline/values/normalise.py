"""One door to all normalizers: field name and literal in, ``Value`` out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.fields import FIELDS, FieldType
from pipeline.types import Value, ValueState
from pipeline.values.closed import as_listed, code_of, find_in, load_lexicon
from pipeline.values.context import Context
from pipeline.values.date_digits import has_digits
from pipeline.values.dates import parse_date, parse_digits
from pipeline.values.encodings import Legacy, from_legacy
from pipeline.values.found import BENT, IMPLAUSIBLE, Found, not_understood
from pipeline.values.marks import is_ditto, is_nothing
from pipeline.values.names import person_name
from pipeline.values.small import age, entry_number, identity_number
from pipeline.values.text import clean, fold
from pipeline.values.times import time_of_day

DITTO_UNRESOLVED = "ditto_unresolved"
DITTO = "ditto"
DECLARED_NONE = "declared_none"
_SEX_CUTOFF = 0.6
"""Three letters with one misread are 0.67 alike; the two sexes only 0.33."""


def _date(literal: str, context: Context) -> Found:
    return parse_date(literal, context.year)


def _date_words(literal: str, context: Context) -> Found:
    found = parse_date(literal, context.year)
    in_digits = (
        not any(sign.isalpha() for sign in literal)
        or parse_digits(literal, context.year).normalized
    )
    if has_digits(literal) and found.normalized is not None and in_digits:
        found = found.because("digits_for_words", BENT)
    return found


_A_PARENTS_YOUTH = 12
"""A parent, spouse or declarant was born so long before the book at least."""


def _year_or_date(literal: str, context: Context) -> Found:
    found = parse_date(literal, context.year, context.year - _A_PARENTS_YOUTH)
    if found.normalized is None and "tuoi" in fold(literal):
        years = age(literal, context.year)
        if years.normalized is not None:
            # the age is what was written; the year it implies is a hint for a person
            return Found(None, IMPLAUSIBLE, ("age_in_place_of_year", *years.reasons))
    return found


def _words(literal: str, context: Context) -> Found:
    text = clean(literal)
    return Found(text) if any(sign.isalnum() for sign in text) else not_understood("no_letters")


def _listed_words(name: str) -> Callable[[str, Context], Found]:
    """Words of an open list: a capital or a sign more or less means nothing.

    c and C differ in size alone; a comma behind or inside is a slip of pen or reader.
    """

    def parse(literal: str, context: Context) -> Found:
        found = _words(literal, context)
        return found._replace(normalized=found.normalized and as_listed(name, found.normalized))

    return parse


_PARSERS: dict[FieldType, Callable[[str, Context], Found]] = {
    FieldType.NAME: lambda literal, _: person_name(literal),
    FieldType.DATE: _date,
    FieldType.DATE_WORDS: _date_words,
    FieldType.YEAR_OR_DATE: _year_or_date,
    FieldType.TIME: lambda literal, _: time_of_day(literal),
    FieldType.AGE: lambda literal, context: age(literal, context.year),
    FieldType.SEX: lambda literal, context: find_in(
        load_lexicon("sexes"), literal, context.year, cutoff=_SEX_CUTOFF
    ),
    FieldType.ETHNICITY: lambda literal, context: find_in(
        load_lexicon("ethnicities"), literal, context.year
    ),
    FieldType.NATIONALITY: lambda literal, context: find_in(
        load_lexicon("nationalities"), literal, context.year
    ),
    FieldType.NUMBER: lambda literal, context: entry_number(literal, context.year),
    FieldType.IDENTITY: lambda literal, context: identity_number(literal, context.year),
    FieldType.PLACE: _words,
    FieldType.RELATION: _listed_words("relations"),
    FieldType.OCCUPATION: _listed_words("occupations"),
    FieldType.TEXT: _words,
}


def normalise(field: str, literal: str, context: Context) -> Value:
    """Meaning of what was read in a field.

    Never raises on any text and never invents: what is not understood has ``normalized`` None,
    a low ``factor`` and a reason. The literal is kept as it was read.

    Raises:
        KeyError: ``field`` is not in ``pipeline.fields.FIELDS``.
    """
    type_ = FIELDS[field].type
    text = clean(literal)
    if not text:
        return Value(literal, None, ValueState.BLANK)
    if is_ditto(text):
        return Value(literal, None, ValueState.DITTO)
    if is_nothing(text):
        # "không có", a dash: the clerk says that there is nothing (registers.md 3.5)
        return Value(literal, None, ValueState.BLANK, reasons=(DECLARED_NONE,))
    text, flags = _decoded(literal, text)
    found = _PARSERS[type_](text, context)
    for flag, factor in flags:
        found = found.because(flag, factor)
    if field == "death_cause":
        code = code_of("causes", text)
        found = found.because(f"cause={code}") if code else found
    return Value(literal, found.normalized, ValueState.WRITTEN, found.factor, found.reasons)


def _decoded(literal: str, text: str) -> tuple[str, list[tuple[str, float]]]:
    """The text out of an old encoding, and what is odd about how the literal is written."""
    if literal.isascii():
        return text, []
    flags: list[tuple[str, float]] = []
    if not unicodedata.is_normalized("NFC", literal):
        flags.append(("decomposed", 1.0))
    if any(unicodedata.category(sign) in ("Cf", "Cs", "Co") for sign in literal):
        flags.append(("invisible_signs", 1.0))
    turned, legacy = (text, Legacy.NONE) if "août" in text.lower() else from_legacy(text)
    if legacy is not Legacy.NONE:
        flags.append((f"legacy={legacy.value}", BENT))
    return turned, flags


def resolve_dittos(column: Sequence[Value]) -> tuple[Value, ...]:
    """Dittos of one column, rows in book order: each takes the value of the row above.

    The literal stays the mark; ``state`` stays DITTO, the reason ``ditto`` tells where the
    value came from. Where nothing stands above, the value stays None with a reason.
    """
    resolved: list[Value] = []
    for value in column:
        if value.state is ValueState.DITTO and value.normalized is None:
            above = resolved[-1] if resolved else None
            if above is None or above.normalized is None:
                value = replace(
                    value,
                    factor=value.factor * IMPLAUSIBLE,
                    reasons=(*value.reasons, DITTO_UNRESOLVED),
                )
            else:
                value = replace(
                    value,
                    normalized=above.normalized,
                    factor=value.factor * above.factor,
                    reasons=(*value.reasons, DITTO),
                    place=above.place,
                )
        resolved.append(value)
    return tuple(resolved)
