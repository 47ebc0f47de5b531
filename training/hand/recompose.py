"""Puts cut-out pieces of one real hand together to register language.

``python -m training.hand.recompose STATE FOLDER --data …`` aligns the training lines with their
texts, cuts them (``pieces``), and writes shards of new lines: names, places, dates in digits
and words, short lists and numbers, some in capitals. Only training hands are cut; ``--kept``
cuts the hands kept apart, to measure fields in hands never seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from numpy.typing import NDArray

from pipeline.reading.hand.alphabet import encode, foreign_signs, normalized
from pipeline.reading.hand.ink import HEIGHT, SQUEEZE, InkLine, ink_line, stack
from training.hand.align import align
from training.hand.batches import plain
from training.hand.compose import written
from training.hand.dates import date, date_in_words, in_digits, number, small_number
from training.hand.lists import name_parts, own_places, phrases
from training.hand.net import HandNet
from training.hand.paper import on_paper, shaken
from training.hand.pieces import Pieces, cut_line, unruled
from training.hand.real import RealLine, load, split_source
from training.hand.standing import standing
from training.hand.strays import with_label
from training.hand.synthetic import Line, save_shard
from training.hand.text import name, place, written_name

Text = Callable[[Pieces, random.Random], str]

_SURE = -1.0
"""Mean log-probability of the signs of a line from which its alignment is believed."""
_SHARD = 250
_TRIES = 10
_FEWEST = 5
_PAPERED = 0.5
"""Share of lines that are put on a form's paper; the others are as the reader cuts them."""


@dataclass(frozen=True, eq=False)
class _Aligned:
    line: RealLine
    ink: InkLine
    spans: list[tuple[int, int]]
    sure: list[float]
    cut_off: bool | None


def collect(net: HandNet, lines: Sequence[RealLine]) -> list[Pieces]:
    """Pieces by hand of all lines whose alignment is sure, and whose letters are whole.

    Some hands' pictures end at the base line: what has no tail there may have lost its foot. Of
    such a hand no line is taken.
    """
    aligned = [found for line in lines if (found := _aligned(net, line)) is not None]
    by_hand: dict[str, list[_Aligned]] = {}
    for one in aligned:
        by_hand.setdefault(f"{one.line.source} {one.line.writer}", []).append(one)
    hands = []
    for hand, own in by_hand.items():
        named = own[0].line.writer != "?"
        told = [one.cut_off for one in own if one.cut_off is not None]
        if named and 2 * sum(told) > len(told):
            continue
        pieces = Pieces(own[0].line.source, hand, named)
        for one in own:
            if not one.cut_off:
                cut_line(one.ink, one.line.text, one.spans, pieces, one.sure)
        hands.append(pieces)
    return hands


def _aligned(net: HandNet, line: RealLine) -> _Aligned | None:
    net.eval()
    ink = plain(line)
    with torch.inference_mode():
        logp = net(torch.from_numpy(stack([ink])))[0].numpy()
    classes = encode(line.text)
    spans = align(logp, classes)
    if not spans:
        return None
    sure = [
        float(logp[first : last + 1, code].max())
        for (first, last), code in zip(spans, classes, strict=True)
    ]
    if np.mean(sure) < _SURE:
        return None
    return _Aligned(line, ink, spans, sure, standing(unruled(ink), line.text, spans).cut_off)


def own_words(pieces: Pieces) -> list[str]:
    """Words of letters that the hand wrote with a capital."""
    return [word for word in pieces.words if word.isalpha() and word[0].isupper()]


def _own_name(pieces: Pieces, rng: random.Random) -> str:
    """A name of parts that the hand wrote, as far as it has any."""
    parts, own = name_parts(), own_words(pieces)
    words = [
        rng.choice([one for one in parts[kind] if one in pieces.words] or parts[kind])
        for kind in ("family", "middle")
    ]
    given = rng.choice(own) if own and rng.random() < 0.7 else rng.choice(parts["given"])
    return written_name([*words, given], rng)


def _own_place(pieces: Pieces, rng: random.Random) -> str:
    """A place of the province, of words that the hand wrote where there are such."""
    for _ in range(40):
        found = rng.choice(own_places())
        if all(word in pieces.words for word in found.split()):
            return found
    return rng.choice(own_places())


def _digits(_: Pieces, rng: random.Random) -> str:
    return in_digits(rng.randint(1, 31), rng.randint(1, 12), rng.randint(1900, 2024), rng)


def _in_words(_: Pieces, rng: random.Random) -> str:
    return date_in_words(rng.randint(1, 31), rng.randint(1, 12), rng.randint(1900, 2024), rng)


def _short(_: Pieces, rng: random.Random) -> str:
    return rng.choice(phrases()[rng.choice(("sex", "ethnic", "nation", "trade", "note", "month"))])


def _capitals(pieces: Pieces, rng: random.Random) -> str:
    few = rng.choices(own_words(pieces) or ["Nam"], k=rng.choice((1, 2, 3)))
    return " ".join(few).upper()


def _words(pieces: Pieces, rng: random.Random) -> str:
    return " ".join(rng.choices(tuple(pieces.words), k=rng.choice((1, 2, 2, 3, 3, 4, 5))))


_KINDS: tuple[tuple[float, Text], ...] = (
    (0.14, _own_name),
    (0.06, lambda _, rng: name(rng)),
    (0.1, _own_place),
    (0.04, lambda _, rng: place(rng)),
    (0.14, _digits),
    (0.05, lambda _, rng: date(rng)),
    (0.12, _in_words),
    (0.06, lambda _, rng: number(rng)),
    (0.07, lambda _, rng: small_number(rng)),
    (0.14, _short),
    (0.08, _capitals),
    (0.07, _words),
)


def recomposed(hands: Sequence[Pieces], rng: random.Random) -> Iterator[Line]:
    """New lines without end. Sources come up alike, however many hands are told apart in them."""
    by_source: dict[str, list[Pieces]] = {}
    for pieces in hands:
        if len(pieces.words) >= _FEWEST:
            by_source.setdefault(pieces.source, []).append(pieces)
    weights = [weight for weight, _ in _KINDS]
    while by_source:
        pieces = rng.choice(by_source[rng.choice(tuple(by_source))])
        kind = rng.choices([text for _, text in _KINDS], weights)[0]
        text, ink = _tried(kind, pieces, rng)
        if ink is None:
            text, ink = _tried(_words, pieces, rng)
        if ink is not None:
            seen = papered(ink, rng) if rng.random() < _PAPERED else refitted(ink, rng)
            if seen.shape[0] == HEIGHT:
                yield Line(seen, text, f"recomposed {pieces.source}")


def _tried(kind: Text, pieces: Pieces, rng: random.Random) -> tuple[str, InkLine | None]:
    for _ in range(_TRIES):
        text = normalized(kind(pieces, rng))
        ink = written(text, pieces, rng) if text and not foreign_signs(text) else None
        if ink is not None:
            return text, ink
    return "", None


def page_ink(ink: InkLine, size: float = 1.0) -> NDArray[np.uint8]:
    """Ink 0..255 as it was written, no longer squeezed, cut to the rows and columns of ink."""
    rows = np.flatnonzero(ink.max(axis=1) > 0.2)
    cut = ink[rows[0] : rows[-1] + 1] if rows.size else ink
    wide = (max(4, round(cut.shape[1] * size / SQUEEZE)), max(4, round(cut.shape[0] * size)))
    return np.asarray(np.clip(cv2.resize(cut, wide) * 255, 0, 255), np.uint8)


def refitted(ink: InkLine, rng: random.Random) -> NDArray[np.uint8]:
    """What reading would make of a clean picture of the new line."""
    return np.asarray(ink_line(clean_page(ink, rng)) * 255, np.uint8)


def clean_page(ink: InkLine, rng: random.Random) -> NDArray[np.uint8]:
    """The line on plain paper, cut out closely, as the reader's cut leaves it."""
    rims = [(rng.randint(2, 14), rng.randint(2, 14)) for _ in range(2)]
    paper = 230 - 190 * np.pad(page_ink(ink).astype(np.float32) / 255, rims)
    return np.asarray(paper, np.uint8)


def register_page(ink: InkLine, rng: random.Random) -> NDArray[np.uint8]:
    """The line on the paper of a form, among rules, dots, labels and neighbours."""
    drawn = page_ink(ink, 1.5)
    if rng.random() < 0.5:
        drawn = shaken(drawn, rng)
    page = on_paper(drawn, rng, scale=rng.uniform(0.6, 1.04))
    return with_label(page, rng) if rng.random() < 0.1 else page


def papered(ink: InkLine, rng: random.Random) -> NDArray[np.uint8]:
    """What reading would make of the line on the paper of a form."""
    return np.asarray(ink_line(register_page(ink, rng)) * 255, np.uint8)


def hands_of(state: Path, data: Path | None, kept: bool) -> list[Pieces]:
    """Pieces of the hands trained on, or of those kept apart, cut with the weights of a state."""
    from training.hand.train import sources

    net = HandNet()
    net.load_state_dict(torch.load(state, weights_only=True)["mean"])
    lines: list[RealLine] = []
    for folder in sources(data):
        split = split_source(folder)
        lines += load(split.kept if kept else split.train, folder.name)
    return collect(net, lines)


def main(
    state: Path,
    folder: Path,
    data: Annotated[Path | None, typer.Option(envvar="HOTICH_HANDWRITING")] = None,
    shards: int = 16,
    seed: int = 1,
    kept: bool = False,
) -> None:
    """Cuts the lines of all sources with the weights of a state, and writes shards."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    hands = hands_of(state, data, kept)
    typer.echo(f"{len(hands)} hands, {sum(len(v) for h in hands for v in h.words.values())} words")
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(shards):
        feed = recomposed(hands, random.Random(f"recompose {seed} {n}"))
        save_shard(folder / f"real-{seed}-{n:04d}.npz", [next(feed) for _ in range(_SHARD)])


if __name__ == "__main__":
    typer.run(main)
