"""The table of all old units and what became of them; the tables of the database."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from itertools import pairwise

import openpyxl
import pytest
from places_samples import small_gazetteer, write_gazetteer

from pipeline.places import load_gazetteer
from pipeline.places.gazetteer import alive_on, compose
from pipeline.places.mapping import MappingRow, mapping, write_csv, write_xlsx
from pipeline.places.records import files_digest, records
from pipeline.places.tables import read_layers

NOW = date(2025, 7, 1)
PLAN = date(2022, 12, 29)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_gazetteer(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture(scope="module")
def real():
    return load_gazetteer()


@pytest.fixture(scope="module")
def rows(real):
    return list(mapping(real, NOW))


def named(rows: list[MappingRow], unit: str) -> list[tuple[str, str, str, str, float, str]]:
    return [
        (row.old_type, row.old_name, row.old_from, row.new_id, row.share, row.extent)
        for row in rows
        if row.old_id == unit
    ]


def test_every_name_of_a_unit_has_a_row_for_each_new_one(small):
    rows = list(mapping(small, NOW))
    assert named(rows, "dong-hai") == [
        ("Xã", "Hạ Đông", "[..1946]", "dong-hai-1", 0.7, "part"),
        ("Xã", "Hạ Đông", "[..1946]", "dong-hai-2", 0.3, "part"),
        ("Xã", "Đông Hải", "1956~", "dong-hai-1", 0.7, "part"),
        ("Xã", "Đông Hải", "1956~", "dong-hai-2", 0.3, "part"),
        ("Phường", "Đông Hải", "2002-12-20", "dong-hai-1", 0.7, "part"),
        ("Phường", "Đông Hải", "2002-12-20", "dong-hai-2", 0.3, "part"),
    ]


def test_land_without_people_leads_nowhere(small):
    rows = list(mapping(small, NOW))
    assert {new for _, _, _, new, _, _ in named(rows, "vinh-niem")} == {"vinh-niem"}


def test_a_way_over_an_act_not_verified_is_marked(small):
    rows = [row for row in mapping(small, NOW) if row.old_id == "dong-hai"]
    assert [row.verified for row in rows[:2]] == ["no", "no"]  # over the renaming of 1956
    assert [row.verified for row in rows[4:]] == ["yes", "yes"]
    assert "Nghị định 54/2007/NĐ-CP" in rows[4].acts
    assert "Nghị định 106/2002/NĐ-CP" not in rows[4].acts


def test_since_leaves_out_what_was_no_more(small):
    left = {row.old_id for row in mapping(small, NOW, since=date(2007, 4, 27))}
    assert "dong-hai" not in left
    assert "an-hai" not in left
    assert {"vinh-niem", "dong-hai-1"} <= left
    assert "Hạ Đông" not in {row.old_name for row in mapping(small, NOW, since=date(1990, 1, 1))}


def test_what_begins_after_the_day_is_no_old_unit(small):
    assert "an-hai-2025" not in {row.old_id for row in mapping(small, PLAN)}


@pytest.mark.parametrize("as_of", [PLAN, date(2025, 1, 1), NOW])
def test_every_commune_of_2004_to_the_day_is_mapped_whole(real, as_of):
    rows = [row for row in mapping(real, as_of, since=date(2004, 9, 1)) if row.level == "commune"]
    sums: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for row in rows:
        sums[row.old_id, row.old_type, row.old_name, row.old_parent] += row.share
        assert row.extent == ("whole" if row.share >= 0.999 else "part")
    assert len(sums) > 400
    wrong = {key: total for key, total in sums.items() if abs(total - 1) > 0.03}
    assert wrong == {}


def test_the_new_units_are_those_of_the_day(real, rows):
    alive = {unit.id for unit, _ in alive_on(real, NOW, "commune")}
    new = {row.new_id for row in rows if row.level == "commune" and row.old_id.startswith("hp-")}
    assert new <= alive
    assert sum(1 for unit in new if unit.endswith("@hai-phong")) >= 67


def test_the_file_holds_the_rows_under_the_names_of_their_fields(rows):
    stream = io.StringIO()
    assert write_csv(rows, stream) == len(rows)
    stream.seek(0)
    read = list(csv.DictReader(stream))
    assert list(read[0]) == list(MappingRow._fields)
    assert len(read) == len(rows)
    assert float(read[0]["share"]) == rows[0].share


@pytest.mark.slow
def test_the_workbook_keeps_its_titles_in_view(rows, tmp_path):
    path = tmp_path / "map.xlsx"
    assert write_xlsx(rows, path, "2025-07-01") == len(rows)
    sheet = openpyxl.load_workbook(path)["2025-07-01"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.endswith(str(len(rows) + 1))
    assert sheet.column_dimensions["B"].width > 20
    column = MappingRow._fields.index("share") + 1
    assert sheet.cell(2, column).value == rows[0].share
    assert sheet.cell(2, column).number_format == "0.0%"


def test_records_give_one_value_a_day(real):
    tables = records(real, read_layers(_folder()))
    for table, column in (("place_name", "name"), ("place_type", "type")):
        by_unit: dict[str, list[tuple[date, date]]] = defaultdict(list)
        for row in tables[table]:
            if row.get("kind", "official") == "official":
                assert row[column]
                days = row["first_day"] or date.min, row["end_day"] or date.max
                by_unit[row["unit_id"]].append(days)
        assert set(by_unit) == set(real.units)
        for unit_id, times in by_unit.items():
            unit = real.units[unit_id]
            assert times[0][0] == unit.start
            assert times[-1][1] == unit.end
            assert all(a[1] == b[0] for a, b in pairwise(times))


def _folder():
    from pipeline.settings import load_settings

    return load_settings().config / "gazetteer"


def test_records_keep_dates_as_their_sources_know_them(tmp_path):
    tables = read_layers(write_gazetteer(tmp_path))
    found = records(compose(tables), tables)
    names = [row for row in found["place_name"] if row["unit_id"] == "dong-hai"]
    told = [(row["name"], row["valid_from"], row["valid_to"], row["event_id"]) for row in names]
    assert told == [
        ("Hạ Đông", "[..1946]", "1956~", None),
        ("Đông Hải", "1956~", "2007-04-27", "E3"),
    ]
    assert [row["verified"] for row in names] == [True, False]
    shares = [(row["to_unit"], row["share"]) for row in found["place_link"]]
    assert ("dong-hai-1", 0.0) in shares


def test_the_digest_tells_whether_a_file_changed(tmp_path):
    folder = write_gazetteer(tmp_path)
    before = files_digest(folder)
    assert files_digest(write_gazetteer(tmp_path)) == before
    path = folder / "office" / "names.csv"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert files_digest(folder) != before
