"""The strip of a tile: its gradient says what the shares say, by classes of a style sheet alone."""

from __future__ import annotations

import random
import re

import pytest

from desk.board.bars import stage_strip, strip_styles, whole_percents
from desk.board.stages import Shares
from desk.static_files import OWN


def test_the_style_sheet_is_the_one_that_the_code_makes():
    assert (OWN / "strips.css").read_text() == strip_styles()


def test_every_stop_of_a_strip_has_its_class():
    shares = Shares(missing=0.2, waiting=0.1, stuck=0.003, review=0.097, checked=0.4, released=0.2)
    drawn = str(stage_strip(shares, lambda share: f"{share:.0%}"))
    stops = re.search(r'class="strip ([^"]*)"', drawn)[1].split()
    assert stops == ["a20", "b60", "c69", "d70", "e80"]
    assert set(stops) <= set(re.findall(r"\.(\w+)\{", strip_styles()))
    assert 'style="' not in drawn


@pytest.mark.parametrize(
    ("shares", "percents"),
    [
        ((0.333, 0.333, 0.334), [33, 33, 34]),
        ((0.001, 0.999), [1, 99]),
        ((0.001,) * 5, [1] * 5),
        ((1.0, 0.0), [100, 0]),
        ((0.999, 0.0), [99, 0]),  # what is missing shows
        ((0.0, 0.0), [0, 0]),
    ],
)
def test_whole_percents_lose_no_stage_and_hide_no_rest(shares, percents):
    assert whole_percents(shares) == percents


def test_whole_percents_stay_near_the_shares_and_within_a_hundred():
    chance = random.Random(3)
    for _ in range(2000):
        parts = [chance.random() ** 3 for _ in range(6)]
        shares = [part / sum(parts) for part in parts][:5]
        found = whole_percents(shares)
        assert sum(found) <= 100
        assert all(n >= 1 for n in found)
        assert max(abs(n - 100 * share) for n, share in zip(found, shares, strict=True)) < 5
