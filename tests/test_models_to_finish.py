"""Books that people have said enough of since they were finished are finished again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import birth, claim, queue, result, save
from models_samples import book as sample_book
from sqlalchemy import select, update

from flows.waking import wake_due
from models import (
    BookState,
    book_entries,
    books_to_hear,
    correct_field,
    load_book,
    save_finished_book,
)
from models.clock import Now
from models.tables import Book, Entry
from pipeline.settings import Settings, load_thresholds

LIMITS = {"first": 40, "growth": 1.25}
ENTRIES = 60


@pytest.fixture
def book_id(database):
    """A finished book of sixty entries, each with one open field."""
    (book_id,) = queue(database, sample_book(1))
    (job,) = claim(database, book_id)
    rows = tuple(birth(n, f"{n + 1:02d}", "Hoa") for n in range(ENTRIES))
    save(database, job, replace(result(1), entries=rows))
    finish(database, book_id)
    return book_id


def finish(database, book_id):
    save_finished_book(database, book_id, book_entries(database, book_id))


def set_fields(database, first, last):
    with database.read() as connection:
        ids = list(connection.execute(select(Entry.id).order_by(Entry.position)).scalars())
    for entry_id in ids[first:last]:
        correct_field(database, entry_id, "mother_full_name", value="Vũ Thị Đào", person="lan")


def test_a_book_is_heard_once_enough_is_set_and_again_when_a_quarter_more_is(database, book_id):
    set_fields(database, 0, 39)
    assert books_to_hear(database, **LIMITS) == []
    set_fields(database, 39, 40)
    assert books_to_hear(database, **LIMITS) == [book_id]
    finish(database, book_id)
    set_fields(database, 40, 49)
    assert books_to_hear(database, **LIMITS) == []
    set_fields(database, 49, 50)
    assert books_to_hear(database, **LIMITS) == [book_id]
    assert books_to_hear(database, **LIMITS, batch=99) == []


def test_as_installed_a_book_is_heard_again_when_a_tenth_more_is_set(database, book_id):
    learning = load_thresholds(Settings().config).learning
    limits = {"first": learning.heard_fields, "growth": learning.heard_growth}
    set_fields(database, 0, 40)
    finish(database, book_id)
    set_fields(database, 40, 43)
    assert books_to_hear(database, **limits) == []
    set_fields(database, 43, 44)
    assert books_to_hear(database, **limits) == [book_id]


def test_a_book_without_open_fields_or_released_needs_no_hearing(database, book_id):
    set_fields(database, 0, 50)
    with database.write() as connection:
        connection.execute(update(Book).values(released_at=Now()))
    assert books_to_hear(database, **LIMITS) == []
    with database.write() as connection:
        connection.execute(update(Book).values(released_at=None))
    assert books_to_hear(database, **LIMITS) == [book_id]
    set_fields(database, 50, ENTRIES)
    assert books_to_hear(database, **LIMITS) == []


def test_the_dispatcher_sends_such_a_book_to_the_engine_unless_it_was_given_up(database, book_id):
    settings = Settings(adapt="off")
    set_fields(database, 0, load_thresholds(settings.config).learning.heard_fields)
    wake_due(database, settings, None, {book_id})
    assert load_book(database, book_id).state is BookState.DONE
    wake_due(database, settings, None, ())
    assert load_book(database, book_id).state is BookState.QUEUED
