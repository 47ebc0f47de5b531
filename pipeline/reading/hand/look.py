"""The lower part of the net, that no book changes: what its convolutions see in a line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from pipeline.errors import WeightsError
from pipeline.reading.hand.ink import InkLine, padded_width, stack
from pipeline.reading.hand.net import Net, buckets, session_of
from pipeline.reading.hand.onnx_file import part_before
from pipeline.reading.hand.tail import FOLD

Floats = NDArray[np.float32]

_STROKES = "look.4.0.weight"
"""The layer whose input says most of a hand: strokes and their joints, not yet letters."""


@dataclass(frozen=True, eq=False)
class Lower:
    """The frozen part, ready to run."""

    session: ort.InferenceSession

    def features(self, maps: Sequence[InkLine]) -> list[Floats]:
        """What goes into the layer that folds the height away, shape (frames, features) a line.

        Lines are padded as in reading, so that the rest of the net gives what it gives there.
        """
        found: dict[int, Floats] = {}
        for group in buckets([ink.shape[1] for ink in maps]):
            given = self.session.run(None, {"ink": stack([maps[n] for n in group])})[0]
            rows = np.asarray(given, np.float32).transpose(0, 3, 1, 2)
            found.update(zip(group, rows.reshape(*rows.shape[:2], -1), strict=True))
        return [found[n] for n in range(len(maps))]


def lower_part(weights: bytes) -> Lower:
    """The frozen part of a net (ONNX).

    Raises:
        WeightsError: weights of another net: they can be read with, but nothing can be learned.
    """
    return Lower(session_of(part_before(weights, FOLD)[0]))


def line_features(net: Net, maps: Sequence[InkLine]) -> Floats:
    """One vector a line that tells hands apart, shape (lines, d).

    Mean and spread over the line of what the net sees of strokes. The base weights are asked,
    whatever was learned of a book.

    Raises:
        WeightsError: weights of another net.
    """
    session = _strokes(net.weights, net.card.digest, os.getpid())
    found: dict[int, Floats] = {}
    for group in buckets([ink.shape[1] for ink in maps]):
        given = np.asarray(session.run(None, {"ink": stack([maps[n] for n in group])})[0])
        for n, own in zip(group, given, strict=True):
            width = maps[n].shape[1]
            inked = own[:, :, : max(1, round(own.shape[2] * width / padded_width(width)))]
            found[n] = np.concatenate([inked.mean(axis=(1, 2)), inked.std(axis=(1, 2))])
    if not maps:
        return np.zeros((0, 0), np.float32)
    return np.stack([found[n] for n in range(len(maps))]).astype(np.float32)


@lru_cache(maxsize=2)
def _strokes(path: Path, _digest: str, _process: int) -> ort.InferenceSession:
    try:
        return session_of(part_before(path.read_bytes(), _STROKES)[0])
    except OSError as error:
        raise WeightsError(error.strerror or str(error), where=str(path)) from error
