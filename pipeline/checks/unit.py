"""Rules over all books of a registering unit, of one kind: numbers of a year, second copies.

Numbers run through the year and on into the next book (Thông tư 04/2020 Đ.29.3), so that gaps
and doubles show only here. Two books with the same numbers are two copies of one (Nghị định
764-TTg kept one in the commune and one in the province): their entries are linked, not accused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipeline.checks.rules import RULES
from pipeline.types import Finding
from pipeline.values import fold

_MOST_COPIED = 0.5
"""Share of the numbers of the smaller of two books that must match for it to be a copy."""
_NAMED_GAPS = 50


class Row(NamedTuple):
    """The main columns of an entry, as its typed record has them."""

    book: str
    entry_id: int
    year: int
    """Of registration."""
    number: int | None
    day: str
    """Of registration, EDTF; empty where it is not known."""
    names: tuple[str, ...]
    """Of those whose record it is."""
    beside: str
    """What tells namesakes apart: day of birth or death, and the mother's name."""


@dataclass(frozen=True)
class Link:
    """Two entries that are one registration, in two copies of a book."""

    first: Row
    second: Row


@dataclass(frozen=True)
class UnitFinding:
    """What a rule says of a year of a unit; ``rows`` are the entries it speaks of."""

    year: int
    finding: Finding
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class CopiedBooks:
    """Two books that are two copies of one, from the entries they have in common."""

    year: int
    first: str
    second: str
    entries: int
    rows: tuple[Row, ...]
    """The first of these entries, in both."""


def copied_books(links: Iterable[Link]) -> tuple[CopiedBooks, ...]:
    """Pairs of books out of the links of their entries."""
    pairs: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        pairs[link.first.book, link.second.book].append(link)
    return tuple(
        CopiedBooks(own[0].first.year, first, second, len(own), (own[0].first, own[0].second))
        for (first, second), own in sorted(pairs.items())
    )


def _said(row: Row) -> tuple[tuple[str, ...], str]:
    return tuple(fold(name) for name in row.names), row.day


def _alike(one: Row, other: Row) -> bool:
    """The same registration: names or day the same, nothing but the other misread."""
    names, day = _said(one)
    names_too, day_too = _said(other)
    return (names == names_too and any(names)) or (day == day_too and len(day) == 10)


def copies(rows: Iterable[Row]) -> tuple[frozenset[tuple[str, str]], tuple[Link, ...]]:
    """Pairs of books that are copies of one another, and their entries linked.

    Args:
        rows: of one unit and kind.
    """
    by_number: dict[tuple[int, int], list[Row]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.number is not None:
            by_number[row.year, row.number].append(row)
            sizes[row.book] += 1
    matched: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for same in by_number.values():
        for at, one in enumerate(same):
            for other in same[at + 1 :]:
                if one.book != other.book and _alike(one, other):
                    first, second = sorted((one, other))
                    matched[first.book, second.book].append(Link(first, second))
    books = frozenset(
        pair
        for pair, links in matched.items()
        if len(links) >= _MOST_COPIED * min(sizes[book] for book in pair)
    )
    return books, tuple(link for pair in sorted(books) for link in matched[pair])


def check_unit(rows: Sequence[Row]) -> tuple[tuple[UnitFinding, ...], tuple[Link, ...]]:
    """What the books of a unit say together: V02, V03, V29 and V31, and second copies.

    Args:
        rows: all entries of one unit and kind.

    Returns:
        Findings in order of year, and the entries that are the same in two copies.
    """
    books, links = copies(rows)
    found: list[UnitFinding] = []
    for link in links:
        if _said(link.first) != _said(link.second):
            pair = (link.first, link.second)
            finding = RULES["V31"].finding("entry_number", detail=f"{link.first.number}")
            found.append(UnitFinding(link.first.year, finding, pair))
    second = {book for _, book in books}
    own = [row for row in rows if row.book not in second]  # each copied entry once
    years: dict[int, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in own:
        if row.number is not None:
            years[row.year][row.number].append(row)
    for year, numbers in years.items():
        for number, same in sorted(numbers.items()):
            if len({row.book for row in same}) > 1:  # within one book the book's own V02 told
                finding = RULES["V02"].finding("entry_number", detail=str(number))
                found.append(UnitFinding(year, finding, tuple(same)))
        beside = pairwise(sorted({0, *numbers}))
        gaps = [(before, after) for before, after in beside if after - before > 1]
        for before, after in gaps[:_NAMED_GAPS]:
            named = f"{before + 1}–{after - 1}" if after - before > 2 else f"{before + 1}"
            # Between which entries: the book of one of them ends or lacks a page here.
            rows = tuple(row for at in (before, after) for row in numbers.get(at, ())[:1])
            found.append(UnitFinding(year, RULES["V03"].finding(detail=named), rows))
    found += _persons_twice(own)
    return tuple(sorted(found, key=lambda one: (one.year, one.finding.rule))), links


def _persons_twice(rows: Iterable[Row]) -> list[UnitFinding]:
    persons: dict[tuple[tuple[str, ...], str], list[Row]] = defaultdict(list)
    for row in rows:
        names, _ = _said(row)
        if all(names) and row.beside:
            persons[names, row.beside].append(row)
    return [
        UnitFinding(
            same[0].year,
            RULES["V29"].finding(detail=", ".join(f"{row.number}/{row.year}" for row in same)),
            tuple(same),
        )
        for same in persons.values()
        if len({row.book for row in same}) > 1
    ]
