"""The 233 units of the plan, and the units that covers of 2004 and later name."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from pipeline.errors import UnknownUnitError
from pipeline.places import registering_unit, registering_units
from pipeline.settings import load_settings


def test_the_plan_has_one_department_15_districts_and_217_communes():
    units = registering_units()
    assert Counter(unit.level for unit in units) == {
        "department": 1,
        "district": 15,
        "commune": 217,
    }
    assert len({unit.id for unit in units}) == 233
    assert all(unit.holder == unit.id for unit in units)
    assert all(unit.current for unit in units)


def test_every_unit_of_the_plan_is_found_by_its_cover_and_by_its_id():
    for unit in registering_units():
        assert registering_unit(unit.full_name, unit.district, 2022).id == unit.id
        assert registering_unit(unit.id, "", 2008).id == unit.id


def test_every_commune_of_2004_has_a_holder_in_the_plan():
    plan = {unit.id for unit in registering_units()}
    path = load_settings().config / "gazetteer" / "raw" / "gso_unit_states_2004_2025.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [
            row
            for row in csv.DictReader(lines)
            if row["province_code"] == "31" and row["level"] == "commune" and not row["valid_from"]
        ]
    assert len(rows) == 218
    for row in rows:
        unit = registering_unit(row["name_gso"], row["district_name"], 2004)
        assert unit.holder in plan
        assert unit.current


@pytest.mark.parametrize(
    ("unit", "district", "year", "id_", "holder"),
    [
        ("xã an thái", "an lão", 1974, "hp-xa-an-thai@an-lao", "hp-xa-an-thai@an-lao"),
        ("An Thái", "huyện An Thụy", 1974, "hp-xa-an-thai@an-lao", "hp-xa-an-thai@an-lao"),
        (
            "UBND xã Hoà Bình",
            "Huyện Thuỷ Nguyên",
            1999,
            "hp-xa-hoa-binh@thuy-nguyen",
            "hp-xa-hoa-binh@thuy-nguyen",
        ),
        (
            "Phường Quang Trung",
            "Quận Hồng Bàng",
            2008,
            "hp-phuong-quang-trung@hong-bang",
            "hp-phuong-hoang-van-thu@hong-bang-2020",
        ),
        (
            "Phường Dư Hàng Kênh",
            "Quận Lê Chân",
            2005,
            "hp-phuong-du-hang-kenh@le-chan",
            "hp-phuong-du-hang-kenh@le-chan-2007",
        ),
        ("P. Lê Lợi", "Q. Ngô Quyền", 2008, "hp-phuong-le-loi@ngo-quyen", None),
        ("Sở Tư pháp thành phố Hải Phòng", "", 2010, "hp-so-tu-phap", None),
        ("Quận Lê Chân", "Quận Lê Chân", 2008, "hp-quan-le-chan", None),
        ("Huyện Bạch Long Vĩ", "", 2008, "hp-huyen-bach-long-vi", None),
    ],
)
def test_covers_name_their_unit(unit, district, year, id_, holder):
    found = registering_unit(unit, district, year)
    assert (found.id, found.holder) == (id_, holder or id_)


@pytest.mark.parametrize(
    ("unit", "district"),
    [
        ("Xã Xyz", "Huyện An Lão"),
        ("Lê Lợi", ""),
        ("Xã An Thái", "Huyện Thủy Nguyên"),
        ("Phường Hải An", ""),
        ("", ""),
        ("Xã Cẩm Chế", "Huyện Thanh Hà"),
    ],
)
def test_what_nobody_is_called_is_refused(unit, district):
    with pytest.raises(UnknownUnitError):
        registering_unit(unit, district, 2008)


def test_a_slip_of_the_pen_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownUnitError) as error:
        registering_unit("Xã An Thaí Lai", "Huyện An Lão", 2008)
    assert "Xã An Thái, Huyện An Lão" in error.value.what_to_do()


def test_decomposed_names_are_the_same():
    import unicodedata

    unit = unicodedata.normalize("NFD", "Xã Kiến Thiết")
    assert registering_unit(unit, "Huyện Tiên Lãng", 2008).name == "Kiến Thiết"


@pytest.mark.parametrize(
    ("unit", "district", "year", "found", "holder"),
    [
        ("Khu phố Hồng Bàng", "", 1965, "Khu phố Hồng Bàng", "hp-quan-hong-bang"),
        ("Thị trấn Đồ Sơn", "huyện Đồ Sơn", 1985, "Thị trấn Đồ Sơn", "hp-phuong-hai-son@do-son"),
        ("UBHC xã Vĩnh Niệm", "An Hải", 1968, "Xã Vĩnh Niệm", "hp-phuong-vinh-niem@le-chan"),
        ("xã Đồng Tâm", "An Hải", 1980, "Xã Đồng Tâm", "hp-xa-an-dong@an-duong"),
        ("Tiểu khu Bàng La", "thị xã Đồ Sơn", 1975, "Tiểu khu Bàng La", "hp-xa-bang-la@do-son"),
        ("làng Tú Đôi", "Kiến Thụy", 1930, "Làng Tú Đôi", "hp-xa-kien-quoc@kien-thuy"),
        ("Huyện An Hải", "", 1980, "Huyện An Hải", "hp-huyen-an-duong"),
    ],
)
def test_who_kept_books_before_the_plan_counts_under_a_unit_of_it(
    unit, district, year, found, holder
):
    kept = registering_unit(unit, district, year)
    assert kept.full_name == found
    assert kept.holder == holder
    assert kept.holder in {one.id for one in registering_units()}
    assert kept.current
