"""Cells of generated pages with their truth, found the way real pages are read.

Pages are made, prepared, laid out and cut as in production, so that what is learned from
these cells has met the layout's own errors too. Seeds here begin with ``training``: the
committed samples and the development set are never among them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from pipeline.errors import PageError
from pipeline.form import lay_out, learn_book
from pipeline.form.schema import load_forms
from pipeline.page import prepare
from pipeline.settings import PROJECT
from pipeline.types import Cell, Grey, Kind, Layout, PageImage, Scan, ScanRef
from samples.batch import random_books
from samples.book import BookSpec, make_book

HANDS = ("print", "print", "type", "type", "hand")
DPI = (200, 200, 240, 300)
QUALITY = (50, 62, 80, 90)
_OVERLAP = 0.5


@dataclass(frozen=True)
class LaidOutPage:
    """A generated scan as production sees it, and what truly stands in each cell."""

    pages: tuple[PageImage, ...]
    layout: Layout
    truth: tuple[str | None, ...]
    """Literal of each cell of the layout; None where the cell lies on no field of that name."""
    hand: str
    wear: str


def training_books(count: int, seed: str) -> list[BookSpec]:
    """Books of all forms, hands, resolutions and qualities, each from a printer of its own."""
    rng = random.Random(f"training {seed}")
    return [
        replace(
            spec,
            hand=rng.choice(HANDS),
            dpi=rng.choice(DPI),
            quality=rng.choice(QUALITY),
        )
        for spec in random_books(count, f"training-{seed}", 200, 2)
    ]


def laid_out_pages(spec: BookSpec) -> Iterator[LaidOutPage]:
    """Pages of one book; nothing where its form or a page cannot be laid out."""
    forms = load_forms(PROJECT / "ocr_config")
    form = forms[spec.form]
    made = [page for page in make_book(spec) if page.truth.get("entries")]
    scans = [
        Scan(ScanRef("", 0, n, str(n), str(n)), _compressed(page.picture, spec.quality), spec.dpi)
        for n, page in enumerate(made)
    ]
    prepared = [prepare(scan, opening=form.opening) for scan in scans]
    try:
        book = learn_book(
            prepared,
            forms,
            kind=Kind(form.kind),
            year=spec.year,
            digests=[scan.ref.digest for scan in scans],
        )
        for page, pages in zip(made, prepared, strict=True):
            layout = lay_out(pages, book, forms[book.form_id])
            if layout.cells:
                truth = match_truth(layout.cells, pages, page.truth["entries"])
                yield LaidOutPage(pages, layout, truth, spec.hand, spec.wear)
    except PageError:
        return


def match_truth(
    cells: Sequence[Cell], pages: Sequence[PageImage], entries: Sequence[dict[str, Any]]
) -> tuple[str | None, ...]:
    """Literal of the field of the same name that overlaps each cell most."""
    fields = [field for entry in entries for field in entry["fields"]]
    boxes = [_box(np.array(field["polygon"])) for field in fields]
    found: list[str | None] = []
    for cell in cells:
        points = np.array([cell.polygon], np.float64)
        matrix = np.array(pages[cell.page].to_scan)
        own = _box(cv2.perspectiveTransform(points, matrix)[0])
        best = max(
            (
                (_overlap(own, box), field["literal"])
                for box, field in zip(boxes, fields, strict=True)
                if field["field"] == cell.field
            ),
            default=(0.0, ""),
        )
        found.append(best[1] if best[0] >= _OVERLAP else None)
    return tuple(found)


def _compressed(picture: Grey, quality: int) -> Grey:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _box(points: np.ndarray[Any, Any]) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Share of the smaller box inside the larger."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, width) * max(0.0, height) / max(1.0, smaller)
