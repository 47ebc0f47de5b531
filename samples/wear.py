"""Ages a page: from masks of ink to the grey picture a scanner gives.

Three levels, with the figures of ``anchors.md`` 3 for A3 at 300 dpi: broken rules 4 / 18 /
45 %, curvature 6 / 18 / 34 px, skew 0.7 / 2 / 2.5 degrees.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.chance import noise_stream, often, stream
from samples.pen import Mask
from samples.sheet import MM_PER_INCH, Sheet
from samples.warp import Maps, Warp, pull_picture

Floats = NDArray[np.float32]
Shape = tuple[int, int]
INK_TONE = 28.0
"""Grey of fresh ink."""


@dataclass(frozen=True)
class Wear:
    """How far a book has gone. Lengths mm, angles degrees, shares and depths 0..1."""

    skew: tuple[float, float]
    curvature: float
    broken: float
    ink: tuple[float, float]
    patches: float
    """How much ink fades unevenly over the page."""
    shadow: float
    light: float
    stains: int
    stain_depth: float
    through: float
    noise: float
    """Grey levels at 300 dpi."""
    blur: float
    paper: tuple[int, int]


LEVELS = {
    "mild": Wear(
        skew=(0.0, 0.7), curvature=0.5, broken=0.04, ink=(0.82, 0.95), patches=0.08, shadow=0.12,
        light=0.05, stains=2, stain_depth=0.06, through=0.03, noise=3.0, blur=0.045,
        paper=(226, 246),
    ),
    "medium": Wear(
        skew=(0.8, 2.0), curvature=1.5, broken=0.18, ink=(0.66, 0.82), patches=0.16, shadow=0.28,
        light=0.12, stains=6, stain_depth=0.12, through=0.07, noise=6.0, blur=0.06,
        paper=(205, 236),
    ),
    "heavy": Wear(
        skew=(1.6, 2.5), curvature=2.85, broken=0.45, ink=(0.48, 0.66), patches=0.3, shadow=0.45,
        light=0.22, stains=14, stain_depth=0.2, through=0.12, noise=14.0, blur=0.08,
        paper=(185, 225),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """Ink masks of a page in paper pixels, and of the other side of its leaf."""

    text: Mask
    strokes: Mask
    writing: Mask
    reverse: Mask | None


def draw_warp(sheet: Sheet, wear: Wear, dpi: float, rng: random.Random, bed: str) -> Warp:
    """How one page lay on the scanner. ``bed`` as in ``age``."""
    scale = dpi / MM_PER_INCH
    paper = (round(sheet.width * scale), round(sheet.height * scale))
    edge = 0.0 if bed == "paper" else rng.uniform(3.0, 7.0)
    scan = (round((sheet.width + 2 * edge) * scale), round((sheet.height + 2 * edge) * scale))
    # A4 pages bend less than an opening of A3.
    share = 1.0 if sheet.width > 300 else 0.7
    amplitude = wear.curvature * share * scale
    fold = sheet.gutter if sheet.gutter else (0.0 if sheet.spine == "left" else sheet.width)
    return Warp(
        paper=paper,
        scan=scan,
        angle=rng.choice((-1, 1)) * rng.uniform(*wear.skew),
        offset=(rng.uniform(-0.6, 0.6) * scale, rng.uniform(-0.6, 0.6) * scale),
        bend=amplitude * 0.5,
        waves=(rng.uniform(0.6, 1.3), rng.random(), rng.uniform(-0.8, 0.8)),
        sideways=amplitude * 0.2,
        pull=amplitude * 0.5 * rng.choice((-1, 1)),
        fold_x=fold * scale,
        reach=rng.uniform(25, 45) * scale,
    )


def age(
    sheet: Sheet, leaf: Leaf, wear: Wear, warp: Warp, dpi: float, bed: str, *names: object
) -> NDArray[np.uint8]:
    """The scan of a page: a grey picture of ``warp.scan`` size.

    Args:
        sheet: what was printed.
        leaf: its ink.
        wear: level of wear.
        warp: where paper pixels land.
        dpi: resolution.
        bed: what is seen beyond the paper: ``white``, ``dark``, or ``paper`` (nothing is).
        names: names of the random streams.
    """
    rng, gen = stream(*names, "wear"), noise_stream(*names, "grain")
    maps = warp.maps()
    cover = _inked(leaf, wear, dpi, maps, rng, gen)
    shape = _shape(cover)
    paper = np.full(shape, rng.uniform(*wear.paper), np.float32)
    paper *= 1 + 0.006 * _soft_field(shape, gen, 90)
    paper *= 1 - _stains(shape, wear, rng, gen)
    picture = paper * (1 - cover) + INK_TONE * cover
    picture *= _lighting(sheet, warp, wear, rng, maps)
    if bed != "paper":
        picture = _on_bed(picture, _shape(leaf.text), maps, dpi, wear, bed)
    return _grained(picture, wear, dpi, gen)


def _shape(array: NDArray[np.uint8] | Floats) -> Shape:
    return (int(array.shape[0]), int(array.shape[1]))


def _floats(array: object) -> Floats:
    return np.asarray(array, np.float32)


def _smooth(array: Floats, sigma: float) -> Floats:
    return _floats(cv2.GaussianBlur(array, (0, 0), sigma))


def _soft_field(shape: Shape, gen: np.random.Generator, cells: int) -> Floats:
    """Smooth noise of unit spread, some ``cells`` hills across."""
    height, width = shape
    rows = max(2, round(cells * height / max(width, height)) + 2)
    columns = max(2, round(cells * width / max(width, height)) + 2)
    small = gen.standard_normal((rows, columns)).astype(np.float32)
    return _floats(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def _inked(
    leaf: Leaf,
    wear: Wear,
    dpi: float,
    maps: Maps,
    rng: random.Random,
    gen: np.random.Generator,
) -> Floats:
    """Coverage 0..1 of all ink, faded in patches, as it lies in the scan."""
    ink = rng.uniform(*wear.ink)
    cover = np.zeros(maps[0].shape, np.float32)
    for mask, strength, patches in (
        (leaf.text, ink, wear.patches),
        (leaf.strokes, ink * 0.9, wear.patches * 1.6),
        (leaf.writing, ink, wear.patches),
    ):
        field = _soft_field(_shape(cover), gen, 7)
        level = np.clip(strength * (1 + patches * field), 0.25 * strength, 1.0) / 255.0
        np.maximum(cover, pull_picture(mask, maps) * level, out=cover)
    cover = _smooth(cover, wear.blur * dpi / MM_PER_INCH)
    if leaf.reverse is not None:
        mirrored = np.ascontiguousarray(leaf.reverse[:, ::-1])
        shine = _smooth(_floats(pull_picture(mirrored, maps)) / 255.0, 0.22 * dpi / MM_PER_INCH)
        cover = 1 - (1 - cover) * (1 - shine * wear.through)
    return cover


def _stains(shape: Shape, wear: Wear, rng: random.Random, gen: np.random.Generator) -> Floats:
    """Darkening by stains and their rims, 0..depth, made at a quarter of the size."""
    height, width = shape[0] // 4 + 1, shape[1] // 4 + 1
    sheet = np.zeros((height, width), np.float32)
    ragged = _soft_field((height, width), gen, 40)
    for _ in range(rng.randint(wear.stains // 2, wear.stains)):
        radius = rng.uniform(0.01, 0.07) * width
        spot = np.zeros_like(sheet)
        centre = (rng.randint(0, width), rng.randint(0, height))
        axes = (max(2, int(radius)), max(2, int(radius * rng.uniform(0.5, 1.4))))
        cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        soft = _smooth(spot, radius * 0.18 + 1)
        rim = np.clip(soft * (1 - soft) * 4, 0, 1) if often(rng, 0.5) else soft
        sheet += (0.6 * rim + 0.4 * soft) * rng.uniform(0.3, 1.0) * (1 + 0.25 * ragged)
    full = _floats(cv2.resize(sheet, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))
    return np.clip(full, 0, 1.3) * np.float32(wear.stain_depth)


def _lighting(sheet: Sheet, warp: Warp, wear: Wear, rng: random.Random, maps: Maps) -> Floats:
    """Uneven light and the shadow at the fold, as a factor."""
    x, y = maps[0] / warp.paper[0], maps[1] / warp.paper[1]
    angle = rng.uniform(0, 2 * math.pi)
    slope = ((x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle)) * 2
    light = 1 - wear.light * (0.5 + 0.5 * slope)
    away = np.abs(maps[0] - warp.fold_x) / (warp.reach * (0.35 if sheet.gutter else 0.5))
    light *= 1 - wear.shadow * np.exp(-away)
    if sheet.gutter:
        line = np.abs(maps[0] - warp.fold_x) / (0.0012 * warp.paper[0])
        light *= 1 - 0.45 * np.exp(-(line**2))
    return _floats(light)


def _on_bed(picture: Floats, paper: Shape, maps: Maps, dpi: float, wear: Wear, bed: str) -> Floats:
    """The paper on the scanner's lid (white, with the paper's shadow) or on dark cloth."""
    inside = pull_picture(np.full(paper, 255, np.uint8), maps)
    edge = _smooth(_floats(inside) / 255.0, wear.blur * dpi / MM_PER_INCH)
    ground: Floats = np.full(_shape(picture), 40.0, np.float32)
    if bed == "white":
        ground = 244.0 * (1 - 0.25 * _smooth(edge, 1.2 * dpi / MM_PER_INCH))
    return picture * edge + ground * (1 - edge)


def _grained(
    picture: Floats, wear: Wear, dpi: float, gen: np.random.Generator
) -> NDArray[np.uint8]:
    grain = gen.standard_normal(_shape(picture), dtype=np.float32)
    if dpi >= 250:
        # Fine scans smear a sensor's noise over neighbours; coarse ones average it away.
        grain = _smooth(grain, 0.6) * 1.9
    else:
        grain *= dpi / 300.0
    return np.clip(picture + grain * wear.noise, 0, 255).round().astype(np.uint8)
