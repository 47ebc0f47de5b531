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
from pipeline.places import load_gazetteer, resolve, resolve_batch
from pipeline.places.gazetteer import alive_on
from pipeline.types import PlaceStatus
from pipeline.values.text import fold

PLAN, NOW = date(2022, 12, 29), date(2026, 1, 1)
AN_LAO = "Xã An Thái, Huyện An Lão"


def ask(text, year=2008, unit="", as_of=PLAN):
    return resolve(text, year=year, unit=unit, as_of=as_of, gazetteer=load_gazetteer())


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
        "Tại nhà",
        "Nhà hộ sinh",
        "xã An Thái, huyện Quỳnh Phụ, tỉnh Thái Bình",
        "An Thái, Quỳnh Phụ, Thái Bình",
        "Hòa Bình, Hà Nam",
        "Hà Nội",
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


def test_nobody_writes_the_name_of_a_unit_to_come():
    assert ask("phường Hải An", 2008).status is PlaceStatus.UNKNOWN
    assert ask("phường Hải An", 2026, as_of=NOW).status is PlaceStatus.CERTAIN
    assert ask("xã Chấn Hưng, huyện Tiên Lãng", 1975).status is PlaceStatus.UNKNOWN


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
def test_any_text_has_an_answer(text, year):
    answer = ask(text, year, AN_LAO, NOW)
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


@pytest.mark.parametrize("bad", [{"year": "nineteen"}, {"as_of": "1.1.2026"}])
def test_a_bad_row_says_which_it_is(bad):
    row = {"id": "a", "text": "An Thái", "year": "2008", "unit": "", "as_of": ""} | bad
    with pytest.raises(InputError) as error:
        list(resolve_batch([row]))
    assert "1" in error.value.where
