"""Corrections of a layout are kept with the book, and lose nothing that a person typed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from desk_people import person
from models_samples import book, claim, digitize, queue, result, save
from sqlalchemy import insert, select, text

from models import (
    add_layout_edit,
    book_entries,
    correct_field,
    forget_form,
    load_book_form,
    recount,
    save_book_form,
    undo_layout_edit,
    verify_audit,
    work_left,
)
from models.bare_pages import nothing_here
from models.counters import add_to_counters
from models.layout import LayoutEffect, add_layout_edits, form_stamp, layout_effect
from models.queueing import make_ready
from models.states import EntryState, Role
from models.tables import Book, Entry, PageJob, Scan
from pipeline.errors import InputError, StaleEntryError
from pipeline.types import BookForm, Decision, EditKind, LayoutEdit

FORM = BookForm(
    "birth-76-ledger",
    0.9,
    {"sides": {"single": {"grid": {"xs": [0.0, 20.0, 90.0], "ys": [0.0, 10.0, 20.0]}}}},
    "form-2",
    ("abc",),
    others=(BookForm("birth-87", 0.8, {"fields": []}, "form-2"),),
)
CORNERS = LayoutEdit(
    EditKind.CORNERS, 2, 2, "Lan", corners=((1.0, 2.0), (9.0, 2.0), (9.0, 8.0), (1.0, 8.0))
)


@pytest.fixture
def read_book(database):
    [book_id] = queue(database, book(3))
    save_book_form(database, book_id, FORM)
    digitize(database, book_id)
    return book_id


def test_a_form_with_parts_edits_and_nearest_ones_survives_the_database(database, read_book):
    whole = replace(FORM, edits=(CORNERS,), nearest=(("birth-83", 0.4),))
    save_book_form(database, read_book, whole, replace=True)
    assert load_book_form(database, read_book) == whole


def test_a_correction_sends_its_scans_back_and_keeps_what_a_person_typed(database, read_book):
    with database.read() as connection:
        entry_id = connection.execute(
            select(Entry.id).join(Scan, Scan.id == Entry.scan_id).where(Scan.number == 2)
        ).scalars().first()  # fmt: skip
    correct_field(database, entry_id, "child_full_name", value="Lê Thị Mai", person="Lan")
    assert add_layout_edit(database, read_book, CORNERS, actor="Lan") == 1
    assert load_book_form(database, read_book).edits == (CORNERS,)
    [job] = claim(database, read_book)
    assert job.ref.number == 2
    # Read again, one entry fewer is found: the one a person worked on stays.
    assert save(database, job, result(2, 1))
    said = [
        field.value
        for entry in book_entries(database, read_book)
        for field in entry.fields
        if field.decision is Decision.PERSON
    ]
    assert said == ["Lê Thị Mai"]
    assert recount(database) == []
    assert verify_audit(database).sound


def test_an_edge_for_the_rest_of_the_book_reads_all_scans_from_there(database, read_book):
    rest = LayoutEdit(EditKind.EDGE, 2, 0, "Lan", edge="column", index=1, by_mm=2.0)
    assert add_layout_edit(database, read_book, rest, actor="Lan") == 2
    undone = undo_layout_edit(database, read_book, actor="Lan")
    # Both wait already: nothing more has to be put back.
    assert undone == (rest, 0)
    assert load_book_form(database, read_book).edits == ()
    assert undo_layout_edit(database, read_book, actor="Lan") is None


def test_a_scan_under_lease_is_read_again_with_the_correction(database):
    [book_id] = queue(database, book(1))
    save_book_form(database, book_id, FORM)
    [job] = claim(database, book_id)
    assert add_layout_edit(database, book_id, replace(CORNERS, first=1, last=1), actor="Lan") == 1
    assert not save(database, job)
    assert work_left(database, book_id).ready == 1


def test_corrections_are_kept_all_or_nothing_and_only_on_what_the_person_saw(database, read_book):
    stamp = form_stamp(load_book_form(database, read_book))
    good = LayoutEdit(EditKind.EDGE, 2, 2, "Lan", edge="column", index=1, by_mm=2.0)
    crossing = replace(good, by_mm=80.0)
    with pytest.raises(InputError):
        add_layout_edits(database, read_book, (good, crossing), actor="Lan", stamp=stamp)
    assert load_book_form(database, read_book).edits == ()
    assert work_left(database, read_book).ready == 0
    assert add_layout_edits(database, read_book, (good,), actor="Lan", stamp=stamp) == 1
    with pytest.raises(StaleEntryError):
        add_layout_edits(database, read_book, (good,), actor="Minh", stamp=stamp)
    assert len(load_book_form(database, read_book).edits) == 1


@pytest.mark.parametrize(
    "corners",
    [
        ((1.0, 2.0), (1.0, 8.0), (9.0, 8.0), (9.0, 2.0)),
        ((1.0, 2.0), (9.0, 2.0), (9.0, 8.0)),
        ((1.0, 2.0), (9000.0, 2.0), (9000.0, 8.0), (1.0, 8.0)),
        ((1.0, 2.0), (float("nan"), 2.0), (9.0, 8.0), (1.0, 8.0)),
    ],
)
def test_corners_that_make_no_page_or_lie_beside_it_are_refused(database, read_book, corners):
    with pytest.raises(InputError):
        add_layout_edit(database, read_book, replace(CORNERS, corners=corners), actor="Lan")
    assert work_left(database, read_book).ready == 0


def test_what_a_correction_would_do_is_told_before(database, read_book):
    with database.read() as connection:
        entry_id = connection.execute(
            select(Entry.id).join(Scan, Scan.id == Entry.scan_id).where(Scan.number == 3)
        ).scalars().first()  # fmt: skip
    correct_field(database, entry_id, "child_full_name", value="Lê Thị Mai", person="Lan")
    assert layout_effect(database, read_book, 2, 2) == LayoutEffect(1, 0)
    assert layout_effect(database, read_book, 2, 0) == LayoutEffect(2, 1)
    add_layout_edit(database, read_book, CORNERS, actor="Lan")
    assert layout_effect(database, read_book, 2, 0) == LayoutEffect(1, 1)


def test_a_forgotten_form_is_learned_anew(database, read_book):
    assert forget_form(database, read_book, actor="Lan") == 3
    assert load_book_form(database, read_book) is None


def correct(database, book_id, user):
    add_layout_edits(database, book_id, (CORNERS,), actor=user.login)


def forget(database, book_id, user):
    forget_form(database, book_id, actor=user.login)


def undo(database, book_id, user):
    undo_layout_edit(database, book_id, actor=user.login)


@pytest.mark.parametrize("act", [correct, undo, forget])
def test_whoever_reads_a_scan_and_whoever_corrects_its_book_wait_in_no_circle(
    database, read_book, act
):
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    user = person(database, "lan")
    add_layout_edits(database, read_book, (CORNERS,), actor="lan")
    for job in claim(database, read_book):
        save(database, job)
    with database.read() as connection:
        scan_id = connection.execute(select(Scan.id).where(Scan.number == 2)).scalar_one()
    with waiting_for(database, lambda: act(database, read_book, user)) as (connection, waits):
        connection.execute(select(PageJob.id).where(PageJob.scan_id == scan_id).with_for_update())
        waits()
        new = {"book_id": read_book, "scan_id": scan_id, "position": 9, "number": ""}
        connection.execute(insert(Entry).values(**new, state=EntryState.SETTLED))


def test_whoever_sets_a_page_aside_and_whoever_holds_its_book_wait_in_no_circle(
    database, read_book
):
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    chief = person(database, "chief", Role.SUPERVISOR)
    with database.write() as connection:
        scan_id = connection.execute(select(Scan.id).where(Scan.number == 2)).scalar_one()
        make_ready(connection, read_book, [scan_id])
    for job in claim(database, read_book):
        save(database, job, replace(result(2), entries=(), layout_ok=False))
    with waiting_for(
        database, lambda: nothing_here(database, chief, scan_id, "bìa")
    ) as (connection, waits):  # fmt: skip
        connection.execute(select(Book.id).where(Book.id == read_book).with_for_update())
        waits()
        add_to_counters(connection, read_book, {"scans_read": 1})


@contextmanager
def waiting_for(database, act):
    """A transaction, and a call that lets another one begin and come to wait for it."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as other:
        with database.write() as connection:
            begun = []

            def waits():
                begun.append(other.submit(act))
                while not connection.execute(waiting).scalar_one():
                    assert not begun[0].done()
                    time.sleep(0.02)

            yield connection, waits
        begun[0].result(timeout=60)
