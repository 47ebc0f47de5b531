"""A cell of a worn page read in several pictures: what they agree on is right far more often.

The clean picture first and the one with all ink around the writing (``faint``); where they differ,
two more, and the text of most is taken. How much an agreement is worth is one regression
(``ocr_config/calibration/views.json``, ``training.fit_views``).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.fitted import load_fitted
from pipeline.reading.calibrate import OF_DIGITS
from pipeline.reading.tidy import tidy
from pipeline.tesseract import PrintedWord
from pipeline.types import Reading, Word

Words = Sequence[PrintedWord]
PICTURES = "pictures="
"""Beginning of the note that says in how many pictures of how many the text was read."""
BOTH, MOST, HALF, ALONE = "2/2", "3/4", "2/4", "1/4"
SIGNS = ("constant", BOTH, MOST, HALF, "probability", "digits")
_LEAST = 0.001


@dataclass(frozen=True)
class Views:
    """Weights of a logistic regression over :data:`SIGNS`."""

    version: str
    data: str
    weights: tuple[float, ...]


def first_two(clean: Words, faint: Words) -> bool:
    """Whether the two first pictures say the same, and something."""
    text = plain(clean)
    return bool(text) and text == plain(faint)


def most_agreed(views: Sequence[Words]) -> tuple[int, str]:
    """Number of the picture to go by, and how many say what it says (one of the four above).

    Args:
        views: words seen in each of four pictures.
    """
    texts = [plain(words) for words in views]
    counts = Counter(text for text in texts if text)
    best = max(
        (n for n, text in enumerate(texts) if text),
        key=lambda n: (counts[texts[n]], min(word.confidence for word in views[n])),
        default=0,
    )
    count = counts[texts[best]] if texts[best] else 0
    return best, {4: MOST, 3: MOST, 2: HALF}.get(count, ALONE)


def plain(words: Words) -> str:
    """The text without the stray signs at its ends."""
    lines = tidy([[Word(word.text, word.confidence) for word in words]])
    return " ".join(word.text for line in lines for word in line)


def agreement(reading: Reading) -> str:
    """What the note of a reading says; empty where its cell was read in one picture."""
    noted = (n.removeprefix(PICTURES) for n in reading.notes if n.startswith(PICTURES))
    return next(noted, "")


def signs(probability: float, seen: str, field_type: str) -> tuple[float, ...]:
    """The numbers that :data:`SIGNS` names."""
    inside = min(1 - _LEAST, max(_LEAST, probability))
    return (
        1.0,
        float(seen == BOTH),
        float(seen == MOST),
        float(seen == HALF),
        math.log(inside / (1 - inside)),
        float(field_type in OF_DIGITS),
    )


def judged(views: Views, probability: float, seen: str, field_type: str) -> float:
    """Probability of a text that was read in so many pictures.

    Args:
        views: the weights.
        probability: what the words' confidences alone say.
        seen: in how many pictures.
        field_type: of the cell.
    """
    score = float(np.dot(views.weights, signs(probability, seen, field_type)))
    return 1 / (1 + math.exp(-score))


def views_file(config: Path) -> Path:
    """Where the weights of an ``ocr_config`` folder lie."""
    return config / "calibration" / "views.json"


def save_views(views: Views, path: Path) -> None:
    """Write weights that :func:`load_views` reads."""
    path.write_text(json.dumps(asdict(views), ensure_ascii=False, indent=1) + "\n", "utf-8")


@lru_cache(maxsize=8)
def load_views(config: Path) -> Views | None:
    """The weights of an ``ocr_config`` folder; None where it has none: one picture is read.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    return load_fitted(views_file(config), "calibration", _views, lambda: None)


def _views(data: dict[str, Any]) -> Views | None:
    weights = tuple(map(float, data["weights"]))
    if len(weights) != len(SIGNS):
        raise ValueError(f"{len(SIGNS)} weights are needed")
    return Views(str(data["version"]), str(data["data"]), weights)
