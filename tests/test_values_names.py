"""Names stay what the ink says; a reader's list is weighed, never bent to common names."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.syllables import is_vietnamese
from pipeline.types import Kind, Reading
from pipeline.values import Context, normalise
from pipeline.values.name_model import rerank
from pipeline.values.names import name_key, parts_of, with_aliases
from pipeline.values.nbest import value_of

CONTEXT = Context(Kind.BIRTH, 1960)
RARE = [
    *("Khuất Thị Nhỡ", "Đèo Văn Khẻo", "Giáp Thị Thoắng", "Nhữ Đình Quých", "Cấn Thị Nguếch"),
    *("Ngụy Văn Khoẳm", "Đồng Thị Đượm", "Phí Văn Khuê", "Lục Thị Xếnh", "Thào Seo Phử"),
    *("Bế Thị Uyển", "Ma Văn Pảo", "Vòng A Sáng", "Voòng Chắn Dảu", "Chìu Nhì Múi"),
    *("Mạc Thị Tẹo", "Tiêu Văn Ngoạn", "Uông Thị Nhớn", "Khổng Văn Bưởi", "Thân Thị Cún"),
]
COMMON = ["Nguyễn Thị Nhung", "Đào Văn Khánh", "Nguyễn Văn Anh", "Trần Thị Hương", "Lê Văn Khoa"]


def _reading(*alternatives: tuple[str, float]) -> Reading:
    return Reading(alternatives[0][0], (), 0.9, 0.9, "hand", alternatives=alternatives)


@pytest.mark.parametrize("name", RARE)
def test_a_rare_name_is_not_made_a_common_one(name):
    for common in COMMON:
        ranked = rerank([(name, 0.5), (common, 0.3)])
        assert ranked[0].text == name
        value = value_of("child_full_name", _reading((name, 0.5), (common, 0.3)), CONTEXT)
        assert (value.literal, value.normalized) == (name, name)


def test_a_rare_name_and_a_common_one_stand_alike_where_the_ink_is_alike():
    rng = random.Random(3)
    for name in RARE[:9]:
        share = rng.uniform(0.4, 0.5)
        assert rerank([(name, share), (rng.choice(COMMON), share * 0.65)])[0].text == name


def test_what_no_spelling_allows_gives_way_to_a_name_the_reader_also_saw():
    value = value_of(
        "child_full_name", _reading(("Nguyễn Thị Hạnhh", 0.4), ("Nguyễn Thị Hạnh", 0.35)), CONTEXT
    )
    assert value.normalized == "Nguyễn Thị Hạnh"
    assert value.literal == "Nguyễn Thị Hạnhh"
    assert "other_reading=Nguyễn Thị Hạnh" in value.reasons
    assert value.factor < 0.8


def test_strong_ink_keeps_a_foreign_name():
    ranked = rerank([("Jean Dupont", 0.9), ("Dân Đu Pông", 0.05)])
    assert ranked[0].text == "Jean Dupont"


@pytest.mark.parametrize(
    ("literal", "value", "alias"),
    [
        ("Trần Văn Ba (tức Hùng)", "Trần Văn Ba", "Hùng"),
        ("Trần Văn Ba, bí danh: Lê Hồng", "Trần Văn Ba", "Lê Hồng"),
        ("Trần Văn Ba tức là Tư", "Trần Văn Ba", "Tư"),
        ("TRẦN VĂN BA còn gọi là BA SẸO", "TRẦN VĂN BA", "BA SẸO"),
    ],
)
def test_aliases_are_kept_apart(literal, value, alias):
    found = normalise("child_full_name", literal, CONTEXT)
    assert found.normalized == value
    assert f"alias={alias}" in found.reasons
    assert found.factor == 1.0


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("Nguyễn-văn-an", "Nguyễn Văn An"),
        ("Jean-Pierre Dubois", "Jean-Pierre Dubois"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("Y Bhăm Êban", "Y Bhăm Êban"),
        ("LÂM A CỦ", "LÂM A CỦ"),
        ("Marie Thérèse Nguyễn Thị Hoà", "Marie Thérèse Nguyễn Thị Hoà"),
    ],
)
def test_names_of_all_peoples_stay_as_written(literal, value):
    assert normalise("child_full_name", literal, CONTEXT).normalized == value


def test_parts_follow_the_vietnamese_order():
    assert parts_of("Nguyễn Thị Thu Hà") == parts_of("Nguyễn-Thị-Thu-Hà")
    parts = parts_of("Tôn Thất Văn Thuyết")
    assert (parts.family, parts.middle, parts.given) == ("Tôn Thất", "Văn", "Thuyết")
    assert parts_of("Jean Dupont").foreign
    assert parts_of("An").given == "An"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("NGUYỄN THỊ HOÀ", "Nguyễn thị Hòa", True),
        ("Trần-văn-Quí", "Trần Văn Quý", True),
        ("Lí Thị Mĩ", "Lý Thị Mỹ", True),
        ("Trần Văn Hùng", "Trần Văn Hưng", False),
        ("Trần Văn Mai", "Trần Văn May", False),
    ],
)
def test_keys_of_names(one, other, same):
    assert (name_key(one) == name_key(other)) is same


@pytest.mark.parametrize(
    "word", ["Nguyễn", "quých", "nghiêng", "giếng", "Khuyển", "oanh", "Y", "gì", "thuở", "xoong"]
)
def test_syllables(word):
    assert is_vietnamese(word)


@pytest.mark.parametrize("word", ["Dupont", "Hạnhh", "tacp", "bàt", "Nguỹểnn", "w", "", "Jean"])
def test_what_no_spelling_allows(word):
    assert not is_vietnamese(word)


@given(st.text(max_size=40))
def test_any_text_has_parts_a_key_and_aliases(text):
    parts = parts_of(text)
    assert isinstance(name_key(text), str)
    assert len(f"{parts.family}{parts.middle}{parts.given}") <= max(1, 4 * len(text))
    name, aliases = with_aliases(text)
    assert name == text or aliases
