"""What else has ink in a crop: rules, dots, neighbours, stamps, labels, tails of signatures."""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.hand.draw import Ink, hands, presses, write
from training.hand.lists import phrases
from training.hand.text import line_text

Grey = NDArray[np.uint8]


def trimmed(ink: Ink, rim: int = 3) -> Ink:
    """Ink without the empty rows and columns around it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return ink
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(cv2.copyMakeBorder(cut, rim, rim, rim, rim, cv2.BORDER_CONSTANT), np.uint8)


def sized(ink: Ink, scale: float) -> Ink:
    """Ink larger or smaller, by a factor."""
    height, width = ink.shape
    size = (max(4, int(width * scale)), max(6, int(height * scale)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True)
class Around:
    """A crop: its shape, and the empty rows above and below and columns before the writing."""

    shape: tuple[int, int]
    up: int
    down: int
    left: int

    @property
    def base(self) -> int:
        """Row where the base line may be."""
        height = self.shape[0]
        return height - self.down - int(0.25 * (height - self.up - self.down))


def strays(around: Around, rng: random.Random, unseen: bool = False) -> NDArray[np.float32]:
    """Rules, dots, neighbours, stamps and tails by chance, 0..1."""
    other = np.zeros(around.shape, np.uint8)
    _ruled(other, around, rng)
    if rng.random() < 0.25:
        _neighbour(other, rng, above=True, room=around.up, unseen=unseen)
    if rng.random() < 0.25:
        _neighbour(other, rng, above=False, room=around.down, unseen=unseen)
    if rng.random() < 0.05:
        _stamped(other, rng)
    if rng.random() < 0.03:
        _tail(other, rng)
    return np.asarray(other / 255, np.float32)


def _ruled(other: Ink, around: Around, rng: random.Random) -> None:
    height, width = around.shape
    base = around.base
    pick = rng.random()
    if pick < 0.22:  # a rule under or through the writing
        highest = max(1, base - height // 6)
        y = rng.randint(highest, max(highest, height - 2))
        tilt = rng.gauss(0, 0.006) * width
        cv2.line(other, (0, y), (width, int(y + tilt)), rng.randint(90, 255), rng.choice((1, 1, 2)))
    elif pick < 0.46:  # dots or short dashes
        y = base + rng.randint(-3, max(1, height // 8))
        step, size = rng.randint(4, 10), rng.choice((0, 1, 1))
        tone, tilt = rng.randint(110, 255), rng.gauss(0, 0.006)
        dash = rng.random() < 0.2
        for x in range(rng.randint(0, step), width, step):
            row = y + int(tilt * x)
            if dash:
                cv2.line(other, (x, row), (x + step // 2, row), tone, 1)
            else:
                cv2.circle(other, (x, row), size, tone, -1)
    if rng.random() < 0.14:
        rows = (rng.randint(0, max(1, around.up)), height - 1 - rng.randint(0, max(1, around.down)))
        y, thick = rng.choice(rows), rng.choice((1, 2, 3))
        end = (width, y + rng.randint(-2, 2))
        cv2.line(other, (0, y), end, rng.randint(120, 255), thick)
    if rng.random() < 0.16:
        x = rng.choice((rng.randint(0, max(1, around.left)), width - 1 - rng.randint(0, 6)))
        cv2.line(other, (x, 0), (x + rng.randint(-2, 2), height), 255, rng.choice((1, 2)))


def _stamped(other: Ink, rng: random.Random) -> None:
    """A part of a round stamp with its lettering, or a stamp in a frame; paler than writing."""
    height, width = other.shape
    stamp = np.zeros_like(other)
    tone = rng.randint(50, 130)
    centre = (rng.randint(0, width), rng.randint(-height // 2, 3 * height // 2))
    if rng.random() < 0.65:
        outer = rng.randint(int(0.8 * height), 2 * height)
        cv2.circle(stamp, centre, outer, tone, rng.choice((2, 3)))
        cv2.circle(stamp, centre, int(outer * 0.65), tone, 1)
        letters = rng.choice(("HẢI PHÒNG", "UBND", "ỦY BAN", "KIẾN AN", "TONKIN"))
        for n, letter in enumerate(letters):
            angle = np.pi * (1.15 + 0.7 * n / len(letters))
            x = int(centre[0] + 0.8 * outer * np.cos(angle))
            y = int(centre[1] + 0.8 * outer * np.sin(angle))
            sign = write(letter, rng, rng.choice(presses()))
            size = 0.24 * outer / max(8, sign.shape[0])
            _laid(stamp, (sized(sign, size) * (tone / 255)).astype(np.uint8), x, y)
    else:
        words = write(rng.choice(phrases()["label"]).upper(), rng, rng.choice(presses()))
        words = sized(words, height * rng.uniform(0.35, 0.7) / max(8, words.shape[0]))
        framed = np.pad((words * (tone / 255)).astype(np.uint8), 6)
        cv2.rectangle(framed, (1, 1), (framed.shape[1] - 2, framed.shape[0] - 2), tone, 2)
        _laid(stamp, framed, centre[0], centre[1])
    np.maximum(other, stamp, out=other)


def _laid(canvas: Ink, piece: Ink, x: int, y: int) -> None:
    """Puts a piece down around a place, as much of it as fits."""
    top, left = y - piece.shape[0] // 2, x - piece.shape[1] // 2
    rows = slice(max(0, top), max(0, min(canvas.shape[0], top + piece.shape[0])))
    columns = slice(max(0, left), max(0, min(canvas.shape[1], left + piece.shape[1])))
    target = canvas[rows, columns]
    if target.size:
        part = piece[rows.start - top :, columns.start - left :]
        np.maximum(target, part[: target.shape[0], : target.shape[1]], out=target)


def _tail(other: Ink, rng: random.Random) -> None:
    """The tail of a signature swings through."""
    height, width = other.shape
    begin = (rng.randint(0, width), rng.choice((-4, height + 4)))
    end = (begin[0] + rng.randint(-2 * height, 2 * height), rng.randint(0, height))
    turn = (begin[0] + rng.randint(-height, height), rng.randint(0, height))
    steps = np.linspace(0, 1, 24)[:, None]
    corners = [np.array(one, float) for one in (begin, turn, end)]
    line = (1 - steps) ** 2 * corners[0] + 2 * steps * (1 - steps) * corners[1]
    line += steps**2 * corners[2]
    points = [np.round(line).astype(np.int32)]
    cv2.polylines(other, points, False, rng.randint(120, 255), rng.choice((1, 2)))


def _neighbour(other: Ink, rng: random.Random, above: bool, room: int, unseen: bool) -> None:
    """Letters of the next line hang in by some pixels."""
    height, width = other.shape
    piece = trimmed(write(line_text(rng, 14), rng, rng.choice(hands(unseen))), 0)
    size = height * rng.uniform(0.55, 0.95) / max(1, piece.shape[0])
    piece = sized(piece, size)
    reach = min(piece.shape[0], max(2, int(room * rng.uniform(0.2, 0.9)) + rng.randint(0, 3)))
    part = piece[-reach:] if above else piece[:reach]
    x = rng.randint(-20, max(1, width - 20))
    x0, x1 = max(0, x), min(width, x + part.shape[1])
    if x1 <= x0 or reach >= height:
        return
    rows = slice(0, reach) if above else slice(height - reach, height)
    target = other[rows, x0:x1]
    np.maximum(target, part[:, x0 - x : x1 - x], out=target)


def with_label(line: Grey, rng: random.Random) -> Grey:
    """A printed label before the line, as on forms; the net learns to pass over it."""
    label = trimmed(write(rng.choice(phrases()["label"]), rng, rng.choice(presses())), 2)
    size = line.shape[0] * rng.uniform(0.3, 0.6) / label.shape[0]
    label = sized(label, size)
    if rng.random() < 0.25:  # above the line, small
        return _label_above(line, label, rng)
    room = label.shape[1] + rng.randint(6, 22)
    wide = np.asarray(cv2.copyMakeBorder(line, 0, 0, room, 0, cv2.BORDER_REPLICATE), np.uint8)
    top = min(
        line.shape[0] - label.shape[0],
        int((line.shape[0] - label.shape[0]) * rng.uniform(0.4, 0.9)),
    )
    _darkened(wide, label, 0, top, rng)
    return wide


def _label_above(line: Grey, label: Ink, rng: random.Random) -> Grey:
    small = sized(label, rng.uniform(0.5, 0.8))
    high = small.shape[0] + rng.randint(0, 4)
    wide = np.asarray(cv2.copyMakeBorder(line, high, 0, 0, 0, cv2.BORDER_REPLICATE), np.uint8)
    _darkened(wide, small, rng.randint(0, 12), 0, rng)
    return wide


def _darkened(page: Grey, label: Ink, x: int, y: int, rng: random.Random) -> None:
    part = page[y : y + label.shape[0], x : x + label.shape[1]]
    pale = 1 - label[: part.shape[0], : part.shape[1]] / 255 * rng.uniform(0.5, 0.9)
    part[:] = np.minimum(part, (part * pale).astype(np.uint8))
