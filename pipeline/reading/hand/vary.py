"""Changes lines in ways that leave them readable, each time they are shown.

One move does the cut, the slant, the stretch and the warp; then pen and dirt. Training of the
weights and learning of a book share it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.reading.hand.ink import HEIGHT, MAX_WIDTH, MIN_WIDTH, SQUEEZE, InkLine

Box = tuple[float, float, int, int]


def shown(ink: NDArray[np.uint8], box: Box, dice: Generator, strength: float = 1.0) -> InkLine:
    """The line as the net sees it, changed by chance.

    Args:
        ink: ink with room around the line, 0..255.
        box: top, bottom, left, right of the line in it.
        dice: chance.
        strength: 0 changes nothing, 1 is usual.

    Returns:
        Shape ``(HEIGHT, width)``, 0..1.
    """
    line = _moved(ink, box, dice, strength)
    return line if not strength else _dirtied(_penned(line, dice), dice)


def varied(line: InkLine, dice: Generator, strength: float = 1.0) -> InkLine:
    """An ink map changed by chance, as ``shown`` does it with what lies around the line.

    Room for what is pushed out at the rims is not there; the map keeps its height.
    """
    ink = np.asarray(line * 255, np.uint8)
    return shown(ink, (0, HEIGHT, 0, ink.shape[1]), dice, strength)


def _moved(ink: NDArray[np.uint8], box: Box, dice: Generator, strength: float) -> InkLine:
    top, bottom, left, right = box
    tall = bottom - top
    top += float(dice.normal(0, 0.035)) * tall * strength
    bottom += float(dice.normal(0, 0.035)) * tall * strength
    reach = 4 * strength
    begin = left + float(dice.uniform(-reach, 0.4 * reach))
    end = right + float(dice.uniform(-0.4 * reach, reach))
    scale = HEIGHT / max(8.0, bottom - top)
    already = ink.shape[0] == HEIGHT and box[:2] == (0, HEIGHT)  # squeezed before
    across = scale * (1.0 if already else SQUEEZE) * float(np.exp(dice.normal(0, 0.09 * strength)))
    width = int(np.clip((end - begin) * across, MIN_WIDTH, MAX_WIDTH))
    across = width / (end - begin)
    slant = float(dice.normal(0, 0.16)) * strength
    y, x = np.mgrid[0:HEIGHT, 0:width].astype(np.float32)
    source_x = begin + (x + slant * (y - HEIGHT / 2)) / across
    source_y = top + y / scale
    if strength:
        wave = float(abs(dice.normal(0, 0.9))) * strength
        grid = (3, max(2, width // 24))
        for axis in (0, 1):
            field = dice.normal(0, wave, grid).astype(np.float32)
            wide = cv2.resize(field, (width, HEIGHT), interpolation=cv2.INTER_LINEAR)
            if axis:
                source_x += wide / across
            else:
                source_y += wide / scale
    moved = cv2.remap(ink, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(moved, np.float32) / np.float32(255)


def _penned(line: InkLine, dice: Generator) -> InkLine:
    pick = dice.random()
    if pick < 0.15:
        line = 0.4 * line + 0.6 * cv2.dilate(line, np.ones((2, 2), np.uint8))
    elif pick < 0.3:
        line = 0.5 * line + 0.5 * cv2.erode(line, np.ones((2, 2), np.uint8))
    elif pick < 0.42:
        line = np.asarray(cv2.GaussianBlur(line, (0, 0), float(dice.uniform(0.4, 0.8))), np.float32)
    if dice.random() < 0.4:
        line = np.power(line, float(np.exp(dice.normal(0, 0.35)))).astype(np.float32)
    if dice.random() < 0.25:  # fading along the line
        size = (max(2, line.shape[1] // 60), 2)
        field = dice.uniform(0.35, 1.0, size).T.astype(np.float32)
        line = line * cv2.resize(field, line.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(line, np.float32)


def _dirtied(line: InkLine, dice: Generator) -> InkLine:
    height, width = line.shape
    if dice.random() < 0.15:  # a rule or dots
        y, tone = int(dice.integers(2, height)), float(dice.uniform(0.4, 1.0))
        end = int(np.clip(y + dice.normal(0, 1.5), 0, height - 1))
        rule = np.zeros_like(line)
        cv2.line(rule, (0, y), (width, end), tone, int(dice.integers(1, 3)))
        if dice.random() < 0.5:
            rule[:, np.arange(width) % int(dice.integers(3, 7)) > 1] = 0
        line = np.maximum(line, rule)
    if dice.random() < 0.25:  # pieces lost
        for _ in range(int(dice.integers(1, 4))):
            x, y = int(dice.integers(0, width)), int(dice.integers(0, height))
            wide, tall = int(dice.integers(2, 8)), int(dice.integers(4, height))
            line[y : y + tall, x : x + wide] *= float(dice.uniform(0, 0.5))
    if dice.random() < 0.3:
        noise = dice.standard_normal(line.shape, np.float32) * float(dice.uniform(0.02, 0.12))
        line = line + noise
    return np.clip(line, 0.0, 1.0)


def hung_in(line: InkLine, other: InkLine, dice: Generator) -> InkLine:
    """The line with the rim of another hanging in from above or below."""
    reach, room = int(dice.integers(2, 8)), min(line.shape[1], other.shape[1])
    begin = int(dice.integers(0, line.shape[1] - room + 1))
    if dice.random() < 0.5:
        target, part = line[:reach, begin : begin + room], other[-reach:, :room]
    else:
        target, part = line[-reach:, begin : begin + room], other[:reach, :room]
    np.maximum(target, part, out=target)
    return line
