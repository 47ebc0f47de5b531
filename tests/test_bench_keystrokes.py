"""Keys that a text, a field and an entry cost."""

from __future__ import annotations

import pytest

from bench.keystrokes import Cost, of_recorded, telex, telex_keys, way
from desk.review.choices import Choice
from desk.review.view import FieldView, Rect
from pipeline.evaluation.truth import TruthField
from pipeline.types import ValueState


@pytest.mark.parametrize(
    ("text", "keys"),
    [("Nam", 3), ("Nữ", 4), ("Nguyễn", 8), ("Đào", 5), ("thương", 7), ("5/12/1974", 9), ("", 0)],
)
def test_telex_needs_a_key_for_each_letter_mark_and_tone(text, keys):
    assert telex_keys(text) == keys == len(telex(text))


def test_telex_keys_stand_in_the_order_in_which_they_are_pressed():
    assert telex("Nguyễn Đào thương hữu") == "Nguyeenx Ddaof thuowng huwux"


def test_recorded_runs_are_reckoned_like_estimates():
    lines = ['{"fields": 4, "keys": 5, "looks": 2, "twice": 60}'] * 3
    entries, desk, twice = of_recorded(lines)
    assert (entries, desk.keys, desk.looks, twice.looks) == (3, 15, 6, 24)
    assert desk.fields_an_hour > twice.fields_an_hour


def field(text: str, *choices: str, name: str = "child_full_name", state: str = "written"):
    return FieldView(
        name=name, label="", kind="name", page=0, rect=Rect(0, 0, 1, 1), crop="",
        crop_size=(1, 1), text=text, state=state, open=not text and state == "unreadable",
        doubtful=True, by="", confidence=50, typing="words", meaning="", findings=(),
        choices=tuple(Choice(one, "reader") for one in choices),
    )  # fmt: skip


def truth(value: str | None, state: ValueState = ValueState.WRITTEN):
    return TruthField("child_full_name", value or "", value, state, "print", ())


def test_the_cheapest_way_is_taken():
    assert way(field("Lê Hòa"), truth("Lê Hoà")) == ("confirmed", 1)
    assert way(field("Lê Hoa", "Lê Hòa"), truth("Lê Hòa")) == ("chosen", 1)
    assert way(field("Lê Hoa"), truth("Lê Hòa")) == ("typed", 9)
    assert way(field("", state="unreadable"), truth(None, ValueState.BLANK)) == ("stated", 1)
    assert way(field("", state="blank"), truth(None, ValueState.BLANK)) == ("confirmed", 1)


def test_an_hour_holds_as_many_fields_as_keys_and_looks_allow():
    assert Cost(fields=10, keys=0, looks=10).fields_an_hour == pytest.approx(3600 / 1.35)
