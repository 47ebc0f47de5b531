"""Builds the layer ``registry`` from the raw rows: ``python -m pipeline.places.build``.

A unit has an id of its own and lives as long as its ground stays whole; name, type, parent and
code change on their own; a merger, a split or a founding makes new units, joined by dated links
(model after the Swiss register of communes). The tables are committed, so an id once given stays.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
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
from pipeline.places.tables import COLUMNS
from pipeline.settings import load_settings
from pipeline.values.text import fold

GSO = "GSO-2004"
COUNTRY = "vn-nuoc-viet-nam"
OLDEST = "[..2004-08-31]"
"""Beginning of whatever the oldest list of the registry has already."""
_REGISTRY = "GSO registry"
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


def hold(
    states: list[RegistryState], links: list[RawLink], recodes: list[dict[str, str]]
) -> list[Held]:
    """States with the ids of their units: a state goes on with the one before it under its code,
    unless ground joined or left on that day.
    """
    founded = {(link.day, link.new) for link in links if link.extent != "land_only"}
    founded |= {(link.day, link.old) for link in links if link.extent == "part"}
    districts = {s.code: s.name for s in states if s.level == "district"}
    recoded = {row["is"]: row["was"] for row in recodes}
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
        acts = {one.state.province: one.state.act for one in held if one.state.start == day}
        for district, targets in shares.items():
            if set(targets) == {district}:
                continue
            total = sum(targets.values())
            for target, count in sorted(targets.items()):
                if count:
                    extent = "remainder" if target == district else "part"
                    given = count / total
                    short = acts.get(states[district][0].province, "").split(",")[0]
                    links.append(Link(day, district, target, extent, given, short, _COUNTED))
    return links


@dataclass
class Tables:
    """Rows of the seven tables, as they grow."""

    rows: dict[str, list[tuple[object, ...]]]
    kinds: dict[str, set[str]]
    """Event -> what it did to units' names, types, parents and codes."""
    acts: dict[str, tuple[str, str]]
    """Event -> (day, act)."""

    def event(self, day: str, code: str, act: str, kind: str) -> str:
        """Id of what happened on a day to the holder of a code; the act with a clause wins."""
        id_ = f"R{day}-{code}"
        before = self.acts.get(id_, (day, ""))[1]
        self.acts[id_] = (day, act if len(act) > len(before) else before)
        self.kinds[id_].add(kind)
        return id_


_KINDS = ("merge", "split", "transfer", "rename", "status", "reparent", "recode", "create")
"""What an event is called that did several things: the first of these."""


def _province_states(provinces: list[dict[str, str]]) -> list[Held]:
    return [
        Held(
            row["unit_id"],
            RegistryState(
                row["gso_code"],
                "province",
                row["gso_code"],
                "",
                row["name"],
                row["type"],
                row["valid_from"],
                row["valid_to"],
                row["act"],
            ),
        )
        for row in provinces
    ]


def _province_links(provinces: list[dict[str, str]]) -> list[Link]:
    return [
        Link(row["valid_to"], row["unit_id"], row["successor"], "whole", 1.0, row["act"], "")
        for row in provinces
        if row["successor"]
    ]


def _parent(state: RegistryState, held: list[Held], provinces: list[dict[str, str]]) -> str:
    day = state.start or "2004-08-31"
    if state.level == "province":
        return COUNTRY
    if state.level == "commune" and state.district:
        return holder(held, state.district, day)
    code = HAI_PHONG if day >= REFORM else state.province
    return next(
        row["unit_id"]
        for row in provinces
        if row["gso_code"] == code and row["valid_from"] <= day < (row["valid_to"] or "9999")
    )


def _attributes(tables: Tables, unit: str, states: list[RegistryState], parents: list[str]) -> None:
    """Names, types, parents and codes of one unit: a row for each time one of them stayed."""
    values: dict[str, tuple[Sequence[tuple[object, ...]], str]] = {
        "names": ([(state.name, "official") for state in states], "rename"),
        "types": ([(state.type,) for state in states], "status"),
        "parents": ([(parent,) for parent in parents], "reparent"),
        "codes": ([(GSO, state.code) for state in states], "recode"),
    }
    for table, (column, kind) in values.items():
        first = 0
        for at in range(1, len(states) + 1):
            if at < len(states) and column[at] == column[first]:
                continue
            state = states[first]
            start = state.start
            end = states[at].start if at < len(states) else states[-1].end
            event = ""
            if start:
                did = kind if first else "create"
                event = tables.event(start, state.code, state.act, did)
            source = (_REGISTRY,) if table == "codes" else (event, _REGISTRY, "yes")
            tables.rows[table].append((unit, *column[first], start, end, *source))
            first = at


def _write(out: Path, tables: Tables) -> None:
    for id_, (day, act) in tables.acts.items():
        kind = next(kind for kind in _KINDS if kind in tables.kinds[id_])
        tables.rows["events"].append((id_, kind, act, "", day, _REGISTRY, "yes", ""))
    out.mkdir(parents=True, exist_ok=True)
    for table, columns in COLUMNS.items():
        with (out / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(sorted(tables.rows[table], key=lambda row: tuple(map(str, row))))


_LINK_KINDS = {"whole": "merge", "part": "split", "remainder": "split", "land_only": "transfer"}


def build(raw_folder: Path, out: Path) -> None:
    """Writes the tables of the layer ``registry`` into ``out``.

    Args:
        raw_folder: ``ocr_config/gazetteer/raw``.
        out: folder of the layer.
    """
    raw = raw_links(raw_folder)
    held = hold(registry_states(raw_folder), raw, corrections(raw_folder, "recode"))
    provinces = rows(raw_folder / "provinces.csv")
    communes = commune_links(held, raw)
    links = [*_province_links(provinces), *communes, *district_links(held, communes)]
    everyone = [*_province_states(provinces), *held]
    tables = Tables(defaultdict(list), defaultdict(set), {})
    states: dict[str, list[RegistryState]] = defaultdict(list)
    for one in everyone:
        states[one.unit].append(one.state)
    for unit, found in states.items():
        first, last = found[0], found[-1]
        start = first.start or OLDEST
        tables.rows["units"].append((unit, first.level, start, last.end, _REGISTRY, "yes", ""))
        _attributes(tables, unit, found, [_parent(state, held, provinces) for state in found])
    for link in links:
        target = [one for one in states[link.target_unit] if one.start <= link.day]
        event = tables.event(link.day, target[-1].code, link.act, _LINK_KINDS[link.extent])
        # People of a divided commune are shared evenly, which an empty share says.
        share = f"{link.share:.9g}" if link.source == _COUNTED else ""
        tables.rows["links"].append(
            (event, link.source_unit, link.target_unit, link.extent, share, link.source)
        )
    _write(out, tables)


if __name__ == "__main__":
    gazetteer = load_settings().config / "gazetteer"
    build(gazetteer / "raw", gazetteer / "registry")
