"""Dates in digits and in words come back as the day they mean, or as nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.calendar import full_year
from pipeline.values.date_digits import parse_digits
from pipeline.values.date_words import parse_words

BOOK = 2015
DAYS = st.dates(dt.date(1922, 1, 1), dt.date(2015, 12, 31))

DIGITS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
DIGIT_STYLES = (
    "{d:02d}/{m:02d}/{y}",
    "{d}/{m}/{y}",
    "{d}-{m}-{y}",
    "{d:02d}.{m:02d}.{y}",
    "{d:02d} {m:02d} {y}",
    "{d:02d}{m:02d}{y}",
    "ngày {d:02d} tháng {m:02d} năm {y}",
    "ngày..{d:02d}....tháng..{m:02d}...năm...{y}...",
    "Ngày {d} tháng {m} năm {y}.",
    "{d:02d} tháng {m:02d} năm {y}",
    "ngay {d} thang {m} nam {y}",
    "{y}-{m:02d}-{d:02d}",
)


@given(DAYS, st.sampled_from(DIGIT_STYLES))
def test_every_day_in_digits_parses_back(day, style):
    text = style.format(d=day.day, m=day.month, y=day.year)
    found = parse_digits(text, BOOK)
    assert (found.normalized, found.factor) == (day.isoformat(), 1.0)


@given(DAYS, st.sampled_from(("{d}/{m}/{y:02d}", "{d}-{m}-{y:02d}", "{d:02d}.{m:02d}.{y:02d}")))
def test_short_years_are_resolved_by_the_book(day, style):
    text = style.format(d=day.day, m=day.month, y=day.year % 100)
    found = parse_digits(text, day.year)
    assert found.normalized == day.isoformat()
    assert "century_from_book" in found.reasons


@st.composite
def spoken_dates(draw):
    """A day and one of the ways clerks say it."""
    day = draw(DAYS)

    def below_hundred(n: int, *, bare: bool) -> str:
        tens, ones = divmod(n, 10)
        if tens == 0:
            return DIGITS[ones]
        if tens == 1:
            five = draw(st.sampled_from(("lăm", "năm", "nhăm")))
            return ("mười " + {0: "", 5: five}.get(ones, DIGITS[ones])).strip()
        tail = {
            0: "",
            1: "mốt",
            4: draw(st.sampled_from(("tư", "bốn"))),
            5: draw(st.sampled_from(("lăm", "nhăm"))),
        }.get(ones, DIGITS[ones])
        if bare and ones:
            return f"{DIGITS[tens]} {tail}"
        contracted = {2: "hăm", 3: "băm"}.get(tens)
        if contracted and ones and draw(st.booleans()):
            return f"{contracted} {tail}"
        return f"{DIGITS[tens]} mươi {tail}".strip()

    prefix = draw(st.sampled_from(("", "mồng ", "mùng "))) if day.day <= 10 else ""
    spoken_day = prefix + below_hundred(day.day, bare=draw(st.booleans()))
    month = "tư" if day.month == 4 else below_hundred(day.month, bare=False)
    low, bare = day.year % 100, draw(st.booleans())
    thousand = draw(st.sampled_from(("nghìn", "ngàn")))
    if day.year >= 2000:
        head = f"hai {thousand}" + draw(st.sampled_from((" không trăm", "")))
        if low == 0:
            head = f"hai {thousand}"
    else:
        head = f"một {thousand} chín trăm"
    if low == 0:
        year = head
    elif low < 10:
        year = f"{head} {draw(st.sampled_from(('linh', 'lẻ')))} {DIGITS[low]}"
    else:
        year = f"{head} {below_hundred(low, bare=bare)}"
    comma = draw(st.sampled_from(("", ",", ".")))
    label = draw(st.sampled_from(("Ngày ", "ngày ", "")))
    text = f"{label}{spoken_day}{comma} tháng {month}{comma} năm {year}{comma}"
    if draw(st.booleans()):
        text = text.upper() if draw(st.booleans()) else text.title()
    return day, text


@given(spoken_dates())
def test_every_day_in_words_parses_back(case):
    day, text = case
    found = parse_words(text, BOOK)
    assert (found.normalized, found.factor) == (day.isoformat(), 1.0)


@given(spoken_dates(), st.data())
def test_one_damaged_letter_never_gives_another_day_unseen(case, data):
    day, text = case
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("aeioumnhtclr"))
    damaged = text[:at] + letter + text[at + 1 :]
    found = parse_words(damaged, BOOK)
    words = {word.strip(",.").lower() for word in damaged.split()}
    still_said = all(word in _VOCABULARY for word in words)
    # a letter may turn one number word into another; everything else must show
    assert still_said or found.normalized in (None, day.isoformat()) or found.factor < 0.96


_VOCABULARY = {
    *DIGITS,
    *("mười", "mươi", "mốt", "tư", "lăm", "nhăm", "linh", "lẻ", "nghìn", "ngàn", "trăm"),
    *("hăm", "băm", "mồng", "mùng", "ngày", "tháng"),
}


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
        "5/12/1974 (âm lịch)",
        "197",
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
    found = parse_words("ngày rằm tháng giêng năm một nghìn chín trăm ba mươi", 1930)
    assert found.normalized == "1930-01-15"
    assert "lunar_word" in found.reasons
    assert found.factor < 0.8


def test_a_year_after_the_book_is_doubted():
    assert parse_digits("05/12/2073", 2013).factor < 0.5


@given(st.integers(0, 99), st.integers(1922, 2015))
def test_a_short_year_is_the_latest_not_after_the_book(short, book):
    year = full_year(short, book)
    assert year % 100 == short
    assert book - 99 <= year <= book
