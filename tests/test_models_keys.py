"""Codes, search keys and sortable days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import SORTABLE_LENGTH
from models.naming import book_code, slug, volume_key
from models.records import earliest_day, leading_number
from models.search import search_key
from pipeline.types import Kind


@pytest.mark.parametrize(
    ("unit", "district", "code"),
    [
        (("Xã", "An Thái"), "Huyện An Lão", "xa-an-thai.an-lao.KS.2008.01"),
        (("Xã", "Xã An Thái"), "An Lão", "xa-an-thai.an-lao.KS.2008.01"),
        (
            ("Phường", "Đổng Quốc Bình"),
            "Quận Ngô Quyền",
            "phuong-dong-quoc-binh.ngo-quyen.KS.2008.01",
        ),
        (("Thị trấn", "Cát Bà"), "huyện Cát Hải", "thi-tran-cat-ba.cat-hai.KS.2008.01"),
        (("Quận", "Hồng Bàng"), "", "quan-hong-bang.KS.2008.01"),
        (("Sở", "Sở Tư pháp"), "", "so-tu-phap.KS.2008.01"),
    ],
)
def test_a_book_is_called_by_unit_district_kind_year_and_volume(unit, district, code):
    assert book_code(*unit, district, Kind.BIRTH, 2008, "1") == code


@given(st.text(), st.text(), st.text())
def test_a_code_is_a_file_name_everywhere(unit, district, volume):
    code = book_code("Xã", unit, district, Kind.DEATH, 1975, volume)
    assert len(code) <= SORTABLE_LENGTH
    assert set(code) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.KT")


@pytest.mark.parametrize(
    ("written", "key"),
    [("1", "01"), ("001", "01"), ("12b", "12b"), ("", "00"), ("Quyển số 3", "03")],
)
def test_volumes_have_one_spelling(written, key):
    assert volume_key(written) == key


@given(st.text())
def test_a_key_of_a_key_is_the_key(text):
    assert search_key(search_key(text)) == search_key(text)
    assert len(search_key(text)) <= SORTABLE_LENGTH


def test_accents_case_hyphens_and_composition_do_not_matter_for_search():
    assert search_key("Đặng-Thị  Đào") == "dang thi dao"
    assert search_key("Đặng Thị Đào") == search_key("đặng thị đào")


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2100, 1, 1)))
def test_a_partial_date_sorts_by_its_first_day(day):
    assert earliest_day(day.isoformat()) == day
    assert earliest_day(day.strftime("%Y-%m")) == day.replace(day=1)
    assert earliest_day(day.strftime("%Y")) == day.replace(month=1, day=1)


@given(st.text(max_size=12))
def test_what_is_no_date_has_no_day(text):
    day = earliest_day(text)
    assert day is None or day.isoformat().startswith(text)


@pytest.mark.parametrize("text", [None, "", "1984-02-30", "1974-13", "5/3/2008", "19X4"])
def test_impossible_dates_have_no_day(text):
    assert earliest_day(text) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [("05", 5), ("12b", 12), ("12 bis", 12), ("", None), (None, None), ("?7", None)],
)
def test_entry_numbers_sort_by_their_figure(written, number):
    assert leading_number(written) == number


@given(st.text())
def test_slugs_have_no_hyphen_at_their_ends(text):
    assert slug(text) == slug(text).strip("-")
