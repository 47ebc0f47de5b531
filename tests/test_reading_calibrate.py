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
    BLANK,
    UNCALIBRATED,
    Calibration,
    Curve,
    Evidence,
    Observed,
    blank_probability,
    book_shift,
    calibration_error,
    fit_curve,
    load_calibration,
    probability,
    save_calibration,
    usual_confidence,
    with_book,
)
from pipeline.settings import PROJECT

PLAIN = (0.0, 1.0, 0.0, 0.0)


def sure(confidence):
    return Evidence(confidence, confidence, confidence)


examples = st.lists(
    st.tuples(st.floats(0, 1, allow_nan=False), st.booleans()), min_size=1, max_size=200
)


@given(examples)
def test_a_fitted_curve_rises_and_is_never_certain(pairs):
    curve = fit_curve([c for c, _ in pairs], [r for _, r in pairs])
    calibration = Calibration("", "", "", PLAIN, {ALL: curve})
    known = [probability(calibration, "x", sure(c)) for c in np.linspace(0, 1)]
    assert all(b >= a for a, b in pairwise(known))
    assert min(known) > 0 and max(known) < 1
    assert curve.count == len(pairs)


def test_a_fitted_curve_gives_the_share_that_was_right():
    rng = np.random.default_rng(5)
    confidence = rng.random(20_000)
    right = rng.random(20_000) < confidence**3
    half = len(right) // 2
    curve = fit_curve(confidence[:half].tolist(), right[:half].tolist())
    known = np.interp(confidence[half:], curve.scores, curve.probabilities)
    assert calibration_error(known, right[half:].astype(float)) < 0.02
    assert calibration_error(confidence[half:], right[half:].astype(float)) > 0.1


def test_few_examples_lean_on_the_curve_over_all():
    prior = fit_curve([-5.0] * 500 + [5.0] * 500, [False] * 500 + [True] * 500)
    bold = fit_curve([4.0] * 30, [True] * 30)
    careful = fit_curve([4.0] * 30, [True] * 30, prior)
    known = {c: np.interp(-5.0, c.scores, c.probabilities) for c in (bold, careful)}
    assert known[bold] > 0.9 and known[careful] < 0.5


def test_a_field_type_without_a_curve_takes_the_one_over_all():
    curves = {ALL: Curve((-9.0, 9.0), (0.1, 0.9), 9), "sex": Curve((-9.0, 9.0), (0.5, 0.7), 9)}
    calibration = Calibration("", "", "", PLAIN, curves)
    assert probability(calibration, "name", sure(1.0)) == pytest.approx(0.81, abs=0.01)
    assert probability(calibration, "sex", sure(0.0)) == pytest.approx(0.52, abs=0.01)


def test_a_sure_word_on_a_doubtful_page_is_worth_less():
    calibration = Calibration("", "", "", (0.0, 0.5, 0.0, 0.5), UNCALIBRATED.curves)
    assert probability(calibration, "name", Evidence(0.9, 0.9, 0.2)) < 0.7
    assert probability(calibration, "name", Evidence(0.9, 0.9, 0.95)) > 0.9


def test_a_few_readings_do_not_make_a_doubtful_page():
    assert usual_confidence([0.1]) > 0.5
    assert usual_confidence([0.1] * 40) == 0.1


def test_a_calibration_comes_back_as_it_was_written(tmp_path):
    curve = fit_curve([0.2, 0.9] * 50, [False, True] * 50)
    written = Calibration("r", "3", "data", (0.5, 1.0, 0.25, 2.0), {ALL: curve})
    save_calibration(written, tmp_path / "calibration" / "r.json")
    assert load_calibration(tmp_path, "r") == written


def test_without_a_file_confidence_is_taken_as_it_is(tmp_path):
    assert load_calibration(tmp_path, "tesseract") is UNCALIBRATED
    assert probability(UNCALIBRATED, "name", sure(0.3)) == pytest.approx(0.3, abs=0.001)


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
    known = {kind.value for kind in FieldType} | {"all", "blank", "ditto", "ditto_word"}
    assert set(data["curves"]) <= known
    # Drawn ditto marks are few: the router knows nearly all before they are read.
    least = {kind: 80 if kind == "ditto" else 200 for kind in calibration.curves}
    assert all(curve.count >= least[kind] for kind, curve in calibration.curves.items())
    for kind in set(calibration.curves) - {"blank", "ditto", "ditto_word"}:
        doubtful = probability(calibration, kind, Evidence(0.2, 0.3, 0.2))
        sure = probability(calibration, kind, Evidence(0.96, 0.96, 0.96))
        assert doubtful < 0.8 < sure, kind
    assert blank_probability(calibration) > 0.9


def as_observed(probability, right, wrong):
    return [Observed(probability, True)] * right + [Observed(probability, False)] * wrong


def test_nothing_observed_moves_nothing():
    assert book_shift([]) == 0.0
    assert with_book(UNCALIBRATED, []) is UNCALIBRATED


def test_a_book_that_reads_as_expected_stays():
    assert abs(book_shift(as_observed(0.8, 80, 20))) < 0.02


def test_a_book_that_reads_worse_is_believed_less():
    few, many = book_shift(as_observed(0.9, 3, 2)), book_shift(as_observed(0.9, 300, 200))
    assert many < few < 0
    # 60 of 100 right at 0.9: the logit goes from 2.2 to 0.4
    assert many == pytest.approx(-1.79, abs=0.1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=300))
def test_no_book_moves_it_beyond_bounds(pairs):
    moved = book_shift([Observed(p, right) for p, right in pairs])
    assert -8.0 <= moved <= 8.0


def test_a_moved_calibration_keeps_its_order_and_its_blanks():
    calibration = Calibration(
        "r",
        "1",
        "d",
        PLAIN,
        {
            ALL: Curve((-2.0, 0.0, 2.0), (0.2, 0.5, 0.98), 50),
            BLANK: Curve((0.0,), (0.99,), 20),
        },
    )
    moved = with_book(calibration, as_observed(0.9, 20, 30))
    shares = [probability(moved, "name", sure(share)) for share in (0.1, 0.4, 0.6, 0.99)]
    before = [probability(calibration, "name", sure(share)) for share in (0.1, 0.4, 0.6, 0.99)]
    assert shares == sorted(shares)
    assert all(one < other for one, other in zip(shares, before, strict=True))
    assert blank_probability(moved) == blank_probability(calibration)
    assert moved.version != calibration.version


def test_few_examples_never_make_a_probability_that_accepts():
    scores, right = [float(n % 40) for n in range(60)], [True] * 60
    bold = fit_curve(scores, right)
    careful = fit_curve(scores, right, caution=1.0)
    many = fit_curve(scores * 40, right * 40, caution=1.0)
    assert max(bold.probabilities) > max(careful.probabilities)
    assert max(careful.probabilities) < 0.98 < max(many.probabilities)
    assert list(careful.probabilities) == sorted(careful.probabilities)
