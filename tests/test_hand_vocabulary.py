import numpy as np
import pytest
from hand_ink import LETTERS, ink_of

from pipeline.reading.hand.ctc import n_best
from pipeline.reading.hand.vocabulary import Vocabulary
from pipeline.reading.signs import hand_sign

NUMBERS = Vocabulary(("ngày", "mười", "mươi", "hai", "một", "tháng"), LETTERS)


def bound(ink):
    return LETTERS.text(n_best(ink, 12, NUMBERS.bonus, NUMBERS.follow)[0].codes)


def test_only_words_of_the_vocabulary_come_out():
    assert bound(ink_of("Ngay mưới hâi", (2, "à", 0.1), (7, "ờ", 0.1), (11, "a", 0.1))) == (
        "Ngày mười hai"
    )


def test_words_run_together_are_parted():
    ink = ink_of("hai một")
    ink[7] = np.log(0.02)  # the space is hardly seen
    ink[7, 0] = np.log(0.97)
    assert bound(ink) == "hai một"


def test_capitals_commas_and_digits_may_stand_between():
    for text in ("HAI MỘT", "Hai, một", "ngày 12 tháng 2"):
        assert bound(ink_of(text)) == text


def test_a_text_may_not_end_inside_a_word():
    codes = LETTERS.codes
    assert NUMBERS.ended(codes("hai")) and NUMBERS.ended(codes("hai "))
    assert not NUMBERS.ended(codes("hai thá"))
    assert codes("n")[0] in NUMBERS.follow(codes("thá"))
    assert NUMBERS.follow(codes("xyz")) == ()


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        ([(20, 40, 3, 5), (25, 40, 3, 5)], '"'),  # two strokes
        ([(20, 40, 7, 5)], '"'),  # run together
        ([(20, 40, 22, 3)], "-"),
        ([(20, 20, 8, 22)], ""),  # a letter
        ([(20, 30, 8, 8), (34, 30, 8, 8)], ""),
        ([], ""),
    ],
)
def test_small_lone_marks_of_a_pen_are_dittos(marks, wanted):
    image = np.full((60, 120), 255, np.uint8)
    for x, y, width, height in marks:
        image[y : y + height, x : x + width] = 0
    assert hand_sign(image, 180.0)[0] == wanted
