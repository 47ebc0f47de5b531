"""Labelled forms of all eras: acts with a margin, halves, boxes to tick, one or more a page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.fields import FIELDS, FieldType
from pipeline.form.schema import Item
from samples.eras.press import NEVER_JOINED, Press
from samples.lines_layout import ASCENT, DESCENT
from samples.sheet import Label, Sheet, Slot, Stroke, Tick, WritingLine, text_width

Area = tuple[float, float, float, float]
_NEED = {
    FieldType.NAME: 46.0,
    FieldType.DATE: 34.0,
    FieldType.DATE_WORDS: 88.0,
    FieldType.YEAR_OR_DATE: 26.0,
    FieldType.TIME: 22.0,
    FieldType.AGE: 15.0,
    FieldType.SEX: 13.0,
    FieldType.ETHNICITY: 15.0,
    FieldType.NATIONALITY: 21.0,
    FieldType.PLACE: 66.0,
    FieldType.NUMBER: 16.0,
    FieldType.IDENTITY: 27.0,
    FieldType.RELATION: 25.0,
    FieldType.OCCUPATION: 28.0,
    FieldType.TEXT: 28.0,
}
"""Writing width in millimetres that a field needs beside others on its line."""
_LEAST_PITCH = 6.1
_SIGNATURES = 15.0
_BOX = 3.0


@dataclass(frozen=True)
class Printed:
    """An item with its wording and the width it needs, label included."""

    item: Item
    text: str
    width: float
    need: float


@dataclass(frozen=True)
class Row:
    """Items side by side in one column; ``lines`` is the height."""

    items: tuple[Printed, ...]
    lines: int
    column: str
    ticks: bool = False


def act_sheet(press: Press) -> Sheet:
    """The printed sheet of a labelled form, one page."""
    printer, form = press.printer, press.form
    width, height = printer.paper
    sheet = Sheet(width, height)
    left, top, right, bottom = printer.margins
    x0 = left + (press.margin_width if press.margin_side == "left" else 0.0)
    x1 = width - right - (press.margin_width if press.margin_side == "right" else 0.0)
    y = _page_head(sheet, press, (x0, x1), top)
    room = (height - y - bottom) / form.entries
    rows = _tightest(press, x1 - x0, room)
    for block in range(form.entries):
        upper = y + block * room
        lower = upper + room - (4.0 if form.entries > 1 else 0.0)
        _entry(sheet, press, rows, (x0, upper, x1, lower))
        if block and not press.framed:
            line = upper - 2.0
            sheet.strokes.append(Stroke(left - 3, line, width - right + 3, line, 0.3))
    if printer.foot:
        sheet.labels.append(Label(width / 2, height - bottom / 2, "Trang số", printer.size * 0.8))
    return sheet


def _page_head(sheet: Sheet, press: Press, span: tuple[float, float], y: float) -> float:
    """State, office, code and, where it stands once a page, the title; returns where it ends."""
    size, width = press.printer.size, sheet.width
    middle = sum(span) / 2
    if press.code:
        sheet.labels.append(Label(width - 12, y - 3.5, press.code, size * 0.75, False, "r"))
    if press.state_title:
        at = middle if not press.office else span[0] + 0.7 * (span[1] - span[0])
        for n, line in enumerate(press.state_title):
            line_size = min(size, 0.9 * size * 78 / (size * text_width(line, press.printer.family)))
            sheet.labels.append(Label(at, y + 4 + n * 5, line, line_size, n == 0, "m"))
    if press.office:
        sheet.labels.append(Label(span[0], y + 4, press.office, size * 0.85, True))
        sheet.labels.append(Label(span[0], y + 9, "." * 24, size * 0.8))
    if press.state_title or press.office:
        y += 5 + 5 * max(len(press.state_title), 1 + bool(press.office))
    if not press.title_each:
        y = _title(sheet, press, middle, y, 1.45)
    return y + 1.5


def _title(sheet: Sheet, press: Press, x: float, y: float, share: float) -> float:
    size = press.printer.size * share
    sheet.labels.append(Label(x, y + size * 1.3, press.printer.heading, size, True, "m"))
    return y + size * 1.75


def _tightest(press: Press, width: float, room: float) -> list[Row]:
    """Rows as the press sets them; set closer where they would not fit the page."""
    room -= _block_extra(press)
    for level in (0, 1, 2):
        rows = _rows(press, width, level)
        if room / (_height(rows) + 0.4) >= _LEAST_PITCH:
            break
    return rows


def _block_extra(press: Press) -> float:
    title = press.printer.size * 2.2 if press.title_each else 0.0
    return title + (_SIGNATURES if press.signed else 0.0) + 5.0


def _rows(press: Press, width: float, level: int) -> list[Row]:
    rows: list[Row] = []
    printer = press.printer
    for index, item in enumerate(press.form.items):
        if item.column == "margin" or not _printed(press, item):
            continue
        text = printer.label(index, item.labels)
        if printer.colon and item.field:
            text += ":"
        printed = _measured(press, item, text, level)
        limit = width / 2 - 3 if item.column in ("left", "right") else width
        before = _last(rows, item.column)
        if before is not None and _may_join(press, before, printed, limit, level):
            joined = replace(before, items=(*before.items, printed))
            rows[rows.index(before)] = joined
        else:
            lines = max(1, item.lines - (level if item.field != "notes" else 1))
            lines = lines if level else item.lines
            rows.append(Row((printed,), lines, item.column, bool(item.ticks)))
    return rows


def _printed(press: Press, item: Item) -> bool:
    if not item.optional or item.ticks:
        return True
    return item.field in press.printer.present if item.field else press.printer.column_heads


def _measured(press: Press, item: Item, text: str, level: int) -> Printed:
    printer = press.printer
    width = text_width(text, printer.family, printer.bold_labels) * printer.size
    if item.ticks:
        return Printed(item, text, width, width + _BOX + 6.0)
    need = _NEED[FIELDS[item.field].type] if item.field else 0.0
    return Printed(item, text, width, width + printer.label_gap + need * (1 - 0.1 * level))


def _may_join(press: Press, before: Row, printed: Printed, limit: float, level: int) -> bool:
    item = printed.item
    if before.ticks != bool(item.ticks) or before.lines > 1:
        return False
    if not item.ticks:
        wanted = item.field in press.printer.joined
        closer = level > 0 and item.field not in NEVER_JOINED and item.lines <= level
        if not (wanted or closer) or item.lines > 1 + level or not before.items[0].item.field:
            return False
    gap = 2 * press.printer.label_gap
    return sum(p.need for p in before.items) + printed.need + gap * len(before.items) <= limit


def _last(rows: list[Row], column: str) -> Row | None:
    for row in reversed(rows):
        if row.column == column:
            return row
        if not row.column or not column:
            return None
    return None


def _height(rows: list[Row]) -> int:
    left = sum(row.lines for row in rows if row.column in ("", "left"))
    right = sum(row.lines for row in rows if row.column in ("", "right"))
    return max(left, right)


def _entry(sheet: Sheet, press: Press, rows: list[Row], area: Area) -> None:
    x0, y, x1, y1 = area
    slots: list[Slot] = []
    ticks: list[Tick] = []
    top = y
    if press.title_each:
        y = _title(sheet, press, (x0 + x1) / 2, y, 1.2)
    lower = y1 - (_SIGNATURES if press.signed else 0.0)
    pitch = min(press.printer.pitch, (lower - y) / (_height(rows) + 0.4))
    middle = (x0 + x1) / 2
    spans = {"": (x0, x1), "left": (x0, middle - 3), "right": (middle + 3, x1)}
    at = dict.fromkeys(spans, y)
    for row in rows:
        start = at[row.column] if row.column else max(at.values())
        _row(sheet, press, row, spans[row.column], start, pitch, (slots, ticks))
        end = start + row.lines * pitch
        at = {**at, row.column: end} if row.column else dict.fromkeys(spans, end)
    bottom = max(at.values())
    if press.signed and y1 - bottom > 9.0:
        _signatures(sheet, press, (x0, x1), bottom + 4.0, y1)
    if press.margin_side:
        _margin(sheet, press, (x0, top, x1, y1), pitch, slots)
    if press.framed:
        _frame(sheet, press, (x0, top, x1, y1))
    sheet.entries.append(tuple(slots))
    sheet.ticks.append(tuple(ticks))


def _row(
    sheet: Sheet,
    press: Press,
    row: Row,
    span: tuple[float, float],
    y: float,
    pitch: float,
    found: tuple[list[Slot], list[Tick]],
) -> None:
    printer = press.printer
    base = y + ASCENT * pitch
    gap = printer.label_gap
    spare = max(0.0, span[1] - span[0] - sum(p.need + gap for p in row.items) + gap)
    if row.items[0].item.field == "entry_number":
        # The number stands by itself: nobody draws its line over the page.
        spare = min(spare, 24.0)
    x = span[0]
    for n, printed in enumerate(row.items):
        last = n == len(row.items) - 1
        width = printed.need + spare * printed.need / sum(p.need for p in row.items)
        end = x + width if row.items[0].item.field == "entry_number" or not last else span[1]
        if printed.item.ticks:
            _tick(sheet, press, printed, x, base, found[1])
        elif not printed.item.field:
            middle = (span[0] + span[1]) / 2
            sheet.labels.append(Label(middle, base, printed.text, printer.size, True, "m"))
        else:
            _field(
                sheet,
                press,
                printed,
                (x, min(end, span[1])),
                base,
                (row.lines, pitch, span),
                found[0],
            )
        x = end + gap


def _field(
    sheet: Sheet,
    press: Press,
    printed: Printed,
    span: tuple[float, float],
    base: float,
    block: tuple[int, float, tuple[float, float]],
    slots: list[Slot],
) -> None:
    """A label, its leaders, and the slot they make."""
    printer = press.printer
    lines, pitch, whole = block
    sheet.labels.append(Label(span[0], base, printed.text, printer.size, printer.bold_labels))
    begin = span[0] + printed.width + printer.label_gap
    writing = [WritingLine(begin, span[1], base)]
    if span[1] - begin < 14 and lines > 1:
        writing = []
    writing += [WritingLine(whole[0], whole[1], base + n * pitch) for n in range(1, lines)]
    for line in writing:
        _leader(sheet, press, line)
    box = (
        min(line.x0 for line in writing),
        base - ASCENT * pitch,
        max(line.x1 for line in writing),
        base + (lines - 1 + DESCENT) * pitch,
    )
    slots.append(Slot(printed.item.field, box, tuple(writing)))


def _leader(sheet: Sheet, press: Press, line: WritingLine) -> None:
    printer = press.printer
    y = line.baseline + printer.leader_drop
    dots = printer.leader == "dots"
    width = printer.leader_width if dots else printer.leader_width * 0.5
    sheet.strokes.append(Stroke(line.x0, y, line.x1, y, width, "dots" if dots else "solid"))


def _tick(
    sheet: Sheet, press: Press, printed: Printed, x: float, base: float, ticks: list[Tick]
) -> None:
    box = (x, base - _BOX, x + _BOX, base)
    _rectangle(sheet, box, press.printer.rule_width)
    sheet.labels.append(Label(x + _BOX + 1.5, base, printed.text, press.printer.size * 0.92))
    ticks.append(Tick(printed.item.ticks, printed.item.choice, printed.text, box))


def _rectangle(sheet: Sheet, box: Area, width: float) -> None:
    x0, y0, x1, y1 = box
    for a in ((x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1)):
        sheet.strokes.append(Stroke(*a, width))


def _signatures(
    sheet: Sheet, press: Press, span: tuple[float, float], y: float, bottom: float
) -> None:
    old = press.era in ("FR", "T1", "764")
    captions = (
        ("Người khai", "Người làm chứng", "Hộ lại")
        if old
        else ("Người khai ký", "(Ký tên, đóng dấu)")
    )
    for n, caption in enumerate(captions):
        x = span[0] + (n + 0.5) / len(captions) * (span[1] - span[0])
        sheet.labels.append(Label(x, y, caption, press.printer.size * 0.85, anchor="m"))
        sheet.signatures.append((x, min(y + 7.0, bottom - 3.0)))


def _margin(sheet: Sheet, press: Press, area: Area, pitch: float, slots: list[Slot]) -> None:
    """The column for notes beside the whole entry."""
    item = next((n, i) for n, i in enumerate(press.form.items) if i.column == "margin")
    x0, top, x1, bottom = area
    edge = x0 - 3.0 if press.margin_side == "left" else x1 + 3.0
    outer = (
        edge - press.margin_width + 2.0
        if press.margin_side == "left"
        else edge + press.margin_width - 2.0
    )
    left, right = min(edge, outer), max(edge, outer)
    sheet.strokes.append(Stroke(edge, top, edge, bottom, press.printer.rule_width))
    text = press.printer.label(item[0], item[1].labels)
    size = press.printer.size * 0.9
    size = min(size, size * (right - left - 2) / (text_width(text, press.printer.family) * size))
    sheet.labels.append(Label((left + right) / 2, top + 5.0, text, size, False, "m"))
    first = top + 5.0 + pitch
    count = max(1, int((bottom - first) / pitch))
    lines = tuple(
        WritingLine(left + 1.5, right - 1.5, first + n * pitch) for n in range(min(count, 8))
    )
    slots.append(Slot(item[1].field, (left, top + 6.5, right, bottom), lines))


def _frame(sheet: Sheet, press: Press, area: Area) -> None:
    x0, top, x1, bottom = area
    pad = 2.5
    width = press.margin_width if press.margin_side else 0.0
    left = x0 - pad - (width if press.margin_side == "left" else 0.0)
    right = x1 + pad + (width if press.margin_side == "right" else 0.0)
    _rectangle(sheet, (left, top - 1.0, right, bottom + 1.0), press.printer.rule_width * 1.4)


def spread(left: Sheet, right: Sheet) -> Sheet:
    """Two pages side by side, scanned in one shot."""
    dx = left.width
    both = Sheet(left.width + right.width, left.height, gutter=dx)
    both.labels = left.labels + [replace(label, x=label.x + dx) for label in right.labels]
    both.strokes = left.strokes + [replace(s, x0=s.x0 + dx, x1=s.x1 + dx) for s in right.strokes]
    both.signatures = left.signatures + [(x + dx, y) for x, y in right.signatures]
    both.entries = left.entries + [
        tuple(moved_slot(slot, dx, 0.0) for slot in slots) for slots in right.entries
    ]
    both.ticks = left.ticks + [
        tuple(replace(tick, box=_moved(tick.box, dx, 0.0)) for tick in ticks)
        for ticks in right.ticks
    ]
    return both


def _moved(box: Area, dx: float, dy: float) -> Area:
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def moved_slot(slot: Slot, dx: float, dy: float) -> Slot:
    """A slot elsewhere on the paper."""
    lines = tuple(WritingLine(w.x0 + dx, w.x1 + dx, w.baseline + dy) for w in slot.lines)
    return replace(slot, box=_moved(slot.box, dx, dy), lines=lines)
