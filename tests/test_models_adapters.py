"""What is learned from a book is kept, takes effect whole, and can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from models_samples import READER, birth, claim, digest, field, queue, result, save
from models_samples import book as sample_book
from sqlalchemy import select

from models import (
    AdapterState,
    BookState,
    NewAdapter,
    adapters_in_force,
    adapters_of,
    book_entries,
    correct_field,
    due_books,
    load_book,
    pending_books,
    recount,
    revert_adapters,
    reviewed_fields,
    save_adapters,
    save_finished_book,
    use_office_version,
    verify_audit,
    wake_book,
    work_left,
)
from models.reviewed import reviewed_count
from models.tables import Entry
from pipeline.types import Decision, ValueState

BASE = "hand-a14d0176"


def adapter(state=AdapterState.ACTIVE, hand=0, scans=(1,), **more):
    plain = NewAdapter(
        state=state, hand=hand, scans=scans, base=BASE, digest=digest(f"{state}{hand}{scans}"),
        data_digest=digest("data"), fields=60, lines=70, before=0.12, after=0.06, seconds=90.0,
    )  # fmt: skip
    return replace(plain, **more)


@pytest.fixture
def done(database):
    """A finished book of three scans: on the third the open field was read from print."""
    (book_id,) = queue(database, sample_book(3))
    for job in claim(database, book_id):
        by_hand = field("mother_full_name", "Vũ Thị Đào", decision=Decision.REVIEW, reader=BASE)
        changed = {"mother_full_name": replace(by_hand, reader=READER)}
        if job.ref.number < 3:
            changed = {"mother_full_name": by_hand}
        entries = tuple(birth(i, f"{job.ref.number}{i}", "Hoa", **changed) for i in range(2))
        save(database, job, replace(result(job.ref.number), entries=entries))
    save_finished_book(database, book_id, book_entries(database, book_id))
    return book_id


def entry_ids(database):
    with database.read() as connection:
        return list(connection.execute(select(Entry.id).order_by(Entry.id)).scalars())


def set_names(database, count):
    for entry_id in entry_ids(database)[:count]:
        correct_field(database, entry_id, "mother_full_name", value="Vũ Thị Đào", person="lan")


def test_a_kept_adapter_sends_the_open_handwriting_to_be_read_again(database, done):
    scans = save_adapters(database, done, [adapter()], reviewed=0, actor="lan")
    assert scans == 2  # the open field of the third scan is print
    assert work_left(database, done).ready == 2
    assert load_book(database, done).state is BookState.QUEUED
    assert recount(database) == []
    assert verify_audit(database).sound


def test_an_adapter_of_no_help_changes_nothing(database, done):
    rolled_back = adapter(AdapterState.ROLLED_BACK, digest=None)
    assert save_adapters(database, done, [rolled_back], reviewed=60, actor="lan") == 0
    assert load_book(database, done).state is BookState.DONE
    assert [one.state for one in adapters_in_force(database, done, BASE)] == [
        AdapterState.ROLLED_BACK
    ]


def test_a_new_adapter_takes_the_place_of_the_old_unless_that_still_serves(database, done):
    two_hands = [adapter(hand=0, scans=(1,)), adapter(hand=1, scans=(3,))]
    save_adapters(database, done, two_hands, reviewed=60, actor="lan")
    first, second = adapters_of(database, done)
    newer = [
        adapter(hand=0, scans=(1, 2)),
        adapter(AdapterState.ROLLED_BACK, hand=1, scans=(3,)),
    ]
    save_adapters(database, done, newer, reviewed=90, still=[second.id], actor="lan")
    states = {(one.version, one.hand): one.state for one in adapters_of(database, done)}
    assert states == {
        (1, 0): AdapterState.SUPERSEDED,
        (1, 1): AdapterState.ACTIVE,
        (2, 0): AdapterState.ACTIVE,
        (2, 1): AdapterState.ROLLED_BACK,
    }
    assert first.before == 0.12


def test_adapters_of_other_base_weights_are_not_in_force(database, done):
    save_adapters(database, done, [adapter(base="hand-00000000")], reviewed=60, actor="lan")
    assert adapters_in_force(database, done, BASE) == []


def test_reverting_a_book_reads_it_again_without(database, done):
    save_adapters(database, done, [adapter()], reviewed=60, actor="lan")
    assert revert_adapters(database, done, actor="lan") == (1, 0)  # they wait already
    assert adapters_in_force(database, done, BASE) == []
    assert revert_adapters(database, done, actor="lan") == (0, 0)


def test_the_office_goes_back_to_the_version_before(database):
    for number in range(3):
        one = adapter(digest=digest(str(number)))
        save_adapters(database, None, [one], reviewed=500, actor="lan")
    assert use_office_version(database, 1, actor="lan")
    assert not use_office_version(database, 9, actor="lan")
    assert [one.version for one in adapters_in_force(database, None, BASE)] == [1]
    assert use_office_version(database, 3, actor="lan")
    assert revert_adapters(database, None, actor="lan") == (1, 0)
    assert [one.version for one in adapters_in_force(database, None, BASE)] == [2]
    assert verify_audit(database).sound


def test_a_book_is_due_at_first_and_then_when_the_reviewed_have_grown(database, done):
    def due(first):
        return due_books(database, BASE, first=first, growth=1.5)

    set_names(database, 2)
    assert (due(first=3), due(first=2)) == ([], [done])
    save_adapters(
        database, done, [adapter(AdapterState.SKIPPED, digest=None)], reviewed=2, actor="run"
    )
    assert due(first=2) == []
    set_names(database, 3)
    assert due(first=2) == [done]
    assert due_books(database, "hand-00000000", first=2, growth=1.5) == [done]


def test_a_book_without_open_fields_is_never_due(database, done):
    set_names(database, 6)
    assert reviewed_count(database, done) == 6
    assert due_books(database, BASE, first=2, growth=1.5) == []


def test_a_book_is_woken_once_and_its_run_ends_it_again(database, done):
    assert wake_book(database, done, actor="dispatcher")
    assert not wake_book(database, done, actor="dispatcher")
    assert [book.id for book in pending_books(database)] == [done]
    save_finished_book(database, done, book_entries(database, done))
    assert pending_books(database) == []
    assert recount(database) == []


def test_only_written_fields_teach(database, done):
    first, second = entry_ids(database)[:2]
    correct_field(database, first, "child_full_name", value="Nguyễn Thị Hòa", person="lan")
    correct_field(database, second, "sex", value=None, state=ValueState.UNREADABLE, person="lan")
    (one,) = reviewed_fields(database, done)
    assert (one.scan.number, one.entry, one.field) == (1, 0, "child_full_name")
    assert (one.literal, one.value) == ("Hoa", "Nguyễn Thị Hòa")
