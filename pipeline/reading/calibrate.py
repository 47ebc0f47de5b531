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
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.fitted import load_fitted

Floats = NDArray[np.float64]
ALL = "all"
_FEWEST = 20
_PRIOR = 60
_FEW, _MIDDLING = 6, 0.8
_SPREAD = 0.5
"""Logits by which books of one reader are taken to differ; a guess, no fit."""
_FARTHEST, _EXACT = 8.0, 1e-4
BLANK = "blank"
"""Curve of cells called blank: how often they are."""
DITTO = "ditto"
"""Curve of ditto marks in fields of words: a mark is no word, and seldom taken for one."""
DITTO_WORD = "ditto_word"
"""Curve of what clerks write for such a mark: ``nt``, ``-nt-``, ``như trên``."""
_DITTO_SIGNS = frozenset('"“”„‟″〃')
_DITTO_WORDS = re.compile(
    r"[-–—~\s]*(?:n\s*[./]?\s*t|nh[ưu]\s+(?:tr[êe]n|nt))[-–—~\s.]*", re.IGNORECASE
)
"""Part of what ``pipeline.values.marks.is_ditto`` takes for one; of the rest too few were seen."""
OF_DIGITS = frozenset({"number", "age", "identity", "year_or_date", "date", "time"})
"""Field types in which a mark may be digits: 11."""


@dataclass(frozen=True)
class Curve:
    """Probability at rising scores, straight lines between; ``count`` examples behind it."""

    scores: tuple[float, ...]
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


def _plain_curve() -> Curve:
    shares = np.linspace(0.001, 0.999, 200)
    logits = np.log(shares / (1 - shares))
    return Curve(tuple(logits.tolist()), tuple(shares.tolist()), 0)


UNCALIBRATED = Calibration("", "none", "", (0.0, 1.0, 0.0, 0.0), {ALL: _plain_curve()})
"""Takes the lowest confidence for the probability."""


def score(calibration: Calibration, evidence: Evidence) -> float:
    """The evidence as one number that rises with the probability: a logit."""
    return float(np.dot(calibration.weights, features(evidence)))


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


def probability(
    calibration: Calibration, field_type: str, evidence: Evidence, text: str = ""
) -> float:
    """Probability that a field of this type was read exactly; a ditto mark by its own curve."""
    kind = kind_of(field_type, text)
    kind = kind if kind in calibration.curves else field_type
    return _on_curve(calibration, kind, score(calibration, evidence))


def kind_of(field_type: str, text: str) -> str:
    """The curve for a text read in a field of this type."""
    signs = set(text.strip())
    if signs and signs <= _DITTO_SIGNS and field_type not in OF_DIGITS:
        return DITTO
    return DITTO_WORD if _DITTO_WORDS.fullmatch(unicodedata.normalize("NFC", text)) else field_type


def blank_probability(calibration: Calibration) -> float:
    """Probability that a cell called blank is blank."""
    return _on_curve(calibration, BLANK, 0.0) if BLANK in calibration.curves else 1.0


def _on_curve(calibration: Calibration, kind: str, position: float) -> float:
    curve = calibration.curves.get(kind) or calibration.curves[ALL]
    return float(np.interp(position, curve.scores, curve.probabilities))


@lru_cache(maxsize=8)
def load_calibration(config: Path, reader: str) -> Calibration:
    """Calibration of a reader in an ``ocr_config`` folder; confidence itself where none is there.

    Raises:
        SettingsError: the file is there but cannot be used.
    """
    path = config / "calibration" / f"{reader}.json"
    return load_fitted(path, "calibration", _calibration, lambda: UNCALIBRATED)


def _calibration(data: dict[str, Any]) -> Calibration:
    curves = {
        name: Curve(tuple(c["scores"]), tuple(c["probabilities"]), int(c["count"]))
        for name, c in data["curves"].items()
    }
    curves[ALL]
    constant, lowest, mean, usual = map(float, data["weights"])
    weights = (constant, lowest, mean, usual)
    return Calibration(data["reader"], str(data["version"]), data["data"], weights, curves)


@dataclass(frozen=True)
class Observed:
    """What a person made of a reading: its calibrated probability, and whether it was right."""

    probability: float
    right: bool


def with_book(calibration: Calibration, observed: Sequence[Observed]) -> Calibration:
    """The calibration moved by one number to what people found in this book.

    An adapter, or a hand unlike those of the calibration, makes all probabilities too high or
    too low together. The number is added to their logits: the likeliest one under a normal
    prior around none (standard deviation ``_SPREAD``), so that few fields move it little. The
    curve of blank cells stays.

    Not switched on: people see the doubtful fields, which say too little of the sure ones
    (docs/reading.md, "What learning a book saves").

    Args:
        calibration: of the reader.
        observed: fields that people have set, with their readings by the reader as it is now,
            or was not long ago. Only fields that came to a person for their probability alone:
            those that a rule sent are wrong more often.
    """
    moved = book_shift(observed)
    if not moved:
        return calibration
    curves = {
        name: curve if name == BLANK else _moved(curve, moved)
        for name, curve in calibration.curves.items()
    }
    version = f"{calibration.version} {moved:+.2f}"
    return replace(calibration, version=version, curves=curves)


def book_shift(observed: Sequence[Observed]) -> float:
    """What is added to the logits of a book's probabilities; 0 where nothing was observed."""
    logits = np.array([_logit(one.probability) for one in observed])
    right = np.array([one.right for one in observed], np.float64)
    low, high = -_FARTHEST, _FARTHEST
    while observed and high - low > _EXACT:
        moved = (low + high) / 2
        # The posterior's slope falls all the way: its zero is halved in.
        slope = float((right - 1 / (1 + np.exp(-(logits + moved)))).sum()) - moved / _SPREAD**2
        low, high = (moved, high) if slope > 0 else (low, moved)
    return round((low + high) / 2, 3)


def _moved(curve: Curve, by: float) -> Curve:
    logits = np.array([math.log(p / (1 - p)) for p in np.clip(curve.probabilities, 1e-6, 1 - 1e-6)])
    shares = 1 / (1 + np.exp(-(logits + by)))
    return replace(curve, probabilities=tuple(round(float(p), 4) for p in shares))


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration as JSON that ``load_calibration`` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(calibration), ensure_ascii=False, indent=1)
    # One line a list: a curve is looked at as a whole.
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: " ".join(match[0].split()), text)
    path.write_text(text + "\n", "utf-8")


Block = tuple[float, float, float, float]
"""Share right, weight of the examples, first and last score."""


def fit_curve(
    scores: Sequence[float],
    right: Sequence[bool],
    prior: Curve | None = None,
    caution: float = 0.0,
) -> Curve:
    """Isotonic curve through examples: score of a field, and whether it was right.

    Args:
        scores: of the examples.
        right: whether each was.
        prior: a curve that counts as ``_PRIOR`` examples spread over its scores, so that few
            examples do not make a bold curve.
        caution: standard errors by which each share is taken lower (the bound of Wilson 1927):
            few examples then never make a probability that accepts.
    """
    points = [(float(x), float(y), 1.0) for x, y in zip(scores, right, strict=True)]
    if prior:
        weight = _PRIOR / len(prior.scores)
        points += [(x, p, weight) for x, p in zip(prior.scores, prior.probabilities, strict=True)]
    blocks: list[Block] = []
    for position, value, weight in sorted(points):
        block = (value, weight, position, position)
        # Two blocks that do not rise become one.
        while blocks and (blocks[-1][0] >= block[0] or blocks[-1][3] == block[2]):
            block = _joined(blocks.pop(), block)
        blocks.append(block)
    wide: list[Block] = []
    for block in blocks:
        # A share needs some examples to be one.
        wide.append(_joined(wide.pop(), block) if wide and wide[-1][1] < _FEWEST else block)
    ends = [
        # never quite 0 or 1
        (position, _at_least((share * weight + 0.5) / (weight + 1.0), weight, caution))
        for share, weight, first, last in wide
        for position in ((first,) if first == last else (first, last))
    ]
    rising = np.maximum.accumulate([value for _, value in ends])
    return Curve(
        tuple(round(position, 3) for position, _ in ends),
        tuple(round(float(value), 4) for value in rising),
        len(scores),
    )


def _at_least(share: float, count: float, errors: float) -> float:
    """Lower bound of a share of so many examples."""
    square = errors * errors / count
    spread = errors * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return (share + square / 2 - spread) / (1 + square)


def _joined(before: Block, after: Block) -> Block:
    weight = before[1] + after[1]
    return ((before[0] * before[1] + after[0] * after[1]) / weight, weight, before[2], after[3])


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
