"""What a place of the books is on a later day, walked over the source tables alone.

This is the examiner's own walk: it reads the raw CSV files of the gazetteer (registry states,
conversions, text of resolution 1669, events, villages) and knows nothing of the resolver.
A commune is told by its registry code *on a day*, since codes are used again for other ground.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

FIRST_DAY = date(2004, 8, 31)
"""The first day of the registry; what lies before is told by the events."""
REFORM = date(2025, 7, 1)
CITY = "Thành phố Hải Phòng"
_CONVERSIONS = (
    "conversion_2019-12-01_haiduong.csv",
    "conversion_2020-02-01_haiphong.csv",
    "conversion_2025-01-01_haiphong.csv",
    "conversion_2025-01-01_haiduong.csv",
)
# Pairs the registry does not show: splits of 2007-09 (the new code appears without a parent) and
# mergers of 2019 (the old code only ends). 2007 by the acts in events.csv; those of 2009 and 2019
# are recalled. The last is the correction of a code without any event.
_UNSHOWN = (
    ("2007-04-27", "11410", "11411"),
    ("2007-04-27", "11413", "11414"),
    ("2007-04-27", "11422", "11414"),
    ("2007-04-27", "11404", "11405"),
    ("2007-04-27", "11428", "11429"),
    ("2007-10-07", "11737", "11465"),
    ("2009-09-24", "10513", "10514"),
    ("2009-09-24", "10531", "10532"),
)
_ENDED = (
    ("2019-03-01", "10597", "10585"),
    ("2019-10-25", "10690", "10705"),
    ("2019-11-01", "10694", "10693"),
    ("2019-11-01", "10711", "10693"),
    ("2022-04-10", "11353", "11344"),
)
_WRONG_PAIRS = {("10963", "10675")}  # homonym error of the source; its own note says so
ISLAND = "BLV"  # Bạch Long Vĩ has no commune and hence no commune code


@dataclass(frozen=True)
class State:
    """A commune as the registry tells it between two days (`until` excluded)."""

    code: str
    type: str
    name: str
    district: str
    province: str
    since: date
    until: date

    def alive(self, day: date) -> bool:
        return self.since <= day < self.until


@dataclass(frozen=True)
class Spot:
    """A place as a book of the years `first`-`last` would have to name it, and its ground.

    `codes` are registry codes on `day`, from which the walk begins.
    """

    type: str
    name: str
    district: str
    province: str
    first: int
    last: int
    codes: frozenset[str]
    day: date
    canton: str = ""  # tổng, before 1945


def plain(text: str) -> str:
    """Lower case without marks, hyphens and doubled blanks: the examiner's own key."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(c for c in parts if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[^a-z0-9 ]+", " ", bare).split())


def marked(text: str) -> str:
    """Lower case with marks, the place of the tone taken out (`Thuỷ` = `Thủy`)."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFD", text.lower()):
        (tones if char in "\u0300\u0301\u0303\u0309\u0323" else letters).append(char)
    return unicodedata.normalize("NFC", "".join(letters)) + "|" + "".join(tones)


def base_of(district: str) -> str:
    """`Thị xã Kiến An` -> `Kiến An`."""
    return re.sub(r"^(thị xã|thành phố|huyện|quận) ", "", district.strip(), flags=re.IGNORECASE)


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str, empty: date) -> date:
    return date.fromisoformat(text) if text else empty


class World:
    """The source tables, and the walk over them."""

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def states(self) -> tuple[State, ...]:
        """All commune states of both provinces, and the units since 1 July 2025."""
        found = [
            State(
                row["gso_code"],
                row["type"],
                row["name_base"][0].upper() + row["name_base"][1:],  # one row prints "ái Quốc"
                unicodedata.normalize("NFC", row["district_name"]),
                {"31": CITY, "30": "Tỉnh Hải Dương"}[row["province_code"]],
                _day(row["valid_from"], FIRST_DAY),
                _day(row["valid_to"], date.max),
            )
            for row in read(self.folder, "gso_unit_states_2004_2025.csv")
            if row["level"] == "commune"
        ]
        found += [
            State(row["gso_code"], row["type"], row["name_base"], CITY, CITY, REFORM, date.max)
            for row in read(self.folder, "units_2025-07-01.csv")
        ]
        island = State(ISLAND, "Huyện", "Bạch Long Vĩ", CITY, CITY, FIRST_DAY, REFORM)
        return (*found, island)

    @cached_property
    def land_only(self) -> frozenset[tuple[str, str]]:
        """(old name, new code) of land without people: `một phần diện tích tự nhiên của ...`."""
        found = set()
        for row in read(self.folder, "nq1669_clauses.csv"):
            text = unicodedata.normalize("NFC", row["text"]).replace(",", ", ")
            for part in re.findall(
                r"một phần diện tích tự nhiên\s*của(.*?)"
                r"(?=một phần|phần còn lại|thành (?:phường|xã) mới|$)",
                text,
            ):
                listed = re.sub(r"\([^)]*\)|thị trấn|phường|xã|các|và(?=\s*$)", ",", part)
                found |= {(plain(n), row["new_code"]) for n in listed.split(",") if plain(n)}
        return frozenset(found)

    @cached_property
    def steps(self) -> dict[date, dict[str, frozenset[str]]]:
        """For each day of change: code before -> codes after (codes not named keep theirs)."""
        links: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name in _CONVERSIONS:
            for row in read(self.folder, name):
                day = date.fromisoformat(row["effective_date"])
                links[day][row["old_code"]].add(row["new_code"])
        for row in read(self.folder, "conversion_2025-07-01.csv"):
            old, new = row["old_code"] or ISLAND, row["new_code"]
            name = re.sub(r"^(Phường|Xã|Thị trấn) ", "", row["old_name"])
            if (old, new) in _WRONG_PAIRS or (plain(name), new) in self.land_only:
                continue
            links[REFORM][old].add(new)
        for text, old, new in _UNSHOWN:
            links[date.fromisoformat(text)][old] |= {old, new}
        for text, old, new in _ENDED:
            links[date.fromisoformat(text)][old] = {new}
        return {
            day: {code: frozenset(new) for code, new in by_code.items()}
            for day, by_code in sorted(links.items())
        }

    def walk(self, codes: frozenset[str], start: date, as_of: date) -> frozenset[str]:
        """Codes on `as_of` of all ground that had `codes` on `start`."""
        for day, after in self.steps.items():
            if start < day <= as_of:
                codes = frozenset().union(*(after.get(c, frozenset({c})) for c in codes))
        return codes

    @cached_property
    def _by_code(self) -> dict[str, list[State]]:
        by_code: dict[str, list[State]] = defaultdict(list)
        for state in self.states:
            by_code[state.code].append(state)
        return by_code

    def label(self, code: str, day: date) -> str:
        """`Type Name@Parent` of a code on a day."""
        (state,) = [s for s in self._by_code[code] if s.alive(day)]
        return f"{state.type} {state.name}@{state.district}"

    def present(self, spot: Spot, as_of: date, year: int | None = None) -> frozenset[str]:
        """Labels on `as_of` of all that `spot`, as a book of `year` names it, can be.

        A registry state outlives splits that took a part of it: a book of after the split means
        the rest. A name kept beyond its end (`year` after `spot.last`) means the old ground.
        """
        start = spot.day
        if year is not None and year <= spot.last:
            start = min(max(start, date(year, 1, 1)), as_of)
        return frozenset(self.label(code, as_of) for code in self.walk(spot.codes, start, as_of))
