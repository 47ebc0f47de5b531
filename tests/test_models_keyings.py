"""Two keyings, the arbiter, unannounced tests, and the error rates that follow."""

from __future__ import annotations

import pytest
from desk_people import person
from models_samples import AN_THAI, CAT_DAI, book, digitize, queue

from models import Database, recount, verify_audit
from models.keyings import keying_plans, operator_rates, plan_keying
from models.overview import books_at_desk, live_holds, set_priority, waiting_entries
from models.reviewing import (
    FieldChange,
    entry_for_review,
    escalate_entry,
    held_entry,
    hold_entry,
    save_review,
    take_next,
)
from models.states import DeskState, EntryState, Role, Task
from pipeline.errors import BadValueError, OutOfReachError
from pipeline.types import Decision, ValueState

MINUTE = 60.0
PLANNED = ("mother_full_name", "child_full_name")


def said(mother: str | None, child: str = "Nguyễn Thị Hoa 1.0") -> list[FieldChange]:
    state = ValueState.WRITTEN if mother else ValueState.BLANK
    return [
        FieldChange("mother_full_name", state, mother),
        FieldChange("child_full_name", ValueState.WRITTEN, child),
    ]


@pytest.fixture
def people(database: Database):
    (book_id,) = queue(database, book(1))
    digitize(database, book_id)
    boss = person(database, "boss", Role.SUPERVISOR)
    plan_keying(database, boss, book_id, PLANNED)
    lan, minh, hoa = (person(database, name) for name in ("lan", "minh", "hoa"))
    return book_id, boss, lan, minh, hoa


def take(db, user, **more):
    return take_next(db, user, seconds=MINUTE, **more)


def save(db, user, hold, changes):
    version = entry_for_review(db, hold.entry_id).version
    return save_review(db, hold, version, changes, user=user)


def test_two_who_agree_settle_an_entry_and_neither_saw_the_other(database, people):
    _, _, lan, minh, _ = people
    first = take(database, lan)
    assert not save(database, lan, first, said("Vũ Thị Đào")[:1]).settled  # the child's passed
    entry = entry_for_review(database, first.entry_id)
    assert (entry.state, entry.desk) == (EntryState.REVIEW, DeskState.SECOND)
    assert take(database, lan).entry_id != first.entry_id  # never one's own
    second = take(database, minh)
    assert (second.entry_id, second.task, second.blind) == (first.entry_id, Task.SECOND, True)
    _, seen = held_entry(database, minh, second.entry_id)
    for name in PLANNED:
        field = seen.field(name)
        assert (field.value, field.literal, field.person_value) == (None, "", None)
        assert field.decision is Decision.REVIEW
    assert seen.field("sex").value == "Nữ"
    assert "'lan'" not in repr(seen)
    with pytest.raises(BadValueError):
        save(database, minh, second, said("Vũ Thị Đào")[:1])  # a planned field is missing
    assert save(database, minh, second, said("Vũ  Thị Đào")).settled
    entry = entry_for_review(database, first.entry_id)
    assert entry.field("mother_full_name").person_by == "lan"
    assert entry.field("child_full_name").person_by == "minh"  # both agree on what passed
    assert recount(database) == []
    assert verify_audit(database).sound


def test_a_third_decides_where_two_differ_and_it_shows_who_was_wrong(database, people):
    _, _, lan, minh, hoa = people
    first = take(database, lan)
    save(database, lan, first, said("Vũ Thị Đào"))
    second = take(database, minh)
    assert not save(database, minh, second, said("Vũ Thị Đảo")).settled
    assert take(database, lan).entry_id != first.entry_id
    hold = take(database, hoa)
    assert (hold.entry_id, hold.task) == (first.entry_id, Task.ARBITRATE)
    _, seen = held_entry(database, hoa, hold.entry_id)
    assert {value for value, _ in seen.field("mother_full_name").keyed} == {
        "Vũ Thị Đào", "Vũ Thị Đảo",
    }  # fmt: skip
    assert seen.field("child_full_name").keyed == ()
    with pytest.raises(BadValueError):
        save(database, hoa, hold, said("x")[1:])
    assert save(database, hoa, hold, said("Vũ Thị Đào")[:1]).settled
    rates = {one.login: one for one in operator_rates(database)}
    assert (rates["lan"].seen, rates["lan"].wrong) == (2, 0)
    assert (rates["minh"].seen, rates["minh"].wrong) == (2, 1)
    assert rates["minh"].low < 0.5 < rates["minh"].high
    assert "hoa" not in rates
    near = person(database, "near", Role.SUPERVISOR, units=[AN_THAI.id])
    far = person(database, "far", Role.SUPERVISOR, units=[CAT_DAI.id])
    assert {one.login for one in operator_rates(database, near)} == {"lan", "minh"}
    assert operator_rates(database, far) == []
    assert recount(database) == []


def test_an_agreed_entry_comes_again_as_a_test_and_nothing_but_the_rate_changes(database, people):
    _, _, lan, minh, hoa = people
    first = take(database, lan)
    save(database, lan, first, said("Vũ Thị Đào"))
    save(database, minh, take(database, minh), said("Vũ Thị Đào"))
    before = entry_for_review(database, first.entry_id)
    test = take(database, hoa, test_share=1.0)
    assert (test.entry_id, test.task) == (first.entry_id, Task.TEST)
    _, seen = held_entry(database, hoa, test.entry_id)
    assert seen.desk is DeskState.OPEN  # looks like any other
    assert seen.field("mother_full_name").value is None
    assert save(database, hoa, test, said("Vũ Thị Dao")).settled
    assert entry_for_review(database, first.entry_id) == before
    rate = next(one for one in operator_rates(database) if one.login == "hoa")
    assert (rate.seen, rate.wrong, rate.tests) == (2, 1, 2)
    again = take(database, hoa, test_share=1.0)
    assert again.task is not Task.TEST  # none is given twice
    assert recount(database) == []


def test_undoing_a_first_keying_replaces_it(database, people):
    _, _, lan, minh, _ = people
    first = take(database, lan)
    save(database, lan, first, said("Vũ Thị Đ"))
    again = hold_entry(database, lan, first.entry_id, seconds=MINUTE)
    save(database, lan, again, said("Vũ Thị Đào"))
    assert save(database, minh, take(database, minh), said("Vũ Thị Đào")).settled


def test_a_plan_is_a_supervisors_takes_in_what_is_done_and_can_be_taken_back(database, people):
    book_id, boss, lan, _, _ = people
    assert keying_plans(database) == {book_id: tuple(sorted(PLANNED))}
    plan_keying(database, boss, book_id, None)
    first = take(database, lan)
    assert save(database, lan, first, said("Vũ Thị Đào")[:1]).settled
    with pytest.raises(OutOfReachError):
        plan_keying(database, lan, book_id, PLANNED)
    assert plan_keying(database, boss, book_id, []) == 1
    assert entry_for_review(database, first.entry_id).desk is DeskState.SECOND
    assert recount(database) == []
    plan_keying(database, boss, book_id, None)
    assert entry_for_review(database, first.entry_id).desk is DeskState.DONE
    assert recount(database) == []


def test_the_overview_shows_work_hands_and_reasons(database, people):
    book_id, boss, lan, minh, _ = people
    hold = take(database, lan)
    escalate_entry(database, hold, "hai <b>số</b>", lan)
    take(database, minh)
    (row,) = books_at_desk(database, boss)
    assert (row.id, row.entries_review, row.people, row.keyed) == (
        book_id, 2, 1, tuple(sorted(PLANNED)),
    )  # fmt: skip
    (waiting,) = waiting_entries(database, boss)
    assert (waiting.reason, waiting.by, waiting.desk) == (
        "hai <b>số</b>", "lan", DeskState.ESCALATED,
    )  # fmt: skip
    assert [one.login for one in live_holds(database, boss)] == ["minh"]
    elsewhere = person(database, "xa", Role.SUPERVISOR, units=["hp-cat-dai"])
    assert books_at_desk(database, elsewhere) == waiting_entries(database, elsewhere) == []
    with pytest.raises(OutOfReachError):
        set_priority(database, elsewhere, book_id, 3)
