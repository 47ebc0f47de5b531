"""One pen stroke down a column, through cell after cell: "as above" for each of them.

A single cell with an upright stroke may hold the figure 1; only strokes that go on from one cell
into the next are taken, and only where nothing else is written in the cells.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipeline.fields import FIELDS
from pipeline.page.scale import MM_PER_INCH, darkness
from pipeline.reading.calibrate import OF_DIGITS
from pipeline.types import Cell, Grey, PageImage, Reading, Word

READER = "ditto-strokes/1"
_DPI = 100.0
_PX = _DPI / MM_PER_INCH
_SIDE_MM = 1.2
"""Nearer to its sides the cell's own rules lie."""
_EDGE_MM = 0.6
_THICK_MM = 1.0
"""Beside the stroke so much ink may be its own: it bows, and the paper bends."""
_DRIFT_MM = 1.6
"""From one cell to the next a stroke drifts no farther."""
_THROUGH, _ENDS = 0.82, 0.5
"""Share of a cell's height that the stroke covers inside a run, and where it begins or ends."""
_CLEAN = 0.012
"""Share of the rest of the cell that may be inked: grain and specks."""
_LEAST_INK, _NOISES, _PALEST = 26.0, 3.0, 0.35
_MOST, _HALF, _STEEP = 0.97, 0.4, 20.0


@dataclass(frozen=True)
class _Upright:
    """The best upright line of a cell: place, share of the height, ink beside it."""

    x: float
    share: float
    rest: float
    touches: tuple[bool, bool]
    """Whether it reaches the upper and the lower edge."""


def with_ditto_strokes(
    pages: Sequence[PageImage], readings: Sequence[tuple[Cell, Reading]], *, ledger: bool
) -> list[tuple[Cell, Reading]]:
    """Readings of a scan; cells under a common stroke read as ditto marks.

    Args:
        pages: of the scan.
        readings: of all its cells.
        ledger: whether entries are rows; elsewhere no stroke runs from entry to entry.
    """
    if not ledger:
        return list(readings)
    columns: dict[tuple[int, str], list[int]] = defaultdict(list)
    for at, (cell, reading) in enumerate(readings):
        if not reading.blank and not _may_be_one(cell.field):
            columns[cell.page, cell.field].append(at)
    done = list(readings)
    inks: dict[int, Grey] = {}
    for (number, _), places in columns.items():
        ordered = sorted(places, key=lambda at: readings[at][0].entry)
        groups = [run for run in _neighbours(ordered, readings) if len(run) > 1]
        if not groups:
            continue
        if number not in inks:
            inks[number] = _mask(pages[number])
        scale = _DPI / pages[number].dpi
        for group in groups:
            seen = [_upright(inks[number], readings[at][0], scale) for at in group]
            for run in _runs(seen):
                for n in run:
                    cell, reading = readings[group[n]]
                    done[group[n]] = (cell, _ditto(reading, seen[n]))
    return done


def _may_be_one(field: str) -> bool:
    """Ones below one another in low rows reach from rule to rule, just as a stroke does."""
    return FIELDS[field].type.value in OF_DIGITS or field.endswith("_order")


def _neighbours(places: Sequence[int], readings: Sequence[tuple[Cell, Reading]]) -> list[list[int]]:
    """Cells of a column whose entries follow one another."""
    groups: list[list[int]] = []
    for at in places:
        if groups and readings[at][0].entry == readings[groups[-1][-1]][0].entry + 1:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _runs(seen: Sequence[_Upright | None]) -> list[list[int]]:
    """Numbers of cells through which one stroke goes, two and more."""
    runs: list[list[int]] = []
    for n, one in enumerate(seen):
        before = seen[n - 1] if n else None
        joined = (
            one is not None
            and before is not None
            and abs(one.x - before.x) <= _DRIFT_MM * _PX
            and before.touches[1]
            and one.touches[0]
        )
        if joined and runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        elif joined:
            runs.append([n - 1, n])
    return [run for run in runs if all(_inside(seen[n]) for n in run[1:-1])]


def _inside(one: _Upright | None) -> bool:
    return one is not None and one.share >= _THROUGH


def _ditto(reading: Reading, seen: _Upright | None) -> Reading:
    share = seen.share if seen else 0.0
    rest = seen.rest if seen else 1.0
    sure = _MOST * (1 - rest / _CLEAN / 4) / (1.0 + math.exp(-_STEEP * (share - _HALF)))
    return replace(
        reading, text='"', words=(Word('"', sure),), confidence=sure, probability=sure,
        reader=READER, struck=False, greedy="", alternatives=(), margin=0.0,
    )  # fmt: skip


def _mask(page: PageImage) -> Grey:
    scale = _DPI / page.dpi
    small = cv2.resize(page.grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = darkness(np.asarray(small, np.uint8), _DPI)
    least = max(_LEAST_INK, _NOISES * 1.5 * float(np.median(ink[::3, ::3])))
    strong = ink[ink > least]
    if strong.size:  # what is much paler shines through from the back of the leaf
        least = max(least, _PALEST * float(np.percentile(strong, 75)))
    return np.asarray(cv2.threshold(ink, least, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _upright(ink: Grey, cell: Cell, scale: float) -> _Upright | None:
    """The upright line of a cell that holds nothing else; None where there is no such line."""
    points = np.array(cell.polygon) * scale
    half = len(points) // 2
    left, right = points[:, 0].min() + _SIDE_MM * _PX, points[:, 0].max() - _SIDE_MM * _PX
    top = float(np.median(points[:half, 1])) + _EDGE_MM * _PX
    bottom = float(np.median(points[half:, 1])) - _EDGE_MM * _PX
    x0, y0 = max(0, round(left)), max(0, round(top))
    part = ink[y0 : round(bottom), x0 : round(right)]
    height, width = part.shape
    if height < 8 or width < 8:
        return None
    reach = max(1, round(_THICK_MM * _PX / 2))
    wide = cv2.dilate(part, np.ones((1, 2 * reach + 1), np.uint8))
    cover = wide.sum(axis=0) / height
    best = np.flatnonzero(cover >= cover.max() - 1e-9)
    x = int(best[len(best) // 2])
    band = slice(max(0, x - 2 * reach), x + 2 * reach + 1)
    outside = int(part.sum()) - int(part[:, band].sum())
    rest = outside / max(1, height * (width - (band.stop - band.start)))
    if cover[x] < _ENDS or rest > _CLEAN:
        return None
    rows = np.flatnonzero(wide[:, x])
    near = round(0.18 * height)
    touches = (bool(rows[0] <= near), bool(rows[-1] >= height - 1 - near))
    return _Upright(float(x0 + x), float(cover[x]), rest, touches)
