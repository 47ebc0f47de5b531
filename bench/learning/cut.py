"""Simulated books in real hands kept from training: words cut from a hand's own lines.

Needs PyTorch (extra ``train``) and the handwriting sets. A kept Kalapa hand has 27 lines of
addresses: some 130 words, hardly a lone digit of each kind, never a zero. So names are words of
that hand by chance, places longer runs of them, numbers those its digits can write; dates, sex
and lists are left out for want of pieces. The lines are split in two before they are cut: the
first four fifths of the book are made of one half, the last fifth of the other, so that no
picture of a word that was learned is ever asked; each piece is varied anew besides.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.reading.hand.ink import InkLine
from pipeline.reading.hand.vary import varied
from pipeline.settings import PROJECT
from pipeline.types import Kind
from pipeline.values import Context
from training.hand.book import YEAR, Book, Line, line_of
from training.hand.real import RealLine, load, split_source

if TYPE_CHECKING:
    from training.hand.pieces import Place

NAMES = ("child_full_name", "father_full_name", "mother_full_name", "declarant_full_name")
PLACES = ("birth_place", "home_town")
_LATER = 0.8
"""Share of the book after which the other half of the lines is used."""


@dataclass(frozen=True, eq=False)
class Half:
    """Pieces of half the lines of a hand."""

    words: dict[str, list[InkLine]]
    digits: dict[str, list[InkLine]]


@lru_cache(maxsize=1)
def _kept(folder: Path) -> dict[str, list[RealLine]]:
    hands: dict[str, list[RealLine]] = {}
    for line in load(split_source(folder).kept, folder.name):
        hands.setdefault(line.writer, []).append(line)
    return hands


def kept_hands(folder: Path) -> tuple[str, ...]:
    """Writers of a source that training keeps apart."""
    return tuple(sorted(_kept(folder)))


def cut_book(folder: Path, writer: str, entries: int, seed: int) -> Book:
    """A book put together of one kept writer's words.

    Raises:
        KeyError: no such writer is kept apart.
        ImportError: PyTorch is missing.
    """
    lines = _kept(folder)[writer]
    halves = [_half(folder, lines[at::2]) for at in (0, 1)]
    context = Context(Kind.BIRTH, YEAR)
    made = []
    for n in range(entries):
        half = halves[n >= _LATER * entries]
        rng = random.Random(f"cut {seed} {writer} {n}")
        made.append(_entry(half, context, rng))
    return Book(f"{folder.name}-{writer}", context, tuple(made), sense=False)


def _half(folder: Path, lines: list[RealLine]) -> Half:
    from training.hand.again import from_onnx
    from training.hand.batches import plain
    from training.hand.recompose import collect

    some = [plain(line) for own in _kept(folder).values() for line in own[:2]]
    net = from_onnx(PROJECT / "ocr_config" / "weights" / "hand.onnx", some)
    (pieces,) = collect(net, lines)
    words = {word: _inks(cut) for word, cut in pieces.words.items() if word.isalpha() and word[1:]}
    digits = {sign: _inks(pieces.parts[sign]) for sign in "0123456789" if sign in pieces.parts}
    return Half(*({text: inks for text, inks in own.items() if inks} for own in (words, digits)))


def _inks(places: list[Place]) -> list[InkLine]:
    return [piece.ink for place in places if (piece := place.piece()) is not None]


def _entry(half: Half, context: Context, rng: random.Random) -> tuple[Line, ...]:
    made = []
    for fields, lengths in ((NAMES, (2, 3, 3, 3, 4)), (PLACES, (3, 4, 5, 6))):
        for field in fields:
            few = rng.choices(tuple(half.words), k=rng.choice(lengths))
            ink = _laid([rng.choice(half.words[word]) for word in few], (5, 18), rng)
            made.append(line_of(field, " ".join(few), context, ink))
    if len(half.digits) > 1:
        signs = rng.choices(tuple(half.digits), k=rng.randint(1, 3))
        ink = _laid([rng.choice(half.digits[sign]) for sign in signs], (1, 5), rng)
        made.append(line_of("entry_number", "".join(signs), context, ink))
    return tuple(made)


def _laid(pieces: list[InkLine], gaps: tuple[int, int], rng: random.Random) -> InkLine:
    from training.hand.recompose import refitted

    dice = np.random.default_rng(rng.getrandbits(32))
    parts: list[InkLine] = []
    for ink in pieces:
        moved = np.roll(ink, rng.choice((0, 0, 0, -1, 1)), axis=0)
        parts += [moved, np.zeros((len(ink), rng.randint(*gaps)), np.float32)]
    line = np.concatenate(parts[:-1], axis=1)
    return varied(np.asarray(refitted(line, rng) / 255, np.float32), dice)
