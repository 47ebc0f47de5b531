"""Print is read without lists: what a list knows is likelier right; hands lean on them already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import PLACE, field

from pipeline.checks.acceptance import Bars
from pipeline.checks.decide import decide
from pipeline.checks.witnesses import own, weighed
from pipeline.settings import PROJECT, load_thresholds
from pipeline.types import Decision, EntryResult, FieldResult, PlaceStatus
from pipeline.values.closed import is_listed
from pipeline.values.name_model import parts_known

EVIDENCE = load_thresholds(PROJECT / "ocr_config").evidence


def heard(one: FieldResult) -> FieldResult:
    (found,) = weighed(EntryResult(0, "1", (replace(one, confidence=0.96),)), EVIDENCE).fields
    return found


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Nguyễn Thị Hạnh", True),
        ("NGUYỄN THỊ HẠNH", True),
        ("Nguyễn Văn Đức Anh", True),
        ("Nguyễn THị Hạnh", False),
        ("Nguyễn Thị hạnh", False),
        ("NGUYỄN Thị HẠNH", False),
        ("Pham Văn Huy", False),
        ("Ngõ Minh Long", False),
        ("Hạnh", False),
        ("", False),
    ],
)
def test_a_name_is_known_part_by_part_in_its_place(name: str, known: bool) -> None:
    assert parts_known(name) is known


def test_a_name_of_known_parts_is_surer_and_another_one_less() -> None:
    assert heard(field("child_full_name", "Nguyễn Thị Hạnh")).confidence > 0.99
    odd = heard(field("child_full_name", "Nguyễn Thị Hanhx"))
    assert 0.5 < odd.confidence < 0.9
    assert "against=name_parts" in odd.reasons


def test_the_reader_of_hands_has_leant_on_the_lists_and_is_not_raised() -> None:
    by_hand = field("child_full_name", "Nguyễn Thị Hạnh", reader="hand-9ef104fb")
    assert heard(by_hand).confidence == own(by_hand) - 0.99 + 0.96
    chosen = field("child_full_name", "Nguyễn Thị Hạnh", reasons=("other_reading=x",))
    assert heard(chosen).confidence == 0.96


@pytest.mark.parametrize("status", list(PlaceStatus))
def test_a_place_in_a_hand_is_no_surer_for_standing_in_the_gazetteer(status: PlaceStatus) -> None:
    answer = replace(PLACE, status=status)
    by_hand = field("birth_place", "An Thái, An Lão", reader="hand-9ef104fb", place=answer)
    assert heard(by_hand).confidence == 0.96


def test_lists_speak_most_where_the_net_of_hands_saw_another_text() -> None:
    seen = field("child_full_name", "Nguyễn Thị Hạnh", reasons=("read_as=0.2:Nguyễn Thị Hanh",))
    assert heard(seen).confidence > 0.99
    odd = field("child_full_name", "Nguyễn Thị Hanhx", reasons=("read_as=0.2:Nguyễn Thị Hạnh",))
    assert heard(odd).confidence < 0.9


def test_a_listed_occupation_is_surer_and_an_unlisted_one_may_still_be_right() -> None:
    assert heard(field("father_occupation", "Làm ruộng")).confidence > 0.99
    assert 0.8 < heard(field("father_occupation", "Thợ vẽ trần nhà")).confidence < 0.96
    assert is_listed("occupations", "Làm ruộng.")
    assert not is_listed("occupations", "Lam ruộng")
    assert not is_listed("occupations", "làm ruộng")  # or it was a capital: shapes do not tell


@pytest.mark.parametrize(
    ("name", "literal", "value"),
    [("nationality", '"việt Nam', "Việt Nam"), ("ethnicity", "KINH", "Kinh"), ("sex", "Nữ.", "Nữ")],
)
def test_a_listed_value_read_to_the_letter_is_surer_than_its_text(
    name: str, literal: str, value: str
) -> None:
    assert heard(replace(field(name, value), literal=literal)).confidence > 0.99


def test_a_bent_value_or_one_of_the_reader_of_hands_is_not_raised_by_its_list() -> None:
    bent = replace(field("ethnicity", "Kinh"), literal="Kính")
    by_hand = field("ethnicity", "Kinh", reader="hand-9ef104fb")
    assert heard(bent).confidence == heard(by_hand).confidence == 0.96


def test_what_two_readers_see_differently_goes_to_a_person_however_sure() -> None:
    bars = Bars({"default": 0.9})
    sure = field("child_full_name", "Nguyễn Thị Hạnh", decision=Decision.REVIEW)
    assert decide(sure, (), bars) is Decision.ACCEPTED
    other = replace(sure, reasons=("read_as=0.113:Nguyễn Thị Hanh",))
    assert decide(other, (), bars) is Decision.REVIEW
    # the reader of hands names its own second thoughts so; they are in its probability
    assert decide(replace(other, reader="hand-9ef104fb"), (), bars) is Decision.ACCEPTED
