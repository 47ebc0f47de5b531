"""Ground truth as the sample generator writes it (schema ``hotich-truth/1``)."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.checks.voids import VOID, VOIDED
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
            fields=(*(_field(field, hand) for field in entry["fields"]), *_marks(entry, hand)),
        )
        for entry in data.get("entries", ())
    )
    return TruthScan(name=data["name"], entries=entries, expect=data.get("expect", ""))


def _marks(entry: dict[str, Any], hand: str) -> Iterator[TruthField]:
    """What is marked rather than written: ticked boxes, and that the entry is crossed out."""
    ticks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for tick in entry.get("ticks", ()):
        ticks[tick["field"]].append(tick)
    for field, boxes in ticks.items():
        ticked = [box for box in boxes if box["ticked"]]
        one = ticked[0] if len(ticked) == 1 else None
        state = ValueState.WRITTEN if ticked else ValueState.BLANK
        around = _around([box["polygon"] for box in ([one] if one else boxes)])
        choice = one["choice"] if one else None
        yield TruthField(field, choice or "", choice, state, hand, around)
    if entry.get("voided"):
        around = _around([field["polygon"] for field in entry["fields"]])
        yield TruthField(VOIDED, VOID, VOID, ValueState.WRITTEN, hand, around)


def _around(polygons: Sequence[Sequence[Sequence[float]]]) -> Polygon:
    """The upright rectangle around polygons; one without area around nothing."""
    polygons = polygons or [((0.0, 0.0),)]
    xs = [float(point[0]) for polygon in polygons for point in polygon]
    ys = [float(point[1]) for polygon in polygons for point in polygon]
    return ((min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)))


def _field(data: dict[str, Any], hand: str) -> TruthField:
    return TruthField(
        field=data["field"],
        literal=data["literal"] or "",
        value=data["value"],
        state=ValueState(data["state"]),
        hand=data.get("hand", hand),
        polygon=tuple((float(x), float(y)) for x, y in data["polygon"]),
    )
