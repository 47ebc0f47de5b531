"""A page that curls at its edge is laid where its dotted lines run, not where its labels point."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.form.impression import MATCH_DPI, flat_rows
from pipeline.form.leader_bend import lines_beside
from pipeline.form.registration import Template, register
from pipeline.form.warp import Warp
from pipeline.types import Grey

MM = 25.4 / MATCH_DPI
WIDTH, HEIGHT, PITCH = 210.0, 297.0, 10.0
HEIGHTS = [40.0 + PITCH * n for n in range(20)]
WORDS = ("Ho va ten", "Noi sinh", "Dan toc", "Cho o", "Nghe nghiep")
LABELS = np.zeros((0, 4))
CURL_MM = 3.5


def _curl(x: float) -> float:
    """How far a curled page lies lower at ``x``, mm."""
    return CURL_MM * max(0.0, (x - 130.0) / 65.0) ** 2


def _pieces(seed: int) -> np.ndarray:
    """What wear has left of each line: left end, right end, height, mm."""
    rng = np.random.default_rng(seed)
    left = [
        (x, x + 20.0, y)
        for y in HEIGHTS
        for x in np.arange(55.0, 185.0, 20.0)
        if rng.random() < 0.5
    ]
    return np.array(left)


def _page(leaders: np.ndarray, *, curled: bool, seed: int = 0) -> Grey:
    """Ink of a page with labels at the left, faint dots and grain."""
    print_ = np.zeros((round(HEIGHT / MM), round(WIDTH / MM)), np.uint8)
    for n, y in enumerate(HEIGHTS):
        at = (round(20 / MM), round(y / MM))
        cv2.putText(print_, WORDS[n % 5], at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 200, 1)
    ink = print_ + np.random.default_rng(seed).normal(9, 7, print_.shape)
    for x0, x1, y in leaders:
        for x in np.arange(x0, x1, 1.0):
            down = _curl(x) if curled else 0.0
            row, column = round((y + down) / MM), round(x / MM)
            ink[row - 1 : row + 1, column : column + 2] += 38
    return np.clip(ink, 0, 255).astype(np.uint8)


def test_lines_that_lie_lower_at_the_edge_are_found_there() -> None:
    thin = flat_rows(_page(_pieces(1), curled=True), MATCH_DPI)
    beside = lines_beside(thin, _pieces(2), Warp(WIDTH, HEIGHT), LABELS)
    assert beside is not None
    expected = np.array([_curl(x) for x in beside.at[:, 0]])
    assert np.abs(beside.down - expected).max() < 0.8


@pytest.mark.parametrize("left", [1.0, 0.0])
def test_lines_that_lie_where_they_should_or_are_worn_off_move_nothing(left: float) -> None:
    pieces = _pieces(1)[: round(left * 1000)]
    thin = flat_rows(_page(pieces, curled=False), MATCH_DPI)
    assert lines_beside(thin, _pieces(2), Warp(WIDTH, HEIGHT), LABELS) is None


def test_strokes_beside_the_lines_in_the_middle_of_a_page_are_no_curl() -> None:
    """Writing leaves strokes above a line; paper curls at its edge only."""
    lines = _pieces(1)
    inside = (lines[:, 0] > 90) & (lines[:, 0] < 140)
    lines[inside] -= (0.0, 0.0, 2.0)
    thin = flat_rows(_page(lines, curled=False), MATCH_DPI)
    assert lines_beside(thin, _pieces(2), Warp(WIDTH, HEIGHT), LABELS) is None


def test_labels_seen_in_their_place_hold_the_lines_beside_them() -> None:
    thin = flat_rows(_page(_pieces(1), curled=True), MATCH_DPI)
    labels = np.array([(150.0, 200.0, 0.0, 1.0)] * 8)
    assert lines_beside(thin, _pieces(2), Warp(WIDTH, HEIGHT), labels) is None


def test_a_curled_page_is_laid_on_its_lines() -> None:
    learned = _pieces(5)
    ink = _page(learned, curled=False, seed=3)
    anchors = tuple((19.0, y - 4.0, 45.0, y + 1.0) for y in HEIGHTS)
    template = Template(WIDTH, HEIGHT, ink, anchors, tuple(map(tuple, learned.tolist())))
    found = register(_page(_pieces(6), curled=True, seed=4), template)
    edge = found.warp.apply([(x, y) for x in (160.0, 175.0, 192.0) for y in HEIGHTS[2:-2]])
    expected = [y + _curl(x) for x in (160.0, 175.0, 192.0) for y in HEIGHTS[2:-2]]
    assert np.abs(edge[:, 1] - expected).max() < 0.8
