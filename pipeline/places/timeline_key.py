"""Foot of a timeline: what happened on each numbered day, and what the lines mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.places.drawing import (
    EDGE,
    FAINT,
    INK,
    SOFT,
    badge,
    bar,
    fitted,
    label,
    line,
    tag,
    width_of,
)
from pipeline.places.notes import Note
from pipeline.texts import Text

DASHED, DOTTED = "6 4", "1.5 3"
"""Lines of what is not verified, and of land without people."""
THICK, THIN = 2.0, 1.1
"""Lines of the whole, and of a part."""
_ROW, _MORE, _LEGEND = 34.0, 18.0, 30.0
_MOST = 12
_BETWEEN = 24.0
_LINES = (
    (Text("toàn bộ", "whole"), THICK, ""),
    (Text("một phần", "part"), THIN, ""),
    (Text("chỉ đất", "land only"), THIN, DOTTED),
    (Text("chưa kiểm chứng", "not verified"), 1.6, DASHED),
)


def _rows(notes: Sequence[Note]) -> int:
    return (min(len(notes), _MOST) + 1) // 2


def foot_height(notes: Sequence[Note]) -> float:
    """Pixels that the foot takes."""
    return _rows(notes) * _ROW + (_MORE if len(notes) > _MOST else 0.0) + _LEGEND


def foot(notes: Sequence[Note], left: float, right: float, top: float) -> Iterator[str]:
    """Notes in two columns; those too many are counted. The legend below them."""
    width = (right - left - _BETWEEN) / 2
    for at, note in enumerate(notes[:_MOST]):
        column, row = divmod(at, _rows(notes))
        yield from _note(note, left + column * (width + _BETWEEN), top + row * _ROW, width)
    more = len(notes) - _MOST
    if more > 0:
        text = Text("… và {n} ngày khác", "… and {n} more days").format(n=more)
        yield label(text, left + 22, top + _rows(notes) * _ROW + 10, 10.0, fill=SOFT)
    yield from _legend(left, right, top + foot_height(notes) - 12)


def _note(note: Note, x: float, y: float, width: float) -> Iterator[str]:
    yield badge(note.number, x + 8, y + 8)
    yield label(note.when, x + 22, y + 11.5, 10.5, fill=INK, bold=True)
    begin = x + 22 + width_of(note.when, 10.5, bold=True) + 8
    acts = fitted(note.acts, 10.5, x + width - begin)
    yield label(acts, begin, y + 11.5, 10.5, fill=INK, italic=not note.verified)
    yield label(fitted(note.what, 10.0, width - 22), x + 22, y + 25, 10.0, fill=SOFT)


def _legend(left: float, right: float, y: float) -> Iterator[str]:
    x = left
    for text, width, dash in _LINES:
        yield line(x, y - 3, x + 26, y - 3, stroke=INK, width=width, dash=dash)
        yield label(str(text), x + 31, y, 9.5, fill=SOFT)
        x += 31 + width_of(str(text), 9.5) + 16
    shape = bar(x, x + 26, y - 8, 10, torn=True, on=False)
    yield tag("path", d=shape, fill="#ffffff", stroke=EDGE)
    unknown = Text("không rõ bắt đầu khi nào", "beginning not known").format()
    yield label(unknown, x + 31, y, 9.5, fill=SOFT)
    uneven = Text("Trục thời gian không theo tỷ lệ.", "The time axis is not to scale.").format()
    yield label(uneven, right, y, 9.5, fill=FAINT, italic=True, anchor="end")
