"""What supervisors and contractors do on their pages, through the real application."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_browser import desk_app, enter, known
from fastapi import FastAPI
from models_samples import AN_THAI, CAT_DAI, book, digitize, queue

from models import Database, open_database
from models.keyings import keying_plans
from models.overview import books_at_desk
from models.reviewing import entry_for_review, escalate_entry, take_next
from models.states import DeskState, Role
from models.users import User


@pytest.fixture
def records(tmp_path: Path, _migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(_migrated_sqlite, tmp_path / "hotich.sqlite")
    database = open_database(f"sqlite:///{tmp_path / 'hotich.sqlite'}")
    for one, firm in ((book(1), "Bạch Đằng"), (book(1, unit=CAT_DAI), "Cấm Giang")):
        for book_id in queue(database, one, name=one.path, contractor=firm):
            digitize(database, book_id)
    yield database
    database.close()


@pytest.fixture
def boss(records: Database) -> User:
    return known(records, "boss", Role.SUPERVISOR, units=[AN_THAI.id])


@pytest.fixture
def app(records: Database, boss: User, tmp_path: Path) -> FastAPI:
    return desk_app(records, tmp_path)


def test_a_supervisor_sees_and_returns_what_was_escalated_with_its_reason(app, records, boss):
    lan = known(records, "lan", units=[AN_THAI.id])
    hold = take_next(records, lan, seconds=60)
    escalate_entry(records, hold, "<i>mờ</i> quá", lan)
    client = enter(app, "boss")
    page = client.get("/overview").text
    assert "&lt;i&gt;mờ&lt;/i&gt; quá" in page
    assert f"/entry/{hold.entry_id}" in page
    assert "cat-dai" not in page  # another unit's book
    assert client.post(f"/entries/{hold.entry_id}/return").status_code == 303
    assert entry_for_review(records, hold.entry_id).desk is DeskState.OPEN
    assert client.post(f"/entries/{hold.entry_id}/return").status_code == 404


def test_a_supervisor_sets_priorities_and_second_keyings_of_their_books(app, records, boss):
    client = enter(app, "boss")
    (mine,) = books_at_desk(records, boss)
    assert client.post(f"/books/{mine.id}/priority", data={"priority": "7"}).status_code == 303
    assert client.post(f"/books/{mine.id}/priority", data={"priority": "700"}).status_code == 422
    chosen = {"fields": ["sex", "birth_date"]}
    assert client.post(f"/books/{mine.id}/keying", data=chosen).status_code == 303
    assert keying_plans(records) == {mine.id: ("birth_date", "sex")}
    assert client.post(f"/books/{mine.id}/keying", data={"fields": ["nope"]}).status_code == 422
    assert client.post(f"/books/{mine.id}/keying", data={}).status_code == 422
    assert client.post(f"/books/{mine.id}/keying", data={"stop": "true"}).status_code == 303
    assert keying_plans(records) == {}
    (mine,) = books_at_desk(records, boss)
    assert mine.priority == 7
    foreign = mine.id + 1
    assert client.post(f"/books/{foreign}/priority", data={"priority": "1"}).status_code == 404
    assert client.post(f"/books/{foreign}/keying", data={"all_fields": "1"}).status_code == 404


def test_a_contractor_sees_their_own_firms_batches_and_no_entry(app, records):
    known(records, "firm", Role.CONTRACTOR, contractor="Cấm Giang", units=[])
    client = enter(app, "firm")
    assert client.get("/").headers["location"] == "/batches"
    page = client.get("/batches").text
    assert "cat-dai" in page
    assert "an-thai" not in page
    assert "Nguyễn Thị Hoa" not in page
    assert client.get("/overview").status_code == 403
    assert client.get("/entry").status_code == 403
