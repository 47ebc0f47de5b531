"""Dates in digits and in words come back as the day they mean, or as nothing."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.types import Kind
from pipeline.values import Context
from pipeline.values.calendar import full_year
from pipeline.values.dates import agree, candidates, decode, parse_date, parse_digits, parse_words
from pipeline.values.lunar import LunarDay, to_solar
from samples.date_styles import (
    FRENCH_MONTHS,
    IN_DIGITS,
    ROMAN,
    by_the_moon,
    in_french,
    in_words,
    one_edit,
    year_first,
)

BOOK = 2016
DAYS = st.dates(dt.date(1900, 1, 31), dt.date(2016, 12, 31))


@given(DAYS, st.sampled_from(IN_DIGITS))
def test_every_day_in_digits_parses_back(day, style):
    month = FRENCH_MONTHS[day.month - 1]
    text = style.format(d=day.day, m=day.month, y=day.year, f=month)
    found = parse_date(text, BOOK)
    assert (found.normalized, found.factor) == (day.isoformat(), 1.0)


@given(DAYS.filter(lambda day: day.month != 2))
def test_months_in_roman_numbers_parse_back(day):
    found = parse_date(f"{day.day}-{ROMAN[day.month - 1]}-{day.year}", BOOK)
    assert found.normalized == day.isoformat()


@given(DAYS, st.sampled_from(("{d}/{m}/{y:02d}", "{d}-{m}-{y:02d}", "{d:02d}.{m:02d}.{y:02d}")))
def test_short_years_are_resolved_by_the_book(day, style):
    text = style.format(d=day.day, m=day.month, y=day.year % 100)
    found = parse_digits(text, day.year)
    assert found.normalized == day.isoformat()
    assert "century_from_book" in found.reasons


WRITERS = (in_words, year_first, in_french)
SEEDS = st.integers(0, 2**32)


@given(DAYS, st.sampled_from(WRITERS), SEEDS)
def test_every_day_in_words_parses_back(day, writer, seed):
    text = writer(day, random.Random(seed))
    found = parse_date(text, BOOK)
    assert (found.normalized, found.factor) == (day.isoformat(), 1.0), text


@settings(max_examples=50, deadline=None)
@given(DAYS, SEEDS)
def test_every_day_of_the_moon_parses_back(day, seed):
    text = by_the_moon(day, random.Random(seed))
    found = parse_date(text, day.year)
    assert found.normalized == day.isoformat(), text
    assert any(reason.startswith("lunar=") for reason in found.reasons)
    assert found.factor < 1.0


def leap_months() -> list[LunarDay]:
    """The first, middle and last days that every leap month of Vietnam's calendar has."""
    months = (
        LunarDay(year, month, 1, True) for year in range(1900, 2016) for month in range(1, 13)
    )
    there = [one for one in months if to_solar(one) is not None]
    days = (replace(one, day=day) for one in there for day in (1, 15, 29))
    return list(days)


def test_every_leap_month_of_the_moon_is_the_sun_days_it_was():
    days = leap_months()
    assert len(days) == 3 * 43  # seven in nineteen years
    for moon in days:
        day = to_solar(moon)
        text = f"ngày {moon.day} tháng {moon.month} nhuận năm {moon.year} âm lịch"
        found = parse_date(text, moon.year + 1)
        assert found.normalized == day.isoformat(), text
        plain = parse_date(text.replace(" nhuận", ""), moon.year + 1)
        assert plain.normalized not in (None, day.isoformat()), text


def test_one_edit_leaves_the_right_day_on_top():
    rng = random.Random(7)
    right, wrong, tried = 0, [], 240
    for n in range(tried):
        day = dt.date(1900, 1, 1) + dt.timedelta(days=rng.randrange(42_700))
        text = one_edit(WRITERS[n % 3](day, rng), rng)
        near = candidates(text, Context(Kind.BIRTH, max(1922, day.year)))
        right += bool(near) and near[0].edtf == day.isoformat()
        if near and near[0].cost == 0 and near[0].edtf != day.isoformat():
            wrong.append(text)  # the edit made another right word
    assert right >= 0.97 * tried
    assert len(wrong) <= 0.01 * tried, wrong


@settings(max_examples=40, deadline=None)
@given(DAYS, DAYS, st.sampled_from(WRITERS), SEEDS)
def test_digits_and_words_never_agree_on_a_day_that_only_one_says(day, other, writer, seed):
    rng = random.Random(seed)
    context = Context(Kind.BIRTH, BOOK)
    digits = candidates(day.strftime("%d/%m/%Y"), context)
    same = agree(digits, candidates(writer(day, rng), context))
    assert (same.edtf, same.cost < 1) == (day.isoformat(), True)
    damaged = agree(digits, candidates(one_edit(writer(day, rng), rng), context))
    assert damaged.edtf in (None, day.isoformat())
    if other != day:
        assert agree(digits, candidates(writer(other, rng), context)).edtf is None


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("1974", "1974"),
        ("năm 1974", "1974"),
        ("Sinh năm 1950", "1950"),
        ("12/1974", "1974-12"),
        ("tháng 12 năm 1974", "1974-12"),
        ("……/12/1974", "1974-12"),
        ("5.12.74", "1974-12-05"),
        ("2O/12/2OO8", "2008-12-20"),
        ("l/12/1974", "1974-12-01"),
        ("05 12 2 0 0 8", "2008-12-05"),
        ("ngây 05 tháug 12 nãm 2008", "2008-12-05"),
        ("1er décembre 1935", "1935-12-01"),
        ("14 giờ 30 ngày 5/12/1974", "1974-12-05"),
    ],
)
def test_digits_as_clerks_and_readers_leave_them(text, edtf):
    assert parse_digits(text, BOOK).normalized == edtf


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2008",
        "12/13/2008",
        "5/12/200",
        "5/12",
        "x/12/1974",
        "5/12/5005",
        "31/11/1974",
        "30/2/1975 (âm lịch)",
        "197",
        "5-II-1974",
        "ngày mng năm tháng năm năm 1998",
        "ngày 2d1 tháng 12 năm Canh 74",
        "ngày tháng năm",
        "1234567",
    ],
)
def test_what_is_no_day_gives_nothing_and_a_reason(text):
    found = parse_digits(text, BOOK)
    assert found.normalized is None
    assert found.reasons
    assert found.factor < 0.5


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        (
            "Ngày mồng năm, tháng mười hai, năm một nghìn chín trăm bảy mươi tư",
            "1974-12-05",
        ),
        ("ngày năm tháng năm năm một nghìn chín trăm tám mươi năm", "1985-05-05"),
        ("Ngày 05 tháng tư năm 1974", "1974-04-05"),
        ("tháng tư năm một nghìn chín trăm sáu tám", "1968-04"),
        ("năm bảy mươi tư", "1974"),
        ("ngày hai tháng ba năm một chín không năm", "1905-03-02"),
        ("Ngày Hai Mươi Tháng Hai Năm Hai Nghìn Không Trăm Linh Tám", "2008-02-20"),
        ("Ngàyhaimươi tháng hai năm mộtnghìn chín trăm tám mươi", "1980-02-20"),
        ("Ngáy mống nâm, tháug mười haj, năm một nghìn chin trăm bày mươi tư", "1974-12-05"),
    ],
)
def test_words_as_clerks_and_readers_leave_them(text, edtf):
    assert parse_words(text, BOOK).normalized == edtf


@pytest.mark.parametrize(
    "text",
    [
        "ngày ba mươi tháng hai năm hai nghìn",
        "xxx tháng tư năm một nghìn chín trăm",
        "Nguyễn Văn An",
        "ngày hai tháng ba",
        "ngày mười hai tháng giêng nhuận năm một nghìn chín trăm ba mươi",
    ],
)
def test_words_that_are_no_day_give_nothing(text):
    found = parse_words(text, BOOK)
    assert found.normalized is None
    assert found.reasons


def test_words_of_the_moon_are_flagged():
    full_moon = parse_words("ngày rằm tháng giêng năm một nghìn chín trăm ba mươi", 1930)
    assert full_moon.normalized == "1930-02-13"  # by the moon: 15/1 Canh Ngọ
    assert {"lunar=1930-01-15", "lunar_word"} <= set(full_moon.reasons)
    assert full_moon.factor < 0.8
    of_the_sun = parse_words("ngày năm tháng giêng năm một nghìn chín trăm bảy mươi", 1970)
    assert of_the_sun.normalized == "1970-01-05"
    assert "lunar_word" in of_the_sun.reasons


@pytest.mark.parametrize(
    ("text", "book", "edtf"),
    [
        ("15/8/1940 (âm lịch)", 1940, "1940-09-16"),
        ("15-8 Canh Thìn", 1940, "1940-09-16"),
        ("mồng 1 tháng giêng năm Mậu Thân", 1968, "1968-01-29"),
        ("ngày 5 tháng 12 năm 1935, tức ngày 10 tháng 11 năm Ất Hợi", 1935, "1935-12-05"),
        ("ngày 5 tháng 12 năm 1935 (Ất Hợi)", 1935, "1935-12-05"),
        ("ngày 10 tháng 11 năm Bảo Đại thập niên", 1935, "1935-12-05"),
        ("năm Khải Định thứ mười", 1925, "1925"),
        ("năm Ất Hợi", 1990, "1935"),
        ("12 tháng 4 nhuận năm 1974 âm lịch", 1974, "1974-06-02"),
        ("le 1er 9bre 1927", 1927, "1927-11-01"),
        ("5 décembre 1935", 1935, "1935-12-05"),
        ("l'an mil neuf cent trente-deux, le cinq du mois de mai", 1932, "1932-05-05"),
        ("hăm mốt tháng chạp năm bảy tư dương lịch", 1980, "1974-12-21"),
        ("15/8/1940 (Âm lịch)", 1940, "1940-09-16"),
        ("15/8/1940 ÂL", 1940, "1940-09-16"),
        ("15/8/1940 A.L.", 1940, "1940-09-16"),
        ("15/8/1940 DL", 1940, "1940-08-15"),
        ("12 tháng 4 Nhuận năm 1974 ÂM LỊCH", 1974, "1974-06-02"),
        ("Ngày 5 tháng 12 năm 1935, Tức ngày 10 tháng 11 năm Ất Hợi", 1935, "1935-12-05"),
        ("Canh Tí", 1975, "1960"),
        ("sinh năm Mậu Tí (1948)", 1975, "1948"),
        ("Đinh Tị", 1975, "1917"),
        ("Bảo Đại năm thứ nhất, tháng hai, ngày mồng ba", 1930, "1926-03-16"),
        ("ngày mười chín tháng năm năm hai không một sáu", 2016, "2016-05-19"),
        ("ngày mười chín tháng năm năm hai không không tám", 2016, "2008-05-19"),
    ],
)
def test_old_ways_to_say_a_day(text, book, edtf):
    assert parse_date(text, book).normalized == edtf


@pytest.mark.parametrize(
    "text", ["1/1/0005", "0005-12-05", "ngày 1 tháng 1 năm 0005", "5/12/0074", "năm 0074"]
)
def test_a_year_of_four_figures_is_no_year_of_the_books_century(text):
    found = parse_date(text, 1975)
    assert found.normalized is None
    assert found.reasons[0] in ("impossible_year=0005", "impossible_year=0074")


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("không rõ ngày, tháng 12 năm 1970", "1970-12"),
        ("Không nhớ ngày tháng, năm 1950", "1950"),
        ("không rõ ngày tháng năm một nghìn chín trăm năm mươi", "1950"),
    ],
)
def test_a_day_that_is_said_not_to_be_known_leaves_month_or_year(text, edtf):
    found = parse_date(text, 1975)
    assert (found.normalized, found.reasons) == (edtf, ("day_not_known",))


def test_a_day_said_not_to_be_known_and_said_all_the_same_is_left_to_a_person():
    found = parse_date("không rõ ngày 5 tháng 12 năm 1970", 1975)
    assert (found.normalized, found.reasons) == (None, ("dates_disagree",))


@pytest.mark.parametrize(
    "text", ["khoảng năm 1950", "Khoảng 1950", "khoảng năm một nghìn chín trăm năm mươi"]
)
def test_a_year_said_to_be_about_right_is_doubted(text):
    found = parse_date(text, 1975)
    assert (found.normalized, found.reasons) == ("1950", ("about",))
    assert found.factor < 0.8
    assert parse_date("Khoảng 3 giờ ngày 5/12/1974", 1975).reasons == ()  # the hour is


def test_a_year_of_the_cycle_beside_another_number_is_left_to_a_person():
    for number in (1949, 1950):
        found = parse_date(f"sinh năm Mậu Tý ({number})", 1975)
        assert (found.normalized, found.reasons) == (None, ("dates_disagree",))
    assert parse_date("5/1/1949 (Mậu Tý)", 1975).normalized == "1949-01-05"  # it ran on


def test_a_day_said_twice_differently_is_left_to_a_person():
    found = parse_date("ngày 5 tháng 12 năm 1935, tức ngày 11 tháng 11 năm Ất Hợi", 1935)
    assert (found.normalized, found.reasons) == (None, ("dates_disagree",))


def test_the_other_calendar_of_the_south_is_told():
    found = parse_date("mồng 1 tháng giêng năm 1968 âm lịch", 1968)
    assert "south_calendar=1968-01-30" in found.reasons


def test_an_n_best_list_is_read_under_the_grammar():
    texts = [("ngày ba thắng tư năm 198O", 0.5), ("ngày ba tháng tư năm 1980", 0.4)]
    assert decode(texts, Context(Kind.BIRTH, 1985))[0].edtf == "1980-04-03"


def test_a_year_after_the_book_is_doubted():
    assert parse_digits("05/12/2073", 2013).factor < 0.5


@given(st.integers(0, 99), st.integers(1922, 2015))
def test_a_short_year_is_the_latest_not_after_the_book(short, book):
    year = full_year(short, book)
    assert year % 100 == short
    assert book - 99 <= year <= book
