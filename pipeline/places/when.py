"""Dates of the gazetteer: a small part of EDTF (Library of Congress, ISO 8601-2).

``1966-04-07``, ``1946-04``, ``1956``, ``1956~`` (about), ``[..2004-08-31]`` (on that day or some
day before) and ``[1946..1956]`` (some day between).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1800, 2100
OPEN_START, OPEN_END = date.min, date.max

_ONE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(~?)")
_SET = re.compile(r"\[([\d-]*~?)\.\.([\d-]*~?)\]")
_ABOUT = timedelta(days=2 * 365)


@dataclass(frozen=True)
class When:
    """A day known as well as its source knew it: it lies from ``earliest`` to ``latest``."""

    text: str
    earliest: date
    latest: date

    @property
    def exact(self) -> bool:
        """True where the day itself is known."""
        return self.earliest == self.latest

    @property
    def day(self) -> date:
        """The day reckoned with: the first possible, or the last where only that is known."""
        return self.latest if self.earliest == OPEN_START else self.earliest


@lru_cache(maxsize=8192)
def parse_when(text: str) -> When:
    """The days that a written date may mean.

    Raises:
        ValueError: not of the part of EDTF used here, or outside 1800..2100.
    """
    text = text.strip()
    between = _SET.fullmatch(text)
    if between:
        first, last = between.groups()
        start = parse_when(first).earliest if first else OPEN_START
        end = parse_when(last).latest if last else OPEN_END
        if start > end or (not first and not last):
            raise ValueError(f"{text}: nothing lies between")
        return When(text, start, end)
    found = _ONE.fullmatch(text)
    if not found:
        raise ValueError(f"{text}: not a date such as 1966-04-07, 1956, 1956~ or [..2004-08-31]")
    year, month, day, about = found.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"{text}: not between {FIRST_YEAR} and {LAST_YEAR}")
    start = date(int(year), int(month or 1), int(day or 1))
    last_month = int(month or 12)
    end = date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))
    if about:
        return When(text, start - _ABOUT, end + _ABOUT)
    return When(text, start, end)
