"""Examples as the router's nets are shown them in training: drawn by kind and source, varied."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Grey

Numbers = NDArray[np.intp]
Floats = NDArray[np.float64]

_LONGEST = 240
"""Columns of a line that are shown at once: a line says the same all along."""
_TOGETHER = 512
"""Pictures drawn at once, and parted into batches of like width."""
_NOISE = np.random.default_rng(1).standard_normal(1 << 20).astype(np.float32)


@dataclass(frozen=True)
class Shown:
    """What a net learns from: pictures, several of each for its sizes; kinds; who wrote."""

    pictures: Sequence[Sequence[Grey]]
    kinds: Numbers
    groups: NDArray[np.str_]
    lines: bool
    """Pictures of writing, which may be parted, thickened and thinned; else cells."""


def how_often(kinds: Numbers, groups: NDArray[np.str_], evened: bool) -> Floats:
    """Chances to be shown: rare kinds oftener than they are, every source alike often."""
    often = np.ones(len(kinds))
    if evened:
        numbers = np.unique(groups, return_inverse=True)[1]
        often = 1 / np.sqrt(np.bincount(numbers))[numbers]
    for kind in np.unique(kinds):
        own = kinds == kind
        often[own] *= own.sum() ** 0.5 / often[own].sum()
    return np.asarray(often / often.sum())


def shown(examples: Shown, size: int, seed: int) -> Iterator[tuple[Numbers, list[Grey]]]:
    """Without end: numbers of examples, and their pictures varied, a batch each."""
    rng, dice = random.Random(seed), np.random.default_rng(seed)
    often = how_often(examples.kinds, examples.groups, examples.lines)
    while True:
        chosen = dice.choice(len(often), _TOGETHER, p=often)
        varied = [_varied(rng.choice(examples.pictures[n]), examples.lines, rng) for n in chosen]
        order = sorted(range(len(chosen)), key=lambda n: varied[n].shape[::-1])
        batches = [order[at : at + size] for at in range(0, len(order), size)]
        rng.shuffle(batches)
        for some in batches:
            yield chosen[some], [varied[n] for n in some]


def _varied(image: Grey, line: bool, rng: random.Random) -> Grey:
    if line and rng.random() < 0.5:
        thicker = cv2.erode if rng.random() < 0.5 else cv2.dilate
        image = np.asarray(thicker(image, np.ones((2, 2), np.uint8)), np.uint8)
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), rng.uniform(0.4, 1.0)), np.uint8)
    if rng.random() < 0.3:
        image = (255 * (image / 255.0) ** rng.uniform(0.6, 1.6)).astype(np.uint8)
    if rng.random() < 0.3 and image.size < _NOISE.size:
        at = rng.randrange(_NOISE.size - image.size)
        noise = _NOISE[at : at + image.size].reshape(image.shape)
        image = np.clip(image + rng.uniform(2, 14) * noise, 0, 255).astype(np.uint8)
    if line:
        image = _piece(image, min(_LONGEST, image.shape[1]), rng)
        if image.shape[1] > 60 and rng.random() < 0.4:
            image = _piece(image, round(image.shape[1] * rng.uniform(0.35, 1)), rng)
    return image


def _piece(image: Grey, width: int, rng: random.Random) -> Grey:
    left = rng.randint(0, image.shape[1] - width)
    return image[:, left : left + width]
