"""Makes lines of all kinds in many processes until stopped (``python -m training.hand.many``).

For training on a graphics card, which learns faster than one processor writes: a shard is a
file in ``WORK/fonts`` or ``WORK/recomposed``, and ``train_gpu`` takes in what appears.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import pickle
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import torch
import typer

from pipeline.reading.hand.ink import HEIGHT
from training.hand.again import from_onnx
from training.hand.batches import plain
from training.hand.net import HandNet
from training.hand.pieces import Pieces
from training.hand.real import RealLine
from training.hand.recompose import collect, recomposed
from training.hand.synthetic import save_shard, synthetic_line
from training.hand.train import real_lines

_SHARD = 200
_KINDS: tuple[tuple[float, str, dict[str, Any]], ...] = (
    (0.32, "recomposed", {}),
    (0.26, "fonts", {"latin": True}),
    (0.14, "fonts", {}),
    (0.14, "fonts", {"latin": True, "small": True}),
    (0.08, "fonts", {"small": True}),
    (0.06, "fonts", {"latin": True, "longest": 10}),
)
"""Shares of the shards, and how their lines are made."""


def _quiet() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    os.nice(5)


def _cut(given: tuple[HandNet, Sequence[RealLine]]) -> list[Pieces]:
    return collect(*given)


def cut_in_many(net: HandNet, lines: Sequence[RealLine], processes: int) -> list[Pieces]:
    """``recompose.collect`` in many processes; the pieces of a hand are put together again."""
    parts = [(net, lines[n :: 4 * processes]) for n in range(4 * processes)]
    hands: dict[str, Pieces] = {}
    with mp.get_context("fork").Pool(processes, _quiet) as pool:
        for found in pool.imap(_cut, parts):
            for pieces in found:
                own = hands.setdefault(pieces.hand, pieces)
                if own is not pieces:
                    for text, places in pieces.words.items():
                        own.words.setdefault(text, []).extend(places)
                    for text, places in pieces.parts.items():
                        own.parts.setdefault(text, []).extend(places)
    return list(hands.values())


def _make(work: Path, hands: Sequence[Pieces], seed: int, number: int, until: float) -> None:
    _quiet()
    # Half of the processes know hands: theirs is the other half's share of recomposed lines too.
    shares = [share * (2 * bool(hands) if kind == "recomposed" else 1) for share, kind, _ in _KINDS]
    count = 0
    while time.time() < until:
        rng = random.Random(f"many {seed} {number} {count}")
        _, folder, how = rng.choices(_KINDS, shares)[0]
        if folder == "recomposed":
            feed = recomposed(hands, rng)
            lines = [next(feed) for _ in range(_SHARD)]
        else:
            lines = [synthetic_line(rng, **how) for _ in range(_SHARD)]
        kept = [line for line in lines if line.ink.shape[0] == HEIGHT]
        save_shard(work / folder / f"many-{seed}-{number:03d}-{count:05d}.npz", kept)
        count += 1


def main(
    work: Path,
    start: Annotated[Path, typer.Option(help="Weights (ONNX) that cut the lines of real hands")],
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    lines: Annotated[Path | None, typer.Option(help="Real lines, pickled, instead of data")] = None,
    processes: int = 4,
    minutes: float = 10.0,
    seed: int = 1,
) -> None:
    """Writes shards for so many minutes; the same seed and number of a process, the same lines."""
    until = time.time() + 60 * minutes
    torch.set_num_threads(1)  # before the forks: threads of a parent are lost in its children
    cv2.setNumThreads(1)
    for folder in ("fonts", "recomposed"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    real, _ = pickle.loads(lines.read_bytes()) if lines else real_lines(data)
    net = from_onnx(start, [plain(line) for line in real[:24]]) if real else HandNet()
    fork = mp.get_context("fork")
    first = max(1, processes // 2)
    makers = [fork.Process(target=_make, args=(work, (), seed, n, until)) for n in range(first)]
    for one in makers:
        one.start()
    boxed = [line for line in real if isinstance(line, RealLine)]
    hands = cut_in_many(net, boxed, processes - first) if boxed else []
    typer.echo(f"{len(hands)} hands, {sum(len(v) for h in hands for v in h.words.values())} words")
    more = [
        fork.Process(target=_make, args=(work, hands, seed, n, until))
        for n in range(first, processes)
    ]
    for one in more:
        one.start()
    for one in makers + more:
        one.join()


if __name__ == "__main__":
    typer.run(main)
