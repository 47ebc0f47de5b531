"""Measures the router on what it never met: whole generated books, and thousands of empty cells.

``python -m training.measure_router books`` cuts cells out of books in the faces of the test, the
production way, and says how many are rightly taken for hand or not, alone and leaning on their
scan. ``python -m training.measure_router blanks`` draws empty cells and the smallest writing and
reads them with the reader that chooses: a text in an empty cell is the worst that can be.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Annotated

import cv2
import typer

from pipeline.reading.auto import asks_hand, asks_print, auto_recognizer, leaning, middle
from pipeline.reading.blank import without_shine
from pipeline.reading.crop import cut
from pipeline.reading.router import Look, load_router
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Reading
from samples import fonts
from samples.batch import random_books
from samples.book import BookSpec
from training.cells import DPI, QUALITY, laid_out_pages
from training.drawn_cells import draw_cell
from training.ink_sources import KEPT
from training.router_examples import SMALL, WEARS, sources

app = typer.Typer(add_completion=False)
CONFIG = PROJECT / "ocr_config"
_TOGETHER = 250
SURE = Reading("x", (), 1.0, 1.0, "tesseract")
"""As sure as Tesseract can be: does the net see the cell even then?"""


def kept_books(count: int, seed: str, scans: int) -> list[BookSpec]:
    """Generated books in faces of the test; the one typewriter face is parted by its wear."""
    rng = random.Random(f"router books {seed}")
    hands = [f"hand:{name}" for name in fonts.hand_families() if name in KEPT]
    prints = [f"print:{name}" for name in fonts.print_families() if name in KEPT]
    styles = [*hands, *prints, "type"]
    return [
        replace(
            spec, hand=styles[n % len(styles)], dpi=rng.choice(DPI), quality=rng.choice(QUALITY)
        )
        for n, spec in enumerate(random_books(count, f"router-test-{seed}", 200, scans))
    ]


@app.command()
def books(
    count: Annotated[int, typer.Option(help="books")] = 14,
    seed: Annotated[str, typer.Option()] = "1",
    scans: Annotated[int, typer.Option(help="scans a book")] = 1,
) -> None:
    """Hand or not, by book, alone and leaning on the scan."""
    cv2.setNumThreads(1)
    router, dpi = load_router(CONFIG), load_thresholds(CONFIG).reading.work_dpi
    sums = Counter[str]()
    for spec in kept_books(count, seed, scans):
        hand = spec.hand.startswith("hand")
        own = Counter[str]()
        for page in laid_out_pages(spec):
            cells = page.layout.cells
            crops = without_shine([cut(page.pages[cell.page], cell, dpi) for cell in cells])
            chosen = [n for n, crop in enumerate(crops) if not crop.blank]
            looks = router.looks([crops[n] for n in chosen])
            chances = leaning(looks.hand)
            alone, held, usual = looks.hand > 0, chances > 0.5, middle(chances)
            said = [list(Look)[k].value for k in looks.chances.argmax(axis=1).tolist()]
            for k, n in enumerate(chosen):
                truth = page.truth[n]
                if truth == "":
                    own["empty, not called so by the rule"] += 1
                    own[f"empty: {said[k]}"] += 1
                elif truth and any(sign.isalnum() for sign in truth):
                    own["cells"] += 1
                    own["alone"] += bool(alone[k]) == hand
                    own["leaning"] += bool(held[k]) == hand
                    asked = asks_hand(chances[k], usual, SURE) if hand else asks_print(chances[k])
                    own["its reader asked"] += bool(asked)
                    own[f"written: {said[k]}"] += 1
                elif truth:
                    own[f"sign {truth}: {said[k]}"] += 1
            own["empty"] += sum(truth == "" for truth in page.truth)
            own["written, called blank"] += sum(
                bool(truth) and crop.blank for truth, crop in zip(page.truth, crops, strict=True)
            )
        sums += own
        typer.echo(f"{spec.hand:22} {spec.wear:7} {spec.form:26} {dict(own)}")
    typer.echo(
        f"cells {sums['cells']}: alone {sums['alone'] / sums['cells']:.4f}, "
        f"leaning {sums['leaning'] / sums['cells']:.4f}, its reader asked whatever the other says "
        f"{sums['its reader asked'] / sums['cells']:.4f}\n{dict(sums)}"
    )


@app.command()
def blanks(
    count: Annotated[int, typer.Option(help="empty cells")] = 5000,
    small: Annotated[int, typer.Option(help="cells with the smallest writing")] = 600,
    seed: Annotated[str, typer.Option()] = "1",
) -> None:
    """Texts read in empty cells, and small writing called blank."""
    cv2.setNumThreads(1)
    reader = auto_recognizer("vie", CONFIG)
    rng = random.Random(f"router blanks {seed}")
    everyone = sources(True)
    faces = [source for source in everyone if source.family]
    found, lost = Counter[str](), Counter[str]()
    # Small writing comes among the empty cells, so that what is known early is known of both.
    order = [""] * count + [rng.choice(SMALL) for _ in range(small)]
    rng.shuffle(order)
    for start in range(0, len(order), _TOGETHER):
        truth = order[start : start + _TOGETHER]
        crops = []
        for text in truth:
            source = rng.choice(faces if text else everyone)
            look = Look(source.writing.value) if text else Look.BLANK
            crops.append(draw_cell(look, source, rng.choice(WEARS), rng, text=text).crop)
        for text, crop, reading in zip(truth, crops, reader.read(crops), strict=True):
            way = "blank" if reading.blank else "text" if reading.text else "no text, to a person"
            way = "blank by the rule" if crop.blank else way
            found[f"{'small' if text else 'empty'}: {way}"] += 1
            if text and reading.blank:
                lost[f"{text} {'rule' if crop.blank else 'router'}"] += 1
            if not text and reading.text:
                typer.echo(f"{reading.text!r} {reading.probability:.3f} {reading.reader}")
        typer.echo(f"{dict(sorted(found.items()))}; lost {dict(lost)}")


if __name__ == "__main__":
    app()
