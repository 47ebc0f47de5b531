"""Dittos after a person's word: what repeats a corrected value follows it, or is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk_people import person
from models_samples import birth, book, claim, field, queue, rescan_result, result, save
from sqlalchemy import select, text

from models import (
    book_entries,
    correct_field,
    export_fields,
    recount,
    save_finished_book,
    verify_audit,
)
from models.correcting import FieldChange
from models.releasing import correct_released, release_entry
from models.review_entry import entry_for_review
from models.reviewing import hold_entry, save_review
from models.states import DeskState, Role
from models.tables import AuditEvent, Entry
from pipeline.checks.book import finish_book
from pipeline.checks.ditto import DITTO_CORRECTED, from_rows_above
from pipeline.checks.sampling import SAMPLED
from pipeline.types import Decision, EntryResult, Kind, ValueState
from pipeline.values import Context

DITTO = ValueState.DITTO
SURE = field("mother_full_name", "Vũ Thị Đào")


def ditto(value="Kinh", *reasons):
    return field("ethnicity", '"', value, state=DITTO, reasons=("ditto", *reasons))


def row(index, number, ethnicity):
    return birth(index, number, f"Nguyễn Văn {number}", mother_full_name=SURE, ethnicity=ethnicity)


def ledger(db, columns, between=None):
    """A book of one scan for each column; its cells from top to bottom."""
    [book_id] = queue(db, book(len(columns)))
    number = 0
    for job, cells in zip(claim(db, book_id), columns, strict=True):
        rows = []
        for index, cell in enumerate(cells):
            number += 1
            rows.append(row(index, f"{number:02d}", cell))
        save(db, job, replace(result(1, 0), entries=tuple(rows)) if rows else between)
    save_finished_book(db, book_id, from_rows_above(book_entries(db, book_id)))
    return book_id


def ids(db):
    with db.read() as connection:
        return list(connection.execute(select(Entry.id).order_by(Entry.id)).scalars())


def column(db, name="ethnicity"):
    fields = [entry_for_review(db, one).field(name) for one in ids(db)]
    return [(one.shown[0], one.decision, DITTO_CORRECTED in one.reasons) for one in fields]


STANDS = ("Kinh", Decision.ACCEPTED, False)
ASKED = ("Tày", Decision.REVIEW, True)
OPEN_DITTO = field("ethnicity", '"', None, Decision.REVIEW, state=DITTO)


@pytest.fixture
def rows(database):
    """Two pages: a value and six dittos below it, over the page turn, up to another value."""
    first = [field("ethnicity", "Kinh"), *[ditto()] * 4]
    return ledger(database, [first, [ditto(), ditto(), field("ethnicity", "Kinh")]])


def test_a_corrected_value_is_carried_to_the_dittos_below_over_the_page_turn(database, rows):
    all_ids = ids(database)
    correct_field(database, all_ids[0], "ethnicity", value="Tày", person="lan")
    assert column(database) == [("Tày", Decision.ACCEPTED, False), *[ASKED] * 6, STANDS]
    seen = [entry_for_review(database, one) for one in all_ids]
    assert {one.desk for one in seen[1:7]} == {DeskState.OPEN}
    assert seen[7].desk is DeskState.DONE
    assert [one.version for one in seen] == [*[2] * 7, 1]
    assert recount(database) == []
    assert verify_audit(database).sound


def test_the_audit_log_tells_which_dittos_followed_and_what_they_were(database, rows):
    correct_field(database, ids(database)[3], "ethnicity", value="Tày", person="lan")
    with database.read() as connection:
        query = select(AuditEvent.detail).where(AuditEvent.action == "field.corrected")
        [told] = connection.execute(query).scalars()
    assert [(one["entry"], one["was"], one["is"], one["by"]) for one in told["dittos"]] == [
        ("1/4", "Kinh", "Tày", "machine"),
        ("2/0", "Kinh", "Tày", "machine"),
        ("2/1", "Kinh", "Tày", "machine"),
    ]


def test_saving_a_review_names_the_entries_that_followed(database, rows):
    boss = person(database, "boss", Role.SUPERVISOR)
    all_ids = ids(database)
    hold = hold_entry(database, boss, all_ids[4], seconds=60)
    change = FieldChange("ethnicity", ValueState.WRITTEN, "Tày")
    saved = save_review(database, hold, 1, [change], user=boss)
    assert saved.repeated == tuple(all_ids[5:7])


def test_a_confirmed_value_moves_no_ditto(database, rows):
    correct_field(database, ids(database)[0], "ethnicity", value="Kinh", person="lan")
    assert column(database) == [STANDS] * 8


def test_what_a_person_wrote_below_ends_the_reach_and_their_ditto_follows(database, rows):
    all_ids = ids(database)
    correct_field(database, all_ids[3], "ethnicity", value="Kinh", person="minh")
    said = FieldChange("ethnicity", DITTO, "Kinh", '"')
    with_ditto = all_ids[1]
    correct_field(database, with_ditto, "ethnicity", value=said.value, state=DITTO, person="minh")
    correct_field(database, all_ids[0], "ethnicity", value="Tày", person="lan")
    shown = [value for value, _, _ in column(database)]
    assert shown == ["Tày", "Tày", "Tày", *["Kinh"] * 5]
    theirs = entry_for_review(database, with_ditto).field("ethnicity")
    assert (theirs.person_by, theirs.person_state) == ("minh", DITTO)
    assert recount(database) == []


def test_finishing_the_book_again_keeps_what_was_carried(database, rows):
    correct_field(database, ids(database)[0], "ethnicity", value="Tày", person="lan")
    context = Context(kind=Kind.BIRTH, year=2008, unit="Xã An Thái")
    for _ in range(2):
        finished, findings = finish_book(book_entries(database, rows), context)
        save_finished_book(database, rows, finished, findings)
        values = [(value, carried) for value, _, carried in column(database)]
        assert values == [("Tày", False), *[("Tày", True)] * 6, ("Kinh", False)]


def test_a_released_row_keeps_its_value_and_so_do_the_dittos_below_it(database, rows):
    boss = person(database, "boss", Role.SUPERVISOR)
    all_ids = ids(database)
    release_entry(database, boss, all_ids[2])
    correct_field(database, all_ids[0], "ethnicity", value="Tày", person="lan")
    shown = [value for value, _, _ in column(database)]
    assert shown == ["Tày", "Tày", *["Kinh"] * 6]
    correct_released(
        database, boss, all_ids[2], FieldChange("ethnicity", ValueState.WRITTEN, "Nùng"), "tờ khai"
    )
    assert [value for value, _, _ in column(database)][2:] == [*["Nùng"] * 5, "Kinh"]
    assert recount(database) == []


def test_the_machines_word_of_a_blind_sample_stays_for_the_count(database):
    first = [field("ethnicity", "Kinh"), ditto("Kinh", SAMPLED), *[ditto()] * 3]
    ledger(database, [first])
    correct_field(database, ids(database)[0], "ethnicity", value="Tày", person="lan")
    assert [value for value, _, _ in column(database)] == ["Tày", "Kinh", "Tày", "Tày", "Tày"]


def test_a_ditto_said_without_a_value_takes_the_one_above_and_none_over_a_gap(database):
    first = [field("ethnicity", "Kinh"), *[field("ethnicity", "x")] * 4]
    ledger(database, [first, [], [field("ethnicity", "y")]], rescan_result())
    boss = person(database, "boss", Role.SUPERVISOR)
    all_ids = ids(database)
    hold = hold_entry(database, boss, all_ids[1], seconds=60)
    save_review(database, hold, 1, [FieldChange("ethnicity", DITTO, None)], user=boss)
    correct_field(database, all_ids[5], "ethnicity", value=None, state=DITTO, person="lan")
    assert [value for value, _, _ in column(database)] == ["Kinh", "Kinh", "x", "x", "x", None]
    written = [one.value for one in export_fields(database) if one.field == "ethnicity"]
    assert written[:2] == ["Kinh", "Kinh"]


def test_a_ditto_on_a_form_means_the_field_before_and_follows_it(database):
    [book_id] = queue(database, book(1))
    [job] = claim(database, book_id)
    home = field("father_residence", "An Thái")
    same = field(
        "mother_residence", "nt", "An Thái", state=DITTO, reasons=("ditto", "ditto_in_entry")
    )
    one = birth(0, "01", "Nguyễn Văn An", father_residence=home, mother_residence=same)
    other = replace(
        one, index=1, fields=(*one.fields[:-1], field("mother_residence", "x", "Cát Dài"))
    )
    save(database, job, replace(result(1, 0), entries=(EntryResult(0, "01", one.fields), other)))
    first, second = ids(database)
    correct_field(database, first, "father_residence", value="An Lão", person="lan")
    assert entry_for_review(database, first).version == 2  # once, however much of it moved
    correct_field(database, second, "mother_residence", value=None, state=DITTO, person="lan")
    assert column(database, "mother_residence") == [
        ("An Lão", Decision.REVIEW, True), ("An Thái", Decision.ACCEPTED, False),
    ]  # fmt: skip
    assert recount(database) == []
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM entry")).scalar() == 2
