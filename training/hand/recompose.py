"""Puts cut-out words of one real hand together to register language.

``python -m training.hand.recompose STATE FOLDER --data …`` aligns the training lines with their
texts, cuts words (and, where they stand apart, digits), and writes shards of new lines: names
and places of words that hand wrote, dates and numbers of its digits. Only training hands are
cut; ``--kept`` cuts the hands kept apart, to measure fields in hands never seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from numpy.typing import NDArray

from pipeline.reading.hand.alphabet import encode
from pipeline.reading.hand.ink import HEIGHT, SQUEEZE, InkLine, ink_line, stack
from training.hand.align import align
from training.hand.batches import plain
from training.hand.net import STRIDE, HandNet
from training.hand.real import RealLine, load, split_source
from training.hand.synthetic import Line, save_shard
from training.hand.text import date, number

_SURE = -1.0
"""Mean log-probability of the signs of a line from which its alignment is believed."""
_SHARD = 250
_CLEAN = 1.2
"""Ink in a column (rows of full ink) between two signs that do not touch."""
_TRIES = 12
_FEWEST = 5
_MARKS = "/.-,"


@dataclass
class Pieces:
    """Cut-outs of one hand (or one source, where hands are not named), by text."""

    source: str
    words: dict[str, list[InkLine]] = field(default_factory=dict)
    digits: dict[str, list[InkLine]] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """True where there are words enough to put together."""
        return len(self.words) >= _FEWEST


def _cut_at(profile: NDArray[np.float32], first: int, last: int) -> int:
    """The column with least ink between two columns, the middle one of several."""
    part = profile[first : max(first + 1, last)]
    low = np.flatnonzero(part <= part.min() + 1e-3)
    return first + int(low[len(low) // 2])


def cut_line(ink: InkLine, text: str, spans: Sequence[tuple[int, int]], pieces: Pieces) -> None:
    """Adds a line's words and free-standing digits to the pieces of its hand."""
    profile = ink.sum(axis=0)
    width = ink.shape[1]
    # A rule under the line is in every column and parts nothing.
    still = float(np.percentile(profile, 15)) + _CLEAN
    # Cuts between neighbouring signs; spaces fall into the gaps around them.
    starts = [0]
    for (_, last), (first, _) in pairwise(spans):
        starts.append(
            _cut_at(profile, min(width - 1, last * STRIDE + 2), min(width, first * STRIDE + 2))
        )
    starts.append(width)
    begin = 0
    for word in text.split(" "):
        end = begin + len(word)
        piece = _tight(ink[:, starts[begin] : starts[end]])
        if piece is not None:
            pieces.words.setdefault(word, []).append(piece)
        if any(sign.isdigit() for sign in word):
            for at in range(begin, end):
                clean = all(profile[min(width - 1, starts[n])] < still for n in (at, at + 1))
                sign = _tight(ink[:, starts[at] : starts[at + 1]]) if clean else None
                if (
                    sign is not None
                    and sign.shape[1] < HEIGHT
                    and (text[at].isdigit() or text[at] in _MARKS)
                ):
                    pieces.digits.setdefault(text[at], []).append(sign)
        begin = end + 1


def _tight(ink: InkLine) -> InkLine | None:
    columns = np.flatnonzero(ink.max(axis=0, initial=0) > 0.25)
    if columns.size < 2:
        return None
    return ink[:, max(0, columns[0] - 1) : columns[-1] + 2].copy()


def collect(net: HandNet, lines: Sequence[RealLine]) -> list[Pieces]:
    """Pieces by hand of all lines whose alignment is sure."""
    hands: dict[str, Pieces] = {}
    net.eval()
    for line in lines:
        ink = plain(line)
        with torch.inference_mode():
            logp = net(torch.from_numpy(stack([ink])))[0].numpy()
        classes = encode(line.text)
        spans = align(logp, classes)
        if not spans:
            continue
        sure = np.mean(
            [
                logp[first : last + 1, code].max()
                for (first, last), code in zip(spans, classes, strict=True)
            ]
        )
        if sure >= _SURE:
            hand = f"{line.source} {line.writer}"
            cut_line(ink, line.text, spans, hands.setdefault(hand, Pieces(line.source)))
    return list(hands.values())


def joined(parts: Sequence[InkLine], gaps: Sequence[int], rng: random.Random) -> InkLine:
    """Pieces side by side, each a little higher or lower, with so many columns behind them."""
    laid: list[InkLine] = []
    for part, gap in zip(parts, gaps, strict=True):
        moved = np.roll(part, rng.choice((0, 0, 0, -1, 1)), axis=0)
        laid += [moved, np.zeros((HEIGHT, max(0, gap)), np.float32)]
    return np.concatenate(laid[:-1], axis=1) if laid else np.zeros((HEIGHT, 16), np.float32)


def _spelled(text: str, pieces: Pieces, rng: random.Random) -> InkLine | None:
    """Digits and marks one by one, words as they are; None where a piece is missing."""
    parts: list[InkLine] = []
    gaps: list[int] = []
    for word in text.split(" "):
        if word in pieces.words and rng.random() < 0.8:
            parts.append(rng.choice(pieces.words[word]))
            gaps.append(rng.randint(6, 16))
            continue
        spread = rng.randint(1, 5)
        for sign in word:
            if sign not in pieces.digits:
                return None
            parts.append(rng.choice(pieces.digits[sign]))
            gaps.append(max(0, spread + rng.randint(-1, 2)))
        gaps[-1] = rng.randint(6, 16)
    return joined(parts, gaps, rng)


def _words(pieces: Pieces, rng: random.Random) -> tuple[str, InkLine]:
    few = rng.choices(tuple(pieces.words), k=rng.choice((1, 2, 2, 3, 3, 4, 5)))
    parts = [rng.choice(pieces.words[word]) for word in few]
    return " ".join(few), joined(parts, [rng.randint(5, 18) for _ in few], rng)


def recomposed(hands: Sequence[Pieces], rng: random.Random) -> Iterator[Line]:
    """New lines without end: dates and numbers in two of five, words in the others.

    Sources come up alike, however many hands are told apart in them.
    """
    by_source: dict[str, list[Pieces]] = {}
    for pieces in hands:
        if pieces.usable:
            by_source.setdefault(pieces.source, []).append(pieces)
    while by_source:
        pieces = rng.choice(by_source[rng.choice(tuple(by_source))])
        text, ink = "", None
        if rng.random() < 0.45:
            text, ink = _digits(pieces, rng)
        if ink is None:
            text, ink = _words(pieces, rng)
        yield Line(refitted(ink, rng), text, f"recomposed {pieces.source}")


def refitted(ink: InkLine, rng: random.Random) -> NDArray[np.uint8]:
    """What reading would make of a picture of the new line: cut anew to its own height."""
    wide = cv2.resize(ink, (max(4, round(ink.shape[1] / SQUEEZE)), HEIGHT))
    rims = [(rng.randint(2, 14), rng.randint(2, 14)) for _ in range(2)]
    paper = 230 - 190 * np.pad(wide, rims)
    return np.asarray(ink_line(paper.astype(np.uint8)) * 255, np.uint8)


def _digits(pieces: Pieces, rng: random.Random) -> tuple[str, InkLine | None]:
    """A date or number of the digits this hand has."""
    for _ in range(_TRIES):
        text = date(rng) if rng.random() < 0.75 else number(rng)
        ink = _spelled(text, pieces, rng)
        if ink is not None:
            return text, ink
    return "", None


def main(
    state: Path,
    folder: Path,
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    shards: int = 16,
    seed: int = 1,
    kept: bool = False,
) -> None:
    """Cuts the lines of all sources with the weights of a state, and writes shards."""
    from training.hand.train import sources

    torch.set_num_threads(1)
    net = HandNet()
    net.load_state_dict(torch.load(state, weights_only=True)["mean"])
    lines: list[RealLine] = []
    for folder_of in sources(data):
        split = split_source(folder_of)
        lines += load(split.kept if kept else split.train, folder_of.name)
    hands = collect(net, lines)
    typer.echo(f"{len(hands)} hands, {sum(len(v) for h in hands for v in h.words.values())} words")
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(shards):
        feed = recomposed(hands, random.Random(f"recompose {seed} {n}"))
        save_shard(folder / f"real-{seed}-{n:04d}.npz", [next(feed) for _ in range(_SHARD)])


if __name__ == "__main__":
    typer.run(main)
