"""Day, month and year to EDTF, with the checks every way of writing a date shares."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from pipeline.values.found import BENT, IMPLAUSIBLE, Found, not_understood
from pipeline.values.lunar import LunarDay, doubts, solar_months, to_solar

OLDEST = 1820
"""Nobody in a book of 1922 was born before."""
CONVERTED = 0.9
"""A day of the moon turned into one of the sun: right only if the clerk counted as the table."""


class DateCandidate(NamedTuple):
    """A date that a text may mean. ``cost`` counts edits: 0 is exactly said, 1 a letter off."""

    edtf: str
    cost: float
    reasons: tuple[str, ...] = ()


class Parts(NamedTuple):
    """What was written of a date. ``lunar``: by the moon; ``leap``: in a tháng nhuận."""

    day: int | None
    month: int | None
    year: int
    lunar: bool = False
    leap: bool = False


def full_year(short: int, book_year: int) -> int:
    """Two digits to four: the latest such year that is not after the book's.

    A book of 2008 that writes ``74`` means 1974, one that writes ``05`` means 2005.
    """
    return book_year - (book_year - short) % 100


def days_in(year: int, month: int) -> int:
    """Days of a month; of a leap year's February where the year is unknown (0)."""
    if month == 2:
        leap = not year or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def edtf(day: int | None, month: int | None, year: int, book_year: int) -> Found:
    """EDTF of what was written; partial dates stay partial.

    Args:
        day: 1..31 or None where none was written.
        month: 1..12 or None.
        year: as written, two or four digits.
        book_year: year of the book; resolves two digits and marks what lies after it.
    """
    return meaning(Parts(day, month, year), book_year)


def meaning(parts: Parts, book_year: int) -> Found:
    """EDTF of the parts of a date, converted where they are the moon's.

    Args:
        parts: as written.
        book_year: resolves two digits; what lies after it is doubted.
    """
    reasons: tuple[str, ...] = ()
    factor = 1.0
    day, month, year = parts.day, parts.month, parts.year
    if 0 <= year < 100:
        year = full_year(year, book_year)
        reasons, factor = ("century_from_book",), 0.98
    if not OLDEST <= year <= 2099:
        return not_understood(f"impossible_year={year}")
    if month is not None and not 1 <= month <= 12:
        return not_understood(f"impossible_month={month}")
    if parts.lunar:
        found = _of_the_moon(parts._replace(year=year))
    else:
        if day is not None and (month is None or not 1 <= day <= days_in(year, month)):
            return not_understood(f"impossible_day={day}")
        text = f"{year:04d}"
        if month is not None:
            text += f"-{month:02d}"
            if day is not None:
                text = dt.date(year, month, day).isoformat()
        found = Found(text)
    written = found.normalized
    if written is None:
        return found
    found = Found(written, factor * found.factor, (*reasons, *found.reasons))
    year = int(written[:4])
    if year > book_year + 5:
        # Books may run on for some years (Thông tư 04/2020 Đ.29.3); a century does not.
        found = found.because("after_book_year", IMPLAUSIBLE)
    elif year > book_year:
        found = found.because("after_book_opening", BENT)
    return found


def _of_the_moon(parts: Parts) -> Found:
    """The sun's date of a lunar one; months and years only as far as they lie in one year."""
    if parts.month is None:
        # Most of a lunar year lies in the year of its number; a tenth of it in the next.
        return Found(f"{parts.year:04d}", BENT, (f"lunar={parts.year:04d}", "lunar_year"))
    if parts.day is None:
        span = solar_months(parts.year, parts.month, parts.leap)
        written = f"lunar={parts.year:04d}-{parts.month:02d}{'n' if parts.leap else ''}"
        if span is None or span[0].year != span[1].year:
            return not_understood("lunar_month").because(written)
        return Found(f"{span[0].year:04d}", BENT, (written, "lunar_month"))
    day = LunarDay(parts.year, parts.month, parts.day, parts.leap)
    solar = to_solar(day)
    if solar is None:
        return not_understood("no_such_lunar_day").because(f"lunar={day}")
    found = Found(solar.isoformat(), CONVERTED, (f"lunar={day}",))
    for doubt in doubts(day):
        found = found.because(doubt, BENT)
    return found
