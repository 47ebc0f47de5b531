"""Simulated books read and put together as production does it, a line a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.checks.entry import build_entries
from pipeline.reading.guide import Guide
from pipeline.reading.hand.reader import HandRecognizer
from pipeline.types import (
    IDENTITY,
    Cell,
    Crop,
    Decision,
    EntryResult,
    Layout,
    PageImage,
    Reading,
    Side,
    ValueState,
)
from training.hand.book import Book

_SPOT = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


@dataclass(frozen=True)
class ReadEntry:
    """What was made of an entry, without fields where it was taken for none; a reading a line."""

    entry: EntryResult
    readings: tuple[Reading, ...]


def read_entries(
    book: Book, numbers: Sequence[int], reader: HandRecognizer, guide: Guide
) -> dict[int, ReadEntry]:
    """Entries of these numbers as the page step makes them of readings."""
    lines = [line for n in numbers for line in book.entries[n]]
    blank = np.zeros((1, 1), np.uint8)
    crops = [Crop(blank, 200.0, line.field) for line in lines]
    readings = iter(reader.read_maps(crops, [line.ink for line in lines], guide))
    results = {}
    for n in numbers:
        own = tuple(next(readings) for _ in book.entries[n])
        results[n] = ReadEntry(_entry(book, n, own), own)
    return results


def as_set(entry: EntryResult, values: Mapping[str, str]) -> EntryResult:
    """The entry as a person leaves it who sets these fields."""
    fields = (
        replace(
            one,
            value=values[one.field],
            state=ValueState.WRITTEN,
            decision=Decision.PERSON,
            confidence=1.0,
        )
        if one.field in values
        else one
        for one in entry.fields
    )
    return replace(entry, fields=tuple(fields))


def _entry(book: Book, number: int, readings: tuple[Reading, ...]) -> EntryResult:
    cells = tuple(Cell(0, 0, line.field, _SPOT, 1.0) for line in book.entries[number])
    page = PageImage(np.zeros((1, 1), np.uint8), 200.0, Side.SINGLE, IDENTITY, 0, 0.0)
    layout = Layout("", cells, 1.0, 1)
    built = build_entries((page,), layout, list(zip(cells, readings, strict=True)), book.context)
    return built[0] if built else EntryResult(0, "", ())
