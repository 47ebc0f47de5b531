"""What a name or a unit was through time, in words and as a drawing."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from places_samples import small_gazetteer

from pipeline.places import load_gazetteer
from pipeline.places.drawing import fitted, width_of, wrapped
from pipeline.places.history import as_json, histories, nearest_names, unit_history, units_called
from pipeline.places.lanes import family
from pipeline.places.scale import scale
from pipeline.places.shown import spell_life, spell_when
from pipeline.places.timeline import WIDTH, draw
from pipeline.places.when import OPEN_END, OPEN_START

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_gazetteer(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture(scope="module")
def real():
    return load_gazetteer()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An Hải", ("an-hai", "an-hai-2025")),
        ("an-hải", ("an-hai", "an-hai-2025")),
        ("AN HAI", ("an-hai", "an-hai-2025")),
        ("huyện An Hải", ("an-hai",)),
        ("phường an hai", ("an-hai-2025",)),
        ("quận An Hải", ("an-hai",)),  # a type of its level that it never was
        ("Vinh-Niêm", ("vinh-niem",)),
        ("P. Vĩnh Niệm", ("vinh-niem",)),
        ("Vĩnh Niệm, An Hải", ("vinh-niem",)),
        ("Vĩnh Niệm, Hải An", ()),
        ("Đông Hải", ("dong-hai",)),
        ("Hạ Đông", ("dong-hai",)),
        ("dong-hai-1", ("dong-hai-1",)),
        ("", ()),
        ("Nowhere", ()),
    ],
)
def test_units_are_found_by_any_name_they_bore(small, text, found):
    assert units_called(small, text) == found


def test_homonyms_are_ordered_by_level_then_time(small):
    found = histories(small, "An Hải")
    assert [(one.level, one.full_name) for one in found] == [
        ("district", "Huyện An Hải"),
        ("commune", "Phường An Hải"),
    ]


def test_periods_tell_names_parents_acts_and_dates_as_known(small):
    periods = unit_history(small, "dong-hai").periods
    told = [(one.begins, one.ends, one.full_name, one.parent, one.gso_code) for one in periods]
    assert told == [
        ("[..1946]", "1956~", "Xã Hạ Đông", "Huyện An Hải", ""),
        ("1956~", "2002-12-20", "Xã Đông Hải", "Huyện An Hải", ""),
        ("2002-12-20", "2004-08-31", "Phường Đông Hải", "Quận Hải An", ""),
        ("2004-08-31", "2007-04-27", "Phường Đông Hải", "Quận Hải An", "11410"),
    ]
    assert [one.act_verified for one in periods] == [True, False, True, True]
    assert periods[2].act == "Nghị định 106/2002/NĐ-CP"


def test_successors_carry_extent_share_act_and_what_is_not_verified(small):
    went = unit_history(small, "dong-hai").successors
    assert [(one.unit_id, one.extent, one.share) for one in went] == [
        ("dong-hai-1", "part", 0.7),
        ("dong-hai-2", "part", 0.3),
    ]
    assert went[0].parent == "Quận Hải An"
    assert (went[0].act_date, went[0].verified) == ("2007-04-05", True)
    (land,) = unit_history(small, "vinh-niem").successors
    assert (land.extent, land.share, land.verified) == ("land_only", 0.0, False)
    assert [one.unit_id for one in unit_history(small, "dong-hai-1").predecessors] == [
        "dong-hai",
        "vinh-niem",
    ]


def test_other_names_stand_apart(small):
    (name,) = unit_history(small, "vinh-niem").other_names
    assert (name.name, name.kind, name.begins, name.ends) == (
        "Vinh-Niêm", "french", "", "1954-12-31",
    )  # fmt: skip


def test_histories_go_through_json_whole(small):
    data = json.loads(json.dumps(as_json(histories(small, "An Hải"))))
    assert data[0]["periods"][0]["end"] == "2002-12-20"
    assert data[1]["ends"] == ""
    assert data[1]["periods"][0]["end"] is None


def test_a_misspelt_name_has_near_ones(small):
    assert "Phường Vĩnh Niệm" in nearest_names(small, "Vinh Niêmm")


def test_every_unit_of_the_real_gazetteer_has_a_history_that_can_be_found(real):
    for unit_id, unit in real.units.items():
        history = unit_history(real, unit_id)
        assert history.periods[-1].full_name == history.full_name
        assert unit_id in units_called(real, unit.states[-1].name)
    as_json(histories(real, "An Biên"))


@pytest.mark.parametrize(
    ("edtf", "vietnamese", "english"),
    [
        ("1966-04-07", "7/4/1966", "7/4/1966"),
        ("1946-04", "4/1946", "4/1946"),
        ("1956~", "khoảng 1956", "about 1956"),
        ("[..2004-08-31]", "từ trước 31/8/2004", "before 31/8/2004"),
        ("[1946..1956]", "1946–1956", "1946–1956"),
        ("[1961-07-20..1981-01-03]", "1961–1981", "1961–1981"),
        ("", "", ""),
    ],
)
def test_dates_are_written_as_by_hand(monkeypatch, edtf, vietnamese, english):
    monkeypatch.setenv("HOTICH_LANGUAGE", "vi")
    assert spell_when(edtf) == vietnamese
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    assert spell_when(edtf) == english


def test_a_life_without_end_lasts_until_now(monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "vi")
    assert spell_life("1981", "") == "1981 → nay"
    assert spell_life("", "2025-07-01") == "? → 1/7/2025"


def test_a_family_goes_two_steps_each_way_and_counts_what_it_hides(real):
    drawn = family(real, "hp-phuong-hong-bang@hai-phong")
    steps = [lane.step for lane in drawn.lanes]
    assert steps[-1] == 0
    assert set(steps) == {-2, -1, 0}
    assert len(steps) <= 17
    lanes = {lane.unit_id for lane in drawn.lanes}
    assert len(lanes) == len(drawn.lanes)
    assert all({join.source, join.target} <= lanes for join in drawn.joins)
    assert drawn.hidden_before > 0
    # the district that was cut up is no forerunner of a ward
    assert "hp-quan-hong-bang" not in lanes


def test_days_keep_their_order_and_get_room(real):
    days = [date(1924, 2, 29), date(2025, 1, 1), date(2025, 7, 1), date(1966, 4, 7)]
    axis = scale(days, 100, 900, open_start=True, open_end=True)
    places = [axis.x(day) for day in sorted(days)]
    assert places == sorted(places)
    gaps = [after - before for before, after in pairwise(places)]
    assert min(gaps) > 50
    assert 100 < places[0] < axis.x(date(1950, 1, 1)) < places[-1] < 900
    assert (axis.x(OPEN_START), axis.x(OPEN_END)) == (100, 900)


def test_texts_are_cut_to_their_room():
    text = "Phường Trần Thành Ngọ và những đơn vị khác"
    for room in (0, 5, 40, 120, 400):
        assert width_of(fitted(text, 10, room), 10) <= room
        assert all(width_of(line, 10) <= max(room, 0) for line in wrapped(text, 10, room, 2))
    assert fitted(text, 10, 1000) == text


def boxes(drawing: ElementTree.Element) -> list[tuple[str, float, float, float, float]]:
    """Texts with their boxes, as wide as they can be in any of the fonts."""
    found = []
    for node in drawing.iter(f"{SVG}text"):
        size, x, y = (float(node.attrib[name]) for name in ("font-size", "x", "y"))
        bold = node.get("font-weight") == "bold"
        width = width_of(node.text or "", size, bold=bold)
        left = x - {"middle": width / 2, "end": width}.get(node.get("text-anchor", ""), 0.0)
        found.append((node.text or "", left, left + width, y - 0.7 * size, y))
    return found


DRAWN = [
    "An Hải",
    "An Biên",
    "huyện Kiến Thụy",
    "Phường Hồng Bàng",
    "Thủy Nguyên",
    "Vĩnh Niệm",
    "hp-thanh-pho-hai-phong",
    "hd-tinh-hai-duong",
    "Đồ Sơn",
]


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_of_a_drawing_lies_on_another_or_outside(real, name):
    drawing = ElementTree.fromstring(draw(real, units_called(real, name)))
    height = float(drawing.attrib["height"])
    found = boxes(drawing)
    for at, (text, left, right, top, bottom) in enumerate(found):
        assert left >= 0, text
        assert right <= WIDTH, text
        assert 0 <= top <= bottom <= height, text
        for other, left_, right_, top_, bottom_ in found[at + 1 :]:
            apart = right <= left_ or right_ <= left or bottom <= top_ or bottom_ <= top
            assert apart, f"{text!r} lies on {other!r}"


def test_a_drawing_is_one_harmless_picture(real):
    text = draw(real, units_called(real, "An Hải"))
    drawing = ElementTree.fromstring(text)
    assert drawing.get("role") == "img"
    assert "An Hải" in drawing.get("aria-label", "")
    assert drawing.find(f"{SVG}title") is not None
    tags = {node.tag.removeprefix(SVG) for node in drawing.iter()}
    assert tags <= {"svg", "title", "g", "rect", "path", "line", "circle", "text"}
    assert not re.search(r"\s(id|class|style|href|on\w+)=", text)


def test_a_drawing_escapes_what_names_hold(tmp_path):
    from places_samples import FILES, write_gazetteer

    from pipeline.places.gazetteer import compose
    from pipeline.places.tables import read_layers

    names = FILES["names"].replace("Hải An,", '<Hải> & "An",').replace('"', "'")
    gazetteer = compose(read_layers(write_gazetteer(tmp_path, names=names)))
    drawing = ElementTree.fromstring(draw(gazetteer, ["hai-an"]))
    assert any("<Hải> & 'An'" in (node.text or "") for node in drawing.iter(f"{SVG}text"))


def test_what_is_not_verified_is_dashed(small, monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    text = draw(small, ["vinh-niem"])
    assert "not verified" in text
    assert "land only, no people" in text
    drawn = draw(small, ["le-chan"])
    assert 'stroke-dasharray="4 3"' in drawn


def test_every_unit_of_the_real_gazetteer_can_be_drawn(real):
    for at, unit_id in enumerate(real.units):
        if at % 20 == 0:
            ElementTree.fromstring(draw(real, [unit_id]))
