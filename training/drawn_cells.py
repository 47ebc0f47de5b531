"""Draws single cells with all that stands in a register's cells, and cuts them as production does.

Much cheaper than whole pages, and with what generated books never have: stamps, all sorts of
ditto marks and deletions, dirt, holes, torn edges. Whole generated books (``training.cells``)
are the test beside it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.crop import cut
from pipeline.reading.router import Look, Writing
from pipeline.types import IDENTITY, Cell, Crop, PageImage, Polygon, Side
from samples.wear import INK_TONE, LEVELS, Wear
from training.cell_marks import dirt, ditto, place, stamp, strike_out
from training.ink_sources import Source, Tile

Mask = NDArray[np.uint8]
Floats = NDArray[np.float32]
WORK_DPI = 180.0
DPI = (200, 200, 200, 240, 300)
_AROUND = 5.0
"""Millimetres of page around a cell."""
_SPARE_TILES = 8
_SPARE: dict[str, list[Tile]] = {}
_STAMP_MM2 = 2.0
"""Less of a stamp in a cell is none."""


@dataclass(frozen=True)
class DrawnCell:
    """A cut cell and the truth about it."""

    crop: Crop
    look: Look
    writing: Writing
    """How it is written, or would be."""
    stamped: bool
    """A stamp lies over the writing."""
    source: str
    wear: str
    text: str


@dataclass(frozen=True)
class _Room:
    """Where things are, in pixels: the cell in its piece of page."""

    scale: float
    left: int
    top: int
    right: int
    bottom: int
    shape: tuple[int, int]
    ledger: bool

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def draw_cell(
    look: Look,
    source: Source,
    wear: str,
    rng: random.Random,
    text: str = "",
    stamped: bool = False,
    dirty: float = 1.0,
) -> DrawnCell:
    """One cell of a look, filled by a source, aged, scanned and cut.

    Args:
        look: what it is to be; a printed, typed or handwritten cell is of the source's kind.
        source: who writes, in this cell and beside it.
        wear: ``mild``, ``medium`` or ``heavy``.
        rng: chance.
        text: what is written; by chance where empty.
        stamped: a stamp is laid over the writing.
        dirty: how much oftener than usual dirt falls on the page.
    """
    dpi = rng.choice(DPI)
    room = _room(dpi, rng)
    printed, writing = np.zeros(room.shape, np.uint8), np.zeros(room.shape, np.uint8)
    _form(printed, room, LEVELS[wear], rng)
    _neighbours(writing, room, source, rng)
    said = ""
    if look is Look.DITTO:
        ditto(writing, _middle(room, rng), room.scale, source, rng)
        said = '"'
    elif look not in (Look.BLANK, Look.STAMP):
        said = _fill(writing, room, source, rng, text)
        if look is Look.STRUCK:
            strike_out(writing, _inked(writing, room), room.scale, rng)
    mark = np.zeros(room.shape, np.uint8)
    if stamped or look is Look.STAMP:
        stamp(mark, (room.left, room.top, room.right, room.bottom), room.scale, rng)
        inside = mark[room.top : room.bottom, room.left : room.right]
        met = cv2.countNonZero(inside) / room.scale**2 >= _STAMP_MM2
        stamped, look = stamped and met, Look.BLANK if look is Look.STAMP and not met else look
    page = _aged(printed, writing, mark, LEVELS[wear], dpi, rng)
    dirt(page, room.scale, rng, dirty)
    if rng.random() < 0.7:
        data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(45, 90)])[1]
        page = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    image = PageImage(page, float(dpi), Side.SINGLE, IDENTITY, 0, 0.0)
    lines = 1 if not room.ledger else max(1, round(room.height / room.scale / 8))
    cell = Cell(0, 0, "notes", _outline(room, rng), 1.0, lines)
    return DrawnCell(
        cut(image, cell, WORK_DPI), look, source.writing, stamped, source.name, wear, said
    )


def _room(dpi: int, rng: random.Random) -> _Room:
    scale = dpi / 25.4
    ledger = rng.random() < 0.6
    width = rng.choice((rng.uniform(9, 30), rng.uniform(20, 70))) if ledger else rng.uniform(20, 95)
    height = rng.uniform(8, 19) if ledger else rng.uniform(7.5, 10)
    around = round(_AROUND * scale)
    w, h = round(width * scale), round(height * scale)
    shape = (h + 2 * around, w + 2 * around)
    return _Room(scale, around, around, around + w, around + h, shape, ledger)


def _outline(room: _Room, rng: random.Random) -> Polygon:
    """The cell as the layout would find it: some tenths of a millimetre off."""
    off = [rng.gauss(0, 0.18) * room.scale for _ in range(4)]
    left, top = room.left + off[0], room.top + off[1]
    right, bottom = room.right + off[2], room.bottom + off[3]
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _form(mask: Mask, room: _Room, wear: Wear, rng: random.Random) -> None:
    """Frame rules of a ledger, or a dotted line with its label before it."""
    height, width = room.shape
    tone = rng.randint(170, 255)
    thick = max(1, round(rng.uniform(0.15, 0.4) * room.scale))
    tilt = round(rng.gauss(0, 0.002) * width)
    if room.ledger:
        for y in (room.top, room.bottom):
            if rng.random() >= 0.5 * wear.broken:
                cv2.line(mask, (0, y), (width, y + tilt), tone, thick, cv2.LINE_AA)
        for x in (room.left, room.right):
            if rng.random() >= 0.5 * wear.broken:
                cv2.line(mask, (x, 0), (x + rng.randint(-1, 1), height), tone, thick, cv2.LINE_AA)
        return
    base = room.bottom - round(rng.uniform(1.2, 2.6) * room.scale)
    step, radius = 1.15 * room.scale, max(1, round(0.15 * room.scale))
    for n in range(int(width / step)):
        if rng.random() >= wear.broken * 0.6:
            cv2.circle(mask, (round(n * step), base), radius, tone, -1, cv2.LINE_AA)


def _neighbours(mask: Mask, room: _Room, source: Source, rng: random.Random) -> None:
    """Writing in the cells around reaches to the rule, and now and then over it."""
    em = rng.uniform(2.8, 4.0) * room.scale
    for side in ("above", "below", "left", "right"):
        if rng.random() > 0.45:
            continue
        tile = _spare(source, em, rng)
        height, width = tile.ink.shape
        x = rng.randint(room.left - width // 2, max(room.left, room.right - width // 2))
        y = room.bottom + round(rng.uniform(0.2, 4) * room.scale)
        if side == "above":
            y = room.top - height - round(rng.gauss(0.8, 0.9) * room.scale)
            y = min(y, room.top - height // 2)  # what stands in the cell would be the cell's own
        elif side in ("left", "right"):
            y = room.top + rng.randint(0, max(1, room.height - height))
            gap = round(rng.gauss(0.9, 0.6) * room.scale)
            x = room.left - width - gap if side == "left" else room.right + gap
        place(mask, tile.ink, x, y)


def _spare(source: Source, em: float, rng: random.Random) -> Tile:
    """A line for a neighbouring cell; nobody reads it, so some are used over and over."""
    pool = _SPARE.setdefault(source.name, [])
    if len(pool) < _SPARE_TILES:
        pool.append(source.tile(rng, em, longest=14))
        return pool[-1]
    return rng.choice(pool)


def _middle(room: _Room, rng: random.Random) -> tuple[int, int]:
    x = (room.left + room.right) // 2 + round(rng.gauss(0, 0.12) * room.width)
    y = (room.top + room.bottom) // 2 + round(rng.gauss(0, 0.1) * room.height)
    return x, y


def _fill(mask: Mask, room: _Room, source: Source, rng: random.Random, text: str) -> str:
    """Writes one line, or two in a high cell, so that it fits; returns the text."""
    em = rng.uniform(2.7, 4.2) * room.scale
    lines = 2 if room.ledger and room.height > 13.5 * room.scale and rng.random() < 0.5 else 1
    longest = max(2, int(room.width / (0.5 * em)))
    said = []
    for n in range(lines):
        tile = source.tile(rng, em, text, longest)
        ink = tile.ink
        room_wide = room.width - round(1.2 * room.scale)
        if ink.shape[1] > room_wide:
            size = (max(4, room_wide), max(4, round(ink.shape[0] * room_wide / ink.shape[1])))
            if size[1] < 0.5 * ink.shape[0]:  # far too long: only its beginning
                ink = ink[:, :room_wide]
            else:
                ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
        slack = room_wide - ink.shape[1]
        x = room.left + round(0.6 * room.scale)
        x += slack // 2 if rng.random() < 0.4 else rng.randint(0, min(slack, round(4 * room.scale)))
        if room.ledger:
            middle = room.top + round((n + 0.5) / lines * room.height)
            y = middle - ink.shape[0] // 2 + round(rng.gauss(0, 0.05) * room.height)
        else:
            foot = ink.shape[0] * tile.base / max(1, tile.ink.shape[0])
            y = room.bottom - round(rng.uniform(1.4, 2.6) * room.scale + foot)
        place(mask, ink, x, y)
        said.append(tile.text)
    return "\n".join(said)


def _inked(mask: Mask, room: _Room) -> tuple[int, int, int, int]:
    """Box of the writing inside the cell."""
    inside = mask[room.top : room.bottom, room.left : room.right]
    left, top, width, height = cv2.boundingRect(inside)
    return room.left + left, room.top + top, room.left + left + width, room.top + top + height


def _aged(
    printed: Mask, writing: Mask, mark: Mask, wear: Wear, dpi: int, rng: random.Random
) -> Mask:
    """The piece of page as a scanner gives it after years."""
    dice = np.random.default_rng(rng.getrandbits(32))
    shape = printed.shape
    ink = rng.uniform(*wear.ink)
    field = _soft(shape, dice, 2)
    level = np.clip(ink * (1 + 1.3 * wear.patches * field), 0.25 * ink, 1.0).astype(np.float32)
    pen = rng.uniform(0.45, 1.0) if rng.random() < 0.3 else 1.0  # pencil, thin ink
    cover = np.maximum(printed * (level * np.float32(0.9)), writing * (level * np.float32(pen)))
    if mark.any():
        tone = rng.uniform(0.3, 1.0) * ink
        rubbed = np.clip(0.8 + 0.5 * _soft(shape, dice, rng.choice((3, 12, 30))), 0.05, 1.0)
        cover = np.maximum(cover, mark * (rubbed * tone).astype(np.float32))
    cover = cv2.GaussianBlur(cover / 255, (0, 0), wear.blur * dpi / 25.4 * rng.uniform(0.8, 1.6))
    if rng.random() < 0.6:
        behind = np.roll(writing[:, ::-1], rng.randint(-60, 60), 1)
        behind = np.roll(behind, rng.randint(-30, 30), 0)
        shine = cv2.GaussianBlur(behind.astype(np.float32) / 255, (0, 0), 0.22 * dpi / 25.4)
        cover = 1 - (1 - cover) * (1 - shine * wear.through * rng.uniform(0.5, 1.3))
    paper = rng.uniform(*wear.paper) * (1 + 0.01 * _soft(shape, dice, 6))
    light = 1 - wear.light * 0.5 * (1 + _soft(shape, dice, 1) * 0.5)
    page = (paper * (1 - cover) + INK_TONE * cover) * light
    grain = dice.standard_normal(shape, np.float32)
    noise = wear.noise * (dpi / 300 if dpi < 250 else 1.0)
    return np.asarray(np.clip(page + grain * noise, 0, 255), np.uint8)


def _soft(shape: tuple[int, ...], dice: np.random.Generator, hills: int) -> Floats:
    """Smooth noise of unit spread."""
    small = dice.standard_normal((hills + 1, 2 * hills + 1), np.float32)
    return np.asarray(
        cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32
    )
