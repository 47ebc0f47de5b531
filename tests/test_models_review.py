"""The desk's queue: who gets which entry, what saving does, what is never lost."""

from __future__ import annotations

import threading
import time

import pytest
from desk_people import person
from models_samples import CAT_DAI, book, claim, digitize, queue, result, save
from sqlalchemy import text

from models import (
    Database,
    book_entries,
    open_database,
    recount,
    save_finished_book,
    verify_audit,
)
from models.drafts import drafts_of, drop_draft, load_draft, save_draft
from models.reviewing import (
    FieldChange,
    LostHold,
    StaleEntry,
    ask_rescan,
    entry_for_review,
    escalate_entry,
    give_back,
    held_entry,
    hold_entry,
    holds_of,
    may_reach,
    renew_hold,
    return_entry,
    save_review,
    skip_entry,
    take_next,
)
from models.states import DeskState, Role, Task
from models.taking import waiting_in
from models.users import User, change_user
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.types import Decision, ValueState

MINUTE = 60.0
MOTHER = FieldChange("mother_full_name", ValueState.WRITTEN, "Vũ Thị Đào", "Vũ Thị Đào")


@pytest.fixture
def book_id(database: Database) -> int:
    (book_id,) = queue(database, book(2))
    digitize(database, book_id)
    return book_id


@pytest.fixture
def lan(database: Database, book_id: int) -> User:
    return person(database, "lan")


@pytest.fixture
def minh(database: Database, book_id: int) -> User:
    return person(database, "minh")


def take(db: Database, user: User, **more: object):
    return take_next(db, user, seconds=MINUTE, **more)


def finish(db: Database, user: User, hold, version: int = 1):
    return save_review(db, hold, version, [MOTHER], user=user)


def test_entries_come_in_reading_order_and_each_to_one_person(database, lan, minh):
    first, second = take(database, lan), take(database, minh)
    places = []
    for hold in (first, second):
        entry = entry_for_review(database, hold.entry_id)
        places.append((entry.scan_number, entry.position))
    assert places == [(1, 0), (1, 1)]
    finish(database, lan, first)
    third = take(database, lan)
    entry = entry_for_review(database, third.entry_id)
    assert (entry.scan_number, entry.position) == (2, 0)


def test_what_is_in_hand_comes_again_and_another_is_taken_ahead(database, lan):
    hold = take(database, lan)
    assert take(database, lan).entry_id == hold.entry_id
    ahead = take(database, lan, but=hold.entry_id)
    assert ahead.entry_id != hold.entry_id
    assert take(database, lan, but=hold.entry_id).entry_id == ahead.entry_id
    assert [one.entry_id for one in holds_of(database, lan.id)] == [hold.entry_id, ahead.entry_id]


def test_an_entry_shows_what_is_doubtful_and_what_else_it_may_be(database, lan):
    hold = take(database, lan)
    held, entry = held_entry(database, lan, hold.entry_id, hold.token)
    assert held == hold
    assert [field.field for field in entry.doubtful] == ["mother_full_name"]
    assert entry.field("birth_place").place.candidates[0].name == "An Lão"
    assert entry.unit_name == "Xã An Thái"
    assert (entry.kind, entry.year, entry.version) == ("KS", 2008, 1)
    assert entry.pages[0].width == 2480
    assert entry.findings[0].rule == "V07"


def test_saving_settles_the_entry_and_moves_counters_version_and_log(database, lan, book_id):
    hold = take(database, lan)
    saved = finish(database, lan, hold)
    assert (saved.version, saved.settled) == (2, True)
    entry = entry_for_review(database, hold.entry_id)
    field = entry.field("mother_full_name")
    assert (field.person_value, field.person_by, field.person_literal) == (
        "Vũ Thị Đào", "lan", "Vũ Thị Đào",
    )  # fmt: skip
    assert field.decision is Decision.REVIEW  # the machine's word stays
    assert entry.desk is DeskState.DONE
    assert recount(database) == []
    assert verify_audit(database).sound
    assert holds_of(database, lan.id) == []
    with pytest.raises(LostHold):
        finish(database, lan, hold, 2)


def test_all_fields_are_saved_or_none(database, lan):
    hold = take(database, lan)
    with pytest.raises(LookupError):
        save_review(
            database, hold, 1, [MOTHER, FieldChange("no_such", ValueState.BLANK, None)], user=lan
        )
    entry = entry_for_review(database, hold.entry_id)
    assert entry.field("mother_full_name").person_state is None
    assert entry.version == 1
    assert recount(database) == []


def test_a_version_that_is_not_the_present_one_saves_nothing_and_shows_both(database, lan):
    boss = person(database, "boss", Role.SUPERVISOR)
    hold = take(database, lan)
    finish(database, lan, hold)
    again = hold_entry(database, lan, hold.entry_id, seconds=MINUTE)  # undo
    assert again.task is Task.INSPECT
    with pytest.raises(LostHold):
        hold_entry(database, boss, hold.entry_id, seconds=MINUTE)
    with pytest.raises(StaleEntry) as stale:
        save_review(database, again, 1, [MOTHER], user=lan)
    assert stale.value.current.version == 2
    assert not stale.value.machine_only
    assert save_review(database, again, 2, [MOTHER], user=lan).version == 3


def test_reading_a_scan_again_keeps_the_entry_in_hand_and_says_it_was_the_machine(
    database, lan, book_id
):
    hold = take(database, lan)
    other = entry_for_review(database, hold.entry_id)
    _read_again(database, book_id)
    entry = entry_for_review(database, hold.entry_id)
    assert entry.version > other.version
    with pytest.raises(StaleEntry) as stale:
        finish(database, lan, hold)
    assert stale.value.machine_only
    assert finish(database, lan, hold, stale.value.current.version).settled


def _read_again(database, book_id):
    """As an adapter's return to the queue does it."""
    from sqlalchemy import update

    from models.states import JobState
    from models.tables import PageJob

    with database.write() as connection:
        connection.execute(
            update(PageJob).where(PageJob.book_id == book_id).values(state=JobState.READY)
        )
    for job in claim(database, book_id):
        assert save(database, job)


def test_a_held_entry_that_is_no_longer_on_the_page_is_lost_without_trace(database, lan, book_id):
    from sqlalchemy import update

    from models.states import JobState
    from models.tables import PageJob

    first = take(database, lan)
    second = take(database, lan, but=first.entry_id)
    with database.write() as connection:
        connection.execute(update(PageJob).values(state=JobState.READY))
    for job in claim(database, book_id):
        assert save(database, job, result(job.ref.number, entries=1))
    assert [hold.entry_id for hold in holds_of(database, lan.id)] == [first.entry_id]
    with pytest.raises(LostHold):
        finish(database, lan, second)
    assert recount(database) == []


def test_a_hold_that_ran_out_may_be_taken_by_somebody_else(database, lan, minh):
    hold = take_next(database, lan, seconds=0.01)
    time.sleep(0.05)
    assert renew_hold(database, hold, 0.01)  # still nobody else's
    time.sleep(0.05)
    taken = take(database, minh)
    assert taken.entry_id == hold.entry_id
    assert not renew_hold(database, hold, MINUTE)
    with pytest.raises(LostHold):
        finish(database, lan, hold)
    assert finish(database, minh, taken).settled


def test_a_hold_that_ran_out_still_saves_while_nobody_took_the_entry(database, lan):
    hold = take_next(database, lan, seconds=0.01)
    time.sleep(0.05)
    assert finish(database, lan, hold).settled


def test_a_skipped_entry_goes_to_somebody_else(database, lan, minh):
    hold = take(database, lan)
    skip_entry(database, hold, "mờ", lan)
    assert take(database, lan).entry_id != hold.entry_id
    assert take(database, minh).entry_id == hold.entry_id
    with pytest.raises(LostHold):
        skip_entry(database, hold, "mờ", lan)


def test_escalated_entries_and_rescans_wait_for_a_supervisor(database, lan, minh, book_id):
    boss = person(database, "boss", Role.SUPERVISOR)
    hold, other = take(database, lan), take(database, minh)
    escalate_entry(database, hold, "hai số khác nhau", lan)
    ask_rescan(database, other, "trang gấp", minh)
    assert entry_for_review(database, hold.entry_id).desk is DeskState.ESCALATED
    assert entry_for_review(database, other.entry_id).desk is DeskState.RESCAN
    assert {take(database, one).entry_id for one in (lan, minh)}.isdisjoint(
        {hold.entry_id, other.entry_id}
    )
    _read_again(database, book_id)  # the machine does not take it back
    assert entry_for_review(database, hold.entry_id).desk is DeskState.ESCALATED
    theirs = hold_entry(database, boss, hold.entry_id, seconds=MINUTE)
    version = entry_for_review(database, hold.entry_id).version
    assert finish(database, boss, theirs, version).settled
    assert not return_entry(database, lan, other.entry_id)
    assert return_entry(database, boss, other.entry_id)
    assert entry_for_review(database, other.entry_id).desk is DeskState.OPEN
    assert recount(database) == []


def test_finishing_a_book_with_a_review_in_between_keeps_it(database, lan, book_id):
    hold = take(database, lan)
    finish(database, lan, hold)
    save_finished_book(database, book_id, book_entries(database, book_id))
    entry = entry_for_review(database, hold.entry_id)
    assert entry.field("mother_full_name").person_by == "lan"
    assert entry.desk is DeskState.DONE
    assert recount(database) == []


def test_operators_reach_only_what_they_hold_or_have_saved(database, lan, minh):
    boss = person(database, "boss", Role.SUPERVISOR)
    hold = take(database, lan)
    assert may_reach(database, lan, hold.entry_id)
    assert not may_reach(database, minh, hold.entry_id)
    assert may_reach(database, boss, hold.entry_id)
    with pytest.raises(OutOfReachError):
        hold_entry(database, minh, hold.entry_id, seconds=MINUTE)
    with pytest.raises(OutOfReachError):
        hold_entry(database, minh, 10**9, seconds=MINUTE)
    with pytest.raises(LostHold):
        held_entry(database, minh, hold.entry_id)
    finish(database, lan, hold)
    assert may_reach(database, lan, hold.entry_id)


def test_scope_holds_for_queue_and_reach(database, lan):
    (other,) = queue(database, book(1, unit=CAT_DAI), name="lô 2")
    digitize(database, other)
    here = person(database, "hoa", units=[CAT_DAI.id])
    nobody = person(database, "nam", units=[])
    boss = person(database, "boss", Role.SUPERVISOR, units=[CAT_DAI.id])
    hold = take(database, here)
    assert hold.book_id == other
    assert take(database, nobody) is None
    foreign = take(database, lan).entry_id
    assert not may_reach(database, boss, foreign)
    assert may_reach(database, boss, hold.entry_id)
    with pytest.raises(OutOfReachError):
        hold_entry(database, boss, foreign, seconds=MINUTE)
    firm = person(database, "firm", Role.CONTRACTOR, contractor="Số Hóa Xanh")
    assert take(database, firm) is None
    assert not may_reach(database, firm, hold.entry_id)


def test_what_is_in_hand_leaves_with_the_scope(database, lan):
    (other,) = queue(database, book(1, unit=CAT_DAI), name="lô 2")
    digitize(database, other)
    hold = take(database, lan)
    moved = change_user(database, "lan", units=[CAT_DAI.id], everywhere=False, actor="test")
    with pytest.raises(OutOfReachError):
        held_entry(database, moved, hold.entry_id, hold.token)
    assert take(database, moved).book_id == other


def test_two_books_one_person_each_and_priority_before_all(database, lan, minh, book_id):
    from sqlalchemy import update

    from models.tables import Unit

    (other,) = queue(database, book(1, unit=CAT_DAI), name="lô 2")
    digitize(database, other)
    assert take(database, lan).book_id == book_id
    assert take(database, minh).book_id == other  # nobody sits there
    with database.write() as connection:
        connection.execute(update(Unit).where(Unit.id == CAT_DAI.id).values(priority=5))
    assert take(database, person(database, "hoa")).book_id == other


def test_many_race_for_few_entries_and_none_is_taken_twice(database_url, database, book_id):
    people = [person(database, f"user{n}") for n in range(6)]
    taken, faults = [], []
    gate = threading.Barrier(len(people))

    def work(user):
        db = open_database(database_url)
        try:
            gate.wait()
            hold = take_next(db, user, seconds=MINUTE)
            if hold is not None:
                taken.append(hold.entry_id)
        except Exception as error:
            faults.append(error)
        finally:
            db.close()

    threads = [threading.Thread(target=work, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(taken) == len(set(taken)) == 4
    assert verify_audit(database).sound


def test_a_draft_outlives_hold_and_person_coming_back(database, lan, minh):
    hold = take(database, lan)
    typed = {"mother_full_name": {"text": "Vũ Thị Đà", "state": "written"}}
    save_draft(database, lan.id, hold.entry_id, 1, {"x": 1})
    save_draft(database, lan.id, hold.entry_id, 1, typed)
    give_back(database, hold)
    kept = load_draft(database, lan.id, hold.entry_id)
    assert (kept.fields, kept.version) == (typed, 1)
    assert load_draft(database, minh.id, hold.entry_id) is None
    again = hold_entry(database, lan, hold.entry_id, seconds=MINUTE)  # theirs by the draft
    finish(database, lan, again)
    assert drafts_of(database, lan.id) == []
    drop_draft(database, lan.id, hold.entry_id)
    with pytest.raises(OutOfReachError):
        save_draft(database, lan.id, 10**9, 1, typed)
    for bad in ({"x": "a" * 300_000}, {"x": "a\0b"}):
        with pytest.raises(BadValueError):
            save_draft(database, lan.id, hold.entry_id, 1, bad)


def test_a_value_that_cannot_be_stored_is_refused_and_nothing_changes(database, lan):
    hold = take(database, lan)
    for value in ("a" * 10_000, "a\0b", "a\x07b", "\ud800", "a\u200bb\x1b[31m"):
        change = FieldChange("notes", ValueState.WRITTEN, value)
        with pytest.raises(BadValueError):
            save_review(database, hold, 1, [change], user=lan)
    with pytest.raises(BadValueError):
        save_review(database, hold, 1, [MOTHER, MOTHER], user=lan)
    assert entry_for_review(database, hold.entry_id).version == 1
    assert renew_hold(database, hold, MINUTE)


def test_a_state_without_value_keeps_none_and_text_becomes_composed(database, lan):
    hold = take(database, lan)
    changes = [
        FieldChange("mother_full_name", ValueState.UNREADABLE, "nothing"),
        FieldChange("child_full_name", ValueState.WRITTEN, "Nguye\u0302\u0303n Thi\u0323 Hoa"),
    ]
    saved = save_review(database, hold, 1, changes, user=lan)
    entry = entry_for_review(database, hold.entry_id)
    assert saved.settled
    assert entry.field("mother_full_name").shown == (None, ValueState.UNREADABLE)
    assert entry.field("child_full_name").shown == ("Nguyễn Thị Hoa", ValueState.WRITTEN)


def test_the_next_entry_is_found_by_the_index_of_waiting_entries(database, lan, book_id):
    for after in (None, (1, 0)):
        query = waiting_in(lan, book_id, after).compile(
            database.engine, compile_kwargs={"literal_binds": True}
        )
        explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
        with database.read() as connection:
            if database.dialect == "postgresql":  # a table of four rows is sooner read whole
                connection.execute(text("SET LOCAL enable_seqscan = off"))
                connection.execute(text("SET LOCAL enable_sort = off"))
                connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            plan = "\n".join(
                str(row) for row in connection.exec_driver_sql(f"{explain} {query}").all()
            )
        assert "ix_entry_queue" in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
