"""The ink of reviewed fields: their cells cut anew from the scans, the same way as for reading.

Runs in a pool's child, a scan at a time.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flows.page import PageTask, Tools, look_at
from flows.versions import pipeline_versions
from models import ReviewedField
from models.base import to_json
from models.rows import form_column
from pipeline.page.points import to_scan_polygon
from pipeline.reading.hand.inks import (
    CellInk,
    Inks,
    Packed,
    inks_path,
    packed,
    read_inks,
    write_inks,
)
from pipeline.reading.recognizer import Recognizer, cell_crops
from pipeline.reading.signs import hand_sign
from pipeline.settings import Settings
from pipeline.types import BookForm, Crop, Polygon
from pipeline.values import Context

log = logging.getLogger("hotich.flows")

_SHOWN = 0.03
"""Chance of handwriting from which a cell is kept: the net is shown no others."""
_HANDWRITTEN = 0.5

NO_CELL = "no_cell"
"""The scan cannot be laid out any more, or nothing is written there."""
MOVED = "moved"
"""Its cell now lies elsewhere: the boxes of the scan have changed since it was reviewed."""
NOT_HANDWRITTEN = "not_handwritten"


@dataclass(frozen=True)
class Taught:
    """A handwritten field that a person has set, with its ink: what can be learned from.

    ``entry`` names the entry among those of all books.
    """

    book: str
    era: str
    """Id of the book's form."""
    scan: int
    entry: str
    field: str
    literal: str
    value: str
    context: Context
    rows: tuple[Packed, ...]


def inks_of(task: PageTask, tools: Tools) -> Inks:
    """Ink maps of all cells of a scan that may be handwriting; kept in the home for the next time.

    Raises:
        InputError: the file cannot be decoded.
    """
    version = inks_version(tools.settings, task.book_form)
    path = inks_path(tools.settings.ink_store, task.ref.digest)
    kept = read_inks(path, version)
    if kept is not None:
        return kept
    seen = look_at(task, tools, {})
    if seen.layout is None:
        return {}
    pages, layout = seen.pages, seen.layout
    crops = cell_crops(pages, layout, tools.settings.config)
    inks = {
        (cell.entry, cell.field): _cell(
            crop, chance, to_scan_polygon(pages[cell.page], cell.polygon)
        )
        for cell, crop, chance in zip(
            layout.cells, crops, _chances(crops, tools.recognizer), strict=True
        )
        if chance > _SHOWN and not crop.blank and not hand_sign(crop.image, crop.dpi)[0]
    }
    try:
        write_inks(path, inks, version)
    except OSError as error:
        log.warning("%s: %s", path, error)  # a copy only: it is made anew the next time
    return inks


def inks_version(settings: Settings, form: BookForm) -> str:
    """What the cells of a scan hang on besides its pixels: the pipeline and the book's form."""
    plain = to_json(form_column(form))
    return f"{pipeline_versions(settings.config)} {hashlib.sha256(plain.encode()).hexdigest()}"


def kept_inks(digest: str, settings: Settings, form: BookForm) -> Inks | None:
    """The ink maps of a scan where they were made before."""
    return read_inks(inks_path(settings.ink_store, digest), inks_version(settings, form))


def taught_fields(
    fields: Iterable[ReviewedField],
    inks: Mapping[str, Inks],
    *,
    book: str,
    era: str,
    context: Context,
) -> tuple[list[Taught], Counter[str]]:
    """Reviewed fields joined with their ink, and how many were left out by reason.

    Args:
        fields: of one book.
        inks: by the digest of the scan.
        book: its code.
        era: id of its form.
        context: what is known of it.
    """
    taught: list[Taught] = []
    left_out: Counter[str] = Counter()
    for field in fields:
        cell = inks.get(field.scan.digest, {}).get((field.entry, field.field))
        by_net = field.reader.startswith("hand")
        if cell is None or not cell.rows:
            left_out[NO_CELL if by_net else NOT_HANDWRITTEN] += 1
        elif cell.chance < _HANDWRITTEN and not by_net:
            left_out[NOT_HANDWRITTEN] += 1
        elif _far(_centre(field.polygon), cell.centre) > cell.height:
            left_out[MOVED] += 1
        else:
            entry = f"{field.scan.digest[:16]}/{field.entry}"
            taught.append(
                Taught(
                    book, era, field.scan.number, entry, field.field, field.literal, field.value,
                    context, cell.rows,
                )
            )  # fmt: skip
    return taught, left_out


def _chances(crops: Sequence[Crop], reader: Recognizer) -> Sequence[float]:
    """Chance of handwriting of each crop; all of it where no other reader is in use."""
    from pipeline.reading.auto import AutoRecognizer

    if isinstance(reader, AutoRecognizer):
        return [float(chance) for chance in reader.by_hand(crops)]
    return [1.0] * len(crops)


def _cell(crop: Crop, chance: float, polygon: Polygon) -> CellInk:
    from pipeline.reading.hand.reader import line_maps

    low, high = min(y for _, y in polygon), max(y for _, y in polygon)
    rows = tuple(packed(ink) for ink in line_maps(crop))
    return CellInk(rows, chance, _centre(polygon), high - low)


def _centre(polygon: Polygon) -> tuple[float, float]:
    x, y = np.mean(np.array(polygon, float), axis=0)
    return float(x), float(y)


def _far(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
