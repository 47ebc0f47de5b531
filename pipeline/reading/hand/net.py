"""The handwriting net: ONNX weights run on one thread, one session a process.

The weights travel with a card (JSON) that says what they were trained for: the alphabet, the
version and height of the ink maps, the frames. Weights that do not fit this code are refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from pipeline.errors import WeightsError
from pipeline.reading.hand.adapter import Adapter, read_with_digest
from pipeline.reading.hand.ctc import Posteriors
from pipeline.reading.hand.ink import (
    HEIGHT,
    INK_VERSION,
    InkLine,
    own_frames,
    padded_width,
    stack,
)
from pipeline.reading.hand.letters import Letters
from pipeline.reading.hand.onnx_file import weights_of, with_weights

_COLUMNS = 2048
"""Most columns of a batch, padding included: more is no faster and takes memory."""


@dataclass(frozen=True)
class Card:
    """What weights say of themselves. ``stride`` is columns of ink a frame."""

    name: str
    letters: Letters
    stride: int
    digest: str = ""
    """SHA-256 of the weights."""


@dataclass(frozen=True, eq=False)
class Net:
    """Weights ready to read.

    Attributes:
        card: of the base weights.
        session: the net with what was learned of a book.
        weights: file of the base weights.
        adapter: SHA-256 of the adapter's file; empty without one.
    """

    card: Card
    session: ort.InferenceSession
    weights: Path
    adapter: str = ""

    @property
    def name(self) -> str:
        """E.g. ``hand-3f9a2c10``, with an adapter ``hand-3f9a2c10+9b21c7d0``.

        Kept beside each reading.
        """
        return f"{self.card.name}+{self.adapter[:8]}" if self.adapter else self.card.name

    def posteriors(self, maps: Sequence[InkLine]) -> list[Posteriors]:
        """Log-probabilities of each line, in order; lines of one padded width run together.

        What a line gives does not hang on what it is batched with.
        """
        found: dict[int, Posteriors] = {}
        for group in buckets([ink.shape[1] for ink in maps]):
            batch = stack([maps[n] for n in group])
            answer = np.asarray(self.session.run(None, {"ink": batch})[0], np.float32)
            for n, said in zip(group, answer, strict=True):
                found[n] = said[: own_frames(maps[n].shape[1], len(said))]
        return [found[n] for n in range(len(maps))]


def buckets(widths: Sequence[int]) -> list[list[int]]:
    """Numbers of lines that run in one batch: of one padded width, not too much at once."""
    groups: list[list[int]] = []
    room = 0
    for n in sorted(range(len(widths)), key=lambda n: widths[n]):
        width = padded_width(widths[n])
        if groups and width <= room and padded_width(widths[groups[-1][0]]) == width:
            groups[-1].append(n)
        else:
            groups.append([n])
            room = _COLUMNS
        room -= width
    return groups


def weights_there(config: Path, name: str = "hand") -> bool:
    """True where an ``ocr_config`` folder holds weights of this name, usable or not."""
    return (config / "weights" / f"{name}.onnx").exists()


def load_net(config: Path, name: str = "hand", adapter: Path | None = None) -> Net:
    """The net of an ``ocr_config`` folder, loaded once a process.

    Args:
        config: the folder.
        name: of the weights.
        adapter: file of what was learned of a book (``pipeline.reading.hand.learn``).

    Raises:
        WeightsError: missing, damaged, or made for another version of this code; the adapter
            too, or it was made for other weights.
    """
    # A session does not survive a fork: each process has its own.
    if adapter is None:
        return _load(config, name, os.getpid())
    try:
        kept = adapter.stat()
    except OSError:
        kept = None  # reading it says what is wrong
    version = (kept.st_mtime_ns, kept.st_size, kept.st_ino) if kept else ()
    return _adapted(config, name, adapter, version, os.getpid())


@lru_cache(maxsize=2)
def _load(config: Path, name: str, _process: int) -> Net:
    path, card, weights = load_weights(config, name)
    return Net(card, session_of(weights), path)


@lru_cache(maxsize=3)
def _adapted(
    config: Path, name: str, adapter: Path, _version: tuple[int, ...], _process: int
) -> Net:
    """A few books at once: a session with its weights takes some 15 MB."""
    path, card, weights = load_weights(config, name)
    learned, digest = read_with_digest(adapter)
    try:
        return Net(card, session_of(adapted_weights(weights, card, learned)), path, digest)
    except WeightsError as error:
        raise WeightsError(error.detail, where=str(adapter)) from error


def adapted_weights(weights: bytes, card: Card, learned: Adapter) -> bytes:
    """Base weights (ONNX) with what was learned of a book added.

    Raises:
        WeightsError: it was learned on other base weights.
    """
    if learned.base != card.digest:
        raise WeightsError(f"base {learned.base[:12]} != {card.digest[:12]}")
    base = weights_of(weights)
    missing = [name for name in learned.tensors if name not in base]
    if missing:
        raise WeightsError(f"{missing[0]}?")
    try:
        fresh = {
            name: base[name] + change.astype(np.float32) for name, change in learned.tensors.items()
        }
    except ValueError as error:  # shapes that do not go together
        raise WeightsError(str(error)) from error
    return with_weights(weights, fresh)


def load_weights(config: Path, name: str = "hand") -> tuple[Path, Card, bytes]:
    """File, card and content (ONNX) of the weights of an ``ocr_config`` folder, checked.

    Raises:
        WeightsError: missing, damaged, or made for another version of this code.
    """
    path = config / "weights" / f"{name}.onnx"
    try:
        weights = path.read_bytes()
        return path, read_card(path.with_suffix(".json"), weights), weights
    except FileNotFoundError as error:
        raise WeightsError(f"{Path(str(error.filename)).name}?", where=str(path.parent)) from error
    except OSError as error:
        raise WeightsError(error.strerror or str(error), where=str(path)) from error


def read_card(path: Path, weights: bytes) -> Card:
    """The card beside some weights, checked against them and against this code.

    Raises:
        WeightsError: the card is damaged, or does not belong to the weights or to this code.
    """
    try:
        card = json.loads(path.read_text("utf-8"))
        digest, version = str(card["sha256"]), card["ink_version"]
        height, stride = int(card["height"]), int(card["stride"])
        signs = card["alphabet"]
        letters = Letters("".join(signs))  # the sign of the blank is empty
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{error!r}", where=str(path)) from error
    own = hashlib.sha256(weights).hexdigest()
    if own != digest:
        raise WeightsError(f"sha256 {own[:12]} != {digest[:12]}", where=str(path))
    if str(version) != str(INK_VERSION) or height != HEIGHT:
        raise WeightsError(
            f"ink {version}/{height} px, {INK_VERSION}/{HEIGHT} px wanted", where=str(path)
        )
    if len(set(letters.signs)) != len(letters.signs) or not letters.space or stride < 1:
        raise WeightsError("alphabet", where=str(path))
    return Card(f"{path.stem}-{digest[:8]}", letters, stride, digest)


def session_of(weights: bytes, inputs: tuple[str, ...] = ("ink",)) -> ort.InferenceSession:
    """A net (ONNX) of these inputs, ready to run on one thread.

    Raises:
        WeightsError: the runtime does not take it.
    """
    options = ort.SessionOptions()
    # One process a page: threads of the library would only fight for the same cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.enable_mem_pattern = False  # widths differ from batch to batch
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        names = tuple(one.name for one in session.get_inputs())
    except Exception as error:
        raise WeightsError(str(error).splitlines()[0][:200]) from error
    if names != inputs:
        raise WeightsError(f"inputs {', '.join(names)}")
    return session
