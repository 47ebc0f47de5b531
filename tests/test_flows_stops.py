"""Where the blind sample shows too many errors acceptance stops by itself; supervisors see it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from desk_browser import desk_app, enter, known
from models_samples import book, digitize, queue

from cli.output import err
from cli.quality import tell_stops
from flows.stops import EVERY_SECONDS, current_stops
from models import (
    Database,
    book_entries,
    correct_field,
    entry_stories,
    migrate,
    open_database,
    save_finished_book,
)
from models.states import Role
from pipeline.checks import finish_book
from pipeline.checks.acceptance import Bars
from pipeline.checks.sampling import SAMPLED, load_stops, stops_file, with_stops
from pipeline.checks.story import explain_field
from pipeline.errors import SettingsError
from pipeline.settings import load_settings
from pipeline.types import Decision, Kind
from pipeline.values import Context

CONTEXT = Context(Kind.BIRTH, 2008, "Xã An Thái", "Huyện An Lão", as_of=date(2022, 12, 29))


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTICH_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    return tmp_path / "home"


def reviewed_wrong(database: Database) -> int:
    """A book of which people have seen two drawn fields, both wrong."""
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    drawn = [
        replace(
            entry,
            fields=tuple(
                replace(one, decision=Decision.REVIEW, reasons=(*one.reasons, SAMPLED))
                if one.field == "sex"
                else one
                for one in entry.fields
            ),
        )
        for entry in book_entries(database, book_id)
    ]
    save_finished_book(database, book_id, drawn)
    for number in ("01", "02"):
        (story,) = entry_stories(database, book_id, number)
        correct_field(database, story.entry_id, "sex", value="Nam", person="lan")
    return book_id


def test_a_run_stops_acceptance_by_itself_and_the_supervisor_is_told(
    home: Path, sqlite_url: str
) -> None:
    migrate(sqlite_url)
    database = open_database(sqlite_url)
    book_id = reviewed_wrong(database)
    stops = current_stops(database, load_settings())
    assert ("type", "", "sex") in {(one.what, one.which, one.field_type) for one in stops}

    # the next book: sure fields of this type go to people and say why, others pass
    entries = book_entries(database, book_id, finished=False)
    machine = [
        replace(e, fields=tuple(replace(f, decision=Decision.REVIEW) for f in e.fields))
        for e in entries
    ]
    bars = with_stops(Bars({"default": 0.5}), stops)
    (first, *_), _ = finish_book(machine, CONTEXT, bars=bars)
    sex = next(one for one in first.fields if one.field == "sex")
    assert sex.decision is Decision.REVIEW
    assert "acceptance has stopped" in explain_field(sex, (), bars).why
    assert any(one.decision is Decision.ACCEPTED for one in first.fields)

    # the supervisor is told on the desk's page and at the command line
    known(database, "phutrach", Role.SUPERVISOR)
    boss = enter(desk_app(database, home), "phutrach")
    boss.post("/language", data={"lang": "en", "next": "/"})
    assert "No longer accepted unseen" in boss.get("/quality").text
    database.close()
    with err.capture() as told:  # what status and quality say
        tell_stops(load_stops(stops_file(home)))
    assert "sex no longer accepted" in told.get()


def test_a_count_is_kept_for_an_hour_and_a_better_sample_lifts_the_stop(
    home: Path, database: Database
) -> None:
    settings = load_settings()
    assert current_stops(database, settings) == ()
    reviewed_wrong(database)
    assert current_stops(database, settings) == ()  # counted a moment ago
    path = stops_file(home)
    old = path.stat().st_mtime - EVERY_SECONDS - 1
    os.utime(path, (old, old))
    assert current_stops(database, settings)


def test_nothing_is_accepted_while_what_was_kept_cannot_be_read(
    home: Path, database: Database
) -> None:
    path = stops_file(home)
    path.parent.mkdir(parents=True)
    path.write_text("[1]")
    with pytest.raises(SettingsError):
        current_stops(database, load_settings())
