"""Sampling plans: both risks are held for every size of book, and draws can be done again."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.lot_plan import LotPlan, PlanChoice, draw, looked_at, passes, plan_for

LOTS = st.integers(1, 400)


@given(LOTS, st.sampled_from(("single", "double")), st.sampled_from((0.0, 0.01, 0.04)))
def test_a_good_book_passes_and_a_bad_one_fails_as_often_as_chosen(lot, mode, allowed):
    choice = PlanChoice(mode, allowed=allowed, limit=0.15)
    plan = plan_for(choice, lot)
    good = math.floor(allowed * lot)
    bad = min(lot, max(good + 1, math.ceil(0.15 * lot)))
    assert plan.first + plan.second <= lot
    assert passes(plan, lot, good) >= 0.95 - 1e-9
    assert passes(plan, lot, bad) <= 0.1 + 1e-9
    assert passes(plan, lot, 0) == pytest.approx(1.0)
    assert looked_at(plan, lot, good) <= lot + 1e-9


def test_the_chances_are_those_of_drawing_without_putting_back():
    # 10 entries, 2 wrong, 4 drawn: C(8,4)/C(10,4) hold none, 2·C(8,3)/C(10,4) hold one.
    assert passes(LotPlan(4, 0, 1), 10, 2) == pytest.approx(70 / 210)
    assert passes(LotPlan(4, 1, 2), 10, 2) == pytest.approx((70 + 112) / 210)
    # One wrong in the first four: the second four must then miss the other one, of six left.
    both = LotPlan(4, 0, 2, 4, 1)
    assert passes(both, 10, 2) == pytest.approx(70 / 210 + 112 / 210 * (2 / 6))


def test_the_chances_of_a_book_of_thousands_of_entries_are_still_chances():
    # Of 20,000 entries, a hundredth wrong, drawing with or without putting back is nearly the same.
    plan = LotPlan(300, 3, 4)
    binomial = sum(math.comb(300, n) * 0.01**n * 0.99 ** (300 - n) for n in range(4))
    assert passes(plan, 20_000, 200) == pytest.approx(binomial, abs=0.01)
    assert passes(plan, 20_000, 0) == pytest.approx(1.0)


def test_a_third_of_a_book_is_rounded_up_and_a_double_plan_looks_at_less_of_a_good_book():
    assert plan_for(PlanChoice("share", allowed=0.0), 17) == LotPlan(6, 0, 1)
    assert plan_for(PlanChoice("share", allowed=0.02), 200) == LotPlan(60, 1, 2)
    choice = PlanChoice("single", allowed=0.02, limit=0.1)
    single, double = plan_for(choice, 300), plan_for(PlanChoice("double", 0.3, 0.02, 0.1), 300)
    assert double.second and looked_at(double, 300, 6) < looked_at(single, 300, 6)
    with pytest.raises(ValueError):
        plan_for(PlanChoice(), 10)


@pytest.mark.parametrize(
    ("wrong", "seen", "verdict"),
    [
        ((0, 0), (3, 0), None), ((0, 0), (5, 0), "passed"), ((1, 0), (5, 0), None),
        ((1, 0), (5, 5), "passed"), ((1, 1), (5, 3), "failed"), ((2, 0), (3, 0), "failed"),
    ],
)  # fmt: skip
def test_a_verdict_falls_as_soon_as_nothing_can_change_it(wrong, seen, verdict):
    plan = LotPlan(5, 0, 2, 5, 1)
    assert plan.verdict(wrong, seen) == verdict
    assert plan.needs_second(1, 5) and not plan.needs_second(0, 5) and not plan.needs_second(1, 4)


def test_a_draw_follows_from_its_seed_alone():
    keys = [f"book#{n}/0" for n in range(50)]
    assert draw("1", keys, 8) == draw("1", reversed(keys), 8)
    assert draw("1", keys, 8) != draw("2", keys, 8)
    assert draw("1", keys, 12)[:8] == draw("1", keys, 8)
