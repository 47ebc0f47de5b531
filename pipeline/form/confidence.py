"""From what speaks for the place of a box to the probability that it is right.

The fit leaves signs with every cell (``Cell.signs``): rules or labels found under it, how far
the rows beside the chosen ones lag behind, what the learning of the book was worth. A logistic
score out of them (signs may only speak the way they are named for), then an isotonic curve
fitted on boxes of printed pages whose truth is known (``training/fit_layout.py``). A box is
right where it overlaps its true place by 0.8 (intersection over union).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SettingsError
from pipeline.types import Cell, Layout

Floats = NDArray[np.float64]

SIGNS: dict[str, tuple[tuple[str, int], ...]] = {
    "ledger": (
        ("support", 1), ("explained", 1), ("bent", -1), ("head", 1), ("lead", 1), ("apart", -1),
        ("score", 1), ("near", 1), ("own", 1), ("likeness", 1),
    ),
    "lines": (
        ("agree", 1), ("leaders", 1), ("local", 1), ("nearest", 1), ("wander", -1), ("trust", 1),
        ("score", 1),
    ),
}  # fmt: skip
"""Signs of a cell by layout of its form, in order, and whether more of one speaks for the place."""
FILE = "layout.json"


@dataclass(frozen=True)
class SignScore:
    """How the signs of one layout make a score, and what a score is worth.

    A sign counts between ``low`` (says as much against the place as it ever does) and ``high``
    (nothing against it): ``(value - low) / (high - low)``, cut to 0..1.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    weights: tuple[float, ...]
    scores: tuple[float, ...]
    """Knots of the curve, rising."""
    probabilities: tuple[float, ...]
    boxes: int
    """Examples behind it."""

    def score(self, signs: Floats) -> Floats:
        """Scores of cells, shape (n,), for signs of shape (n, signs)."""
        return np.asarray(counted(signs, self.low, self.high) @ np.array(self.weights), np.float64)

    def probability(self, signs: Floats) -> Floats:
        """Probability that each box is right, shape (n,)."""
        knots = np.interp(self.score(signs), self.scores, self.probabilities)
        return np.asarray(knots, np.float64)


@dataclass(frozen=True)
class LayoutCalibration:
    """Scores by layout, and what they were fitted on."""

    version: str
    data: str
    layouts: dict[str, SignScore]


def counted(signs: Floats, low: Sequence[float] | Floats, high: Sequence[float] | Floats) -> Floats:
    """Signs between what speaks against and what does not, 0..1."""
    bottom, top = np.array(low), np.array(high)
    span = np.where(top == bottom, 1.0, top - bottom)
    return np.asarray(np.clip((signs - bottom) / span, 0, 1), np.float64)


def calibrated(layout: Layout, kind: str, calibration: LayoutCalibration | None) -> Layout:
    """The layout with probabilities in place of its raw confidences.

    Args:
        layout: as ``lay_out`` gives it.
        kind: layout of its form, ``ledger`` or ``lines``.
        calibration: None leaves the raw confidences.

    Returns:
        Each cell with the probability that its box is right, less what speaks against its edges
        (``Cell.doubt``); the page with the mean of the probabilities: the share of its boxes that
        may be taken to be right. A doubtful column is no doubt about the page.
    """
    curve = calibration.layouts.get(kind) if calibration else None
    if curve is None or not layout.cells or not all(cell.signs for cell in layout.cells):
        return layout
    chances = curve.probability(np.array([cell.signs for cell in layout.cells]))
    both = list(zip(layout.cells, chances.tolist(), strict=True))
    cells = tuple(_with(cell, chance * cell.doubt) for cell, chance in both)
    shown = [chance for cell, chance in both if cell.confidence > 0]
    return replace(layout, cells=cells, confidence=float(np.mean(shown)) if shown else 0.0)


def _with(cell: Cell, chance: float) -> Cell:
    # 0 is no measure but knowledge: the place runs off the scan.
    return replace(cell, confidence=chance if cell.confidence > 0 else 0.0)


@lru_cache(maxsize=8)
def load_layout_calibration(config: Path) -> LayoutCalibration | None:
    """Calibration of an ``ocr_config`` folder; None where it has none.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    path = config / "calibration" / FILE
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        layouts = {name: _score(name, entry) for name, entry in data["layouts"].items()}
        return LayoutCalibration(str(data["version"]), str(data["data"]), layouts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"layout calibration: {error!r}", where=str(path)) from error


def _score(name: str, entry: dict[str, Any]) -> SignScore:
    order = [sign for sign, _ in SIGNS[name]]
    if entry["signs"] != order:
        raise ValueError(f"signs of {name} are not {order}: fit it again")
    low, high, weights, scores, probabilities = (
        tuple(float(v) for v in entry[key])
        for key in ("low", "high", "weights", "scores", "probabilities")
    )
    if not len(low) == len(high) == len(weights) == len(order) or len(scores) != len(probabilities):
        raise ValueError(f"numbers of {name} do not belong together")
    return SignScore(low, high, weights, scores, probabilities, int(entry["boxes"]))
