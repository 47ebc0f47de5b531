"""Evidence adds up as probabilities: measured on readers whose errors are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.evidence import agreeing, contradicting, with_sign
from pipeline.settings import PROJECT, RelationStrength, SignStrength, load_thresholds
from training.fit_evidence import combined, fit, held_against_truth, signs_of_order, simulate

EVIDENCE = load_thresholds(PROJECT / "ocr_config").evidence
SHARE = st.floats(0, 1)
RELATION = st.builds(
    RelationStrength, dissent=SHARE, collision=SHARE, correlation=st.floats(0, 0.9)
)
SIGN = st.builds(SignStrength, right=st.floats(0.01, 0.99), wrong=st.floats(0.01, 0.99))


@given(SHARE, SHARE, RELATION)
def test_agreement_never_lowers_and_never_passes_the_ceiling_by_itself(one, other, relation):
    after = agreeing(one, other, relation, 0.9995)
    assert one <= after <= max(one, 0.9995)


@given(SHARE, SHARE, RELATION)
def test_contradiction_never_raises(one, other, relation):
    assert 0.0 <= contradicting(one, other, relation) <= one


@given(st.floats(0, 0.999), SIGN, SHARE, st.booleans())
def test_a_sign_moves_as_its_shares_say(one, sign, sure, seen):
    after = with_sign(one, sign, seen=seen, sure=sure, ceiling=0.9995)
    for_it = (sign.right > sign.wrong) == seen
    assert after >= one - 1e-9 if for_it else after <= one + 1e-9 or sign.right == sign.wrong
    unread = with_sign(one, sign, seen=seen, sure=0.0, ceiling=0.9995)
    if seen:
        assert unread == pytest.approx(one)


def test_the_doubtful_one_of_two_that_differ_falls_further():
    relation = EVIDENCE.relation("digits_words")
    sure, doubtful = contradicting(0.99, 0.8, relation), contradicting(0.8, 0.99, relation)
    assert 0.9 < sure < 0.99
    assert doubtful < 0.1


@pytest.mark.parametrize("kind", ["digits_words", "next_number"])
def test_committed_strengths_claim_no_more_than_simulated_readers_bear_out(kind):
    committed, pairs = EVIDENCE.relation(kind), simulate(kind, 20_000, seed=7)
    measured = fit(pairs)
    assert committed.collision >= 0.8 * measured.collision
    figures = held_against_truth(pairs, combined(pairs, committed, EVIDENCE.ceiling), 0.998)
    assert figures["passed"] > 0.7
    assert figures["error"] <= 0.002
    assert figures["calibration_error"] <= 0.01
    alone = held_against_truth(pairs, [pair.first for pair in pairs], 0.998)
    assert alone["passed"] < 0.2


def test_the_committed_sign_of_order_is_no_stronger_than_measured():
    measured, committed = signs_of_order(20_000, 3, 60), EVIDENCE.signs["date_in_order"]
    assert committed.right <= measured.right
    assert committed.wrong >= 0.8 * measured.wrong
