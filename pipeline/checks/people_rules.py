"""Rules on the people of an entry and what they are to one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from pipeline.checks.rules import RULES
from pipeline.checks.view import View
from pipeline.checks.witnesses import declaring_parent, family_name, hinted_sex, same_name
from pipeline.fields import PRINCIPAL_NAMES
from pipeline.types import Finding, Kind
from pipeline.values import Context

_PARENTS = ("father", "mother")
_ALONE = frozenset({"age", "birth_date", "ethnicity", "nationality", "occupation", "id_number"})
"""Parts of a parent that nobody writes without knowing who it is; a ditto or a common residence
may stand there all the same."""
_OWN_WAY_OF_COUNTING = 2
"""Years by which an age may be off: tuổi ta counts one more, and a birthday may be to come."""
_LATE_DAYS = 366


def _half_a_parent(view: View, context: Context) -> Iterator[Finding]:
    if context.kind is not Kind.BIRTH:
        return
    for parent in _PARENTS:
        name = f"{parent}_full_name"
        filled = [p for part in sorted(_ALONE) if view.value(p := f"{parent}_{part}")]
        if view.is_blank(name) and filled:
            yield RULES["V12"].finding(name, *filled)


def _sex(view: View, context: Context) -> Iterator[Finding]:
    if context.kind is Kind.MARRIAGE:
        return
    name, sex = PRINCIPAL_NAMES[context.kind][0], view.value("sex")
    hint = hinted_sex(view.value(name))
    if hint and sex in ("Nam", "Nữ") and hint != sex:
        yield RULES["V13"].finding("sex", name, detail=sex)


def _age_and_year(view: View, context: Context) -> Iterator[Finding]:
    """Year of birth = year of registration - age (Đ.23.2)."""
    registered = view.span("registration_date")
    year = registered[0].year if registered else context.year
    for parent in _PARENTS:
        born, age = view.span(f"{parent}_birth_date"), view.value(f"{parent}_age")
        if born and age.isdecimal() and len(age) < 4:
            implied = year - int(age)
            if abs(implied - born[0].year) > _OWN_WAY_OF_COUNTING:
                detail = f"{year} - {age} ≠ {born[0].year}"
                yield RULES["V22"].finding(f"{parent}_age", f"{parent}_birth_date", detail=detail)


def _late(view: View, context: Context) -> Iterator[Finding]:
    born, registered = view.span("birth_date"), view.span("registration_date")
    if context.kind is Kind.BIRTH and born and registered and not view.value("notes"):
        days = (registered[0] - born[1]).days
        if days > _LATE_DAYS:
            yield RULES["V23"].finding("birth_date", "registration_date", detail=f"{days}")


def _one_name_for_two(view: View, context: Context) -> Iterator[Finding]:
    """Child and parents; the declarant may be one of them, husband and wife are V11's."""
    roles = [*PRINCIPAL_NAMES[context.kind][:1], *(f"{p}_full_name" for p in _PARENTS)]
    if context.kind is Kind.BIRTH:
        for one, other in combinations(roles, 2):
            first, second = view.value(one), view.value(other)
            if first and second and same_name(first, second):
                yield RULES["V24"].finding(one, other, detail=first)
    for one, other in (("father", "mother"), ("husband", "wife")):
        papers = f"{one}_id_number", f"{other}_id_number"
        number = view.value(papers[0])
        if number and number == view.value(papers[1]):
            yield RULES["V24"].finding(*papers, detail=number)


def _family_name(view: View, context: Context) -> Iterator[Finding]:
    child = view.value("child_full_name")
    names = [name for p in _PARENTS if view.value(name := f"{p}_full_name")]
    if child and names:
        theirs = [family_name(view.value(name)) for name in names]
        if family_name(child) not in theirs:
            yield RULES["V25"].finding("child_full_name", *names, detail=child)


def _declarant(view: View, context: Context) -> Iterator[Finding]:
    parent = declaring_parent(view)
    if parent is None:
        return
    one, other = view.value(parent), view.value("declarant_full_name")
    if one and other and not same_name(one, other):
        detail = f"{one} ≠ {other}"
        yield RULES["V26"].finding(parent, "declarant_full_name", detail=detail)


def _ethnic(view: View, context: Context) -> Iterator[Finding]:
    child = view.value("ethnicity")
    theirs = [view.value(f"{parent}_ethnicity") for parent in _PARENTS]
    if context.kind is Kind.BIRTH and child and all(theirs) and child not in theirs:
        names = (f"{parent}_ethnicity" for parent in _PARENTS)
        yield RULES["V30"].finding("ethnicity", *names, detail=f"{child} ≠ {', '.join(theirs)}")


PEOPLE_CHECKS: tuple[Callable[[View, Context], Iterator[Finding]], ...] = (
    _half_a_parent,
    _sex,
    _age_and_year,
    _late,
    _one_name_for_two,
    _family_name,
    _declarant,
    _ethnic,
)
