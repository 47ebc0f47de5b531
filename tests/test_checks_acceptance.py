"""From the error allowed to the bar, and from the blind sample back to the true error."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.acceptance import (
    NOTHING,
    Bars,
    Spectrum,
    bar_for,
    bars,
    load_spectra,
    plan,
    save_spectra,
    spectrum,
)
from pipeline.checks.at_hand import Counted, at_hand
from pipeline.checks.sampling import (
    SAMPLED,
    STOPPED,
    Reviewed,
    interval,
    is_sampled,
    load_stops,
    save_stops,
    verdicts,
    watched,
    with_stops,
)
from pipeline.errors import SettingsError
from pipeline.settings import DecisionThresholds
from pipeline.types import Decision, EntryResult, FieldResult, ValueState

RULES = DecisionThresholds(target_error={"default": 0.01}, doubt=0.0, worst=10.0)
MANY = spectrum([0.999] * 900 + [0.96] * 100, examples=2000)


def test_sure_fields_pay_for_less_sure_ones_up_to_the_target():
    # 900 × 0.001 + 100 × 0.04 = 4.9 wrong of 1,000
    assert bar_for(0.005, MANY, RULES) == pytest.approx(0.96)
    assert bar_for(0.004, MANY, RULES) == pytest.approx(0.996)  # each by itself
    assert bar_for(0.0, MANY, RULES) == NOTHING


def test_a_field_that_meets_the_target_by_itself_passes_though_none_was_seen_so_sure():
    assert bar_for(0.0005, MANY, RULES) == pytest.approx(0.9995)
    unsure = spectrum([0.95] * 500, examples=2000)
    assert bar_for(0.01, unsure, RULES) == pytest.approx(0.99)
    doubtful = RULES.model_copy(update={"doubt": 1.0})
    bar = bar_for(0.01, unsure, doubtful)
    assert (1 - bar) + math.sqrt((1 - bar) * bar / 2000) == pytest.approx(0.01)


def test_no_field_is_accepted_that_is_far_likelier_wrong_than_the_target():
    strict = RULES.model_copy(update={"worst": 5.0})
    assert bar_for(0.006, MANY, strict) == pytest.approx(0.994)  # 0.04 is more than 5 × 0.006


def test_few_examples_make_the_bar_higher():
    careful = RULES.model_copy(update={"doubt": 1.0, "worst": 10.0})
    few = Spectrum(MANY.bins, examples=50)
    assert bar_for(0.006, MANY, RULES.model_copy(update={"worst": 10.0})) < 0.999
    assert bar_for(0.006, few, careful) > 0.994


def test_without_a_spectrum_each_field_meets_the_target_by_itself():
    assert bar_for(0.005, Spectrum(), RULES) == pytest.approx(0.995)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.0005, 0.05), st.floats(1, 10)
)
def test_expected_error_of_what_passes_is_never_over_the_target(probabilities, target, worst):
    seen = spectrum(probabilities, examples=100)
    settings = DecisionThresholds(doubt=0.0, worst=worst)
    bar = bar_for(target, seen, settings)
    passed = [p for p in probabilities if p >= bar]
    if passed:
        assert sum(1 - p for p in passed) / len(passed) <= target + 1e-9
        assert min(passed) >= 1 - worst * target - 1e-4


def test_sure_print_does_not_pay_for_handwriting():
    hands = spectrum([0.97] * 100, examples=2000)
    found = bars(RULES, {"relation": MANY, "relation/hand": hands})
    assert found.of("relation", "tesseract-5.3.0/vie") == pytest.approx(0.96)
    # 3 in 100 are wrong and 1 is allowed: only what is surer than they are
    assert found.of("relation", "hand-7dd7e855+3f9a2c10") == pytest.approx(0.99)
    assert found.of("relation") == found.of("relation", "router-3")


def test_the_bar_of_a_type_holds_for_readers_without_one_of_their_own():
    assert Bars({"name": 0.9, "default": 0.5}).of("name", "hand-1") == 0.9
    assert Bars({"name": 0.9, "name/hand": 0.95}).of("name", "hand-1") == 0.95
    assert Bars({"default": 0.5}).of("name", "hand-1") == 0.5


def test_values_at_hand_are_counted_by_who_read_them():
    rows = [
        Counted("sex", 0.99, True, 5, "tesseract-5.3.0/vie"),
        Counted("sex", 0.98, True, 3, "hand-1234"),
        Counted("sex", 0.95, False, 2, "hand-5678"),
        Counted("sex", 0.4, False, 1, "hand-5678"),
    ]
    found = at_hand(rows, Bars({"sex": 0.9}), {})
    assert found.spectra["sex"].bins == ((0.99, 5),)
    assert found.spectra["sex/hand"].bins == ((0.4, 1), (0.98, 3))
    assert found.objected == {"sex/hand": 2}  # sure enough, and not accepted


def test_an_offices_own_bar_goes_on_top():
    settings = RULES.model_copy(update={"accept": {"name": 1.1}})
    found = bars(settings, {"name": MANY, "sex": MANY})
    assert found.of("name") == 1.1
    assert found.of("sex") < 1


def test_a_plan_shows_what_a_stricter_target_costs():
    settings = RULES.model_copy(update={"sample_rate": 0.0, "seconds_a_field": 36.0})
    loose, strict = plan("name", MANY, 10, (0.005, 0.004), settings)
    assert (loose.accepted, strict.accepted) == (1000, 900)
    assert (loose.to_people, strict.to_people) == (10, 110)
    assert strict.hours == pytest.approx(1.1)
    assert loose.expected_error <= 0.005


def test_spectra_are_kept_as_they_are(tmp_path):
    path = tmp_path / "calibration" / "spectra.json"
    assert load_spectra(path) == {}
    save_spectra({"name": MANY}, path, "thử")
    assert load_spectra(path) == {"name": MANY}
    path.write_text('{"spectra": {"name": 3}}')
    with pytest.raises(SettingsError):
        load_spectra(path)


# --- the blind sample -----------------------------------------------------------------------------


def field(name="sex", decision=Decision.ACCEPTED, reader="hand-1234"):
    return FieldResult(name, "Nam", "Nam", ValueState.WRITTEN, 0.99, 0.99, decision, reader, 0, ())


def test_the_same_fields_are_drawn_every_time_about_as_often_as_asked():
    drawn = [is_sampled(f"book/{at}", "sex", 0.02) for at in range(20_000)]
    assert drawn == [is_sampled(f"book/{at}", "sex", 0.02) for at in range(20_000)]
    assert 300 < sum(drawn) < 500
    assert not any(is_sampled(f"book/{at}", "sex", 0.0) for at in range(1000))
    assert all(is_sampled(f"book/{at}", "sex", 1.0) for at in range(1000))


def one(*fields):
    return EntryResult(0, "1", fields)


def test_a_drawn_field_goes_to_a_person_and_keeps_its_probability():
    seen = watched(one(field()), "key", Bars(sample_rate=1.0), "unit", "book").fields[0]
    assert (seen.decision, seen.reasons, seen.confidence) == (Decision.REVIEW, (SAMPLED,), 0.99)
    asked = one(field(decision=Decision.REVIEW), field("notes", Decision.PERSON))
    assert watched(asked, "key", Bars(sample_rate=1.0), "unit", "book") == asked


@pytest.mark.parametrize(
    ("stop", "stopped"),
    [
        (("unit", "unit", "sex"), True),
        (("book", "book", "sex"), True),
        (("reader", "hand", "sex"), True),
        (("type", "", "sex"), True),
        (("reader", "tesseract", "sex"), False),
        (("unit", "another", "sex"), False),
        (("unit", "unit", "name"), False),
    ],
)
def test_acceptance_stops_where_the_sample_says_so_and_nowhere_else(stop, stopped):
    bars_ = Bars(stopped=frozenset({stop}))
    seen = watched(one(field()), "key", bars_, "unit", "book").fields[0]
    assert (seen.decision is Decision.REVIEW) == stopped
    assert seen.reasons == ((STOPPED + stop[0],) if stopped else ())


@pytest.mark.parametrize(
    ("wrong", "seen", "low", "high"),
    # Clopper and Pearson's interval at 95 %: 0 of n is 1 - 0.025^(1/n)
    [
        (0, 100, 0.0, 0.03622),
        (1, 10, 0.00253, 0.44502),
        (5, 100, 0.01643, 0.11284),
        (3, 3, 0.2924, 1),
    ],
)
def test_intervals_are_clopper_and_pearsons(wrong, seen, low, high):
    assert interval(wrong, seen, 0.95) == pytest.approx((low, high), abs=2e-4)


def test_intervals_hold_the_truth_as_often_as_they_say():
    chance = random.Random(4)
    held = 0
    for _ in range(300):
        wrong = sum(chance.random() < 0.02 for _ in range(200))
        low, high = interval(wrong, 200, 0.95)
        held += low <= 0.02 <= high
    assert held >= 0.95 * 300 - 8


def reviewed(count, wrong, reader="hand-1", unit="u1"):
    return [Reviewed(unit, f"{unit}/b", reader, "sex", at >= wrong) for at in range(count)]


def test_a_kind_that_is_surely_too_often_wrong_is_stopped_and_chance_hits_are_not():
    settings = DecisionThresholds(target_error={"default": 0.005})
    found = {
        (one.what, one.which): one
        for one in verdicts([*reviewed(400, 12), *reviewed(400, 1, "tesseract-5", "u2")], settings)
    }
    assert found["reader", "hand"].stopped
    assert found["unit", "u1"].stopped
    assert not found["reader", "tesseract"].stopped
    assert found["type", ""].wrong == 13
    assert not verdicts(reviewed(20, 1), settings)[0].stopped


def test_stops_are_kept_for_the_next_books(tmp_path):
    path = tmp_path / "calibration" / "stops.json"
    assert load_stops(path) == ()
    settings = DecisionThresholds(target_error={"default": 0.005})
    found = verdicts(reviewed(400, 12), settings)
    save_stops(found, path)
    assert load_stops(path) == tuple(one for one in found if one.stopped)
    assert ("reader", "hand", "sex") in with_stops(Bars(), load_stops(path)).stopped
    path.write_text("[1]")
    with pytest.raises(SettingsError):
        load_stops(path)
