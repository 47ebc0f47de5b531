"""Totals of closing statements: digits and words bear each other out, or a person looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.closing import Closing, check_closing, closing_of
from pipeline.types import IDENTITY, Kind, PageClass, PageInfo, Reading, Side, Total
from pipeline.values.number_words import spelled
from pipeline.values.totals import digits_number, number_phrases, total_of, words_number


def read(text: str, probability: float = 0.9) -> Reading:
    return Reading(text, (), probability, probability, "test", blank=not text)


@given(st.integers(0, 999))
def test_every_way_to_say_a_number_means_it(number: int) -> None:
    for phrase in number_phrases(number):
        assert words_number(spelled(phrase))[0] == number, phrase


@pytest.mark.parametrize(
    ("text", "number"),
    [("156", 156), ("07", 7), ("l2", 12), ("không", 0), ("/", 0), ("12 34x5", None), ("", None)],
)
def test_digits_are_one_number_or_none(text: str, number: int | None) -> None:
    assert digits_number(text) == number


def test_digits_and_words_that_agree_are_sure() -> None:
    total = total_of("births", read("156", 0.6), read("ữ: một trăm năm mươi sáu )", 0.5))
    assert (total.value, total.sure) == (156, True)
    assert total_of("births", read("156"), read("một trăn năm mưoi sáu")).sure


def test_digits_and_words_that_differ_are_never_sure() -> None:
    total = total_of("births", read("166", 0.99), read("một trăm năm mươi sáu", 0.99))
    assert (total.value, total.sure) == (None, False)


def test_a_number_of_which_nobody_knows_what_it_counts_is_never_sure() -> None:
    for words in (None, read("ba")):
        total = total_of("blank_pages", read("03", 0.99), words, named=False)
        assert (total.value, total.sure) == (3, False)


def test_digits_alone_are_sure_only_where_they_were_surely_read() -> None:
    assert total_of("births", read("41", 0.99), None).sure
    assert not total_of("births", read("41", 0.9), None).sure
    assert not total_of("births", read("41", 0.99), read("xyz kkk")).sure


def page(page_class: PageClass, *totals: Total) -> PageInfo:
    return PageInfo(Side.SINGLE, page_class, IDENTITY, 10, 10, 300.0, 0, 0.0, totals=totals)


def sure(what: str, value: int) -> Total:
    return Total(what, value, str(value), "", True)


def details(found: int, closing: Closing) -> list[str]:
    return [finding.detail for finding in check_closing(found, closing)]


def test_a_total_that_differs_from_the_entries_found_is_a_finding() -> None:
    pages = [page(PageClass.COVER), page(PageClass.STATEMENT, sure("births", 12))]
    closing = closing_of(pages, Kind.BIRTH)
    assert details(12, closing) == []
    assert details(11, closing) == ["11 ≠ 12"]


def test_statements_of_several_years_add_up() -> None:
    pages = [
        page(PageClass.COVER),
        page(PageClass.STATEMENT, sure("deaths", 30)),
        page(PageClass.STATEMENT, sure("entries", 12)),
    ]
    assert closing_of(pages, Kind.DEATH).entries == 42


def test_a_total_that_was_not_surely_read_is_a_finding_and_counts_for_nothing() -> None:
    doubtful = Total("births", 41, "4l", "bốn mươi", False)
    closing = closing_of([page(PageClass.COVER), page(PageClass.STATEMENT, doubtful)], Kind.BIRTH)
    assert closing.entries is None
    assert details(7, closing) == ["births=4l"]
    silent = closing_of([page(PageClass.COVER), page(PageClass.STATEMENT)], Kind.BIRTH)
    assert details(7, silent) == ["entries=?"]


def test_a_book_without_a_cover_is_a_finding_and_one_without_a_statement_is_none() -> None:
    assert details(7, closing_of([page(PageClass.ENTRIES)], Kind.BIRTH)) == ["0 bìa / no cover"]
    assert details(7, closing_of([page(PageClass.COVER)], Kind.BIRTH)) == []
