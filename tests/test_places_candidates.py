"""Names a clerk may have written: what readers decode under."""

from __future__ import annotations

import pytest

from pipeline.places import load_gazetteer
from pipeline.places.candidates import candidate_names


def names(unit, year, **more):
    return candidate_names(load_gazetteer(), unit, year, **more)


def test_the_own_unit_comes_first_then_its_district():
    found = names("Xã An Thái, Huyện An Lão", 2008)
    assert found[0].full_name == "Xã An Thái"
    near = {one.name for one in found[1:17]}
    assert {"An Thắng", "An Thọ", "Bát Trang", "Mỹ Đức"} <= near
    assert sum(one.weight for one in found) == pytest.approx(1)


def test_names_are_those_of_the_time():
    then = {one.full_name for one in names("Xã Vĩnh Niệm, huyện An Hải", 1975, levels=("commune",))}
    now = {one.full_name for one in names("Phường Lê Chân", 2026, levels=("commune",))}
    assert {"Xã Vĩnh Niệm", "Xã Chấn Hưng", "Xã Đồng Tâm"} <= then
    assert "Phường Hồng Bàng" in now
    assert "Phường Hồng Bàng" not in then


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="planet"):
        names("Xã An Thái, Huyện An Lão", 2008, levels=("planet",))
