"""A calibration that says too little is moved to what is seen, and little by little seen."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from pipeline.reading.calibrate import (
    ALL,
    DITTO,
    calibration_error,
    load_calibration,
    probability,
    save_calibration,
)
from pipeline.settings import PROJECT
from training.bend_calibration import bent, given
from training.fit_calibration import Example

CONFIG = PROJECT / "ocr_config"
SHIPPED = load_calibration(CONFIG, "tesseract")


def cells(count: int, lift: float, seed: int, kind: str = "name") -> list[Example]:
    """Cells that are right more often than the shipped calibration says, by ``lift`` logits."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        sure = rng.uniform(0.3, 0.99)
        one = Example(n % 8, "print", "mild", kind, sure, sure, 0.9, False, True)
        known = probability(SHIPPED, kind, one.evidence)
        odds = known / (1 - known) * np.exp(lift)
        made.append(Example(*[*vars(one).values()][:-1], rng.random() < odds / (1 + odds)))
    return made


def test_bending_mends_a_calibration_on_cells_it_has_not_seen() -> None:
    seen, unseen = cells(1500, 1.0, 1), cells(3000, 1.0, 2)
    right = np.array([one.right for one in unseen], float)
    before = calibration_error(given(SHIPPED, unseen), right)
    after = calibration_error(given(bent(SHIPPED, seen), unseen), right)
    assert after < 0.6 * before


def test_a_calibration_that_is_right_is_hardly_moved() -> None:
    moved = bent(SHIPPED, cells(1500, 0.0, 3))
    for one, other in zip(
        SHIPPED.curves["name"].probabilities, moved.curves["name"].probabilities, strict=True
    ):
        assert abs(one - other) < 0.06


def test_probabilities_never_fall_and_dittos_stay_below_certainty(tmp_path: Path) -> None:
    ditto = [Example(1, "print", "mild", DITTO, 0.7, 0.7, 0.9, False, True)] * 80
    made = bent(SHIPPED, [*cells(400, 0.5, 4), *ditto])
    assert 0.97 < min(made.curves[DITTO].probabilities) <= max(made.curves[DITTO].probabilities) < 1
    for curve in made.curves.values():
        assert list(curve.probabilities) == sorted(curve.probabilities)
    save_calibration(made, tmp_path / "calibration" / "made.json")
    assert load_calibration(tmp_path, "made").curves[ALL] == made.curves[ALL]
