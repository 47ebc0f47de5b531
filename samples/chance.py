"""Chance that is the same on every machine: one stream a purpose, named by words."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(*names: object) -> random.Random:
    """A random stream that depends on nothing but its names (seed, book, page, purpose)."""
    text = "/".join(str(name) for name in names)
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def noise_stream(*names: object) -> np.random.Generator:
    """As ``stream``, for arrays."""
    return np.random.Generator(np.random.PCG64(stream(*names).getrandbits(63)))


def often(rng: random.Random, share: float) -> bool:
    """True in ``share`` of the cases."""
    return rng.random() < share


def weighted(rng: random.Random, items: Sequence[T], weights: Sequence[float]) -> T:
    """One of ``items`` by weight."""
    return rng.choices(items, weights)[0]
