"""An entry that a person crosses out though the machine has not asked, and lifts again."""

from __future__ import annotations

import pytest
from desk_people import person
from models_samples import book, digitize, queue
from sqlalchemy import select

from models import book_progress, export_fields, recount, requeue_scans, verify_audit
from models.keyings import plan_keying
from models.reviewed import reviewed_fields
from models.reviewing import (
    FieldChange,
    entry_for_review,
    held_entry,
    hold_entry,
    save_review,
    take_next,
    with_void_field,
)
from models.states import Role, ScanState
from models.tables import AuditEvent, BirthRecord, Entry
from pipeline.checks.voids import VOID, VOIDED
from pipeline.types import ValueState

MINUTE = 60.0
CROSSED_OUT = FieldChange(VOIDED, ValueState.WRITTEN, VOID, VOID)
LIFTED = FieldChange(VOIDED, ValueState.BLANK, None)


@pytest.fixture
def book_id(database):
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    return book_id


@pytest.fixture
def lan(database, book_id):
    return person(database, "lan", Role.SUPERVISOR)


def say(database, user, hold, *changes):
    _, entry = held_entry(database, user, hold.entry_id)
    confirmed = [
        FieldChange(one.field, one.state, one.value)
        for one in entry.doubtful
        if one.field not in {change.field for change in changes}
    ]
    save_review(database, hold, entry.version, [*confirmed, *changes], user=user)


def crossed_out(database, user):
    hold = take_next(database, user, seconds=MINUTE)
    say(database, user, hold, CROSSED_OUT)
    return hold.entry_id


def stands_void(database, entry_id):
    with database.read() as connection:
        return connection.execute(select(Entry.voided).where(Entry.id == entry_id)).scalar_one()


def has_record(database, entry_id):
    with database.read() as connection:
        found = select(BirthRecord.entry_id).where(BirthRecord.entry_id == entry_id)
        return connection.execute(found).first() is not None


def test_a_person_crosses_an_entry_out_and_it_is_counted_like_one_the_machine_found(database, lan):
    entry_id = crossed_out(database, lan)
    assert stands_void(database, entry_id)
    assert not has_record(database, entry_id)
    (row,) = book_progress(database, None, None)
    assert row.tally.voided_entries == 1
    assert recount(database) == []
    field = entry_for_review(database, entry_id).fields[0]
    assert (field.field, field.shown, field.person_by) == (
        VOIDED, (VOID, ValueState.WRITTEN), "lan"
    )  # fmt: skip
    assert (field.value, field.state) == (None, ValueState.BLANK)


def test_who_said_it_stands_in_the_audit_log(database, lan):
    crossed_out(database, lan)
    with database.read() as connection:
        (told,) = connection.execute(
            select(AuditEvent.detail).where(AuditEvent.action == "entry.reviewed")
        ).scalars()
    assert told["fields"][VOIDED] == {
        "was": None, "was_state": "blank", "is": VOID, "is_state": "written"
    }  # fmt: skip
    assert verify_audit(database).sound


def test_it_is_lifted_again_and_the_entry_is_a_live_record(database, lan):
    entry_id = crossed_out(database, lan)
    say(database, lan, hold_entry(database, lan, entry_id, seconds=MINUTE), LIFTED)
    assert not stands_void(database, entry_id)
    assert has_record(database, entry_id)
    (row,) = book_progress(database, None, None)
    assert row.tally.voided_entries == 0
    assert recount(database) == []


def test_it_is_exported_with_a_row_of_its_own_and_teaches_no_reader(database, book_id, lan):
    crossed_out(database, lan)
    (mark,) = [row for row in export_fields(database) if row.field == VOIDED]
    assert (mark.value, mark.decision) == (VOID, "person")
    assert VOIDED not in {field.field for field in reviewed_fields(database, book_id)}


def test_an_entry_that_nobody_crosses_out_gets_no_such_field(database, lan):
    hold = take_next(database, lan, seconds=MINUTE)
    offered = with_void_field(entry_for_review(database, hold.entry_id))
    assert offered.field(VOIDED).state is ValueState.BLANK
    say(database, lan, hold, LIFTED)
    stored = entry_for_review(database, hold.entry_id)
    assert VOIDED not in {field.field for field in stored.fields}
    assert stored.reviewed_at is not None


def test_reading_the_scan_again_leaves_it_crossed_out(database, book_id, lan):
    entry_id = crossed_out(database, lan)
    assert requeue_scans(database, book_id, [ScanState.READ], actor="test")
    digitize(database, book_id)
    assert stands_void(database, entry_id)
    assert entry_for_review(database, entry_id).fields[0].field == VOIDED
    assert recount(database) == []


def test_a_book_keyed_twice_asks_the_second_person_too(database, book_id, lan):
    plan_keying(database, lan, book_id, [])
    entry_id = crossed_out(database, person(database, "an"))
    other = person(database, "binh", Role.SUPERVISOR)
    hold = hold_entry(database, other, entry_id, seconds=MINUTE)
    assert hold.blind
    _, seen = held_entry(database, other, entry_id)
    assert seen.field(VOIDED).doubtful
    assert seen.field(VOIDED).shown == (None, ValueState.UNREADABLE)
