"""A clerk: how one hand of one office writes dates, places, names and marks in a book."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from dataclasses import dataclass

from samples import dates, people
from samples.chance import often, weighted


@dataclass(frozen=True)
class Written:
    """What stands in one field: the ink, and what it means.

    ``state`` is ``written``, ``blank``, ``ditto`` or ``struck``. ``value`` is normalized as in
    ``pipeline.types.Value`` and None for a blank or struck-out field.
    """

    literal: str = ""
    value: str | None = None
    state: str = "blank"


BLANK = Written()


def plain(literal: str) -> Written:
    """A text whose meaning is its words with single spaces."""
    literal = unicodedata.normalize("NFC", literal)
    return Written(literal, " ".join(literal.split()), "written")


@dataclass(frozen=True)
class Clerk:
    """Habits of the clerk of one book."""

    unit: str
    district: str
    date_style: str
    registration_style: str
    parent_dates: str
    """``year`` or ``full``."""
    place_style: str
    habit: dates.WordHabit
    uppercase_child: bool
    number_width: int
    ditto: str
    """The mark for "as above"; empty where the clerk writes everything out."""
    slips: float = 0.03
    """Share of entries with a remark written by mistake and struck out."""

    def date(self, day: dt.date, style: str = "") -> Written:
        """A whole date in digits."""
        return Written(dates.date_digits(day, style or self.date_style), day.isoformat(), "written")

    def registered(self, day: dt.date) -> Written:
        """The date of registration."""
        return self.date(day, self.registration_style)

    def words(self, day: dt.date) -> Written:
        """A whole date in words."""
        return Written(dates.date_words(day, self.habit), day.isoformat(), "written")

    def partial(self, rng: random.Random, day: dt.date) -> Written:
        """A birth date of an older person: whole, month and year, or the year alone."""
        style = "slash" if self.date_style == "sentence" else self.date_style
        share = 0.75 if self.parent_dates == "full" else 0.12
        if often(rng, share):
            return self.date(day, style)
        if often(rng, 0.12):
            return Written(dates.month_digits(day, style), f"{day.year}-{day.month:02d}", "written")
        return Written(str(day.year), str(day.year), "written")

    def number(self, n: int) -> Written:
        """An entry's number."""
        return Written(f"{n:0{self.number_width}d}", str(n), "written")

    def time(self, hour: int, minute: int) -> Written:
        """A time of day, to the hour or to the minute."""
        literal = f"{hour} giờ {minute:02d}" if minute else f"{hour} giờ"
        return Written(literal, f"{hour:02d}:{minute:02d}", "written")

    def place(self, unit: str, district: str, city: str = "Hải Phòng") -> str:
        """A commune in words, the way this clerk names places."""
        commune, upper = people.spoken(unit), people.spoken(district)
        if self.place_style == "full":
            return f"{commune}, {upper}, {city}"
        if self.place_style == "city":
            return f"{commune}, {upper}, thành phố {city}"
        bare = [part.split(" ", 1)[1] for part in (commune, upper)]
        if commune.startswith("thị trấn"):
            bare[0] = commune.split(" ", 2)[2]
        if upper.startswith("thị xã"):
            bare[1] = upper.split(" ", 2)[2]
        if self.place_style == "dash":
            return f"{bare[0]} - {bare[1]} - {city}"
        if self.place_style == "short":
            return f"{bare[0]}, {bare[1]}"
        return f"{bare[0]}, {bare[1]}, {city}"

    def some_place(self, rng: random.Random, local: float = 0.8) -> str:
        """A place: mostly the clerk's own commune, else another of the city."""
        if often(rng, local):
            return self.place(self.unit, self.district)
        return self.place(*rng.choice(people.units()))


MODERN_DATES = (("slash", "slash_bare", "dot", "sentence"), (5, 2, 1, 2))
OLD_DATES = (("dash", "slash_bare", "slash", "dot"), (5, 3, 1, 1))


def draw_clerk(
    rng: random.Random, unit: str, district: str, *, ledger: bool, narrow: bool = False
) -> Clerk:
    """The clerk of a book.

    On a ledger people write shorter and with ditto marks, on a ``narrow`` form (half a page
    wide) dates without words.
    """
    styles, weights = OLD_DATES if ledger else MODERN_DATES
    date_style = weighted(rng, styles, weights)
    if narrow and date_style == "sentence":
        date_style = "slash"
    place = ("short", "bare") if ledger else ("full", "city", "bare", "dash")
    return Clerk(
        unit=unit,
        district=district,
        date_style=date_style,
        registration_style=date_style if ledger else weighted(rng, styles, weights),
        parent_dates=weighted(rng, ("year", "full"), (2, 1)),
        place_style=weighted(rng, place, (3, 1) if ledger else (5, 2, 2, 2)),
        habit=dates.draw_habit(rng),
        uppercase_child=often(rng, 0.35 if ledger else 0.9),
        number_width=weighted(rng, (1, 2, 3), (3, 5, 1)),
        ditto=weighted(rng, ("nt", '"', "-nt-", "như trên"), (4, 5, 2, 1)) if ledger else "",
    )
