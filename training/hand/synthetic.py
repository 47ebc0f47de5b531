"""Makes lines in fonts, as shards of ink maps (``python -m training.hand.synthetic FOLDER``).

Shards are numbered; the trainer takes whatever lies there, so that a generator may run beside
it. The same seed and number give the same shard.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.reading.hand.ink import HEIGHT, ink_line
from training.hand.draw import corrected, hands, presses, write
from training.hand.faces import latin_families
from training.hand.paper import bent, on_paper, shaken
from training.hand.pens import penned
from training.hand.strays import trimmed, with_label
from training.hand.text import chance, field_text, line_text

_LENGTHS = (10, 16, 28, 60)
_SHARD = 250


@dataclass(frozen=True, eq=False)
class Line:
    """A line to learn: ink map 0..255 (``HEIGHT`` rows, or more with room around) and text."""

    ink: NDArray[np.uint8]
    text: str
    source: str


def synthetic_line(
    rng: random.Random,
    unseen: bool = False,
    longest: int = 0,
    small: bool = False,
    latin: bool = False,
) -> Line:
    """One line in a font.

    ``unseen`` takes the families that training never writes with, ``small`` what stands alone in
    small fields, ``latin`` the faces whose marks are put by hand (``training.hand.faces``).
    """
    text = field_text(rng) if small else line_text(rng, longest or rng.choice(_LENGTHS))
    press = not unseen and not latin and rng.random() < 0.12
    family = rng.choice(presses() if press else latin_families() if latin else hands(unseen))
    slip = not press and not small and rng.random() < 0.02
    written = corrected(text, chance(rng), rng, family) if slip else write(text, rng, family)
    ink, dark = trimmed(written), rng.uniform(60, 225)
    if not press:
        ink = trimmed(bent(ink, rng))
        ink = shaken(ink, rng) if rng.random() < 0.6 else ink
    if not press or rng.random() < 0.5:
        ink, dark = penned(ink, rng)
    grey = on_paper(ink, rng, unseen, dark)
    if rng.random() < 0.08:
        grey = with_label(grey, rng)
    found = np.asarray(ink_line(grey) * 255, np.uint8)
    return Line(found, text, "print" if press else "fonts")


def save_shard(path: Path, lines: list[Line]) -> None:
    """Writes lines of ``HEIGHT`` rows to one file, whole or not at all."""
    fresh = path.with_suffix(".part")
    with fresh.open("wb") as stream:
        np.savez(
            stream,
            ink=np.concatenate([line.ink for line in lines], axis=1),
            widths=np.array([line.ink.shape[1] for line in lines], np.int32),
            texts=np.array([line.text for line in lines]),
            sources=np.array([line.source for line in lines]),
        )
    fresh.rename(path)


def load_shard(path: Path) -> Iterator[Line]:
    """Lines of a file made by ``save_shard``."""
    with np.load(path) as shard:
        ink, stops = shard["ink"], np.cumsum(shard["widths"])
        pieces = np.split(ink, stops[:-1], axis=1)
        for piece, text, source in zip(pieces, shard["texts"], shard["sources"], strict=True):
            yield Line(np.ascontiguousarray(piece), str(text), str(source))


def main(
    folder: Path,
    shards: int = 60,
    seed: int = 1,
    start: int = 0,
    longest: int = 0,
    unseen: bool = False,
    small: bool = False,
    latin: bool = False,
) -> None:
    """Makes shards of 250 lines each, leaving out those already there."""
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + shards):
        kind = f"{'latin-' if latin else ''}{'small' if small else longest}"
        path = folder / f"fonts-{seed}-{kind}-{number:04d}.npz"
        if path.exists():
            continue
        began = time.process_time()
        rng = random.Random(f"hand {seed} {longest} {number}")
        lines = [synthetic_line(rng, unseen, longest, small, latin) for _ in range(_SHARD)]
        save_shard(path, [line for line in lines if line.ink.shape[0] == HEIGHT])
        typer.echo(f"{path.name}: {(time.process_time() - began) / _SHARD * 1000:.1f} ms a line")


if __name__ == "__main__":
    typer.run(main)
