"""Saving scans and books: whole or not at all, repeatable, and never over a person's word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from models_samples import (
    READER,
    SQUARE,
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
from sqlalchemy import func, select

from flows.book import of_scans
from models import (
    BookState,
    EntryState,
    JobState,
    ScanState,
    book_entries,
    book_progress,
    canonical_dump,
    correct_field,
    export_fields,
    fail_scan,
    load_book,
    load_book_form,
    recount,
    requeue_scans,
    rescan_list,
    save_book_form,
    save_finished_book,
    scan_rows,
    stuck_scans,
    verify_audit,
    work_left,
)
from models.tables import BirthRecord, DeathRecord, Entry, FieldValue, MarriageRecord, Page, Scan
from pipeline.errors import (
    NotARegisterError,
    TesseractMissingError,
    UnreadableFileError,
)
from pipeline.types import (
    BookForm,
    Decision,
    EditKind,
    EntryResult,
    Finding,
    Kind,
    LayoutEdit,
    PageClass,
    Severity,
    Side,
    ValueState,
)


def entry_ids(db):
    with db.read() as connection:
        return list(connection.execute(select(Entry.id).order_by(Entry.id)).scalars())


def test_what_was_saved_comes_back_as_it_was(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    outcome = result(1, entries=2)
    assert save(database, job, outcome)
    assert book_entries(database, book_id) == list(outcome.entries)


def test_saving_counts_scans_entries_and_fields(database):
    [book_id] = queue(database, book(3))
    digitize(database, book_id)
    tally = book_progress(database)[0].tally
    assert (tally.scans_read, tally.scans_waiting) == (3, 0)
    assert (tally.entries_review, tally.entries_settled) == (6, 0)
    assert (tally.fields_accepted, tally.fields_blank, tally.fields_review) == (36, 6, 6)
    assert recount(database) == []


def test_a_scan_is_saved_once(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    assert save(database, job)
    before, audit = canonical_dump(database), verify_audit(database)
    assert not save(database, job)
    assert canonical_dump(database) == before
    assert verify_audit(database) == audit


def test_a_save_that_fails_half_way_leaves_no_trace(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    before = canonical_dump(database)
    twice = EntryResult(0, "01", (field("sex", "nam"), field("sex", "nữ")))
    with pytest.raises(Exception, match=r"(?i)unique"):
        save(database, job, replace(result(1), entries=(twice,)))
    assert canonical_dump(database) == before
    assert save(database, job)


def test_digitizing_a_scan_again_replaces_what_the_machine_wrote(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    once = canonical_dump(database)
    make_ready_again(database, book_id)
    digitize(database, book_id)
    assert canonical_dump(database) == once
    assert recount(database) == []


def make_ready_again(db, book_id):
    """As when a better reader comes: read scans go back into the queue."""
    assert requeue_scans(db, book_id, [ScanState.READ], actor="test") > 0


def test_a_persons_word_outlives_digitizing_again(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    first, second = entry_ids(database)
    correct_field(database, first, "child_full_name", value="Nguyễn Thị Hòa", person="lan")
    make_ready_again(database, book_id)
    [job] = claim(database, book_id)
    other_reading = birth(0, "01", "NGUYEN THI H0A")
    assert save(database, job, replace(result(1), entries=(other_reading,)))
    ids = entry_ids(database)
    assert first in ids
    assert second not in ids
    [entry] = book_entries(database, book_id)
    [name] = [one for one in entry.fields if one.field == "child_full_name"]
    assert (name.value, name.decision) == ("Nguyễn Thị Hòa", Decision.PERSON)
    assert name.literal == "NGUYEN THI H0A"
    assert recount(database) == []


def test_an_entry_that_a_person_touched_stays_when_the_machine_finds_it_no_more(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    second = entry_ids(database)[1]
    correct_field(database, second, "sex", value="Nam", person="lan")
    make_ready_again(database, book_id)
    [job] = claim(database, book_id)
    assert save(database, job, replace(result(1), entries=()))
    [entry] = book_entries(database, book_id)
    assert [(one.field, one.value) for one in entry.fields] == [("sex", "Nam")]
    assert recount(database) == []


def test_correcting_every_open_field_settles_an_entry(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    first = entry_ids(database)[0]
    correct_field(database, first, "mother_full_name", value="Vũ Thị Đào", person="lan")
    tally = book_progress(database)[0].tally
    assert (tally.entries_settled, tally.entries_review) == (1, 1)
    assert (tally.fields_person, tally.fields_review) == (1, 1)
    assert recount(database) == []


def test_a_persons_entry_number_counts_for_the_entry(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    correct_field(database, entry_ids(database)[0], "entry_number", value="7b", person="lan")
    assert [entry.number for entry in book_entries(database, book_id)] == ["7b", "02"]
    assert {row.entry_number for row in export_fields(database)} == {"7b", "02"}
    with database.read() as connection:
        numbers = connection.execute(select(BirthRecord.number)).scalars().all()
    assert sorted(numbers) == [2, 7]


def test_correcting_a_field_that_is_not_there_says_so(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    with pytest.raises(LookupError, match="death_place"):
        correct_field(database, entry_ids(database)[0], "death_place", value="x", person="lan")


def test_the_machines_value_stays_beside_the_persons(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    first = entry_ids(database)[0]
    correct_field(database, first, "sex", value=None, state=ValueState.STRUCK, person="lan")
    with database.read() as connection:
        row = connection.execute(
            select(FieldValue).where(FieldValue.entry_id == first, FieldValue.field == "sex")
        ).one()
    assert (row.value, row.state, row.decision) == ("Nữ", ValueState.WRITTEN, Decision.ACCEPTED)
    assert (row.person_value, row.person_state, row.person_by) == (None, ValueState.STRUCK, "lan")
    assert row.person_at is not None


def test_a_birth_becomes_a_typed_record(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    with database.read() as connection:
        row = connection.execute(select(BirthRecord).order_by(BirthRecord.number)).first()
    assert row is not None
    assert (row.number, row.year, row.unit_id) == (1, 2008, "hp-an-thai")
    assert (row.child_name, row.child_key) == ("Nguyễn Thị Hoa 1.0", "nguyen thi hoa 1.0")
    assert (row.registration_date, row.registration_day) == ("2008-03-05", date(2008, 3, 5))
    assert (row.birth_date, row.birth_day) == ("2008-03", date(2008, 3, 1))
    assert row.birth_place_unit_id == "hp-an-lao-2025"
    assert (row.father_name, row.father_key) == (None, None)
    assert row.mother_key == "vu thi dao"


def test_marriages_and_deaths_become_typed_records(database):
    marriage_id, death_id = queue(
        database, book(1, kind=Kind.MARRIAGE), book(1, kind=Kind.DEATH, year=1984)
    )
    [job] = claim(database, marriage_id)
    couple = (
        field("husband_full_name", "Đặng-văn-A"), field("wife_full_name", "Lý Thị Bé"),
        field("wife_birth_date", "1950"),
    )  # fmt: skip
    assert save(database, job, replace(result(1), entries=(EntryResult(0, "12 bis", couple),)))
    [job] = claim(database, death_id)
    dead = (field("deceased_full_name", "Hoàng Ất"), field("death_date", "30/2/1984", "1984-02-30"))
    assert save(database, job, replace(result(1), entries=(EntryResult(0, "", dead),)))
    with database.read() as connection:
        marriage = connection.execute(select(MarriageRecord)).one()
        death = connection.execute(select(DeathRecord)).one()
    assert (marriage.husband_key, marriage.wife_birth_day) == ("dang van a", date(1950, 1, 1))
    assert marriage.number == 12
    assert (death.deceased_key, death.death_date, death.death_day) == (
        "hoang at",
        "1984-02-30",
        None,
    )
    assert (death.number, death.year) == (None, 1984)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (result(1), ScanState.READ),
        (replace(result(1), layout_ok=False, entries=()), ScanState.ATTENTION),
        (
            replace(
                result(1), layout_ok=False, entries=(), pages=(page(page_class=PageClass.COVER),)
            ),
            ScanState.READ,
        ),
        (rescan_result(), ScanState.RESCAN),
    ],
    ids=["read", "boxes not trusted", "cover without boxes", "to rescan"],
)
def test_a_scans_state_tells_what_came_of_it(database, outcome, state):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    assert save(database, job, outcome)
    with database.read() as connection:
        assert connection.execute(select(Scan.state)).scalar_one() is state
    assert recount(database) == []


def test_an_opening_keeps_both_its_pages(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    right = field("notes", "đã cải chính", page=1)
    entry = EntryResult(0, "01", (field("entry_number", "01"), right))
    outcome = replace(result(1), pages=(page(Side.LEFT), page(Side.RIGHT)), entries=(entry,))
    assert save(database, job, outcome)
    assert [(row.field, row.page) for row in export_fields(database)] == [
        ("entry_number", "left"),
        ("notes", "right"),
    ]


# --- failing ------------------------------------------------------------------------------------


def test_a_scan_is_tried_three_times_and_then_quarantined_with_its_reason(database):
    [book_id] = queue(database, book(2))
    states = []
    for _ in range(3):
        job = next(one for one in claim(database, book_id) if one.ref.number == 1)
        states.append(fail_scan(database, job, TimeoutError("300 s"), 3))
    assert states == [JobState.READY, JobState.READY, JobState.QUARANTINED]
    [stuck] = stuck_scans(database)
    assert (stuck.number, stuck.state, stuck.reasons) == (
        1,
        ScanState.QUARANTINED,
        ("TimeoutError",),
    )
    assert "300 s" in stuck.text
    assert recount(database) == []


def test_a_broken_file_goes_to_the_rescan_list_at_once(database):
    [book_id] = queue(database, book(2))
    job = claim(database, book_id)[1]
    error = UnreadableFileError("0 byte", where="trang_002.jpg")
    assert fail_scan(database, job, error, 3) is JobState.RESCAN
    [again] = rescan_list(database, book=book_id)
    assert (again.name, again.reasons) == ("trang_002.jpg", ("UnreadableFileError",))
    assert again.contractor == "Số Hóa Xanh"
    assert "trang_002.jpg" in again.text


def test_a_page_that_is_no_register_is_quarantined_at_once(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    assert fail_scan(database, job, NotARegisterError("x"), 3) is JobState.QUARANTINED


def test_a_machine_that_is_not_ready_is_not_held_against_the_page(database):
    [book_id] = queue(database, book(1))
    for _ in range(5):
        [job] = claim(database, book_id)
        assert fail_scan(database, job, TesseractMissingError(), 3) is JobState.READY


def test_who_has_lost_the_lease_cannot_fail_the_scan(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    assert save(database, job)
    assert fail_scan(database, job, TimeoutError(), 3) is None
    assert stuck_scans(database) == []


def test_being_killed_again_and_again_is_no_failure_of_the_page(database):
    [book_id] = queue(database, book(1))
    for _ in range(20):
        [job] = claim(database, book_id, seconds=-1)
    assert job.attempt == 20
    assert fail_scan(database, claim(database, book_id)[0], TimeoutError(), 3) is JobState.READY


def test_poor_scans_are_listed_with_their_faults(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    assert save(database, job, rescan_result())
    assert [(one.name, one.reasons) for one in rescan_list(database)] == [
        ("trang_001.jpg", ("blurred",))
    ]
    assert rescan_list(database, contractor="someone else") == []


def test_quarantined_scans_can_be_given_another_chance(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    fail_scan(database, job, NotARegisterError("x"), 3)
    assert save_finished_book(database, book_id, []) is BookState.ATTENTION
    assert requeue_scans(database, book_id, actor="lan") == 1
    assert load_book(database, book_id).state is BookState.QUEUED
    assert work_left(database, book_id).ready == 1
    digitize(database, book_id)
    assert stuck_scans(database) == []
    assert recount(database) == []


# --- the book as a whole ------------------------------------------------------------------------


def finished(entries):
    """Stands for the book's rules: resolves a ditto, doubts a name, drops a page's finding."""
    changed = []
    for entry in entries:
        fields = tuple(
            replace(one, value="Kinh", confidence=one.confidence / 2, decision=Decision.REVIEW,
                    reasons=("ditto",))
            if one.field == "sex" else one
            for one in entry.fields
        )  # fmt: skip
        gap = Finding("V10", Severity.ERROR, ("entry_number",), "number missing before")
        changed.append(replace(entry, fields=fields, findings=(gap,), number=entry.number + "?"))
    return changed


def test_finishing_a_book_twice_gives_the_same_as_once(database):
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    read = book_entries(database, book_id)
    closing = [Finding("V11", Severity.WARNING, (), "4 entries, statement says 5")]
    assert save_finished_book(database, book_id, finished(read), closing) is BookState.DONE
    once = canonical_dump(database)
    assert book_entries(database, book_id) == read
    assert book_entries(database, book_id, finished=True) == finished(read)
    again = finished(book_entries(database, book_id))
    assert save_finished_book(database, book_id, again, closing) is BookState.DONE
    assert canonical_dump(database) == once
    assert recount(database) == []


def test_finishing_with_repaired_rules_undoes_what_no_longer_holds(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    read = book_entries(database, book_id)
    save_finished_book(database, book_id, finished(read))
    save_finished_book(database, book_id, read)
    assert book_entries(database, book_id, finished=True) == read


def test_finishing_never_touches_a_persons_word(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    before = book_entries(database, book_id)
    correct_field(database, entry_ids(database)[0], "sex", value="Nam", person="lan")
    save_finished_book(database, book_id, finished(before))  # decided before the person spoke
    values = [
        one.value
        for entry in book_entries(database, book_id, finished=True)
        for one in entry.fields
        if one.field == "sex"
    ]
    assert values == ["Nam", "Kinh"]
    assert recount(database) == []


def test_a_book_with_open_scans_is_not_finished(database):
    [book_id] = queue(database, book(2))
    claim(database, book_id, limit=1)
    assert save_finished_book(database, book_id, []) is BookState.RUNNING
    assert load_book(database, book_id).state is BookState.RUNNING


def test_a_book_with_missing_scans_needs_attention(database):
    [book_id] = queue(database, book(2))
    first, second = claim(database, book_id)
    assert save(database, first)
    assert save(database, second, rescan_result())
    entries = book_entries(database, book_id)
    assert save_finished_book(database, book_id, entries) is BookState.ATTENTION


def test_no_ditto_reaches_over_a_scan_that_was_not_read(database):
    [book_id] = queue(database, book(5))
    unread, blank = rescan_result(), result(3, entries=0)
    for job, outcome in zip(
        claim(database, book_id), (None, unread, blank, None, None), strict=True
    ):
        assert save(database, job, outcome)
    rows = scan_rows(database, book_id)
    assert [(row.number, row.read, row.entries) for row in rows] == [
        (1, True, 2), (2, False, 0), (3, True, 0), (4, True, 2), (5, True, 2),
    ]  # fmt: skip
    corners = LayoutEdit(EditKind.CORNERS, 5, 5, "lan")
    breaks, placed = of_scans(rows, BookForm("f", 1.0, {}, "1", edits=(corners,)))
    assert (breaks, placed) == ({2}, {4, 5})
    assert of_scans(rows, None) == ({2}, frozenset())


def test_no_ditto_reaches_over_a_page_of_a_scan_that_was_crossed_out(database):
    [book_id] = queue(database, book(3))
    crossed = replace(page(), page_class=PageClass.CROSSED, reasons=("crossed_entries",))
    left_out = replace(result(2), pages=(crossed, page()))
    # Its two entries stand on the second page.
    below = tuple(
        replace(entry, fields=tuple(replace(f, page=1) for f in entry.fields))
        for entry in left_out.entries
    )
    left_out = replace(left_out, entries=below)
    for job, outcome in zip(claim(database, book_id), (None, left_out, None), strict=True):
        assert save(database, job, outcome)
    rows = scan_rows(database, book_id)
    assert [(row.read, row.entries, row.holes) for row in rows] == [
        (True, 2, ()), (False, 2, (0,)), (True, 2, ()),
    ]  # fmt: skip
    # Nor over what may have been left out at the scan's end.
    assert of_scans(rows, None) == ({2, 4}, frozenset())


def test_entries_of_another_book_are_refused(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    with pytest.raises(ValueError, match="not those of the book"):
        save_finished_book(database, book_id, book_entries(database, book_id)[:1])


def test_an_error_finding_sends_an_entry_to_review(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    clean = EntryResult(0, "01", (field("entry_number", "01"),))
    wrong = replace(clean, index=1, findings=(Finding("V02", Severity.ERROR, (), "twice"),))
    assert save(database, job, replace(result(1), entries=(clean, wrong)))
    with database.read() as connection:
        states = connection.execute(select(Entry.state).order_by(Entry.position)).scalars().all()
    assert states == [EntryState.SETTLED, EntryState.REVIEW]


def test_the_first_form_of_a_book_stays_until_it_is_replaced(database):
    [book_id] = queue(database, book(1))
    assert load_book_form(database, book_id) is None
    first = BookForm("birth-158-a4", 0.9, {"rows": [1.5, 2.25]}, "1", ("abc",))
    second = BookForm("birth-76-ledger", 0.8, {}, "1")
    assert save_book_form(database, book_id, first) == first
    assert save_book_form(database, book_id, second) == first
    assert load_book_form(database, book_id) == first
    assert save_book_form(database, book_id, second, replace=True) == second
    assert load_book_form(database, book_id) == second


# --- the export ---------------------------------------------------------------------------------


def test_the_export_has_the_columns_of_the_design_in_their_order(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    rows = list(export_fields(database, book=book_id))
    assert rows[0]._fields == (
        "book", "scan", "page", "entry_number", "field", "literal", "value", "confidence",
        "decision", "reader", "polygon",
    )  # fmt: skip
    assert rows[0][:9] == (
        "xa-an-thai.an-lao.KS.2008.01", "trang_001.jpg", "single", "01", "entry_number", "01",
        "01", 0.99, "accepted",
    )  # fmt: skip
    assert rows[0].reader == READER
    assert json.loads(rows[0].polygon) == [list(point) for point in SQUARE]
    blank = next(row for row in rows if row.field == "father_full_name")
    assert (blank.literal, blank.value, blank.decision) == ("", "", "blank")


def test_the_export_gives_a_persons_word_first(database):
    [book_id] = queue(database, book(1))
    digitize(database, book_id)
    correct_field(database, entry_ids(database)[0], "sex", value="Nam", person="lan")
    row = next(row for row in export_fields(database) if row.field == "sex")
    assert (row.literal, row.value, row.decision) == ("nữ", "Nam", "person")
    assert (row.confidence, row.reader) == (1.0, "person")
    assert "lan" not in row


def test_the_export_goes_by_book_scan_and_entry(database):
    later, earlier = queue(database, book(2, year=2010), book(2, year=2009))
    digitize(database, later)
    digitize(database, earlier)
    keys = [(row.book, row.scan, row.entry_number) for row in export_fields(database)]
    assert keys == sorted(keys)
    assert len(keys) == 2 * 2 * 2 * 8


def test_pages_are_replaced_with_their_scan(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    save(database, job, replace(result(1), pages=(page(Side.LEFT), page(Side.RIGHT))))
    make_ready_again(database, book_id)
    digitize(database, book_id)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(Page)).scalar_one() == 1
