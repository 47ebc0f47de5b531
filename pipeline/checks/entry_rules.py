"""Rules that look at one entry (``registers.md`` 6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from pipeline.checks.people_rules import PEOPLE_CHECKS
from pipeline.checks.rules import RULES
from pipeline.checks.view import View
from pipeline.checks.voids import VOIDED, may_be_void
from pipeline.checks.witnesses import TWICE
from pipeline.fields import FIELDS, PRINCIPAL_NAMES, FieldType
from pipeline.places import NO_PLACE_REASONS
from pipeline.types import EntryResult, Finding, Kind, PlaceStatus, Severity, ValueState
from pipeline.values import Context, fold, nfc
from pipeline.values.names import odd_characters

FIRST_YEAR, LAST_YEAR = 1922, 2015
"""Years of the digitization plan (``registers.md`` 0)."""
_MAY_RUN_ON = 1
"""Years a book may run on without a word, where its closing is not known (Đ.29.3)."""
_PARENT_AGES = {"mother": (13, 55), "father": (13, 80)}
_OLDEST_DEAD = 110
_LEGAL_AGES = ((1960, 18, 20),)
"""From year, wife, husband: Luật Hôn nhân và gia đình 1959, in force January 1960."""
_CMND_FROM, _CCCD_FROM = 1957, 2016
# TCVN3 and VNI bytes read as Latin-1 (registers.md 3.3); no Vietnamese word has them.
_LEGACY = re.compile("[µ¸¶·¹®¬©¨ª«¯±²³´º»¼½¾§¤¥¢£ÿ\ufffd\ue000-\uf8ff]")

Check = Callable[[View, Context], Iterator[Finding]]


def _required(view: View, context: Context) -> Iterator[Finding]:
    if view.value("notes"):
        return  # explained by a note (required-or-explained)
    for name in ("entry_number", "registration_date", *PRINCIPAL_NAMES[context.kind]):
        if view.is_blank(name):
            yield RULES["V01"].finding(name)


def _voided(view: View, context: Context) -> Iterator[Finding]:
    """Somebody has to confirm that an entry is void, or to lift it."""
    if may_be_void(view.entry):
        yield RULES["V34"].finding(VOIDED)


def _year(view: View, context: Context) -> Iterator[Finding]:
    found = view.span("registration_date")
    if not found:
        return
    year, last = found[0].year, context.closing_year or LAST_YEAR
    if not (max(FIRST_YEAR, context.year) <= year <= max(last, context.year)):
        yield RULES["V05"].finding("registration_date", detail=f"{year} / {context.year}")
    elif context.closing_year is None and year > context.year + _MAY_RUN_ON:
        yield RULES["V05"].finding(
            "registration_date", detail=f"{year} / {context.year}", severity=Severity.WARNING
        )


_BOOK_NUMBER = re.compile(r"(\d{1,3})\s*[/\-.]\s*((?:19|20)\d\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _book_number(view: View, context: Context) -> Iterator[Finding]:
    """``01/2008``, or any other number of a book that names a year (Đ.36)."""
    written = view.value("book_number")
    match = _BOOK_NUMBER.search(written)
    years = [int(year) for year in _YEAR.findall(written)]
    wrong_year = bool(years) and context.year not in years
    other = (
        match is not None
        and context.volume.isdecimal()
        and int(match.group(1)) != int(context.volume)
    )
    if wrong_year or other:
        expected = f"{context.volume or '?'}/{context.year}"
        yield RULES["V06"].finding("book_number", detail=f"{written} ≠ {expected}")


def _registered_at(view: View, context: Context) -> Iterator[Finding]:
    """A place of registration that names a unit, and not that of the book."""
    written, unit = fold(view.value("registration_place")), fold(context.unit)
    name = re.sub(r"^(xa|phuong|thi tran|thi xa|quan|huyen|so)\s+", "", unit)
    named = name and re.search(r"\b(xa|phuong|thi tran)\b", written)
    if named and not re.search(rf"\b{re.escape(name)}\b", written):
        detail = f"{view.value('registration_place')} ≠ {context.unit}"
        yield RULES["V28"].finding("registration_place", detail=detail)


def _digits_and_words(view: View, context: Context) -> Iterator[Finding]:
    for digits, words in TWICE:
        one, other = view.value(digits), view.value(words)
        if one and other:
            if not (one.startswith(other) or other.startswith(one)):
                yield RULES["V07"].finding(digits, words, detail=f"{one} ≠ {other}")
        elif one and view.is_unread(words):
            yield RULES["V07"].finding(words, severity=Severity.WARNING)
        elif other and view.is_unread(digits):
            yield RULES["V07"].finding(digits, severity=Severity.WARNING)


def _birth_before_registration(view: View, context: Context) -> Iterator[Finding]:
    born, registered = view.span("birth_date"), view.span("registration_date")
    if context.kind is Kind.BIRTH and born and registered and born[0] > registered[1]:
        yield RULES["V08"].finding(
            "birth_date", "registration_date", detail=f"{born[0]} > {registered[1]}"
        )


def _parents(view: View, context: Context) -> Iterator[Finding]:
    if context.kind is not Kind.BIRTH:
        return
    born = view.span("birth_date")
    year = born[0].year if born else context.year
    for parent, (youngest, oldest) in _PARENT_AGES.items():
        name = f"{parent}_birth_date"
        there = view.span(name)
        if there:
            age = year - there[0].year
        else:
            name = f"{parent}_age"
            written = view.value(name)
            if not written.isdecimal():
                continue
            # the column of ages also holds years (pipeline.values.small.age)
            age = year - int(written) if len(written) == 4 else int(written)
        if not youngest <= age <= oldest:
            yield RULES["V09"].finding(name, "birth_date", detail=f"{age}")


def _death(view: View, context: Context) -> Iterator[Finding]:
    if context.kind is not Kind.DEATH:
        return
    born, died = view.span("birth_date"), view.span("death_date")
    registered = view.span("registration_date")
    if died and registered and died[0] > registered[1]:
        yield RULES["V10"].finding(
            "death_date", "registration_date", detail=f"{died[0]} > {registered[1]}"
        )
    if born and died and born[0] > died[1]:
        yield RULES["V10"].finding("birth_date", "death_date", detail=f"{born[0]} > {died[1]}")
    elif born and died and died[0].year - born[1].year > _OLDEST_DEAD:
        yield RULES["V10"].finding(
            "birth_date",
            "death_date",
            detail=str(died[0].year - born[1].year),
            severity=Severity.WARNING,
        )


def _notice_of_death(view: View, context: Context) -> Iterator[Finding]:
    noticed = view.span("death_notice_date")
    if not noticed:
        return
    died, registered = view.span("death_date"), view.span("registration_date")
    if died and noticed[1] < died[0]:
        yield RULES["V27"].finding(
            "death_notice_date", "death_date", detail=f"{noticed[1]} < {died[0]}"
        )
    if registered and noticed[0] > registered[1]:
        yield RULES["V27"].finding(
            "death_notice_date", "registration_date", detail=f"{noticed[0]} > {registered[1]}"
        )


def _age_on(born: tuple[date, date], day: date) -> int:
    """Most years somebody can have lived by a day."""
    first = born[0]
    return day.year - first.year - ((day.month, day.day) < (first.month, first.day))


def _marriage(view: View, context: Context) -> Iterator[Finding]:
    if context.kind is not Kind.MARRIAGE:
        return
    registered = view.span("registration_date")
    day = registered[1] if registered else date(context.year, 12, 31)
    for from_year, wife, husband in _LEGAL_AGES:
        if day.year < from_year:
            continue
        for who, least in (("wife", wife), ("husband", husband)):
            born = view.span(f"{who}_birth_date")
            if born and _age_on(born, day) < least:
                age = _age_on(born, day)
                yield RULES["V11"].finding(f"{who}_birth_date", detail=f"{age} < {least}")
    names = [fold(view.value(f"{who}_full_name")) for who in ("husband", "wife")]
    if names[0] and names[0] == names[1]:
        yield RULES["V11"].finding("husband_full_name", "wife_full_name")


_CLOSED = {FieldType.SEX, FieldType.ETHNICITY, FieldType.NATIONALITY}


def _lists(view: View, context: Context) -> Iterator[Finding]:
    for field in view.entry.fields:
        if FIELDS[field.field].type in _CLOSED and view.is_unread(field.field):
            yield RULES["V14"].finding(field.field, detail=field.literal)


def _papers(view: View, context: Context) -> Iterator[Finding]:
    registered = view.span("registration_date")
    year = registered[0].year if registered else context.year
    for field in view.entry.fields:
        if FIELDS[field.field].type is not FieldType.IDENTITY or not field.value:
            continue
        digits = field.value
        if not digits.isdecimal():
            continue  # a passport
        too_early = (len(digits) == 12 and year < _CCCD_FROM) or year < _CMND_FROM
        if len(digits) not in (9, 12) or too_early:
            yield RULES["V15"].finding(field.field, detail=f"{len(digits)} / {year}")


def _places(view: View, context: Context) -> Iterator[Finding]:
    for field in view.entry.fields:
        if (
            field.place
            and field.state is ValueState.WRITTEN  # a ditto is judged where it was written out
            and field.place.status is PlaceStatus.UNKNOWN
            and not NO_PLACE_REASONS.intersection(field.reasons)
        ):
            yield RULES["V16"].finding(field.field, detail=field.literal)


# Lower case only: Xa La is a ward.
_UNMARKED = re.compile(r"(?<!\w)(?:xa|phuong|thi tran|huyen|quan|tinh|thanh pho|thon|xom)(?!\w)")


def _unit_words(view: View, context: Context) -> Iterator[Finding]:
    for field in view.entry.fields:
        if FIELDS[field.field].type is FieldType.PLACE and field.state is ValueState.WRITTEN:
            words = _UNMARKED.findall(field.value or "")
            if words:
                yield RULES["V32"].finding(field.field, detail=", ".join(words))


def _dittos(view: View, context: Context) -> Iterator[Finding]:
    for field in view.entry.fields:
        if field.state is ValueState.DITTO and field.value is None:
            yield RULES["V17"].finding(field.field, detail=field.literal)


def _characters(view: View, context: Context) -> Iterator[Finding]:
    for field in view.entry.fields:
        value = field.value or ""
        odd = set(_LEGACY.findall(value))
        if nfc(value) != value:
            odd |= {sign for sign in value if nfc(sign) != sign}
        if FIELDS[field.field].type is FieldType.NAME:
            odd |= set(odd_characters(value))
        if odd:
            yield RULES["V19"].finding(field.field, detail="".join(sorted(odd)))


CHECKS: tuple[Check, ...] = (
    _required,
    _year,
    _book_number,
    _registered_at,
    _digits_and_words,
    _birth_before_registration,
    _parents,
    _death,
    _notice_of_death,
    _marriage,
    _lists,
    _papers,
    _places,
    _unit_words,
    _dittos,
    _characters,
    *PEOPLE_CHECKS,
    _voided,
)


def check_entry(entry: EntryResult, context: Context) -> tuple[Finding, ...]:
    """All that the rules have to say of one entry, in order of rules."""
    view = View(entry)
    found = (finding for check in CHECKS for finding in check(view, context))
    return tuple(sorted(found, key=lambda finding: finding.rule))
