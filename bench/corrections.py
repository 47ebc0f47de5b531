"""``python -m bench.corrections``: corrections over struck text, writing over its cell's edge, and
writing that runs over two lines.

Single cells are drawn with the pens of the sample generator, so that hundreds cost less than a
page. Prints how many corrections were told apart (and how many cells without one were), how
many words that cross an edge were followed, and how much of two lines in one cell is kept.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Annotated

import cv2
import numpy as np
import typer

from pipeline.reading.crop import cut
from pipeline.reading.hand.reader import most_lines
from pipeline.reading.hand.rows import rows_of
from pipeline.reading.recognizer import cell_crops
from pipeline.settings import PROJECT
from pipeline.types import IDENTITY, Cell, Layout, PageImage, Side
from samples.eras.fill import correct
from samples.eras.pools import POOLS
from samples.marks import strike
from samples.pen import Hand, Mask, blank_mask, write
from samples.sheet import Sheet, Slot, WritingLine

CONFIG = PROJECT / "ocr_config"
DPI, WORK_DPI = 200.0, 180.0
PX = DPI / 25.4
EDGES = (5.0, 45.0, 85.0, 110.0)
NAMES = (
    ("Nguyễn Văn Hoa", "Nguyễn Văn Hùng"), ("Trần Thị Bình", "Trần Thị Lan"),
    ("Phạm Đức Sơn", "Phạm Đức Tâm"), ("Lê Hòa", "Lê Lan Hương"),
)  # fmt: skip
KINDS = ("plain", "struck", "0.62", "0.8", "1.0")
"""Writing alone, struck, or with a correction raised by so many ems."""
_CROSSES_MM = 1.5
_RIM_MM = 1.0
"""Paper around a cell in its crop."""
PLACES = (
    ("làng Lưu Kỳ, huyện", "Thủy Nguyên, Kiến An"), ("Bệnh viện phụ sản", "Hải Phòng"),
    ("thôn Đông, xã Quang", "Trung, huyện An Lão"),
)  # fmt: skip
ROWS = ((12.0, 5.2, (3.0, 3.6)), (15.0, 6.0, (3.4, 4.2)), (18.0, 7.0, (3.8, 4.8)))
"""Height of a ledger's row, distance of two lines in it, sizes of the hand, mm."""


def hand_of(pool: str, rng: random.Random, size: tuple[float, float]) -> Hand:
    """A hand of a pool."""
    family = rng.choice(POOLS[pool].hand_families())
    slant = rng.uniform(-0.05, 0.25)
    return Hand("hand", family, rng.uniform(*size), 1.0, slant=slant, wobble=0.02)


def page_of(mask: Mask, seed: int) -> PageImage:
    """Ink on grainy paper."""
    grain = np.random.default_rng(seed).normal(0, 6, mask.shape)
    grey = np.clip(228 - 0.75 * mask.astype(np.float64) + grain, 0, 255).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.7), np.uint8)
    return PageImage(soft, DPI, Side.SINGLE, IDENTITY, 0, 0.0)


def cell_of(field: str, x0: float, y0: float, x1: float, y1: float) -> Cell:
    """A cell, its sides in mm."""
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return Cell(0, 0, field, tuple((x * PX, y * PX) for x, y in corners), 1.0)


def told_apart(kind: str, seed: int, pool: str) -> bool:
    """Whether a cell of a kind was taken for struck text with a correction."""
    rng = random.Random(f"{kind} {seed}")
    mask, hand = blank_mask(Sheet(130, 20), DPI), hand_of(pool, rng, (3.6, 4.8))
    slot = Slot("x", (5, 6, 120, 14), (WritingLine(5, 120, 12.0),))
    wrong, right = NAMES[seed % len(NAMES)]
    if kind in ("plain", "struck"):
        for span in write(mask, slot, wrong, hand, DPI, rng):
            if kind == "struck":
                strike(mask, (span.x0, span.x1), span.baseline - 0.25 * span.size, DPI, rng)
    else:
        correct(mask, slot, (wrong, right), hand, DPI, rng, raised=float(kind))
    crop = cut(page_of(mask, seed), cell_of("child_full_name", 5, 6, 120, 14), WORK_DPI)
    return crop.deleted is not None


def crossed(seed: int, pool: str, *, ruled: bool) -> tuple[float, float]:
    """By how much a name runs over its cell's edge, and how far it was followed, mm."""
    rng = random.Random(f"crossed {seed}")
    mask, hand = blank_mask(Sheet(130, 22), DPI), hand_of(pool, rng, (4.4, 5.2))
    line = WritingLine(EDGES[1] - 30 - rng.uniform(0, 4), 120, 12.0)
    text = "Nguyễn Thị Hoàng Phương"[: 14 + seed % 6]
    (span,) = write(mask, Slot("x", (5, 6, 120, 14), (line,)), text, hand, DPI, rng)
    for x in EDGES if ruled else ():
        ends = (round(x * PX), round(4 * PX)), (round(x * PX), round(16 * PX))
        cv2.line(mask, *ends, 190, 2)
    fields = ("child_full_name", "birth_place", "ethnicity")
    cells = tuple(
        cell_of(field, left, 4.5, right, 15.5)
        for field, (left, right) in zip(fields, pairwise(EDGES), strict=True)
    )
    crops = cell_crops((page_of(mask, seed),), Layout("", cells, 1.0, 1), CONFIG)
    return span.x1 - EDGES[1], crops[0].over_mm


def two_lines(
    seed: int, pool: str, row: tuple[float, float, tuple[float, float]]
) -> tuple[bool, float]:
    """Whether a place over two lines, in a column made for one, was parted in two; and the share
    of the line's ink that was kept, of the line that lost most. 1 where a person is asked.
    """
    height, pitch, size = row
    rng = random.Random(f"two lines {seed}")
    mask, hand = blank_mask(Sheet(70, 60), DPI), hand_of(pool, rng, size)
    top = 20.0
    first = top + (height - pitch) / 2 + 0.3 * hand.size

    def put(above: float, texts: tuple[str, str]) -> None:
        for n, text in enumerate(texts):
            line = WritingLine(8, 66, above + n * pitch)
            write(mask, Slot("x", (6, 0, 66, 60), (line,)), text, hand, DPI, rng)

    put(first, PLACES[seed % len(PLACES)])
    own = mask > 110
    for aside in (-height, height):  # the rows above and below are written too
        put(first + aside, PLACES[(seed + 1) % len(PLACES)])
    for y in (top - height, top, top + height, top + 2 * height):
        cv2.line(mask, (round(5 * PX), round(y * PX)), (round(66 * PX), round(y * PX)), 190, 2)
    crop = cut(page_of(mask, seed), cell_of("birth_place", 5, top, 66, top + height), DPI)
    begin = round((top - _RIM_MM) * PX), round((5 - _RIM_MM) * PX)
    there = own[begin[0] :, begin[1] :][: crop.image.shape[0], : crop.image.shape[1]]
    dark = (crop.image < 160).astype(np.uint8)
    kept = (cv2.dilate(dark, np.ones((5, 5), np.uint8)) > 0) & there
    between = round((first + 0.4 * pitch - 0.2 * hand.size - top + _RIM_MM) * PX)
    halves = slice(0, between), slice(between, None)
    shares = [kept[part].sum() / there[part].sum() for part in halves]
    lost = 1.0 if crop.torn else float(min(shares))
    return len(rows_of(crop.image, crop.dpi, most_lines(crop))) == 2, lost


def main(
    cells: Annotated[int, typer.Option(help="of each kind")] = 24,
    pool: Annotated[str, typer.Option(help="development or evaluation")] = "development",
) -> None:
    """Measures and prints."""
    for kind in KINDS:
        apart = sum(told_apart(kind, seed, pool) for seed in range(cells))
        typer.echo(f"{kind}: {apart} of {cells} taken for a correction")
    for ruled in (True, False):
        seen = [crossed(seed, pool, ruled=ruled) for seed in range(cells)]
        over = [far for far, _ in seen if far >= _CROSSES_MM]
        followed = sum(by > 0 for far, by in seen if far >= _CROSSES_MM)
        vain = sum(by > 0 for far, by in seen if far < 0)
        between = "ruled" if ruled else "not ruled"
        typer.echo(f"{between}: {followed} of {len(over)} followed, {vain} in vain")
    for row in ROWS:
        both = [two_lines(seed, pool, row) for seed in range(cells)]
        parted, least = sum(two for two, _ in both), min(share for _, share in both)
        typer.echo(
            f"two lines in a row of {row[0]:.0f} mm: {parted} of {cells} parted, "
            f"{least:.2f} of a line's ink kept at least where no person is asked"
        )


if __name__ == "__main__":
    typer.run(main)
