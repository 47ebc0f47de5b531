"""Fills a printed page in one hand: values, ticks, signatures, stamps, and entries struck out."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from samples.chance import often
from samples.clerk import BLANK, Written
from samples.eras.events import Entry
from samples.eras.press import Press
from samples.marks import signature, stamp, strike
from samples.pen import Hand, Mask, write
from samples.sheet import MM_PER_INCH, Sheet, Slot, Tick, WritingLine
from samples.warp import Warp

_USUAL = ("Đúng hạn", "Lần đầu")
STROKE = "〃"
"""Stands for a stroke down the column through all cells that repeat the one above."""
_CORRECTED = 0.03


@dataclass(frozen=True)
class Row:
    """One entry as it is written: its values, the boxes ticked, whether it is crossed out."""

    values: Entry
    ticked: frozenset[str] = frozenset()
    voided: bool = False
    corrected: tuple[str, str] = ("", "")
    """A field and what was first written there, struck through; the right text stands above."""


def draw_row(rng: random.Random, values: Entry, ticks: tuple[Tick, ...], void_share: float) -> Row:
    """What the clerk ticks for an entry, and whether it was crossed out as void."""
    choices = [tick.choice for tick in ticks]
    usual = next((choice for choice in choices if choice in _USUAL), "")
    ticked: frozenset[str] = frozenset()
    if choices and often(rng, 0.92):
        ticked = frozenset([usual if often(rng, 0.8) else rng.choice(choices)])
    return Row(values, ticked, often(rng, void_share), _corrected(rng, values))


def _corrected(rng: random.Random, values: Entry) -> tuple[str, str]:
    """A name that was first written wrongly: with another last word."""
    names = [
        name
        for name, written in values.items()
        if name.endswith("full_name") and written.state == "written" and " " in written.literal
    ]
    if not names or not often(rng, _CORRECTED):
        return ("", "")
    name = rng.choice(names)
    first, _, last = values[name].literal.rpartition(" ")
    others = [word for word in ("Hoa", "Bình", "Tâm", "Lan", "Sơn", "Hòa") if word != last]
    return (name, f"{first} {rng.choice(others)}")


def written_in(slot: Slot, row: Entry, press: Press) -> Written:
    """What the clerk writes in a slot; the printed label has a say in it."""
    index = next(n for n, part in enumerate(press.form.parts) if part.field == slot.field)
    label = press.printer.label(index, press.form.parts[index].labels)
    written = row.get(slot.field, BLANK)
    if slot.field.endswith("_age") and label.startswith("Năm sinh"):
        return row.get(slot.field.replace("_age", "_year"), BLANK)
    if slot.field == "sex" and "trai" in label and written.literal:
        return replace(written, literal="Con trai" if written.value == "Nam" else "Con gái")
    if slot.field == "sex" and "Đàn ông" in label and written.literal:
        return replace(written, literal="Đàn ông" if written.value == "Nam" else "Đàn bà")
    if label.rstrip(":").split(" (")[0].endswith(("ngày", "tây", "ta", "ngày ta")):
        return replace(written, literal=written.literal.removeprefix("ngày "))
    return written


def fill_page(
    writing: Mask,
    sheet: Sheet,
    rows: list[Row],
    press: Press,
    hand: Hand,
    dpi: float,
    rng: random.Random,
    office: str,
) -> None:
    """Write all rows into the sheet's slots, and what else the office puts on them."""
    for n, (slots, row) in enumerate(zip(sheet.entries, rows, strict=False)):
        for slot in slots:
            written = written_in(slot, row.values, press)
            if not written.literal or written.literal == STROKE:
                continue
            if slot.field == row.corrected[0]:
                correct(writing, slot, (row.corrected[1], written.literal), hand, dpi, rng)
                continue
            for span in write(writing, slot, written.literal, hand, dpi, rng):
                if written.state == "struck":
                    strike(writing, (span.x0, span.x1), span.baseline - 0.25 * span.size, dpi, rng)
        for tick in sheet.ticks[n] if n < len(sheet.ticks) else ():
            if tick.choice in row.ticked:
                tick_off(writing, tick, dpi, rng)
        if row.voided:
            cross(writing, outline(slots), dpi, rng, margin=1.5)
    for run in _runs(sheet, rows, press):
        _stroke_down(writing, run, dpi, rng)
    per_entry = len(sheet.signatures) // max(1, len(sheet.entries))
    for n, (x, y) in enumerate(sheet.signatures[: per_entry * len(rows)]):
        signature(writing, (x + rng.uniform(-4, 4), y + rng.uniform(-2, 2)), dpi, rng)
        if (n + 1) % per_entry == 0 and office:
            centre = (x - 6 + rng.uniform(-4, 4), y + rng.uniform(-2, 3))
            stamp(writing, centre, office, press.printer.family, dpi, rng.randint(70, 120))


def correct(
    mask: Mask,
    slot: Slot,
    texts: tuple[str, str],
    hand: Hand,
    dpi: float,
    rng: random.Random,
    raised: float = 0.62,
) -> None:
    """The wrong text struck through, the right one small above it, ``raised`` ems of the hand."""
    wrong, right = texts
    for span in write(mask, slot, wrong, hand, dpi, rng):
        strike(mask, (span.x0, span.x1), span.baseline - 0.25 * span.size, dpi, rng)
    line = slot.lines[0]
    over = WritingLine(line.x0 + 2.0, line.x1, line.baseline - raised * hand.size)
    above = replace(slot, lines=(over,), centred=False)
    write(mask, above, right, replace(hand, size=0.72 * hand.size), dpi, rng)


def _runs(sheet: Sheet, rows: list[Row], press: Press) -> list[list[Slot]]:
    """Cells under one another that a stroke goes through, column by column."""
    runs: dict[str, list[list[Slot]]] = {}
    last: dict[str, int] = {}
    for n, (slots, row) in enumerate(zip(sheet.entries, rows, strict=False)):
        for slot in slots:
            if written_in(slot, row.values, press).literal != STROKE:
                continue
            own = runs.setdefault(slot.field, [])
            if last.get(slot.field) == n - 1:
                own[-1].append(slot)
            else:
                own.append([slot])
            last[slot.field] = n
    return [run for own in runs.values() for run in own]


def _stroke_down(mask: Mask, run: list[Slot], dpi: float, rng: random.Random) -> None:
    x0, x1 = run[0].box[0], run[0].box[2]
    x = x0 + rng.uniform(0.35, 0.65) * (x1 - x0)
    height = run[-1].box[3] - run[0].box[1]
    top, bottom = run[0].box[1] + 1.5, run[-1].box[3] - 2.0
    bow = rng.uniform(-0.02, 0.02) * height
    points = [
        (x + bow * float(np.sin(np.pi * t)), top + (bottom - top) * t)
        for t in np.linspace(0, 1, 25)
    ]
    _pen(mask, points, 0.35, dpi, 225)


def tick_off(mask: Mask, tick: Tick, dpi: float, rng: random.Random) -> None:
    """A tick or a cross in a box, larger than the box as ticks are."""
    x0, y0, x1, y1 = tick.box
    size = x1 - x0
    jitter = [rng.uniform(-0.12, 0.12) * size for _ in range(8)]
    if often(rng, 0.5):
        points = [
            [
                (x0 + jitter[0], y0 + 0.5 * size),
                (x0 + 0.4 * size, y1 + jitter[1]),
                (x1 + 0.5 * size, y0 - 0.5 * size),
            ]
        ]
    else:
        points = [
            [(x0 + jitter[2], y0 + jitter[3]), (x1 + jitter[4], y1 + jitter[5])],
            [(x1 + jitter[6], y0 + jitter[7]), (x0 + jitter[0], y1 + jitter[1])],
        ]
    for line in points:
        _pen(mask, line, 0.45, dpi, 240)


def cross(
    mask: Mask,
    box: tuple[float, float, float, float],
    dpi: float,
    rng: random.Random,
    *,
    margin: float = 8.0,
    both: bool | None = None,
) -> None:
    """One or two pen strokes from corner to corner of a box."""
    x0, y0, x1, y1 = box[0] + margin, box[1] + margin, box[2] - margin, box[3] - margin
    lines = [((x0, y1), (x1, y0))]
    if both if both is not None else often(rng, 0.5):
        lines.append(((x0, y0), (x1, y1)))
    for a, b in lines:
        share = np.linspace(0, 1, 30)
        bow = rng.uniform(-0.012, 0.012) * (x1 - x0)
        points = [
            (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + bow * np.sin(np.pi * t))
            for t in share
        ]
        _pen(mask, points, rng.uniform(0.4, 0.7), dpi, 230)


def _pen(
    mask: Mask, points: list[tuple[float, float]], width: float, dpi: float, tone: int
) -> None:
    scale = dpi / MM_PER_INCH
    pixels = np.round(np.array(points) * scale * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(mask, [pixels], False, tone, max(1, round(width * scale)), cv2.LINE_AA, 4)


def outline(slots: tuple[Slot, ...]) -> tuple[float, float, float, float]:
    """The box around all slots of an entry."""
    return (
        min(slot.box[0] for slot in slots),
        min(slot.box[1] for slot in slots),
        max(slot.box[2] for slot in slots),
        max(slot.box[3] for slot in slots),
    )


def polygon_of(box: tuple[float, float, float, float], warp: Warp, dpi: float) -> list[list[float]]:
    """Where a box of the paper lies in the scan: four corners in pixels."""
    left, top, right, bottom = box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    points = warp.forward(corners * dpi / MM_PER_INCH)
    return [[round(float(x), 1), round(float(y), 1)] for x, y in points]


def entry_truth(
    sheet: Sheet, n: int, row: Row, press: Press, hand: Hand, warp: Warp, dpi: float
) -> dict[str, Any]:
    """The truth of one entry: fields, and where it applies ticks and that it is void."""
    fields = []
    for slot in sheet.entries[n]:
        written = written_in(slot, row.values, press)
        one: dict[str, Any] = {
            "field": slot.field,
            "literal": written.literal,
            "value": written.value,
            "state": written.state,
            "hand": hand.name,
            "polygon": polygon_of(slot.box, warp, dpi),
        }
        if slot.field == row.corrected[0] and written.literal:
            one["struck"] = row.corrected[1]
        fields.append(one)
    truth: dict[str, Any] = {"number": row.values["entry_number"].value, "fields": fields}
    ticks = sheet.ticks[n] if n < len(sheet.ticks) else ()
    if ticks:
        truth["ticks"] = [
            {
                "field": tick.field,
                "choice": tick.choice,
                "label": tick.label,
                "ticked": tick.choice in row.ticked,
                "polygon": polygon_of(tick.box, warp, dpi),
            }
            for tick in ticks
        ]
    if row.voided:
        truth["voided"] = True
    return truth
