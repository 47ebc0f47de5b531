"""The gazetteer's tables hold together: counts, parents, codes, successors, no loops."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest

from pipeline.places.build import build
from pipeline.places.gazetteer import alive_on, load_gazetteer
from pipeline.places.raw import rows
from pipeline.places.tables import COLUMNS
from pipeline.places.validate import check
from pipeline.places.walk import formers, walk
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


def test_the_tables_hold_together(gazetteer):
    """One parent a day that is alive, no code twice, successors, ends alive, no loop."""
    report = check(gazetteer)
    assert report.problems == ()
    assert report.counts["units"] > 1500


def test_what_no_source_tells_is_listed_by_period_and_level(gazetteer):
    gaps = check(gazetteer).gaps
    assert {"commune", "district", "hamlet", "event"} <= {gap.level for gap in gaps}
    assert any(gap.period == "1887–1945" for gap in gaps)


def test_states_of_a_unit_follow_one_another_without_gap(gazetteer):
    for unit in gazetteer.units.values():
        for before, after in zip(unit.states, unit.states[1:], strict=False):
            assert before.end == after.start, unit.id


def test_17_pairs_of_the_reform_moved_land_only(gazetteer):
    land = [
        (unit, link.target)
        for unit, links in gazetteer.links.items()
        for link in links
        if link.extent == "land_only" and link.day == date(2025, 7, 1)
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
    build(folder / "raw", tmp_path)
    for table in COLUMNS:
        name = f"{table}.csv"
        assert (tmp_path / name).read_bytes() == (folder / "registry" / name).read_bytes(), name


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


@pytest.mark.parametrize(
    ("file", "day"),
    [
        ("conversion_2020-02-01_haiphong.csv", date(2020, 2, 1)),
        ("conversion_2019-12-01_haiduong.csv", date(2019, 12, 1)),
        ("conversion_2025-01-01_haiphong.csv", date(2025, 1, 1)),
        ("conversion_2025-01-01_haiduong.csv", date(2025, 1, 1)),
        ("conversion_2025-07-01.csv", date(2025, 7, 1)),
    ],
)
def test_the_reforms_follow_from_the_events_alone(gazetteer, file, day):
    """Every pair of the official conversion, from links and states of that one day."""
    raw = load_settings().config / "gazetteer" / "raw"
    wrong = {(row["code"], row["was"]) for row in rows(raw / "corrections.csv") if not row["is"]}
    wrong.add(("10963", "10675"))  # corrected: a homonym of another district
    expected = {
        (row["old_code"] or row["old_district_code"], row["new_code"])
        for row in rows(raw / file)
        if row["new_code"] and (row["old_code"], row["new_code"]) not in wrong
    }
    before, found = day - timedelta(days=1), set()
    for unit in gazetteer.units.values():
        state = unit.on(before)
        if state is None or not state.gso_code or unit.level in ("province", "country"):
            continue
        links = [link for link in gazetteer.links.get(unit.id, ()) if link.day == day]
        targets = {link.target for link in links} or {unit.id}
        for target in targets:
            after = gazetteer.units[target].on(day)
            if after:
                found.add((state.gso_code, after.gso_code))
    assert expected - found == set()
    olds = {old for old, _ in expected}
    assert {pair for pair in found if pair[0] in olds} == expected


def test_former_units_make_up_a_present_one(gazetteer):
    found = formers(gazetteer, "hp-phuong-hong-bang@hai-phong", date(2022, 12, 29))
    names = {gazetteer.units[way.unit].on(date(2022, 12, 29)).name for way in found}
    assert {"Hoàng Văn Thụ", "Minh Khai", "Phan Bội Châu", "Thượng Lý", "Sở Dầu"} <= names
    assert all(0 < way.share <= 1 for way in found)
    whole = [way for way in found if way.share == pytest.approx(1)]
    assert len(whole) >= 5
