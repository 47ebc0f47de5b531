"""Written places find their unit, say when they may be several, and else say nothing."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.places import Confirmed, Context, load_gazetteer, resolve, resolve_batch
from pipeline.places.gazetteer import alive_on
from pipeline.types import PlaceStatus
from pipeline.values.text import fold

PLAN, NOW = date(2022, 12, 29), date(2026, 1, 1)
AN_LAO = "Xã An Thái, Huyện An Lão"


def ask(text, year=2008, unit="", as_of=PLAN):
    return resolve(text, written_on=year, context=Context(unit), as_of=as_of)


@pytest.mark.parametrize(
    "text",
    [
        "xã An Thái, huyện An Lão, thành phố Hải Phòng",
        "An Thái, An Lão, Hải Phòng",
        "An Thái - An Lão - Hải Phòng",
        "An Thái-An Lão",
        "An Thái An Lão Hải Phòng",
        "Hải Phòng, An Lão, An Thái",
        "x. An Thái, H. An Lão, TP HP",
        "X.An Thái H.An Lão",
        "an thai, an lao, hai phong",
        "AN THÁI, AN LÃO",
        "An-Thái, An-Lão, Hải-Phòng",
        "An Tnái, An Lão, Hải Phòng",
        "xã An Thải huyên An Lảo",
        "thôn Đoài, xã An Thái, An Lão",
        "Trạm y tế xã An Thái, huyện An Lão, Hải Phòng",
        "xã An Thái, huyện An Thụy, Hải Phòng",
    ],
)
def test_many_ways_to_write_one_place(text):
    year = 1975 if "Thụy" in text else 2008
    answer = ask(text, year)
    assert answer.status is PlaceStatus.CERTAIN
    (candidate,) = answer.candidates
    assert (candidate.type, candidate.name, candidate.parent, candidate.gso_code) == (
        "Xã",
        "An Thái",
        "Huyện An Lão",
        "11677",
    )
    assert candidate.probability >= 0.9


def test_the_answer_follows_the_target_date():
    then = ask("xã Quốc Tuấn, huyện An Dương", as_of=PLAN).candidates[0]
    between = ask("xã Quốc Tuấn, huyện An Dương", as_of=date(2025, 1, 1)).candidates[0]
    now = ask("xã An Thái, huyện An Lão", as_of=NOW).candidates[0]
    assert (then.type, then.name) == ("Xã", "Quốc Tuấn")
    assert (between.type, between.name, between.parent) == ("Phường", "An Hải", "Quận An Dương")
    assert between.acts == ("Nghị quyết 1232/NQ-UBTVQH15",)
    assert (now.name, now.parent, now.gso_code) == ("An Hưng", "Thành phố Hải Phòng", "11674")
    assert now.acts == ("Nghị quyết 1669/NQ-UBTVQH15, khoản 46",)


@pytest.mark.parametrize("name", ["Lê Lợi", "Hòa Bình", "Minh Tân", "An Hòa", "Nam Sơn"])
def test_homonyms_are_ambiguous_alone_and_certain_in_context(name):
    gazetteer = load_gazetteer()
    bearers = [
        (unit, gazetteer.units[state.parent].on(PLAN))
        for unit, state in alive_on(gazetteer, PLAN, "commune", "31")
        if state.name == name
    ]
    alone = ask(name)
    assert len(bearers) == 2
    assert alone.status is PlaceStatus.AMBIGUOUS
    assert {unit.id for unit, _ in bearers} <= {one.unit_id for one in alone.candidates}
    for unit, district in bearers:
        near = ask(name, unit=district.full_name)
        assert (near.status, near.candidates[0].unit_id) == (PlaceStatus.CERTAIN, unit.id)
        named = ask(f"{name}, {district.name}")
        assert (named.status, named.candidates[0].unit_id) == (PlaceStatus.CERTAIN, unit.id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "......",
        "Nhà hộ sinh",
        "xã Xyzabc, huyện An Lão, Hải Phòng",
        "Xyzabc, An Lão, Hải Phòng",
        "xã An Thái, huyện Thủy Nguyên",
        "Nguyễn Văn An",
    ],
)
def test_unknown_rather_than_a_guess(text):
    answer = ask(text, unit=AN_LAO)
    assert answer.status is PlaceStatus.UNKNOWN
    assert answer.candidates == ()


def test_a_place_inside_the_unit_of_the_book_is_that_unit():
    numbered = ask("thôn 2", 1999, AN_LAO)
    assert numbered.status is PlaceStatus.CERTAIN
    at_home = ask("Tại nhà", 1979, AN_LAO)
    assert at_home.status is PlaceStatus.AMBIGUOUS
    assert numbered.candidates[0].gso_code == at_home.candidates[0].gso_code == "11677"
    assert ask("thôn 2", 1999).status is ask("Tại nhà", 1979).status is PlaceStatus.UNKNOWN


def test_nobody_writes_the_name_of_a_unit_to_come():
    assert ask("phường Hải An", 2008).status is PlaceStatus.UNKNOWN
    assert ask("phường Hải An", 2026, as_of=NOW).status is PlaceStatus.CERTAIN


def test_a_book_of_a_unit_that_the_tables_begin_later_may_name_its_own_unit():
    """Phường Nghĩa Xá is of 2004 in the tables; a book of it from 1978 says where it was kept."""
    own, other = "hp-phuong-nghia-xa@le-chan", "hp-phuong-niem-nghia@le-chan"
    assert ask("Nghĩa Xá, Lê Chân", 1978, own).status is PlaceStatus.CERTAIN
    assert ask("Nghĩa Xá, Lê Chân", 1978, other).status is PlaceStatus.UNKNOWN
    assert ask("Nghĩa Xá, Lê Chân", 1978).status is PlaceStatus.UNKNOWN


def test_a_village_split_long_ago_may_lie_in_one_unit_today():
    text = "xã Chấn Hưng, huyện Tiên Lãng"
    then = ask(text, 1975)
    assert then.status is PlaceStatus.AMBIGUOUS
    assert {one.name for one in then.candidates} == {"Bắc Hưng", "Nam Hưng"}
    (now,) = ask(text, 1975, as_of=NOW).candidates
    assert (now.type, now.name) == ("Xã", "Chấn Hưng")
    assert [act.split(",")[0] for act in now.acts] == [
        "Quyết định 186-CP",
        "Nghị quyết 1669/NQ-UBTVQH15",
    ]


def test_a_street_is_no_commune():
    answer = ask("Số 15 Lê Lợi, phường Gia Viên, quận Ngô Quyền")
    assert [one.name for one in answer.candidates] == ["Gia Viên"]


def test_districts_and_the_city_are_places_too():
    assert ask("huyện An Lão, Hải Phòng").candidates[0].gso_code == "313"
    assert ask("Bệnh viện Kiến An, Hải Phòng").candidates[0].name == "Kiến An"
    assert ask("Bệnh viện Phụ sản Hải Phòng").candidates[0].gso_code == "31"
    shared = ask("huyện An Lão", as_of=NOW)
    assert shared.status is PlaceStatus.AMBIGUOUS
    assert {one.name for one in shared.candidates} == {
        *("An Hưng", "An Khánh", "An Lão", "An Quang", "An Trường")
    }


def test_a_divided_unit_is_ambiguous_only_while_it_is_divided():
    assert ask("Đoàn Xá, Kiến Thụy", as_of=PLAN).status is PlaceStatus.CERTAIN
    divided = ask("Đoàn Xá, Kiến Thụy", as_of=NOW)
    assert divided.status is PlaceStatus.AMBIGUOUS
    assert {one.name for one in divided.candidates} == {"Kiến Hải", "Kiến Hưng"}
    assert sum(one.probability for one in divided.candidates) <= 1.0
    assert ask("Dư Hàng Kênh, Lê Chân", 2005, as_of=NOW).status is PlaceStatus.CERTAIN


def _damaged(text, rng):
    letters = list(text)
    at = rng.randrange(len(letters))
    kind = rng.randrange(3)
    if kind == 0:
        letters[at] = rng.choice("aăâeêioôơuưnmhtclđ")
    elif kind == 1:
        del letters[at]
    else:
        letters.insert(at, rng.choice("aeionmhtcl"))
    return "".join(letters)


def test_all_communes_of_2022_are_found_and_damage_never_misleads():
    gazetteer, rng = load_gazetteer(), random.Random(7)
    found: Counter[str] = Counter()
    for unit, state in alive_on(gazetteer, PLAN, "commune", "31"):
        district = gazetteer.units[state.parent].on(PLAN)
        full = f"{state.full_name}, {district.full_name}, Hải Phòng"
        for kind, text in (
            ("full", full),
            ("bare", f"{state.name} {district.name}"),
            ("unmarked", fold(full)),
            ("damaged", _damaged(full, rng)),
        ):
            answer = ask(text, 2021)
            if answer.status is PlaceStatus.CERTAIN:
                right = answer.candidates[0].unit_id == unit.id
                found[kind, "right" if right else "wrong"] += 1
    for kind in ("full", "bare", "unmarked"):
        assert found[kind, "right"] == 217
    assert found["damaged", "right"] >= 200
    assert sum(count for (_, how), count in found.items() if how == "wrong") == 0


@given(st.text(max_size=60), st.one_of(st.none(), st.integers(1922, 2026)))
def test_any_text_has_an_answer_or_a_reason(text, year):
    try:
        answer = ask(text, year, AN_LAO, NOW)
    except InputError as error:
        assert error.detail
        return
    assert sum(one.probability for one in answer.candidates) <= 1.0001
    assert (answer.status is PlaceStatus.UNKNOWN) == (answer.candidates == ())


def test_a_batch_gives_a_line_a_query_in_order():
    rows = [
        {"id": "a", "text": "An Thái, An Lão", "year": "2008", "unit": "", "as_of": "2026-01-01"},
        {"id": "b", "text": "???", "year": "", "unit": "", "as_of": ""},
    ]
    lines = [json.loads(json.dumps(line)) for line in resolve_batch(rows)]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[1] == {"id": "b", "status": "unknown", "candidates": []}
    assert lines[0]["status"] == "certain"
    assert set(lines[0]["candidates"][0]) == {
        *("unit_id", "type", "name", "parent", "gso_code", "probability", "acts")
    }


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"year": "nineteen"}, "nineteen"),
        ({"year": "1502"}, "1502"),
        ({"as_of": "1.1.2026"}, "1.1.2026"),
        ({"as_of": "2300-01-01"}, "2300"),
        ({"text": "Hải Phòng " * 1000}, "10000"),
        ({"text": "Гавань Хайфон"}, "Cyrillic"),
        ({"text": "海防"}, "Cjk"),
    ],
)
def test_a_bad_row_says_which_it_is_and_stops_no_other(bad, said):
    good = {"id": "a", "text": "An Thái, An Lão", "year": "2008", "unit": "", "as_of": "2022-12-29"}
    first, second, third = resolve_batch([good, {**good, "id": "b", **bad}, {**good, "id": "c"}])
    assert (first["status"], third["status"]) == ("certain", "certain")
    assert (second["id"], second["status"], second["candidates"]) == ("b", "unknown", [])
    assert said in second["error"]
    assert "2" in second["error"]


@pytest.mark.parametrize(
    "text",
    [
        "xã An Thái, huyện An Lão",
        "x· An Th¸i, huyÖn An L·o",
        "xaõ An Thaùi, huyeän An Laõo",
        "xa\u0303 An Tha\u0301i, huye\u0323\u0302n An La\u0303o",
    ],
)
def test_old_encodings_are_recognised(text):
    (found,) = ask(text).candidates
    assert found.gso_code == "11677"


@pytest.mark.parametrize(
    ("text", "year", "as_of", "expected"),
    [
        ("Nam Định", 1960, NOW, "Tỉnh Ninh Bình"),
        ("tỉnh Nam-Định", 1935, PLAN, "Tỉnh Nam Định"),
        ("Hà-Đông", 1930, PLAN, "Thành phố Hà Nội"),
        ("Hà Nội", 2008, PLAN, "Thành phố Hà Nội"),
        ("xã An Thái, huyện Quỳnh Phụ, tỉnh Thái Bình", 2008, NOW, "Tỉnh Hưng Yên"),
        ("Trung Quốc", 1955, NOW, "Nước Trung Quốc"),
    ],
)
def test_places_elsewhere_resolve_at_their_level(text, year, as_of, expected):
    answer = ask(text, year, AN_LAO, as_of)
    assert answer.status is PlaceStatus.CERTAIN
    assert f"{answer.candidates[0].type} {answer.candidates[0].name}" == expected


def test_a_province_that_was_divided_since_is_said_to_be_several():
    answer = ask("tỉnh Quảng Yên", 1935, AN_LAO, NOW)
    assert answer.status is PlaceStatus.AMBIGUOUS
    assert [one.name for one in answer.candidates[:2]] == ["Quảng Ninh", "Hải Phòng"]


def test_a_district_is_followed_commune_by_commune():
    """Of huyện Hải An (1924-66) most is not in quận Hải An (places that bear one name)."""
    answer = ask("huyện Hải An, tỉnh Kiến An", 1940, as_of=PLAN)
    assert answer.status is PlaceStatus.AMBIGUOUS
    assert {"Hải An", "Lê Chân", "Ngô Quyền"} <= {one.name for one in answer.candidates}


def test_other_places_of_the_entry_and_confirmed_values_tip_the_scales():
    homonyms = {one.unit_id: one for one in ask("xã Minh Tân").candidates}
    thuy_nguyen = next(one for one in homonyms if one.endswith("thuy-nguyen"))
    alone = homonyms[thuy_nguyen].probability
    nearby = resolve(
        "xã Minh Tân",
        written_on=2008,
        context=Context(nearby=frozenset({"hp-huyen-thuy-nguyen"})),
        as_of=PLAN,
    ).candidates[0]
    assert nearby.unit_id == thuy_nguyen
    assert nearby.probability > alone
    confirmed = Confirmed({"xa minh tan": {thuy_nguyen: 3}})
    taught = resolve(
        "xã Minh Tân", written_on=2009, context=Context(confirmed=confirmed), as_of=PLAN
    ).candidates[0]
    assert (taught.unit_id, taught.probability > alone) == (thuy_nguyen, True)


def test_the_walk_goes_backward_too():
    (then,) = ask("phường Gia Viên, quận Ngô Quyền", 2024, as_of=date(2010, 1, 1)).candidates
    assert then.name == "Gia Viên"
    before = ask("Phường Hồng Bàng, thành phố Hải Phòng", 2026, as_of=PLAN)
    assert before.status is PlaceStatus.AMBIGUOUS
    names = {one.name for one in before.candidates}
    assert {"Hoàng Văn Thụ", "Minh Khai", "Phan Bội Châu"} <= names
