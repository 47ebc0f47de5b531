"""Ledgers of all eras: printed ones, and pages ruled and headed by hand in an exercise book."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from samples.chance import stream
from samples.eras.press import Press
from samples.ledger_layout import ledger_sheet
from samples.sheet import Label, Sheet, Slot, Stroke, WritingLine

Shift = Callable[[float], float]


def ruled_sheet(press: Press, page: int = 0) -> Sheet:
    """The sheet of a ledger: an opening, or one landscape page.

    A press prints every page alike; whoever rules by hand measures anew on each ``page``.
    """
    sheet = ledger_sheet(press.form, press.printer)
    _top(sheet, press)
    if not press.home_ruled:
        return sheet
    names = ("ruler", press.printer.seed, press.form.form)
    return _by_hand(sheet, stream(*names), stream(*names, page))


def _top(sheet: Sheet, press: Press) -> None:
    """State and code above the table, small: the heading takes the middle."""
    y = press.printer.margins[1] - 6.0
    size = press.printer.size * 0.85
    page = sheet.width / 2 if sheet.gutter else sheet.width
    if press.state_title:
        sheet.labels.append(Label(page / 2, y, press.state_title[0], size, True, "m"))
    if press.office:
        sheet.labels.append(Label(press.printer.margins[0], y + 5, press.office, size))
    if press.code:
        sheet.labels.append(Label(sheet.width - 12, y, press.code, size, False, "r"))


def _by_hand(sheet: Sheet, book: random.Random, page: random.Random) -> Sheet:
    """Uneven columns and rows, rules that tremble, lean and run over their corner.

    Most of the unevenness is the book's, the plan its clerk had; a little is the page's.
    """
    uprights = sorted({round(s.x0, 2) for s in sheet.strokes if s.x0 == s.x1})
    levels = sorted({round(s.y0, 2) for s in sheet.strokes if s.y0 == s.y1})
    across = _uneven(uprights, (book, page), (0.09, 0.02), page.uniform(-2.5, 2.5))
    down = _uneven(levels, (book, page), (0.05, 0.04), page.uniform(-3.0, 3.0))
    ruled = Sheet(sheet.width, sheet.height, gutter=sheet.gutter, spine=sheet.spine)
    ruled.labels = [replace(label, x=across(label.x), y=down(label.y)) for label in sheet.labels]
    ruled.entries = [tuple(_slot(slot, across, down) for slot in slots) for slots in sheet.entries]
    ruled.ticks = sheet.ticks
    ruled.strokes = [*_lines(sheet, across, down, page)]
    return ruled


def _uneven(
    edges: list[float],
    dice: tuple[random.Random, random.Random],
    shares: tuple[float, float],
    aside: float,
) -> Shift:
    """A map that moves all by ``aside`` and each inner edge by up to a share of the gaps there."""
    moved = list(edges)
    for n in range(1, len(edges) - 1):
        room = min(edges[n] - edges[n - 1], edges[n + 1] - edges[n])
        if room > 4.0:
            for rng, share in zip(dice, shares, strict=True):
                moved[n] += rng.uniform(-share, share) * room
    xs, ys = np.array(edges), np.array(moved) + aside

    def shift(value: float) -> float:
        return float(value + np.interp(value, xs, ys - xs))

    return shift


def _slot(slot: Slot, across: Shift, down: Shift) -> Slot:
    x0, y0, x1, y1 = slot.box
    box = (across(x0), down(y0), across(x1), down(y1))
    middle = (box[1] + box[3]) / 2 - (y0 + y1) / 2
    lines = tuple(
        WritingLine(box[0] + (w.x0 - x0), box[2] - (x1 - w.x1), w.baseline + middle)
        for w in slot.lines
    )
    return replace(slot, box=box, lines=lines)


def _lines(sheet: Sheet, across: Shift, down: Shift, rng: random.Random) -> list[Stroke]:
    """Each rule in one stroke of the pen, a little aslant."""
    rules: dict[tuple[str, float, int], list[Stroke]] = {}
    for stroke in sheet.strokes:
        upright = stroke.x0 == stroke.x1
        place = stroke.x0 if upright else stroke.y0
        page = int(sheet.gutter is not None and (stroke.x0 + stroke.x1) / 2 > sheet.gutter)
        rules.setdefault(("x" if upright else "y", round(place, 2), page), []).append(stroke)
    drawn = []
    for (axis, place, _), pieces in rules.items():
        width = rng.uniform(0.18, 0.34)
        lean = (rng.gauss(0, 0.22), rng.gauss(0, 0.22))
        over = (rng.uniform(-0.4, 2.0), rng.uniform(-0.4, 2.0))
        if axis == "x":
            ends = (min(s.y0 for s in pieces), max(s.y1 for s in pieces))
            x = across(place)
            line = (x + lean[0], down(ends[0]) - over[0], x + lean[1], down(ends[1]) + over[1])
        else:
            ends = (min(s.x0 for s in pieces), max(s.x1 for s in pieces))
            y = down(place)
            line = (across(ends[0]) - over[0], y + lean[0], across(ends[1]) + over[1], y + lean[1])
        drawn.append(Stroke(*line, width, "hand"))
    return drawn
