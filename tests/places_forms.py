"""Written forms of places with their truth, built from the source tables, apart from the resolver.

`build(folder, seed)` gives >= 900 forms over 1925-2025, each with its kind and the set of present
units it can be on its `as_of` day. Nothing here knows how the resolver works: own keys, own walk
(places_truth.py), own past (places_past.py), own list of places elsewhere.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import places_elsewhere as away
from places_past import past, registry, villages
from places_truth import CITY, REFORM, Spot, World, base_of, marked, plain
from places_writing import (
    HOMES,
    STREETS,
    abbreviated,
    distance,
    hyphenated,
    misread,
    unmarked,
    written,
)

DAYS = tuple(
    date.fromisoformat(day)
    for day in ("2010-01-01", "2022-12-29", "2025-01-01", "2025-07-01", "2026-01-01")
)


@dataclass(frozen=True)
class Form:
    """One question and its truth: `truth` holds `Type Name@Parent` (parent empty: province)."""

    id: str
    kind: str
    text: str
    year: int
    unit: str
    as_of: date
    truth: frozenset[str]

    @property
    def row(self) -> dict[str, str]:
        return {
            "id": self.id,
            "text": self.text,
            "year": str(self.year),
            "unit": self.unit,
            "as_of": self.as_of.isoformat(),
        }


class Maker:
    """Draws spots and writes them in many ways."""

    def __init__(self, folder: Path, seed: int):
        self.draw = random.Random(seed)
        self.world = World(folder)
        self.villages = villages(self.world)
        self.spots = [*past(self.world), *registry(self.world)]
        self.by_name: dict[str, list[Spot]] = defaultdict(list)
        for spot in self.spots:
            self.by_name[plain(spot.name)].append(spot)
        self.taken = {plain(base_of(s.district)) for s in self.spots}
        self.taken |= {plain(s.name) for s in self.villages} | {"hai phong", "do son", "kien an"}
        self.taken |= {plain(s.canton) for s in self.villages}
        self.taken |= {plain(name) for name in away.PROVINCE_NAMES}
        self.names = {plain(s.name) for s in (*self.spots, *self.villages)} | self.taken

    # -- drawing -------------------------------------------------------------------------------
    def spot(self, fits: Callable[[Spot], bool] = lambda spot: True) -> tuple[Spot, int]:
        """A spot and a year, the periods equally often."""
        while True:
            first, last = self.draw.choice(((1957, 1980), (1981, 2003), (2004, 2024), (1990, 2024)))
            spot = self.draw.choice(self.spots)
            low, high = max(first, spot.first), min(last, spot.last)
            if low <= high and fits(spot):
                return spot, self.draw.randint(low, high)

    def as_of(self, spot: Spot, year: int) -> date:
        return self.draw.choice([d for d in DAYS if d.year > year and d >= spot.day] or [DAYS[-1]])

    def present(self, spots: list[Spot], as_of: date, year: int) -> frozenset[str]:
        return frozenset().union(*(self.world.present(spot, as_of, year) for spot in spots))

    def namesakes(self, name: str, year: int, city: bool) -> list[Spot] | None:
        """All spots of this name (marks ignored) alive in the year; None where it is in doubt."""
        alive, near = [], []
        for spot in self.by_name[plain(name)]:
            if city and spot.province != CITY:
                continue
            if spot.first <= year <= spot.last:
                alive.append(spot)
            elif spot.first - 3 <= year <= spot.last + 3 or (spot.first == 1998 and year < 1998):
                near.append(spot)
        for spot in near:
            if not any(spot.codes & other.codes for other in alive):
                return None
        return alive

    def alone(self, spot: Spot, year: int) -> bool:
        """No second unit of that key in the same district that year."""
        same = [
            s
            for s in self.by_name[plain(spot.name)]
            if plain(s.district) == plain(spot.district) and s.first <= year <= s.last
        ]
        return len(same) == 1

    def big(self, spot: Spot, year: int) -> str:
        """What stood above the district in the year."""
        outer = ("Cát", "Hải An", "Quận", "Thị xã Đồ Sơn")
        if spot.province == CITY and year <= 1961:
            inside = any(word in spot.district for word in outer)
            return CITY if inside else "Tỉnh Kiến An"
        return spot.province

    def cover(self, spot: Spot) -> str:
        return f"{spot.type} {spot.name}, {spot.district}"

    # -- kinds ---------------------------------------------------------------------------------
    def whole(self, style: str) -> tuple[str, int, str, date, frozenset[str]] | None:
        """Forms that name the district: the truth is the walk of the one unit."""
        spot, year = self.spot()
        if not self.alone(spot, year):
            return None
        as_of = self.as_of(spot, year)
        parts = [f"{spot.type} {spot.name}", spot.district, self.big(spot, year)]
        if style in ("no city", "abbreviated", "no marks") and self.draw.random() < 0.6:
            parts = parts[:2]
        if style == "no city" and len(parts) == 3:
            parts = parts[:2]
        if style == "reversed":
            parts = parts[::-1]
        if style == "types left out":
            parts = [spot.name, base_of(spot.district), base_of(parts[-1])]
            if plain(spot.name) in self.taken:
                return None
        text = written(parts, self.draw)
        if style == "abbreviated":
            text = abbreviated(parts, self.draw)
        elif style == "hyphenated":
            text = hyphenated(parts, self.draw)
        elif style == "no marks":
            text = unmarked(text)
        elif style == "street or house in front":
            text = f"{self.draw.choice(STREETS)}, {text}"
        elif style == "hospital or home":
            text = self.draw.choice(HOMES).format(text)
        return text, year, "", as_of, self.world.present(spot, as_of, year)

    def noise(self) -> tuple[str, int, str, date, frozenset[str]] | None:
        """One to three letters of the name or district misread; no real name may be nearer."""
        spot, year = self.spot()
        if not self.alone(spot, year):
            return None
        base = base_of(spot.district)
        in_district = self.draw.random() < 0.25
        word = base if in_district else spot.name
        letters = len(word.replace(" ", ""))
        times = self.draw.randint(1, 1 if letters < 6 else 2 if letters < 9 else 3)
        wrong = misread(word, times, self.draw)
        if in_district:
            rivals = {plain(base_of(s.district)) for s in self.spots}
        else:
            rivals = {plain(s.name) for s in self.spots if s.district.endswith(base)}
            rivals |= {plain(s.name) for s in self.spots} if distance(word, wrong) > 2 else set()
        far = distance(plain(word), plain(wrong))
        near = [r for r in rivals - {plain(word)} if distance(r, plain(wrong)) <= far + 1]
        if wrong == word or near or plain(wrong) in self.names - {plain(word)}:
            return None
        kind = f"{spot.type} {spot.name if in_district else wrong}"
        district = spot.district.removesuffix(base) + (wrong if in_district else base)
        parts = [kind, district, self.big(spot, year)][: self.draw.choice((2, 3, 3))]
        as_of = self.as_of(spot, year)
        return written(parts, self.draw), year, "", as_of, self.world.present(spot, as_of, year)

    def lone(
        self, style: str, homonym: bool = False
    ) -> tuple[str, int, str, date, frozenset[str]] | None:
        """Forms without the district: the truth is every namesake of the year."""
        spot, year = self.spot(lambda s: (len(self.by_name[plain(s.name)]) > 2) or not homonym)
        city = spot.province == CITY and year >= 1963 and self.draw.random() < 0.5
        same = self.namesakes(spot.name, year, city)
        if not same or plain(spot.name) in self.taken:
            return None
        bare = not homonym and self.draw.random() < 0.15
        if not bare:
            same = [s for s in same if marked(s.name) == marked(spot.name)]
        typed = style == "missing level"
        if typed:
            same = [s for s in same if s.type == spot.type]
        as_of = self.draw.choice([d for d in DAYS if d.year > year] or [DAYS[-1]])
        if any(s.day > as_of for s in same):
            return None
        districts = {s.codes for s in same}
        if homonym != (len(districts) > 1):
            return None
        parts = [f"{spot.type} {spot.name}" if typed else spot.name, *((CITY,) if city else ())]
        text = written(parts, self.draw)
        if bare:
            text = unmarked(text)
        return text, year, "", as_of, self.present(same, as_of, year)

    def with_unit(self, homonym: bool) -> tuple[str, int, str, date, frozenset[str]] | None:
        """A name alone in the book of a unit of the same district."""
        spot, year = self.spot()
        if plain(spot.name) in self.taken or not self.alone(spot, year):
            return None
        grounds = {s.codes for s in self.by_name[plain(spot.name)] if s.first <= year <= s.last}
        if homonym != (len(grounds) > 1):
            return None
        beside = [
            s for s in self.spots if s.district == spot.district and s.first <= year <= s.last
        ]
        book = self.draw.choice([*beside, spot])
        as_of = self.as_of(spot, year)
        small = f"{spot.type} {spot.name}" if self.draw.random() < 0.6 else spot.name
        text = written([small], self.draw)
        return text, year, self.cover(book), as_of, self.world.present(spot, as_of, year)

    def old_district(self) -> tuple[str, int, str, date, frozenset[str]] | None:
        """Units under a district that is gone, in its time or up to five years later."""
        spot = self.draw.choice(
            [s for s in self.spots if s.province == CITY and s.last <= 2006 and s.first < 2004]
        )
        gone = ("An Hải", "An Thụy", "Huyện Đồ Sơn", "Huyện Kiến An", "Cát Bà", "Huyện An Dương")
        moved = any(name in spot.district for name in gone) or spot.name == "Cát Bi"
        moved = moved or (spot.district == "Huyện Kiến Thụy" and len(self._now(spot)) > 0)
        year = self.draw.randint(spot.first, spot.last + 5)
        later = [
            s
            for s in self.by_name[plain(spot.name)]
            if s is not spot and s.district == spot.district and s.last > spot.last
        ]
        if not moved or (later and year > spot.last) or year in (2007, 2025):
            return None
        if year > spot.last and any(
            s.codes & spot.codes and s.codes != spot.codes
            for s in self.by_name[plain(spot.name)]
            if s.first - 2 <= year <= s.last
        ):
            return None  # a part was taken out of it in the meantime
        parts = [f"{spot.type} {spot.name}", spot.district, self.big(spot, year)]
        text = written(parts[: self.draw.choice((2, 3))], self.draw)
        as_of = self.as_of(spot, year)
        return text, year, "", as_of, self.world.present(spot, as_of, year)

    def _now(self, spot: Spot) -> set[str]:
        return {s for s in self._labels_2022(spot) if "Kiến Thụy" not in s}

    def _labels_2022(self, spot: Spot) -> frozenset[str]:
        return self.world.present(spot, DAYS[1])

    def village(self) -> tuple[str, int, str, date, frozenset[str]]:
        """A village before 1945 with its canton, prefecture and province, some missing."""
        spot = self.draw.choice(self.villages)
        vague = len(spot.codes) > 1 or "Thị trấn Tiên Lãng" in str(self._labels_2022(spot))
        as_of = self.draw.choice(DAYS[3:] if vague else DAYS[1:])
        small = self.draw.choice(("làng", "xã", "thôn"))
        canton = [f"tổng {spot.canton}"] if spot.canton and self.draw.random() < 0.6 else []
        parts = [f"{small} {spot.name}", *canton, spot.district, spot.province]
        if self.draw.random() < 0.4:
            parts = parts[:-1]
        way = hyphenated if self.draw.random() < 0.5 else written
        return (
            way(parts, self.draw),
            self.draw.randint(1925, 1944),
            "",
            as_of,
            self.world.present(spot, as_of, 1930),
        )

    def district_only(self) -> tuple[str, int, str, date, frozenset[str]] | None:
        """Nothing but a district: itself while there are districts, all it became after them."""
        spot, year = self.spot(lambda s: s.first >= 1998 and s.district != CITY)
        if year < 2008:
            return None
        members = [
            s for s in self.spots if s.district == spot.district and s.first <= year <= s.last
        ]
        as_of = self.as_of(spot, year)
        truth = self.present(members, as_of, year)
        if as_of < REFORM:
            truth = frozenset(f"{label.split('@')[1]}@{spot.province}" for label in truth)
            if len(truth) > 1:
                return None
        return written([spot.district, spot.province], self.draw), year, "", as_of, truth

    def since_reform(self) -> tuple[str, int, str, date, frozenset[str]] | None:
        """Units of 2025 in a book of 2025: those of July by name, those of January by district."""
        states = [s for s in self.world.states if s.since.year == 2025]
        state = self.draw.choice(states)
        if state.since == REFORM:
            older = [s for s in self.by_name[plain(state.name)] if s.district != CITY]
            if older or plain(state.name) in self.taken:
                return None
            text = written([f"{state.type} {state.name}", CITY], self.draw)
        else:
            text = written([f"{state.type} {state.name}", state.district], self.draw)
        spot = Spot("", "", "", "", 0, 0, frozenset({state.code}), state.since)
        return text, 2025, "", DAYS[4], self.world.present(spot, DAYS[4])

    def elsewhere(self) -> tuple[str, int, str, date, frozenset[str]]:
        """Provinces, lost provinces, countries: the truth is a name with an empty parent."""
        as_of = self.draw.choice(DAYS)
        chance = self.draw.random()
        if chance < 0.45:
            name, first, last, stands = self.draw.choice(away.LOST)
            year = self.draw.randint(first, last)
            hyphens = year < 1960 and self.draw.random() < 0.5
            shown = (hyphenated if hyphens else written)([f"Tỉnh {name}"], self.draw)
            return shown, year, "", as_of, self._provinces(stands, as_of)
        if chance < 0.85:
            province, district, commune = self.draw.choice(away.PLACES)
            big = ("Thành phố " if province == "Hà Nội" else "Tỉnh ") + province
            parts = [f"Xã {commune}", f"Huyện {district}", big]
            parts = parts[self.draw.choice((0, 0, 1, 2)) :]
            year = self.draw.randint(1998, 2009)
            return written(parts, self.draw), year, "", as_of, self._provinces((province,), as_of)
        text, country = self.draw.choice(away.COUNTRIES)
        year = self.draw.randint(1958, 1988)
        return text, year, "", as_of, frozenset({f"Quốc gia {country}@"})

    def _provinces(self, names: tuple[str, ...], as_of: date) -> frozenset[str]:
        return frozenset(f"Tỉnh {name}@" for name in away.provinces_on(names, as_of))

    def nonsense(self) -> tuple[str, int, str, date, frozenset[str]]:
        """What names no place: nothing may be given."""
        text = self.draw.choice(away.NONSENSE)
        return text, self.draw.randint(1930, 2015), "", self.draw.choice(DAYS), frozenset()

    def forms(self) -> Iterator[Form]:
        """All forms, kind by kind; no text is asked twice in a kind on the same day."""
        plan: list[tuple[str, int, Callable[[], tuple | None]]] = [
            (style, count, lambda style=style: self.whole(style))
            for style, count in (
                ("full", 80), ("no city", 60), ("abbreviated", 70), ("hyphenated", 60),
                ("no marks", 70), ("reversed", 40), ("types left out", 50),
                ("street or house in front", 60), ("hospital or home", 30),
            )
        ]  # fmt: skip
        plan += [
            ("misread letters", 130, self.noise),
            ("bare name", 60, lambda: self.lone("bare")),
            ("missing level", 60, lambda: self.lone("missing level")),
            ("homonym without context", 40, lambda: self.lone("bare", homonym=True)),
            ("homonym, unit as context", 50, lambda: self.with_unit(homonym=True)),
            ("bare name, unit as context", 40, lambda: self.with_unit(homonym=False)),
            ("old district", 70, self.old_district),
            ("village before 1945", 60, self.village),
            ("units of 2025", 30, self.since_reform),
            ("district only", 30, self.district_only),
            ("elsewhere", 70, self.elsewhere),
            ("nonsense", 24, self.nonsense),
        ]
        for kind, count, make in plan:
            seen: set[tuple[str, date]] = set()
            for _ in range(count * 60):
                made = make()
                if made is None or (made[0], made[3]) in seen or made[3].year < made[1]:
                    continue
                seen.add((made[0], made[3]))
                text, year, unit, as_of, truth = made
                yield Form(f"{kind}/{len(seen)}", kind, text, year, unit, as_of, truth)
                if len(seen) == count:
                    break


def build(folder: Path, seed: int = 1922) -> list[Form]:
    """All forms from the raw CSV files in `folder`; the same seed gives the same forms."""
    return list(Maker(folder, seed).forms())
