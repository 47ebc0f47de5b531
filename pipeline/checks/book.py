"""Rules that need the whole book: running numbers, dates in order, dittos over page turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from pipeline.checks.acceptance import Bars, load_bars
from pipeline.checks.borne_out import borne_out
from pipeline.checks.closing import Closing, check_closing, check_columns
from pipeline.checks.decide import decided
from pipeline.checks.ditto import (
    following_in_entry,
    from_rows_above,
    with_doubt_from_above,
    with_lent_evidence,
)
from pipeline.checks.entry import with_number
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.memory import remember, said_by_book, spelled_as_set
from pipeline.checks.memory_signs import load_weights
from pipeline.checks.row_numbers import against_rows, doubted_rows
from pipeline.checks.rules import RULES
from pipeline.checks.sampling import watched
from pipeline.checks.sequence import between_neighbours, in_order
from pipeline.checks.twice import same_person_twice
from pipeline.checks.view import View
from pipeline.checks.voids import is_void
from pipeline.checks.witnesses import Said, own, relation, sign, weighed
from pipeline.reading.recalibrate import Recalibration
from pipeline.reading.recalibrated import load_recalibration
from pipeline.settings import EvidenceThresholds, load_settings, load_thresholds
from pipeline.types import EntryResult, Finding
from pipeline.values import Context

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
    entries: Sequence[EntryResult], context: Context, placed: Set[int] = frozenset()
) -> tuple[tuple[tuple[Finding, ...], ...], tuple[Finding, ...]]:
    """What the order of a book says.

    Args:
        entries: in book order.
        context: the book.
        placed: positions whose rows a person has placed: these are not doubted again.

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
    for at, told in doubted_rows(entries).items():
        if at not in placed:
            found[at].append(against_rows(entries[at], told))
    for at, finding in same_person_twice(views, context.kind):
        found[at].append(finding)
    return tuple(tuple(found[at]) for at in range(len(entries))), tuple(of_book[:_NAMED_GAPS])


def _neighbours(
    entries: Sequence[EntryResult], strengths: EvidenceThresholds
) -> Iterator[list[Said]]:
    """For each entry what the rows before and after say of its number and its day.

    A number that fits neither of two neighbours is doubted; beside a gap that the paper has, one
    of the two still agrees. What is itself out of line accuses nobody.
    """
    strength, top = strengths.relation("next_number"), strengths.ceiling
    views = [View(entry) for entry in entries]
    numbers = [view.sequence() for view in views]
    in_line = between_neighbours([view.span("registration_date") for view in views])
    order = strengths.signs.get("date_in_order")
    kept = {
        run[i]
        for run in _runs(views)
        for i in in_order([views[at].order() for at in run], strictly=True)
    }
    sure = [
        next((own(f) for f in entry.fields if f.field == "entry_number"), 0.0) for entry in entries
    ]
    for at, number in enumerate(numbers):
        said = []
        for other, step, witness in ((at - 1, 1, "number_before"), (at + 1, -1, "number_after")):
            neighbour = numbers[other] if 0 <= other < len(entries) else None
            if number is None or neighbour is None or number == neighbour:
                continue  # 12 and 12b, or a double that V02 names
            if min(number, neighbour) <= 1 and step * (number - neighbour) < 0:
                continue  # a new year begins
            agree = neighbour + step == number
            if not agree and other not in kept:
                continue
            said.append(relation("entry_number", witness, sure[other], strength, top, agree=agree))
        seen = in_line[at]
        if order and seen is not None:
            said.append(sign("registration_date", "date_in_order", 1.0, order, top, seen=seen))
        yield said


def finish_book(
    entries: Sequence[EntryResult],
    context: Context,
    closing: Closing | None = None,
    bars: Bars | None = None,
    bent: Recalibration | None = None,
    *,
    breaks: Set[int] = frozenset(),
    placed: Set[int] = frozenset(),
    unknown: Sequence[str] = (),
    hands: Sequence[int] = (),
) -> tuple[tuple[EntryResult, ...], tuple[Finding, ...]]:
    """Entries as the whole book makes them out, and what is to say of the book.

    Dittos take their value over page turns, running numbers bear witness for one another, what
    people have set bears out what is read like it, gaps, doubles and dates out of order are
    found, every field is decided anew, and the blind sample is drawn. What a person has set stays
    as it is. Doing it twice changes nothing.

    Args:
        entries: all entries of a book in book order.
        context: the book.
        closing: what cover and closing statement say, where that is known.
        bars: from which probability fields are accepted; by default the office's own, where
            nothing has stopped.
        bent: what the office's reviewed fields say of the shipped probabilities; by default that
            in force.
        breaks: positions of entries before which rows were not read: no ditto reaches over them.
        placed: positions of entries whose rows a person has placed.
        unknown: headings of columns that the form lacks.
        hands: which hand wrote each entry; empty: one wrote them all.
    """
    settings = load_settings()
    strengths = load_thresholds(settings.config).evidence
    bars = bars or load_bars(settings.config, settings.resolved_home)
    bent = bent or load_recalibration(settings.resolved_home)
    memory, weights = remember(entries, context, hands), load_weights(settings.config)
    resolved = [
        with_number(entry)
        for entry in from_rows_above(
            [
                following_in_entry(spelled_as_set(borne_out(entry, bent), memory))
                for entry in entries
            ],
            breaks,
            strengths.ditto_run,
        )
    ]
    by_hand = hands or [0] * len(resolved)
    counted = [
        weighed(
            entry,
            strengths,
            (*said, *said_by_book(entry, memory, weights, strengths.ceiling, hand)),
        )
        for entry, said, hand in zip(
            resolved, _neighbours(resolved, strengths), by_hand, strict=True
        )
    ]
    counted = list(with_lent_evidence(counted, strengths.ceiling, breaks))
    of_entries, of_book = check_book(counted, context, placed)
    of_book = (
        *of_book,
        *check_closing(len(entries), closing, sum(map(is_void, entries))),
        *check_columns(unknown),
    )
    book = book_key(context)
    told = with_doubt_from_above(
        [
            decided(entry, (*check_entry(entry, context), *findings), bars)
            for entry, findings in zip(counted, of_entries, strict=True)
        ],
        breaks,
    )
    finished = tuple(
        watched(entry, f"{book}/{at}", bars, context.unit_id, book) for at, entry in enumerate(told)
    )
    return finished, of_book


def book_key(context: Context) -> str:
    """What identifies a book among all: unit, kind, year and volume."""
    unit = context.unit_id or f"{context.unit}, {context.district}"
    return f"{unit}/{context.kind}/{context.year}/{context.volume}"
