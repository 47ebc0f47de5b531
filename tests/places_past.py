"""The places of the books before the registry begins (1925-2004), from the events and villages.

The communes of August 2004 are followed back: their district of each era, the parts that were cut
out of them later, and the names that ended. That a rural commune bore its name from 1957 on is an
assumption where no act is known; names without any known beginning are used from 1994 only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from places_truth import CITY, FIRST_DAY, ISLAND, Spot, State, World, base_of, plain, read

_UNIT = re.compile(
    r"(?P<type>xã|phường|thị trấn|tiểu khu):(?P<name>[^@+(]+)"
    r"@(?P<district>[^+(]+?)\s*(?P<part>\(part[^)]*\))?(?=\s*\+|$)"
)
# The districts that held the ground of a district of 2004 (to find a commune of an event in 2004).
_FAMILY = {
    "An Hải": ("An Dương", "Hải An", "Lê Chân", "Ngô Quyền", "Hồng Bàng"),
    "Đồ Sơn": ("Đồ Sơn", "Kiến Thụy"),
    "An Thụy": ("Kiến Thụy", "An Lão"),
    "Kiến An": ("Kiến An", "An Lão"),
    "Cát Bà": ("Cát Hải",),
}
# The districts that the same communes were in later: an event may name any of them.
_LATER = {
    "An Dương": {"An Hải"},
    "Kiến Thụy": {"An Thụy", "Đồ Sơn"},
    "An Thụy": {"Đồ Sơn", "Kiến Thụy"},
    "Đồ Sơn": {"Kiến Thụy"},
}
# Places of 2004 whose beginning is in no source (places.md 5.4), hence not asked before 1994.
_LATE = {
    "Hải Thành", "Tân Thành", "Tây Hưng", "Đông Hưng", "Tiên Hưng", "Vinh Quang", "Hùng Thắng",
    "Minh Đức", "Cát Hải", "An Lão", "Tiên Lãng", "Cát Bà", "Phù Liễn", "Tràng Minh", "Nam Sơn",
    "Văn Đẩu",
}  # fmt: skip


@dataclass(frozen=True)
class Cut:
    """One unit of an event and what it became: the names after it."""

    year: int
    name: str
    district: str
    into: tuple[tuple[str, str, str], ...]  # type, name, district

    def meets(self, name: str, district: str) -> bool:
        """Whether it acts on a unit of this name that was in `district` before."""
        return name == self.name and self.district in {district, *_LATER.get(district, ())}


def _units(text: str) -> list[tuple[str, str, str, bool]]:
    return [
        (m["type"], m["name"].strip(), m["district"].strip().split(" ", 1)[-1], bool(m["part"]))
        for m in _UNIT.finditer(text)
    ]


def cuts(world: World) -> list[Cut]:
    """Splits, cuttings-out and mergers of communes by the events from 1979 to 2004."""
    found = []
    for row in read(world.folder, "events.csv"):
        year = int(row["effective_date"][:4])
        old, new = _units(row["from_units"]), _units(row["to_units"])
        if not 1979 <= year <= 2004 or not old or not new:
            continue
        if row["event_type"] not in ("split", "create", "merge", "status", "transfer"):
            continue
        targets = tuple(unit[:3] for unit in new)
        for kind, name, district, part in old:
            own = ((kind, name, district),) if part else ()
            into = tuple(dict.fromkeys((*own, *targets)))
            found.append(Cut(year, name, district, into))
    return sorted(found, key=lambda cut: cut.year)


def _code_2004(world: World, kind: str, name: str, district: str) -> str | None:
    where = (district, *_FAMILY.get(district, ()))
    found = [
        s
        for s in world.states
        if s.alive(FIRST_DAY) and s.province == CITY and s.name == name
        if base_of(s.district) in where
    ]
    if len(found) > 1:
        found = [s for s in found if s.type.lower() == kind.lower()]
    return found[0].code if len(found) == 1 else None


def ground(
    world: World, known: list[Cut], kind: str, name: str, district: str, year: int
) -> frozenset[str]:
    """Registry codes of August 2004 of the ground that `name` was in `year`."""
    held = {(kind, name, district)}
    for cut in known:
        if cut.year > year:
            met = {unit for unit in held if cut.meets(*unit[1:])}
            held = (held - met) | set(cut.into) if met else held
    codes = {_code_2004(world, *unit) for unit in held}
    return frozenset() if None in codes else frozenset(c for c in codes if c)


def _listed(world: World, event: str, column: str) -> set[str]:
    """Names of a list printed in an event: after the colon, or the xã named one by one."""
    (row,) = [r for r in read(world.folder, "events.csv") if r["event_id"] == event]
    text = row[column].split("(before")[0]
    if "phường:" in text or " xã of " in text:
        return {n.strip() for n in text.split(":")[-1].split(",")}
    return {name for _, name, _, _ in _units(text)}


def _eras(world: World, state: State) -> list[tuple[int, int, str, str]]:
    """(first, last, type, district) of a commune of 2004 before that; years of change left out."""
    name, here = state.name, state.district
    late = name in _LATE
    south, west = _listed(world, "E0043", "from_units"), _listed(world, "E0046", "from_units")
    cat_ba = {"Trân Châu", "Xuân Đám", "Hiền Hào", "Gia Luận", "Việt Hải"}  # E0030
    if here == "Huyện Kiến Thụy" and name in south:
        return [
            (1957, 1968, "Xã", "Huyện Kiến Thụy"),
            (1970, 1979, "Xã", "Huyện An Thụy"),
            (1981, 1987, "Xã", "Huyện Đồ Sơn"),
            (1989, 2003, "Xã", "Huyện Kiến Thụy"),
        ]
    if here == "Huyện An Lão" and name in west:
        return [
            (1957, 1968, "Xã", "Huyện An Lão"),
            (1970, 1979, "Xã", "Huyện An Thụy"),
            (1981, 1987, "Xã", "Huyện Kiến An"),
            (1989, 2003, "Xã", "Huyện An Lão"),
        ]
    if here == "Huyện An Dương" and name == "An Đồng":
        return [(1988, 2001, "Xã", "Huyện An Hải")]
    if here == "Huyện An Dương" and state.type == "Xã":
        return [(1958, 1965, "Xã", "Huyện An Dương"), (1967, 2001, "Xã", "Huyện An Hải")]
    if here == "Quận Hải An" and name != "Cát Bi":
        return [(1967, 2001, "Xã", "Huyện An Hải")]
    if name in ("Dư Hàng Kênh", "Vĩnh Niệm"):
        return [(1967, 2001, "Xã", "Huyện An Hải")]
    if name in ("Đằng Giang", "Đông Khê"):
        return [(1967, 1986, "Xã", "Huyện An Hải"), (1988, 2003, "Phường", here)]
    if name == "Hùng Vương":
        return [(1982, 1992, "Xã", "Huyện An Hải"), (1994, 2003, "Phường", here)]
    if name == "Quán Toan":
        return [(1980, 1992, "Thị trấn", "Huyện An Hải"), (1994, 2003, "Phường", here)]
    if here in ("Quận Ngô Quyền", "Quận Lê Chân", "Quận Hồng Bàng") or name == "Cát Bi":
        old = "Quận Ngô Quyền" if name == "Cát Bi" else here
        last = {"Cát Bi": 2001}.get(name, 2003)
        return [] if name == "Nghĩa Xá" else [(1982, last, "Phường", old)]
    if here == "Quận Kiến An":
        urban = name in ("Bắc Sơn", "Ngọc Sơn", "Quán Trữ", "Trần Thành Ngọ")
        town = [(1989, 1993, "Phường" if urban else "Xã", "Thị xã Kiến An")]
        return [*(town if urban or name == "Đồng Hòa" else []), (1995, 2003, "Phường", here)]
    if here == "Thị xã Đồ Sơn":
        return [(1989, 2003, state.type, here)]
    if here == "Huyện Cát Hải" and name in cat_ba:
        return [(1958, 1976, "Xã", "Huyện Cát Bà"), (1978, 2003, "Xã", "Huyện Cát Hải")]
    if name in ("Lưu Kỳ", "Du Lễ"):
        return []
    if state.type == "Thị trấn":
        started = {"Núi Đèo": 1987, "Vĩnh Bảo": 1987, "Núi Đối": 1989, "An Dương": 1988}
        district = "Huyện An Hải" if name == "An Dương" else here
        last = 2001 if name == "An Dương" else 2003
        return [(started.get(name, 1994), last, "Thị trấn", district)]
    return [(1994 if late else 1958, 2003, "Xã", here)]


def _ended(world: World, known: list[Cut]) -> list[Spot]:
    """Names of communes that ended before 2004 and stand in an event."""
    rows = (
        ("Xã", "Chấn Hưng", "Huyện Tiên Lãng", 1958, 1980),
        ("Xã", "Đồng Tâm", "Huyện An Hải", 1967, 1986),
        ("Xã", "Đồng Tiến", "Huyện An Hải", 1967, 1986),
        ("Phường", "Mê Linh", "Quận Lê Chân", 1982, 2003),
    )
    return [
        Spot(kind, name, district, CITY, first, last, codes, FIRST_DAY)
        for kind, name, district, first, last in rows
        if (codes := ground(world, known, kind, name, base_of(district), first))
    ]


def past(world: World) -> list[Spot]:
    """All spots of 1957-2003 in Hải Phòng, cut where a part was taken out of them."""
    known = cuts(world)
    spots = _ended(world, known)
    for state in world.states:
        if state.province != CITY or not state.alive(FIRST_DAY) or state.code == ISLAND:
            continue
        for first, last, kind, district in _eras(world, state):
            base = base_of(district)
            breaks = sorted({c.year for c in known if c.meets(state.name, base)})
            edges = [first, *[y for y in breaks if first < y <= last], last + 1]
            for begin, end in pairwise(edges):
                begin += begin in breaks  # the year of a change is not asked
                codes = ground(world, known, kind, state.name, base, begin)
                if state.code not in codes:
                    raise ValueError(f"{kind} {state.name}, {district}, {begin}: ground {codes}")
                if begin < end:
                    spot = Spot(kind, state.name, district, CITY, begin, end - 1, codes, FIRST_DAY)
                    spots.append(spot)
    return spots


def villages(world: World) -> list[Spot]:
    """Villages before 1945 with a known commune; the islands of Cát Hải as a whole."""
    day = date(2022, 12, 29)
    by_name: dict[tuple[str, str], str] = {
        (plain(s.name), base_of(s.district)): s.code for s in world.states if s.alive(day)
    }
    island = frozenset(code for (_, place), code in by_name.items() if place == "Cát Hải")
    spots = []
    for row in read(world.folder, "villages_pre1945.csv"):
        name = re.sub(r"\(.*?\)|thị trấn", "", row["commune_2022"]).strip()
        code = by_name.get((plain(name), row["district_2022"]))
        codes = frozenset({code}) if code else frozenset()
        if "island" in row["commune_2022"]:
            codes = island
        if codes:
            huyen = "Huyện " + row["huyen"].split(" (")[0]
            tinh = "Tỉnh " + row["province_then"]
            tong = "" if "/" in row["tong"] else row["tong"].split(" (")[0]
            spots.append(Spot("Làng", row["village"], huyen, tinh, 1925, 1944, codes, day, tong))
    return spots


def registry(world: World) -> list[Spot]:
    """All spots of 2004-2025, and those of Hải Dương back to 1998."""
    spots = []
    for state in world.states:
        home = state.province == "Tỉnh Hải Dương" and state.since == FIRST_DAY
        first = 1998 if home else state.since.year + 1
        last = min(state.until.year - 1, 2025)
        if state.since == date(2025, 1, 1) or (state.since.year == 2025 and last == 2025):
            first = last = 2025
        if first <= last and state.code != ISLAND:
            day = max(state.since, FIRST_DAY)
            codes = frozenset({state.code})
            spots.append(
                Spot(
                    state.type, state.name, state.district, state.province, first, last, codes, day
                )
            )
    return spots


def era_groups(spots: list[Spot]) -> dict[str, list[Spot]]:
    """Spots by the period that a report tells."""
    groups: dict[str, list[Spot]] = defaultdict(list)
    for spot in spots:
        period = next(
            name
            for name, last in (
                ("1925-44", 1944), ("1957-80", 1980), ("1981-2003", 2003), ("2004-25", 9999),
            )
            if spot.first <= last
        )  # fmt: skip
        groups[period].append(spot)
    return groups
