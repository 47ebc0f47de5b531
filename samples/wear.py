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

from samples.chance import noise_stream, often
from samples.pen import Mask
from samples.sheet import MM_PER_INCH, Sheet
from samples.warp import Warp, pull_picture

Floats = NDArray[np.float32]


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


def draw_warp(sheet: Sheet, wear: Wear, dpi: float, rng: random.Random, bed: str) -> Warp:
    """How one page lay on the scanner."""
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


def _soft_field(shape: tuple[int, int], gen: np.random.Generator, cells: int) -> Floats:
    """Smooth noise of unit spread, some ``cells`` hills across."""
    height, width = shape
    rows = max(2, round(cells * height / max(width, height)) + 2)
    columns = max(2, round(cells * width / max(width, height)) + 2)
    small = gen.standard_normal((rows, columns)).astype(np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]


def _stains(
    shape: tuple[int, int], wear: Wear, rng: random.Random, gen: np.random.Generator
) -> Floats:
    """Darkening by stains and fox marks, 0..depth, made at a quarter of the size."""
    height, width = shape[0] // 4 + 1, shape[1] // 4 + 1
    sheet = np.zeros((height, width), np.float32)
    ragged = _soft_field((height, width), gen, 40)
    for _ in range(rng.randint(wear.stains // 2, wear.stains)):
        radius = rng.uniform(0.01, 0.07) * width
        spot = np.zeros_like(sheet)
        centre = (rng.randint(0, width), rng.randint(0, height))
        axes = (max(2, int(radius)), max(2, int(radius * rng.uniform(0.5, 1.4))))
        cv2.ellipse(spot, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        soft = cv2.GaussianBlur(spot, (0, 0), radius * 0.18 + 1)
        rim = np.clip(soft * (1 - soft) * 4, 0, 1) if often(rng, 0.5) else soft
        sheet += (0.6 * rim + 0.4 * soft) * rng.uniform(0.3, 1.0) * (1 + 0.25 * ragged)
    full = cv2.resize(sheet, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(full, 0, 1.3).astype(np.float32) * wear.stain_depth


def _fade(mask: Mask, strength: float, patches: float, gen: np.random.Generator) -> Floats:
    """Coverage 0..1 of ink whose strength varies over the page."""
    field = _soft_field(mask.shape[:2], gen, 7)  # type: ignore[arg-type]
    return mask.astype(np.float32) * (
        np.clip(strength * (1.0 + patches * field), 0.25 * strength, 1.0) / 255.0
    )


def age(
    sheet: Sheet,
    layers: tuple[Mask, Mask, Mask],
    reverse: Mask | None,
    wear: Wear,
    warp: Warp,
    dpi: float,
    bed: str,
    names: tuple[object, ...],
    hand_ink: float,
) -> NDArray[np.uint8]:
    """The scan of a page.

    Args:
        sheet: what was printed.
        layers: masks of printed text, printed strokes and writing, paper pixels.
        reverse: writing on the other side of the leaf, which shines through mirrored.
        wear: level of wear.
        warp: where paper pixels land.
        dpi: resolution.
        bed: ``white``, ``dark`` or ``paper`` (the scan is cut inside the paper).
        names: names of the random streams.
        hand_ink: strength of the writing relative to the wear's ink, 1 = the same.

    Returns:
        Grey picture of ``warp.scan`` size.
    """
    rng, gen = stream_pair(names)
    maps = warp.maps()
    text, strokes, writing = (pull_picture(layer, maps, 0) for layer in layers)
    ink = rng.uniform(*wear.ink)
    cover = _fade(text, ink, wear.patches, gen)
    np.maximum(cover, _fade(strokes, ink * 0.9, wear.patches * 1.6, gen), out=cover)
    np.maximum(cover, _fade(writing, min(1.0, ink * hand_ink), wear.patches, gen), out=cover)
    soft = wear.blur * dpi / MM_PER_INCH
    cover = cv2.GaussianBlur(cover, (0, 0), soft)  # type: ignore[assignment]
    shape = cover.shape[:2]
    if reverse is not None:
        shine = pull_picture(reverse[:, ::-1].copy(), maps, 0).astype(np.float32) / 255.0
        shine = cv2.GaussianBlur(shine, (0, 0), 0.22 * dpi / MM_PER_INCH)  # type: ignore[assignment]
        cover = 1 - (1 - cover) * (1 - shine * wear.through)
    tone = rng.uniform(*wear.paper)
    paper = np.full(shape, tone, np.float32)
    paper *= 1 + 0.006 * _soft_field(shape, gen, 90)  # type: ignore[arg-type]
    paper *= 1 - _stains(shape, wear, rng, gen)  # type: ignore[arg-type]
    picture = paper * (1 - cover) + 28.0 * cover
    picture *= _lighting(sheet, warp, wear, rng, maps)
    if bed != "paper":
        inside = pull_picture(np.full(layers[0].shape, 255, np.uint8), maps, 0)
        edge = cv2.GaussianBlur(inside, (0, 0), soft).astype(np.float32) / 255.0
        ground = 40.0 if bed == "dark" else 244.0
        shade = cv2.GaussianBlur(edge, (0, 0), 1.2 * dpi / MM_PER_INCH)
        ground_picture = ground * (1 - (0.25 * shade if bed == "white" else 0.0))
        picture = picture * edge + ground_picture * (1 - edge)
    grain = gen.standard_normal(shape, dtype=np.float32) * wear.noise
    if dpi >= 250:
        # Sensor noise is a little smeared by the scanner's optics.
        grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * 1.9  # type: ignore[assignment]
    return np.clip(picture + grain, 0, 255).round().astype(np.uint8)


def stream_pair(names: tuple[object, ...]) -> tuple[random.Random, np.random.Generator]:
    """A plain and an array stream for one purpose."""
    from samples.chance import stream

    return stream(*names, "wear"), noise_stream(*names, "grain")


def _lighting(
    sheet: Sheet,
    warp: Warp,
    wear: Wear,
    rng: random.Random,
    maps: tuple[Floats, Floats],
) -> Floats:
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
    return light.astype(np.float32)
