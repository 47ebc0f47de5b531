"""How two mentions of people agree: one level for each thing that is compared."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from pipeline.checks.linking.blocks import EPOCH, Relation, Rows, years
from pipeline.checks.linking.people import NONE, People

Levels = NDArray[np.int8]
_NEAR = 2
"""Letters by which two folded names may differ and still be near."""


class Name(IntEnum):
    """Two names."""

    UNKNOWN = 0
    SAME = 1
    MARKS = 2
    """The same but for marks: tones are what is misread most."""
    ENDS = 3
    """Family and given name the same, the middle not."""
    NEAR = 4
    OTHER = 5


class Day(IntEnum):
    """Two dates, maybe partial."""

    UNKNOWN = 0
    SAME = 1
    FITS = 2
    """One says less than the other and does not contradict it."""
    ONE_PART = 3
    """Day, month or year differs, the other two agree."""
    YEAR = 4
    NEAR_YEAR = 5
    """A year apart: an age, or a year counted from one."""
    OTHER = 6


class Same(IntEnum):
    """Two of a list."""

    UNKNOWN = 0
    SAME = 1
    OTHER = 2


class Number(IntEnum):
    """Two running numbers."""

    UNKNOWN = 0
    SAME = 1
    """Of one unit and year."""
    OTHER = 2
    ONE_BOOK = 3
    """Two numbers in one book: two acts, unless somebody erred."""


LEVELS: dict[str, type[IntEnum]] = {
    "name": Name, "born": Day, "event": Day, "sex": Same, "unit": Same, "other": Same,
    "number": Number,
}  # fmt: skip
COMPARED = {
    Relation.REGISTRATION: ("name", "event", "sex", "unit", "other", "number"),
    Relation.PERSON: ("name", "born", "sex", "unit"),
}
"""What is compared."""


def compare(people: People, relation: Relation, first: Rows, second: Rows) -> dict[str, Levels]:
    """Levels of each comparison for some pairs of rows."""
    found = {}
    for what in COMPARED[relation]:
        if what == "name":
            found[what] = _names(people, first, second)
        elif what in ("born", "event"):
            found[what] = _days(people, what, first, second)
        elif what == "number":
            found[what] = _numbers(people, first, second)
        else:
            column = getattr(people, what)
            found[what] = _listed(column[first], column[second])
    return found


def _names(people: People, first: Rows, second: Rows) -> Levels:
    key, other_key = people.key[first], people.key[second]
    levels = np.full(len(first), Name.OTHER, np.int8)
    unlike = np.flatnonzero((key != other_key) & (people.ends[first] != people.ends[second]))
    if unlike.size:
        texts = people.keys
        letters = cpdist(
            [texts[code] for code in key[unlike]],
            [texts[code] for code in other_key[unlike]],
            scorer=Levenshtein.distance,
            score_cutoff=_NEAR,
            dtype=np.uint8,
        )
        levels[unlike[letters <= _NEAR]] = Name.NEAR
    levels[people.ends[first] == people.ends[second]] = Name.ENDS
    levels[key == other_key] = Name.MARKS
    levels[people.name[first] == people.name[second]] = Name.SAME
    return levels


def _listed(one: NDArray[np.int32], other: NDArray[np.int32]) -> Levels:
    known = (one != NONE) & (other != NONE)
    return np.where(known, np.where(one == other, Same.SAME, Same.OTHER), Same.UNKNOWN).astype(
        np.int8
    )


def _numbers(people: People, first: Rows, second: Rows) -> Levels:
    known = (people.number[first] != NONE) & (people.number[second] != NONE)
    same = np.ones(len(first), bool)
    for name in ("unit", "year", "number"):
        column = getattr(people, name)
        same &= column[first] == column[second]
    one_book = (people.book[first] == people.book[second]) & ~same
    levels = np.where(same, Number.SAME, np.where(one_book, Number.ONE_BOOK, Number.OTHER))
    return np.where(known, levels, Number.UNKNOWN).astype(np.int8)


def _days(people: People, what: str, first: Rows, second: Rows) -> Levels:
    starts, ends = getattr(people, what), getattr(people, f"{what}_last")
    one, one_last = starts[first], ends[first]
    other, other_last = starts[second], ends[second]
    levels = np.full(len(first), Day.OTHER, np.int8)
    apart = years(one) - years(other)
    levels[np.abs(apart) == 1] = Day.NEAR_YEAR
    levels[apart == 0] = Day.YEAR
    whole = (one == one_last) & (other == other_last)
    levels[whole & _one_part(one, other)] = Day.ONE_PART
    holds = (one <= other) & (other_last <= one_last) | (other <= one) & (one_last <= other_last)
    levels[holds] = Day.FITS
    levels[whole & (one == other)] = Day.SAME
    levels[(one == NONE) | (other == NONE)] = Day.UNKNOWN
    return levels


def _one_part(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Of day, month and year just one differs."""
    same = np.zeros(len(one), np.int8)
    dates = [_calendar(column) for column in (one, other)]
    for part, other_part in zip(*dates, strict=True):
        same += part == other_part
    return np.asarray(same == 2)


def _calendar(ordinals: NDArray[np.int32]) -> tuple[NDArray[np.int64], ...]:
    days = (ordinals.astype(np.int64) - EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64)
    year = days.astype("datetime64[Y]").astype(np.int64)
    return day, months.astype(np.int64) - 12 * year, year
