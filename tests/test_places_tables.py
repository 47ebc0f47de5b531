"""Wrong rows are named with file and line, and nothing is loaded from them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import GazetteerError
from pipeline.places.gazetteer import compose
from pipeline.places.tables import COLUMNS, read_layers
from pipeline.places.validate import check
from pipeline.places.when import OPEN_START, parse_when

GOOD = {
    "units": [
        "x,country,,,a,yes,",
        "p,province,1900,,a,yes,",
        "d,district,1900,,a,yes,",
        "e,district,1900,1966-04-07,a,yes,",
        "c,commune,1900,,a,yes,",
    ],
    "names": [
        *("x,Nước,official,,,,a,yes", "p,Tỉnh Một,official,,,,a,yes"),
        *("d,Hai,official,,,,a,yes", "e,Ba,official,,,,a,yes", "c,Bốn,official,,,,a,yes"),
        "c,Bon,french,,,,a,yes",
    ],
    "types": [
        *("x,Nước,,,,a,yes", "p,Tỉnh,,,,a,yes", "d,Huyện,,,,a,yes", "e,Huyện,,,,a,yes"),
        *("c,Xã,,1981,,a,yes", "c,Phường,,,,a,yes"),
    ],
    "parents": [
        *("p,x,,,,a,yes", "d,p,,,,a,yes", "e,p,,,,a,yes"),
        *("c,e,,1966-04-07,,a,yes", "c,d,,,E1,a,yes"),
    ],
    "codes": [],
    "events": ["E1,merge,67-CP,1966,1966-04-07,a,yes,"],
    "links": ["E1,e,d,whole,,"],
}


def tables(tmp_path, **changed):
    layer = tmp_path / "history"
    layer.mkdir()
    for table, columns in COLUMNS.items():
        rows = changed.get(table, GOOD[table])
        (layer / f"{table}.csv").write_text("\n".join([",".join(columns), *rows]) + "\n", "utf-8")
    return read_layers(tmp_path)


def test_rows_without_dates_follow_one_another(tmp_path):
    gazetteer = compose(tables(tmp_path))
    assert check(gazetteer).problems == ()
    states = [(s.start, s.type, s.parent, s.act) for s in gazetteer.units["c"].states]
    assert states == [
        (date(1900, 1, 1), "Xã", "e", ""),
        (date(1966, 4, 7), "Xã", "d", "67-CP"),
        (date(1981, 1, 1), "Phường", "d", ""),
    ]


@pytest.mark.parametrize(
    ("table", "line", "row", "said"),
    [
        ("units", 2, "x,planet,,,a,yes,", "planet"),
        ("units", 2, "x,country,1.1.1900,,a,yes,", "1.1.1900"),
        ("units", 2, "x,country,,,a,yes", "6"),
        ("units", 2, ",country,,,a,yes,", "unit_id"),
        ("parents", 3, "d,nowhere,,,,a,yes", "nowhere"),
        ("parents", 3, "d,p,,,E9,a,yes", "E9"),
        ("names", 4, "z,Hai,official,,,,a,yes", "units.csv"),
        ("types", 7, "c,Phường,1970,,,a,yes", "1970"),
        ("types", 7, "c,Phường,1990,,,a,yes", "1990"),
        ("parents", 6, "c,d,,1960,E1,a,yes", ""),
        ("parents", 2, "p,c,,,,a,yes", "p → "),
        ("links", 2, "E1,e,nowhere,whole,,", "nowhere"),
        ("links", 2, "E9,e,d,whole,,", ""),
        ("events", 2, "E1,marry,67-CP,1966,1966-04-07,a,yes,", "marry"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, table, line, row, said):
    rows = list(GOOD[table])
    rows[line - 2] = row
    with pytest.raises(GazetteerError) as error:
        compose(tables(tmp_path, **{table: rows}))
    assert f"history/{table}.csv" in error.value.where
    assert said in str(error.value)
    assert error.value.exit_code == 36


def test_a_row_that_covers_the_time_of_another_is_named(tmp_path):
    rows = [*GOOD["types"], "d,Quận,,,,a,yes"]
    with pytest.raises(GazetteerError, match=r"history/types\.csv:8"):
        compose(tables(tmp_path, types=rows))


def test_a_unit_that_ends_without_successor_is_a_problem(tmp_path):
    problems = check(compose(tables(tmp_path, links=[]))).problems
    assert [problem.where for problem in problems] == ["e"]


@given(st.dates(date(1887, 1, 1), date(2099, 12, 31)))
def test_dates_mean_what_they_say(day):
    assert parse_when(day.isoformat()).day == day
    month = parse_when(f"{day:%Y-%m}")
    assert month.earliest <= day <= month.latest
    before = parse_when(f"[..{day}]")
    assert (before.earliest, before.day) == (OPEN_START, day)
    about = parse_when(f"{day:%Y}~")
    assert about.earliest.year < day.year < about.latest.year


@pytest.mark.parametrize(
    "bad", ["", "1.1.1900", "1900-13", "1900-02-30", "[..]", "[1950..1940]", "9999"]
)
def test_what_is_no_date_is_refused(bad):
    with pytest.raises(ValueError, match=r".*"):
        parse_when(bad)
