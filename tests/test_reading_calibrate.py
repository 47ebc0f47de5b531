import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.fields import FieldType
from pipeline.reading.calibrate import (
    ALL,
    UNCALIBRATED,
    Calibration,
    Curve,
    calibration_error,
    fit_curve,
    load_calibration,
    probability,
    save_calibration,
)
from pipeline.settings import PROJECT

examples = st.lists(
    st.tuples(st.floats(0, 1, allow_nan=False), st.booleans()), min_size=1, max_size=200
)


@given(examples)
def test_a_fitted_curve_rises_and_is_never_certain(pairs):
    curve = fit_curve([c for c, _ in pairs], [r for _, r in pairs])
    known = [probability(Calibration("", "", "", {ALL: curve}), "x", c) for c in np.linspace(0, 1)]
    assert all(b >= a for a, b in pairwise(known))
    assert min(known) > 0 and max(known) < 1
    assert curve.count == len(pairs)


def test_a_fitted_curve_gives_the_share_that_was_right():
    rng = np.random.default_rng(5)
    confidence = rng.random(20_000)
    right = rng.random(20_000) < confidence**3
    half = len(right) // 2
    curve = fit_curve(confidence[:half].tolist(), right[:half].tolist())
    known = np.interp(confidence[half:], curve.confidences, curve.probabilities)
    assert calibration_error(known, right[half:].astype(float)) < 0.02
    assert calibration_error(confidence[half:], right[half:].astype(float)) > 0.1


def test_a_field_type_without_a_curve_takes_the_one_over_all():
    calibration = Calibration(
        "", "", "", {ALL: Curve((0.0, 1.0), (0.1, 0.9), 9), "sex": Curve((0.0, 1.0), (0.5, 0.7), 9)}
    )
    assert probability(calibration, "name", 1.0) == 0.9
    assert probability(calibration, "sex", 0.0) == 0.5


def test_a_calibration_comes_back_as_it_was_written(tmp_path):
    written = Calibration("r", "3", "data", {ALL: fit_curve([0.2, 0.9] * 50, [False, True] * 50)})
    save_calibration(written, tmp_path / "calibration" / "r.json")
    assert load_calibration(tmp_path, "r") == written


def test_without_a_file_confidence_is_taken_as_it_is(tmp_path):
    assert load_calibration(tmp_path, "tesseract") is UNCALIBRATED
    assert probability(UNCALIBRATED, "name", 0.3) == pytest.approx(0.3)


@pytest.mark.parametrize("text", ["{", "[]", '{"curves": {}}', '{"curves": {"all": 1}}'])
def test_a_broken_file_is_named(tmp_path, text):
    path = tmp_path / "calibration" / "tesseract.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_calibration(tmp_path, "tesseract")
    assert str(path) in str(caught.value)


def test_the_shipped_calibration_says_what_it_was_made_of():
    calibration = load_calibration(PROJECT / "ocr_config", "tesseract")
    data = json.loads((PROJECT / "ocr_config/calibration/tesseract.json").read_text("utf-8"))
    assert calibration.reader.startswith("tesseract-") and calibration.version
    assert "generated" in calibration.data
    known = {kind.value for kind in FieldType} | {"all", "blank"}
    assert set(data["curves"]) <= known
    assert all(curve.count >= 200 for curve in calibration.curves.values())
    for kind in calibration.curves:
        assert probability(calibration, kind, 0.2) < 0.5 or kind == "blank"
