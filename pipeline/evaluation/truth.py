"""Ground truth as the sample generator writes it (schema ``hotich-truth/1``)."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import InputError
from pipeline.types import Polygon, ValueState

SCHEMA = "hotich-truth/1"


@dataclass(frozen=True)
class TruthField:
    """What truly stands in one field. ``polygon`` in scan pixels."""

    field: str
    literal: str
    value: str | None
    state: ValueState
    hand: str
    """``print``, ``type`` or ``hand:<font or writer>``."""
    polygon: Polygon


@dataclass(frozen=True)
class TruthEntry:
    """One entry on a scan."""

    number: str
    fields: tuple[TruthField, ...]


@dataclass(frozen=True)
class TruthScan:
    """One scan; without entries where it is a cover, blank, or to be scanned again."""

    name: str
    entries: tuple[TruthEntry, ...]
    expect: str = ""
    """``rescan`` where the intake must refuse the scan."""


@dataclass(frozen=True)
class TruthBook:
    """One book. It is the book queued with the same unit, district, kind, year and volume."""

    path: str
    unit: str
    district: str
    kind: str
    year: int
    volume: str
    form: str
    wear: str
    hand: str
    scans: tuple[TruthScan, ...]

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What a queued book and its truth have in common."""
        return (nfc(self.unit), nfc(self.district), self.kind, self.year, self.volume)


def nfc(text: str) -> str:
    """Composed form with single spaces, as all comparison is done."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def load_truth(path: Path) -> tuple[TruthBook, ...]:
    """Truth of a file, or of all ``*.json`` files below a folder.

    Raises:
        InputError: nothing there, not JSON, or not this schema.
    """
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    books = tuple(_load_book(file) for file in files if file.exists())
    if not books:
        raise InputError("no ground truth (*.json) found", where=str(path))
    return books


def _load_book(path: Path) -> TruthBook:
    try:
        data = json.loads(path.read_text("utf-8"))
        if data.get("schema") != SCHEMA:
            raise InputError(f"not ground truth of schema {SCHEMA}", where=str(path))
        return TruthBook(
            path=data["path"],
            unit=data["unit"],
            district=data["district"],
            kind=data["kind"],
            year=int(data["year"]),
            volume=str(data["volume"]),
            form=data["form"],
            wear=data["wear"],
            hand=data["hand"],
            scans=tuple(_scan(scan, data["hand"]) for scan in data["scans"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"ground truth cannot be read: {error!r}", where=str(path)) from error


def _scan(data: dict[str, Any], hand: str) -> TruthScan:
    entries = tuple(
        TruthEntry(
            number=str(entry["number"]),
            fields=tuple(_field(field, hand) for field in entry["fields"]),
        )
        for entry in data.get("entries", ())
    )
    return TruthScan(name=data["name"], entries=entries, expect=data.get("expect", ""))


def _field(data: dict[str, Any], hand: str) -> TruthField:
    return TruthField(
        field=data["field"],
        literal=data["literal"] or "",
        value=data["value"],
        state=ValueState(data["state"]),
        hand=data.get("hand", hand),
        polygon=tuple((float(x), float(y)) for x, y in data["polygon"]),
    )
