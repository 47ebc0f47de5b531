"""The table of all old units and what they are on a day: for other offices and spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from io import TextIOBase
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from pipeline.places.history import (
    begins_text,
    ends_text,
    event_of,
    full_name_of,
    unverified_labels,
)
from pipeline.places.units import Gazetteer, State, Unit
from pipeline.places.walk import Arrival, level_order, walk
from pipeline.places.when import OPEN_START
from pipeline.texts import Text

LEVELS = ("district", "commune")
_WHOLE = 0.999
"""Share from which all people came to one unit; the rest is rounding."""
_JOINT = "; "


class MappingRow(NamedTuple):
    """An old name of a unit and a unit that its people are counted in on the target date.

    ``old_from`` and ``old_to`` are EDTF, empty where open; ``share`` is the part of the people.
    ``extent`` is ``whole`` or ``part``, and ``none`` (with an empty new unit) where no way leads
    to the target date.
    """

    level: str
    old_id: str
    old_type: str
    old_name: str
    old_parent: str
    old_from: str
    old_to: str
    old_code: str
    new_id: str
    new_type: str
    new_name: str
    new_parent: str
    new_code: str
    share: float
    extent: str
    acts: str
    verified: str


TITLES: dict[str, Text] = {
    "level": Text("Cấp", "Level"),
    "old_id": Text("Mã cũ", "Old id"),
    "old_type": Text("Loại cũ", "Old type"),
    "old_name": Text("Tên cũ", "Old name"),
    "old_parent": Text("Thuộc (cũ)", "Old parent"),
    "old_from": Text("Từ", "From"),
    "old_to": Text("Đến", "To"),
    "old_code": Text("Mã GSO cũ", "Old code"),
    "new_id": Text("Mã mới", "New id"),
    "new_type": Text("Loại mới", "New type"),
    "new_name": Text("Tên mới", "New name"),
    "new_parent": Text("Thuộc (mới)", "New parent"),
    "new_code": Text("Mã GSO mới", "New code"),
    "share": Text("Tỷ lệ dân", "Share"),
    "extent": Text("Phạm vi", "Extent"),
    "acts": Text("Văn bản", "Acts"),
    "verified": Text("Đã kiểm chứng", "Verified"),
}
"""Titles of the sheet's columns; the CSV keeps the names of the fields."""
_WIDTHS = {
    "level": 10, "old_id": 32, "old_type": 11, "old_name": 22, "old_parent": 24, "old_from": 18,
    "old_to": 12, "old_code": 10, "new_id": 32, "new_type": 11, "new_name": 22, "new_parent": 24,
    "new_code": 10, "share": 9, "extent": 9, "acts": 60, "verified": 10,
}  # fmt: skip


def _namings(unit: Unit) -> Iterator[tuple[State, State]]:
    """First and last state of each time under one type, name and parent."""
    first = last = unit.states[0]
    for state in unit.states[1:]:
        if (state.type, state.name, state.parent) != (last.type, last.name, last.parent):
            yield first, last
            first = state
        last = state
    yield first, last


def _begins(gazetteer: Gazetteer, unit: Unit, state: State) -> str:
    if state.start == unit.start:
        return begins_text(unit)
    event = event_of(gazetteer, state)
    return event.effective.text if event else state.start.isoformat()


def _ends(gazetteer: Gazetteer, unit: Unit, state: State) -> str:
    if state.end == unit.end:
        return ends_text(gazetteer, unit)
    following = unit.on(state.end)
    return _begins(gazetteer, unit, following) if following else state.end.isoformat()


def _rows(
    gazetteer: Gazetteer, unit: Unit, first: State, last: State, as_of: date
) -> Iterator[MappingRow]:
    old = (
        unit.level,
        unit.id,
        last.type,
        last.name,
        full_name_of(gazetteer, last.parent, max(last.start, first.start)),
        _begins(gazetteer, unit, first),
        _ends(gazetteer, unit, last),
        last.gso_code,
    )
    doubtful = unverified_labels(gazetteer)
    start = first.start if first.start != OPEN_START else unit.start
    ways: Sequence[Arrival] = walk(gazetteer, unit.id, start, as_of)
    if not ways:
        yield MappingRow(*old, "", "", "", "", "", 0.0, "none", "", "no")
    for way in ways:
        state = gazetteer.units[way.unit].near(as_of)
        sure = unit.verified and gazetteer.units[way.unit].verified
        yield MappingRow(
            *old,
            way.unit,
            state.type,
            state.name,
            full_name_of(gazetteer, state.parent, as_of),
            state.gso_code,
            round(way.share, 4),
            "whole" if way.share >= _WHOLE else "part",
            _JOINT.join(way.acts),
            "yes" if sure and doubtful.isdisjoint(way.acts) else "no",
        )


def mapping(gazetteer: Gazetteer, as_of: date, since: date | None = None) -> Iterator[MappingRow]:
    """Every district and commune, under each of its names, and the units of ``as_of``.

    Args:
        gazetteer: the units.
        as_of: day of the new units.
        since: leaves out names that were no more before this day; None for all.

    Yields:
        One row for each pair of an old name and a new unit, by level, old name and time.
    """
    units = [unit for unit in gazetteer.units.values() if unit.level in LEVELS]
    units.sort(key=lambda one: (level_order(one.level), one.states[-1].name, one.start, one.id))
    for unit in units:
        for first, last in _namings(unit):
            if first.start <= as_of and (since is None or last.end > since):
                yield from _rows(gazetteer, unit, first, last, as_of)


def write_csv(rows: Iterable[MappingRow], stream: TextIOBase) -> int:
    """Writes the table under the names of its fields; returns how many rows."""
    writer = csv.writer(stream)
    writer.writerow(MappingRow._fields)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def write_xlsx(rows: Iterable[MappingRow], path: Path, title: str) -> int:
    """Writes the table as a workbook: titles stay in view, columns can be filtered.

    Returns:
        How many rows.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, name in enumerate(MappingRow._fields, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS[name]
    head = []
    for name in MappingRow._fields:
        cell = WriteOnlyCell(sheet, value=str(TITLES[name]))
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2F4A6D")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        head.append(cell)
    sheet.append(head)
    count = 0
    share = MappingRow._fields.index("share")
    for row in rows:
        cells: list[object] = list(row)
        part = WriteOnlyCell(sheet, value=row.share)
        part.number_format = "0.0%"
        cells[share] = part
        sheet.append(cells)
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(MappingRow._fields))}{count + 1}"
    book.save(path)
    return count
