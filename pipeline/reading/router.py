"""Says what stands in a cell: print, type, a hand, nothing, a deletion, a ditto mark, a stamp.

Two small convolutional nets over pictures of a crop (``pictures.py``): one tells how it is written,
the other what is there at all. ``training.fit_router`` makes them, and sees to it that their shares
are probabilities.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from pipeline.errors import SettingsError, WeightsError
from pipeline.reading.hand.net import session_of
from pipeline.reading.pictures import letters, measures, true_scale
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


@dataclass(frozen=True, eq=False)
class Router:
    """How it is written, and what is there: two nets (ONNX) ready to run."""

    version: str
    writing: ort.InferenceSession
    content: ort.InferenceSession

    def hand(self, images: Sequence[Grey]) -> Floats:
        """Log-odds of handwriting of clean pictures, whatever their scale."""
        return _against_rest(self._written(images))

    def looks(self, crops: Sequence[Crop]) -> Looks:
        """What clean crops of cells are."""
        written = self._written([crop.image for crop in crops])
        told = [
            _asked(self.content, true_scale(crop), measures=measures(crop)[None]) for crop in crops
        ]
        what = _shares(np.array(told, np.float64).reshape(-1, len(Content)))
        how, kinds = _shares(written), list(Content)
        there = what[:, kinds.index(Content.WRITTEN)] + what[:, kinds.index(Content.STAMPED)]
        others = (Content.BLANK, Content.STRUCK, Content.DITTO, Content.STAMP)
        chances = np.hstack([how * there[:, None], what[:, [kinds.index(one) for one in others]]])
        return Looks(_against_rest(written), what, chances)

    def _written(self, images: Sequence[Grey]) -> Floats:
        rows = [_asked(self.writing, letters(image)) for image in images]
        return np.array(rows, np.float64).reshape(-1, len(Writing))


def _asked(session: ort.InferenceSession, image: Grey, **more: NDArray[np.float32]) -> Floats:
    """Logarithms of chances, but for a constant."""
    ink = 1 - image[None, None].astype(np.float32) / 255
    return np.asarray(session.run(None, {"ink": ink, **more})[0][0], np.float64)


def _shares(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _against_rest(logits: Floats) -> Floats:
    return np.asarray(logits[:, 2] - np.logaddexp(logits[:, 0], logits[:, 1]))


def router_files(config: Path) -> tuple[Path, Path]:
    """The nets of an ``ocr_config`` folder: how it is written, what is there."""
    folder = config / "weights"
    return folder / "router-writing.onnx", folder / "router-content.onnx"


def load_router(config: Path) -> Router:
    """The router of an ``ocr_config`` folder, loaded once a process.

    Raises:
        SettingsError: its weights are missing or cannot be used.
    """
    return _loaded(config, os.getpid())


@lru_cache(maxsize=2)
def _loaded(config: Path, _process: int) -> Router:
    paths = router_files(config)
    try:
        weights = [path.read_bytes() for path in paths]
        writing = session_of(weights[0])
        content = session_of(weights[1], ("ink", "measures"))
        router = Router(hashlib.sha256(b"".join(weights)).hexdigest()[:8], writing, content)
        router.looks([Crop(np.full((8, 8), 255, np.uint8), 180.0, "notes")])
    except (OSError, ValueError, WeightsError) as error:
        raise SettingsError(f"router: {error!r}", where=str(paths[0].parent)) from error
    return router
