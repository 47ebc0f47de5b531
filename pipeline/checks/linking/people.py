"""Persons named by entries, as columns: a million of them fit into a few arrays."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.checks.view import span
from pipeline.types import Kind
from pipeline.values import fold, unify_tone

Ints = NDArray[np.int32]
NONE = -1
"""What a column holds where nothing is known."""
ROLES = ("child", "husband", "wife", "deceased")
KINDS = {Kind.BIRTH: 0, Kind.MARRIAGE: 1, Kind.DEATH: 2}
SEXES = {"Nam": 0, "Nữ": 1}


class Mention(NamedTuple):
    """A person whose birth, marriage or death an entry records."""

    entry: int
    kind: Kind
    role: str
    name: str
    sex: str
    born: str
    """EDTF; empty where the entry does not say."""
    event: str
    """EDTF of the birth, marriage or death."""
    unit: str
    book: int
    year: int
    """Of registration."""
    number: int | None
    other: str
    """Who tells namesakes apart: the child's mother, the spouse."""


@dataclass(frozen=True)
class People:
    """Columns of equal length; codes count from 0, ``NONE`` is unknown.

    ``name`` is the name with its marks, ``key`` folded, ``ends`` family and given name folded,
    ``given`` the last word. Days are ordinals: the first and the last that a date may mean.
    """

    entry: NDArray[np.int64]
    kind: Ints
    role: Ints
    name: Ints
    key: Ints
    ends: Ints
    given: Ints
    sex: Ints
    born: Ints
    born_last: Ints
    event: Ints
    event_last: Ints
    unit: Ints
    book: Ints
    year: Ints
    number: Ints
    other: Ints
    keys: tuple[str, ...]
    """Folded names by their code."""

    def __len__(self) -> int:
        return len(self.entry)


class _Codes:
    """Numbers for texts, as they come."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {"": NONE}

    def of(self, text: str) -> int:
        """The text's number; NONE for an empty one."""
        return self.known.setdefault(text, len(self.known) - 1)


_COLUMNS = [one.name for one in fields(People) if one.name not in ("entry", "keys")]


def columns(mentions: Iterable[Mention]) -> People:
    """Mentions as columns; those without a name are left out, nothing would link them."""
    names, keys, ends, givens, units = (_Codes() for _ in range(5))
    parts: dict[str, tuple[int, int, int, int]] = {}
    days: dict[str, tuple[int, int]] = {"": (NONE, NONE)}
    entries, columns_ = array("q"), {name: array("i") for name in _COLUMNS}

    def parted(name: str) -> tuple[int, int, int, int]:
        folded = fold(name.replace("-", " "))
        first, _, rest = folded.partition(" ")
        given = rest.rpartition(" ")[2] or first
        return (
            names.of(unify_tone(name.replace("-", " ")).casefold()), keys.of(folded),
            ends.of(f"{first} {given}"), givens.of(given),
        )  # fmt: skip

    def day(edtf: str) -> tuple[int, int]:
        if edtf not in days:
            found = span(edtf)
            days[edtf] = (found[0].toordinal(), found[1].toordinal()) if found else (NONE, NONE)
        return days[edtf]

    for one in mentions:
        if not one.name:
            continue
        if one.name not in parts:
            parts[one.name] = parted(one.name)
        name, key, end, given = parts[one.name]
        born, event = day(one.born), day(one.event)
        row = (
            KINDS[one.kind], ROLES.index(one.role), name, key, end, given,
            SEXES.get(one.sex, NONE), *born, *event, units.of(one.unit), one.book, one.year,
            NONE if one.number is None else one.number,
            keys.of(fold(one.other.replace("-", " "))),
        )  # fmt: skip
        entries.append(one.entry)
        for column, value in zip(columns_.values(), row, strict=True):
            column.append(value)
    texts = sorted((code, text) for text, code in keys.known.items() if code >= 0)
    arrays: dict[str, Any] = {n: np.array(column, np.int32) for n, column in columns_.items()}
    return People(np.array(entries, np.int64), keys=tuple(text for _, text in texts), **arrays)
