"""Character error of a net on sets of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from pipeline.reading.hand.alphabet import collapse
from pipeline.reading.hand.ink import InkLine, padded_width, stack
from training.hand.net import STRIDE, HandNet


@dataclass(frozen=True)
class Judged:
    """A line, what the net read, and the edits between."""

    read: str
    text: str
    edits: int


def read_all(net: HandNet, inks: Sequence[InkLine], columns: int = 6000) -> list[str]:
    """Greedy texts, in order."""
    order = sorted(range(len(inks)), key=lambda n: padded_width(inks[n].shape[1]))
    texts = [""] * len(inks)
    net.eval()
    start = 0
    with torch.inference_mode():
        while start < len(order):
            width = padded_width(inks[order[start]].shape[1])
            stop = start
            while (
                stop < len(order)
                and padded_width(inks[order[stop]].shape[1]) == width
                and (stop - start + 1) * width <= max(columns, width)
            ):
                stop += 1
            group = order[start:stop]
            best = net(torch.from_numpy(stack([inks[n] for n in group]))).argmax(-1).numpy()
            for n, classes in zip(group, best, strict=True):
                frames = -(-padded_width(inks[n].shape[1]) // STRIDE)
                texts[n] = collapse(np.asarray(classes[:frames]).tolist()).strip()
            start = stop
    return texts


def judge(read: Sequence[str], texts: Sequence[str]) -> list[Judged]:
    """Each line with its edits."""
    return [
        Judged(one, text, Levenshtein.distance(one, text))
        for one, text in zip(read, texts, strict=True)
    ]


def error_rate(judged: Sequence[Judged]) -> float:
    """Edits by characters of the truth."""
    return sum(line.edits for line in judged) / max(1, sum(len(line.text) for line in judged))
