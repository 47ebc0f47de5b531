"""Signing off: what blocks it, who may, and that released values stay what they are."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from desk_people import person
from models_samples import (
    AN_THAI,
    CAT_DAI,
    birth,
    book,
    claim,
    digitize,
    field,
    page,
    queue,
    rescan_result,
    result,
    save,
)
from sqlalchemy import select, text

from models import (
    book_entries,
    books_to_check,
    correct_field,
    requeue_scans,
    save_finished_book,
    verify_audit,
    wake_book,
)
from models.correcting import FieldChange
from models.counters import recount
from models.holding import hold_entry
from models.progress import book_progress, progress
from models.release_check import blockers_of_book
from models.releasing import (
    approve_correction,
    correct_released,
    release_book,
    release_entry,
    set_four_eyes,
)
from models.reviewing import return_entry, save_review, take_next
from models.states import Role, ScanState
from models.tables import AuditEvent, Entry, FieldValue, ReleaseCorrection
from pipeline.checks.entry_rules import check_entry
from pipeline.checks.voids import VOID, VOIDED
from pipeline.errors import BadValueError, NotReleasableError, OutOfReachError, ReleasedError
from pipeline.settings import DecisionThresholds
from pipeline.types import Finding, Kind, Severity, ValueState
from pipeline.values import Context

ALLOWED = DecisionThresholds()
WRITTEN, BLANK = ValueState.WRITTEN, ValueState.BLANK


@pytest.fixture
def boss(database):
    return person(database, "boss", Role.SUPERVISOR)


@pytest.fixture
def read_book(database):
    """A finished book of two scans with two entries each, the mothers' names in doubt."""
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    save_finished_book(database, book_id, book_entries(database, book_id))
    return book_id


def entries(database, book_id):
    with database.read() as connection:
        query = select(Entry.id).where(Entry.book_id == book_id).order_by(Entry.id)
        return list(connection.execute(query).scalars())


def settle(database, book_id):
    for entry_id in entries(database, book_id):
        correct_field(database, entry_id, "mother_full_name", value="Vũ Thị Đào", person="lan")


def values(database, entry_id):
    with database.read() as connection:
        rows = connection.execute(
            select(
                FieldValue.field, FieldValue.value, FieldValue.person_value, FieldValue.literal
            ).where(FieldValue.entry_id == entry_id)
        )
        return sorted(tuple(row) for row in rows)


def test_a_settled_book_is_released_with_all_its_entries_and_counted(database, boss, read_book):
    settle(database, read_book)
    signed = release_book(database, boss, read_book, ALLOWED)
    assert (signed.released, signed.awaits_second) == (4, False)
    [told] = book_progress(database, book=read_book)
    assert (told.tally.entries_released, told.tally.entries_settled) == (4, 0)
    assert progress(database)[0].tally.entries_released == 4
    assert recount(database) == []
    assert verify_audit(database).sound
    assert release_book(database, boss, read_book, ALLOWED).released == 0  # again: nothing


def test_open_fields_scans_and_totals_block_a_book_each_by_name(database, boss, read_book):
    with pytest.raises(NotReleasableError) as refused:
        release_book(database, boss, read_book, ALLOWED)
    assert "4" in refused.value.what()
    settle(database, read_book)
    with pytest.raises(NotReleasableError):
        release_book(database, boss, read_book, ALLOWED, closing=5)
    with database.read() as connection:
        assert blockers_of_book(connection, read_book, ALLOWED) == []  # nothing was kept
    with pytest.raises(BadValueError):
        release_book(database, boss, read_book, ALLOWED, closing=-1)
    assert (
        release_book(database, boss, read_book, ALLOWED, closing=5, note="Số 3 bỏ trống").released
        == 4
    )


def test_a_scan_to_be_made_again_blocks_its_book(database, boss):
    [book_id] = queue(database, book(2))
    first, second = claim(database, book_id)
    save(database, first, rescan_result())
    save(database, second, result(2))
    settle(database, book_id)
    save_finished_book(database, book_id, book_entries(database, book_id))
    with database.read() as connection:
        assert [one.code for one in blockers_of_book(connection, book_id, ALLOWED)] == ["stuck"]
    with pytest.raises(NotReleasableError):
        release_book(database, boss, book_id, ALLOWED)


def test_error_findings_and_entries_in_hand_block_an_entry(database, boss):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    sure = field("mother_full_name", "Vũ Thị Đào")
    wrong = birth(0, "01", "Nguyễn Thị Hoa", mother_full_name=sure)
    wrong = type(wrong)(0, "01", wrong.fields, (Finding("V01", Severity.ERROR, (), "x"),))
    both = (wrong, birth(1, "02", "Nguyễn Văn An"))
    save(database, job, replace(result(1), entries=both))
    with_error, in_hand = entries(database, book_id)
    with pytest.raises(NotReleasableError):
        release_entry(database, boss, with_error)
    correct_field(database, in_hand, "mother_full_name", value="Vũ Thị Đào", person="lan")
    release_entry(database, boss, in_hand)
    assert recount(database) == []


def contradictory(database):
    """A book of one entry in which a rule finds an error, and no field is open."""
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    sure = field("mother_full_name", "Vũ Thị Đào")
    one = birth(0, "01", "Nguyễn Thị Hoa", mother_full_name=sure)
    error = Finding("V05", Severity.ERROR, ("registration_date",), "2018")
    save(database, job, replace(result(1), entries=(replace(one, findings=(error,)),)))
    save_finished_book(database, book_id, book_entries(database, book_id))
    return book_id


def test_what_the_paper_says_against_a_rule_is_released_with_a_reason(database, boss):
    book_id = contradictory(database)
    [entry_id] = entries(database, book_id)
    with pytest.raises(NotReleasableError):
        release_entry(database, boss, entry_id, as_written="  ")
    assert release_entry(database, boss, entry_id, as_written="Sổ ghi năm 2018").released == 1
    assert release_book(database, boss, book_id, ALLOWED).released == 0
    with database.read() as connection:
        query = select(AuditEvent.detail).where(AuditEvent.action == "entry.released")
        [told] = connection.execute(query).scalars()
    assert told == {"as_written": "Sổ ghi năm 2018", "rules": ["V05"]}
    assert recount(database) == []


def test_a_reason_opens_nothing_but_error_findings(database, boss, read_book):
    with pytest.raises(NotReleasableError):
        release_entry(database, boss, entries(database, read_book)[0], as_written="vội")


def test_a_book_is_checked_again_once_people_have_corrected_what_rules_found(database, boss):
    book_id = contradictory(database)
    [entry_id] = entries(database, book_id)
    assert books_to_check(database) == []  # nobody has said anything yet
    time.sleep(0.002)
    correct_field(database, entry_id, "registration_date", value="2008-03-05", person="lan")
    assert books_to_check(database) == [book_id]
    with pytest.raises(NotReleasableError):
        release_entry(database, boss, entry_id)
    assert wake_book(database, book_id, actor="dispatcher", reason="check")
    assert books_to_check(database) == []
    context = Context(kind=Kind.BIRTH, year=2008, unit="Xã An Thái")
    read = [replace(one, findings=()) for one in book_entries(database, book_id)]
    found = [replace(one, findings=check_entry(one, context)) for one in read]
    save_finished_book(database, book_id, found)
    assert books_to_check(database) == []
    assert release_entry(database, boss, entry_id).released == 1


def test_an_error_of_a_persons_own_is_found_and_comes_back_to_the_operators(
    database, boss, read_book
):
    lan = person(database, "lan")
    context = Context(kind=Kind.BIRTH, year=2008, unit="Xã An Thái")
    settle(database, read_book)
    first = entries(database, read_book)[0]
    assert take_next(database, lan, seconds=60) is None
    hold = hold_entry(database, boss, first, seconds=60)
    wrong = FieldChange("registration_date", WRITTEN, "2018-03-05")
    save_review(database, hold, version(database, first), [wrong], user=boss)
    assert books_to_check(database) == [read_book]

    def check():
        found = [
            replace(one, findings=tuple(f for f in check_entry(one, context) if f.rule == "V05"))
            for one in book_entries(database, read_book)
        ]
        save_finished_book(database, read_book, found)

    check()
    assert take_next(database, lan, seconds=60).entry_id == first
    assert books_to_check(database) == []  # not while somebody is to look
    hold = hold_entry(database, lan, first, seconds=60)
    save_review(database, hold, version(database, first), [wrong], user=lan)  # the paper says so
    assert take_next(database, lan, seconds=60) is None
    assert books_to_check(database) == [read_book]
    check()
    assert take_next(database, lan, seconds=60) is None
    assert books_to_check(database) == []
    assert recount(database) == []


def test_a_released_entry_is_declared_void_by_a_recorded_correction_and_back(
    database, boss, read_book
):
    settle(database, read_book)
    entry_id = entries(database, read_book)[0]
    release_book(database, boss, read_book, ALLOWED)
    cross_out, lift = FieldChange(VOIDED, WRITTEN, VOID), FieldChange(VOIDED, BLANK, None)
    with pytest.raises(BadValueError):
        correct_released(database, boss, entry_id, lift, "không hề bị hủy")
    correct_released(database, boss, entry_id, cross_out, "Quyết định hủy số 12")
    assert voided(database, entry_id)
    assert recount(database) == []
    correct_released(database, boss, entry_id, lift, "Nhầm trường hợp")
    assert not voided(database, entry_id)
    assert recount(database) == []
    with database.read() as connection:
        query = select(ReleaseCorrection.field, ReleaseCorrection.was_value).order_by(
            ReleaseCorrection.id
        )
        assert list(connection.execute(query)) == [(VOIDED, None), (VOIDED, VOID)]
    assert verify_audit(database).sound


def test_with_four_eyes_a_void_takes_effect_with_the_second_signature(database, boss, read_book):
    settle(database, read_book)
    release_book(database, boss, read_book, ALLOWED)
    set_four_eyes(database, boss, AN_THAI.id, True)
    entry_id = entries(database, read_book)[0]
    number = correct_released(
        database, boss, entry_id, FieldChange(VOIDED, WRITTEN, VOID), "Quyết định hủy số 12"
    )
    assert not voided(database, entry_id)
    assert recount(database) == []
    approve_correction(database, person(database, "chief", Role.SUPERVISOR), number)
    assert voided(database, entry_id)
    assert recount(database) == []


def voided(database, entry_id):
    with database.read() as connection:
        return connection.execute(select(Entry.voided).where(Entry.id == entry_id)).scalar_one()


def test_a_failing_blind_sample_blocks_the_book(database, boss, read_book):
    settle(database, read_book)
    strict = DecisionThresholds()
    with database.write() as connection:  # all of the sample was read wrongly
        connection.execute(
            text("UPDATE field_value SET reasons = :r, value = 'sai' WHERE field = :f"),
            {"r": '["blind_sample"]', "f": "mother_full_name"},
        )
    with database.read() as connection:
        assert [one.code for one in blockers_of_book(connection, read_book, strict)] == ["quality"]


def test_nobody_changes_a_released_value_but_by_a_recorded_correction(database, boss, read_book):
    settle(database, read_book)
    entry_id = entries(database, read_book)[0]
    worker = person(database, "lan2")
    release_book(database, boss, read_book, ALLOWED)
    before = values(database, entry_id)
    with pytest.raises(ReleasedError):
        correct_field(database, entry_id, "sex", value="Nam", person="lan")
    assert take_next(database, worker, seconds=60) is None
    assert not return_entry(database, boss, entry_id)
    hold = hold_entry(database, boss, entry_id, seconds=60)
    with pytest.raises(ReleasedError):
        seen = version(database, entry_id)
        save_review(database, hold, seen, [FieldChange("sex", WRITTEN, "Nam")], user=boss)
    assert values(database, entry_id) == before
    with pytest.raises(BadValueError):
        correct_released(database, boss, entry_id, FieldChange("sex", WRITTEN, "Nam"), "  ")
    correct_released(
        database, boss, entry_id, FieldChange("sex", WRITTEN, "Nam"), "Theo giấy khai sinh"
    )
    assert ("sex", "Nữ", "Nam", "nữ") in values(database, entry_id)
    with database.read() as connection:
        [row] = connection.execute(select(ReleaseCorrection.__table__)).all()
        state = connection.execute(select(Entry.state).where(Entry.id == entry_id)).scalar()
    assert (row.was_value, row.is_value, row.by, row.approved_by) == ("Nữ", "Nam", "boss", "boss")
    assert state == "released"
    assert recount(database) == []


def version(database, entry_id):
    with database.read() as connection:
        return connection.execute(select(Entry.version).where(Entry.id == entry_id)).scalar_one()


def test_the_machine_passes_released_entries_by(database, boss, read_book):
    settle(database, read_book)
    first, *_ = entries(database, read_book)
    release_entry(database, boss, first)
    before = values(database, first)
    others = values(database, entries(database, read_book)[1])
    with database.write() as connection:  # as if all were to be read again
        connection.execute(text("UPDATE scan SET state = 'quarantined'"))
        connection.execute(text("UPDATE page_job SET state = 'quarantined'"))
        connection.execute(text("UPDATE book_counter SET scans_read = 0, scans_quarantined = 2"))
        connection.execute(text("UPDATE unit_counter SET scans_read = 0, scans_quarantined = 2"))
        connection.execute(text("UPDATE decade_counter SET scans_read = 0, scans_quarantined = 2"))
        connection.execute(text("UPDATE day_counter SET scans_read = 0"))
    assert requeue_scans(database, read_book, (ScanState.QUARANTINED,), actor="test") == 2
    for job in claim(database, read_book):
        changed = tuple(
            birth(i, "77", "Người Khác", sex=field("sex", "nam", "Nam")) for i in range(2)
        )
        save(database, job, replace(result(job.ref.number), pages=(page(),), entries=changed))
    save_finished_book(database, read_book, book_entries(database, read_book))
    assert values(database, first) == before
    assert values(database, entries(database, read_book)[1]) != others
    assert recount(database) == []


def test_where_four_eyes_are_set_two_people_sign_and_two_correct(database, boss, read_book):
    settle(database, read_book)
    second = person(database, "second", Role.SUPERVISOR)
    set_four_eyes(database, boss, AN_THAI.id, True)
    assert release_book(database, boss, read_book, ALLOWED).awaits_second
    assert release_book(database, boss, read_book, ALLOWED).awaits_second  # not twice the same
    assert release_book(database, second, read_book, ALLOWED).released == 4
    entry_id = entries(database, read_book)[0]
    number = correct_released(database, boss, entry_id, FieldChange("sex", WRITTEN, "Nam"), "Nhầm")
    assert ("sex", "Nữ", None, "nữ") in values(database, entry_id)
    with pytest.raises(OutOfReachError):
        approve_correction(database, boss, number)
    approve_correction(database, second, number)
    assert ("sex", "Nữ", "Nam", "nữ") in values(database, entry_id)
    with pytest.raises(OutOfReachError):
        approve_correction(database, second, number)


def test_only_supervisors_of_the_unit_sign(database, read_book):
    settle(database, read_book)
    for stranger in (
        person(database, "worker"),
        person(database, "elsewhere", Role.SUPERVISOR, units=[CAT_DAI.id]),
    ):
        with pytest.raises(OutOfReachError):
            release_book(database, stranger, read_book, ALLOWED)
        with pytest.raises(OutOfReachError):
            release_entry(database, stranger, entries(database, read_book)[0])


def test_counters_and_days_equal_a_recount_after_random_acts(database, boss):
    chance = random.Random(8)
    ids = queue(database, book(3), book(2, year=1999), book(2, unit=CAT_DAI))
    for _ in range(60):
        book_id = chance.choice(ids)
        act = chance.randrange(5)
        if act == 0:
            for job in claim(database, book_id, 1):
                save(database, job, result(job.ref.number, chance.randrange(4)))
            continue
        if act == 4:
            try:
                save_finished_book(database, book_id, book_entries(database, book_id))
                release_book(database, boss, book_id, ALLOWED)
            except NotReleasableError:
                pass
            continue
        there = entries(database, book_id)
        if not there:
            continue
        entry_id = chance.choice(there)
        try:
            if act in (1, 2):
                correct_field(database, entry_id, "mother_full_name", value="A", person="lan")
            else:
                release_entry(database, boss, entry_id)
        except (NotReleasableError, ReleasedError):
            pass
    assert recount(database) == []
    with database.read() as connection:
        states = set(connection.execute(select(Entry.state)).scalars())
    assert "released" in states
