"""The page of an entry as figures: a picture by a signed address, and boxes over it."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pictures.sheet import box_of
from desk.review.view import Address, sheets_of
from models.review_entry import ReviewEntry

_RIM_MM = 6.0
_INCH_MM = 25.4


@dataclass(frozen=True)
class Box:
    """A field on the shown page."""

    name: str
    x: float
    y: float
    w: float
    h: float
    doubtful: bool


@dataclass(frozen=True)
class Figure:
    """A band of a page, from ``top`` on; pixels of the shown page."""

    src: str
    top: float
    width: int
    height: float
    boxes: tuple[Box, ...]


def figures(entry: ReviewEntry, address: Address, *, whole: bool) -> list[Figure]:
    """One figure a page on which the entry has fields: its own band, or the whole page."""
    made = []
    for at, sheet in enumerate(sheets_of(entry)):
        boxes = []
        for field in entry.fields:
            if field.page == at and field.polygon:
                (x0, y0), (x1, y1) = box_of(sheet.from_scan(field.polygon))
                box = (round(x0, 1), round(y0, 1), round(x1 - x0, 1), round(y1 - y0, 1))
                boxes.append(Box(field.field, *box, field.doubtful))
        if not boxes:
            continue
        width, height = sheet.size
        rim = _RIM_MM * sheet.shown_dpi / _INCH_MM
        top = 0.0 if whole else float(int(max(0.0, min(box.y for box in boxes) - rim)))
        end = height if whole else min(float(height), max(box.y + box.h for box in boxes) + rim)
        src = address("head", entry.scan_id, at, ((0.0, top), (0.0, round(end))))
        made.append(Figure(src, top, width, round(end) - top, tuple(boxes)))
    return made
