"""The ink map of a line: what the net sees of a picture, and what it must not lose."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.reading.hand.alphabet import (
    ALPHABET,
    collapse,
    encode,
    foreign_signs,
    normalized,
)
from pipeline.reading.hand.ink import (
    HEIGHT,
    MARGIN,
    MAX_WIDTH,
    MIN_WIDTH,
    PAD_TO,
    empty_line,
    ink_line,
    padded_width,
    stack,
)


def paper(height: int, width: int, tone: int = 230) -> np.ndarray:
    return np.full((height, width), tone, np.uint8)


def word(
    picture: np.ndarray, text: str, x: int, base: int, scale: float = 1.4, tone: int = 40
) -> None:
    cv2.putText(picture, text, (x, base), cv2.FONT_HERSHEY_SIMPLEX, scale, tone, 3, cv2.LINE_AA)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros((1, 1), np.uint8),
        np.zeros((80, 1200), np.uint8),
        np.full((80, 1200), 255, np.uint8),
        np.full((80, 300, 3), 255, np.uint8),
        np.zeros((2, 10_000), np.uint8),
    ],
)
def test_pictures_without_writing_give_the_empty_map(picture):
    assert np.array_equal(ink_line(picture), empty_line())


def test_any_size_gives_a_map_of_one_height():
    for height, width in ((20, 60), (80, 900), (400, 3000), (80, 10_000)):
        picture = paper(height, width)
        cv2.line(picture, (width // 4, height // 4), (width // 2, 3 * height // 4), 30, 3)
        cv2.line(picture, (width // 2, height // 4), (3 * width // 4, 3 * height // 4), 30, 3)
        ink = ink_line(picture)
        assert ink.shape[0] == HEIGHT
        assert MIN_WIDTH <= ink.shape[1] <= MAX_WIDTH
        assert ink.dtype == np.float32
        assert 0.5 < ink.max() <= 1.0


def test_colour_and_grey_and_another_tone_of_paper_look_alike():
    picture = paper(80, 400)
    word(picture, "Ha Noi", 40, 56)
    grey = ink_line(picture)
    assert np.array_equal(ink_line(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)), grey)
    darker = ink_line((picture * 0.7).astype(np.uint8))
    assert darker.shape == grey.shape
    assert np.abs(darker - grey).mean() < 0.03


def test_a_rule_far_below_does_not_shrink_the_writing():
    picture = paper(120, 500)
    word(picture, "Minh", 60, 56)
    plain = ink_line(picture)
    cv2.line(picture, (0, 112), (499, 112), 40, 2)
    assert ink_line(picture).shape == plain.shape


def test_writing_much_paler_than_the_rules_around_it_is_seen_whole():
    picture = paper(110, 620)
    word(picture, "LUONG THI", 60, 70, tone=195)
    plain = ink_line(picture)
    cv2.line(picture, (14, 0), (14, 109), 20, 7)
    cv2.line(picture, (0, 100), (619, 100), 20, 5)
    ruled = ink_line(picture)[: 2 * HEIGHT // 3, 30:]  # without the rules
    assert (ruled > 0.7).sum() > 0.4 * (plain > 0.7).sum()


def test_writing_that_pales_towards_its_end_is_not_cut_off_there():
    picture = paper(90, 700)
    word(picture, "Nguyen", 40, 62, tone=60)
    strong = ink_line(picture).shape[1]
    word(picture, "Hue", 205, 62, tone=175)
    assert ink_line(picture).shape[1] > 1.4 * strong


def test_dust_behind_the_writing_does_not_lengthen_it():
    picture = paper(90, 700)
    word(picture, "Nguyen", 40, 62)
    plain = ink_line(picture).shape
    for x in range(300, 680, 40):
        cv2.circle(picture, (x, 50), 2, 180, -1)
    assert ink_line(picture).shape == plain


def test_an_upright_stroke_at_the_end_of_a_close_cut_stays():
    picture = paper(48, 140)
    cv2.line(picture, (5, 1), (5, 46), 30, 4)  # a 1 as high as the picture
    word(picture, "2", 20, 46, 1.5)
    cv2.line(picture, (64, 1), (64, 46), 30, 4)
    ink = ink_line(picture)
    columns = (ink > 0.5).sum(axis=0)
    assert columns[:8].max() > 0.8 * HEIGHT
    assert columns[-8:].max() > 0.8 * HEIGHT


def test_a_lone_upright_stroke_is_no_rule():
    picture = paper(48, 24)
    cv2.line(picture, (12, 0), (12, 47), 30, 4)
    assert ink_line(picture).max() > 0.5


def test_a_mark_at_the_rim_of_a_close_cut_stays():
    picture = paper(52, 120)
    word(picture, "o", 30, 50, 1.4)
    cv2.line(picture, (40, 1), (50, 10), 30, 4)
    assert (ink_line(picture)[: HEIGHT // 5] > 0.4).sum() > 5


def test_a_line_is_padded_alike_whatever_it_is_batched_with():
    assert all((padded_width(w) - w) >= MARGIN for w in range(1, 300))
    assert all(padded_width(w) % PAD_TO == 0 for w in range(1, 300))
    batch = stack([np.ones((HEIGHT, 20), np.float32), np.ones((HEIGHT, 70), np.float32)])
    assert batch.shape == (2, 1, HEIGHT, padded_width(70))
    assert batch[0].sum() == HEIGHT * 20


def test_the_alphabet_writes_vietnamese_and_french_and_says_what_it_cannot():
    text = "Nguyễn Thị Ngọc Ưng, né à Haïphong: 12/5/1974 (Đ.V) + 1°"
    assert foreign_signs(text) == []
    classes = encode(text)
    assert "".join(ALPHABET[n] for n in classes) == text
    assert collapse([0, 5, 5, 0, 5]) == ALPHABET[5] * 2
    assert foreign_signs("Ω我a") == ["Ω", "我"]
    assert normalized("Ha\u0300  Nội – “x”") == 'Hà Nội - "x"'
    assert len(set(ALPHABET)) == len(ALPHABET)
