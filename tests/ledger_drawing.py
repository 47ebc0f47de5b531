"""Draws ruled ledgers of other styles than the sample generator's, with known cells.

Fast and plain on purpose: a known grid, a known bend, so that a test can say where every
cell truly lies.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.types import Scan, ScanRef

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
MM = 25.4
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Hồng Cúc", "Phạm Gia Dũng", "Vũ Thị Én", "Đỗ Hà")
WORDS = ("Nam", "Nữ", "Kinh", "Tày", "12/5", "1974")


@dataclass(frozen=True)
class Drawing:
    """A page. Lengths mm; ``columns`` are headings with widths, ``rows`` heights."""

    columns: tuple[tuple[str, float], ...]
    rows: tuple[float, ...]
    size: tuple[float, float] = (210.0, 297.0)
    corner: tuple[float, float] = (14.0, 30.0)
    head: float = 16.0
    style: str = "plain"
    dpi: float = 200.0
    angle: float = 0.0
    bend: float = 0.0
    broken: float = 0.0
    noise: float = 3.0
    rule: float = 0.3
    numbers: bool = False
    seed: int = 0
    filled: int | None = None
    title: str = "SỔ ĐĂNG KÝ KHAI SINH"
    first_number: int = 1


@dataclass
class Drawn:
    """A drawn page with its truth: cell corners by (row, column), scan pixels."""

    scan: Scan
    cells: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)


def draw(spec: Drawing) -> Drawn:
    """A scan of one page."""
    grey, place = _sheet(spec)
    xs, ys = edges(spec)
    cells = {
        (r, c): place(
            np.array(
                [(xs[c], ys[r]), (xs[c + 1], ys[r]), (xs[c + 1], ys[r + 1]), (xs[c], ys[r + 1])]
            )
        )
        for r in range(len(spec.rows))
        for c in range(len(spec.columns))
    }
    return Drawn(as_scan(grey, spec.dpi), cells)


def draw_opening(left: Drawing, right: Drawing) -> tuple[Drawn, int]:
    """A scan of two pages with a shadow at the fold; columns count on over the fold.

    Returns:
        The scan, and the width of its left page in pixels.
    """
    one, two = draw(left), draw(right)
    fold = one.scan.grey.shape[1]
    grey = np.hstack([one.scan.grey, two.scan.grey]).astype(np.float64)
    away = np.abs(np.arange(grey.shape[1]) - fold) / (12 / MM * left.dpi)
    grey *= (1 - 0.35 * np.exp(-away))[None]
    cells = dict(one.cells)
    for (r, c), quad in two.cells.items():
        cells[r, c + len(left.columns)] = quad + np.array([fold, 0])
    return Drawn(as_scan(np.clip(grey, 0, 255).astype(np.uint8), left.dpi), cells), fold


def as_scan(grey: np.ndarray, dpi: float) -> Scan:
    """A picture as a scan."""
    return Scan(ScanRef("drawn.png", 0, 1, "0" * 64, "drawn.png"), grey, dpi)


def edges(spec: Drawing) -> tuple[list[float], list[float]]:
    """Column edges, and row edges below the head, mm on flat paper."""
    xs = list(np.cumsum([spec.corner[0], *(width for _, width in spec.columns)]))
    top = spec.corner[1] + spec.head + (5.0 if spec.numbers else 0.0)
    return xs, list(np.cumsum([top, *spec.rows]))


def _sheet(spec: Drawing):
    rng = np.random.default_rng(spec.seed)
    px = spec.dpi / MM
    width, height = round(spec.size[0] * px), round(spec.size[1] * px)
    ink = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(ink)
    _write(spec, pen, px, rng)
    mask = np.asarray(ink).astype(np.float32) / 255
    mask = np.maximum(mask, _rules(spec, (height, width), px, rng))
    turn = math.radians(spec.angle)
    c, s = math.cos(turn), math.sin(turn)
    middle = np.array([width, height]) / 2

    def place(points: np.ndarray) -> np.ndarray:
        at = points * px
        y = at[:, 1] + spec.bend * px * np.sin(2.2 * math.pi * at[:, 0] / width + 0.7)
        bent = np.stack([at[:, 0], y], axis=1) - middle
        return bent @ np.array([[c, s], [-s, c]]) + middle

    grid_x, grid_y = np.meshgrid(np.arange(width), np.arange(height))
    back = (np.stack([grid_x, grid_y], axis=-1) - middle) @ np.array([[c, -s], [s, c]]) + middle
    flat_y = back[..., 1] - spec.bend * px * np.sin(2.2 * math.pi * back[..., 0] / width + 0.7)
    mask = cv2.remap(mask, back[..., 0].astype(np.float32), flat_y.astype(np.float32), 1)
    mask = cv2.GaussianBlur(mask, (0, 0), 0.05 * px)
    grey = 232 - 170 * mask + rng.normal(0, spec.noise, mask.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), place


def _write(spec: Drawing, pen: ImageDraw.ImageDraw, px: float, rng: np.random.Generator) -> None:
    def text(at: tuple[float, float], words: str, size: float, room: float = 0.0) -> None:
        font = ImageFont.truetype(FONT, round(size * px))
        while room and font.getlength(words) > room * px and size > 1.4:
            size *= 0.93
            font = ImageFont.truetype(FONT, round(size * px))
        pen.text((at[0] * px, at[1] * px), words, 255, font, anchor="mm")

    xs, ys = edges(spec)
    text((spec.size[0] / 2, spec.corner[1] - 10), spec.title, 5.0)
    top = spec.corner[1]
    for n, (heading, width) in enumerate(spec.columns):
        lines = heading.split("\n")
        for k, line in enumerate(lines):
            y = top + spec.head / 2 + (k - (len(lines) - 1) / 2) * 3.8
            text((xs[n] + width / 2, y), line, 3.2, width - 1.5)
        if spec.numbers:
            text((xs[n] + width / 2, top + spec.head + 2.5), f"({n + 1})", 2.6)
    filled = len(spec.rows) if spec.filled is None else spec.filled
    for r in range(filled):
        middle = (ys[r] + ys[r + 1]) / 2
        for n, (_, width) in enumerate(spec.columns):
            words = str(rng.choice(NAMES if width > 30 else WORDS))
            if n == 0:
                words = str(spec.first_number + r)
            if n and rng.random() < 0.15:
                continue
            x = xs[n] + width / 2 + rng.uniform(-0.1, 0.1) * width
            text((x, middle + rng.uniform(-0.6, 0.6)), words, 3.3, width * 0.8)


def _rules(
    spec: Drawing, shape: tuple[int, int], px: float, rng: np.random.Generator
) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    xs, ys = edges(spec)
    top = spec.corner[1]
    levels = [top, top + spec.head, *ys[(0 if spec.numbers else 1) :]]
    thick = max(1, round(spec.rule * px))

    def line(x0: float, y0: float, x1: float, y1: float, strength: int = 255, wide=thick) -> None:
        if rng.random() < spec.broken:
            return
        a, b = (round(x0 * px), round(y0 * px)), (round(x1 * px), round(y1 * px))
        cv2.line(mask, a, b, strength, wide)

    def dots(x0: float, x1: float, y: float, step: float = 1.1) -> None:
        for x in np.arange(x0 + 0.6, x1 - 0.5, step):
            cv2.circle(mask, (round(x * px), round(y * px)), max(1, round(0.2 * px)), 255, -1)

    body = set(levels[2 if not spec.numbers else 3 : -1])
    if spec.style == "notebook":
        for y in np.arange(10.0, spec.size[1] - 8, spec.rows[0]):
            offset = (ys[0] - 10.0) % spec.rows[0]
            cv2.line(
                mask, (0, round((y + offset) * px)), (shape[1], round((y + offset) * px)), 110, 1
            )
    for y in levels:
        inner = y in body
        if inner and spec.style in ("no_rows", "notebook"):
            continue
        for a, b in itertools.pairwise(xs):
            if inner and spec.style == "dotted":
                dots(a, b, y)
            else:
                line(a, y, b, y)
                if spec.style == "double" and y in (levels[0], levels[1], levels[-1]):
                    line(a, y - 1.0, b, y - 1.0)
    if spec.style == "writing_lines":
        for upper, lower in itertools.pairwise(ys):
            for share in (0.4, 0.75):
                for a, b in itertools.pairwise(xs):
                    dots(a, b, upper + share * (lower - upper), 1.4)
    for n, x in enumerate(xs):
        lean = rng.uniform(-0.5, 0.5) if spec.style == "notebook" else 0.0
        wide = thick * 3 if spec.style == "double" and n in (0, len(xs) - 1) else thick
        for a, b in itertools.pairwise(levels):
            share_a, share_b = (a - top) / (levels[-1] - top), (b - top) / (levels[-1] - top)
            line(x + lean * share_a, a, x + lean * share_b, b, wide=wide)
            if spec.style == "double" and 0 < n < len(xs) - 1 and n % 3 == 0:
                line(x + 0.9, a, x + 0.9, b)
    return mask.astype(np.float32) / 255


def book(spec: Drawing, pages: int, **changes: object) -> list[Drawn]:
    """Some pages of one book: same print, other writing, another bend."""
    rng = np.random.default_rng(spec.seed + 1000)
    drawn = []
    for n in range(pages):
        page = replace(
            spec,
            seed=spec.seed + 17 * n,
            first_number=1 + n * len(spec.rows),
            angle=float(rng.uniform(-1.2, 1.2)),
            bend=float(rng.uniform(-1.0, 1.0)),
            **changes,
        )
        drawn.append(draw(page))
    return drawn
