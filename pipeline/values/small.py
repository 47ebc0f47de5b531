"""Short fields with a grammar: entry numbers, identity papers, ages, times of day."""

from __future__ import annotations

import re

from pipeline.values.date_digits import repair_digits
from pipeline.values.found import BENT, IMPLAUSIBLE, Found, not_understood
from pipeline.values.number_words import below_hundred
from pipeline.values.text import clean, fold

_NUMBER = re.compile(
    r"^(?:so|no|n[°º]|stt)?\s*[:.]?\s*(\d{1,5})\s*(?:[./-]?\s*([a-e]|bis|ter))?"
    r"(?:\s*[/-]\s*(\d{2,4}))?$"
)
_YEAR_LIKE = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_AGE = re.compile(r"^(\d{1,3})\s*(?:tuoi|t|ans)?$")
_TIME = re.compile(
    r"(?P<hour>\d{1,2})\s*(?:gio|g|h|:|heures?)\s*(?:(?P<minute>\d{1,2})|(?P<half>ruoi))?"
)
_PAPER = re.compile(r"(?<![\w])(?:[A-Z]{1,2}\s?)?\d[\d .]{6,16}\d(?!\w)")
CMND, CCCD = 9, 12
"""Digits of a chứng minh nhân dân and of a căn cước công dân."""


def entry_number(literal: str, book_year: int) -> Found:
    """An entry's number without leading zeros, its suffix kept: ``012`` -> ``12``, ``12b``."""
    text, mended = repair_digits(clean(literal))
    match = _NUMBER.match(fold(text).strip(" .,;:-–—'\""))
    if not match:
        return not_understood("not_a_number")
    number, suffix, year = match.groups()
    space = " " if suffix in ("bis", "ter") else ""
    found = Found(f"{int(number)}{space}{suffix or ''}")
    if year and int(year) % 100 != book_year % 100:
        found = found.because("other_year", IMPLAUSIBLE)
    return found.because("repaired_digits", BENT) if mended else found


def identity_number(literal: str) -> Found:
    """Number of an identity paper: digits without spaces, a passport's letters kept."""
    text, mended = repair_digits(clean(literal).upper().replace("Đ", "D"))
    match = _PAPER.search(text)
    digits = re.sub(r"[ .]", "", match.group() if match else text)
    if not re.fullmatch(r"[A-Z]{0,2}\d{6,15}", digits):
        return not_understood("not_a_paper_number")
    found = Found(digits)
    letters = not digits[0].isdigit()
    if not letters and len(digits) not in (CMND, CCCD):
        # army and police papers have other lengths, but a lost digit is more usual
        found = found.because(f"unusual_length={len(digits)}", IMPLAUSIBLE)
    return found.because("repaired_digits", BENT) if mended else found


def _said() -> dict[str, int]:
    return {" ".join(way): n for n in range(99, 0, -1) for way in below_hundred(n)}


_AGES_IN_WORDS = _said()


def age(literal: str, book_year: int) -> Found:
    """Years of age in digits. The birth year it implies is a reason only, never the value.

    Birth year = registration year - age (Thông tư 04/2020 Đ.23.2; its example: 25 and 23 in a
    book of 1975 give 1950 and 1952). A year written in the column of ages stays what it is.
    """
    text, mended = repair_digits(clean(literal))
    bare = fold(text).strip(" .,;:-–—()'\"")
    year = _YEAR_LIKE.search(bare)
    if year:
        found = Found(year.group(), 1.0, (f"birth_year={year.group()}",))
        if int(year.group()) > book_year:
            found = found.because("after_book_year", IMPLAUSIBLE)
    else:
        words = re.sub(r"\s*\btuoi\b\s*", "", bare)
        match = _AGE.match(bare)
        if match:
            years = int(match.group(1))
        elif words in _AGES_IN_WORDS:
            years = _AGES_IN_WORDS[words]
        else:
            return not_understood("not_an_age")
        if years > 120:
            return not_understood("impossible_age")
        found = Found(str(years), 1.0, (f"derived_birth_year={book_year - years}",))
    return found.because("repaired_digits", BENT) if mended else found


def time_of_day(literal: str) -> Found:
    """``hồi 14 giờ 30 phút``, ``14h30``, ``2 giờ chiều`` -> ``14:30``, ``14:30``, ``14:00``."""
    text, mended = repair_digits(clean(literal))
    bare = fold(text)
    match = _TIME.search(bare)
    if not match:
        return not_understood("not_a_time")
    hour = int(match["hour"])
    minute = 30 if match["half"] else int(match["minute"] or 0)
    reasons: tuple[str, ...] = ()
    if re.search(r"\b(?:chieu|toi)\b", bare) and 1 <= hour <= 11:
        hour, reasons = hour + 12, ("part_of_day",)
    elif re.search(r"\bdem\b", bare) and 7 <= hour <= 12:
        hour, reasons = (hour + 12) % 24, ("part_of_day",)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return not_understood("impossible_time")
    found = Found(f"{hour % 24:02d}:{minute:02d}", 1.0, reasons)
    return found.because("repaired_digits", BENT) if mended else found
