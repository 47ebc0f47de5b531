"""Rules that need the whole book: running numbers, dates in order, dittos over page turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.checks.decide import decided, hear_witnesses, raised
from pipeline.checks.ditto import from_rows_above
from pipeline.checks.entry import with_number
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.rules import RULES
from pipeline.checks.sequence import in_order
from pipeline.checks.view import View
from pipeline.settings import load_settings, load_thresholds
from pipeline.types import EntryResult, Finding
from pipeline.values import Context

_NEXT = 0.97
"""Share of rows whose number is the one before plus one; the rest are gaps and slips."""
_NAMED_GAPS = 20
"""Most missing numbers that are written out."""


def _runs(views: Sequence[View]) -> list[list[int]]:
    """Positions cut where numbering begins anew: a book may be used on for the next year."""
    runs: list[list[int]] = [[]]
    year = None
    for at, view in enumerate(views):
        day = view.span("registration_date")
        if day and year and day[0].year > year and (view.sequence() or 0) <= 2 and runs[-1]:
            runs.append([])
        runs[-1].append(at)
        year = day[0].year if day else year
    return runs


def _missing(numbers: dict[int, int], kept: list[int]) -> list[tuple[int, int, int]]:
    """(row, first, last) of numbers that no row can hold, before that row."""
    gaps: list[tuple[int, int, int]] = []
    for one, other in pairwise(kept):
        between = numbers[other] - numbers[one] - 1
        if between > other - one - 1:
            gaps.append((other, numbers[one] + 1, numbers[other] - 1))
    return gaps


def check_book(
    entries: Sequence[EntryResult], context: Context
) -> tuple[tuple[tuple[Finding, ...], ...], tuple[Finding, ...]]:
    """What the order of a book says.

    Args:
        entries: in book order.
        context: the book.

    Returns:
        Findings of each entry, in order, and those of the book itself (missing numbers).
    """
    views = [View(entry) for entry in entries]
    found: dict[int, list[Finding]] = defaultdict(list)
    of_book: list[Finding] = []
    for run in _runs(views):
        numbers = {at: n for at in run if (n := views[at].sequence()) is not None}
        kept = sorted(run[i] for i in in_order([views[at].order() for at in run], strictly=True))
        texts: dict[str, list[int]] = defaultdict(list)
        for at in numbers:
            texts[views[at].value("entry_number")].append(at)
        doubled = {at for rows in texts.values() if len(rows) > 1 for at in rows}
        for at in doubled:
            text = views[at].value("entry_number")
            found[at].append(RULES["V02"].finding("entry_number", detail=text))
        for at, number in numbers.items():
            if at not in kept and at not in doubled:
                found[at].append(RULES["V03"].finding("entry_number", detail=str(number)))
        for at, first, last in _missing(numbers, kept):
            named = f"{first}–{last}" if last > first else str(first)
            found[at].append(RULES["V03"].finding("entry_number", detail=f"… {named} …"))
            of_book.append(RULES["V03"].finding(detail=named))
        days = [views[at].span("registration_date") for at in run]
        ends = [day[1] if day else None for day in days]
        ordered = in_order(ends, strictly=False)
        for i, at in enumerate(run):
            if ends[i] is not None and i not in ordered:
                found[at].append(RULES["V04"].finding("registration_date", detail=str(ends[i])))
    return tuple(tuple(found[at]) for at in range(len(entries))), tuple(of_book[:_NAMED_GAPS])


def _counted(entries: Sequence[EntryResult]) -> list[EntryResult]:
    """Numbers raised where they follow the row before and are followed by the row after."""
    numbers = [View(entry).sequence() for entry in entries]
    sure = [
        next((f.confidence for f in entry.fields if f.field == "entry_number"), 0.0)
        for entry in entries
    ]
    counted: list[EntryResult] = []
    for at, entry in enumerate(entries):
        number = numbers[at]
        fields = list(entry.fields)
        for other, step, witness in ((at - 1, 1, "number_before"), (at + 1, -1, "number_after")):
            if number is None or not 0 <= other < len(entries):
                continue
            neighbour = numbers[other]
            if neighbour is None or neighbour + step != number:
                continue
            fields = [
                raised(field, witness, _NEXT * sure[other])
                if field.field == "entry_number"
                else field
                for field in fields
            ]
        counted.append(replace(entry, fields=tuple(fields)))
    return counted


def finish_book(
    entries: Sequence[EntryResult], context: Context
) -> tuple[tuple[EntryResult, ...], tuple[Finding, ...]]:
    """Entries as the whole book makes them out, and what is to say of the book.

    Dittos take their value over page turns, running numbers bear witness for one another, gaps,
    doubles and dates out of order are found, and every field is decided anew. What a person has
    set stays as it is. Doing it twice changes nothing.

    Args:
        entries: all entries of a book in book order.
        context: the book.
    """
    resolved = [with_number(hear_witnesses(entry)) for entry in from_rows_above(entries)]
    counted = _counted(resolved)
    of_entries, of_book = check_book(counted, context)
    thresholds = load_thresholds(load_settings().config).decision
    finished = tuple(
        decided(entry, (*check_entry(entry, context), *findings), thresholds)
        for entry, findings in zip(counted, of_entries, strict=True)
    )
    return finished, of_book
