"""``kill -9`` at random moments: the database ends as that of a run nobody disturbed."""

from __future__ import annotations

import random
import time

import pytest
from models_samples import PROCESSES, book, claim, queue, save

from models import (
    BookState,
    book_entries,
    book_progress,
    canonical_dump,
    open_database,
    recount,
    save_finished_book,
    verify_audit,
)

SCANS = 60
LEASE_SECONDS = 0.5
KILLS = 8


def work(url, book_id, owner):
    """A worker: claims, saves, and finishes the book when nothing is left."""
    db = open_database(url)
    while book_progress(db)[0].state not in (BookState.DONE, BookState.ATTENTION):
        for job in claim(db, book_id, limit=5, owner=owner, seconds=LEASE_SECONDS):
            time.sleep(0.005)
            save(db, job)
        save_finished_book(db, book_id, book_entries(db, book_id))
        time.sleep(0.02)


@pytest.mark.slow
def test_killing_workers_at_random_changes_nothing_in_the_end(database, database_url):
    [book_id] = queue(database, book(SCANS))
    chance = random.Random(7)
    for number in range(KILLS):
        worker = PROCESSES.Process(target=work, args=(database_url, book_id, f"doomed-{number}"))
        worker.start()
        begun = book_progress(database)[0].tally.scans_waiting
        until = time.monotonic() + 20
        while worker.is_alive() and time.monotonic() < until:
            if book_progress(database)[0].tally.scans_waiting <= begun - chance.randint(1, 4):
                break
            time.sleep(0.002)
        worker.kill()
        worker.join()
    assert book_progress(database)[0].tally.scans_waiting > 0, "killed too late to show anything"
    time.sleep(LEASE_SECONDS)
    work(database_url, book_id, "survivor")
    disturbed = canonical_dump(database)
    assert recount(database) == []
    assert verify_audit(database).sound
    assert disturbed == _undisturbed(database)


def _undisturbed(database):
    """The same work without a kill, in the same database emptied."""
    _empty(database)
    [book_id] = queue(database, book(SCANS))
    work(database.engine.url.render_as_string(hide_password=False), book_id, "calm")
    return canonical_dump(database)


def _empty(database):
    from models.base import Base

    with database.write() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
