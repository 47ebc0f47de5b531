"""One person under two numbers (V29): the same names and the same day, within a book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.checks.rules import RULES
from pipeline.checks.view import View
from pipeline.fields import PRINCIPAL_NAMES
from pipeline.types import Finding, Kind
from pipeline.values import fold

_BESIDE = {
    Kind.BIRTH: ("birth_date", "mother_full_name"),
    Kind.DEATH: ("death_date", "birth_date"),
    Kind.MARRIAGE: ("registration_date",),
}
"""What must be the same too: a day alone is shared by twins, a name alone by namesakes."""


def same_person_twice(views: Sequence[View], kind: Kind) -> Iterator[tuple[int, Finding]]:
    """Position and finding of every entry that tells of the same person as another.

    Args:
        views: entries of one book, or of several.
        kind: of the register.
    """
    names, beside = PRINCIPAL_NAMES[kind], _BESIDE[kind]
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, view in enumerate(views):
        who = tuple(fold(view.value(name)) for name in names)
        also = tuple(fold(view.value(name)) for name in beside)
        if all(who) and also[0] and _whole(view.value(beside[0])):
            groups[(*who, *also)].append(at)
    for rows in groups.values():
        numbers = {views[at].value("entry_number") for at in rows}
        if len(rows) > 1 and len(numbers) > 1:
            for at in rows:
                others = sorted(numbers - {views[at].value("entry_number")})
                yield at, RULES["V29"].finding(*names, detail=", ".join(others) or "?")


def _whole(day: str) -> bool:
    return len(day) == len("1974-12-05")
