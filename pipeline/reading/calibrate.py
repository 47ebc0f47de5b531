"""Turns a reader's word confidence into the probability that the whole field is right.

Isotonic regression by pooling adjacent violators (Ayer et al. 1955): the probability never
falls when the confidence rises, and nothing else is assumed. One curve a field type, and one
over all fields for types with too few examples.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SettingsError

Floats = NDArray[np.float64]
ALL = "all"


@dataclass(frozen=True)
class Curve:
    """Probability at rising confidences, straight lines between; ``count`` examples behind it."""

    confidences: tuple[float, ...]
    probabilities: tuple[float, ...]
    count: int


@dataclass(frozen=True)
class Calibration:
    """Curves of one reader by field type, with what they were fitted on."""

    reader: str
    version: str
    data: str
    curves: dict[str, Curve]


UNCALIBRATED = Calibration("", "none", "", {ALL: Curve((0.0, 1.0), (0.0, 1.0), 0)})


def probability(calibration: Calibration, field_type: str, confidence: float) -> float:
    """Probability that a field with this lowest word confidence was read exactly."""
    curve = calibration.curves.get(field_type) or calibration.curves[ALL]
    return float(np.interp(confidence, curve.confidences, curve.probabilities))


@lru_cache(maxsize=8)
def load_calibration(config: Path, reader: str) -> Calibration:
    """Calibration of a reader in an ``ocr_config`` folder; confidence itself where none is there.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    path = config / "calibration" / f"{reader}.json"
    if not path.exists():
        return UNCALIBRATED
    try:
        data = json.loads(path.read_text("utf-8"))
        curves = {
            name: Curve(tuple(c["confidences"]), tuple(c["probabilities"]), int(c["count"]))
            for name, c in data["curves"].items()
        }
        curves[ALL]
        return Calibration(data["reader"], str(data["version"]), data["data"], curves)
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"calibration: {error!r}", where=str(path)) from error


def fit_curve(confidences: Sequence[float], right: Sequence[bool]) -> Curve:
    """Isotonic curve through examples: confidence of a field, and whether it was right."""
    order = np.argsort(confidences, kind="stable")
    x = np.asarray(confidences, np.float64)[order]
    y = np.asarray(right, np.float64)[order]
    # Two pseudo-examples, one right and one wrong at the ends, keep 0 and 1 out of reach.
    blocks: list[list[float]] = []
    for position, value in zip(x, y, strict=True):
        blocks.append([value, 1.0, position, position])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value2, weight2, _, end = blocks.pop()
            value1, weight1, start, _ = blocks.pop()
            weight = weight1 + weight2
            blocks.append([(value1 * weight1 + value2 * weight2) / weight, weight, start, end])
    points: list[tuple[float, float]] = []
    for value, weight, start, end in blocks:
        smoothed = (value * weight + 0.5) / (weight + 1.0)
        points += [(start, smoothed), (end, smoothed)]
    xs = tuple(round(p[0], 4) for p in points)
    ys = tuple(np.round(np.maximum.accumulate([p[1] for p in points]), 4).tolist())
    return Curve(xs, ys, len(x))


def calibration_error(probabilities: Floats, right: Floats, bins: int = 10) -> float:
    """Expected calibration error: mean gap between probability and share right, in equal bins."""
    index = np.clip((probabilities * bins).astype(int), 0, bins - 1)
    gaps = [
        abs(float(probabilities[index == b].mean() - right[index == b].mean()))
        * int((index == b).sum())
        for b in range(bins)
        if (index == b).any()
    ]
    return sum(gaps) / max(1, len(probabilities))
