"""Lines put together to batches: real hands and fonts in the wanted shares, alike in width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from pipeline.reading.hand.alphabet import encode
from pipeline.reading.hand.ink import HEIGHT, MARGIN, InkLine, stack
from pipeline.reading.hand.vary import Box, hung_in, shown
from training.hand.net import STRIDE
from training.hand.real import RealLine
from training.hand.synthetic import Line, load_shard

_POOL = 1 / 125
"""Lines looked over at once for those alike in width, for each column of a batch."""
_HUNG = 0.12
_REMADE = 0.28


@dataclass(frozen=True)
class Batch:
    """Ink ``[lines, 1, HEIGHT, width]``, frames of each line, classes of all in a row."""

    ink: Tensor
    frames: Tensor
    targets: Tensor
    lengths: Tensor
    real: int


@dataclass
class Shards:
    """Lines in fonts, read from the shards of a folder as they appear; the newest are kept."""

    folder: Path
    most: int = 32_000
    lines: list[Line] = field(default_factory=list)
    _seen: set[Path] = field(default_factory=set)

    def refresh(self) -> None:
        """Takes in new shards, and lets go of the oldest lines where there are too many."""
        for path in sorted(self.folder.glob("*.npz"), key=lambda one: one.stat().st_mtime):
            if path not in self._seen:
                self._seen.add(path)
                self.lines.extend(load_shard(path))
        del self.lines[: max(0, len(self.lines) - self.most)]


def box_of(line: Line) -> Box:
    """Where the writing is in a line's ink: all of it for lines made at the net's height."""
    if isinstance(line, RealLine):
        return line.box
    return (0, HEIGHT, 0, line.ink.shape[1])


def batches(lines: Iterator[Line], dice: Generator, columns: int) -> Iterator[Batch]:
    """Batches of at most ``columns`` columns (or one line), without end."""
    before: InkLine | None = None
    while True:
        pool: list[tuple[InkLine, str, bool]] = []
        for _ in range(max(1, round(columns * _POOL))):
            line = next(lines)
            real = line.source not in ("fonts", "print")
            ink = shown(line.ink, box_of(line), dice, 1.0 if real else 0.6)
            if before is not None and dice.random() < _HUNG:
                ink = hung_in(ink, before, dice)
            before = ink
            if (ink.shape[1] + MARGIN) // STRIDE > len(line.text) * 1.15 + 2:
                pool.append((ink, line.text, real))
        pool.sort(key=lambda one: one[0].shape[1])
        groups: list[list[tuple[InkLine, str, bool]]] = [[]]
        for one in pool:
            if groups[-1] and (one[0].shape[1] + MARGIN) * (len(groups[-1]) + 1) > columns:
                groups.append([])
            groups[-1].append(one)
        for at in dice.permutation(len(groups)):
            if groups[at]:
                yield _batch(groups[at], dice)


def _batch(group: Sequence[tuple[InkLine, str, bool]], dice: Generator) -> Batch:
    inks = [ink for ink, _, _ in group]
    widest = max(ink.shape[1] for ink in inks) + MARGIN + int(dice.integers(0, 24))
    width = -(-widest // STRIDE) * STRIDE
    codes = [encode(text) for _, text, _ in group]
    frames = [min(width, ink.shape[1] + MARGIN) // STRIDE for ink in inks]
    return Batch(
        torch.from_numpy(stack(inks, width)),
        torch.tensor(frames),
        torch.tensor([code for line in codes for code in line]),
        torch.tensor([len(line) for line in codes]),
        sum(real for _, _, real in group),
    )


def drawn(
    real: Sequence[Line],
    fonts: Shards,
    remade: Shards,
    share: float,
    dice: Generator,
    longest: int = 999,
) -> Iterator[Line]:
    """Lines by chance without end, ``share`` of them of real hands; others up to ``longest``.

    Where lines recomposed of real words are there, they take the place of a part of the real
    and of the font lines.
    """
    while True:
        pick = dice.random()
        if remade.lines and share and dice.random() < _REMADE:
            yield remade.lines[int(dice.integers(len(remade.lines)))]
        elif real and pick < share:
            yield real[int(dice.integers(len(real)))]
        else:
            line = fonts.lines[int(dice.integers(len(fonts.lines)))]
            if len(line.text) <= longest:
                yield line


def plain(line: Line) -> InkLine:
    """The line unchanged, as it is read when it is not trained on."""
    return shown(line.ink, box_of(line), np.random.default_rng(0), 0.0)
