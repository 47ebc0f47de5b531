"""The gazetteer put together from the rows of its tables, read once per process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pipeline.places.tables import Row, read_layers, wrong
from pipeline.places.units import Alias, Event, Gazetteer, Link, State, Unit
from pipeline.places.when import OPEN_END, OPEN_START, When
from pipeline.settings import load_settings

GSO = "GSO-2004"
"""Scheme of the codes of the General Statistics Office, in use since 2004."""


@dataclass(frozen=True)
class _Piece:
    start: date
    end: date
    value: str


def _order(row: Row) -> tuple[date, int]:
    """Rows without a beginning stand before the row that begins where they end."""
    start, end = row.when("from"), row.when("to")
    if start and start.earliest != OPEN_START:
        return start.day, 1
    return (end.day if end else OPEN_END), 0


def _timeline(rows: Sequence[Row], column: str, begin: date, end: date) -> list[_Piece]:
    """Values over a unit's life, one each day.

    An empty beginning means "since the end of the row before", an empty end "until the next".

    Raises:
        GazetteerError: two values on a day, or a time without one.
    """
    ordered = sorted(rows, key=_order)
    pieces: list[_Piece] = []
    last = begin
    for at, row in enumerate(ordered):
        start, until = row.when("from"), row.when("to")
        day = start.day if start and start.earliest != OPEN_START else last
        starts = (later.when("from") for later in ordered[at + 1 :])
        following = next((one.day for one in starts if one and one.earliest != OPEN_START), end)
        stop = until.day if until else following
        if day != last and not (at == 0 and begin == OPEN_START):
            raise wrong(
                *(row, "{column} từ {day} nhưng dòng trước hết ngày {last}"),
                "{column} begins on {day} but the row before ends on {last}",
                column=column,
                day=day,
                last=last,
            )
        stop = min(stop, end)
        if stop <= day:
            if pieces and pieces[-1].value == row[column]:
                continue  # an earlier layer says the same with less detail
            raise wrong(
                *(row, "{column}: thời gian này đã có dòng khác"),
                "{column}: another row covers its time",
                column=column,
            )
        pieces.append(_Piece(begin if at == 0 else day, stop, row[column]))
        last = stop
    if pieces and last < end:
        raise wrong(
            *(ordered[-1], "{column}: không có gì từ {last}"),
            "{column}: nothing from {last} on",
            column=column,
            last=last,
        )
    return pieces


def _value(pieces: Sequence[_Piece], day: date) -> str:
    return next((piece.value for piece in pieces if piece.start <= day < piece.end), "")


def _codes(rows: Sequence[Row]) -> list[_Piece]:
    pieces = []
    for row in rows:
        start, end = row.when("from"), row.when("to")
        pieces.append(
            _Piece(
                start.earliest if start else OPEN_START, end.day if end else OPEN_END, row["code"]
            )
        )
    return pieces


class _Rows:
    """Rows of each table by unit."""

    def __init__(self, tables: Mapping[str, Sequence[Row]]) -> None:
        self.by_unit: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for table in ("names", "types", "parents", "codes"):
            for row in tables[table]:
                self.by_unit[row["unit_id"]][table].append(row)


def _life(rows: Sequence[Row]) -> tuple[When | None, When | None, str, bool]:
    """(begins, ends, level, verified) of a unit; a later layer refines an earlier one."""
    begins = ends = None
    level, verified = rows[0]["level"], rows[0].verified
    for row in rows:
        if row["level"] != level:
            raise wrong(
                *(row, "đã là cấp {level}"), "has level {level} in another row", level=level
            )
        begins = row.when("from") or begins
        ends = row.when("to") or ends
        verified = verified and row.verified
    return begins, ends, level, verified


def _unit(
    unit_id: str, life: Sequence[Row], rows: Mapping[str, list[Row]], events: Mapping[str, Event]
) -> Unit:
    begins, ends, level, verified = _life(life)
    begin = begins.earliest if begins else OPEN_START
    end = ends.day if ends else OPEN_END
    if end <= begin:
        raise wrong(life[-1], "hết trước khi bắt đầu", "ends before it begins")
    official = [row for row in rows["names"] if row["kind"] == "official"]
    if not official or not rows["types"]:
        raise wrong(life[0], "thiếu tên hoặc loại", "has no name or no type")
    names = _timeline(official, "name", begin, end)
    types = _timeline(rows["types"], "type", begin, end)
    parents = _timeline(rows["parents"], "parent", begin, end)
    codes = _codes([row for row in rows["codes"] if row["scheme"] == GSO])
    days = {begin} | {
        day
        for pieces in (names, types, parents, codes)
        for piece in pieces
        for day in (piece.start, piece.end)
        if begin < day < end
    }
    acts: dict[date, str] = {}
    for table in ("names", "types", "parents"):
        for row in rows[table]:
            if row["event"]:
                event = events[row["event"]]
                acts.setdefault(event.day, event.label)
    ordered = [*sorted(days), end]
    states = tuple(
        State(
            start,
            stop,
            _value(types, start),
            _value(names, start),
            _value(parents, start),
            _value(codes, start),
            acts.get(start, ""),
        )
        for start, stop in pairwise(ordered)
    )
    aliases = tuple(
        Alias(
            row["name"],
            row["kind"],
            start.earliest if (start := row.when("from")) else OPEN_START,
            stop.latest if (stop := row.when("to")) else OPEN_END,
        )
        for row in rows["names"]
        if row["kind"] != "official"
    )
    return Unit(unit_id, level, states, aliases, begins, verified)


def _events(rows: Sequence[Row]) -> dict[str, Event]:
    events: dict[str, Event] = {}
    for row in rows:
        if row["event_id"] in events:
            raise wrong(row, "mã sự kiện đã có", "this event id stands twice")
        effective = row.when("effective")
        assert effective is not None  # a needed column
        events[row["event_id"]] = Event(
            row["event_id"],
            row["kind"],
            row["act"],
            row["act_date"],
            effective,
            row["source"],
            row.verified,
            row["note"],
        )
    return events


def _shares(rows: Sequence[Row]) -> list[float]:
    """Shares of the people: as given, else evenly; land without people has none."""
    peopled = [row["extent"] != "land_only" for row in rows]
    given = [float(row["share"]) if row["share"] else None for row in rows]
    rest = 1.0 - sum(share for share in given if share is not None)
    free = sum(1 for one, share in zip(peopled, given, strict=True) if one and share is None)
    return [
        0.0 if not one else share if share is not None else max(0.0, rest) / free
        for one, share in zip(peopled, given, strict=True)
    ]


def _links(
    rows: Sequence[Row], units: Mapping[str, Unit], events: Mapping[str, Event]
) -> list[Link]:
    groups: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in rows:
        for column in ("from_unit", "to_unit"):
            if row[column] not in units:
                raise wrong(*(row, "không có đơn vị {unit}"), "no unit {unit}", unit=row[column])
        if row["event_id"] not in events:
            raise wrong(row, "không có sự kiện này", "no such event")
        groups[row["from_unit"], events[row["event_id"]].day].append(row)
    links: list[Link] = []
    for (source, day), group in groups.items():
        for row, share in zip(group, _shares(group), strict=True):
            event = events[row["event_id"]]
            links.append(
                Link(day, source, row["to_unit"], row["extent"], share, event.label, event.id)
            )
    return sorted(links, key=lambda link: (link.day, link.source, link.target))


def _above(
    units: Mapping[str, Unit], rows: Mapping[str, Mapping[str, list[Row]]]
) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}

    def climb(unit_id: str, below: tuple[str, ...]) -> frozenset[str]:
        if unit_id not in found:
            if unit_id in below:
                raise wrong(
                    *(rows[unit_id]["parents"][-1], "{unit} nằm trong chính nó: {way}"),
                    "{unit} lies in itself: {way}",
                    unit=unit_id,
                    way=" → ".join((*below[below.index(unit_id) :], unit_id)),
                )
            parents = {state.parent for state in units[unit_id].states if state.parent}
            found[unit_id] = frozenset(parents).union(
                *(climb(parent, (*below, unit_id)) for parent in parents)
            )
        return found[unit_id]

    for unit_id in units:
        climb(unit_id, ())
    return found


def _of_level(
    units: Mapping[str, Unit], above: Mapping[str, frozenset[str]], level: str
) -> dict[str, frozenset[str]]:
    return {
        unit: frozenset(one for one in (*larger, unit) if units[one].level == level)
        for unit, larger in above.items()
    }


def _below(units: Mapping[str, Unit]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for unit in units.values():
        for parent in {state.parent for state in unit.states if state.parent}:
            found[parent].append(unit.id)
    return {parent: tuple(sorted(below)) for parent, below in found.items()}


def compose(tables: Mapping[str, Sequence[Row]]) -> Gazetteer:
    """The gazetteer of the rows of all tables.

    Raises:
        GazetteerError: rows that speak against one another; names the row.
    """
    events = _events(tables["events"])
    lives: dict[str, list[Row]] = defaultdict(list)
    for row in tables["units"]:
        lives[row["unit_id"]].append(row)
    for table in ("names", "types", "parents", "codes"):
        for row in tables[table]:
            if row["unit_id"] not in lives:
                raise wrong(row, "đơn vị không có trong units.csv", "no such unit in units.csv")
            if row.values.get("parent") and row["parent"] not in lives:
                raise wrong(*(row, "không có đơn vị {unit}"), "no unit {unit}", unit=row["parent"])
            if row.values.get("event") and row["event"] not in events:
                raise wrong(
                    *(row, "không có sự kiện {event}"), "no event {event}", event=row["event"]
                )
    rows = _Rows(tables).by_unit
    units = {
        unit_id: _unit(unit_id, life, rows[unit_id], events) for unit_id, life in lives.items()
    }
    links = _links(tables["links"], units, events)
    leaving: dict[str, list[Link]] = defaultdict(list)
    arriving: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        leaving[link.source].append(link)
        arriving[link.target].append(link)
    above = _above(units, rows)
    return Gazetteer(
        units,
        events,
        {unit: tuple(found) for unit, found in leaving.items()},
        {unit: tuple(found) for unit, found in arriving.items()},
        above,
        _below(units),
        _of_level(units, above, "district"),
        _of_level(units, above, "province"),
    )


def load_gazetteer(config: Path | None = None) -> Gazetteer:
    """The gazetteer of an ``ocr_config`` folder; read once per process.

    Raises:
        GazetteerError: a row is wrong or speaks against another; names file and line.
    """
    return _load((config or load_settings().config) / "gazetteer")


@lru_cache(maxsize=4)
def _load(folder: Path) -> Gazetteer:
    return compose(read_layers(folder))


def alive_on(
    gazetteer: Gazetteer, day: date, level: str, province: str = ""
) -> Iterator[tuple[Unit, State]]:
    """Units of a level on a day, with their state; of one province (GSO code) where given."""
    for unit in gazetteer.units.values():
        if unit.level != level:
            continue
        state = unit.on(day)
        if state and (not province or province_of(gazetteer, unit.id, day) == province):
            yield unit, state


def province_of(gazetteer: Gazetteer, unit_id: str, day: date) -> str:
    """GSO code of the province a unit lay in on a day; empty where it was not."""
    unit = gazetteer.units[unit_id]
    state = unit.on(day)
    while state and state.parent and unit.level != "province":
        unit = gazetteer.units[state.parent]
        state = unit.on(day)
    return state.gso_code if state and unit.level == "province" else ""
