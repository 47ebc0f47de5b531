"""The schematic drawing of a ledger: ruled columns, headings, one row that names the fields."""

from __future__ import annotations

from pipeline.fields import FIELDS, FieldType
from pipeline.form.preview_paper import FAINT, INK, PEN, Paper
from pipeline.form.schema import Column, Form

_OUTER, _INNER, _HEAD, _ROW = 10.0, 6.0, 24.0, 34.0
_SHARES = {
    FieldType.NUMBER: 0.5,
    FieldType.SEX: 0.5,
    FieldType.AGE: 0.5,
    FieldType.PLACE: 1.5,
    FieldType.NAME: 1.6,
}
"""Widths beside a date's."""


def draw_ledger(paper: Paper, form: Form, top: float) -> None:
    """Rules, headings and a first row, over one page or both pages of an opening."""
    middle = paper.width / 2
    if not form.opening:
        _draw_side(paper, form.columns, (_OUTER, paper.width - _OUTER), top)
        return
    paper.rule((middle, 2.0), (middle, paper.height - 2.0), FAINT)
    sides = {"left": (_OUTER, middle - _INNER), "right": (middle + _INNER, paper.width - _OUTER)}
    for side, span in sides.items():
        columns = tuple(column for column in form.columns if column.page == side)
        _draw_side(paper, columns, span, top)


def _draw_side(
    paper: Paper, columns: tuple[Column, ...], span: tuple[float, float], top: float
) -> None:
    shares = [
        _SHARES.get(FIELDS[column.field].type, 1.0) if column.field else 1.0 for column in columns
    ]
    scale = (span[1] - span[0]) / sum(shares)
    edges = [span[0]]
    for share in shares:
        edges.append(edges[-1] + share * scale)
    first, bottom = top + _HEAD, paper.height - 12.0
    for y in (top, first, first + _ROW, first + 2 * _ROW, first + 3 * _ROW, bottom):
        paper.rule((span[0], y), (span[1], y))
    for n, x in enumerate(edges):
        inside = 0 < n < len(columns) and _grouped(columns[n - 1], columns[n])
        paper.rule((x, top + (0.35 * _HEAD if inside else 0.0)), (x, bottom))
    _groups(paper, columns, edges, top)
    for column, left, right in zip(columns, edges, edges[1:], strict=False):
        colour = FAINT if column.optional else INK
        upper = top + (0.35 * _HEAD if column.group else 0.0)
        _wrapped(paper, column.labels[0].split(), (left, right), upper + 5.0, 2.9, colour)
        if column.field:
            words = column.field.replace("_", "_ ").split()
            _wrapped(paper, words, (left, right), first + 5.0, 2.3, PEN)
            label = FIELDS[column.field].label.split()
            _wrapped(paper, label, (left, right), first + 19.0, 2.1, PEN)


def _grouped(one: Column, other: Column) -> bool:
    return bool(one.group) and bool(other.group) and one.group[0] == other.group[0]


def _groups(paper: Paper, columns: tuple[Column, ...], edges: list[float], top: float) -> None:
    """Headings above several columns, and the rule below each."""
    at = 0
    while at < len(columns):
        end = at + 1
        while end < len(columns) and _grouped(columns[at], columns[end]):
            end += 1
        if columns[at].group:
            middle = (edges[at] + edges[end]) / 2
            paper.text(middle, top + 5.5, columns[at].group[0], 3.2, centred=True)
            y = top + 0.35 * _HEAD
            paper.rule((edges[at], y), (edges[end], y))
        at = end


def _wrapped(
    paper: Paper,
    words: list[str],
    span: tuple[float, float],
    y: float,
    size: float,
    colour: tuple[int, int, int],
) -> None:
    """Words broken over lines in a narrow column."""
    room = span[1] - span[0] - 1.2
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        joined = joined.replace("_ ", "_")
        if lines and paper.wide(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(word)
    for n, line in enumerate(lines[:5]):
        paper.fitted(span[0] + 0.6, y + n * size * 1.25, line, size, room, colour)
