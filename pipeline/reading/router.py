"""Tells handwriting from type and print by the turns of its outlines, cell by cell.

Along the outline of the ink the directions of two short legs are counted together (the hinge
of Bulacu and Schomaker 2007): print has few directions and sharp corners, a pen many and soft
ones. How well letters keep a line, a height and a stroke's width is counted too. A small
network over these figures gives the chances; ``training.fit_router`` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SettingsError
from pipeline.types import Grey

Floats = NDArray[np.float64]

LETTER_PX = 22.0
"""Height to which letters are brought before they are looked at."""
_LEGS = (5, 10)
_WAYS, _TURNS = 16, 12
_INK = 128
_MOST = 4.0
_WIDEST = 520
_LEAST_PIECES = 2
FIGURES = len(_LEGS) * _WAYS * _TURNS // 2 + 12


class Writing(StrEnum):
    """How something is written; the order of the router's chances."""

    PRINTED = "printed"
    TYPED = "typed"
    HAND = "hand"


@dataclass(frozen=True)
class Router:
    """Weights of the network: figures, hidden layer, chances."""

    version: str
    middle: Floats
    spread: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats

    def logits(self, images: Sequence[Grey]) -> Floats:
        """Unscaled chances (images, kinds of ``Writing``) of clean crops, dark on white."""
        rows = np.array([figures(image) for image in images]).reshape(-1, FIGURES)
        inner = np.maximum(0, ((rows - self.middle) / self.spread) @ self.first + self.first_bias)
        return np.asarray(inner @ self.second + self.second_bias, np.float64)

    def hand(self, images: Sequence[Grey]) -> Floats:
        """Log-odds of handwriting against print and type together, one an image."""
        found = self.logits(images)
        return np.asarray(found[:, 2] - np.logaddexp(found[:, 0], found[:, 1]))


def figures(image: Grey) -> Floats:
    """What the network sees of a clean crop: shares of hinges, and how regular the letters are."""
    mask = _letters(image)
    return np.concatenate([_hinges(mask), _regularity(mask)])


def _letters(image: Grey) -> Grey:
    """Ink (255) of a crop, its letters about ``LETTER_PX`` high, nothing around it."""
    left, top, width, height = cv2.boundingRect(_below(image))
    if not width:
        return np.zeros((1, 1), np.uint8)
    own = image[top : top + height, left : left + width]
    heights = np.sort(cv2.connectedComponentsWithStats(_below(own), connectivity=8)[2][1:, 3])
    tall = heights[heights >= 0.5 * heights[int(0.9 * (len(heights) - 1))]]
    scale = min(_MOST, LETTER_PX / max(1.0, float(tall[len(tall) // 2])))
    # Some words tell as much as a long line.
    own = own[:, : round(_WIDEST / scale)]
    light = cv2.copyMakeBorder(own, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    size = (max(4, round(light.shape[1] * scale)), max(4, round(light.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(light, size, interpolation=way), np.uint8)
    return _below(sized)


def _below(image: Grey) -> Grey:
    """255 where there is ink."""
    return np.asarray(cv2.threshold(image, _INK - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _hinges(mask: Grey) -> Floats:
    """Square roots of the shares of each pair of way and turn, for short and long legs."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [np.asarray(ring).reshape(-1, 2) for ring in outlines if len(ring) >= 3 * min(_LEGS)]
    if not rings:
        return np.zeros(len(_LEGS) * _WAYS * _TURNS // 2)
    points = np.concatenate(rings).astype(np.float32)
    sizes = np.array([len(ring) for ring in rings])
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = np.repeat(sizes, sizes)
    place = np.arange(len(points)) - starts
    parts = []
    for leg in _LEGS:
        # Each outline is a ring: legs go on around its end.
        on = points[starts + (place + leg) % size] - points
        back = points[starts + (place - leg) % size] - points
        way = np.arctan2(on[:, 1], on[:, 0])
        turn = np.abs((np.arctan2(back[:, 1], back[:, 0]) - way) % (2 * np.pi) - np.pi)
        ways = ((way + np.pi) / (2 * np.pi) * _WAYS + 0.5).astype(int) % _WAYS
        turns = np.minimum(_TURNS // 2 - 1, turn / np.pi * _TURNS).astype(int)
        counts = np.bincount(
            (ways * (_TURNS // 2) + turns)[size >= 3 * leg], minlength=_WAYS * _TURNS // 2
        )
        parts.append(np.sqrt(counts / max(1, counts.sum())))
    return np.concatenate(parts)


def _regularity(mask: Grey) -> Floats:
    """How evenly letters stand, how alike they are in height and stroke."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, area = np.asarray(stats[1:], np.float64).T
    large = height >= 0.55 * LETTER_PX
    thick = cv2.distanceTransform(
        cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3
    )
    ridge = thick[(thick >= cv2.dilate(thick, np.ones((3, 3), np.uint8))) & (thick > 0)]
    count = int(large.sum())
    if count < _LEAST_PIECES or not ridge.size:
        return np.concatenate([[float(count), float(len(height))], np.zeros(10)])
    bottom, middle = (top + height)[large], (left + width / 2)[large]
    off = middle - middle.mean()
    feet = np.abs(_centred(bottom - off * (off @ bottom) / max(1.0, float(off @ off))))
    size = height[large]
    uneven = np.abs(_centred(size))
    aspect = np.sort(width[large] / size)
    return np.array(
        [
            np.log1p(count),
            np.log1p(len(height)),
            np.sort(feet)[count // 2],
            (feet <= 1.5).mean(),
            np.sort(uneven)[count // 2],
            (uneven <= 1.5).mean(),
            aspect.mean(),
            aspect[int(0.9 * (count - 1))],
            (area[large] / (width[large] * size)).mean(),
            ridge.mean(),
            ridge.std() / ridge.mean(),
            LETTER_PX * count / mask.shape[1],
        ],
        np.float64,
    )


def _centred(values: Floats) -> Floats:
    return np.asarray(values - np.sort(values)[len(values) // 2])


@lru_cache(maxsize=2)
def load_router(config: Path) -> Router:
    """The router of an ``ocr_config`` folder.

    Raises:
        SettingsError: its weights are missing or cannot be used.
    """
    path = config / "weights" / "router.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            router = Router(
                str(file["version"]),
                *(
                    np.asarray(file[name], np.float64)
                    for name in ("middle", "spread", "first", "first_bias", "second", "second_bias")
                ),
            )
        router.logits([np.full((8, 8), 255, np.uint8)])
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"router: {error!r}", where=str(path)) from error
    return router
