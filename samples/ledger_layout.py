"""Ledgers: ruled columns over one page or over both pages of an opening, one entry a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipeline.form.schema import Column, Form
from samples.chance import stream
from samples.printer import Printer
from samples.sheet import Label, Sheet, Slot, Stroke, WritingLine, text_width

WIDTHS = {
    "entry_number": 10.0,
    "registration_date": 21.0,
    "sex": 11.0,
    "birth_date": 21.0,
    "birth_place": 38.0,
    "ethnicity": 13.0,
    "nationality": 17.0,
    "age": 12.0,
    "occupation": 19.0,
    "residence": 34.0,
    "notes": 20.0,
    "birth_date_lunar": 26.0,
    "marriage_date": 21.0,
    "marriage_order": 13.0,
    "death_date": 21.0,
    "death_time": 15.0,
    "death_place": 32.0,
    "death_cause": 26.0,
    "relation": 17.0,
}
"""Usual widths in millimetres for writing of 3.4 mm; names take 42."""
NAME_WIDTH = 43.0
DROPPED_FIRST = (
    ("declarant_full_name",),
    ("nationality",),
    ("mother_occupation", "father_occupation"),
    ("ethnicity",),
    ("mother_age", "father_age"),
    ("mother_residence",),
)
"""Optional columns a printer gives up first when the page is too narrow."""


@dataclass(frozen=True)
class _Ruled:
    index: int
    column: Column
    text: str
    left: float
    right: float


def usual_width(field: str) -> float:
    """Usual width of a column in millimetres."""
    for name, width in WIDTHS.items():
        if field == name or field.endswith("_" + name):
            return width
    return NAME_WIDTH


def _kept(form: Form, printer: Printer, page: str, room: float) -> list[tuple[int, Column]]:
    columns = [
        (index, column)
        for index, column in enumerate(form.columns)
        if column.page == page and (not column.optional or column.field in printer.present)
    ]
    for names in DROPPED_FIRST:
        if sum(usual_width(column.field) for _, column in columns) <= room:
            break
        columns = [pair for pair in columns if pair[1].field not in names or not pair[1].optional]
    return columns


def _ruled(form: Form, printer: Printer, page: str, x0: float, x1: float) -> list[_Ruled]:
    columns = _kept(form, printer, page, x1 - x0)
    groups = [column.group for _, column in columns]
    rng = stream("columns", printer.seed, page)
    widths = [usual_width(column.field) * rng.uniform(0.95, 1.12) for _, column in columns]
    scale = (x1 - x0) / sum(widths)
    ruled, x = [], x0
    for (index, column), width in zip(columns, widths, strict=True):
        labels = column.labels
        grouped = bool(column.group) and sum(bool(g) and _same(g, column.group) for g in groups) > 1
        text = labels[-1] if grouped and column.field.endswith("full_name") else ""
        if column.group and not grouped:
            text = labels[0]
        text = text or printer.label(index, labels)
        ruled.append(_Ruled(index, column, text, x, x + width * scale))
        x += width * scale
    return ruled


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one[0] == other[0]


def ledger_sheet(form: Form, printer: Printer, rows: int = 0) -> Sheet:
    """The printed sheet of a ledger: an opening, or one landscape page.

    ``rows`` of 0 lets the printer's own row height decide (8 to 14).
    """
    width, height = printer.paper
    sheet = Sheet(width, height, gutter=width / 2 if form.opening else None)
    outer, top, inner, bottom = printer.margins
    head_top = top + printer.size * 4.2
    first = head_top + printer.size * 5.6
    body = first + (printer.size * 1.7 if printer.columns_numbered else 0.0)
    rows = rows or min(14, max(8, round((height - bottom - body) / printer.pitch)))
    pitch = (height - bottom - body) / rows
    pages = (
        [("left", outer, width / 2 - inner), ("right", width / 2 + inner, width - outer)]
        if form.opening
        else [("left", outer, width - outer)]
    )
    cells: list[list[Slot]] = [[] for _ in range(rows)]
    numbered = 0
    for page, x0, x1 in pages:
        ruled = _ruled(form, printer, page, x0, x1)
        _header(sheet, printer, ruled, head_top, first)
        if body > first:
            _numbers(sheet, printer, ruled, numbered, (first, body))
            numbered += len(ruled)
        _rules(sheet, printer, ruled, (head_top, first, body), pitch, rows)
        for row in range(rows):
            cells[row] += [_cell(column, body + row * pitch, pitch) for column in ruled]
    middle = (pages[0][1] + pages[0][2]) / 2
    sheet.labels.append(
        Label(middle, top + printer.size * 2.2, printer.heading, printer.size * 1.6, True, "m")
    )
    sheet.entries = [tuple(row) for row in cells]
    return sheet


def _numbers(
    sheet: Sheet, printer: Printer, ruled: list[_Ruled], before: int, level: tuple[float, float]
) -> None:
    """The narrow row under the headings that numbers the columns."""
    y = level[0] + (level[1] - level[0]) * 0.72
    for n, column in enumerate(ruled, start=before + 1):
        text = f"({n})" if printer.colon else str(n)
        x = (column.left + column.right) / 2
        sheet.labels.append(Label(x, y, text, printer.size * 0.8, anchor="m"))


def _cell(column: _Ruled, upper: float, pitch: float) -> Slot:
    pad = 1.2
    count = 2 if pitch >= 13 else 1
    step = min(5.2, pitch / (count + 0.4))
    base = upper + pitch / 2 + step * 0.3 - (count - 1) * step / 2
    lines = tuple(
        WritingLine(column.left + pad, column.right - pad, base + n * step) for n in range(count)
    )
    short = column.column.field in ("entry_number", "sex") or column.column.field.endswith("_age")
    return Slot(
        column.column.field, (column.left, upper, column.right, upper + pitch), lines, short
    )


def _rules(
    sheet: Sheet,
    printer: Printer,
    ruled: list[_Ruled],
    levels: tuple[float, float, float],
    pitch: float,
    rows: int,
) -> None:
    """Rules cell edge by cell edge, so that wear can break single segments."""
    head_top, first, body = levels
    edges = [column.left for column in ruled] + [ruled[-1].right]
    ys = [head_top, first] + ([body] if body > first else [])
    ys += [body + pitch * n for n in range(1, rows + 1)]
    frame = printer.rule_width * (2.0 if printer.double_frame else 1.0)
    for y in ys:
        width = frame if y in (ys[0], ys[-1]) else printer.rule_width
        for x0, x1 in pairwise(edges):
            sheet.strokes.append(Stroke(x0, y, x1, y, width))
    for n, x in enumerate(edges):
        width = frame if n in (0, len(edges) - 1) else printer.rule_width
        grouped = 0 < n < len(ruled) and _same_group(ruled[n - 1].column, ruled[n].column)
        for y0, y1 in pairwise(ys):
            if grouped and y0 == head_top:
                y0 = head_top + (first - head_top) * 0.38
            sheet.strokes.append(Stroke(x, y0, x, y1, width))


def _same_group(one: Column, other: Column) -> bool:
    return bool(one.group) and bool(other.group) and _same(one.group, other.group)


def _header(sheet: Sheet, printer: Printer, ruled: list[_Ruled], top: float, bottom: float) -> None:
    split = top + (bottom - top) * 0.38
    at = 0
    while at < len(ruled):
        group = ruled[at].column.group
        end = at + 1
        while end < len(ruled) and group and _same_group(ruled[at].column, ruled[end].column):
            end += 1
        if end - at > 1:
            x0, x1 = ruled[at].left, ruled[end - 1].right
            name = group[printer.variants[ruled[at].index] % len(group)]
            _wrapped(sheet, printer, name, (x0, x1), (top, split))
            for column in ruled[at:end]:
                sheet.strokes.append(
                    Stroke(column.left, split, column.right, split, printer.rule_width)
                )
                _wrapped(sheet, printer, column.text, (column.left, column.right), (split, bottom))
        else:
            column = ruled[at]
            _wrapped(sheet, printer, column.text, (column.left, column.right), (top, bottom))
        at = end


def _wrapped(
    sheet: Sheet,
    printer: Printer,
    text: str,
    span: tuple[float, float],
    level: tuple[float, float],
) -> None:
    """A heading in its box, broken into lines at words."""
    room = span[1] - span[0] - 1.2
    size = printer.size * 0.92

    def width(words: str) -> float:
        return text_width(words, printer.family, printer.bold_labels) * size

    while max(width(word) for word in text.split()) > room:
        size *= 0.95
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    step = min(size * 1.2, (level[1] - level[0] - 0.6) / len(lines))
    size = min(size, step / 1.05)
    y = (level[0] + level[1]) / 2 - step * (len(lines) - 1) / 2 + size * 0.34
    for n, line in enumerate(lines):
        sheet.labels.append(
            Label((span[0] + span[1]) / 2, y + n * step, line, size, printer.bold_labels, "m")
        )
