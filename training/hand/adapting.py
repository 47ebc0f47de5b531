"""Measures learning a book (``python -m training.hand.adapting source`` or ``… hands``).

``source``: weights that never saw a source learn some of its training lines, and read its kept
lines; a second source shows what is forgotten. ``hands``: the net learns 17 lines of each kept
hand and reads its other 10. Only plain reading (the likeliest sign a frame), case and marks
counted; CPU seconds of this process.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.reading.hand.adapter import write_adapter
from pipeline.reading.hand.ctc import greedy
from pipeline.reading.hand.hands import tell_apart
from pipeline.reading.hand.ink import ink_line
from pipeline.reading.hand.learn import Example, Learned, learn_hand
from pipeline.reading.hand.look import line_features
from pipeline.reading.hand.net import Net, load_net
from pipeline.settings import PROJECT
from training.hand.measure import error_rate, judge
from training.hand.real import Label, split_source

_HAND_LINES = 17

app = typer.Typer(add_completion=False, help=__doc__)


@dataclass(frozen=True)
class Setting:
    """What all measurements share: weights, time, seed."""

    config: Path
    name: str
    seconds: float
    seed: int


def examples_of(labels: Sequence[Label]) -> list[Example]:
    """Labelled pictures as a book's lines, each an entry of its own."""
    return [Example(ink_line(_picture(one)), one.text, one.path.name) for one in labels]


def _picture(label: Label) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(label.path), cv2.IMREAD_GRAYSCALE), np.uint8)


def character_errors(net: Net, lines: Sequence[Example]) -> float:
    """Edits in 100 characters."""
    signs = net.card.letters
    read = [
        signs.text(tuple(letter.code for letter in greedy(ink))).strip()
        for ink in net.posteriors([line.ink for line in lines])
    ]
    return 100 * error_rate(judge(read, [line.text for line in lines]))


def learned_net(
    learning: Sequence[Example], old: Sequence[Example], setting: Setting
) -> tuple[Net, Learned, float]:
    """The net after learning (as it was, where that was rolled back), and CPU seconds."""
    began = time.process_time()
    learned = learn_hand(
        setting.config,
        setting.name,
        learning,
        old,
        seconds=setting.seconds,
        seed=setting.seed,
    )
    took = time.process_time() - began
    if learned.adapter is None:
        return load_net(setting.config, setting.name), learned, took
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.npz"
        write_adapter(learned.adapter, path)
        return load_net(setting.config, setting.name, path), learned, took


_Config = Annotated[Path, typer.Option(help="Folder with weights/NAME.onnx and its card")]
_Data = Annotated[Path, typer.Option(envvar="HOTICH_HANDWRITING")]


@app.command()
def source(
    data: _Data,
    config: _Config = PROJECT / "ocr_config",
    name: str = "hand",
    unknown: Annotated[str, typer.Option(help="Source the weights never saw")] = "cinnamon2018",
    known: Annotated[str, typer.Option(help="Source that may be forgotten")] = "kalapa2023",
    counts: Annotated[str, typer.Option(help="Lines learned, e.g. 100,300")] = "100,300",
    mixed: Annotated[int, typer.Option(help="Old lines; 0: none")] = 200,
    seconds: float = 180.0,
    seed: int = 4,
    chosen: Annotated[bool, typer.Option(help="Judge by training lines: to choose a plan")] = False,
) -> None:
    """A source the weights never saw, before and after learning some of its lines."""
    cv2.setNumThreads(1)
    setting = Setting(config, name, seconds, seed)
    new, old = split_source(data / unknown), split_source(data / known)
    rng = random.Random(f"adapting {seed}")
    pool = rng.sample(new.train, len(new.train))
    tested = examples_of(pool[-300:] if chosen else new.kept)
    before, kept = load_net(config, name), examples_of(old.kept)
    others = examples_of(rng.sample(old.train, min(mixed, len(old.train))))
    typer.echo(
        f"{before.name}: {unknown} {character_errors(before, tested):.2f} % "
        f"({len(tested)} lines), {known} {character_errors(before, kept):.2f} % ({len(kept)})"
    )
    for count in (int(part) for part in counts.split(",")):
        net, learned, took = learned_net(examples_of(pool[:count]), others, setting)
        typer.echo(
            f"{count} lines, {len(others)} old, {took:.0f} CPU s: "
            f"{unknown} {character_errors(net, tested):.2f} %, "
            f"{known} {character_errors(net, kept):.2f} %; own judgement "
            f"{100 * learned.before:.1f} -> {100 * learned.after:.1f} % "
            f"({learned.kept} lines; {learned.note})"
        )


@app.command()
def hands(
    data: _Data,
    config: _Config = PROJECT / "ocr_config",
    name: str = "hand",
    known: str = "kalapa2023",
    mixed: int = 200,
    seconds: float = 180.0,
    seed: int = 4,
    fewest: Annotated[int, typer.Option(help="Lines a hand must have")] = 25,
) -> None:
    """Each kept hand, before and after learning 17 of its lines, on its others."""
    cv2.setNumThreads(1)
    setting, split = Setting(config, name, seconds, seed), split_source(data / known)
    rng = random.Random(f"adapting {seed}")
    others = examples_of(rng.sample(split.train, min(mixed, len(split.train))))
    base = load_net(config, name)
    figures = []
    for hand in sorted({label.writer for label in split.kept}):
        own = [label for label in split.kept if label.writer == hand]
        if len(own) < fewest:
            continue
        lines = examples_of(rng.sample(own, len(own)))
        learning, tested = lines[:_HAND_LINES], lines[_HAND_LINES:]
        net, learned, took = learned_net(learning, others, setting)
        pair = character_errors(base, tested), character_errors(net, tested)
        figures.append(pair)
        typer.echo(f"{hand} {pair[0]:.2f} -> {pair[1]:.2f} %, {took:.0f} CPU s, {learned.note}")
    before, after = np.mean(figures, axis=0)
    typer.echo(f"{len(figures)} hands: {before:.2f} -> {after:.2f} %")


@app.command()
def apart(
    data: _Data,
    config: _Config = PROJECT / "ocr_config",
    name: str = "hand",
    known: str = "kalapa2023",
    books: int = 30,
    seed: int = 4,
    chosen: Annotated[bool, typer.Option(help="Training hands: to choose a threshold")] = False,
) -> None:
    """How often one hand is taken for several, and how pure the hands of a mixed book are."""
    cv2.setNumThreads(1)
    split, net = split_source(data / known), load_net(config, name)
    labels = list(split.train if chosen else split.kept)
    own = np.array([label.writer for label in labels])
    features = line_features(net, [line.ink for line in examples_of(labels)])
    writers, rng = sorted(set(own.tolist())), random.Random(f"adapting {seed}")
    found = [_told(features, own, [writer])[0] for writer in writers]
    typer.echo(f"1 hand: taken for more in {sum(n > 1 for n in found)} of {len(found)}")
    for count in (2, 3):
        told = [_told(features, own, rng.sample(writers, count)) for _ in range(books)]
        numbers = np.bincount([n for n, _ in told], minlength=5)[1:].tolist()
        pure = float(np.mean([purity for _, purity in told]))
        typer.echo(f"{count} hands: told 1, 2, 3, 4: {numbers}, purity {pure:.3f}")


def _told(
    features: NDArray[np.float32], own: NDArray[np.str_], writers: Sequence[str]
) -> tuple[int, float]:
    """Hands told in a book that writers wrote one after the other, and their purity."""
    book = np.concatenate([np.flatnonzero(own == writer) for writer in writers])
    found = np.array(tell_apart(features[book], [str(n) for n in range(len(book))]))
    right = sum(
        max(int((own[book][found == hand] == writer).sum()) for writer in writers)
        for hand in sorted(set(found.tolist()))
    )
    return len(set(found.tolist())), right / len(book)


if __name__ == "__main__":
    app()
