"""How a date may stand on the page: in digits, in a sentence, in words, in French.

The way back from EDTF: ``date_digits`` and ``date_words`` make the same date of each of these.
Usual ways come first; of the rarer ones no more are given than anybody can compare with ink.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from pipeline.values.calendar import full_year
from pipeline.values.french_words import FRENCH_MONTHS
from pipeline.values.number_words import (
    FIRST_YEAR,
    LAST_YEAR,
    SPELLINGS,
    Phrase,
    below_hundred,
    spelled,
    year_phrases,
)

_EDTF = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MARKS = ("/", "-", ".", " ", " - ", " / ")
_LAST_FRENCH = 1956
_IN_WORDS = 128
"""Most ways to say one date in words."""
_EARLY = 10

Parts = tuple[int, int | None, int | None]


def parts_of(edtf: str) -> Parts | None:
    """Year, month and day of a (partial) date; None for what is none."""
    match = _EDTF.fullmatch(edtf)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    return (year, month, day) if year else None


def ways_in_digits(edtf: str, book_year: int) -> Iterator[str]:
    """Every separator, with and without zeros, long and short years; sentences; French."""
    parts = parts_of(edtf)
    if parts is None:
        return
    year, month, day = parts
    years = [str(year)]
    if full_year(year % 100, book_year) == year:
        years.append(f"{year % 100:02d}")
    months, days = _padded(month), _padded(day)
    if month is None:
        yield from (str(year), f"năm {year}", f"Năm {year}", *(f"năm {one}" for one in years[1:]))
    elif day is None:
        yield from (f"{m}{mark}{year}" for mark, m in product(_MARKS, months))
        yield from (f"{t} {m} năm {y}" for t, y, m in product(("tháng", "Tháng"), years, months))
    else:
        dates = list(product(years, months, days))
        for mark in _MARKS[:3]:
            yield from (f"{d}{mark}{m}{mark}{y}" for y, m, d in dates)
        for head in ("ngày ", "Ngày ", ""):
            yield from (f"{head}{d} tháng {m} năm {y}" for y, m, d in dates)
        for mark in _MARKS[3:]:
            yield from (f"{d}{mark}{m}{mark}{y}" for y, m, d in dates)
        yield from (f"ngày {d}{mark}{m}{mark}{year}" for mark in "/-" for m in months for d in days)
    if book_year <= _LAST_FRENCH and month is not None:
        # normalise takes the û of août for a sign of an old encoding (VNI).
        said = FRENCH_MONTHS[month - 1].replace("û", "u")
        yield from (f"{head}{said} {year}" for head in _french_days(day))


def _padded(number: int | None) -> tuple[str, ...]:
    if number is None:
        return ()
    return (f"{number:02d}", str(number)) if number < 10 else (str(number),)


def _french_days(day: int | None) -> tuple[str, ...]:
    if day is None:
        return ("",)
    first = ("1er ", "le 1er ") if day == 1 else ()
    return (*first, f"{day} ", f"le {day} ")


@lru_cache(maxsize=2048)
def ways_in_words(edtf: str, book_year: int) -> tuple[str, ...]:
    """A date said in words in all ways that registers use, the usual ones first."""
    parts = parts_of(edtf)
    if parts is None or not FIRST_YEAR <= parts[0] <= LAST_YEAR:
        return ()
    year, month, day = parts
    lists: list[Sequence[str]] = [_years(year, book_year)]
    if month is not None:
        lists.insert(0, _months(month))
    if month is not None and day is not None:
        lists.insert(0, _days(day))
    joined = [_joined(said) for said in _nearest(lists)]
    return tuple(dict.fromkeys(text for ways in zip(*joined, strict=True) for text in ways))


def _nearest(lists: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Those combinations that are made of what stands first in each list."""
    several = product(*(tuple(enumerate(one)) for one in lists))
    ranked = sorted(several, key=lambda chosen: sum(at.bit_length() for at, _ in chosen))
    return [tuple(text for _, text in chosen) for chosen in ranked[: _IN_WORDS // 4]]


def _joined(said: tuple[str, ...]) -> tuple[str, str, str, str]:
    """With a capital or without, with commas or without."""
    labels = ("ngày", "tháng", "năm")[-len(said) :]
    words = [f"{label} {text}" for label, text in zip(labels, said, strict=True)]
    texts = (", ".join(words), " ".join(words))
    loose, plain = (text[0].upper() + text[1:] for text in texts)
    return loose, plain, texts[0], texts[1]


def _days(day: int) -> tuple[str, ...]:
    plain = _said(below_hundred(day))
    if day > _EARLY:
        return plain
    early = [SPELLINGS[word][0] for word in ("mong", "mung")]
    return (f"{early[0]} {plain[0]}", plain[0], f"{early[1]} {plain[0]}", *plain[1:])


def _months(month: int) -> tuple[str, ...]:
    ways = _said(below_hundred(month))
    if month == 4:
        ways = tuple(reversed(ways))  # tháng tư sooner than tháng bốn
    return ways  # giêng and chạp are months of the moon, another day


def _years(year: int, book_year: int) -> tuple[str, ...]:
    phrases = list(year_phrases(year))
    # North and south by turns: a clerk's word for thousand is one of two, the rest is rarer.
    north, south = ([one for one in phrases if word in one] for word in ("nghin", "ngan"))
    bare = [one for one in phrases if one not in north and one not in south]
    phrases = [one for pair in zip(north, south, strict=True) for one in pair] + bare
    short = year % 100
    if short >= 10 and full_year(short, book_year) == year:
        phrases += below_hundred(short)
    return _said(iter(phrases))


def _said(phrases: Iterator[Phrase]) -> tuple[str, ...]:
    """Written out; the usual seven first, then the same with the older one (bẩy)."""
    usual, older = SPELLINGS["bay"]
    texts = [spelled(phrase) for phrase in phrases]
    return tuple(dict.fromkeys((*texts, *(text.replace(usual, older) for text in texts))))
