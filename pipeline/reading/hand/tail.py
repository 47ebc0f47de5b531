"""The upper part of the net in numpy, forwards and backwards: what a book's hand is learned in.

The convolutions over the ink stay as they are and run in onnxruntime; trained are the layer that
folds the height away, the blocks that look along the line, and the layer that says the letters.
Lines lie one behind the other on a tape, with blank frames between them, so that no frame is
spent on filling lines up to the longest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.errors import WeightsError

Floats = NDArray[np.float32]
Tensors = Mapping[str, Floats]

FOLD = "look.6.0.weight"
"""Weight of the lowest layer that is trained (training/hand/net.py, exported)."""
_FOLD, _SAY = "look.6.0", "say"


@dataclass(frozen=True, eq=False)
class Layers:
    """The trained layers as matrices, output channels first; all are views of ``flat``."""

    flat: Floats
    tensors: Tensors
    blocks: tuple[str, ...]

    def matrix(self, layer: str) -> Floats:
        """Weight of a layer, shape (output channels, inputs)."""
        weight = self.tensors[f"{layer}.weight"]
        return weight.reshape(len(weight), -1)

    def bias(self, layer: str) -> Floats:
        """Bias of a layer."""
        return self.tensors[f"{layer}.bias"]

    def like(self, flat: Floats) -> Layers:
        """The same layers with other numbers."""
        views, at = {}, 0
        for name, tensor in self.tensors.items():
            views[name] = flat[at : at + tensor.size].reshape(tensor.shape)
            at += tensor.size
        return Layers(flat, views, self.blocks)


@dataclass(frozen=True, eq=False)
class Tape:
    """Lines one behind the other. ``seen`` has a row a frame, 0 between lines."""

    seen: Floats
    spans: tuple[tuple[int, int], ...]
    gaps: NDArray[np.intp]


@dataclass(frozen=True)
class Noise:
    """What is left out by chance in training, as rates."""

    features: float = 0.0
    blocks: float = 0.0


@dataclass(eq=False)
class Trace:
    """What the way back needs to know of the way forth."""

    frames: list[Floats]
    mixed: list[Floats]
    inner: list[Floats]
    kept: list[Floats | None]
    masks: tuple[Floats | None, Floats | None]
    top: Floats


def layers_of(weights: Tensors) -> Layers:
    """The trained layers of a net's weights, copied.

    Raises:
        WeightsError: weights of another net.
    """
    blocks = tuple(sorted({name.rsplit(".", 3)[0] for name in weights if ".change.4." in name}))
    names = [f"{_FOLD}.weight", f"{_FOLD}.bias"]
    for block in blocks:
        names += [f"{block}.change.{n}.{what}" for n in (0, 2, 4) for what in ("weight", "bias")]
    names += [f"{_SAY}.weight", f"{_SAY}.bias"]
    missing = [name for name in names if name not in weights]
    if missing or not blocks or not all(block.startswith("along.") for block in blocks):
        raise WeightsError(f"{', '.join(missing[:3]) or 'along'}?")
    tensors = {name: weights[name] for name in names}
    flat = np.concatenate([tensor.ravel() for tensor in tensors.values()]).astype(np.float32)
    return Layers(flat, tensors, blocks).like(flat)


def reach_of(layers: Layers) -> int:
    """Frames a block looks to each side."""
    return int(layers.matrix(f"{layers.blocks[0]}.change.0").shape[1]) // 2


def tape_of(lines: Sequence[Floats], reach: int) -> Tape:
    """Lines of shape (frames, features) one behind the other, ``reach`` rows of 0 between."""
    rows = sum(len(line) + reach for line in lines) + reach
    seen = np.zeros((rows, lines[0].shape[1]), np.float32)
    spans, at = [], reach
    empty = np.ones(rows, bool)
    for line in lines:
        seen[at : at + len(line)] = line
        empty[at : at + len(line)] = False
        spans.append((at, at + len(line)))
        at += len(line) + reach
    return Tape(seen, tuple(spans), np.flatnonzero(empty))


def forward(
    layers: Layers, tape: Tape, noise: Noise = Noise(), dice: Generator | None = None
) -> tuple[Floats, Trace]:
    """Log-probabilities of each row of the tape, and the trace for ``backward``.

    ``noise`` needs ``dice``; reading has neither.
    """
    now: Floats = tape.seen @ layers.matrix(_FOLD).T
    now += layers.bias(_FOLD)
    np.maximum(now, 0, out=now)
    now[tape.gaps] = 0
    below = _mask(now.shape, noise.features, dice)
    frames, mixed, inner, kept = [now], [], [], []
    if below is not None:
        now = np.multiply(now, below)
    for block in layers.blocks:
        along = _along(now, layers.matrix(f"{block}.change.0"))
        along += layers.bias(f"{block}.change.0")
        wide: Floats = along @ layers.matrix(f"{block}.change.2").T
        wide += layers.bias(f"{block}.change.2")
        np.maximum(wide, 0, out=wide)
        more: Floats = wide @ layers.matrix(f"{block}.change.4").T
        more += layers.bias(f"{block}.change.4")
        keep = _kept(tape, noise.blocks, dice)
        if keep is not None:
            more *= keep
        more[tape.gaps] = 0
        more += now
        frames.append(now)
        mixed.append(along)
        inner.append(wide)
        kept.append(keep)
        now = more
    top = np.maximum(now, 0)
    above = _mask(top.shape, noise.features, dice)
    if above is not None:
        top *= above
    said = top @ layers.matrix(_SAY).T
    said += layers.bias(_SAY)
    said -= said.max(axis=1, keepdims=True)
    said -= np.log(np.exp(said).sum(axis=1, keepdims=True))
    return said, Trace(frames, mixed, inner, kept, (below, above), top)


def backward(layers: Layers, tape: Tape, trace: Trace, gradient: Floats, into: Layers) -> None:
    """Writes the gradient of all weights into ``into``.

    Args:
        layers: as they went forth.
        tape: the same.
        trace: of ``forward``.
        gradient: by what went into the softmax, a row a frame, 0 between lines.
        into: layers of the same shapes; overwritten.
    """
    _weight(into, _SAY, gradient, trace.top)
    back: Floats = gradient @ layers.matrix(_SAY)
    below, above = trace.masks
    # Where the mask or the ReLU has let nothing through, top is 0.
    back *= trace.top > 0
    if above is not None:
        back *= above
    for n in reversed(range(len(layers.blocks))):
        block = layers.blocks[n]
        keep = trace.kept[n]
        change = back.copy() if keep is None else np.multiply(back, keep)
        change[tape.gaps] = 0
        _weight(into, f"{block}.change.4", change, trace.inner[n])
        wide: Floats = change @ layers.matrix(f"{block}.change.4")
        wide *= trace.inner[n] > 0
        _weight(into, f"{block}.change.2", wide, trace.mixed[n])
        along: Floats = wide @ layers.matrix(f"{block}.change.2")
        kernel = layers.matrix(f"{block}.change.0")
        into.bias(f"{block}.change.0")[...] = along.sum(axis=0)
        _kernel(into.matrix(f"{block}.change.0"), trace.frames[n + 1], along)
        back += _along(along, kernel[:, ::-1])
    if below is not None:
        back *= below
    back *= trace.frames[0] > 0
    back[tape.gaps] = 0
    _weight(into, _FOLD, back, tape.seen)


def _weight(into: Layers, layer: str, gradient: Floats, came: Floats) -> None:
    np.matmul(gradient.T, came, out=into.matrix(layer))
    into.bias(layer)[...] = gradient.sum(axis=0)


def _along(frames: Floats, kernel: Floats) -> Floats:
    """Each channel with its own kernel along the tape; beyond its ends is nothing."""
    found = np.zeros_like(frames)
    part = np.empty_like(frames)
    for shift, here, there in _shifts(len(frames), kernel.shape[1]):
        weight = np.ascontiguousarray(kernel[:, shift])
        some = part[: here.stop - here.start]
        np.multiply(frames[there], weight, out=some)
        found[here] += some
    return found


def _kernel(into: Floats, frames: Floats, gradient: Floats) -> None:
    """Gradient of the kernels of ``_along``."""
    for shift, here, there in _shifts(len(frames), into.shape[1]):
        into[:, shift] = np.einsum("nc,nc->c", frames[there], gradient[here])


def _shifts(rows: int, size: int) -> Iterator[tuple[int, slice, slice]]:
    """Of each tap: its number, the rows it adds to, the rows it looks at."""
    for shift in range(size):
        by = shift - size // 2
        yield (
            shift,
            slice(max(0, -by), rows - max(0, by)),
            slice(max(0, by), rows - max(0, -by)),
        )


def _mask(shape: tuple[int, ...], rate: float, dice: Generator | None) -> Floats | None:
    if not rate or dice is None:
        return None
    kept = dice.random(shape, np.float32) >= rate
    return np.multiply(kept, np.float32(1 / (1 - rate)), dtype=np.float32)


def _kept(tape: Tape, rate: float, dice: Generator | None) -> Floats | None:
    """Stochastic depth: a factor a row, 0 for lines that skip the block."""
    if not rate or dice is None:
        return None
    keep = np.zeros((len(tape.seen), 1), np.float32)
    for start, stop in tape.spans:
        keep[start:stop] = float(dice.random() >= rate) / (1 - rate)
    return keep
