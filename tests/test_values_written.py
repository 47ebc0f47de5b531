"""Every way to write a value means that value again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fields import FIELDS, FieldType
from pipeline.types import Kind
from pipeline.values import Context, normalise, unify_tone
from pipeline.values.closed import load_lexicon
from pipeline.values.guide import LISTS
from pipeline.values.text import other_tone, same_words
from pipeline.values.written import MOST, ways_to_write
from samples import dates, people

BOOK = Context(Kind.BIRTH, 2008, as_of=date(2026, 1, 1))
OLD_BOOK = Context(Kind.BIRTH, 1931, as_of=date(2026, 1, 1))
DATES = st.dates(date(1880, 1, 1), date(2008, 12, 31))
LISTED = [
    (name, value)
    for name, spec in FIELDS.items()
    if spec.type in (FieldType.SEX, FieldType.ETHNICITY, FieldType.NATIONALITY)
    and name in ("sex", "ethnicity", "nationality")
    for value in sorted(load_lexicon(LISTS[spec.type]).names)
    if normalise(name, value, BOOK).normalized  # "Không rõ" is a blank with a reason
]


def strangers(field, value, context=BOOK):
    """Ways that do not mean the value, and that there are as many as can be compared."""
    ways = ways_to_write(field, value, context)
    assert 0 < len(ways) <= MOST
    assert len(set(ways)) == len(ways)
    return [way for way in ways if not same_words(normalise(field, way, context).normalized, value)]


@settings(max_examples=25)
@given(st.sampled_from(["birth_date", "birth_date_words", "father_birth_date"]), DATES)
def test_each_way_to_write_a_day_is_that_day(field, day):
    assert strangers(field, day.isoformat()) == []


@settings(max_examples=15)
@given(st.dates(date(1870, 1, 1), date(1931, 12, 31)))
def test_in_an_old_book_too(day):
    assert strangers("birth_date", day.isoformat(), OLD_BOOK) == []


@settings(max_examples=15)
@given(DATES, st.sampled_from([7, 4]))
def test_partial_dates_stay_partial(day, length):
    assert strangers("father_birth_date", day.isoformat()[:length]) == []


@settings(max_examples=25)
@given(DATES, st.randoms(use_true_random=False))
def test_what_generated_clerks_write_of_a_day_is_among_its_ways(day, rng):
    digits = {dates.date_digits(day, style) for style in dates.STYLES}
    assert digits <= set(ways_to_write("birth_date", day.isoformat(), BOOK))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("1974-04-21", "Ngày hai mươi mốt tháng tư năm một nghìn chín trăm bảy mươi tư"),
        ("2008-01-05", "ngày mồng năm, tháng một, năm hai nghìn không trăm linh tám"),
        ("1965-12-25", "Ngày hai mươi lăm, tháng mười hai, năm một ngàn chín trăm sáu mươi lăm"),
        ("1974-05-11", "Ngày mười một tháng năm năm một nghìn chín trăm bẩy mươi tư"),
    ],
)
def test_usual_dates_in_words_are_among_the_ways(day, words):
    assert words in ways_to_write("birth_date_words", day, BOOK)


@pytest.mark.parametrize(("field", "value"), LISTED)
def test_each_way_to_write_a_listed_name_is_that_name(field, value):
    assert strangers(field, value) == []


def test_an_old_name_is_written_only_in_its_time():
    assert "Thổ" in ways_to_write("ethnicity", "Tày", OLD_BOOK)
    assert "Thổ" not in ways_to_write("ethnicity", "Tày", BOOK)


@settings(max_examples=40)
@given(st.integers(1, 9999), st.sampled_from(["", "b", "c", " bis"]))
def test_each_way_to_write_an_entry_number_is_that_number(number, suffix):
    assert strangers("entry_number", f"{number}{suffix}") == []


def test_numbers_are_written_with_leading_zeros():
    assert {"7", "07", "007", "07/2008"} <= set(ways_to_write("entry_number", "7", BOOK))


@settings(max_examples=60)
@given(st.integers(0, 23), st.integers(0, 59))
def test_each_way_to_write_a_time_is_that_time(hour, minute):
    assert strangers("death_time", f"{hour:02d}:{minute:02d}") == []


@settings(max_examples=40)
@given(st.integers(1, 110))
def test_each_way_to_write_an_age_is_that_age(years):
    assert strangers("father_age", str(years)) == []


@pytest.mark.parametrize("value", ["031123456", "031123456789", "B1234567"])
def test_each_way_to_write_a_paper_is_that_paper(value):
    assert strangers("husband_id_number", value) == []


@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.sampled_from(["male", "female"]))
def test_each_way_to_write_a_name_is_that_name_but_for_capitals(rng, sex):
    name = people.full_name(rng, sex, 1980)
    assert [unify_tone(way) for way in strangers("child_full_name", name)] == []
    ways = ways_to_write("child_full_name", name, BOOK)
    assert {name, name.upper(), name.replace(" ", "-")} <= set(ways)


def test_tones_may_stand_on_either_vowel():
    assert "xã Hoà Bình" in ways_to_write("birth_place", "xã Hòa Bình", BOOK)
    assert other_tone("Hòa THỦY quý toàn") == "Hoà THUỶ quý toàn"
    assert unify_tone(other_tone("khóe thúy")) == "khóe thúy"


def test_a_value_that_is_none_of_its_kind_stands_as_it_is():
    assert ways_to_write("birth_date", "không rõ", BOOK) == ("không rõ",)
    assert ways_to_write("notes", "", BOOK) == ()
