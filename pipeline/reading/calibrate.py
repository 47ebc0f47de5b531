"""Turns a reader's word confidences into the probability that the whole field is right.

A logistic score out of the lowest and the mean confidence and the scan's usual one, then an
isotonic regression by pooling adjacent violators (Ayer et al. 1955): the probability never
falls when the score rises, and nothing else is assumed. One curve a field type, and one over
all fields for types with too few examples.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SettingsError

Floats = NDArray[np.float64]
ALL = "all"
_FEWEST = 20
_FEW, _MIDDLING = 6, 0.8
BLANK = "blank"
"""Curve of cells called blank: how often they are."""


@dataclass(frozen=True)
class Curve:
    """Probability at rising scores, straight lines between; ``count`` examples behind it."""

    confidences: tuple[float, ...]
    probabilities: tuple[float, ...]
    count: int


@dataclass(frozen=True)
class Evidence:
    """What a reader's own confidences say about one reading.

    ``lowest`` and ``mean`` are over its words; ``usual`` is the median of ``lowest`` over the
    scan: a sure word among doubtful ones, as on a handwritten page, is worth less.
    """

    lowest: float
    mean: float
    usual: float


@dataclass(frozen=True)
class Calibration:
    """A score out of the evidence, and curves from score to probability by field type.

    ``weights`` are those of a logistic regression: constant, lowest, mean, usual (as logits).
    """

    reader: str
    version: str
    data: str
    weights: tuple[float, float, float, float]
    curves: dict[str, Curve]


UNCALIBRATED = Calibration(
    "", "none", "", (0.0, 1.0, 0.0, 0.0), {ALL: Curve((0.0, 1.0), (0.0, 1.0), 0)}
)


def score(calibration: Calibration, evidence: Evidence) -> float:
    """The evidence as one number, 0..1, that rises with the probability."""
    total = float(np.dot(calibration.weights, features(evidence)))
    return 1.0 / (1.0 + math.exp(-total))


def features(evidence: Evidence) -> tuple[float, float, float, float]:
    """What the score is made of."""
    return (1.0, _logit(evidence.lowest), _logit(evidence.mean), _logit(evidence.usual))


def _logit(share: float) -> float:
    inside = min(0.999, max(0.001, share))
    return math.log(inside / (1 - inside))


def usual_confidence(lowest: Sequence[float]) -> float:
    """The scan's median, drawn towards a middling one where there are few readings."""
    few = [_MIDDLING] * _FEW
    return float(np.median([*lowest, *few]))


def probability(calibration: Calibration, field_type: str, evidence: Evidence) -> float:
    """Probability that a field of this type was read exactly."""
    return _on_curve(calibration, field_type, score(calibration, evidence))


def blank_probability(calibration: Calibration) -> float:
    """Probability that a cell called blank is blank."""
    return _on_curve(calibration, BLANK, 1.0)


def _on_curve(calibration: Calibration, kind: str, position: float) -> float:
    curve = calibration.curves.get(kind) or calibration.curves[ALL]
    return float(np.interp(position, curve.confidences, curve.probabilities))


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
        constant, lowest, mean, usual = map(float, data["weights"])
        return Calibration(
            data["reader"],
            str(data["version"]),
            data["data"],
            (constant, lowest, mean, usual),
            curves,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"calibration: {error!r}", where=str(path)) from error


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration as JSON that ``load_calibration`` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(calibration), ensure_ascii=False, indent=1)
    # One line a list: a curve is looked at as a whole.
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: " ".join(match[0].split()), text)
    path.write_text(text + "\n", "utf-8")


def fit_curve(confidences: Sequence[float], right: Sequence[bool]) -> Curve:
    """Isotonic curve through examples: score of a field, and whether it was right."""
    order = np.argsort(confidences, kind="stable")
    x = np.asarray(confidences, np.float64)[order]
    y = np.asarray(right, np.float64)[order]
    # Blocks of [mean, weight, first, last]; two that do not rise become one.
    blocks: list[tuple[float, int, float, float]] = []
    for position, value in zip(x.tolist(), y.tolist(), strict=True):
        block = (value, 1, position, position)
        while blocks and (blocks[-1][0] >= block[0] or blocks[-1][3] == block[2]):
            before = blocks.pop()
            weight = before[1] + block[1]
            mean = (before[0] * before[1] + block[0] * block[1]) / weight
            block = (mean, weight, before[2], block[3])
        blocks.append(block)
    points = [
        (position, (mean * weight + 0.5) / (weight + 1.0))  # never quite 0 or 1
        for mean, weight, first, last in _merged(blocks)
        for position in ((first,) if first == last else (first, last))
    ]
    rising = np.maximum.accumulate([value for _, value in points])
    return Curve(
        tuple(round(position, 4) for position, _ in points),
        tuple(round(float(value), 4) for value in rising),
        len(x),
    )


def _merged(
    blocks: list[tuple[float, int, float, float]],
) -> list[tuple[float, int, float, float]]:
    """Neighbouring blocks put together until each has enough examples to be a share of them."""
    merged: list[tuple[float, int, float, float]] = []
    for block in blocks:
        if merged and merged[-1][1] < _FEWEST:
            before = merged.pop()
            weight = before[1] + block[1]
            mean = (before[0] * before[1] + block[0] * block[1]) / weight
            block = (mean, weight, before[2], block[3])
        merged.append(block)
    return merged


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
