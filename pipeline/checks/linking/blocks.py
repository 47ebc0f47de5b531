"""Pairs worth comparing: those that share a key. Never all pairs: of a million there are 10¹²."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pipeline.checks.linking.people import NONE, People

Rows = NDArray[np.int64]
Pairs = tuple[Rows, Rows]
EPOCH = 719163
"""Ordinal of 1 January 1970."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Relation(StrEnum):
    """What two entries are to one another."""

    REGISTRATION = "same_registration"
    """One act, written twice: a duplicate, or the second copy of a book."""
    PERSON = "same_person"
    """Two acts of one life."""


@dataclass(frozen=True)
class Pass:
    """Columns that must be equal; ``shared`` names the comparisons that then say nothing new."""

    relation: Relation
    columns: tuple[str, ...]
    shared: tuple[str, ...]


PASSES = (
    Pass(Relation.REGISTRATION, ("kind", "key", "event"), ("name", "event")),
    Pass(Relation.REGISTRATION, ("kind", "unit", "year", "number"), ("number", "unit")),
    Pass(Relation.REGISTRATION, ("kind", "event", "unit", "given"), ("event", "unit")),
    Pass(Relation.PERSON, ("key", "born_year"), ("name",)),
    Pass(Relation.PERSON, ("given", "born"), ("born",)),
    Pass(Relation.PERSON, ("key", "unit"), ("name", "unit")),
)
"""What one misread field hides in one pass, another one finds."""


def pairs(people: People, one: Pass, largest: int) -> Iterator[Pairs]:
    """Pairs of rows that share the key of a pass, first row before second.

    Args:
        people: to be compared.
        one: the pass.
        largest: rows of one key beyond which it says too little to be followed.
    """
    keyed, known = _keys(people, one.columns)
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(keyed[rows], kind="stable")]
    same = keyed[rows]
    starts = np.flatnonzero(np.r_[True, same[1:] != same[:-1]]) if len(rows) else rows
    sizes = np.diff(np.r_[starts, len(rows)])
    # How many rows of its own key still come after each row; 0 in keys that are too large.
    left = np.repeat(sizes, sizes) - 1 - (np.arange(len(rows)) - np.repeat(starts, sizes))
    left[np.repeat(sizes > largest, sizes)] = 0
    here = np.flatnonzero(left > 0)
    step = 1
    while here.size:
        first, second = rows[here], rows[here + step]
        wanted = _allowed(people, one.relation, first, second)
        low, high = np.minimum(first, second)[wanted], np.maximum(first, second)[wanted]
        if low.size:
            yield low, high
        step += 1
        here = here[left[here] >= step]


def skipped(people: People, one: Pass, largest: int) -> int:
    """Rows whose key in this pass is shared by too many."""
    keyed, known = _keys(people, one.columns)
    _, counts = np.unique(keyed[known], return_counts=True)
    return int(counts[counts > largest].sum())


def _keys(people: People, columns: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    keyed = np.zeros(len(people), np.uint64)
    known = np.ones(len(people), bool)
    for name in columns:
        column = _column(people, name)
        known &= column != NONE
        with np.errstate(over="ignore"):
            keyed = (keyed ^ column.astype(np.uint64)) * _MIX
            keyed ^= keyed >> np.uint64(29)
    return keyed, known


def _column(people: People, name: str) -> NDArray[np.int32]:
    if name == "born_year":
        return np.where(people.born == NONE, NONE, years(people.born)).astype(np.int32)
    column: NDArray[np.int32] = getattr(people, name)
    if name in ("born", "event"):  # only days that are fully known
        return np.where(column == getattr(people, f"{name}_last"), column, NONE).astype(np.int32)
    return column


def years(ordinals: NDArray[np.int32]) -> NDArray[np.int32]:
    """Calendar years of ordinals; nonsense where nothing is known."""
    days = (ordinals.astype(np.int64) - EPOCH).astype("datetime64[D]")
    return np.asarray(days.astype("datetime64[Y]").astype(np.int32) + 1970)


def _allowed(people: People, relation: Relation, first: Rows, second: Rows) -> NDArray[np.bool_]:
    """Pairs that can be of this relation at all."""
    other_entry = people.entry[first] != people.entry[second]
    same_kind = people.kind[first] == people.kind[second]
    if relation is Relation.REGISTRATION:
        return np.asarray(other_entry & same_kind & (people.role[first] == people.role[second]))
    unlike = (people.sex[first] != people.sex[second]) & (
        np.minimum(people.sex[first], people.sex[second]) != NONE
    )
    # A birth, then marriages, then the death: kinds count in the order of a life.
    early = np.where(people.kind[first] <= people.kind[second], first, second)
    late = first + second - early
    before = (people.event[early] == NONE) | (people.event[late] == NONE)
    before |= people.event[early] <= people.event_last[late]
    return np.asarray(other_entry & ~same_kind & ~unlike & before)
