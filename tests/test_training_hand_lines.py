"""Lines made to train with: their texts, pens, marks, strays. No PyTorch is needed for them."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from pipeline.reading.hand.alphabet import encode, foreign_signs, normalized
from pipeline.reading.hand.ink import HEIGHT
from pipeline.types import Kind
from pipeline.values import Context
from pipeline.values.closed import load_lexicon
from pipeline.values.normalise import normalise
from samples.fonts import face
from training.hand.dates import date, date_in_words, in_digits, old_calendar, small_number
from training.hand.draw import Hand, _word, corrected, presses, write
from training.hand.lists import own_places, phrases
from training.hand.paper import on_paper, shaken
from training.hand.pens import PENS, penned
from training.hand.scribbles import DOT, marks_of, scribble, struck_through
from training.hand.strays import Around, strays, trimmed
from training.hand.synthetic import load_shard, save_shard, synthetic_line
from training.hand.text import field_text, line_text, name


def test_small_fields_hold_digits_alone_and_texts_the_net_can_write():
    rng = random.Random(5)
    texts = [field_text(rng) for _ in range(400)]
    assert all(text and not foreign_signs(text) for text in texts)
    assert {text for text in texts if len(text) == 1} >= set("123456789")
    assert all(encode(text) for text in texts)


def test_a_tone_mark_that_strays_is_still_there_to_be_seen():
    """*Tuấn* and *Tuân* differ in ink beside the letters, however carelessly the mark is put."""
    hand = Hand(face("patrick-hand", 56.0))
    grown = np.ones((3, 3), np.uint8)
    for word, bare in (("Khánh", "Khanh"), ("Tuấn", "Tuân"), ("Ngà", "Nga")):
        for seed in range(60):
            marked = _word(word, hand, random.Random(seed), 0.25, 0.0)
            plain = cv2.dilate(_word(bare, hand, random.Random(seed), 0.0, 0.0), grown)
            own = (marked > 128) & (plain[:, : marked.shape[1]] < 64)
            assert np.count_nonzero(own) > 12, (word, seed)


def test_a_good_part_of_names_stands_in_capitals_and_some_with_hyphens():
    rng = random.Random(6)
    names = [name(rng) for _ in range(400)]
    assert 0.15 < np.mean([one.isupper() for one in names]) < 0.4
    hyphened = [one for one in names if "-" in one]
    assert len(hyphened) > 20 and not any(" " in one for one in hyphened)


def test_old_calendars_french_and_reigns_come_up():
    rng = random.Random(7)
    lines = " ".join([*(line_text(rng) for _ in range(300)), *(date(rng) for _ in range(900))])
    for said in ("Bảo Đại", "Khải Định", "âm lịch", "février", "giờ"):
        assert said.casefold() in lines.casefold().replace("-", " ")
    assert all(old_calendar(rng) for _ in range(50))
    assert len(own_places()) > 500


def test_dates_mean_what_they_were_made_of():
    rng = random.Random(8)
    context = Context(Kind.BIRTH, 1990)
    for _ in range(60):
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1930, 1990)
        digits = in_digits(day, month, year, rng)
        value = normalise("birth_date", digits, context).normalized
        if digits.startswith((f"{day:02d}/", f"{day:02d}-")) and str(year) in digits:
            assert value == f"{year:04d}-{month:02d}-{day:02d}", digits
        words = date_in_words(day, month, year, rng)
        found = normalise("birth_date_words", words, context).normalized
        if words.lower().startswith("ngày") and "năm một" in words.lower():
            assert found == f"{year:04d}-{month:02d}-{day:02d}", words


def test_numbers_of_small_fields_are_digits():
    rng = random.Random(9)
    assert all(small_number(rng).isdigit() for _ in range(100))


@pytest.mark.parametrize("pen", [pen for _, pen in PENS], ids=lambda pen: pen.__name__)
def test_every_pen_leaves_the_writing_where_it_was(pen):
    rng = random.Random(1)
    ink = trimmed(write("Hải Phòng", rng, presses()[0]))
    made, dark = pen(ink, rng)
    assert made.shape == ink.shape and made.dtype == np.uint8
    assert 40 < dark < 240
    inside = made[ink > 128].mean()
    assert inside > 60
    assert inside > 3 * made[ink == 0].mean()


def test_pens_never_wear_writing_away():
    rng = random.Random(2)
    ink = trimmed(write("12/5/1974", rng, presses()[0]))
    assert all(penned(ink, rng)[0].sum() > 0.3 * ink.sum() for _ in range(40))


def test_letters_give_their_marks_to_be_put_by_hand():
    assert marks_of("ế") == ("e", "\u0302\u0301")
    assert marks_of("ợ")[0] == "o" and DOT in marks_of("ợ")[1]
    assert marks_of("b") == ("b", "")
    assert marks_of("í") == ("í", "")  # its dot would stay


def test_marks_stand_over_and_under_the_letter():
    canvas = np.zeros((100, 80), np.uint8)
    scribble(canvas, marks_of("ậ")[1], (30, 40, 50, 60), 2, random.Random(3))
    rows = np.flatnonzero(canvas.any(axis=1))
    assert rows[0] < 40 and rows[-1] > 60
    assert not canvas[46:58].any()


def test_a_slip_of_the_pen_is_struck_and_stands_before_the_text():
    rng = random.Random(4)
    right = write("Nam", random.Random(11), presses()[0])
    both = corrected("Nam", "Nữ", rng, presses()[0])
    assert both.shape[1] > 1.5 * right.shape[1]
    ink = np.zeros((60, 100), np.uint8)
    ink[20:40, 10:90:8] = 255
    before = int(ink.sum())
    struck_through(ink, 10, 90, rng)
    assert int(ink.sum()) > before


@pytest.mark.slow
def test_strays_leave_room_to_read():
    rng = random.Random(10)
    shares = [float(strays(Around((60, 300), 8, 8, 10), rng).mean()) for _ in range(60)]
    assert max(shares) < 0.5
    assert sum(share > 0 for share in shares) > 20


def test_lines_come_at_the_nets_height_and_out_of_shards_as_they_went_in(tmp_path):
    rng = random.Random(12)
    lines = [synthetic_line(rng, small=n % 2 == 0) for n in range(8)]
    assert all(line.ink.shape[0] == HEIGHT and line.ink.max() > 100 for line in lines)
    save_shard(tmp_path / "a.npz", lines)
    again = list(load_shard(tmp_path / "a.npz"))
    assert [one.text for one in again] == [one.text for one in lines]
    assert all(np.array_equal(a.ink, b.ink) for a, b in zip(again, lines, strict=True))


def test_a_page_is_grey_and_bends_keep_the_ink():
    rng = random.Random(13)
    ink = trimmed(write("Kiến An", rng, presses()[0]))
    bent = shaken(ink, rng)
    assert bent.shape == ink.shape and 0.7 < bent.sum() / ink.sum() < 1.3
    page = on_paper(ink, rng, dark=180.0, scale=1.0)
    assert page.dtype == np.uint8 and page.std() > 5


def test_letters_that_a_face_lacks_come_apart_into_base_and_marks_that_are_drawn():
    rng = random.Random(4)
    hand = Hand(face(presses()[0], 56.0), frozenset("đĐịỷữ"))
    apart = {letter: hand.apart(letter, 0.0, rng) for letter in "đĐịỷữé"}
    assert apart["đ"][0] == "d" and apart["Đ"][0] == "D" and apart["đ"][1] != apart["Đ"][1]
    assert apart["ị"] == ("ı", DOT) and apart["ỷ"][0] == "y" and apart["ữ"][0] == "u"
    assert apart["é"] == ("é", ""), "the face has it"
    for base, marks in (apart["đ"], apart["Đ"]):
        canvas = np.zeros((120, 120), np.uint8)
        scribble(canvas, marks, (40, 40, 70, 90), 2, rng)
        rows, columns = np.nonzero(canvas)
        assert rows.size and 40 <= rows.mean() <= 75, base
        assert columns.max() > 70 if base == "d" else columns.min() < 40


def test_all_peoples_and_states_of_the_lists_are_shown_to_the_net():
    for kind, lexicon in (("ethnic", "ethnicities"), ("nation", "nationalities")):
        shown = phrases()[kind]
        assert load_lexicon(lexicon).names <= set(shown)
        assert len(set(shown)) == len(shown)
        assert not any(foreign_signs(normalized(text)) for text in shown)
