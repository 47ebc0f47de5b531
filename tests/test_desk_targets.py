"""Targets that supervisors set: kept with who, when and why, over those of the file; in force for
books finished afterwards; told alike by desk and command line."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from desk_browser import desk_app, enter, known
from models_samples import AN_THAI, book, digitize, queue
from sqlalchemy import select
from typer.testing import CliRunner

from cli.main import cli
from flows.book import _finish
from flows.stops import current_stops
from models import (
    Database,
    bars_in_force,
    counted_values,
    decision_in_force,
    find_books,
    load_units,
    migrate,
    open_database,
    set_target,
    target_history,
    targets_set,
    values_at_hand,
)
from models.states import Role
from models.tables import AuditEvent
from pipeline.checks.acceptance import NOTHING, load_spectra, spectra_file
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.settings import PROJECT, load_settings, load_thresholds

CONFIG = PROJECT / "ocr_config"
FILE = load_thresholds(CONFIG).decision


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTICH_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    migrate(sqlite_url)
    return tmp_path / "home"


@pytest.fixture
def records(home: Path, sqlite_url: str):
    database = open_database(sqlite_url)
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    yield database
    database.close()


def boss_of(database: Database, home: Path):
    known(database, "phutrach", Role.SUPERVISOR)
    boss = enter(desk_app(database, home), "phutrach")
    boss.post("/language", data={"lang": "en", "next": "/"})
    return boss


def test_what_a_supervisor_sets_holds_over_the_file_until_it_is_taken_back(database):
    chief = known(database, "chief", Role.SUPERVISOR)
    assert decision_in_force(database, CONFIG) == FILE
    assert set_target(database, chief, "name", 0.002, "mẫu tuần này nhiều lỗi")
    assert not set_target(database, chief, "name", 0.002, "lần nữa")  # holds already
    assert set_target(database, chief, "name", 0.003, "đỡ hơn")
    now = decision_in_force(database, CONFIG)
    assert now.target("name") == 0.003
    assert now.target("place") == FILE.target("place")  # the default goes on for the rest
    assert [one.target for one in target_history(database)] == [0.003, 0.002]
    (own,) = targets_set(database).values()
    assert (own.by, own.reason) == ("chief", "đỡ hơn")
    assert set_target(database, chief, "name", None, "như cũ")
    assert decision_in_force(database, CONFIG) == FILE and targets_set(database) == {}
    with database.read() as connection:
        query = select(AuditEvent.detail).where(AuditEvent.action == "target.set")
        told = [detail["is"] for detail in connection.execute(query).scalars()]
    assert told == [0.002, 0.003, None]


def test_no_share_beyond_what_is_sensible_is_kept(database):
    load_units(database, [AN_THAI])
    chief = known(database, "chief", Role.SUPERVISOR)
    for target in (-0.001, 0.11, float("nan"), 5.0):
        with pytest.raises(BadValueError):
            set_target(database, chief, "name", target, "x")
    for kind, reason in (("names", "x"), ("default", "x"), ("name", "  ")):
        with pytest.raises(BadValueError):
            set_target(database, chief, kind, 0.01, reason)
    own = known(database, "own", Role.SUPERVISOR, units=[AN_THAI.id])
    with pytest.raises(OutOfReachError):
        set_target(database, own, "name", 0.01, "x")
    assert target_history(database) == []


def test_bars_follow_the_targets_in_force(records, home):
    chief = known(records, "chief", Role.SUPERVISOR)
    before = bars_in_force(records, CONFIG, home)
    set_target(records, chief, "name", 0.0, "không tự nhận tên")
    set_target(records, chief, "date", 0.03, "thử")
    after = bars_in_force(records, CONFIG, home)
    assert after.of("name") == NOTHING
    assert after.of("date", "hand-1") < before.of("date", "hand-1")
    assert after.of("date") <= before.of("date")  # print has no dates just below its bar
    assert after.of("place") == before.of("place")
    assert (home / "calibration" / "stops.json").exists() is False
    current_stops(records, load_settings())
    stops = home / "calibration" / "stops.json"
    stops.write_text("[]  \n")
    current_stops(records, load_settings())  # counted again: a target was set since
    assert stops.read_text() == "[]\n"


def test_a_book_is_finished_by_the_targets_of_that_moment(records, home, monkeypatch):
    (one,) = find_books(records, "")
    seen = []

    def finish(entries, context, closing, bars, **_):
        seen.append(bars.of("name"))
        return entries, ()

    monkeypatch.setattr("flows.book.finish_book", finish)
    settings = load_settings()
    job = SimpleNamespace(
        database=records, settings=settings, book=one, context=None, run=SimpleNamespace(ref="t")
    )
    chief = known(records, "chief", Role.SUPERVISOR)
    for target in (None, 0.0, None):
        set_target(records, chief, "name", target, "thử")
        _finish(job)
    assert seen[0] == seen[2] < seen[1] == NOTHING


def test_the_page_shows_and_sets_targets_and_says_what_is_wrong(records, home):
    boss = boss_of(records, home)
    page = boss.get("/quality/targets").text
    assert "Error allowed" in page and "0.50 %" in page and "Nobody has changed" in page
    reply = boss.post("/quality/targets/name", data={"target": "0,25", "reason": "nhiều lỗi"})
    assert reply.status_code == 303
    assert decision_in_force(records, CONFIG).target("name") == 0.0025
    page = boss.get("/quality/targets").text
    assert "0.25 %" in page and "nhiều lỗi" in page and "default 0.50 %" in page
    for path, data in (
        ("name", {"target": "abc", "reason": "x"}),
        ("name", {"target": "", "reason": "x"}),
        ("name", {"target": "nan", "reason": "x"}),
        ("name", {"target": "1e-1", "reason": "x"}),
        ("name", {"target": "-1", "reason": "x"}),
        ("name", {"target": "50", "reason": "x"}),
        ("name", {"target": "1", "reason": " "}),
        ("nothing", {"target": "1", "reason": "x"}),
    ):
        reply = boss.post(f"/quality/targets/{path}", data=data)
        assert reply.status_code == 422, (path, data)
        assert "Traceback" not in reply.text and "<h1" in reply.text
    assert decision_in_force(records, CONFIG).target("name") == 0.0025
    back = {"target": "9", "reason": "như cũ", "back": "true"}
    assert boss.post("/quality/targets/name", data=back).status_code == 303
    assert decision_in_force(records, CONFIG) == FILE
    boss.post("/language", data={"lang": "vi", "next": "/"})
    assert "Mức sai cho phép" in boss.get("/quality/targets").text


def test_who_has_named_units_looks_and_changes_nothing(records, home):
    known(records, "rieng", Role.SUPERVISOR, units=[AN_THAI.id])
    own = enter(desk_app(records, home), "rieng")
    page = own.get("/quality/targets").text
    assert '<form method="post" action="/quality/targets' not in page
    assert own.post("/quality/targets/name", data={"target": "1", "reason": "x"}).status_code == 404
    assert own.post("/quality/targets/learn").status_code == 404


def test_bars_can_be_taken_from_the_values_at_hand(records, home):
    boss = boss_of(records, home)
    assert boss.post("/quality/targets/learn").status_code == 303
    learned = load_spectra(home / "calibration" / "spectra.json")
    shipped = load_spectra(spectra_file(CONFIG))
    found = values_at_hand(records, CONFIG, home)
    assert learned and {*learned} == {*found.spectra}
    assert learned["sex"].fields == found.spectra["sex"].fields
    assert learned["sex"].examples == shipped["sex"].examples
    with records.read() as connection:
        query = select(AuditEvent.actor).where(AuditEvent.action == "target.bars_learned")
        assert connection.execute(query).scalar() == "phutrach"


def test_only_the_entries_read_last_are_counted_for_a_plan(records):
    every = sum(one.fields for one in counted_values(records))
    assert sum(one.fields for one in counted_values(records, newest=10**6)) == every
    last = sum(one.fields for one in counted_values(records, newest=1))
    assert 0 < last < every


def test_the_command_line_tells_the_targets_of_the_desk(records, home):
    chief = known(records, "chief", Role.SUPERVISOR)
    set_target(records, chief, "sex", 0.0375, "thử một tuần")
    told = CliRunner().invoke(cli, ["decide", "--json"])
    (sex,) = [
        row
        for row in json.loads(told.stdout)
        if row["field_type"] == "sex" and not row["handwriting"]
    ]
    assert sex["target"] == 0.0375
    assert sex["bar"] == bars_in_force(records, CONFIG, home).of("sex")
    status = json.loads(CliRunner().invoke(cli, ["status", "--json"]).stdout)
    assert status["targets"]["sex"]["target"] == 0.0375
    shown = CliRunner().invoke(cli, ["status"])
    assert "Target of sex: 3.75%" in shown.output and "thử một tuần" in shown.output
