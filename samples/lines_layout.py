"""Forms of labels and dotted lines: one or two entries a page, some items in two columns."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.form.schema import Form, Item
from samples.printer import Printer
from samples.sheet import Label, Sheet, Slot, Stroke, WritingLine, text_width

STATE_TITLE = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
NARROW = {
    "sex": 16.0,
    "father_birth_date": 34.0,
    "mother_birth_date": 34.0,
    "book_number": 28.0,
    "death_time": 30.0,
    "declarant_relation": 30.0,
}
"""Writing width of a field that stands second on its line; others take half of it."""
WRITTEN = {
    "child_full_name": 62.0,
    "deceased_full_name": 62.0,
    "father_full_name": 50.0,
    "mother_full_name": 50.0,
    "declarant_full_name": 50.0,
    "death_date": 52.0,
    "entry_number": 15.0,
}
"""Writing width that a field needs although another follows on its line."""
ASCENT, DESCENT = 0.75, 0.25
"""Height of a field above and below its baseline, in line pitches."""


@dataclass(frozen=True)
class _Printed:
    item: Item
    text: str


@dataclass(frozen=True)
class _Row:
    """Items side by side on one line of one column; ``lines`` is the height."""

    items: tuple[_Printed, ...]
    lines: int
    column: str


def lines_sheet(form: Form, printer: Printer) -> Sheet:
    """The printed sheet of a labelled form."""
    width, height = printer.paper
    sheet = Sheet(width, height)
    left, top, right, bottom = printer.margins
    rows = _rows(form, printer)
    room = (height - top - bottom) / form.entries
    for block in range(form.entries):
        y = top + block * room
        lower = y + room - (5.0 if form.entries > 1 else 0.0)
        _entry(sheet, form, printer, rows, (left, y, width - right, lower))
        if block:
            middle = y - 2.5
            sheet.strokes.append(Stroke(left - 4, middle, width - right + 4, middle, 0.3))
    if printer.foot:
        sheet.labels.append(
            Label(width / 2, height - bottom / 2, "Trang số", printer.size * 0.8, anchor="m")
        )
    return sheet


def _rows(form: Form, printer: Printer) -> list[_Row]:
    """Which items this printer has, in lines."""
    rows: list[_Row] = []
    for index, item in enumerate(form.items):
        if item.optional and item.field and item.field not in printer.present:
            continue
        if item.optional and not item.field and not printer.column_heads:
            continue
        text = printer.label(index, item.labels)
        if printer.colon and item.field:
            text += ":"
        lines = item.lines
        if item.field in printer.short_blocks:
            lines -= 1
        printed = _Printed(item, text)
        before = _last_of(rows, item.column)
        if (
            item.field in printer.joined
            and before is not None
            and before.lines == 1
            and len(before.items) == 1
            and lines == 1
            and _fits(printer, before.items[0], printed)
        ):
            rows[rows.index(before)] = _Row((*before.items, printed), 1, item.column)
        else:
            rows.append(_Row((printed,), lines, item.column))
    return rows


def _fits(printer: Printer, first: _Printed, second: _Printed) -> bool:
    """Whether two items share a line and leave the first enough of it to write on."""
    left, _, right, _ = printer.margins
    room = printer.paper[0] - left - right
    if first.item.column:
        room = room / 2 - 3
    labels = sum(
        text_width(printed.text, printer.family, printer.bold_labels) for printed in (first, second)
    )
    least = WRITTEN.get(first.item.field, 18.0) + NARROW.get(second.item.field, 20.0)
    return labels * printer.size + 3 * printer.label_gap + least <= room


def _last_of(rows: list[_Row], column: str) -> _Row | None:
    """The row that an item of ``column`` could join: the last one, seen past the other column."""
    for row in reversed(rows):
        if row.column == column:
            return row
        if not row.column or not column:
            return None
    return None


def _height(rows: list[_Row]) -> int:
    left = sum(row.lines for row in rows if row.column in ("", "left"))
    right = sum(row.lines for row in rows if row.column in ("", "right"))
    return max(left, right)


def _entry(
    sheet: Sheet,
    form: Form,
    printer: Printer,
    rows: list[_Row],
    area: tuple[float, float, float, float],
) -> None:
    x0, y, x1, y1 = area
    number = [row for row in rows if row.items[0].item.field in ("entry_number", "book_number")]
    rest = rows[len(number) :]
    small = form.entries > 1
    title_height = (9.0 if small else 12.0) + (14.0 if printer.state_title and not small else 0.0)
    pitch = min(printer.pitch, (y1 - y - title_height) / (_height(rows) + 0.5))
    slots: list[Slot] = []
    if printer.number_on_top:
        y = _place(sheet, slots, printer, number, (x0, x0 + 0.62 * (x1 - x0)), y, pitch)
        y = _title(sheet, printer, (x0, x1), y, small)
    else:
        y = _title(sheet, printer, (x0, x1), y, small)
        centre = (x0 + x1) / 2
        y = _place(sheet, slots, printer, number, (centre - 52, centre + 52), y, pitch)
    y = _place(sheet, slots, printer, rest, (x0, x1), y, pitch)
    if form.entries == 1 and y1 - y > 42:
        _signatures(sheet, printer, (x0, x1), y + 8)
    sheet.entries.append(tuple(slots))


def _signatures(sheet: Sheet, printer: Printer, span: tuple[float, float], y: float) -> None:
    """Places to sign below the entry, where the page has room for them."""
    for share, caption in ((0.22, "(Ký, ghi rõ họ tên)"), (0.76, "(Ký tên, đóng dấu)")):
        x = span[0] + share * (span[1] - span[0])
        sheet.labels.append(Label(x, y, caption, printer.size * 0.85, anchor="m"))
        sheet.signatures.append((x, y + 15))


def _title(
    sheet: Sheet, printer: Printer, span: tuple[float, float], y: float, small: bool
) -> float:
    centre = (span[0] + span[1]) / 2
    if printer.state_title and not small:
        for text in STATE_TITLE:
            y += 6.0
            sheet.labels.append(Label(centre, y, text, printer.size, True, "m"))
        y += 2.0
    size = printer.size * (1.2 if small else 1.5)
    y += size * 1.35
    sheet.labels.append(Label(centre, y, printer.heading, size, True, "m"))
    return y + size * 0.7


def _place(
    sheet: Sheet,
    slots: list[Slot],
    printer: Printer,
    rows: list[_Row],
    span: tuple[float, float],
    y: float,
    pitch: float,
) -> float:
    """Put rows under one another from ``y``; returns where the next line may begin."""
    middle = (span[0] + span[1]) / 2
    spans = {"": span, "left": (span[0], middle - 3), "right": (middle + 3, span[1])}
    at = {"": y, "left": y, "right": y}
    for row in rows:
        start = max(at.values()) if row.column == "" else max(at[row.column], at[""])
        _row(sheet, slots, printer, row, spans[row.column], start, pitch)
        at[row.column] = start + row.lines * pitch
        if row.column == "":
            at["left"] = at["right"] = at[""]
    return max(at.values())


def _row(
    sheet: Sheet,
    slots: list[Slot],
    printer: Printer,
    row: _Row,
    span: tuple[float, float],
    y: float,
    pitch: float,
) -> None:
    baseline = y + ASCENT * pitch
    bold = printer.bold_labels
    widths = [text_width(p.text, printer.family, bold) * printer.size for p in row.items]
    starts = [span[0]]
    if len(row.items) == 2:
        second = row.items[1].item.field
        room = NARROW.get(second, 0.0)
        half = (span[0] + span[1]) / 2
        starts.append(span[1] - room - widths[1] - 2 * printer.label_gap if room else half)
    for index, printed in enumerate(row.items):
        start, width = starts[index], widths[index]
        last = index == len(row.items) - 1
        end = span[1] if last else starts[index + 1] - printer.label_gap
        if not printed.item.field:
            centre = (span[0] + span[1]) / 2
            sheet.labels.append(Label(centre, baseline, printed.text, printer.size, True, "m"))
            continue
        sheet.labels.append(Label(start, baseline, printed.text, printer.size, bold))
        begin = start + width + printer.label_gap
        if end - begin < 14 and row.lines > 1:
            begin = end  # a label as long as its line: writing starts on the next
        lines = [WritingLine(begin, end, baseline)] if begin < end else []
        lines += [WritingLine(span[0], span[1], baseline + n * pitch) for n in range(1, row.lines)]
        for line in lines:
            _leader(sheet, printer, line)
        slots.append(
            Slot(printed.item.field, _box(lines, baseline, row.lines, pitch), tuple(lines))
        )


def _box(
    lines: list[WritingLine], baseline: float, count: int, pitch: float
) -> tuple[float, float, float, float]:
    return (
        min(line.x0 for line in lines),
        baseline - ASCENT * pitch,
        max(line.x1 for line in lines),
        baseline + (count - 1 + DESCENT) * pitch,
    )


def _leader(sheet: Sheet, printer: Printer, line: WritingLine) -> None:
    y = line.baseline + printer.leader_drop
    style = "dots" if printer.leader == "dots" else "solid"
    width = printer.leader_width if style == "dots" else printer.leader_width * 0.5
    sheet.strokes.append(Stroke(line.x0, y, line.x1, y, width, style))
