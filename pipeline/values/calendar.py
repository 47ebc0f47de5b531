"""Day, month and year to EDTF, with the checks every way of writing a date shares."""

from __future__ import annotations

from datetime import date

from pipeline.values.found import BENT, IMPLAUSIBLE, Found, not_understood

OLDEST = 1820
"""Nobody in a book of 1922 was born before."""


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
    reasons: tuple[str, ...] = ()
    factor = 1.0
    if 0 <= year < 100:
        year = full_year(year, book_year)
        reasons, factor = ("century_from_book",), 0.98
    if not OLDEST <= year <= 2099:
        return not_understood(f"impossible_year={year}")
    if month is not None and not 1 <= month <= 12:
        return not_understood(f"impossible_month={month}")
    if day is not None and (month is None or not 1 <= day <= days_in(year, month)):
        return not_understood(f"impossible_day={day}")
    text = f"{year:04d}"
    if month is not None:
        text += f"-{month:02d}"
        if day is not None:
            text = date(year, month, day).isoformat()
    found = Found(text, factor, reasons)
    if year > book_year + 5:
        # Books may run on for some years (Thông tư 04/2020 Đ.29.3); a century does not.
        found = found.because("after_book_year", IMPLAUSIBLE)
    elif year > book_year:
        found = found.because("after_book_opening", BENT)
    return found
