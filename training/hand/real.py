"""Labelled lines of real hands, kept apart by hand for training and for validation.

A folder holds ``labels.tsv`` (file, writer, text) and the pictures. Where writers are named,
whole hands are kept apart; else single lines, and the same hand may then be on both sides.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.reading.hand.alphabet import foreign_signs, normalized
from pipeline.reading.hand.ink import ink_and_box
from training.hand.synthetic import Line

_TALLEST = 64
"""Height the line's ink is kept at: more than the net sees, little enough to keep all lines."""
_ROOM = 10
"""Rows around the line that are kept, so that a jittered cut shows what is there."""
_HANDS_KEPT = 12
_LINES_KEPT = 150


@dataclass(frozen=True)
class Label:
    """A labelled picture."""

    path: Path
    writer: str
    text: str


@dataclass(frozen=True, eq=False)
class RealLine(Line):
    """A line of a real hand; ``box`` is top, bottom, left, right of its ink in ``ink``."""

    writer: str
    box: tuple[float, float, int, int]


@dataclass(frozen=True)
class Split:
    """Labels of one source, apart."""

    source: str
    train: tuple[Label, ...]
    kept: tuple[Label, ...]
    digest: str
    """SHA-256 of labels.tsv."""


def split_source(folder: Path, seed: int = 4) -> Split:
    """Labels of a folder, some hands (or lines, where no writer is named) kept apart.

    Raises:
        FileNotFoundError: no labels.tsv there.
        ValueError: a label has signs the net cannot write.
    """
    table = folder / "labels.tsv"
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    labels = [Label(folder / r["file"], r["writer"], normalized(r["text"])) for r in rows]
    strange = sorted({sign for label in labels for sign in foreign_signs(label.text)})
    if strange:
        raise ValueError(f"{table}: {' '.join(strange)}")
    rng = random.Random(f"split {folder.name} {seed}")
    writers = sorted({label.writer for label in labels})
    if len(writers) > 2 * _HANDS_KEPT:
        apart = set(rng.sample(writers, _HANDS_KEPT))
        kept = [label for label in labels if label.writer in apart]
    else:
        kept = rng.sample(labels, min(_LINES_KEPT, len(labels) // 8))
    away = set(kept)
    return Split(
        folder.name,
        tuple(label for label in labels if label not in away),
        tuple(kept),
        hashlib.sha256(table.read_bytes()).hexdigest(),
    )


def load(labels: Sequence[Label], source: str) -> list[RealLine]:
    """Ink of labelled pictures, with room around the line; pictures without ink are left out."""
    lines = []
    for label in labels:
        picture = cv2.imread(str(label.path), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(label.path)
        found = ink_and_box(picture)
        if found is None or not label.text:
            continue
        ink, (top, bottom, left, right) = found
        scale = min(1.0, _TALLEST / (bottom - top))
        if scale < 1.0:
            size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
            ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
        high, low = top * scale, bottom * scale
        begin, end = round(left * scale), round(right * scale)
        first = max(0, int(high) - _ROOM)
        side = max(0, begin - _ROOM)
        cut = ink[first : int(low) + _ROOM, side : end + _ROOM]
        box = (high - first, low - first, begin - side, min(cut.shape[1], end - side))
        lines.append(RealLine(np.ascontiguousarray(cut), label.text, source, label.writer, box))
    return lines
