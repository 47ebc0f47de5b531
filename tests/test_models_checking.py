"""The second loop: drawn by seed, decided by the plan, and a book that fails goes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk_people import person
from models_samples import book, claim, digitize, queue, result, save
from sqlalchemy import select, update

from models import book_entries, placed_entries, recount, save_finished_book
from models.check_lists import books_in_check, books_to_check
from models.checking import choose_plan, draw_round, note_check, rounds_of, send_all_back
from models.correcting import FieldChange, correct_field
from models.queueing import make_ready
from models.regroup_rows import join_rows
from models.releasing import release_book, release_entry
from models.reviewing import entry_for_review, held_entry, save_review, take_next
from models.states import Role
from models.tables import Entry, FieldValue, Scan
from pipeline.checks.lot_plan import PlanChoice
from pipeline.errors import BadValueError, DeskError, NotReleasableError, OutOfReachError
from pipeline.settings import DecisionThresholds
from pipeline.types import ValueState

THIRD = PlanChoice("share", share=0.3, allowed=0.0)


@pytest.fixture
def finished(database):
    """A book of ten entries in which nothing is open."""
    [book_id] = queue(database, book(5))
    digitize(database, book_id)
    save_finished_book(database, book_id, book_entries(database, book_id))
    for one in placed_entries(database, book_id):
        correct_field(database, one.id, "mother_full_name", value="Vũ Thị Đào", person="lan")
    return book_id


def test_a_book_that_fails_goes_back_and_passes_after_it_was_mended(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    with pytest.raises(BadValueError):
        draw_round(database, chief, finished)  # no plan yet
    choose_plan(database, chief, THIRD)
    assert [one[0] for one in books_to_check(database, chief)] == [finished]
    with pytest.raises(NotReleasableError, match="vòng 2"):
        release_book(database, chief, finished, DecisionThresholds())
    first = draw_round(database, chief, finished, "hạt giống")
    [drawn] = rounds_of(database, chief, finished)
    assert len(drawn.entries) == drawn.plan.first == 3 and drawn.verdict is None
    with pytest.raises(BadValueError):
        draw_round(database, chief, finished)  # one is open
    bad = drawn.entries[0].entry_id
    with pytest.raises(BadValueError):
        note_check(database, chief, first, bad, wrong=True)  # in what?
    said = {"wrong": True, "fields": ["sex"], "note": "giới tính nhầm"}
    assert note_check(database, chief, first, bad, **said) == "failed"
    with pytest.raises(OutOfReachError):
        note_check(database, chief, first, drawn.entries[1].entry_id, wrong=False)
    [listed] = books_in_check(database, chief)
    assert (listed.verdict, listed.drawn, listed.seen, listed.wrong) == ("failed", 3, 1, 1)
    assert recount(database) == []

    operator = person(database, "lan")
    hold = take_next(database, operator, seconds=60)
    assert hold.entry_id == bad
    hold, entry = held_entry(database, operator, bad)
    [finding] = [one for one in entry.findings if one.rule == "V40"]
    assert finding.fields == ("sex",) and finding.detail == "giới tính nhầm"
    change = FieldChange("sex", ValueState.WRITTEN, "Nam")
    assert save_review(database, hold, entry.version, [change], user=operator).settled
    assert "V40" not in {one.rule for one in entry_for_review(database, bad).findings}

    with pytest.raises(NotReleasableError):
        release_book(database, chief, finished, DecisionThresholds())
    again = draw_round(database, chief, finished)
    newest, _ = rounds_of(database, chief, finished)
    assert newest.seed.endswith("/2")
    verdicts = [
        note_check(database, chief, again, one.entry_id, wrong=False) for one in newest.entries
    ]
    assert verdicts == [None, None, "passed"]
    assert release_book(database, chief, finished, DecisionThresholds()).released == 10
    assert recount(database) == []


def test_the_second_sample_is_drawn_where_the_first_does_not_decide(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, PlanChoice("double", allowed=0.1, limit=0.6))
    round_id = draw_round(database, chief, finished, "1")
    [drawn] = rounds_of(database, chief, finished)
    plan = drawn.plan
    assert plan.second and plan.accept + 1 < plan.reject
    for at, one in enumerate(drawn.entries):
        note_check(database, chief, round_id, one.entry_id, wrong=at <= plan.accept, note="x")
    [more] = rounds_of(database, chief, finished)
    assert len(more.entries) == plan.first + plan.second
    assert len({one.entry_id for one in more.entries}) == len(more.entries)
    assert [one.entry_id for one in more.entries[: plan.first]] == [
        one.entry_id for one in drawn.entries
    ]


def test_all_entries_of_a_failed_book_can_be_sent_back_by_its_supervisor_alone(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    stranger = person(database, "other", Role.SUPERVISOR, units=["hp-cat-dai"])
    choose_plan(database, chief, THIRD)
    with pytest.raises(OutOfReachError):
        choose_plan(database, stranger, THIRD)
    with pytest.raises(OutOfReachError):
        draw_round(database, stranger, finished)
    round_id = draw_round(database, chief, finished)
    with pytest.raises(OutOfReachError):
        send_all_back(database, chief, round_id)  # it has not failed
    [drawn] = rounds_of(database, chief, finished)
    note_check(database, chief, round_id, drawn.entries[0].entry_id, wrong=True, note="x")
    assert send_all_back(database, chief, round_id) == 10
    assert recount(database) == []


def read_again(database, book_id, entries):
    """Read a book again as if nobody had set a field in it; ``entries`` stay on each scan."""
    with database.write() as connection:
        connection.execute(update(FieldValue).values(person_state=None))
        connection.execute(update(Entry).values(reviewed_at=None))
        make_ready(connection, book_id, list(connection.execute(select(Scan.id)).scalars()))
    for job in claim(database, book_id):
        seen = result(job.ref.number).entries[:entries]
        surely = [replace(one, fields=one.fields[:-1], findings=()) for one in seen]
        save(database, job, replace(result(job.ref.number), entries=tuple(surely)))


def test_drawn_entries_outlive_that_their_page_is_read_again(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, THIRD)
    draw_round(database, chief, finished)
    [before] = rounds_of(database, chief, finished)
    read_again(database, finished, entries=2)
    [after] = rounds_of(database, chief, finished)
    assert [one.entry_id for one in after.entries] == [one.entry_id for one in before.entries]
    assert not after.short


def test_others_are_drawn_for_entries_that_left_the_book_until_a_verdict_is_reached(
    database, finished
):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, PlanChoice("share", share=0.5, allowed=0.0))
    round_id = draw_round(database, chief, finished, "3")
    read_again(database, finished, entries=1)
    [short] = rounds_of(database, chief, finished)
    left = {one.entry_id for one in short.entries}
    assert short.short and 0 < len(left) < short.plan.first == 5
    first = short.entries[0].entry_id
    assert note_check(database, chief, round_id, first, wrong=False) is None
    assert draw_round(database, chief, finished) == round_id
    [full] = rounds_of(database, chief, finished)
    assert len(full.entries) == 5 and not full.short and left < {e.entry_id for e in full.entries}
    verdicts = [
        note_check(database, chief, round_id, one.entry_id, wrong=False)
        for one in full.entries
        if one.wrong is None
    ]
    assert verdicts[-1] == "passed" and set(verdicts[:-1]) <= {None}


def test_a_book_that_has_become_smaller_than_its_sample_is_decided_by_what_is_left(
    database, finished
):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, PlanChoice("share", share=0.8, allowed=0.0))
    round_id = draw_round(database, chief, finished, "3")
    read_again(database, finished, entries=1)
    [short] = rounds_of(database, chief, finished)
    for one in short.entries:
        assert note_check(database, chief, round_id, one.entry_id, wrong=False) is None
    draw_round(database, chief, finished)
    [rest] = rounds_of(database, chief, finished)
    assert len(rest.entries) == rest.plan.first == 5
    for one in rest.entries:
        if one.wrong is None:
            note_check(database, chief, round_id, one.entry_id, wrong=False)
    [done] = rounds_of(database, chief, finished)
    assert done.verdict == "passed" and done.lot == 10


def test_drawn_entries_are_not_joined_away_before_the_verdict(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, PlanChoice("share", share=1.0, allowed=0.0))
    draw_round(database, chief, finished)
    with database.read() as connection:
        scan_id = connection.execute(select(Scan.id).order_by(Scan.number)).scalars().first()
    with pytest.raises(DeskError, match="vòng 2"), database.write() as connection:
        join_rows(connection, scan_id, 0, "chief", {})


def test_no_entry_is_signed_alone_past_the_second_loop(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    first, second, *_ = [one.id for one in placed_entries(database, finished)]
    assert release_entry(database, chief, first).released == 1  # no plan: nothing is asked
    choose_plan(database, chief, PlanChoice("share", share=1.0, allowed=0.0))
    with pytest.raises(NotReleasableError, match="vòng 2"):
        release_entry(database, chief, second)
    round_id = draw_round(database, chief, finished)
    note_check(database, chief, round_id, first, wrong=True, note="nhầm")
    [failed] = rounds_of(database, chief, finished)
    assert [one.entry_id for one in failed.entries if one.wrong and one.released] == [first]


def test_a_second_loop_switched_off_asks_for_nothing_any_more(database, finished):
    chief = person(database, "chief", Role.SUPERVISOR)
    choose_plan(database, chief, THIRD)
    draw_round(database, chief, finished)
    with pytest.raises(NotReleasableError):
        release_book(database, chief, finished, DecisionThresholds())
    choose_plan(database, chief, PlanChoice("off"))
    assert release_book(database, chief, finished, DecisionThresholds()).released == 10
