"""Clerks of all eras: how one hand wrote days, names, ages and places at its time."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from samples import date_styles, dates, people
from samples.chance import often, weighted
from samples.clerk import BLANK, Written, plain
from samples.eras.pools import OLD_ERAS, Pool
from samples.eras.texts import OF_WOMEN, OF_WOMEN_ONLY, TRADES

_DAY_STYLES: dict[str, dict[str, float]] = {
    "FR": {"sentence": 4, "dash": 3, "slash_bare": 1, "french": 2},
    "T1": {"sentence": 3, "dash": 4, "slash_bare": 2},
    "764": {"dash": 4, "slash_bare": 3, "sentence": 2},
    "04CP": {"dash": 4, "slash_bare": 4, "dot": 1, "sentence": 1},
    "76": {"dash": 5, "slash_bare": 3, "slash": 1, "dot": 1},
}
_MODERN = {"slash": 5, "slash_bare": 2, "dot": 1, "sentence": 2}


@dataclass(frozen=True)
class Scribe:
    """Habits of the clerk of one book.

    ``roomy`` is False where dates must be short: in ledgers and in half columns.
    """

    era: str
    pool: Pool
    unit: str
    district: str
    roomy: bool
    date_style: str
    hyphens: bool
    age_word: bool
    full_places: bool
    capitals: bool
    number_width: int
    ditto: str
    """The mark for "as above"; 〃 stands for a stroke down the column (``fill.STROKE``)."""
    habit: dates.WordHabit

    @property
    def old(self) -> bool:
        """Before 1961."""
        return self.era in OLD_ERAS[:3]

    def day(self, day: dt.date) -> Written:
        """A day in digits, or in French."""
        if self.date_style == "french":
            month = date_styles.FRENCH_MONTHS[day.month - 1]
            return Written(f"le {day.day} {month} {day.year}", day.isoformat(), "written")
        return Written(dates.date_digits(day, self.date_style), day.isoformat(), "written")

    def moon(self, day: dt.date, rng: random.Random) -> Written:
        """The same day by the moon, with the year of the reign or the cycle."""
        text = date_styles.by_the_moon(day, rng)
        return Written(
            text if self.roomy else text.removeprefix("ngày "), day.isoformat(), "written"
        )

    def words(self, day: dt.date) -> Written:
        """A day in words."""
        return Written(dates.date_words(day, self.habit), day.isoformat(), "written")

    def born(self, rng: random.Random, day: dt.date) -> Written:
        """A birth date of a grown person: often the year alone."""
        if often(rng, 0.6 if self.old else 0.4):
            return Written(str(day.year), str(day.year), "written")
        short = "dash" if self.date_style in ("sentence", "french") else self.date_style
        return Written(dates.date_digits(day, short), day.isoformat(), "written")

    def age(self, years: int) -> Written:
        """An age, with or without its word."""
        return Written(f"{years} tuổi" if self.age_word else str(years), str(years), "written")

    def name(self, name: str, *, main: bool = False) -> Written:
        """A name; the one whose record it is may stand in capitals."""
        family, *rest = name.split(" ")
        value = " ".join([family, *rest])
        text = value
        if self.hyphens:
            middle = [word.lower() for word in rest[:-1]]
            text = "-".join([family, *middle, rest[-1]])
        if main and self.capitals:
            text, value = text.upper(), value.upper()
        return Written(text, value, "written")

    def number(self, n: int) -> Written:
        """An entry's number."""
        return Written(f"{n:0{self.number_width}d}", str(n), "written")

    def time(self, rng: random.Random) -> Written:
        """A time of day to the hour or the minute."""
        hour, minute = rng.randint(0, 23), rng.choice((0, 0, 0, 10, 15, 30, 45))
        literal = f"{hour} giờ {minute:02d}" if minute else f"{hour} giờ"
        return Written(literal, f"{hour:02d}:{minute:02d}", "written")

    def trade(self, rng: random.Random, sex: str = "male") -> Written:
        """A trade of the era, of those that men or women had."""
        trades = self.pool.share(TRADES[self.era])
        if sex == "female":
            return plain(rng.choice([trade for trade in trades if trade in OF_WOMEN]))
        return plain(rng.choice([trade for trade in trades if trade not in OF_WOMEN_ONLY]))

    def place(self, rng: random.Random, local: float = 0.85) -> Written:
        """A place as people said it then: làng and tổng, khu phố, xã and huyện."""
        unit, district = self.unit, self.district
        if not often(rng, local):
            unit, district = rng.choice(self.pool.units())
        return plain(self._named(rng, unit, district))

    def _named(self, rng: random.Random, unit: str, district: str) -> str:
        commune, upper = people.spoken(unit), people.spoken(district)
        bare, above = _bare(commune), _bare(upper)
        town = commune.startswith(("phường", "thị trấn")) or upper.startswith(("quận", "thị xã"))
        join = "-" if self.hyphens else " "
        bare, above = bare.replace(" ", join), above.replace(" ", join)
        kien_an, hai_phong = f"Kiến{join}An", f"Hải{join}Phòng"
        short = not self.full_places
        if self.era in ("FR", "T1"):
            if town:
                return f"phố {bare}, {hai_phong}" if short else f"phố {bare}, thành phố {hai_phong}"
            village = "làng" if self.era == "FR" else rng.choice(("làng", "xã"))
            if short:
                return f"{village} {bare}, {above}"
            return f"{village} {bare}, huyện {above}, tỉnh {kien_an}"
        if self.era in ("764", "04CP") and town:
            return f"khu phố {bare}, {hai_phong}"
        if short:
            return f"{bare}, {above}"
        city = kien_an if self.era == "764" else hai_phong
        return f"{commune}, {upper}, {city}"


def _bare(unit: str) -> str:
    for kind in ("thị trấn ", "thị xã ", "xã ", "phường ", "huyện ", "quận "):
        unit = unit.removeprefix(kind)
    return unit


def draw_scribe(
    rng: random.Random,
    era: str,
    pool: Pool,
    unit: str,
    district: str,
    *,
    ledger: bool,
    narrow: bool,
) -> Scribe:
    """The clerk of a book."""
    styles = _DAY_STYLES.get(era, _MODERN)
    style = weighted(rng, list(styles), list(styles.values()))
    if (ledger or narrow) and style in ("sentence", "french"):
        style = "dash"
    old = era in OLD_ERAS[:3]
    return Scribe(
        era=era,
        pool=pool,
        unit=unit,
        district=district,
        roomy=not (ledger or narrow),
        date_style=style,
        hyphens=old and often(rng, 0.75 if era == "FR" else 0.4),
        age_word=often(rng, 0.35) and not ledger,
        full_places=not ledger and not narrow and often(rng, 0.7),
        capitals=often(rng, 0.15 if old else 0.3 if ledger else 0.7),
        number_width=weighted(rng, (1, 2, 3), (6, 3, 1)),
        ditto=weighted(rng, ("nt", '"', "-nt-", "như trên", "〃"), (4, 5, 2, 1, 3))
        if ledger
        else "",
        habit=dates.draw_habit(rng),
    )


def maybe(rng: random.Random, written: Written, share: float) -> Written:
    """The same, or nothing where the clerk left it out."""
    return written if often(rng, share) else BLANK
