from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from reading_pictures import FONT

from pipeline.reading.numbers import join_number, weigh
from pipeline.reading.syllables import joint, mend, mend_words
from pipeline.reading.tidy import tidy
from pipeline.tesseract import PrintedWord
from pipeline.types import Word

SIGNS = ".,:;|_~=*'`-–“”"


def plain(lines):
    return [" ".join(word.text for word in line) for line in tidy(lines)]


@pytest.mark.parametrize(
    ("seen", "kept"),
    [
        ([": An Sơn, Thủy", "Nguyên, Hải Phòng"], ["An Sơn, Thủy", "Nguyên, Hải Phòng"]),
        ([":Nguyễn Văn An ; _"], ["Nguyễn Văn An"]),
        (["An Sơn,", "Hải Phòng."], ["An Sơn,", "Hải Phòng"]),
        (["T.P. H.P."], ["T.P. H.P."]),
        (['"'], ['"']),
        (["- -"], ["- -"]),
        (["-nt-"], ["-nt-"]),
        (["01⁄1990"], ["01/1990"]),
    ],
)
def test_stray_signs_go_from_the_ends_only(seen, kept):
    assert plain([[Word(text, 0.9) for text in line.split()] for line in seen]) == kept


def test_a_sign_that_no_clerk_writes_alone_is_doubted():
    ((dirt,),) = tidy([[Word("*", 0.9)]])
    ((ditto,),) = tidy([[Word('"', 0.9)]])
    assert dirt.text == "*" and dirt.confidence < 0.2
    assert ditto.confidence == 0.9


@given(st.lists(st.text(st.sampled_from("aĐ7" + SIGNS), min_size=1, max_size=4), max_size=5))
def test_tidying_keeps_letters_and_never_takes_everything(texts):
    words = [Word(text, 0.5) for text in texts]
    kept = "".join(word.text for line in tidy([words]) for word in line)
    assert [c for c in kept if c.isalnum()] == [c for c in "".join(texts) if c.isalnum()]
    assert bool(kept) == bool(texts)


@pytest.mark.parametrize(
    ("text", "at"),
    [("Ysỹ", 1), ("BÍCHLOAN", 4), ("9giờ", 1), ("chínhtrị", 5)],
)
def test_two_syllables_meet_at_one_place(text, at):
    assert joint(text) == at


WHOLE = """Nguyễn Hòa quận giờ Gia Khuyên Nghĩa Uyên oanh Quý Phòng, Hải NGUYỄN 1974
12/5/1974 Stalin Đặng xoèn khuya ương"""


@pytest.mark.parametrize("text", WHOLE.split())
def test_one_syllable_or_none_is_left_alone(text):
    assert joint(text) == 0


def drawn(text):
    font = ImageFont.truetype(FONT, 25)
    image = Image.new("L", (300, 60), 255)
    ImageDraw.Draw(image).text((10, 10), text, font=font, fill=0)
    grey = np.asarray(image)
    rows, columns = np.nonzero(grey < 128)
    box = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    word = PrintedWord(text.replace(" ", ""), *(int(v) for v in box), 0.9, (1, 1, 1))
    return grey, word


def test_a_joint_with_a_gap_in_the_picture_is_parted():
    grey, word = drawn("Y sỹ")
    assert [part.text for part in mend_words(grey, [word])] == ["Y", "sỹ"]


def test_a_joint_without_a_gap_is_left():
    grey, word = drawn("Ysỹ")
    assert [part.text for part in mend_words(grey, [word])] == ["Ysỹ"]


def test_numbers_on_which_two_readings_agree_are_surer_than_either():
    both = weigh(Word("1974", 0.8), [Word("1974", 0.7)])
    assert both.text == "1974" and both.confidence == pytest.approx(0.94)


def test_numbers_on_which_two_readings_differ_are_doubted():
    assert weigh(Word("94", 0.9), [Word("04", 0.8)]) == Word("04", 0.4)
    assert weigh(Word("1974", 0.9), []) == Word("1974", 0.45)


def test_letters_in_a_number_field_give_way_to_sure_digits_only():
    assert weigh(Word("gì", 0.6), [Word("3", 0.9)]).text == "3"
    assert weigh(Word("nt", 0.6), [Word("11", 0.2)]).text == "nt"
    assert weigh(Word("-nt-", 0.6), [Word("--", 0.9)]).text == "-nt-"


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("0anh", "Oanh"),
        ("MT", "MI"),
        ("THT", "THI"),
        ("TT", "TT"),
        ("HỢT", "HỢT"),
        ("1974", "1974"),
    ],
)
def test_letters_that_make_no_syllable_are_mended(seen, meant):
    assert mend(seen) == meant


def misread(text, seen):
    grey, word = drawn(text)
    return mend_words(grey, [replace(word, text=seen)])[0].text


def test_a_hook_no_higher_than_a_dot_is_a_dot():
    assert misread("Đinh", "Đỉnh") == "Đinh"
    assert misread("Đỉnh", "Đỉnh") == "Đỉnh"
    assert misread("nghỉ", "nghỉ") == "nghỉ"


def test_digits_with_gaps_are_one_number():
    def joined(text):
        line = join_number([[Word(part, 0.9) for part in text.split()]])[0]
        return " ".join(word.text for word in line)

    assert joined("10 -2-1982") == "10-2-1982"
    assert joined("09. 01.2000") == "09.01.2000"
    assert joined("ngày 10 tháng 2") == "ngày 10 tháng 2"
