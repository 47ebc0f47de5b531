"""A void entry in the database: no live record, counted on its own, exported as what it is."""

from __future__ import annotations

from dataclasses import replace

from models_samples import SQUARE, birth, book, claim, field, queue, result, save
from sqlalchemy import func, select

from models import book_progress, correct_field, export_fields, recount
from models.tables import BirthRecord, Entry
from pipeline.checks.voids import VOID, VOIDED, with_void
from pipeline.types import Decision, ValueState


def save_one_void(db):
    (book_id,) = queue(db, book(scans=1))
    (job,) = claim(db, book_id)
    live = birth(0, "01", "Nguyễn Thị Hoa")
    void = with_void(birth(1, "02", "Nguyễn Văn Bé"), 0.98, 0, SQUARE)
    assert save(db, job, replace(result(1), entries=(live, void)))
    return book_id


def names(db):
    with db.read() as connection:
        return list(connection.execute(select(BirthRecord.child_name)).scalars())


def voided(db):
    with db.read() as connection:
        return dict(connection.execute(select(Entry.number, Entry.voided)).all())


def void_id(db):
    with db.read() as connection:
        return connection.execute(select(func.max(Entry.id))).scalar_one()


def test_a_void_entry_is_kept_but_is_no_live_record(database):
    save_one_void(database)
    assert voided(database) == {"01": False, "02": True}
    assert names(database) == ["Nguyễn Thị Hoa"]


def test_it_is_counted_on_its_own_and_the_counters_agree_with_the_rows(database):
    save_one_void(database)
    (row,) = book_progress(database, None, None)
    assert (row.tally.entries, row.tally.voided_entries) == (2, 1)
    assert recount(database) == []


def test_it_is_exported_as_void(database):
    save_one_void(database)
    rows = list(export_fields(database))
    (mark,) = [row for row in rows if row.field == VOIDED]
    assert mark.entry_number == "02"
    assert (mark.value, mark.decision) == (VOID, str(Decision.REVIEW))


def test_a_person_lifts_it_and_it_is_a_live_record_again(database):
    save_one_void(database)
    correct_field(
        database, void_id(database), VOIDED, value=None, state=ValueState.BLANK, person="lan"
    )
    assert voided(database) == {"01": False, "02": False}
    assert sorted(names(database)) == ["Nguyễn Thị Hoa", "Nguyễn Văn Bé"]
    (row,) = book_progress(database, None, None)
    assert row.tally.voided_entries == 0
    assert recount(database) == []


def test_a_person_confirms_it(database):
    save_one_void(database)
    correct_field(database, void_id(database), VOIDED, value=VOID, person="lan")
    assert voided(database)["02"] is True
    assert names(database) == ["Nguyễn Thị Hoa"]
    assert recount(database) == []


def test_a_field_of_that_name_without_a_value_leaves_the_entry_live(database):
    (book_id,) = queue(database, book(scans=1))
    (job,) = claim(database, book_id)
    unsure = field(VOIDED, "", None, Decision.UNREADABLE, state=ValueState.UNREADABLE)
    save(database, job, replace(result(1), entries=(birth(0, "01", "Lê An", voided=unsure),)))
    assert voided(database) == {"01": False}
