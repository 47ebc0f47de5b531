"""Where two readers differ, a list that knows one text and not the other settles it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import field

from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decide
from pipeline.checks.settled import settled_by_list
from pipeline.types import Decision, ValueState

BARS = Bars({"default": 0.98})


def read(name, text, sign, *others, confidence=0.99):
    said = [f"read_as=0.300:{other}" for other in others]
    one = field(name, text, reasons=(*said, f"sign={sign}"))
    return replace(one, confidence=confidence, reader="tesseract-5", decision=Decision.REVIEW)


@pytest.mark.parametrize(
    ("found", "settled"),
    [
        (read("child_full_name", "Nguyễn Thị Hiền", "name_parts", "Nguyễn Thị Hiềñ"), True),
        (read("child_full_name", "Nguyễn Thị Hiền", "name_parts", "Nguyễn Thị Hiên"), False),
        (read("birth_place", "An Thái, An Lão", "place_spelled", "An Thài, An Lão"), True),
        (read("birth_place", "An Thái, An Lão", "place_spelled", "An Thái - An Lão"), False),
        (read("father_occupation", "Làm ruộng", "word_listed", "Lầm ruộng"), True),
        (read("father_occupation", "Làm ruộng", "word_listed", "Công nhân"), False),
        (read("ethnicity", "Kinh", "closed_list", "Kính"), True),
        (read("sex", "Nam", "closed_list", "Nữ"), False),
        (read("notes", "Đăng ký lại", "word_listed", "Đăng ký lai"), False),  # no list
    ],
)
def test_a_list_that_knows_one_text_alone_settles_it(found, settled):
    assert settled_by_list(found) is settled
    wanted = Decision.ACCEPTED if settled else Decision.REVIEW
    assert decide(found, [], BARS) is wanted


def test_without_its_sign_or_its_probability_a_person_looks():
    found = read("child_full_name", "Nguyễn Thị Hiền", "name_parts", "Nguyễn Thị Hiềñ")
    against = replace(found, reasons=(found.reasons[0], "against=name_parts"))
    assert not settled_by_list(against)
    assert decide(replace(found, confidence=0.9), [], BARS) is Decision.REVIEW
    assert not settled_by_list(replace(found, state=ValueState.DITTO))
