"""Weights for two readers: what they are fitted on, and that they follow what was right."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pipeline.reading.pair import Seen, judged
from training.fit_pair import Example, books, fit, report


def test_half_of_the_print_is_heavily_worn_and_hands_come_first() -> None:
    made = books(4, 16, "test")
    assert all(spec.hand.startswith("hand:") for spec in made[:4])
    assert {spec.hand for spec in made[4:]} == {"print", "type"}
    assert Counter(spec.wear for spec in made[4:]) == {"heavy": 8, "medium": 4, "mild": 4}
    assert len({spec.seed for spec in made}) == 20
    assert made == books(4, 16, "test") != books(4, 16, "other")


def examples(count: int, seed: int) -> list[Example]:
    """Cells whose print is right in four tenths, the net's text mostly where print is not."""
    dice = np.random.default_rng(seed)
    found = []
    for n in range(count):
        printed = bool(dice.random() < 0.4)
        hand = not printed and bool(dice.random() < 0.7)
        said = 0.9 if dice.random() < (0.7 if printed else 0.4) else 0.6
        seen = Seen("name", said, 0.95 if hand else 0.7, 0.01, 1.0, 1.0)
        found.append(Example(n % 8, "print", seen, printed, hand))
    return found


def test_the_weights_say_how_often_each_text_is_right_where_the_readers_differ() -> None:
    pairing = fit(examples(1500, 1), "test")
    unseen = examples(1500, 2)
    known = np.array([judged(pairing, one.seen) for one in unseen])
    right = np.array([(one.print_right, one.hand_right) for one in unseen], float)
    assert known.mean(axis=0) == pytest.approx(right.mean(axis=0), abs=0.04)
    assert (
        known <= [(one.seen.print_probability, one.seen.hand_probability) for one in unseen]
    ).all()
    told = list(report(unseen))
    assert told[0].startswith("all") and "1500 cells" in told[0]
