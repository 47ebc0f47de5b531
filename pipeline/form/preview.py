"""A form drawn from its file alone: how the page is understood, before any book is scanned.

Schematic: labels in their order and halves, fields behind them by name. OpenCV's built-in
font writes Vietnamese, so no font of the machine is needed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.fields import FIELDS
from pipeline.form.preview_ledger import draw_ledger
from pipeline.form.preview_paper import FAINT, INK, PEN, Paper
from pipeline.form.schema import Form, Item

_WIDE, _HIGH = 210.0, 297.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 18.0, 12.0, 26.0, 10.0
_MARGIN = 34.0
"""Width of a column for marginal notes."""
_SIZE, _PITCH = 3.4, 8.6


def draw_form(form: Form, *, dpi: float = 110.0) -> NDArray[np.uint8]:
    """The form as a picture, shape (height, width, 3), blue first as OpenCV has it.

    Black is what is printed (the usual wording of each label), blue the name of the field
    written there, grey what a printer may leave out.
    """
    size = (_WIDE, _HIGH) if form.layout == "lines" else (420.0, _HIGH)
    paper = Paper(*size, dpi)
    _head(paper, form)
    if form.layout == "ledger":
        draw_ledger(paper, form, _TOP)
    else:
        _draw_lines(paper, form)
    return paper.picture


def _head(paper: Paper, form: Form) -> None:
    middle = paper.width / (4 if form.opening else 2)
    title = form.state_titles[0].split(" / ")[0] if form.state_titles else ""
    paper.text(middle, 9.0, title, 3.0, centred=True)
    if form.codes:
        paper.text(paper.width - 12.0 - paper.wide(form.codes[0], 2.6), 9.0, form.codes[0], 2.6)
    paper.text(12.0, 9.0, f"{form.form} · {form.provenance}", 2.6, PEN)
    heading = form.headings[0] if form.headings else form.name
    paper.text(middle, 17.5, heading, 5.6, centred=True)


def _draw_lines(paper: Paper, form: Form) -> None:
    """Entry blocks one under another, each with its halves and its margin."""
    margin = margin_side(form)
    left = _LEFT + (_MARGIN if margin == "left" else 0.0)
    right = _WIDE - _RIGHT - (_MARGIN if margin == "right" else 0.0)
    room = (_HIGH - _TOP - _BOTTOM) / form.entries
    pitch = min(_PITCH, (room - 4.0) / max(1, _height(form)))
    for block in range(form.entries):
        top = _TOP + block * room
        if block:
            paper.rule((12.0, top - 1.0), (_WIDE - 8.0, top - 1.0))
        if margin:
            x = left - 3.0 if margin == "left" else right + 3.0
            paper.rule((x, top), (x, top + room - 3.0))
        _draw_block(paper, form, (left, right), top, pitch)


def margin_side(form: Form) -> str:
    """Where the column for notes usually stands: ``left`` where its item is the first."""
    at = [n for n, item in enumerate(form.items) if item.column == "margin"]
    return "" if not at else "left" if at[0] == 0 else "right"


def _height(form: Form) -> int:
    """Lines of one entry block; halves stand side by side, ticks three to a line."""
    rows = {"": 0, "left": 0, "right": 0}
    ticks = sum(bool(item.ticks) for item in form.items)
    for item in form.items:
        if item.column != "margin" and not item.ticks:
            rows[item.column] += item.lines
    return rows[""] + max(rows["left"], rows["right"]) + -(-ticks // 2)


def _draw_block(
    paper: Paper, form: Form, span: tuple[float, float], top: float, pitch: float
) -> None:
    middle = sum(span) / 2
    spans = {"": span, "left": (span[0], middle - 2), "right": (middle + 2, span[1])}
    at = dict.fromkeys(spans, top)
    boxes = 0
    for item in form.items:
        if item.column == "margin":
            beside = (12.0, span[0] - 5.0)
            if margin_side(form) == "right":
                beside = (span[1] + 5.0, paper.width - 8.0)
            _draw_item(paper, item, beside, top, pitch)
            continue
        if item.ticks:
            start = max(at.values()) - (pitch if boxes % 2 else 0.0)
            x = (span[0], middle)[boxes % 2]
            _draw_box(paper, item, (x, span[1] if boxes % 2 else middle), start + 0.75 * pitch)
            boxes += 1
            at = dict.fromkeys(spans, start + pitch)
            continue
        start = at[item.column] if item.column else max(at.values())
        _draw_item(paper, item, spans[item.column], start, pitch)
        end = start + item.lines * pitch
        at = {**at, item.column: end} if item.column else dict.fromkeys(spans, end)


def _draw_item(
    paper: Paper, item: Item, span: tuple[float, float], top: float, pitch: float
) -> None:
    """A label, the dotted lines behind and below it, the field's name on them."""
    colour = FAINT if item.optional else INK
    base = top + 0.72 * pitch
    size = min(_SIZE, 0.55 * pitch)
    if not item.field:
        paper.text(sum(span) / 2, base, item.labels[0], size, colour, centred=True)
        return
    x = paper.fitted(span[0], base, item.labels[0], size, 0.7 * (span[1] - span[0]), colour) + 1.5
    for line in range(item.lines):
        begin = x if line == 0 else span[0]
        paper.dots((begin, span[1]), base + line * pitch + 0.6)
    label = FIELDS[item.field].label
    paper.fitted(x + 0.5, base, f"{item.field} · {label}", 0.7 * size, span[1] - x - 1, PEN)


def _draw_box(paper: Paper, item: Item, span: tuple[float, float], base: float) -> None:
    """A box to tick with its label."""
    x, room = span[0], span[1] - span[0] - 5.0
    corners = ((x, base - 3.0), (x + 3.0, base - 3.0), (x + 3.0, base), (x, base))
    for a, b in zip(corners, (*corners[1:], corners[0]), strict=True):
        paper.rule(a, b)
    end = paper.fitted(
        x + 4.5, base, item.labels[0], 3.0, 0.6 * room, FAINT if item.optional else INK
    )
    paper.fitted(end + 1.5, base, f"= {item.choice}", 2.3, span[1] - end - 3.0, PEN)


def write_form(form: Form, path: str) -> bool:
    """Draw a form into a picture file; False where it cannot be written there."""
    try:
        return bool(cv2.imwrite(path, draw_form(form)))
    except cv2.error:
        return False
