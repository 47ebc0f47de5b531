"""Lines kept on the graphics card, and batches of them changed by chance there.

What ``pipeline.reading.hand.vary`` does to one line on the processor is done here to a batch at
once (and a little more: tilt, bow, coarse scans, show-through), so that the card need not wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from pipeline.reading.hand.alphabet import encode
from pipeline.reading.hand.ink import HEIGHT, MARGIN, MAX_WIDTH, MIN_WIDTH, SQUEEZE
from training.hand.batches import Batch, box_of
from training.hand.net import STRIDE
from training.hand.synthetic import Line
from training.hand.vary_tape import Look, shown

Box = tuple[float, float, float, float, int]
"""Top, bottom, left, right of the writing, and the columns that belong to the line."""
KINDS = ("fonts", "recomposed", "real")
_FACTS = ("offset", "stride", "width", "height", "top", "bottom", "left", "right", "signs")
_POOL = 20
"""Batches that are made at once, of lines of a usual width."""
_USUAL = 400
_FEWEST = 8
_TILTED, _STRETCHED, _SLANTED, _CUT = 2.0, 0.1, 0.18, 0.045
"""Deviations: columns up from end to end, width (log), slant, rims by height."""


class Tape:
    """Ink of all lines in one row of bytes on the card; what is known of each beside it.

    What is known lies in arrays that double when they are full: a card asks for a new pool
    of lines several times a second, while the lines become a million.
    """

    def __init__(self, ink: Tensor) -> None:
        self.bytes, self.used = ink, 0
        self.codes: list[NDArray[np.int16]] = []
        self._rows = np.zeros((1024, len(_FACTS)))
        self._kinds = np.zeros(1024, np.int8)

    def add(self, ink: NDArray[np.uint8], found: Sequence[tuple[str, str, int, Box]]) -> None:
        """Takes in a picture with lines side by side: (kind, text, first column, box) each."""
        size = ink.size
        if self.used + size > len(self.bytes):
            return
        flat = torch.from_numpy(np.ascontiguousarray(ink).reshape(-1))
        self.bytes[self.used : self.used + size].copy_(flat)
        high, stride = ink.shape
        while len(self.codes) + len(found) > len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._kinds = np.concatenate([self._kinds, np.zeros_like(self._kinds)])
        for kind, text, first, (top, bottom, left, right, wide) in found:
            at = len(self.codes)
            codes = np.array(encode(text), np.int16)
            self.codes.append(codes)
            self._kinds[at] = KINDS.index(kind)
            self._rows[at] = (
                *(self.used + first, stride, wide, high, top, bottom, left, right),
                len(codes),
            )
        self.used += size

    def table(self) -> NDArray[np.float64]:
        """A row a line, see ``_FACTS``."""
        return self._rows[: len(self.codes)]

    def of_kind(self, kind: str) -> NDArray[np.int64]:
        """Numbers of the lines of a kind."""
        return np.flatnonzero(self._kinds[: len(self.codes)] == KINDS.index(kind))


def add_shard(tape: Tape, path: Path, kind: str, without: str = "") -> None:
    """Takes in the lines of a shard, but for those of the source named by ``without``."""
    with np.load(path) as shard:
        ink, widths = shard["ink"], shard["widths"]
        firsts = np.cumsum(widths) - widths
        tape.add(
            ink,
            [
                (kind, str(text), int(first), (0, HEIGHT, 0, int(wide), int(wide)))
                for text, source, first, wide in zip(
                    shard["texts"], shard["sources"], firsts, widths, strict=True
                )
                if not without or without not in str(source)
            ],
        )


def add_real(tape: Tape, lines: Sequence[Line]) -> None:
    """Takes in lines of real hands with the room around them."""
    for line in lines:
        box = box_of(line)
        tape.add(line.ink, [("real", line.text, 0, (*box, line.ink.shape[1]))])


def batches(
    tape: Tape,
    shares: dict[str, float],
    dice: Generator,
    columns: int,
    longest: int = 999,
    strength: float = 1.1,
) -> Iterator[Batch]:
    """Batches of about ``columns`` columns out of one pool, in the wanted shares of kinds."""
    there = {kind: ids for kind in KINDS if (ids := tape.of_kind(kind)).size}
    weights = np.array([shares[kind] for kind in there])
    if weights.sum() <= 0:
        weights = np.ones(len(there))
    counts = dice.multinomial(_POOL * columns // _USUAL, weights / weights.sum())
    picked = np.concatenate(
        [dice.choice(ids, count) for ids, count in zip(there.values(), counts, strict=True)]
    )
    own = np.concatenate(
        [np.full(count, float(kind == "real")) for kind, count in zip(there, counts, strict=True)]
    )
    rows = tape.table()[picked]
    lengths = rows[:, _FACTS.index("signs")]
    moves = _moves(rows, np.where(own > 0, strength, 0.65 * strength), dice)
    fits = (moves[:, _WIDTH] + MARGIN) // STRIDE > lengths * 1.15 + 2
    fits &= lengths <= longest
    order = np.argsort(moves[:, _WIDTH] + 1e4 * ~fits)[: int(fits.sum())]
    groups = _groups(order, moves[:, _WIDTH], columns)
    for n in dice.permutation(len(groups)):
        group, width = groups[n]
        yield _batch(tape, picked[group], moves[group], own[group], width)


_WIDTH = 8
"""Of a move, its width in columns."""
_STEP = 64
"""Columns that widths of batches are apart."""


def _groups(
    order: NDArray[np.int64], widths: NDArray[np.float64], columns: int
) -> list[tuple[NDArray[np.int64], int]]:
    """Lines that go together, and the width they are padded to; what is left over is let go.

    Few shapes, each of one number of lines: a card prepares itself anew for every shape.
    """
    found, at = [], 0
    for width in range(_STEP, _width_of(MAX_WIDTH) + 1, _STEP):
        count = max(_FEWEST, columns // width)
        stop = int(np.searchsorted(widths[order], width - MARGIN, side="right"))
        while stop - at >= count:
            found.append((order[at : at + count], width))
            at += count
    return found


def _moves(
    rows: NDArray[np.float64], strong: NDArray[np.float64], dice: Generator
) -> NDArray[np.float64]:
    """How each line is laid: offset, stride, width, height, begin, top, steps, width, looks."""
    count = len(rows)
    offset, stride, wide, high, top, bottom, left, right, _ = rows.T
    tall = bottom - top
    top = top + dice.normal(0, _CUT, count) * tall * strong
    bottom = bottom + dice.normal(0, _CUT, count) * tall * strong
    begin = left + dice.uniform(-4, 1.6, count) * strong
    end = right + dice.uniform(-1.6, 4, count) * strong
    scale = HEIGHT / np.maximum(8.0, bottom - top)
    already = (rows[:, 4] == 0) & (rows[:, 5] == HEIGHT) & (high == HEIGHT)
    stretch = np.exp(dice.normal(0, _STRETCHED, count) * strong)
    across = scale * np.where(already, 1.0, SQUEEZE) * stretch
    width = np.clip((end - begin) * across, MIN_WIDTH, MAX_WIDTH).astype(int)
    across = width / (end - begin)
    slant = dice.normal(0, _SLANTED, count) * strong
    tilt = dice.normal(0, _TILTED, count) * strong
    bow = dice.normal(0, _TILTED, count) * strong
    wave = np.abs(dice.normal(0, 0.9, count)) * strong
    return np.stack(
        [offset, stride, wide, high, begin, top, across, scale, width, slant, tilt, bow, wave], 1
    )


def _width_of(columns: float) -> int:
    return -(-(int(columns) + MARGIN) // _STEP) * _STEP


def _batch(
    tape: Tape,
    ids: NDArray[np.int64],
    moves: NDArray[np.float64],
    own: NDArray[np.float64],
    width: int,
) -> Batch:
    device = tape.bytes.device
    laid = torch.from_numpy(moves).to(device, non_blocking=True)
    codes = [tape.codes[n] for n in ids]
    flat = np.concatenate(codes).astype(np.int64)
    frames = np.minimum(width, moves[:, _WIDTH] + MARGIN) // STRIDE
    return Batch(
        shown(tape.bytes, Look(*laid.unbind(1)), width),
        torch.from_numpy(frames.astype(np.int64)),  # lengths stay: asking a card for them waits
        torch.from_numpy(flat).to(device, non_blocking=True),
        torch.tensor([len(one) for one in codes]),
        int(own.sum()),
    )
