"""Bad input is kept as it is and flagged: never a crash, never mended in silence."""

from __future__ import annotations

import csv
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fields import FIELDS, FieldType
from pipeline.reading.syllables import is_vietnamese
from pipeline.settings import load_settings
from pipeline.types import Kind, Reading, ValueState
from pipeline.values import Context, normalise
from pipeline.values.dates import agree, candidates, decode
from pipeline.values.encodings import _TCVN3, _VNI, _VNI_ALONE, Legacy, from_legacy
from pipeline.values.nbest import value_of

CONTEXT = Context(Kind.DEATH, 1975)
DATES = ("birth_date", "birth_date_words", "death_date", "father_birth_date")
PIECES = st.sampled_from(
    [
        *(
            "ngày",
            "tháng",
            "năm",
            "rằm",
            "giêng",
            "nhuận",
            "âm lịch",
            "tức",
            "Giáp",
            "Tý",
            "Bảo Đại",
        ),
        *("thứ", "mồng", "hăm", "mươi", "mil", "neuf", "cent", "le", "décembre", "l'an", "nt"),
        *("5005", "30", "2", "31/11", "0", "99999999999", "1.5", "-1", "٣", "②", "½", "\u200b"),
        *("\ufeff", "\u0301", "\ud7ff", "\x00", "\n", "§", "µ", "®", "(", ")", "[", "/", "—", "👶"),
    ]
)
SOUP = st.lists(PIECES, max_size=14).map(" ".join)


@given(st.sampled_from(sorted(FIELDS)), st.one_of(SOUP, st.text(max_size=80)))
def test_any_soup_is_kept_and_never_crashed_on(field, literal):
    value = normalise(field, literal, CONTEXT)
    assert value.literal == literal
    assert 0 <= value.factor <= 1
    assert value.normalized is None or value.state is ValueState.WRITTEN
    assert value.normalized is not None or value.state is not ValueState.WRITTEN or value.reasons


@given(st.one_of(SOUP, st.text(max_size=60)), SOUP)
def test_candidates_of_any_soup_are_real_dates(text, other):
    for one in candidates(text, CONTEXT):
        assert one.cost >= 0
        assert len(one.edtf) in (4, 7, 10)
        assert 1820 <= int(one.edtf[:4]) <= 2100
    both = agree(candidates(text, CONTEXT), candidates(other, CONTEXT))
    assert both.edtf is None or both.cost < 3
    assert isinstance(decode([(text, 0.6), (other, 0.4), ("", 0.0)], CONTEXT), list)


@pytest.mark.parametrize("field", DATES)
@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ("30.02.1974", "impossible_day=30"),
        ("31.11.1974", "impossible_day=31"),
        ("29/2/1975", "impossible_day=29"),
        ("ngày ba mươi tháng hai năm một nghìn chín trăm bảy mươi tư", "impossible_day=30"),
        ("ngày 31 tháng 4 năm 1974", "impossible_day=31"),
        ("5/13/1974", "impossible_month=13"),
        ("1/1/5005", "impossible_year=5005"),
        ("30/2/1974 âm lịch nhuận", "no_such_lunar_day"),
    ],
)
def test_impossible_dates_are_kept_and_told(field, literal, reason):
    value = normalise(field, literal, CONTEXT)
    assert (value.literal, value.normalized) == (literal, None)
    assert reason in value.reasons
    assert value.factor < 0.1


def test_the_empty_stays_empty_whatever_it_is_made_of():
    for literal in ("", " ", "\u200b", "\ufeff\u00a0", "....", "\n\t", "\u00ad"):
        for field in FIELDS:
            value = normalise(field, literal, CONTEXT)
            assert (value.state, value.normalized) == (ValueState.BLANK, None)


def test_zero_width_signs_are_told():
    value = normalise("child_full_name", "Nguyễn\u200b Văn An", CONTEXT)
    assert value.normalized == "Nguyễn Văn An"
    assert "invisible_signs" in value.reasons


def test_mixed_unicode_forms_are_one_text_and_told():
    mixed = unicodedata.normalize("NFD", "Nguyễn") + " Thị Hạnh"
    value = normalise("child_full_name", mixed, CONTEXT)
    assert value.normalized == "Nguyễn Thị Hạnh"
    assert "decomposed" in value.reasons


@pytest.mark.parametrize(
    ("literal", "name", "encoding"),
    [
        ("NguyÔn ThÞ H¹nh", "Nguyễn Thị Hạnh", "TCVN3"),
        ("NGUYÔN V¡N AN", "NGUYỄN VĂN AN", "TCVN3"),
        ("Vò Lª Mü", "Vũ Lê Mỹ", "TCVN3"),
        ("TrÇn Thñy", "Trần Thủy", "TCVN3"),
        ("NguyÔn", "Nguyễn", "TCVN3"),
        ("Leâ Vaên Ñöùc", "Lê Văn Đức", "VNI"),
        ("Traàn Vaên Ba", "Trần Văn Ba", "VNI"),
        ("NGUYEÃN VAÊN AN", "NGUYỄN VĂN AN", "VNI"),
        ("Phaïm Lan", "Phạm Lan", "VNI"),
    ],
)
def test_text_of_old_encodings_is_turned_and_told(literal, name, encoding):
    value = normalise("child_full_name", literal, CONTEXT)
    assert (value.literal, value.normalized) == (literal, name)
    assert f"legacy={encoding}" in value.reasons
    assert value.factor < 0.8


@pytest.mark.parametrize(
    "text",
    [
        "Lôc",
        "Hoà Lôc",
        "Trân Thí Hòang",
        "François Noël",
        "Thérèse",
        "René Léa",
        "né à Haïphong",
        "décédé",
        "Vò Minh",
        "Hà",
        "Úc",
        "Ý",
    ],
)
def test_what_is_spelled_right_is_no_text_of_an_old_encoding(text):
    assert from_legacy(text) == (text, Legacy.NONE)


def test_names_of_old_encodings_are_known_unless_they_spell_others():
    lexicon = load_settings().config / "lexicons" / "name_parts.csv"
    with lexicon.open(encoding="utf-8", newline="") as lines:
        parts = [row["text"] for row in csv.DictReader(lines)]
    tables = (_TCVN3, {**_VNI_ALONE, **_VNI})
    for table, legacy in zip(tables, (Legacy.TCVN3, Legacy.VNI), strict=True):
        back = {letter: signs for signs, letter in reversed(table.items())}
        told, tried = 0, 0
        for name in (f"{family} {part}" for family in ("Nguyễn", "Trần", "Lê") for part in parts):
            text = "".join(back.get(sign, sign) for sign in name)
            if all(map(is_vietnamese, text.split())):
                continue  # Vò for Vũ: nothing shows
            tried += 1
            told += from_legacy(text) == (name, legacy)
        assert tried > 2000 and told >= 0.98 * tried, (legacy, told, tried)


@given(st.lists(st.tuples(SOUP, st.floats(0, 1)), max_size=4))
def test_any_list_of_a_reader_has_a_value(texts):
    text = texts[0][0] if texts else ""
    reading = Reading(text, (), 0.5, 0.5, "hand", alternatives=tuple(texts))
    for field in ("child_full_name", "birth_date", "birth_date_words", "sex"):
        value = value_of(field, reading, CONTEXT)
        assert value.literal == text
        if FIELDS[field].type is FieldType.SEX:
            assert value.normalized in (None, "Nam", "Nữ")
