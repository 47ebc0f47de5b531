"""Control charts: exact limits, silent while nothing changes, loud when something does."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import comb

import pytest

from desk.board.control import Week, chart, judge, limits

MONDAY = date(2025, 6, 2)


def weeks(counts):
    return [Week(MONDAY + timedelta(weeks=n), *one) for n, one in enumerate(counts)]


def test_limits_are_those_of_drawing_the_week_out_of_all_weeks():
    seen, wrong, size = 60, 9, 20
    chances = [comb(9, k) * comb(51, 20 - k) / comb(60, 20) for k in range(10)]
    low, high = limits(seen, wrong, size)
    assert sum(chances[high + 1 :]) <= 0.00135 < sum(chances[high:])
    assert sum(chances[:low]) <= 0.00135 and (low == 0 or sum(chances[: low + 1]) > 0.00135)


def test_a_stable_reader_is_left_alone_and_a_sudden_one_is_seen():
    chance = random.Random(5)

    def some(rates):
        return weeks(
            [(n, sum(chance.random() < rate for _ in range(n)))
             for rate in rates for n in [chance.randint(60, 300)]]
        )  # fmt: skip

    alarms = sum(
        bool(one.outside in ("high", "low")) for _ in range(60) for one in judge(some([0.02] * 26))
    )
    assert alarms <= 60 * 26 * 2 * 0.00135 * 1.5
    seen = sum(judge(some([0.02] * 25 + [0.12]))[-1].outside == "high" for _ in range(50))
    assert seen >= 45


def test_nine_weeks_above_the_common_rate_are_a_row():
    told = [one.outside for one in judge(weeks([(200, 3)] * 12 + [(200, 6)] * 9))]
    assert told == [""] * 20 + ["row"]


def test_a_chart_needs_three_weeks_and_stays_inside_its_picture():
    assert chart("x", weeks([(10, 1), (0, 0), (10, 0)])) is None
    drawn = chart("Đọc chữ in", weeks([(50, 0), (80, 1), (40, 20), (60, 0)]))
    assert drawn is not None and [one.outside for one in drawn.points][2] == "high"
    assert all(44 <= one.x <= 372 and 8 <= one.y <= 108 for one in drawn.points)
    assert drawn.rate == pytest.approx(21 / 230)
