"""The line behind a number is followed where its dots are too faint to be seen one by one."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.form.leader_faint import faint_pieces
from pipeline.form.leaders import Segment
from pipeline.form.pitch import Label
from pipeline.form.tokens import MM_PER_INCH, READ_DPI

MM = MM_PER_INCH / READ_DPI
NUMBER = Label(0, 0, 20.0, 26.0, 37.0, 40.0, 40.0)
PLAIN = Segment(((28.0, 40.4), (40.0, 40.4), (52.0, 40.4)))
"""What is plainly seen of a line of 40 mm."""


def page(*dots: tuple[float, float, int]) -> np.ndarray:
    """A page of grainy paper with dots of some darkness between two places, mm."""
    ink = np.random.default_rng(3).normal(0, 6, (700, 900)).clip(0, 255)
    for left, right, darkness in dots:
        for x in np.arange(left, right, 1.2):
            ink[round(40.4 / MM) - 1 : round(40.4 / MM) + 1, round(x / MM) : round(x / MM) + 2] = (
                darkness
            )
    return ink.astype(np.uint8)


def reached(*pages: np.ndarray) -> float:
    return max((piece.x1 for piece in faint_pieces([NUMBER], [PLAIN], pages)), default=0.0)


def test_faint_dots_on_one_page_tell_where_the_line_ends() -> None:
    plain, faint = page((28, 52, 120)), page((28, 52, 120), (52, 68, 28))
    assert reached(plain, faint) == pytest.approx(68.0, abs=2.0)


def test_grain_is_no_line_and_a_line_ends_where_its_dots_do() -> None:
    assert reached(page(), page()) == 0.0
    assert reached(page((28, 52, 120))) == pytest.approx(52.0, abs=2.0)


def test_a_number_of_whose_line_nothing_is_plain_is_not_guessed_at() -> None:
    assert faint_pieces([NUMBER], [], [page((28, 68, 28))]) == ()
