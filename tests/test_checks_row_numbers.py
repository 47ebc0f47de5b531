"""Numbers held against the rows: what geometry cannot see is never silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from flows.page import out_of_step
from pipeline.checks.book import finish_book
from pipeline.checks.row_numbers import doubted_rows, rows_out_of_step
from pipeline.form.pagesort import OUT_OF_STEP, describe_reasons
from pipeline.settings import LayoutThresholds
from pipeline.types import (
    IDENTITY,
    Decision,
    EntryResult,
    FieldResult,
    Kind,
    PageClass,
    PageInfo,
    Quality,
    ScanResult,
    Side,
    ValueState,
)
from pipeline.values import Context

BOOK = Context(Kind.BIRTH, 1974, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))


def field(name: str, value: str) -> FieldResult:
    state = ValueState.WRITTEN if value else ValueState.BLANK
    return FieldResult(
        name, value, value or None, state, 0.99, 0.99, Decision.REVIEW, "test", 0, ()
    )


def entry(index: int, number: str) -> EntryResult:
    fields = (field("entry_number", number), field("child_full_name", "Nguyễn Văn An"))
    return EntryResult(index, number, fields)


def page(*numbers: str, first: int = 0) -> list[EntryResult]:
    """Entries of a scan, a number a row; "-" for a row in which nothing is written."""
    return [entry(n, text) for n, text in enumerate(numbers, first) if text != "-"]


def book(pages: int, rows: int, *, seen: int = 0, first: int = 1) -> list[list[EntryResult]]:
    """Pages whose numbers run on, of whose rows the first so many were found."""
    return [
        page(*(str(first + n * rows + row) for row in range(seen or rows))) for n in range(pages)
    ]


def flat(scans: Sequence[Sequence[EntryResult]]) -> list[EntryResult]:
    return [each for scan in scans for each in scan]


IN_STEP = {
    "a plain page": ("7", "8", "9", "10"),
    "one number misread": ("7", "8", "19", "10", "11"),
    "numbers that nobody read": ("7", "", "9", "", "11"),
    "a number left out by the clerk": ("7", "8", "10", "11"),
    "an entry put in between": ("7", "8", "8b", "9", "10"),
    "a new year": ("87", "88", "1", "2"),
    "empty rows at the foot": ("7", "8", "9", "-", "-"),
    "a row left empty": ("7", "8", "-", "9", "10"),
    "a new year of which the first number was not read": ("87", "88", "", "2", "3"),
    "numbers all misread": ("7", "31", "4", "90", "2"),
    "no numbers": ("", "", "", ""),
}
CONTRADICTED = {
    "a row found twice": ("7", "8", "", "9", "10"),
    "a number in both halves of a row": ("7", "8", "8", "9", "10"),
    "every row cut in two": ("7", "", "8", "", "9", "", "10"),
    "every other row lost": ("7", "9", "11", "13"),
}


@pytest.mark.parametrize("what", IN_STEP)
def test_a_page_in_order_is_left_alone(what: str) -> None:
    assert rows_out_of_step(page(*IN_STEP[what])) == ""


@pytest.mark.parametrize("what", CONTRADICTED)
def test_rows_that_the_numbers_contradict_are_told(what: str) -> None:
    assert rows_out_of_step(page(*CONTRADICTED[what]))


@pytest.mark.parametrize("what", CONTRADICTED)
def test_a_page_is_not_discarded_for_a_written_row_without_a_number(what: str) -> None:
    # It may be a closing line or the heading of a month: the entries stay, and V33 asks.
    entries = page(*CONTRADICTED[what])
    assert bool(rows_out_of_step(entries, surely=True)) is (what != "a row found twice")
    assert doubted_rows(entries).keys() == set(range(len(entries)))


def test_rows_that_a_person_has_placed_are_not_doubted_again() -> None:
    entries = flat([page("7", "8", "8", "9", "10"), page("11", "12", "12", "13", "14")])
    finished, _ = finish_book(entries, BOOK, placed=frozenset(range(5)))
    doubted = [any(found.rule == "V33" for found in each.findings) for each in finished]
    assert doubted == [False] * 5 + [True] * 5


def test_pages_that_run_on_are_left_alone() -> None:
    assert doubted_rows(flat(book(6, 14))) == {}


def test_pages_that_hold_more_entries_than_were_found_are_doubted() -> None:
    # Three rows counted to the head: the numbers go up by 14 a page, of which 11 are seen.
    entries = flat(book(6, 14, seen=11, first=4))
    assert doubted_rows(entries).keys() == set(range(len(entries)))


def test_two_entries_of_a_page_read_as_one_are_doubted() -> None:
    entries = flat(book(6, 2, seen=1))
    assert len(doubted_rows(entries)) == len(entries)


def test_leaves_that_were_not_scanned_accuse_no_row() -> None:
    assert doubted_rows(flat(book(12, 14)[::2])) == {}


def test_a_head_taken_for_the_first_row_of_every_page_is_doubted() -> None:
    scans = [page("", *(str(1 + 12 * n + row) for row in range(12))) for n in range(6)]
    entries = flat(scans)
    doubted = doubted_rows(entries)
    assert {entries[at].index for at in doubted} == {0}
    assert len(doubted) == 6


@pytest.mark.parametrize("aside", [1, -1])
def test_a_single_page_a_row_off_is_doubted_and_the_others_are_not(aside: int) -> None:
    scans = book(6, 14)
    first = 1 + 3 * 14 + aside
    scans[3] = page(*(str(first + row) for row in range(14)))
    entries = flat(scans)
    assert set(doubted_rows(entries)) == set(range(3 * 14, 4 * 14))


def test_what_is_doubted_goes_to_a_person_field_by_field() -> None:
    finished, _ = finish_book(flat(book(6, 14, seen=11, first=4)), BOOK)
    assert all(any(found.rule == "V33" for found in each.findings) for each in finished)
    decisions = {one.decision for each in finished for one in each.fields}
    assert decisions == {Decision.REVIEW}


def test_what_a_person_has_set_stays() -> None:
    entries = flat(book(6, 14, seen=11, first=4))
    told = replace(entries[0].fields[1], decision=Decision.PERSON)
    entries[0] = EntryResult(0, entries[0].number, (entries[0].fields[0], told))
    finished, _ = finish_book(entries, BOOK)
    assert finished[0].fields[1].decision is Decision.PERSON


def test_a_scan_out_of_step_falls_below_the_gate_and_says_why() -> None:
    info = PageInfo(Side.SINGLE, PageClass.ENTRIES, IDENTITY, 1654, 2339, 200.0, 0, 0.0)
    quality = Quality(5.0, 200.0, 0.0, 0.0, 0.05, blank=False)
    unread = ScanResult("d", quality, (info,), "birth-76-ledger", 1.0, False, False, ())
    seen = out_of_step(unread, "8 … 9 (+1)")
    assert not seen.layout_ok
    assert not seen.entries
    assert seen.layout_confidence < LayoutThresholds().min_page_confidence
    assert seen.pages[0].reasons == (OUT_OF_STEP,)
    assert seen.notes == (*describe_reasons((OUT_OF_STEP,)), "8 … 9 (+1)")
