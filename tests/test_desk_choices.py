"""Candidates under the number keys, and values as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from desk.review.choices import MOST, choices
from desk.review.shown import in_words, label_of, typed
from pipeline.places import load_gazetteer
from pipeline.types import Kind
from pipeline.values.context import Context

BOOK = Context(Kind.BIRTH, 2008, "Xã Tân Dân", "Huyện An Lão", as_of=date(2026, 1, 1))


def offered(field: str, shown: str, *read: tuple[str, float], language: str = "vi"):
    return choices(field, shown, read, BOOK, load_gazetteer(), language)


def test_a_name_is_offered_as_read_and_with_the_marks_that_names_bear():
    found = offered("child_full_name", "Nguyên Thị Hòa", ("Nguyễn Thị Hoà", 0.3))
    assert found[0].text == "Nguyễn Thị Hoà" and found[0].source == "reader"
    assert {"names"} == {one.source for one in found[1:]}
    assert any(one.text == "Nguyễn Thị Hòa" for one in found)


def test_a_foreign_name_is_left_alone():
    assert offered("child_full_name", "Jean Dupont") == ()


def test_a_place_is_offered_as_the_gazetteer_spells_it_with_its_time_and_present_name():
    first = offered("birth_place", "Trạm y tế xã Tan Dận, An Lão, Hải Phòng")[0]
    assert first.text == "Trạm y tế xã Tân Dân, An Lão, Hải Phòng"
    assert first.source == "gazetteer"
    assert "2025" in first.note and "nay: Xã An Lão" in first.note


def test_what_stands_there_already_is_not_offered_again():
    assert "An Lão, Hải Phòng" not in {
        one.text for one in offered("birth_place", "An Lão, Hải Phòng")
    }


def test_dates_are_offered_as_people_type_them_with_their_meaning():
    found = offered("birth_date", "05/12/2008", ("5/12/2008", 0.5), ("6.12.08", 0.3), ("xx", 0.2))
    assert [(one.text, one.note) for one in found] == [("06/12/2008", "ngày 6 tháng 12 năm 2008")]


def test_both_sexes_and_the_usual_of_other_lists_are_at_hand():
    assert [one.text for one in offered("sex", "Nam")] == ["Nữ"]
    assert offered("ethnicity", "Kính")[0].text == "Kinh"


def test_there_are_never_more_than_number_keys():
    read = [(f"Nguyễn Thị Hoa {n}", 0.01) for n in range(30)]
    assert len(offered("child_full_name", "", *read)) == MOST


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("birth_date", "1974-12-05", "05/12/1974"),
        ("birth_date", "1974-12", "12/1974"),
        ("father_birth_date", "1950", "1950"),
        ("birth_date", None, ""),
        ("child_full_name", "1974-12-05", "1974-12-05"),
    ],
)
def test_values_are_shown_as_they_are_typed(field, value, text):
    assert typed(field, value) == text


def test_words_of_a_page_follow_its_language_not_that_of_the_process(monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    assert in_words("1974-12-05", "vi") == "ngày 5 tháng 12 năm 1974"
    assert in_words("1974", "en") == "the year 1974"
    assert label_of("sex", "vi") == "Giới tính (Nam/Nữ)"
    assert label_of("birth_place", "en") == "Birth place"
