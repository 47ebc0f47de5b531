"""The gazetteer's files: seven tables in layers, read with the line each row stands on.

``ocr_config/gazetteer/README.md`` tells what each column holds, for the people who extend them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import GazetteerError
from pipeline.places.when import When, parse_when
from pipeline.texts import Text

LAYERS = ("registry", "elsewhere", "history", "small", "office")
"""Folders of one gazetteer; a later one refines what an earlier one leaves open."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units": ("unit_id", "level", "from", "to", "source", "verified", "note"),
    "names": ("unit_id", "name", "kind", "from", "to", "event", "source", "verified"),
    "types": ("unit_id", "type", "from", "to", "event", "source", "verified"),
    "parents": ("unit_id", "parent", "from", "to", "event", "source", "verified"),
    "codes": ("unit_id", "scheme", "code", "from", "to", "source"),
    "events": ("event_id", "kind", "act", "act_date", "effective", "source", "verified", "note"),
    "links": ("event_id", "from_unit", "to_unit", "extent", "share", "note"),
}
LEVELS = ("country", "province", "district", "canton", "commune", "hamlet")
"""From the largest to the smallest."""
NAME_KINDS = ("official", "variant", "french", "local")
EVENT_KINDS = (
    *("create", "abolish", "merge", "split", "transfer", "rename", "status", "reparent"),
    *("recode", "correct"),
)
EXTENTS = ("whole", "part", "remainder", "land_only", "hamlets", "unknown")
_CLOSED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "units": {"level": LEVELS},
    "names": {"kind": NAME_KINDS},
    "events": {"kind": EVENT_KINDS},
    "links": {"extent": EXTENTS},
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "units": ("unit_id",),
    "names": ("unit_id", "name"),
    "types": ("unit_id", "type"),
    "parents": ("unit_id", "parent"),
    "codes": ("unit_id", "scheme", "code"),
    "events": ("event_id", "effective"),
    "links": ("event_id", "from_unit", "to_unit"),
}


@dataclass(frozen=True)
class Row:
    """A row and where it stands: ``history/names.csv:12``."""

    where: str
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    @property
    def verified(self) -> bool:
        """False where the row is only recalled or inferred."""
        return self.values.get("verified", "yes") != "no"

    def when(self, column: str) -> When | None:
        """The date of a column, None where it is empty."""
        text = self.values[column]
        return parse_when(text) if text else None


def wrong(row: Row, vietnamese: str, english: str, **fields: object) -> GazetteerError:
    """An error that names the row."""
    return GazetteerError(Text(vietnamese, english).format(**fields), where=row.where)


def _checked(table: str, row: Row) -> Row:
    for column in _NEEDED[table]:
        if not row[column]:
            raise wrong(row, "cột {column} trống", "column {column} is empty", column=column)
    for column, allowed in _CLOSED.get(table, {}).items():
        if row[column] not in allowed:
            raise wrong(
                *(row, "{column} = '{value}', phải là: {allowed}"),
                "{column} = '{value}' must be one of {allowed}",
                column=column,
                value=row[column],
                allowed=", ".join(allowed),
            )
    for column in ("from", "to", "effective", "act_date"):
        if column in row.values:
            try:
                row.when(column)
            except ValueError as error:
                raise GazetteerError(f"{column}: {error}", where=row.where) from error
    return row


def read_table(folder: Path, layer: str, table: str) -> Iterator[Row]:
    """Rows of one file; none where the layer does not have it.

    Raises:
        GazetteerError: a wrong header, a row with too few or too many columns, an empty key, a
            word that no list has, a date that is none; names file and line.
    """
    path = folder / layer / f"{table}.csv"
    if not path.is_file():
        return
    name = f"{layer}/{table}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines)
            header = tuple(next(reader, ()))
            if header != COLUMNS[table]:
                expected = ",".join(COLUMNS[table])
                raise wrong(
                    Row(f"{name}:1", {}),
                    "dòng tiêu đề phải là {expected}",
                    "the header must be {expected}",
                    expected=expected,
                )
            for cells in reader:
                where = f"{name}:{reader.line_num}"
                if not any(cells):
                    continue
                if len(cells) != len(header):
                    raise wrong(
                        *(Row(where, {}), "{n} cột thay vì {expected}"),
                        "{n} columns instead of {expected}",
                        n=len(cells),
                        expected=len(header),
                    )
                values = dict(zip(header, map(str.strip, cells), strict=True))
                yield _checked(table, Row(where, values))
    except UnicodeDecodeError as error:
        raise GazetteerError(f"UTF-8: {error}", where=name) from error


def read_layers(folder: Path) -> dict[str, list[Row]]:
    """All rows of all layers, table by table, layers in order."""
    return {
        table: [row for layer in LAYERS for row in read_table(folder, layer, table)]
        for table in COLUMNS
    }
