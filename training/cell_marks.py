"""Marks in cells that are no text: ditto marks, deletions, stamps, dirt, holes, torn edges."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.reading.router import Writing
from samples.fonts import face, print_families
from training.ink_sources import Source

Mask = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_SEALS = ("U.B.N.D", "ỦY BAN NHÂN DÂN", "XÃ AN THÁI", "HUYỆN AN LÃO", "★", "CHỦ TỊCH", "BẢN SAO")
_BOXES = ("ĐÃ CẤP BẢN SAO", "BẢN CHÍNH", "ĐÃ ĐĂNG KÝ", "12 -03- 1983", "SAO Y", "HỦY BỎ", "TƯ PHÁP")
_SIGNS = ('"', '"', "''", "„", ",,", '-"-', '- " -', "//", "«", "»")


def place(canvas: Mask, ink: Mask, x: int, y: int) -> None:
    """Lays ink on a canvas, what falls outside left out."""
    part = canvas[max(0, y) : max(0, y + ink.shape[0]), max(0, x) : max(0, x + ink.shape[1])]
    own = ink[max(0, -y) :, max(0, -x) :][: part.shape[0], : part.shape[1]]
    if own.size:
        np.maximum(part, own, out=part)


def ditto(
    canvas: Mask, middle: tuple[int, int], scale: float, source: Source, rng: random.Random
) -> None:
    """A ditto mark: a sign of the face, or short pen strokes side by side."""
    if source.writing is not Writing.HAND or (source.family and rng.random() < 0.25):
        family = source.family or "cousine"
        text = rng.choice(_SIGNS if family not in ("dejavu-mono",) else ('"', "''", ",,", "//"))
        tile = source.tile(rng, rng.uniform(2.8, 4.2) * scale, text) if source.family else None
        if tile is None:
            _strokes(canvas, middle, scale, rng)
        else:
            height, width = tile.ink.shape
            place(canvas, tile.ink, middle[0] - width // 2, middle[1] - height // 2)
        return
    _strokes(canvas, middle, scale, rng)


def _strokes(canvas: Mask, middle: tuple[int, int], scale: float, rng: random.Random) -> None:
    """Two strokes, rarely three or a dash on each side; upright, leaning or bent."""
    count = 2 if rng.random() < 0.9 else 3
    height, apart = rng.uniform(0.9, 2.6), rng.uniform(0.6, 1.5)
    lean, bend = rng.gauss(-0.15, 0.25), rng.gauss(0, 0.12)
    thick = max(1, round(rng.uniform(0.2, 0.5) * scale))
    for n in range(count):
        at = (n - (count - 1) / 2) * apart
        own = height * rng.uniform(0.85, 1.15)
        drift = rng.gauss(0, 0.15)
        points = [
            (at - lean * t * own + bend * (1 - 4 * t * t) + rng.gauss(0, 0.03), drift + t * own)
            for t in (-0.5, -0.25, 0.0, 0.25, 0.5)
        ]
        _line(canvas, [(middle[0] + x * scale, middle[1] + y * scale) for x, y in points], thick)
    if rng.random() < 0.12:
        for side in (-1, 1):
            x = middle[0] + side * (apart + rng.uniform(0.8, 1.4)) * scale
            half = rng.uniform(0.5, 1.2) * scale
            _line(canvas, [(x - half, middle[1]), (x + half, middle[1])], thick)


def _line(canvas: Mask, points: list[tuple[float, float]], thick: int, tone: int = 235) -> None:
    pixels = np.round(np.array(points) * 16).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(canvas, [pixels], False, tone, thick, cv2.LINE_AA, 4)


def strike_out(canvas: Mask, box: Box, scale: float, rng: random.Random) -> None:
    """Deletes all that stands in a box: one line or more, waves, a zigzag, a cross."""
    left, top, right, bottom = box
    over = rng.uniform(-0.2, 2.0) * scale
    left, right = round(left - over), round(right + over)
    thick = max(1, round(rng.uniform(0.2, 0.5) * scale))
    high = max(4, bottom - top)
    rows = [top + high / 2] if high < 6.5 * scale else [top + high * 0.27, top + high * 0.75]
    way = rng.choice(("line", "line", "line", "two", "wave", "zigzag", "cross", "cross"))
    if way == "cross" and len(rows) == 1 and right - left < 12 * high:
        _line(canvas, [(left, top), (right, bottom)], thick)
        _line(canvas, [(left, bottom), (right, top)], thick)
        return
    x = np.linspace(left, right, 40)
    for row in rows:
        drift = rng.gauss(0, 0.02) * (x - left) + rng.gauss(0, 0.06) * high
        wave = rng.uniform(0.1, 0.3) * scale * np.sin(x / scale * rng.uniform(0.15, 0.5))
        if way == "wave":
            wave = rng.uniform(0.5, 1.0) * scale * np.sin(x / scale * rng.uniform(1.0, 2.2))
        elif way == "zigzag":
            wave = rng.uniform(0.8, 1.5) * scale * np.where(np.arange(len(x)) % 2, 1, -1)
        _line(canvas, list(zip(x, row + drift + wave, strict=True)), thick)
        if way == "two":
            below = rng.uniform(0.7, 1.4) * scale
            _line(canvas, list(zip(x, row + drift + wave + below, strict=True)), thick)


def stamp(canvas: Mask, box: Box, scale: float, rng: random.Random) -> None:
    """A round seal, a part of it, or a rectangular stamp, somewhere over a cell."""
    left, top, right, bottom = box
    if rng.random() < 0.6:
        radius = rng.uniform(9, 18) * scale
        x = rng.uniform(left - 0.3 * radius, right + 0.3 * radius)
        y = rng.uniform(top - 0.8 * radius, bottom + 0.8 * radius)
        _seal(canvas, (round(x), round(y)), radius, scale, rng)
        return
    text = rng.choice(_BOXES)
    image = Image.new("L", (round(60 * scale), round(14 * scale)), 0)
    font = face(rng.choice(print_families()), float(round(rng.uniform(3, 5) * scale)), True)
    draw = ImageDraw.Draw(image)
    middle = (image.width // 2, image.height // 2)
    draw.text(middle, text, fill=255, font=font, anchor="mm")
    if rng.random() < 0.75:
        edge = draw.textbbox(middle, text, font=font, anchor="mm")
        rim = rng.uniform(0.8, 1.6) * scale
        outline = (edge[0] - rim, edge[1] - rim, edge[2] + rim, edge[3] + rim)
        draw.rectangle(outline, outline=255, width=max(1, round(0.4 * scale)))
    turn = cv2.getRotationMatrix2D(middle, rng.gauss(0, 7), 1.0)
    ink = np.asarray(cv2.warpAffine(np.asarray(image), turn, image.size), np.uint8)
    x, y, width, height = cv2.boundingRect(ink)
    ink = ink[y : y + height, x : x + width]
    at = rng.randint(left - width // 3, max(left, right - width // 2))
    place(canvas, ink, at, rng.randint(top - height // 3, max(top, bottom - height // 2)))


def _seal(
    canvas: Mask, centre: tuple[int, int], radius: float, scale: float, rng: random.Random
) -> None:
    """Rings, a star, and words around."""
    for share, width in ((1.0, 0.6), (0.92, 0.25), (rng.uniform(0.5, 0.65), 0.25)):
        thick = max(1, round(width * scale))
        cv2.circle(canvas, centre, round(radius * share), 255, thick, cv2.LINE_AA)
    corners = [
        (centre[0] + radius * size * math.sin(math.pi * n / 5),
         centre[1] - radius * size * math.cos(math.pi * n / 5))
        for n, size in enumerate((0.26, 0.1) * 5)
    ]  # fmt: skip
    cv2.fillPoly(canvas, [np.round(np.array(corners)).astype(np.int32)], 255, cv2.LINE_AA)
    font = face(rng.choice(print_families()), float(round(0.17 * radius)), True)
    text = "ỦY BAN NHÂN DÂN XÃ ★ " if rng.random() < 0.5 else "U.B.N.D HUYỆN AN LÃO • "
    start = rng.uniform(0, 2 * math.pi)
    for n, letter in enumerate(text):
        angle = start + 2 * math.pi * n / len(text)
        glyph = Image.new("L", (round(0.4 * radius), round(0.4 * radius)), 0)
        middle = glyph.width // 2
        ImageDraw.Draw(glyph).text((middle, middle), letter, 255, font, anchor="mm")
        turn = cv2.getRotationMatrix2D((middle, middle), -math.degrees(angle), 1.0)
        ink = np.asarray(cv2.warpAffine(np.asarray(glyph), turn, glyph.size), np.uint8)
        x = centre[0] + 0.78 * radius * math.sin(angle) - middle
        y = centre[1] - 0.78 * radius * math.cos(angle) - middle
        place(canvas, ink, round(x), round(y))
    if rng.random() < 0.5:
        words = Image.new("L", (round(2 * radius), round(0.5 * radius)), 0)
        spot = (words.width // 2, words.height // 2)
        ImageDraw.Draw(words).text(spot, rng.choice(_SEALS), 255, font, anchor="mm")
        x, y = centre[0] - spot[0], centre[1] + round(0.38 * radius) - spot[1]
        place(canvas, np.asarray(words, np.uint8), x, y)


def dirt(page: Mask, scale: float, rng: random.Random, dirty: float = 1.0) -> None:
    """Specks, hairs, smears, a crease, a punch hole or a torn edge, in place.

    ``dirty`` says how much oftener than usual.
    """
    height, width = page.shape
    paper = float(np.percentile(page[::3, ::3], 75))
    if rng.random() < 0.5 * dirty:
        for _ in range(rng.choice((1, 2, 4, 9))):
            centre = (rng.randrange(width) * 16, rng.randrange(height) * 16)
            radius = round(rng.uniform(0.05, 0.33) * scale * 16)
            tone = round(paper * rng.uniform(0.3, 0.9))
            cv2.circle(page, centre, radius, tone, -1, cv2.LINE_AA, 4)
    if rng.random() < 0.1 * dirty:  # a hair, a scratch
        x, y = rng.randrange(width), rng.randrange(height)
        t = np.linspace(0, 1, 12)
        long, way = rng.uniform(3, 14) * scale, rng.uniform(0, 2 * math.pi)
        bow = rng.gauss(0, 0.25) * long * t * (1 - t) * 4
        points = np.stack(
            [x + long * t * math.cos(way) - bow * math.sin(way),
             y + long * t * math.sin(way) + bow * math.cos(way)], axis=1,
        )  # fmt: skip
        pixels = np.round(points * 16).astype(np.int32).reshape(-1, 1, 2)
        tone = round(paper * rng.uniform(0.55, 0.92))
        cv2.polylines(page, [pixels], False, tone, 1, cv2.LINE_AA, 4)
    if rng.random() < 0.15 * dirty:  # a smear of ink or fat, soft
        blot = np.zeros(page.shape, np.float32)
        centre = (rng.randrange(width), rng.randrange(height))
        axes = (round(rng.uniform(0.5, 9) * scale), round(rng.uniform(0.4, 4) * scale))
        cv2.ellipse(blot, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        soft = cv2.GaussianBlur(blot, (0, 0), rng.uniform(0.2, 1.2) * scale)
        page[:] = (page * (1 - rng.uniform(0.06, 0.35) * soft)).astype(np.uint8)
    if rng.random() < 0.06 * dirty:  # a crease
        x = rng.randrange(width)
        end = (x + round(rng.gauss(0, 0.5) * height), height)
        cv2.line(page, (x, 0), end, round(paper * rng.uniform(0.7, 0.95)), 1, cv2.LINE_AA)
    if rng.random() < 0.05 * dirty:
        centre = (rng.randrange(width), rng.randrange(height))
        tone = rng.choice((30, 50, 250))
        cv2.circle(page, centre, round(rng.uniform(2, 3.2) * scale), tone, -1, cv2.LINE_AA)
    if rng.random() < 0.06 * dirty:
        _tear(page, scale, rng)


def _tear(page: Mask, scale: float, rng: random.Random) -> None:
    """The paper ends in a ragged line; behind it lies the scanner's bed."""
    width = page.shape[1]
    x = np.arange(0, width + 8, 8)
    dice = np.random.default_rng(rng.getrandbits(32))
    edge = rng.uniform(3, 9) * scale + np.cumsum(dice.normal(0, 0.25 * scale, len(x)))
    points = np.concatenate([[(0, -1)], np.stack([x, edge], axis=1), [(width + 8, -1)]])
    mask = np.zeros(page.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255, cv2.LINE_AA)
    turned = mask if rng.random() < 0.5 else mask[::-1]
    page[turned > 127] = rng.choice((35, 60, 248))
