"""The gazetteer as rows of a database: what holds from which day to which, one value a day.

The files leave days open that the loader fills in (a later layer, the row before, the unit's
life); here they are filled in, so that a query needs no rule but ``first_day <= day < end_day``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.places.history import begins_text, ends_text
from pipeline.places.tables import COLUMNS, LAYERS, Row
from pipeline.places.units import Gazetteer, State, Unit
from pipeline.places.when import OPEN_END, OPEN_START, When

Record = dict[str, Any]
_SHAPE = b"places 1"
"""Raise it when the records of the same files change."""


class _Run(NamedTuple):
    start: date
    end: date
    value: str


def files_digest(folder: Path) -> str:
    """SHA-256 over all files of a gazetteer folder; tells whether loading them again is needed."""
    digest = hashlib.sha256(_SHAPE)
    for layer in LAYERS:
        for table in COLUMNS:
            path = folder / layer / f"{table}.csv"
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"\n{layer}/{table} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def _runs(unit: Unit, value_of: Callable[[State], str]) -> Iterator[_Run]:
    """Times of one value, in order; none where it is empty."""
    run = _Run(unit.start, unit.start, "")
    for state in unit.states:
        value = value_of(state)
        if value == run.value:
            run = run._replace(end=state.end)
            continue
        if run.value:
            yield run
        run = _Run(state.start, state.end, value)
    if run.value:
        yield run


def _first(when: When | None) -> date:
    return when.day if when and when.earliest != OPEN_START else OPEN_START


def _overlap(row: Row, run: _Run) -> bool:
    until = row.when("to")
    return _first(row.when("from")) < run.end and (until.day if until else OPEN_END) > run.start


class _Book:
    """What the rows of a unit say beside the values: EDTF texts, sources, events."""

    def __init__(self, gazetteer: Gazetteer, unit: Unit, rows: Mapping[str, list[Row]]) -> None:
        self.rows = rows
        self.texts: dict[date, str] = {}
        for row in (row for table in rows.values() for row in table):
            for column in ("from", "to"):
                when = row.when(column)
                if when and when.earliest != OPEN_START:
                    self.texts.setdefault(when.day, when.text)
        self.texts[unit.start] = begins_text(unit)
        self.texts[unit.end] = ends_text(gazetteer, unit)

    def days(self, start: date, end: date) -> Record:
        """The four columns of a time."""
        return {
            "valid_from": self._text(start),
            "valid_to": self._text(end),
            "first_day": None if start == OPEN_START else start,
            "end_day": None if end == OPEN_END else end,
        }

    def _text(self, day: date) -> str:
        open_ = day in (OPEN_START, OPEN_END)
        return self.texts.get(day, "" if open_ else day.isoformat())

    def sources(self, table: str, column: str, run: _Run) -> Record:
        """Event, source and verification of a run, from the rows that it is made of."""
        found = [row for row in self.rows[table] if row[column] == run.value and _overlap(row, run)]
        beginning = [row for row in found if _first(row.when("from")) == run.start]
        named = [row for row in (*beginning, *found) if row.values.get("event")]
        record: Record = {
            "source": "; ".join(dict.fromkeys(row["source"] for row in found if row["source"])),
        }
        if table != "codes":
            record["event_id"] = named[0]["event"] if named else None
            record["verified"] = all(row.verified for row in found)
        return record


def _unit_record(gazetteer: Gazetteer, unit: Unit, rows: Sequence[Row], book: _Book) -> Record:
    return {
        "unit_id": unit.id,
        "level": unit.level,
        **book.days(unit.start, unit.end),
        "source": "; ".join(dict.fromkeys(row["source"] for row in rows if row["source"])),
        "verified": unit.verified,
        "note": "; ".join(dict.fromkeys(row["note"] for row in rows if row["note"])),
    }


def _named(book: _Book, unit: Unit) -> Iterator[Record]:
    for run in _runs(unit, lambda state: state.name):
        yield {
            "name": run.value,
            "kind": "official",
            **book.days(run.start, run.end),
            **book.sources("names", "name", run),
        }
    for row in book.rows["names"]:
        if row["kind"] == "official":
            continue
        start, end = row.when("from"), row.when("to")
        yield {
            "name": row["name"],
            "kind": row["kind"],
            "valid_from": row["from"],
            "valid_to": row["to"],
            "first_day": start.earliest if start and start.earliest != OPEN_START else None,
            "end_day": end.latest if end and end.latest != OPEN_END else None,
            "source": row["source"],
            "event_id": row["event"] or None,
            "verified": row.verified,
        }


def _valued(
    book: _Book, unit: Unit, table: str, column: str, key: str, value_of: Callable[[State], str]
) -> Iterator[Record]:
    for run in _runs(unit, value_of):
        yield {
            key: run.value,
            **book.days(run.start, run.end),
            **book.sources(table, column, run),
        }


def _coded(book: _Book) -> Iterator[Record]:
    for row in book.rows["codes"]:
        start, end = row.when("from"), row.when("to")
        yield {
            "scheme": row["scheme"],
            "code": row["code"],
            "valid_from": row["from"],
            "valid_to": row["to"],
            "first_day": start.day if start and start.earliest != OPEN_START else None,
            "end_day": end.day if end else None,
            "source": row["source"],
        }


def _numbered(key: Record, records: Iterator[Record]) -> Iterator[Record]:
    for position, record in enumerate(records):
        yield {**key, "position": position, **record}


def _event_records(gazetteer: Gazetteer) -> Iterator[Record]:
    for event in gazetteer.events.values():
        yield {
            "event_id": event.id,
            "kind": event.kind,
            "act": event.act,
            "act_date": event.act_date,
            "effective": event.effective.text,
            "first_day": event.day,
            "source": event.source,
            "verified": event.verified,
            "note": event.note,
        }


def _link_records(gazetteer: Gazetteer, rows: Sequence[Row]) -> Iterator[Record]:
    notes = {(row["event_id"], row["from_unit"], row["to_unit"]): row["note"] for row in rows}
    by_event: dict[str, list[Record]] = defaultdict(list)
    for links in gazetteer.links.values():
        for link in links:
            by_event[link.event].append(
                {
                    "from_unit": link.source,
                    "to_unit": link.target,
                    "extent": link.extent,
                    "share": link.share,
                    "note": notes.get((link.event, link.source, link.target), ""),
                }
            )
    for event, records in by_event.items():
        records.sort(key=lambda one: (one["from_unit"], one["to_unit"]))
        yield from _numbered({"event_id": event}, iter(records))


def records(gazetteer: Gazetteer, tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Record]]:
    """Rows of the database's tables: ``place_unit``, ``place_name`` and so on.

    Args:
        gazetteer: composed of ``tables``.
        tables: rows of the files, for sources and for days as their sources know them.
    """
    by_unit: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table in ("units", "names", "types", "parents", "codes"):
        for row in tables[table]:
            by_unit[row["unit_id"]][table].append(row)
    found: dict[str, list[Record]] = defaultdict(list)
    for unit in gazetteer.units.values():
        rows = by_unit[unit.id]
        book = _Book(gazetteer, unit, rows)
        key = {"unit_id": unit.id}
        found["place_unit"].append(_unit_record(gazetteer, unit, rows["units"], book))
        found["place_name"] += _numbered(key, _named(book, unit))
        found["place_type"] += _numbered(
            key, _valued(book, unit, "types", "type", "type", lambda state: state.type)
        )
        found["place_parent"] += _numbered(
            key, _valued(book, unit, "parents", "parent", "parent_id", lambda state: state.parent)
        )
        found["place_code"] += _numbered(key, _coded(book))
    found["place_event"] = list(_event_records(gazetteer))
    found["place_link"] = list(_link_records(gazetteer, tables["links"]))
    return dict(found)
