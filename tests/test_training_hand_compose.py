"""Words of real hands cut apart, put together anew, and read as fields."""

from __future__ import annotations

import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pipeline.reading.hand.ink import HEIGHT, InkLine  # noqa: E402
from pipeline.types import Reading  # noqa: E402
from training.hand.compose import written  # noqa: E402
from training.hand.fields import Task, communes, figures, judge, tasks  # noqa: E402
from training.hand.marks import over, tall  # noqa: E402
from training.hand.pieces import BASE, TALL, Pieces, cut_line  # noqa: E402
from training.hand.recompose import recomposed, refitted  # noqa: E402
from training.hand.widths import one  # noqa: E402


def blocks(*signs: tuple[str, int]) -> tuple[InkLine, str, list]:
    """A line whose signs are blocks as wide as they usually are, with room between.

    Each sign comes with columns that its block is wider than usual. ``i`` has no dot; a mark above
    is a block of its own.
    """
    text = "".join(sign for sign, _ in signs)
    ink = np.zeros((HEIGHT, 24 * len(text) + 16), np.float32)
    spans, at = [], 12
    for sign, more in signs:
        wide = round(1.7 * one(sign)) + more
        if sign != " ":
            foot = 42 if sign in "gypq" else 34
            ink[12 if tall(sign) else 22 : foot, at : at + wide] = 1
            if over(sign):
                ink[4 if tall(sign) else 14 : 10 if tall(sign) else 19, at : at + wide] = 1
        middle = (at + wide / 2) / 4
        spans.append((int(middle), int(middle)))
        at += wide + 4 + 8 * (sign == " ")
    return ink, text, spans


def hand_of(*texts: str, named: bool = True) -> Pieces:
    """A hand that writes every letter as a block of its own."""
    pieces = Pieces("test", "test 1", named)
    for text in texts:
        cut_line(*blocks(*((sign, 0) for sign in text)), pieces)
    return pieces


def test_letters_are_cut_where_no_ink_is_met():
    pieces = hand_of("Nam 12")
    assert {"Nam", "12"} == set(pieces.words)
    assert {"N", "a", "m", "Na", "am", "1", "2"} <= set(pieces.parts)
    piece = pieces.parts["a"][0].piece()
    assert piece is not None and piece.ink.shape[0] == TALL
    rows = np.flatnonzero(piece.ink.max(axis=1) > 0.5)
    assert abs(int(rows[-1]) - BASE) <= 3


def test_letters_that_touch_are_not_cut():
    pieces = Pieces("test")
    ink = np.zeros((HEIGHT, 60), np.float32)
    ink[20:34, 4:40] = 1
    cut_line(ink, "ab", [(1, 3), (6, 8)], pieces)
    assert set(pieces.parts) == {"ab"}


def test_of_hands_that_are_not_named_words_and_digits_are_taken():
    pieces = hand_of("Nam 12", named=False)
    assert set(pieces.parts) == {"Nam", "12", "1", "2"}


def test_rules_and_borders_do_not_come_along():
    pieces = Pieces("test")
    ink = np.zeros((HEIGHT, 120), np.float32)
    ink[20:34, 10:50] = 1
    ink[44:46, :] = 1
    ink[:, 100] = 1
    cut_line(ink, "ab", [(3, 5), (9, 11)], pieces)
    piece = pieces.parts["ab"][0].piece()
    assert piece is not None and piece.ink.shape[1] < 60


def test_a_word_never_written_is_put_together_and_a_missing_letter_is_said():
    pieces = hand_of("Nam 12")
    made = written("Nma 21", pieces, random.Random(1))
    assert made is not None and made.shape[0] == TALL and made.max() > 0.5
    assert written("Nab", pieces, random.Random(1)) is None
    assert written("Nma", pieces, random.Random(1), whole=True) is None
    assert written("Nam 121", pieces, random.Random(1), whole=True) is not None


def test_capitals_of_the_same_shape_are_made_of_small_letters():
    pieces = hand_of("co")
    small = pieces.parts["c"][0].piece()
    made = written("C", pieces, random.Random(2))
    assert made is not None and small is not None
    tall = (made.max(axis=1) > 0.5).sum()
    assert tall > 1.2 * (small.ink.max(axis=1) > 0.5).sum()


def test_new_lines_come_at_the_nets_height():
    hand = hand_of("Nam Hai Lan Binh Minh", "0123456789 / - .")
    feed = recomposed([hand], random.Random(3))
    lines = [next(feed) for _ in range(12)]
    assert all(line.ink.shape[0] == HEIGHT and line.text for line in lines)
    assert any(sign.isdigit() for line in lines for sign in line.text)
    ink = written("Nam", hand, random.Random(1))
    assert ink is not None and refitted(ink, random.Random(1)).shape[0] == HEIGHT


def test_fields_are_asked_of_named_hands_only():
    hand = hand_of("Nam Hai Lan Binh Minh Kinh", "0123456789 / - .")
    asked = list(tasks([hand, hand_of("Nam", named=False)], 2))
    assert {task.hand for task in asked} == {"test 1"}
    assert {"sex", "date in digits"} <= {task.kind for task in asked}
    assert len(communes()) > 100


def test_readings_are_judged_by_what_they_mean():
    page = np.full((40, 40), 255, np.uint8)
    task = Task("date", "birth_date", "05/12/1974", "a", page, 0)

    def said(text: str, probability: float = 0.9) -> Reading:
        return Reading(text, (), 0.9, probability, "test", greedy="x", margin=0.9)

    right = judge(task, said("5-12-1974"))
    assert right.right and not right.greedy
    words = Task("date", "birth_date_words", "năm một nghìn", "a", page, 0)
    wrong = judge(words, said("năm hai nghìn", 0.2))
    found = figures([right, wrong])
    assert found["digits of a date"]["exact"] == 1.0
    assert found["dates in digits with words"]["exact"] == 1.0
    name = judge(Task("name", "child_full_name", "Lê An", "a", page, 0), said("Lê an"))
    assert not name.right and figures([name])["name"]["n"] == 1


WORDS = "Nam Hai Lan Minh Thanh "


def line_with(*signs: tuple[str, int]) -> Pieces:
    """Pieces of a line of well written words with these signs behind them."""
    pieces = Pieces("test", "test 1")
    cut_line(*blocks(*((sign, 0) for sign in WORDS), *signs), pieces)
    return pieces


def test_ink_too_wide_or_narrow_for_its_letters_is_no_piece_of_them():
    assert {"Co", "C", "o"} <= set(line_with(("C", 0), ("o", 0)).parts)
    beside = line_with(("C", 0), ("o", 12))
    assert "Co" not in beside.parts and "Co" not in beside.words and "o" not in beside.parts
    assert set(WORDS.split()) <= set(beside.words)
    assert "Ha" not in line_with(("H", 0), ("a", -7)).words


def test_a_late_mark_goes_with_its_letter_and_not_with_the_next_one():
    ink, text, spans = blocks(*((sign, 0) for sign in WORDS + "Mao"))
    middle = 4 * spans[-2][0]
    ink[13:18, middle + 7 : middle + 13] = 1  # over the gap and the o
    pieces = Pieces("test", "test 1")
    cut_line(ink, text[:-2] + "ào", spans, pieces)
    high = {
        letter: min(np.flatnonzero(place.piece().ink.max(axis=1) > 0.5))
        for letter in ("à", "o")
        for place in pieces.parts[letter]
    }
    assert high["à"] < high["o"] - 5


def test_words_whose_marks_are_not_there_are_left_out():
    ink, text, spans = blocks(*((sign, 0) for sign in WORDS + "Lao"))
    pieces = Pieces("test", "test 1")
    cut_line(ink, text[:-2] + "ào", spans, pieces)
    assert "Lào" not in pieces.words and "Là" not in pieces.parts and "à" not in pieces.parts
    assert {"L", "o"} <= set(pieces.parts)


def test_a_capital_that_is_none_and_a_tail_that_is_lost_are_no_pieces():
    ink, text, spans = blocks(*((sign, 0) for sign in WORDS + "Co ng"))
    assert {"Co", "ng"} <= set(cut(ink, text, spans).words)
    end = 4 * spans[-1][0]
    ink[36:, end - 8 : end + 12] = 0
    first = 4 * spans[-5][0]
    ink[:21, first - 10 : first + 12] = 0
    assert not {"Co", "ng"} & set(cut(ink, text, spans).words)


def cut(ink: InkLine, text: str, spans: list) -> Pieces:
    """Pieces of one line."""
    pieces = Pieces("test", "test 1")
    cut_line(ink, text, spans, pieces)
    return pieces


def test_a_border_beside_the_first_word_is_left():
    ink, text, spans = blocks(*((sign, 0) for sign in "Pha Nam Hai Lan Minh"))
    ink[4:44, 6:8] = 1
    piece = cut(ink, text, spans).words["Pha"][0].piece()
    assert piece is not None and (piece.ink.max(axis=1) > 0.5).sum() < 25
