"""Vietnam's lunar calendar 1900-2029: days of the moon to days of the sun and back.

The table ``ocr_config/calendar/lunar.csv`` has one row a lunar year (``training.lunar_table``
computes it, its README tells how it was checked). In 1968-75 the South still went by another
midnight than the North; both calendars are kept, the North's is that of Hải Phòng.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.settings import load_settings

NORTH, SOUTH = "north", "south"


@dataclass(frozen=True)
class LunarDay:
    """A day as the moon's calendar says it: ``15/8/1940``, ``leap`` for a tháng nhuận."""

    year: int
    month: int
    day: int
    leap: bool = False

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}{'n' if self.leap else ''}-{self.day:02d}"


@dataclass(frozen=True)
class _Month:
    number: int
    leap: bool
    first: dt.date
    days: int
    disputed: bool


@lru_cache(maxsize=4)
def _months(config: Path, calendar: str) -> dict[int, tuple[_Month, ...]]:
    """Months of each lunar year of a calendar."""
    path = config / "calendar" / "lunar.csv"
    found: dict[int, tuple[_Month, ...]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["calendar"] == calendar:
                    found[int(row["year"])] = _year(row)
    except (OSError, KeyError, ValueError) as error:
        raise SettingsError(f"lunar calendar: {error!r}", where=str(path)) from error
    return found


def _year(row: dict[str, str]) -> tuple[_Month, ...]:
    leap = int(row["leap_month"])
    numbers = [(number, False) for number in range(1, 13)]
    if leap:
        numbers.insert(leap, (leap, True))
    lengths = [29 + int(long) for long in row["long_months"]]
    firsts = accumulate(lengths, initial=0)
    start = dt.date.fromisoformat(row["first_day"])
    disputed = {int(place) for place in row["doubtful"].split(";") if place}
    return tuple(
        _Month(number, is_leap, start + dt.timedelta(days=first), days, place in disputed)
        for place, ((number, is_leap), days, first) in enumerate(
            zip(numbers, lengths, firsts, strict=False), start=1
        )
    )


def _table(calendar: str) -> dict[int, tuple[_Month, ...]]:
    return _months(load_settings().config, calendar)


def _month(day: LunarDay, calendar: str) -> _Month | None:
    for month in _table(calendar).get(day.year, ()):
        if (month.number, month.leap) == (day.month, day.leap):
            return month
    return None


def to_solar(day: LunarDay, calendar: str = NORTH) -> dt.date | None:
    """The day of the sun; None where the calendar has no such day or the table no such year."""
    month = _month(day, calendar)
    if month is None or not 1 <= day.day <= month.days:
        return None
    return month.first + dt.timedelta(days=day.day - 1)


def to_lunar(day: dt.date, calendar: str = NORTH) -> LunarDay | None:
    """The day of the moon; None outside the table."""
    for year in (day.year, day.year - 1):
        for month in reversed(_table(calendar).get(year, ())):
            if month.first <= day:
                number = (day - month.first).days + 1
                return LunarDay(year, month.number, number, month.leap)
    return None


def solar_months(year: int, month: int, leap: bool) -> tuple[dt.date, dt.date] | None:
    """First and last day of a lunar month."""
    found = _month(LunarDay(year, month, 1, leap), NORTH)
    return (found.first, found.first + dt.timedelta(days=found.days - 1)) if found else None


def doubts(day: LunarDay) -> tuple[str, ...]:
    """What speaks against a conversion: the South's other day, a month that tables dispute."""
    month = _month(day, NORTH)
    reasons = ["calendar_disputed"] if month is not None and month.disputed else []
    south = to_solar(day, SOUTH) if day.year in _table(SOUTH) else None
    if south is not None and south != to_solar(day):
        reasons.append(f"south_calendar={south.isoformat()}")
    return tuple(reasons)
