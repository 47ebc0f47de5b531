"""Makes ``ocr_config/calendar/lunar.csv``: Vietnam's lunar years, as they were kept then.

``python -m training.lunar_table`` computes new moons and solar terms from JPL's ephemeris DE405
(packages ``skyfield``, MIT, and ``de405``; needed for this script only) and lays months by the
rules of the calendar in force: a month begins on the day of the new moon, the eleventh holds the
winter solstice, and where thirteen months lie between two solstices the first without a
principal term is the leap month. What changed in our time is only whose midnight parts the days:

- until 1928 Beijing's own time, 1929-67 UTC+8: the calendars of Vietnam followed China's;
- the North from 1 January 1968 UTC+7 (Quyết định 121-CP, 8/8/1967), the South UTC+8 until 1975.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.settings import PROJECT

FIRST, LAST = 1900, 2029
OUT = PROJECT / "ocr_config" / "calendar" / "lunar.csv"
_BEIJING = 7.0 + 45 / 60 + 40 / 3600
_LIGHT = 299_792.458 * 86_400
"""Kilometres a day."""
_EPOCH = dt.datetime(2000, 1, 1, 12)
_EPOCH_DAY = 2_451_545.0
_MONTH = 29.530588853
_MADE_BY_HAND = 1945
_CLOSE = dt.timedelta(minutes=15)
"""A new moon this near midnight may have been put on the other day by calendars made by hand.

So is 23 April 1906, by eight minutes: Chinese tables say the 24th, Hồ Ngọc Đức's of Vietnam the
23rd (README of the table).
"""


@dataclass(frozen=True)
class Sky:
    """Apparent ecliptic longitudes of date, in degrees, for a Julian day of TT."""

    sun: Callable[[float], float]
    moon: Callable[[float], float]
    universal: Callable[[float], float]
    """TT to UT1, Julian days."""


def open_sky() -> Sky:
    """The sky of DE405 (1600-2200)."""
    import de405
    from jplephem.ephem import Ephemeris
    from skyfield.api import load
    from skyfield.nutationlib import iau2000a_radians, mean_obliquity
    from skyfield.precessionlib import compute_precession

    eph = Ephemeris(de405)
    scale = load.timescale(builtin=True)
    share = 1.0 / (1.0 + eph.EMRAT)

    def earth(jd: float) -> Any:
        return eph.position("earthmoon", jd).ravel() - share * eph.position("moon", jd).ravel()

    def longitude(jd: float, towards: Any) -> float:
        time = scale.tt_jd(jd)
        mean = math.radians(mean_obliquity(jd) / 3600)
        nutation = float(np.ravel(iau2000a_radians(time)[0])[0])
        x, y, z = compute_precession(jd) @ towards
        return math.degrees(math.atan2(y * math.cos(mean) + z * math.sin(mean), x) + nutation) % 360

    def sun(jd: float) -> float:
        here = earth(jd)
        way = eph.position("sun", jd).ravel() - here
        # light time and aberration together: the Earth as it was when the light left
        back = jd - float(np.linalg.norm(way)) / _LIGHT
        return longitude(jd, eph.position("sun", back).ravel() - earth(back))

    def moon(jd: float) -> float:
        back = jd - float(np.linalg.norm(eph.position("moon", jd))) / _LIGHT
        return longitude(jd, eph.position("moon", back).ravel())

    def universal(jd: float) -> float:
        return float(jd - scale.tt_jd(jd).delta_t / 86_400)

    return Sky(sun, moon, universal)


def _root(angle: Callable[[float], float], near: float, rate: float) -> float:
    """Where an angle that grows by ``rate`` degrees a day is 0, near a day."""
    for _ in range(12):
        off = (angle(near) + 180) % 360 - 180
        near -= off / rate
        if abs(off) < 1e-6:
            break
    return near


def _moment(julian: float) -> dt.datetime:
    return _EPOCH + dt.timedelta(days=julian - _EPOCH_DAY)


def new_moons(sky: Sky) -> list[dt.datetime]:
    """New moons in UT, from the winter of 1899 to that of 2030."""
    first = round((dt.datetime(1899, 11, 3) - _EPOCH).days / _MONTH)
    found = []
    for n in range(first, first + round((LAST + 2 - 1899) * 365.2425 / _MONTH)):
        near = _EPOCH_DAY + 5.6 + n * _MONTH
        at = _root(lambda jd: sky.moon(jd) - sky.sun(jd), near, 360 / _MONTH)
        found.append(_moment(sky.universal(at)))
    return found


def principal_terms(sky: Sky) -> list[tuple[dt.datetime, int]]:
    """Moments (UT) of the sun at multiples of 30 degrees, with the multiple."""
    found = []
    for year in range(1899, LAST + 2):
        for part in range(12):
            near = _EPOCH_DAY + (year - 2000) * 365.2422 + 79.3 + part * 30.44
            at = _root(lambda jd, part=part: sky.sun(jd) - 30 * part, near, 0.9856)  # type: ignore[misc]
            found.append((_moment(sky.universal(at)), part))
    return found


@dataclass(frozen=True)
class Year:
    """A lunar year: its first day, days of its months in order, number of the leap month or 0."""

    year: int
    first: dt.date
    lengths: tuple[int, ...]
    leap: int
    doubtful: tuple[int, ...]
    """Places (from 1) of months whose first day calendars made by hand may have had otherwise."""


def years(
    moons: list[dt.datetime],
    terms: list[tuple[dt.datetime, int]],
    offset: Callable[[dt.datetime], float],
) -> list[Year]:
    """Lunar years by the midnight that ``offset`` (hours before UT) gives for a moment."""

    def day(moment: dt.datetime) -> dt.date:
        return (moment + dt.timedelta(hours=offset(moment))).date()

    def close(moment: dt.datetime) -> bool:
        return moment.year < _MADE_BY_HAND and day(moment - _CLOSE) != day(moment + _CLOSE)

    starts = [day(moon) for moon in moons]
    held = [(day(moment), part) for moment, part in terms]
    solstices = [when for when, part in held if part == 9]

    def month_of(when: dt.date) -> int:
        return max(n for n, start in enumerate(starts) if start <= when)

    numbers: dict[int, tuple[int, bool]] = {}
    for before, after in itertools.pairwise(solstices):
        first, last = month_of(before), month_of(after)
        leap = None
        if last - first == 13:
            leap = next(
                n
                for n in range(first + 1, last)
                if not any(starts[n] <= when < starts[n + 1] for when, _ in held)
            )
        number = 11
        for n in range(first, last):
            if n == leap:
                numbers[n] = ((number - 2) % 12 + 1, True)
            else:
                numbers[n] = ((number - 1) % 12 + 1, False)
                number += 1
    firsts = [n for n, (number, leap) in sorted(numbers.items()) if number == 1 and not leap]
    found = []
    for n, end in itertools.pairwise(firsts):
        lengths = tuple((starts[m + 1] - starts[m]).days for m in range(n, end))
        leap_month = next((numbers[m][0] for m in range(n, end) if numbers[m][1]), 0)
        doubtful = tuple(m - n + 1 for m in range(n, end) if close(moons[m]))
        found.append(Year(starts[n].year, starts[n], lengths, leap_month, doubtful))
    return found


def _north(moment: dt.datetime) -> float:
    if moment.year < 1929:
        return _BEIJING
    return 8.0 if moment.year < 1968 else 7.0


def _south(moment: dt.datetime) -> float:
    return _BEIJING if moment.year < 1929 else 8.0


def write(out: Path = OUT) -> None:
    """Computes the table and writes it."""
    sky = open_sky()
    moons, terms = new_moons(sky), principal_terms(sky)
    out.parent.mkdir(exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("calendar", "year", "first_day", "long_months", "leap_month", "doubtful"))
        for name, offset, begin, end in (
            ("north", _north, FIRST, LAST),
            ("south", _south, 1967, 1975),
        ):
            for one in years(moons, terms, offset):
                if begin <= one.year <= end:
                    long = "".join(str(length - 29) for length in one.lengths)
                    doubt = ";".join(map(str, one.doubtful))
                    first = one.first.isoformat()
                    table.writerow((name, one.year, first, long, one.leap, doubt))


if __name__ == "__main__":
    write()
