"""Fits ``ocr_config/calibration/pair.json``: whose text to believe where two readers differ.

``python -m training.fit_pair`` makes books of print, type and handwriting faces, lays them out and
cuts them the production way, lets both readers read every cell that production shows to both,
and fits a logistic regression a reader. For the figures each book is left out in turn.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.places import load_gazetteer
from pipeline.places.written import place_names
from pipeline.reading.auto import (
    AutoRecognizer,
    asks_hand,
    asks_print,
    auto_recognizer,
    middle,
)
from pipeline.reading.guide import UNGUIDED, Guide
from pipeline.reading.pair import Pairing, Seen, judged, pairing_file, save_pairing, signs
from pipeline.reading.recognizer import field_type, read_cells
from pipeline.settings import PROJECT
from pipeline.types import Crop, Kind, Reading
from pipeline.values import Context
from pipeline.values.guide import guide_of
from samples.batch import FORMS, random_books
from samples.book import BookSpec
from samples.eras.pools import DEVELOPMENT
from training.cells import DPI, QUALITY, laid_out_pages
from training.fit_hand_calibration import same_value
from training.hand.draw import UNSEEN
from training.kept import kept_or_made
from training.logistic import logistic

VERSION = "2"
SHRINK = 1.0
_WEARS = ("heavy", "medium", "heavy", "mild")
"""Of books of print and type, four by four: where they are worn, the readers differ."""
_KINDS = {"birth": Kind.BIRTH, "death": Kind.DEATH, "marriage": Kind.MARRIAGE}
_SURE = 0.97
"""Of which the report tells how many texts are, and how many of these are wrong."""


@dataclass(frozen=True)
class Example:
    """A cell in which the readers saw different texts."""

    book: int
    written: str
    seen: Seen
    print_right: bool
    hand_right: bool


@dataclass(eq=False)
class _Both:
    """Takes the place of the reader that chooses; shows the net what production shows to both."""

    auto: AutoRecognizer
    name: str = "both"
    looks: NDArray[np.float64] | None = None
    pairs: dict[int, tuple[Reading, Reading]] = field(default_factory=dict)
    """What both read, by the number of the crop."""

    def read(self, crops: Sequence[Crop], guide: Guide = UNGUIDED) -> list[Reading]:
        """Tesseract's readings."""
        self.looks = looks = self.auto.by_hand(crops)
        printed = self.auto.printed.read(crops, guide)
        written = [n for n, reading in enumerate(printed) if not reading.blank]
        usual = middle(looks[written])
        asked = [
            n
            for n in written
            if asks_print(looks[n]) and printed[n].text and asks_hand(looks[n], usual, printed[n])
        ]
        read = self.auto.hand.read([crops[n] for n in asked], guide)
        self.pairs = {n: (printed[n], one) for n, one in zip(asked, read, strict=True)}
        return printed


def books(hands: int, prints: int, seed: str) -> list[BookSpec]:
    """Books in handwriting faces, half of them new to the net, and in print or type."""
    rng = random.Random(f"pair {seed}")
    new = [face for face in DEVELOPMENT.hands if face in UNSEEN]
    known = [face for face in DEVELOPMENT.hands if face not in UNSEEN]
    made = random_books(hands + prints, f"training-pair-{seed}", 200, 2)
    for n in range(hands):
        faces = new if n % 2 else known
        made[n] = replace(made[n], hand=f"hand:{faces[(n // 2 + n // len(FORMS)) % len(faces)]}")
    return [
        replace(
            spec,
            hand=spec.hand if n < hands else rng.choice(("print", "type")),
            wear=spec.wear if n < hands else _WEARS[(n - hands) // len(FORMS) % len(_WEARS)],
            dpi=rng.choice(DPI),
            quality=rng.choice(QUALITY),
        )
        for n, spec in enumerate(made)
    ]


@lru_cache(maxsize=1)
def _auto() -> AutoRecognizer:
    return auto_recognizer("vie", PROJECT / "ocr_config")


def examples_of(numbered: tuple[int, BookSpec]) -> list[Example]:
    """Cells of a book that both are asked for and read differently."""
    cv2.setNumThreads(1)
    return list(_examples(*numbered))


def _examples(number: int, spec: BookSpec) -> Iterator[Example]:
    config = PROJECT / "ocr_config"
    context = Context(_KINDS[spec.form.partition("-")[0]], spec.year)
    names = place_names(load_gazetteer(config), f"{spec.unit}, {spec.district}", spec.year)
    guide = guide_of(context, config, names)
    for page in laid_out_pages(spec):
        both = _Both(_auto())
        read_cells(page.pages, page.layout, both, config, guide)
        assert both.looks is not None
        for n, (printed, hand) in both.pairs.items():
            truth = page.truth[n] if n < len(page.truth) else None  # deleted texts come after
            if not truth or not hand.text or printed.text == hand.text:
                continue
            name = page.layout.cells[n].field
            seen = Seen(
                field_type(name), printed.probability, hand.probability, float(both.looks[n]),
                guide.fits(name, printed.text), guide.fits(name, hand.text),
            )  # fmt: skip
            rights = (same_value(name, truth, one.text, context) for one in (printed, hand))
            yield Example(number, spec.hand, seen, *rights)


def fit(examples: Sequence[Example], data: str) -> Pairing:
    """Weights of both regressions."""
    x = np.array([signs(one.seen) for one in examples])
    printed, hand = (
        tuple(np.round(logistic(x, np.array(right, float), SHRINK), 4).tolist())
        for right in (
            [one.print_right for one in examples],
            [one.hand_right for one in examples],
        )
    )
    return Pairing(VERSION, data, printed, hand)


def report(examples: Sequence[Example]) -> Iterator[str]:
    """How often the likelier text is right, each book judged by weights that never saw it."""
    rows: list[tuple[str, float, bool, bool, bool]] = []
    for book in sorted({one.book for one in examples}):
        pairing = fit([one for one in examples if one.book != book], "")
        for one in examples:
            if one.book == book:
                printed, hand = judged(pairing, one.seen)
                right = one.hand_right if hand > printed else one.print_right
                rows.append(
                    (one.written, max(printed, hand), right, one.print_right, one.hand_right)
                )
    for name in sorted({row[0] for row in rows} | {""}):
        own = [row for row in rows if name in ("", row[0])]
        sure = [row for row in own if row[1] >= _SURE]
        shares = " ".join(
            f"{what} {np.mean([row[at] for row in own]):.3f}"
            for what, at in (("said", 1), ("right", 2), ("print", 3), ("net", 4))
        )
        wrong = sum(not row[2] for row in sure)
        yield f"{name or 'all':20} {len(own):5d} cells  {shares}  sure {len(sure)}, wrong {wrong}"


def main(
    hands: Annotated[int, typer.Option(help="books in handwriting faces")] = 16,
    prints: Annotated[int, typer.Option(help="books in print and type")] = 16,
    seed: Annotated[str, typer.Option(help="names the generated books")] = "a",
    workers: Annotated[int, typer.Option(help="processes")] = 1,
    keep: Annotated[Path | None, typer.Option(help="keep or reuse examples here")] = None,
) -> None:
    """Make, read, fit, tell, write."""

    def made() -> Iterator[Example]:
        with ProcessPoolExecutor(workers) as pool:
            by_book = pool.map(examples_of, enumerate(books(hands, prints, seed)))
            for n, some in enumerate(by_book, start=1):
                typer.echo(f"{n} books, {len(some)} cells read differently", err=True)
                yield from some

    found = kept_or_made(keep, Example, made)
    for line in report(found):
        typer.echo(line)
    data = f"{len(found)} cells read differently, of {hands + prints} generated books (seed {seed})"
    save_pairing(fit(found, data), pairing_file(PROJECT / "ocr_config"))


if __name__ == "__main__":
    typer.run(main)
