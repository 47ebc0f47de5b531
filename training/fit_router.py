"""Fits ``ocr_config/weights/router.npz``: what is handwriting, what is type, what is print.

``python -m training.fit_router`` cuts cells out of generated books the production way. Some
families of each kind are kept for the test and never fitted on. ``--lines FOLDER`` adds real
lines of hands (a ``labels.tsv`` with the columns file and writer); every fifth writer is kept
for the test.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.reading.auto import shown
from pipeline.reading.blank import without_shine
from pipeline.reading.crop import cut
from pipeline.reading.hand.ink import ink_line
from pipeline.reading.router import FIGURES, Router, Writing, figures
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Grey
from samples import fonts
from samples.batch import random_books
from samples.book import BookSpec
from samples.fonts import face
from training.cells import DPI, QUALITY, laid_out_pages

VERSION = "1"
HIDDEN = 32
STEPS, BATCH = 6000, 256
SHRINK = 1e-4
KEPT = frozenset({"patrick-hand", "dancing-script", "playwrite-vn", "mansalva", "ms-madi",
                  "tinos", "open-sans", "dejavu-serif-condensed"})  # fmt: skip
"""Families of the test. There is one typewriter face only: its books are parted by seed."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """Figures of one cell, how it was written, and whether it is kept for the test."""

    figures: Floats
    writing: Writing
    group: str
    kept: bool
    worn: bool = False


def styled_books(count: int, seed: str) -> list[BookSpec]:
    """Generated books, hands and print of every family in turn."""
    rng = random.Random(f"router {seed}")
    hands = [f"hand:{name}" for name in fonts.hand_families()]
    prints = [f"print:{name}" for name in fonts.print_families()]
    pools: tuple[Sequence[str], ...] = (hands, prints, hands, ("type",), prints)
    return [
        replace(
            spec,
            hand=rng.choice(pools[n % len(pools)]),
            dpi=rng.choice(DPI),
            quality=rng.choice(QUALITY),
        )
        for n, spec in enumerate(random_books(count, f"training-{seed}", 200, 2))
    ]


def cells_of(number: int, spec: BookSpec) -> Iterator[Example]:
    """Written cells of one book."""
    dpi = load_thresholds(PROJECT / "ocr_config").reading.work_dpi
    rng = random.Random(f"{spec.seed} {spec.path}")
    kind, _, family = spec.hand.partition(":")
    writing = {"print": Writing.PRINTED, "type": Writing.TYPED, "hand": Writing.HAND}[kind]
    kept = family in KEPT or (kind == "type" and number % 15 == 3)
    for page in laid_out_pages(spec):
        cells = page.layout.cells
        crops = without_shine([cut(page.pages[cell.page], cell, dpi) for cell in cells])
        for crop, truth in zip(crops, page.truth, strict=True):
            if truth and not crop.blank and any(sign.isalnum() for sign in truth):
                group = f"{spec.hand} {spec.wear}"
                yield Example(figures(crop.image), writing, group, kept)
                yield Example(figures(worn(crop.image, rng)), writing, group, kept, worn=True)
                if crop.lines == 1:  # as the picture of a line is seen
                    yield Example(
                        figures(shown(ink_line(crop.image))), writing, group + " line", kept
                    )


def drawn_lines(family: str, writing: Writing, count: int) -> Iterator[Example]:
    """Short texts drawn plainly in a face, worn: many faces matter more than true pages."""
    rng = random.Random(family)
    parts = [row["text"] for row in csv.DictReader(_names().splitlines())]
    for n in range(count):
        words = [rng.choice(parts) for _ in range(rng.choice((1, 2, 3, 3, 4)))]
        if rng.random() < 0.3:
            day = f"{rng.randint(1, 31)}/{rng.randint(1, 12)}/19{n % 90 + 10}"
            words[rng.randrange(len(words))] = day
        text = " ".join(words)
        text = text.upper() if rng.random() < 0.15 else text
        font = face(family, rng.uniform(22, 34), rng.random() < 0.2)
        width = int(font.getlength(text)) + 40
        image = Image.new("L", (width, 90), 255)
        ImageDraw.Draw(image).text((20, 60), text, fill=rng.randint(0, 60), font=font, anchor="ls")
        grey = np.asarray(image, np.uint8)
        if writing is Writing.HAND:
            slant = rng.uniform(-0.1, 0.3)
            matrix = np.array([[1, -slant, 60 * slant], [rng.uniform(-0.02, 0.02), 1, 0]])
            grey = np.asarray(
                cv2.warpAffine(grey, matrix, (width, 90), borderValue=(255,)), np.uint8
            )
        group = f"drawn {family}"
        kept = family in KEPT
        yield Example(figures(worn(grey, rng)), writing, group, kept)
        if n % 2:
            line = shown(ink_line(worn(grey, rng)))
            yield Example(figures(line), writing, group + " line", kept)


def _names() -> str:
    return (PROJECT / "samples/data/name_parts.csv").read_text("utf-8")


def lines_of(folder: Path) -> Iterator[Example]:
    """Real lines of hands, cleaned as ``hotich read`` cleans them, and each cut to a few words."""
    with (folder / "labels.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    rng = random.Random(folder.name)
    for n, row in enumerate(rows):
        writer = row["writer"] if row["writer"] != "?" else str(n // 40)
        grey = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            continue
        image = shown(ink_line(np.asarray(grey, np.uint8)))
        width = image.shape[1]
        part = rng.choice((1.0, 0.5, 0.25))
        start = rng.randint(0, round(width * (1 - part)))
        words = image[:, start : start + max(8, round(width * part))]
        kept = sum(map(ord, writer)) % 5 == 0
        yield Example(figures(words), Writing.HAND, f"real {folder.name}", kept)


def worn(image: Grey, rng: random.Random) -> Grey:
    """The crop as a worse print or scan would give it: bolder or thinner, blurred, eaten away."""
    noise = np.random.default_rng(rng.getrandbits(32))
    changed = image.astype(np.float32)
    way = rng.choice(("bold", "thin", "same"))
    if way != "same":
        change = cv2.erode if way == "bold" else cv2.dilate
        changed = np.asarray(change(changed, np.ones((2, 2), np.uint8)), np.float32)
    grain = cv2.GaussianBlur(noise.normal(0, 1, image.shape).astype(np.float32), (0, 0), 1.2)
    changed = changed + np.asarray(grain, np.float32) * rng.uniform(0, 160) * (image < 200)
    changed = np.asarray(cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.3, 1.1)), np.float32)
    return np.clip(changed, 0, 255).astype(np.uint8)


def fit(examples: Sequence[Example], seed: int = 1) -> Router:
    """A network with one hidden layer by Adam; kinds and groups are drawn alike often."""
    rng = np.random.default_rng(seed)
    kinds = list(Writing)
    x = np.array([one.figures for one in examples])
    y = np.array([kinds.index(one.writing) for one in examples])
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = (x - middle) / spread
    groups = np.unique([one.group for one in examples], return_inverse=True)[1]
    often = 1 / np.sqrt(np.bincount(groups))[groups]
    for kind in range(len(kinds)):
        often[y == kind] /= max(1e-9, often[y == kind].sum())
    often /= often.sum()
    parts = [
        rng.normal(0, 1 / FIGURES**0.5, (FIGURES, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 1 / HIDDEN**0.5, (HIDDEN, len(kinds))),
        np.zeros(len(kinds)),
    ]
    speed = [np.zeros_like(part) for part in parts]
    power = [np.zeros_like(part) for part in parts]
    draws = rng.choice(len(y), (STEPS, BATCH), p=often)
    for step, some in enumerate(draws, start=1):
        # A little noise on the figures: a new face is never quite like a known one.
        shaken = z[some] + rng.normal(0, 0.3, (BATCH, FIGURES))
        inner = np.maximum(0, shaken @ parts[0] + parts[1])
        logits = inner @ parts[2] + parts[3]
        error = np.exp(logits - logits.max(axis=1, keepdims=True))
        error /= error.sum(axis=1, keepdims=True)
        error[np.arange(BATCH), y[some]] -= 1
        error /= BATCH
        back = (error @ parts[2].T) * (inner > 0)
        slopes = [
            shaken.T @ back + SHRINK * parts[0],
            back.sum(axis=0),
            inner.T @ error + SHRINK * parts[2],
            error.sum(axis=0),
        ]
        rate = 0.004 * (1 - step / STEPS) + 1e-5
        for n, slope in enumerate(slopes):
            speed[n] = 0.9 * speed[n] + 0.1 * slope
            power[n] = 0.999 * power[n] + 0.001 * slope**2
            parts[n] = parts[n] - rate * (speed[n] / (1 - 0.9**step)) / (
                np.sqrt(power[n] / (1 - 0.999**step)) + 1e-8
            )
    return Router(VERSION, middle, spread, *parts)


def chosen(router: Router, x: Floats) -> NDArray[np.intp]:
    """Number of the likeliest kind of writing of each row of figures."""
    inner = np.maximum(0, ((x - router.middle) / router.spread) @ router.first + router.first_bias)
    return np.asarray((inner @ router.second + router.second_bias).argmax(axis=1))


def report(router: Router, examples: Sequence[Example]) -> Iterator[str]:
    """Lines of a table: share of cells rightly taken for handwriting or not, by group."""
    kinds = list(Writing)
    for name, kept in (("fitted on", False), ("families and writers never seen", True)):
        some = [one for one in examples if one.kept == kept]
        if not some:
            continue
        found = chosen(router, np.array([one.figures for one in some]))
        hand = kinds.index(Writing.HAND)
        truth = np.array([kinds.index(one.writing) for one in some])
        right = (found == hand) == (truth == hand)
        yield f"{name}: {len(some)} cells, hand or not {right.mean():.4f}, " + (
            f"all kinds {np.mean(found == truth):.4f}"
        )
        for group in sorted({one.group for one in some}):
            own = np.array([one.group == group for one in some])
            yield f"  {group:32} {int(own.sum()):6d} {right[own].mean():.4f}"


def save(router: Router, path: Path) -> None:
    """Write the weights as float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ("middle", "spread", "first", "first_bias", "second", "second_bias")
    arrays = {name: np.asarray(getattr(router, name), np.float32) for name in names}
    np.savez_compressed(path, allow_pickle=False, version=np.array(router.version), **arrays)


def main(
    books: Annotated[int, typer.Option(help="generated books")] = 60,
    seed: Annotated[str, typer.Option(help="names the generated books")] = "router",
    hands: Annotated[str, typer.Option(help="more handwriting faces that are installed")] = "",
    lines: Annotated[list[Path] | None, typer.Option(help="folders of real lines")] = None,
    out: Annotated[Path, typer.Option()] = PROJECT / "ocr_config/weights/router.npz",
) -> None:
    """Generate, cut, fit, test, write."""
    cv2.setNumThreads(1)
    examples: list[Example] = []
    for n, spec in enumerate(styled_books(books, seed)):
        examples += cells_of(n, spec)
        typer.echo(f"{n + 1}/{books} books, {len(examples)} cells", err=True)
    for family in (*fonts.hand_families(), *hands.split(",")):
        examples += drawn_lines(family, Writing.HAND, 120) if family else ()
    for family in fonts.print_families():
        examples += drawn_lines(family, Writing.PRINTED, 300)
    for family in fonts.type_families():
        examples += drawn_lines(family, Writing.TYPED, 300)
    for folder in lines or []:
        examples += lines_of(folder)
    router = fit([one for one in examples if not one.kept])
    for line in report(router, [one for one in examples if not one.worn]):
        typer.echo(line)
    save(router, out)


if __name__ == "__main__":
    typer.run(main)
