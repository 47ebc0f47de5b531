"""Links are looked for by themselves once books are finished, beside the engine."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest
from desk_browser import known
from models_samples import book, digitize, queue

from flows.link import Linker, link_if_due, link_office
from models import (
    Database,
    book_entries,
    find_entry_links,
    migrate,
    open_database,
    save_finished_book,
)
from models.link_runs import ask_for_links, last_asked_search, last_link_search, links_due
from models.states import Role
from pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # eight people are no population: what they share is hardly rare among them
    (tmp_path / "thresholds.yaml").write_text("linking: {least: 0.01}", "utf-8")
    return Settings(home=tmp_path, config=tmp_path)


@pytest.fixture
def office(settings: Settings):
    migrate(settings.resolved_database_url)
    with closing(open_database(settings.resolved_database_url)) as database:
        yield database


def finished_copy(database: Database, volume: str) -> None:
    (book_id,) = queue(database, book(2, volume=volume), name=f"lô {volume}")
    digitize(database, book_id)
    save_finished_book(database, book_id, book_entries(database, book_id))


def test_a_child_looks_once_books_are_finished_and_not_again_before_the_next(office, settings):
    linker = Linker(office, settings)
    linker.tick()
    assert linker.child is None  # no book is finished
    for volume in ("01", "02"):
        finished_copy(office, volume)
    linker.looked = time.monotonic()
    linker.tick()
    assert linker.child is None  # it was looked a moment ago
    linker.looked = -1e9
    linker.tick()
    assert linker.child is not None
    linker.child.join()  # a laden machine starts it late; the test's own limit ends it
    assert linker.child.exitcode == 0
    assert len(find_entry_links(office)) == 4
    search = last_link_search(office)
    assert (search.by, search.persons, search.suggested) == ("dispatcher", 8, 4)
    assert search.books_since == 0
    linker.looked = -1e9
    linker.child = None
    linker.tick()
    assert linker.child is None
    linker.stop()


def test_whoever_asks_is_not_kept_waiting_by_what_is_due(office, settings):
    finished_copy(office, "01")
    assert links_due(office)
    assert link_if_due(office, settings).persons == 4
    finished_copy(office, "02")
    assert not links_due(office) and link_if_due(office, settings) is None  # too soon
    assert last_link_search(office).books_since == 1
    assert link_office(office, settings, actor="lan").suggested == 4
    assert last_link_search(office).by == "lan"


def test_what_a_supervisor_asks_for_is_begun_at_once_though_nothing_is_due(office, settings):
    finished_copy(office, "01")
    finished_copy(office, "02")
    assert link_if_due(office, settings).suggested == 4
    assert not links_due(office)
    assert ask_for_links(office, known(office, "chinh", Role.SUPERVISOR))
    linker = Linker(office, settings)
    linker.tick()
    assert linker.child is not None
    linker.child.join()
    assert linker.child.exitcode == 0
    asked = last_asked_search(office)
    assert asked.by == "chinh" and asked.begun_at is not None and not asked.waits
    assert not links_due(office)
    linker.stop()
