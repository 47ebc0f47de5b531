"""What ``bench.calibration`` tells of figures, and the error that chance alone shows."""

from __future__ import annotations

import numpy as np
import pytest

from bench.calibration import told
from pipeline.evaluation.figures import GROUPS
from pipeline.evaluation.reliability import Weighed, calibration_error, error_by_chance


def thrown(count: int, shift: float, seed: int = 3) -> list[Weighed]:
    """Values whose probabilities lie ``shift`` above what is true."""
    dice = np.random.default_rng(seed)
    true = dice.uniform(0.3, 0.9, count)
    return [Weighed(p + shift, bool(dice.random() < p)) for p in true.tolist()]


def test_few_exact_probabilities_show_as_much_error_as_chance_explains() -> None:
    few, many = thrown(60, 0.0), thrown(6000, 0.0)
    assert error_by_chance(few) > 5 * error_by_chance(many)
    for seen in (few, many):
        assert calibration_error(seen) < 2 * error_by_chance(seen)


def test_probabilities_that_are_too_high_show_more_than_chance() -> None:
    seen = thrown(6000, 0.08)
    assert calibration_error(seen) == pytest.approx(0.08, abs=0.02)
    assert error_by_chance(seen) < 0.02
    assert error_by_chance([]) is None


def test_a_group_is_a_line_with_its_wrong_values_counted_and_its_target() -> None:
    row = {
        "written": 200, "exact_value": 0.9, "calibration_error": 0.02,
        "calibration_by_chance": 0.01, "accepted": 0.5, "accepted_wrong": 0.03,
    }  # fmt: skip
    nothing = {**row, "accepted": 0.0, "accepted_wrong": None}
    by = {name: {} for name in GROUPS}
    lines = list(
        told(
            {"all": row, "by": {**by, "hand_field_type": {"print/name": row, "type/age": nothing}}},
            {"name": 0.005},
        )
    )
    wanted = ("200", "0.9000", "0.0200", "0.0100", "0.5000", "3", "0.0300", "–")
    assert lines[1] == f"{'all':22}" + "".join(f"{one:>10}" for one in wanted)
    assert lines[2].split()[0] == "print/name" and lines[2].split()[-1] == "0.0050"
    assert lines[3].split()[-3:] == ["–", "–", "–"]
