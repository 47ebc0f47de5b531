"""Every field type: what is written means what it means, and the empty stays empty."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fields import FIELDS
from pipeline.settings import load_settings
from pipeline.types import Kind, Value, ValueState
from pipeline.values import Context, fold, normalise, resolve_dittos, unify_tone
from pipeline.values.marks import is_ditto, is_nothing
from pipeline.values.names import odd_characters

CONTEXT = Context(Kind.BIRTH, 2008, as_of=date(2026, 1, 1))
VIETNAMESE = st.text(
    alphabet=st.sampled_from(
        "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"
        "AĐÊNTHỊ 0123456789.,/-\"'"
    ),
    max_size=40,
)
ANY_TEXT = st.one_of(st.text(max_size=60), VIETNAMESE)


@given(st.sampled_from(sorted(FIELDS)), ANY_TEXT)
def test_no_text_makes_it_fall_over(field, literal):
    value = normalise(field, literal, CONTEXT)
    assert 0.0 <= value.factor <= 1.0
    assert value.literal == literal
    if value.state is not ValueState.WRITTEN:
        assert value.normalized is None
    elif value.normalized is None:
        assert value.reasons
        assert value.factor < 0.5


@given(st.sampled_from(sorted(FIELDS)), VIETNAMESE)
def test_decomposed_text_means_the_same(field, literal):
    composed = normalise(field, unicodedata.normalize("NFC", literal), CONTEXT)
    decomposed = normalise(field, unicodedata.normalize("NFD", literal), CONTEXT)
    assert decomposed.normalized == composed.normalized
    assert decomposed.state == composed.state
    assert decomposed.factor == composed.factor


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_folded_vietnamese_is_ascii(text):
    assert fold(text).isascii()


@given(ANY_TEXT)
def test_tone_placing_is_settled_at_once(text):
    assert unify_tone(unify_tone(text)) == unify_tone(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Hoà", "Hòa"), ("THUỶ", "THỦY"), ("Thuỵ", "Thụy"), ("khoẻ", "khỏe"), ("Quý", "Quý")],
)
def test_both_tone_placings_have_one_key(old, new):
    assert unify_tone(old) == new


@pytest.mark.parametrize(
    "mark",
    ["nt", "n.t", "n.t.", "-nt-", "- nt -", "NT", "như trên", '"', "”", "〃", "d°", "id.", "//"],
)
def test_ditto_marks(mark):
    assert is_ditto(mark)
    assert normalise("nationality", mark, CONTEXT) == Value(mark, None, ValueState.DITTO)


@pytest.mark.parametrize("text", ["Kinh", "Nguyễn Thị", "N", "T", "12", "nta", "id 123", ""])
def test_what_is_no_ditto(text):
    assert not is_ditto(text)


@pytest.mark.parametrize("text", ["", "   ", "......", "…………", "\n"])
def test_the_empty_stays_empty(text):
    for field in FIELDS:
        assert normalise(field, text, CONTEXT).state is ValueState.BLANK


@pytest.mark.parametrize("text", ["không có", "—", "-", "Vô danh", "(không rõ)", "/"])
def test_declared_nothing_is_blank_with_its_reason(text):
    value = normalise("father_full_name", text, CONTEXT)
    assert is_nothing(text)
    assert (value.state, value.normalized) == (ValueState.BLANK, None)
    assert value.reasons == ("declared_none",)


@pytest.mark.parametrize(
    ("field", "literal", "normalized"),
    [
        ("sex", "Nam", "Nam"),
        ("sex", "nữ.", "Nữ"),
        ("sex", "Gái", "Nữ"),
        ("sex", "Nan", "Nam"),
        ("sex", "Nam, nữ", None),
        ("ethnicity", "KINH", "Kinh"),
        ("ethnicity", "Dân tộc: Kinh", "Kinh"),
        ("ethnicity", "Mèo", "HMông"),
        ("ethnicity", "Hoa kiều", "Hoa"),
        ("ethnicity", "Xyz", None),
        ("nationality", "VN", "Việt Nam"),
        ("nationality", "Việt-Nam", "Việt Nam"),
        ("nationality", "Việt Nam Dân chủ Cộng hoà", "Việt Nam"),
        ("nationality", "Trung Hoa", "Trung Quốc"),
        ("entry_number", "005", "5"),
        ("entry_number", "Số: 12", "12"),
        ("entry_number", "12b", "12b"),
        ("entry_number", "07/2008", "7"),
        ("entry_number", "O7", "7"),
        ("entry_number", "abc", None),
        ("id_number", "031 123 456", "031123456"),
        ("id_number", "CMND 031123456 do CA HP cấp", "031123456"),
        ("id_number", "B1234567", "B1234567"),
        ("father_age", "25 tuổi", "25"),
        ("father_age", "hai mươi lăm tuổi", "25"),
        ("father_age", "1950", "1950"),
        ("father_age", "205", None),
        ("death_time", "hồi 14 giờ 30 phút", "14:30"),
        ("death_time", "14h30", "14:30"),
        ("death_time", "2 giờ chiều", "14:00"),
        ("death_time", "8 giờ rưỡi", "08:30"),
        ("death_time", "25 giờ", None),
        ("death_time", "hai giờ chiều", "14:00"),
        ("death_time", "ba giờ sáng", "03:00"),
        ("father_age", "vingt-cinq ans", "25"),
        ("death_time", "9 giờ kém 15", "08:45"),
        ("death_time", "ba giờ rưỡi sáng", "03:30"),
        ("death_time", "hồi hai giờ hai mươi lăm phút chiều", "14:25"),
        ("death_time", "giờ Tý", "23:00/01:00"),
        ("death_time", "giờ Tỵ", "09:00/11:00"),
        ("death_time", "gio ty", None),
        ("death_time", "canh ba", "23:00/01:00"),
        ("death_time", "nửa đêm", "00:00"),
        ("death_time", "8 heures du soir", "20:00"),
        ("father_age", "3 tháng", "0"),
        ("father_birth_date", "1950", "1950"),
        ("father_birth_date", "12/1950", "1950-12"),
        ("father_birth_date", "32 tuổi", None),
        ("birth_date", "ngày mồng năm tháng tư năm hai nghìn không trăm linh bảy", "2007-04-05"),
        ("birth_date_words", "05/12/2007", "2007-12-05"),
        ("child_full_name", "  NGUYỄN  VĂN   AN ....", "NGUYỄN VĂN AN"),
        ("child_full_name", "Nguyễn-văn-an", "Nguyễn Văn An"),
        ("child_full_name", "Nguyễn văn An", "Nguyễn văn An"),
        ("declarant_relation", "Bố  đẻ", "Bố đẻ"),
        ("declarant_relation", "cha", "Cha"),
        ("father_occupation", "cán bộ", "Cán bộ"),
        ("father_occupation", "Thợ mộc,", "Thợ mộc"),
        ("father_occupation", "Bộ- đội", "Bộ đội"),
        ("father_occupation", "Xã-viên", "Xã-viên"),
        ("declarant_relation", "Mẹ, đẻ.", "Mẹ đẻ"),
        ("father_occupation", "thợ vẽ, cày thuê", "thợ vẽ, cày thuê"),
        ("father_occupation", "thợ vẽ bản đồ", "thợ vẽ bản đồ"),
        ("book_number", "02/2007", "02/2007"),
    ],
)
def test_values_of_each_type(field, literal, normalized):
    assert normalise(field, literal, CONTEXT).normalized == normalized


def test_the_birth_year_an_age_implies_is_only_a_reason():
    value = normalise("father_age", "25", Context(Kind.BIRTH, 1975))
    assert value.normalized == "25"
    assert "derived_birth_year=1950" in value.reasons  # example of Thông tư 04/2020 Đ.23.2


def test_old_names_mean_what_they_meant_then():
    assert normalise("ethnicity", "Thổ", Context(Kind.BIRTH, 1935)).normalized == "Tày"
    assert normalise("ethnicity", "Thổ", Context(Kind.BIRTH, 1990)).normalized == "Thổ"


@pytest.mark.parametrize(
    ("literal", "year", "reason"),
    [
        ("031123456", 1980, "paper=1"),
        ("031123456", 1950, "paper_before_its_time"),
        ("031086001234", 2016, "paper=4"),
        ("031086001234", 2013, "paper=1"),
        ("031086001234", 1999, "paper_before_its_time"),
        ("B1234567", 2008, "paper=2"),
        ("03112345", 2008, "unusual_length=8"),
    ],
)
def test_papers_have_the_shape_of_their_years(literal, year, reason):
    assert reason in normalise("id_number", literal, Context(Kind.DEATH, year)).reasons


def test_army_papers_have_numbers_of_their_own_length():
    value = normalise("id_number", "CMQĐ 03112345", Context(Kind.DEATH, 1990))
    assert (value.normalized, value.factor) == ("03112345", 1.0)


@pytest.mark.parametrize(
    ("literal", "code"),
    [("Chết đuối", "W74"), ("do tai nạn giao thông", "V89"), ("Chết đuôi", ""), ("Bệnh lạ", "")],
)
def test_a_cause_of_death_is_coded_only_where_it_is_certain(literal, code):
    value = normalise("death_cause", literal, Context(Kind.DEATH, 1990))
    assert value.normalized == literal
    assert [reason for reason in value.reasons if "cause=" in reason] == [f"cause={code}"] * bool(
        code
    )


def test_states_that_are_no_more_keep_their_names():
    for written, name in (("Tiệp", "Tiệp Khắc"), ("Liên Xô", "Liên Xô"), ("CHDC Đức",) * 2):
        name = "Cộng hòa Dân chủ Đức" if name == "CHDC Đức" else name
        assert normalise("nationality", written, CONTEXT).normalized == name


def test_54_groups_are_known_by_name_and_without_marks():
    path = load_settings().config / "lexicons" / "ethnicities.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        names = {row["code"]: row["name"] for row in csv.DictReader(lines)}
    assert sorted(names) == [f"{code:02d}" for code in range(1, 57)]
    for code, name in names.items():
        if int(code) <= 54:
            assert normalise("ethnicity", name, CONTEXT).normalized == name


def test_bent_and_odd_literals_lower_the_factor():
    assert normalise("entry_number", "O7", CONTEXT).factor < 1
    assert normalise("sex", "Nan", CONTEXT).factor < 1
    assert normalise("id_number", "0311234567", CONTEXT).factor < 0.5
    assert normalise("child_full_name", "Nguyễn V4n", CONTEXT).factor < 0.5
    assert odd_characters("Nguyễn Thị Hạnh") == ()


def test_dittos_take_the_value_above_row_after_row():
    column = [normalise("ethnicity", text, CONTEXT) for text in ("Kinh", '"', "nt", "Tày", "nt")]
    resolved = resolve_dittos(column)
    assert [value.normalized for value in resolved] == ["Kinh", "Kinh", "Kinh", "Tày", "Tày"]
    assert [value.literal for value in resolved] == ["Kinh", '"', "nt", "Tày", "nt"]
    assert all("ditto" in value.reasons for value in (resolved[1], resolved[2], resolved[4]))
    assert resolve_dittos(resolved) == resolved


def test_a_ditto_below_nothing_stays_unresolved():
    column = [normalise("ethnicity", text, CONTEXT) for text in ('"', "", '"', "Kinh")]
    resolved = resolve_dittos(column)
    assert [value.normalized for value in resolved] == [None, None, None, "Kinh"]
    assert "ditto_unresolved" in resolved[0].reasons


@pytest.mark.parametrize(
    ("literal", "time", "reason"),
    [("khoảng 3 giờ", "03:00", "about"), ("24 giờ", "00:00", "midnight")],
)
def test_hours_that_are_not_exact_are_doubted(literal, time, reason):
    value = normalise("death_time", literal, CONTEXT)
    assert (value.normalized, value.reasons) == (time, (reason,))
    assert value.factor < 0.8


@pytest.mark.parametrize("literal", ["nam giới", "Nam Giới", "NAM GIỚI"])
def test_the_sexes_in_two_words_are_not_taken_for_each_other(literal):
    assert normalise("sex", literal, CONTEXT).normalized == "Nam"
    assert normalise("sex", "nữ giới", CONTEXT).normalized == "Nữ"


@pytest.mark.parametrize("literal", ["chưa đặt tên", "(không tên)", "Chưa có tên"])
def test_who_has_no_name_yet_is_not_called_so(literal):
    value = normalise("child_full_name", literal, CONTEXT)
    assert (value.literal, value.normalized) == (literal, None)
    assert value.reasons == ("declared_none",)


@pytest.mark.parametrize("literal", ["Hoa Kì", "Mĩ", "Hoa kỳ"])
def test_states_are_known_with_either_i(literal):
    assert normalise("nationality", literal, CONTEXT).normalized == "Hoa Kỳ"
