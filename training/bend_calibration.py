"""Bends ``ocr_config/calibration/tesseract.json`` to what Tesseract is asked to read today.

``python -m training.bend_calibration CELLS.jsonl`` takes cells as ``training.fit_calibration
--examples`` keeps them, of print and type alone: since the router sends hands to the net, the
shipped curves, fitted with handwriting among the cells, say too little. Too few cells to fit
anew move the curves: by one number and one slope for all (in logits), and one number more for
each field type, each drawn towards no move. Ditto marks have curves of their own, fitted to many
more of them by ``training.fit_dittos`` afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from pipeline.reading.calibrate import (
    BLANK,
    DITTO,
    DITTO_WORD,
    Calibration,
    Curve,
    calibration_error,
    fit_curve,
    load_calibration,
    probability,
    save_calibration,
    score,
)
from pipeline.settings import PROJECT
from training.fit_calibration import Example

VERSION = "4"
TYPE_SPREAD = 0.6
"""Logits by which types are taken to differ; of 0.3, 0.6 and 1 the best on books left out."""
_SPREAD, _SLOPE_SPREAD = 1.0, 0.3
_DITTO_CAUTION = 1.0
"""Standard errors below the share of dittos that are right: nearly all are."""
_LEAST = 1e-4
_LEFT = (BLANK, DITTO_WORD)
"""Curves that are not bent: other examples tell of them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bend:
    """logit p' = ``shift`` + ``slope`` · logit p + that of the type."""

    shift: float
    slope: float
    types: dict[str, float]

    def of(self, field_type: str, probabilities: Floats) -> Floats:
        """Bent probabilities of one field type."""
        moved = self.shift + self.slope * _logits(probabilities) + self.types.get(field_type, 0.0)
        return np.asarray(1 / (1 + np.exp(-moved)), np.float64)


def _logits(probabilities: Floats) -> Floats:
    inside = np.clip(probabilities, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(inside / (1 - inside)), np.float64)


def fit_bend(types: Sequence[str], given: Floats, right: Floats) -> Bend:
    """The likeliest bend under normal priors around none, by Newton steps.

    Args:
        types: field type of each cell.
        given: its probability, shape (n,).
        right: 1 where it was right, shape (n,).
    """
    names = sorted(set(types))
    x = np.zeros((len(types), 2 + len(names)))
    x[:, 0], x[:, 1] = 1.0, _logits(given)
    x[np.arange(len(types)), [2 + names.index(name) for name in types]] = 1.0
    middle = np.zeros(x.shape[1])
    middle[1] = 1.0
    spread = np.array([_SPREAD, _SLOPE_SPREAD, *[TYPE_SPREAD] * len(names)])
    weights = middle.copy()
    for _ in range(30):
        known = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (right - known) - (weights - middle) / spread**2
        bend = (x.T * (known * (1 - known))) @ x + np.diag(1 / spread**2)
        weights += np.linalg.solve(bend, slope)
    return Bend(
        float(weights[0]), float(weights[1]), dict(zip(names, weights[2:].tolist(), strict=True))
    )


def bent(calibration: Calibration, examples: Sequence[Example]) -> Calibration:
    """The calibration with all its curves but that of blanks bent, and one of dittos."""
    words = [e for e in examples if not e.blank and e.field_type not in (DITTO, DITTO_WORD)]
    dittos = [e for e in examples if not e.blank and e.field_type == DITTO]
    bend = fit_bend(
        [e.field_type for e in words],
        np.array([probability(calibration, e.field_type, e.evidence) for e in words]),
        np.array([e.right for e in words], float),
    )
    curves = {
        name: curve if name in _LEFT else _bent_curve(curve, bend.of(name, _shares(curve)))
        for name, curve in calibration.curves.items()
    }
    if dittos:
        curves[DITTO] = fit_curve(
            [score(calibration, e.evidence) for e in dittos],
            [e.right for e in dittos],
            caution=_DITTO_CAUTION,
        )
    books = len({e.book for e in examples})
    data = f"{calibration.data}; bent by {len(words)} cells of print and type ({books} books)"
    return replace(calibration, version=VERSION, data=data, curves=curves)


def _shares(curve: Curve) -> Floats:
    return np.array(curve.probabilities, np.float64)


def _bent_curve(curve: Curve, shares: Floats) -> Curve:
    rising = np.maximum.accumulate(shares)
    return replace(curve, probabilities=tuple(round(float(p), 4) for p in rising))


def given(calibration: Calibration, examples: Sequence[Example]) -> Floats:
    """Probability of each example, its field type being the kind of what was read."""
    known = calibration.curves
    kinds = [e.field_type if e.field_type in known else "all" for e in examples]
    return np.array(
        [probability(calibration, k, e.evidence) for k, e in zip(kinds, examples, strict=True)]
    )


def report(calibration: Calibration, examples: Sequence[Example]) -> Iterator[str]:
    """Bends found without each book in turn, and how they hold on it."""
    read = [e for e in examples if not e.blank]
    right = np.array([e.right for e in read], float)
    left_out = np.zeros(len(read))
    for book in sorted({e.book for e in read}):
        held = [n for n, e in enumerate(read) if e.book == book]
        others = bent(calibration, [e for e in read if e.book != book])
        left_out[held] = given(others, [read[n] for n in held])
    for name, known in (("shipped", given(calibration, read)), ("each book left out", left_out)):
        inside = np.clip(known, _LEAST, 1 - _LEAST)
        loss = -(right * np.log(inside) + (1 - right) * np.log(1 - inside)).mean()
        error = calibration_error(known, right)
        yield f"{name}: {len(read)} cells, calibration error {error:.4f}, log loss {loss:.4f}"


def main(
    cells: Annotated[Path, typer.Argument(help="examples of training.fit_calibration")],
    start: Annotated[Path, typer.Option(help="calibration to bend")] = PROJECT
    / "ocr_config/calibration/tesseract.json",
    out: Annotated[Path | None, typer.Option(help="file to write")] = None,
) -> None:
    """Bends the shipped curves; says what that is worth on books left out."""
    examples = [Example(**json.loads(line)) for line in cells.read_text("utf-8").splitlines()]
    shipped = load_calibration(start.parent.parent, start.stem)
    for line in report(shipped, examples):
        typer.echo(line)
    save_calibration(bent(shipped, examples), out or start)


if __name__ == "__main__":
    typer.run(main)
