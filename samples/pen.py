"""Ink on paper: draws a sheet's print and a clerk's writing as coverage masks.

A mask is uint8, 255 where ink covers the paper wholly. Print and writing are kept apart
because they fade differently.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.chance import often
from samples.fonts import face
from samples.sheet import MM_PER_INCH, Sheet, Slot, Stroke, WritingLine, text_width

Mask = NDArray[np.uint8]
_SHIFT = 4


@dataclass(frozen=True)
class Hand:
    """What a book is filled with: ``kind`` print, type or hand; letters ``size`` mm em."""

    kind: str
    family: str
    size: float
    darkness: float
    slant: float = 0.0
    wobble: float = 0.0
    lift: float = 0.0
    """How far above the printed line this hand writes, mm."""
    shift: tuple[float, float] = (0.0, 0.0)
    """How far a whole page's writing sits beside its lines, mm right and down."""

    @property
    def name(self) -> str:
        """As ground truth names it: ``print``, ``type`` or ``hand:<family>``."""
        return f"hand:{self.family}" if self.kind == "hand" else self.kind


class Span(NamedTuple):
    """One line of writing: from ``x0`` to ``x1`` on ``baseline``, letters of ``size`` (mm)."""

    x0: float
    x1: float
    baseline: float
    size: float


DITTO_MARKS = ('"', "nt", "-nt-", "như trên")
"""Marks for "as above", which stand in the middle of a column."""


def blank_mask(sheet: Sheet, dpi: float) -> Mask:
    """An empty mask of the sheet's size."""
    scale = dpi / MM_PER_INCH
    return np.zeros((round(sheet.height * scale), round(sheet.width * scale)), np.uint8)


def draw_print(
    sheet: Sheet, family: str, dpi: float, rng: random.Random, broken: float
) -> tuple[Mask, Mask]:
    """Printed text and printed strokes, each its mask; ``broken`` of the segments are missing."""
    scale = dpi / MM_PER_INCH
    text = Image.fromarray(blank_mask(sheet, dpi))
    draw = ImageDraw.Draw(text)
    for label in sheet.labels:
        draw.text(
            (label.x * scale, label.y * scale),
            label.text,
            fill=255,
            font=face(family, label.size * scale, label.bold),
            anchor=f"{label.anchor}s",
        )
    strokes = blank_mask(sheet, dpi)
    for stroke in sheet.strokes:
        _stroke(strokes, stroke, scale, rng, broken)
    return np.asarray(text).copy(), strokes


def _stroke(mask: Mask, stroke: Stroke, scale: float, rng: random.Random, broken: float) -> None:
    length = math.hypot(stroke.x1 - stroke.x0, stroke.y1 - stroke.y0)
    if stroke.style == "hand":
        _drawn(mask, stroke, scale, rng)
        return
    # A cell edge is one segment; leaders and long rules break every 12 mm or so.
    pieces = max(1, round(length / 12.0)) if stroke.style == "dots" or length > 60 else 1
    for piece in range(pieces):
        if often(rng, broken):
            continue
        a, b = piece / pieces, (piece + 1) / pieces
        x0 = stroke.x0 + (stroke.x1 - stroke.x0) * a
        x1 = stroke.x0 + (stroke.x1 - stroke.x0) * b
        y0 = stroke.y0 + (stroke.y1 - stroke.y0) * a
        y1 = stroke.y0 + (stroke.y1 - stroke.y0) * b
        tone = rng.randint(170, 255)
        if stroke.style == "dots":
            _dots(mask, (x0, x1), y0, stroke.width, scale, tone)
        else:
            _bar(mask, (x0, y0, x1, y1), stroke.width, scale, tone)


def _drawn(mask: Mask, stroke: Stroke, scale: float, rng: random.Random) -> None:
    """A rule drawn along a ruler: it trembles a little, the pen runs dry here and there."""
    length = math.hypot(stroke.x1 - stroke.x0, stroke.y1 - stroke.y0)
    along = np.linspace(0.0, 1.0, max(2, round(length / 4.0)))
    tremble = np.array([rng.gauss(0, 0.06) for _ in along])
    upright = abs(stroke.y1 - stroke.y0) > abs(stroke.x1 - stroke.x0)
    x = stroke.x0 + (stroke.x1 - stroke.x0) * along + (tremble if upright else 0.0)
    y = stroke.y0 + (stroke.y1 - stroke.y0) * along + (0.0 if upright else tremble)
    points = np.round(np.stack([x, y], axis=1) * scale * (1 << _SHIFT)).astype(np.int32)
    width = max(1, round(stroke.width * scale))
    for n in range(len(points) - 1):
        tone = rng.randint(150, 245) if often(rng, 0.93) else rng.randint(40, 120)
        pair = points[n : n + 2].reshape(-1, 1, 2)
        cv2.polylines(mask, [pair], False, tone, width, cv2.LINE_AA, _SHIFT)


def _bar(
    mask: Mask, ends: tuple[float, float, float, float], width: float, scale: float, tone: int
) -> None:
    x0, y0, x1, y1 = ends
    half = width / 2
    dx, dy = (half, 0.0) if abs(y1 - y0) > abs(x1 - x0) else (0.0, half)
    corners = np.array(
        [(x0 - dx, y0 - dy), (x1 - dx, y1 - dy), (x1 + dx, y1 + dy), (x0 + dx, y0 + dy)]
    )
    points = np.round(corners * scale * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(mask, points, tone, cv2.LINE_AA, _SHIFT)


def _dots(
    mask: Mask, span: tuple[float, float], y: float, width: float, scale: float, tone: int
) -> None:
    step = 1.15
    one = 1 << _SHIFT
    x = math.ceil(span[0] / step) * step
    while x < span[1]:
        centre = (round(x * scale * one), round(y * scale * one))
        cv2.circle(
            mask,
            centre,
            max(one // 2, round(width / 2 * scale * one)),
            tone,
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )
        x += step


def write(
    mask: Mask, slot: Slot, text: str, hand: Hand, dpi: float, rng: random.Random
) -> list[Span]:
    """Write a text into a slot: wrapped over its lines, smaller where it must be.

    Returns:
        Where each line of writing went.
    """
    size = hand.size
    while True:
        lines = _wrap(text, slot, hand.family, size)
        if lines is not None:
            break
        size *= 0.96
    centred = slot.centred or text in DITTO_MARKS
    return [_write_line(mask, w, line, hand, size, dpi, rng, centred) for w, line in lines]


def _wrap(text: str, slot: Slot, family: str, size: float) -> list[tuple[str, WritingLine]] | None:
    """Words spread over the lines of a slot; None where they do not fit."""
    words = text.split(" ")
    for count in range(1, len(slot.lines) + 1):
        # A ledger cell with one line of writing uses the middle of the cell.
        lines = list(slot.lines[:count])
        if slot.lines[0].x0 == slot.lines[-1].x0 and count == 1 and len(slot.lines) == 2:
            middle = (slot.lines[0].baseline + slot.lines[1].baseline) / 2
            if slot.box[0] < slot.lines[0].x0:
                lines = [WritingLine(slot.lines[0].x0, slot.lines[0].x1, middle)]
        done: list[tuple[str, WritingLine]] = []
        at = 0
        for line in lines:
            room = line.x1 - line.x0
            taken: list[str] = []
            while (
                at < len(words) and text_width(" ".join([*taken, words[at]]), family) * size <= room
            ):
                taken.append(words[at])
                at += 1
            if taken:
                done.append((" ".join(taken), line))
        if at == len(words):
            return done
    return None


def _write_line(
    mask: Mask,
    text: str,
    line: WritingLine,
    hand: Hand,
    size: float,
    dpi: float,
    rng: random.Random,
    centred: bool,
) -> Span:
    scale = dpi / MM_PER_INCH
    width = text_width(text, hand.family) * size
    slack = line.x1 - line.x0 - width
    x = line.x0 + (slack / 2 if centred else min(max(slack, 0.0), rng.uniform(0.3, 4.0)))
    x, y = x + hand.shift[0], line.baseline + rng.uniform(-0.2, 0.1) + hand.shift[1] - hand.lift
    if hand.kind == "print":
        _stamp(mask, text, x * scale, y * scale, hand, size * scale, 1.0, 0.0)
    elif hand.kind == "type":
        for n, letter in enumerate(text):
            if letter == " ":
                continue
            step = text_width(text[:n], hand.family) * size
            _stamp(
                mask,
                letter,
                (x + step + rng.gauss(0, 0.012) * size) * scale,
                (y + rng.gauss(0, 0.022) * size) * scale,
                hand,
                size * scale,
                min(1.0, max(0.55, rng.gauss(0.9, 0.1))),
                rng.gauss(0, 0.6),
            )
    else:
        drift = rng.gauss(0, 0.004)
        for n, word in enumerate(text.split(" ")):
            before = " ".join(text.split(" ")[:n])
            step = text_width(before + " " if before else "", hand.family) * size
            _stamp(
                mask,
                word,
                (x + step) * scale,
                (y + step * drift + rng.gauss(0, hand.wobble) * size) * scale,
                hand,
                size * scale * rng.uniform(0.93, 0.99),
                rng.uniform(0.85, 1.0),
                rng.gauss(0, 0.8),
            )
    return Span(x, x + width, y, size)


def _stamp(
    mask: Mask,
    text: str,
    x: float,
    y: float,
    hand: Hand,
    size: float,
    darkness: float,
    angle: float,
) -> None:
    """Draw a text with its baseline at (x, y) px, turned by ``angle`` degrees and slanted."""
    font = face(hand.family, round(size, 2))
    box = font.getbbox(text, anchor="ls")
    left, top, right, bottom = (math.floor(edge) for edge in box)
    pad = 4 + int(size * 0.3)
    w, h = right - left + 2 * pad, bottom - top + 2 * pad
    ox, oy = pad - left, pad - top
    tile_image = Image.new("L", (w, h), 0)
    tone = round(255 * hand.darkness * darkness)
    ix, iy = math.floor(x), math.floor(y)
    ImageDraw.Draw(tile_image).text(
        (ox + x - ix, oy + y - iy), text, fill=tone, font=font, anchor="ls"
    )
    tile = np.asarray(tile_image)
    if angle or hand.slant:
        turn = math.radians(angle)
        matrix = np.array(
            [
                [math.cos(turn), math.sin(turn) - hand.slant, 0.0],
                [-math.sin(turn), math.cos(turn), 0.0],
            ]
        )
        origin = np.array([ox, oy])
        matrix[:, 2] = origin - matrix[:, :2] @ origin
        tile = cv2.warpAffine(tile, matrix, (w, h), flags=cv2.INTER_LINEAR)
    x0, y0 = ix - ox, iy - oy
    top_y, left_x = max(0, y0), max(0, x0)
    low_y, low_x = min(mask.shape[0], y0 + h), min(mask.shape[1], x0 + w)
    if top_y >= low_y or left_x >= low_x:
        return
    part = mask[top_y:low_y, left_x:low_x]
    np.maximum(part, tile[top_y - y0 : low_y - y0, left_x - x0 : low_x - x0], out=part)
