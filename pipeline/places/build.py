"""Builds the gazetteer's tables from the raw rows: ``python -m pipeline.places.build``.

Model (``places.md`` 7, after the Swiss register of communes): a unit has an id of its own and
lives as long as its ground stays whole; name, type, parent and code change in dated states; a
merger, a split or a founding makes new units, joined by dated links. The tables are committed,
so an id once given stays.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.places.raw import (
    HAI_PHONG,
    REFORM,
    RawLink,
    RegistryState,
    corrections,
    raw_links,
    registry_states,
    rows,
)
from pipeline.settings import load_settings
from pipeline.values.text import fold

UNIT_COLUMNS = ("unit_id", "level")
STATE_COLUMNS = ("unit_id", "from", "to", "type", "name", "parent", "gso_code", "act")
LINK_COLUMNS = ("day", "from_unit", "to_unit", "extent", "share", "act", "source")
_PREFIX = {HAI_PHONG: "hp", "30": "hd"}
_COUNTED = "counted from its communes"


@dataclass(frozen=True)
class Held:
    """A registry state and the id of the unit it is a state of."""

    unit: str
    state: RegistryState


@dataclass(frozen=True)
class Link:
    """A row of ``links.csv``; ``share`` is the part of the people that goes this way."""

    day: str
    source_unit: str
    target_unit: str
    extent: str
    share: float
    act: str
    source: str


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def _cut(states: list[RegistryState], links: list[RawLink]) -> list[RegistryState]:
    """States cut in two on the day their ground changes, also where the registry shows nothing."""
    days: dict[str, dict[str, str]] = defaultdict(dict)
    for link in links:
        if link.extent != "transfer":
            days[link.new][link.day] = link.act
    pieces: list[RegistryState] = []
    for state in states:
        rest = state
        for day, act in sorted(days[state.code].items()):
            if rest.start < day < (rest.end or "9999"):
                pieces.append(replace(rest, end=day))
                rest = replace(rest, start=day, act=act)
        pieces.append(rest)
    return sorted(pieces, key=lambda state: (state.start, state.level, state.code))


def _first_id(state: RegistryState, district_names: dict[str, str], taken: Counter[str]) -> str:
    base = f"{_PREFIX[state.province]}-{_slug(state.type)}-{_slug(state.name)}"
    if state.level == "commune":
        base += f"@{_slug(district_names.get(state.district, 'Hải Phòng'))}"
    for name in (base, f"{base}-{state.start[:4]}", f"{base}-{state.start}"):
        if not taken[name]:
            taken[name] += 1
            return name
    raise ValueError(f"no free id for {state}")


def hold(states: list[RegistryState], links: list[RawLink]) -> list[Held]:
    """States with the ids of their units: a state goes on with the one before it under its code,
    unless ground joined or left on that day.
    """
    founded = {(link.day, link.new) for link in links if link.extent != "land_only"}
    founded |= {(link.day, link.old) for link in links if link.extent == "part"}
    districts = {s.code: s.name for s in states if s.level == "district"}
    recoded = {row["is"]: row["was"] for row in corrections(_raw_folder(), "recode")}
    taken: Counter[str] = Counter()
    last: dict[tuple[str, str], Held] = {}
    held: list[Held] = []
    for state in _cut(states, links):
        before = last.get((state.level, state.code))
        if before is None or before.state.end != state.start:
            before = last.get((state.level, recoded.get(state.code, "")))
        goes_on = (
            before is not None
            and before.state.end == state.start
            and (state.level == "district" or (state.start, state.code) not in founded)
        )
        unit = before.unit if before and goes_on else _first_id(state, districts, taken)
        held.append(Held(unit, state))
        last[state.level, state.code] = held[-1]
    return held


def holder(held: list[Held], code: str, day: str, *, before: bool = False) -> str:
    """Id of the unit that bore a code on a day, or just before it.

    Raises:
        LookupError: nobody did.
    """
    for one in held:
        state = one.state
        if state.code != code:
            continue
        end = state.end or "9999"
        if state.start < day <= end if before else state.start <= day < end:
            return one.unit
    raise LookupError(f"nobody held {code} on {day}")


def commune_links(held: list[Held], raw: list[RawLink]) -> list[Link]:
    """Links between units. People of a divided unit are shared evenly: no source counts them."""
    groups: dict[tuple[str, str], list[RawLink]] = defaultdict(list)
    for link in raw:
        groups[link.day, link.old].append(link)
    links: list[Link] = []
    for (day, old), group in groups.items():
        source = holder(held, old, day, before=True)
        stays = [link for link in group if link.extent == "transfer"]
        peopled = [link for link in group if link.extent != "land_only"]
        share = 1 / (len(peopled) + bool(stays))
        for link in group:
            target = holder(held, link.new, day)
            land = link.extent == "land_only"
            extent = "part" if link.extent == "transfer" else link.extent
            given = 0.0 if land else share
            links.append(Link(day, source, target, extent, given, link.act, link.source))
        if stays:
            links.append(
                Link(day, source, source, "remainder", share, stays[0].act, stays[0].source)
            )
    return links


def district_links(held: list[Held], communes: list[Link]) -> list[Link]:
    """Where the people of a district went, counted by its communes, each weighing the same."""
    states: dict[str, list[RegistryState]] = defaultdict(list)
    for one in held:
        states[one.unit].append(one.state)
    by_source: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in communes:
        by_source[link.day, link.source_unit].append(link)
    days = sorted({one.state.start for one in held if one.state.start})

    def district_of(unit: str, day: str, *, before: bool = False) -> str:
        for state in states[unit]:
            end = state.end or "9999"
            if state.start < day <= end if before else state.start <= day < end:
                if not state.district:
                    return unit  # since the reform communes stand where districts stood
                return holder(held, state.district, day, before=before)
        return ""

    links: list[Link] = []
    for day in days:
        shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for unit, unit_states in states.items():
            if unit_states[0].level != "commune":
                continue
            district = district_of(unit, day, before=True)
            if not district:
                continue
            parts = by_source.get((day, unit), [])
            if not parts:
                shares[district][district_of(unit, day)] += 1
            for link in parts:
                shares[district][district_of(link.target_unit, day)] += link.share
        act = next((one.state.act for one in held if one.state.start == day), "")
        for district, targets in shares.items():
            if set(targets) == {district}:
                continue
            total = sum(targets.values())
            for target, count in sorted(targets.items()):
                if count:
                    extent = "remainder" if target == district else "part"
                    given = round(count / total, 6)
                    short = act.split(",")[0]
                    links.append(Link(day, district, target, extent, given, short, _COUNTED))
    return links


def _raw_folder() -> Path:
    return load_settings().config / "gazetteer" / "raw"


def _province_rows(folder: Path) -> tuple[list[dict[str, str]], list[Link]]:
    provinces = rows(folder / "provinces.csv")
    links = [
        Link(row["valid_to"], row["unit_id"], row["successor"], "whole", 1.0, row["act"], "")
        for row in provinces
        if row["successor"]
    ]
    return provinces, links


def _parent(state: RegistryState, held: list[Held], provinces: list[dict[str, str]]) -> str:
    day = state.start or "2004-08-31"
    if state.level == "commune" and state.district:
        return holder(held, state.district, day)
    code = HAI_PHONG if day >= REFORM else state.province
    return next(
        row["unit_id"]
        for row in provinces
        if row["gso_code"] == code and row["valid_from"] <= day < (row["valid_to"] or "9999")
    )


def _write(path: Path, columns: tuple[str, ...], lines: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)


def build(folder: Path, out: Path) -> None:
    """Writes ``units.csv``, ``states.csv`` and ``links.csv`` of a gazetteer folder into ``out``."""
    raw = raw_links(folder / "raw")
    held = hold(registry_states(folder / "raw"), raw)
    provinces, province_links = _province_rows(folder)
    communes = commune_links(held, raw)
    links = [*province_links, *communes, *district_links(held, communes)]
    level = {row["unit_id"]: "province" for row in provinces}
    level |= {one.unit: one.state.level for one in held}
    states: list[tuple[object, ...]] = [
        (
            *(row["unit_id"], row["valid_from"], row["valid_to"], row["type"], row["name"]),
            *("", row["gso_code"], row["act"] if row["valid_from"] else ""),
        )
        for row in provinces
    ]
    for one in held:
        state = one.state
        parent = _parent(state, held, provinces)
        states.append(
            (
                *(one.unit, state.start, state.end, state.type, state.name),
                *(parent, state.code, state.act if state.start else ""),
            )
        )
    _write(out / "units.csv", UNIT_COLUMNS, sorted(level.items()))
    _write(out / "states.csv", STATE_COLUMNS, sorted(states, key=lambda row: row[:2]))
    _write(
        out / "links.csv",
        LINK_COLUMNS,
        [
            (*(x.day, x.source_unit, x.target_unit, x.extent, x.share), x.act, x.source)
            for x in sorted(links, key=lambda x: (x.day, x.source_unit, x.target_unit))
        ],
    )


if __name__ == "__main__":
    gazetteer = load_settings().config / "gazetteer"
    build(gazetteer, gazetteer)
