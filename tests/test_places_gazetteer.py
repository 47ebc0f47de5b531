"""The gazetteer's tables hold together: counts, parents, codes, successors, no loops."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from pipeline.places.build import build
from pipeline.places.gazetteer import OPEN_END, OPEN_START, alive_on, load_gazetteer, province_of
from pipeline.places.walk import walk
from pipeline.settings import load_settings

HAI_PHONG = "31"
TODAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def gazetteer():
    return load_gazetteer()


@pytest.mark.parametrize(
    ("day", "communes", "districts"),
    [
        (date(2004, 9, 1), 218, 14),
        (date(2007, 10, 7), 223, 15),
        (date(2020, 1, 31), 223, 15),
        (date(2020, 2, 1), 217, 15),
        (date(2022, 12, 29), 217, 15),
        (date(2024, 12, 31), 217, 15),
        (date(2025, 1, 1), 167, 15),
        (date(2025, 6, 30), 167, 15),
        (date(2025, 7, 1), 114, 0),
        (TODAY, 114, 0),
    ],
)
def test_as_many_units_as_the_acts_say(gazetteer, day, communes, districts):
    assert len(list(alive_on(gazetteer, day, "commune", HAI_PHONG))) == communes
    assert len(list(alive_on(gazetteer, day, "district", HAI_PHONG))) == districts


def _days(gazetteer):
    return sorted(
        {
            state.start if state.start != OPEN_START else date(2004, 8, 31)
            for unit in gazetteer.units.values()
            for state in unit.states
        }
    )


def test_no_code_is_held_by_two_units_on_a_day(gazetteer):
    for day in _days(gazetteer):
        for level in ("province", "district", "commune"):
            codes = [state.gso_code for _, state in alive_on(gazetteer, day, level)]
            assert len(codes) == len(set(codes)), (day, level)


def test_every_unit_has_one_parent_that_is_alive(gazetteer):
    for day in _days(gazetteer):
        for level in ("district", "commune"):
            for unit, state in alive_on(gazetteer, day, level):
                assert gazetteer.units[state.parent].on(day) is not None, (unit.id, day)
                assert province_of(gazetteer, unit.id, day) in (HAI_PHONG, "30")


def test_states_of_a_unit_follow_one_another_without_gap(gazetteer):
    for unit in gazetteer.units.values():
        for before, after in zip(unit.states, unit.states[1:], strict=False):
            assert before.end == after.start, unit.id


def test_every_abolished_unit_has_a_successor(gazetteer):
    for unit in gazetteer.units.values():
        if unit.end == OPEN_END:
            continue
        targets = [link for link in gazetteer.links[unit.id] if link.day == unit.end]
        assert sum(link.share for link in targets) == pytest.approx(1, abs=1e-4), unit.id
        for link in targets:
            assert gazetteer.units[link.target].on(link.day) is not None


def test_links_go_forward_and_from_units_that_lived(gazetteer):
    for unit_id, links in gazetteer.links.items():
        unit = gazetteer.units[unit_id]
        for link in links:
            assert unit.start < link.day <= unit.end
            assert gazetteer.units[link.target].start <= link.day


def test_17_pairs_of_the_reform_moved_land_only(gazetteer):
    land = [
        (unit, link.target)
        for unit, links in gazetteer.links.items()
        for link in links
        if link.extent == "land_only"
    ]
    assert len(land) == 17
    assert ("hp-phuong-dong-hai-2@hai-an", "hp-phuong-hai-an@hai-phong") in land


def test_people_are_neither_lost_nor_doubled_on_the_way(gazetteer):
    for unit, _ in alive_on(gazetteer, date(2004, 9, 1), "commune"):
        for target in (date(2022, 12, 29), date(2025, 1, 1), TODAY):
            ways = walk(gazetteer, unit.id, date(2004, 9, 1), target)
            assert sum(way.share for way in ways) == pytest.approx(1), unit.id


def test_codes_used_again_are_other_units(gazetteer):
    holders = defaultdict(set)
    for unit in gazetteer.units.values():
        for state in unit.states:
            holders[state.gso_code].add(unit.id)
    assert "hp-phuong-dang-giang@ngo-quyen" in holders["11359"]
    assert "hp-phuong-gia-vien@hai-phong" in holders["11359"]
    assert len(holders["11581"]) == 3


def test_a_code_correction_makes_no_new_unit(gazetteer):
    cau_dat = gazetteer.units["hp-phuong-cau-dat@ngo-quyen-2020"]
    assert [state.gso_code for state in cau_dat.states] == ["11353", "11344"]


def test_tables_are_what_the_raw_rows_give(gazetteer, tmp_path):
    folder = load_settings().config / "gazetteer"
    build(folder, tmp_path)
    for name in ("units.csv", "states.csv", "links.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize(
    ("unit", "day", "target", "names"),
    [
        # the three regression dates of places.md 7
        ("hp-xa-an-thai@an-lao", 2008, date(2022, 12, 29), ["An Thái"]),
        ("hp-xa-an-thai@an-lao", 2008, date(2025, 1, 1), ["An Thái"]),
        ("hp-xa-an-thai@an-lao", 2008, TODAY, ["An Hưng"]),
        ("hp-phuong-quang-trung@hong-bang", 2008, date(2022, 12, 29), ["Hoàng Văn Thụ"]),
        ("hp-phuong-quang-trung@hong-bang", 2008, TODAY, ["Hồng Bàng"]),
        ("hp-thi-tran-nui-deo@thuy-nguyen", 2008, date(2025, 1, 1), ["Thủy Đường"]),
        ("hp-phuong-dong-hai@hai-an", 2006, date(2022, 12, 29), ["Đông Hải 1", "Đông Hải 2"]),
        ("hp-phuong-dong-hai@hai-an", 2006, TODAY, ["Đông Hải"]),
        # a split can become whole again (places.md 3)
        ("hp-phuong-du-hang-kenh@le-chan", 2006, date(2025, 1, 1), ["Dư Hàng Kênh", "Kênh Dương"]),
        ("hp-phuong-du-hang-kenh@le-chan", 2006, TODAY, ["Lê Chân"]),
        ("hd-xa-long-xuyen@binh-giang", 2008, TODAY, ["Bình Giang"]),
        ("hp-huyen-bach-long-vi", 2008, TODAY, ["Bạch Long Vĩ"]),
        ("hd-tinh-hai-duong", 2008, TODAY, ["Hải Phòng"]),
        ("hp-thi-xa-do-son", 2006, date(2022, 12, 29), ["Đồ Sơn"]),
    ],
)
def test_units_of_then_on_three_dates(gazetteer, unit, day, target, names):
    ways = walk(gazetteer, unit, date(day, 1, 1), target)
    assert sorted(gazetteer.units[way.unit].on(target).name for way in ways) == names


def test_acts_on_the_way_are_named_in_order(gazetteer):
    (way,) = walk(gazetteer, "hp-phuong-quang-trung@hong-bang", date(2008, 1, 1), TODAY)
    assert [act.split(",")[0] for act in way.acts] == [
        "Nghị quyết 872/NQ-UBTVQH14",
        "Nghị quyết 1669/NQ-UBTVQH15",
    ]
