"""Says what stands in a cell: print, type, a hand, nothing, a deletion, a ditto mark, a stamp.

Two small networks over the figures of a crop (``figures.py``): one tells how it is written, the
other what is there at all. ``training.fit_router`` makes and tempers them, so that their shares
are probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SettingsError
from pipeline.reading.figures import FIGURES, SIZES, figures, sizes
from pipeline.types import Crop, Grey

Floats = NDArray[np.float64]


class Writing(StrEnum):
    """How something is written; the order of the router's chances."""

    PRINTED = "printed"
    TYPED = "typed"
    HAND = "hand"


class Look(StrEnum):
    """What a cell is, one of these; the order of ``Looks.chances``."""

    PRINTED = "printed"
    TYPED = "typed"
    HAND = "hand"
    BLANK = "blank"
    STRUCK = "struck"
    DITTO = "ditto"
    STAMP = "stamp"


class Content(StrEnum):
    """What is in a cell, however it is written; the order of the second network's chances."""

    WRITTEN = "written"
    BLANK = "blank"
    STRUCK = "struck"
    DITTO = "ditto"
    STAMP = "stamp"
    STAMPED = "stamped"
    """A stamp lies over writing."""


@dataclass(frozen=True)
class Network:
    """One hidden layer; ``temper`` divides what it says, so that its shares are probabilities."""

    middle: Floats
    spread: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    temper: float = 1.0

    def logits(self, rows: Floats) -> Floats:
        """Logarithms of chances, but for a constant, of rows of figures."""
        inner = np.clip((rows - self.middle) / self.spread, -_FARTHEST, _FARTHEST) @ self.first
        inner = np.maximum(0, inner + self.first_bias)
        return np.asarray((inner @ self.second + self.second_bias) / self.temper, np.float64)


_FARTHEST = 6.0
"""Deviations beyond which a figure says no more: what was never met must not shout."""


@dataclass(frozen=True)
class Looks:
    """What some cells are, a row a cell."""

    hand: Floats
    """Log-odds of handwriting against print and type together."""
    content: Floats
    """Chances of each ``Content``."""
    chances: Floats
    """Chances of each ``Look``; a stamped cell counts as what is written in it."""

    def of(self, content: Content) -> Floats:
        """Chances of one content, a cell each."""
        return np.asarray(self.content[:, list(Content).index(content)])


@dataclass(frozen=True)
class Router:
    """How it is written, and what is there."""

    version: str
    writing: Network
    content: Network

    def hand(self, images: Sequence[Grey]) -> Floats:
        """Log-odds of handwriting of clean pictures, whatever their scale."""
        rows = np.array([figures(image) for image in images]).reshape(-1, FIGURES)
        return _against_rest(self.writing.logits(rows))

    def looks(self, crops: Sequence[Crop]) -> Looks:
        """What clean crops of cells are."""
        forms = np.array([figures(crop.image) for crop in crops]).reshape(-1, FIGURES)
        scales = np.array([sizes(crop) for crop in crops]).reshape(-1, SIZES)
        return self.judged(forms, scales)

    def judged(self, forms: Floats, scales: Floats) -> Looks:
        """The same from ``figures`` and ``sizes``, a row a cell."""
        written = self.writing.logits(forms)
        how = _shares(written)
        what = _shares(self.content.logits(np.hstack([forms, scales])))
        kinds = list(Content)
        there = what[:, kinds.index(Content.WRITTEN)] + what[:, kinds.index(Content.STAMPED)]
        others = (Content.BLANK, Content.STRUCK, Content.DITTO, Content.STAMP)
        chances = np.hstack([how * there[:, None], what[:, [kinds.index(one) for one in others]]])
        return Looks(_against_rest(written), what, chances)


def _shares(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _against_rest(logits: Floats) -> Floats:
    return np.asarray(logits[:, 2] - np.logaddexp(logits[:, 0], logits[:, 1]))


_PARTS = ("middle", "spread", "first", "first_bias", "second", "second_bias", "temper")


def save_router(router: Router, path: Path) -> None:
    """Write the weights as float32."""
    arrays = {
        f"{name}.{part}": np.asarray(getattr(network, part), np.float32)
        for name, network in (("writing", router.writing), ("content", router.content))
        for part in _PARTS
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, version=np.array(router.version), **arrays)


@lru_cache(maxsize=2)
def load_router(config: Path) -> Router:
    """The router of an ``ocr_config`` folder.

    Raises:
        SettingsError: its weights are missing or cannot be used.
    """
    path = config / "weights" / "router.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            networks = [_network(file, name) for name in ("writing", "content")]
            router = Router(str(file["version"]), *networks)
        router.looks([Crop(np.full((8, 8), 255, np.uint8), 180.0, "notes")])
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"router: {error!r}", where=str(path)) from error
    return router


def _network(file: Mapping[str, NDArray[np.float32]], name: str) -> Network:
    middle, spread, first, first_bias, second, second_bias = (
        np.asarray(file[f"{name}.{part}"], np.float64) for part in _PARTS[:-1]
    )
    temper = float(file[f"{name}.temper"])
    return Network(middle, spread, first, first_bias, second, second_bias, temper)
