"""Dates in words, Vietnamese and French, tolerant to misread letters by their grammar."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.values.calendar import Parts, meaning
from pipeline.values.eras import ERA_SPELLINGS, cycle_of, latest_in_cycle
from pipeline.values.found import BENT, Found, not_understood
from pipeline.values.french_words import FRENCH_SPELLINGS, french_trees
from pipeline.values.number_words import (
    SINO_SPELLINGS,
    SPELLINGS,
    calendar_trees,
    era_trees,
    trees,
)
from pipeline.values.text import clean, fold
from pipeline.values.walk import Grammar, Reading, Unit, readings

MARGIN = 0.35
"""Least distance in letters between the cheapest date and any other."""
MOST_DAMAGED, MOST_EDITS = 0.14, 4.5
"""Edits a letter, and edits, above which the whole counts as unread."""
_LONGEST = 40
_TOKEN = re.compile(r"[^\W_]+")
_GLUED_LABEL = re.compile(r"(ngày|ngay|tháng|thang|năm|nam|mồng|mùng)(?=\d)|(?<=\d)(?=[nt][^\W\d])")
_SLASHES = re.compile(r"\b(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}|\d\d))?\b")
_OLD_NOVEMBER = re.compile(r"\bthang mot\b")
_MODERN_JANUARY = 1956
"""In older speech *tháng một* was the eleventh month, *tháng giêng* the first."""
_MOON_MEANT, _MOON_SAID = 0.5, 0.6
_NEXT_CYCLE = 0.6
_AFTER_BOOK, _ANCIENT = 1.0, 0.7
_OLD_AGE = 105


BEFORE_A_DATE = {
    "sinh": ("sinh",), "vao": ("vào",), "hoi": ("hồi",), "luc": ("lúc", "lục"), "chet": ("chết",),
    "mat": ("mất",), "de": ("đẻ",),
}  # fmt: skip
"""Words before a date; folded word -> as it is written."""


class Said(NamedTuple):
    """A date that a text says, and at what cost in letters."""

    found: Found
    cost: float


class Moon(NamedTuple):
    """What a text says of the calendar: None where it says nothing."""

    lunar: bool | None = None
    leap: bool = False


def _merged(*tables: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for word, forms in table.items():
            merged[word] = tuple(dict.fromkeys((*merged.get(word, ()), *forms)))
    return merged


@lru_cache(maxsize=1)
def vietnamese() -> Grammar:
    """Vietnamese: day, month, year, or year first; reigns and the cycle of sixty."""
    years = (Unit.YEAR, Unit.CYCLE, Unit.REIGN)
    return Grammar(
        spellings=_merged(SPELLINGS, ERA_SPELLINGS, SINO_SPELLINGS, BEFORE_A_DATE),
        trees=(*trees(), *era_trees(), *calendar_trees()),
        labels={"ngay": (Unit.DAY,), "thang": (Unit.MONTH,), "nam": years},
        lost=(0.8, 0.8, 0.4, 0.0, 0.0, 0.0, 0.0),
        fillers=frozenset(BEFORE_A_DATE),
    )


@lru_cache(maxsize=1)
def french() -> Grammar:
    """French: day, month, year, or the year of an act first."""
    return Grammar(
        spellings=FRENCH_SPELLINGS,
        trees=french_trees(),
        labels={
            "le": (Unit.DAY,),
            "jour": (Unit.DAY,),
            "mois": (Unit.MONTH,),
            "an": (Unit.YEAR,),
            "annee": (Unit.YEAR,),
            "en": (Unit.YEAR,),
        },
        lost=(0.0, 0.0, 0.0),
        fillers=frozenset(("l", "d", "de", "du", "et", "le", "ne", "jour")),
        between=True,
        day_first_after_year=True,
    )


def tokens_of(text: str) -> list[str]:
    """Words and numbers of a date in lower case."""
    low = _SLASHES.sub(
        lambda found: (
            f"ngày {found[1]} tháng {found[2]} " + (f"năm {found[3]}" if found[3] else "")
        ),
        clean(text).lower(),
    )
    return _TOKEN.findall(_GLUED_LABEL.sub(lambda found: f"{found[0]} ", low))


def _is_french(tokens: list[str]) -> bool:
    """True where more words are French date words than Vietnamese ones."""
    folded = [fold(token) for token in tokens]
    return sum(word in FRENCH_SPELLINGS for word in folded) > sum(
        word in vietnamese().spellings for word in folded
    )


def say(
    text: str, book_year: int, moon: Moon, latest: int, *, tolerant: bool = True
) -> tuple[list[Said], str]:
    """All dates a text may say, cheapest first, and why there is none.

    Args:
        text: the date without what it says of the calendar (``moon``).
        book_year: what lies after it is doubted.
        moon: the calendar, where the text names it.
        latest: last year that a year of the cycle may mean.
        tolerant: words may be misread.
    """
    tokens = tokens_of(text)
    if not any(token.isalpha() for token in tokens):
        return [], "no_number_words"
    if len(tokens) > _LONGEST:
        return [], "too_long"
    grammar = french() if _is_french(tokens) else vietnamese()
    letters = sum(len(token) for token in tokens)
    for bent in (False, True) if tolerant else (False,):
        found = readings(grammar, tokens, bent=bent)
        if not found:
            continue
        said, refused = _dates(found, tokens, book_year, moon, latest)
        if not said:
            return [], refused  # well said, but no real day (30 February)
        if said[0].cost > min(MOST_EDITS, MOST_DAMAGED * letters):
            return [], "too_damaged"
        impossible = found[0].cost <= said[0].cost - MARGIN
        return said, refused if impossible and refused else ""
    return [], "not_a_date_in_words"


def _dates(
    found: list[Reading], tokens: list[str], book_year: int, moon: Moon, latest: int
) -> tuple[list[Said], str]:
    """Real dates among readings; the reason of the cheapest that is none."""
    best: dict[str, Said] = {}
    refused = ""
    old_november = book_year < _MODERN_JANUARY and _OLD_NOVEMBER.search(fold(" ".join(tokens)))
    for reading in found:
        meant = False
        why = ""
        for parts, more, reasons in _parts(reading, moon, latest, tokens):
            date = meaning(parts, book_year)
            if date.normalized is None:
                why = why or date.reasons[0]
                continue
            meant = True
            cost = reading.cost + more + _implausible(int(date.normalized[:4]), book_year)
            for reason in reasons:
                date = date.because(reason, BENT)
            if old_november and parts.month == 1:
                date = date.because("month_one_may_be_eleven", BENT)
            if reading.cost:
                date = date.because(f"misread={reading.cost:.1f}", math.exp(-0.36 * reading.cost))
            if reading.skipped:
                date = date.because("extra_text", BENT)
            known = best.get(date.normalized or "")
            if known is None or cost < known.cost:
                best[date.normalized or ""] = Said(date, cost)
        if not meant:
            refused = refused or why
    return sorted(best.values(), key=lambda one: one.cost), refused


def _implausible(year: int, book_year: int) -> float:
    if year > book_year + 1:
        return _AFTER_BOOK
    return _ANCIENT if year < book_year - _OLD_AGE else 0.0


def _parts(
    reading: Reading, moon: Moon, latest: int, tokens: list[str]
) -> list[tuple[Parts, float, tuple[str, ...]]]:
    """What a reading may mean: parts of a date, what that costs more, and why it is doubted."""
    day, month, year, cycle, reign, leap, calendar = reading.values
    lunar = moon.lunar if calendar is None else calendar == 1
    leaping = moon.leap or leap is not None
    full_moon = day == 15 and "rằm" in tokens
    moon_month = (month == 1 and "giêng" in tokens) or (month == 12 and "chạp" in tokens)
    whole: list[tuple[int, float, tuple[str, ...]]] = []
    if year is not None:
        whole = [(year, 0.0, ())]
        full = year if year >= 100 else None
        if full and cycle is not None and cycle not in (cycle_of(full), cycle_of(full - 1)):
            whole = [(year, 2.0, ("years_disagree",))]
        if full and reign is not None and reign not in (full, full - 1):
            whole = [(year, 2.0, ("years_disagree",))]
    elif reign is not None:
        disagree = cycle is not None and cycle_of(reign) != cycle
        whole = [(reign, 2.0, ("years_disagree",)) if disagree else (reign, 0.0, ())]
    elif cycle is not None:
        near = latest_in_cycle(cycle, latest)
        whole = [(near, 0.0, (f"year_of_cycle_or={near - 60}",))]
        whole.append((near - 60, _NEXT_CYCLE, (f"year_of_cycle_or={near}",)))
    named = year is None  # a reign or a cycle counts years of the moon
    found = []
    for number, more, reasons in whole:
        parts = Parts(day, month, number, leap=leaping)
        by_moon, by_sun = parts._replace(lunar=True), parts._replace(leap=False)
        if lunar is True or leaping:
            found.append((by_moon, more, reasons))
        elif lunar is False:
            found.append((by_sun, more, reasons))
        elif named:
            found.append((by_moon, more, (*reasons, "lunar_by_its_year")))
            found.append((by_sun, more + _MOON_MEANT, (*reasons, "or_lunar")))
        elif full_moon:
            found.append((by_moon, more, (*reasons, "lunar_word")))
            found.append((by_sun, more + _MOON_SAID, (*reasons, "lunar_word")))
        elif moon_month:
            # giêng, chạp are said of the sun's months too
            found.append((by_sun, more, (*reasons, "lunar_word")))
            found.append((by_moon, more + _MOON_MEANT, (*reasons, "lunar_word")))
        else:
            found.append((by_sun, more, reasons))
    return found


def chosen(said: list[Said], refused: str) -> Found:
    """The date to believe; none where two are about as near or nothing real was said."""
    if not said or refused:
        return not_understood(refused or "not_a_date")
    if len(said) > 1 and said[1].cost - said[0].cost < MARGIN:
        return not_understood("ambiguous_words")
    return said[0].found
