"""Scans without entries at the desk: listed, looked at, given corners, set aside, scanned again."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from desk_browser import desk_app, enter, known
from models_samples import CAT_DAI, book, claim, page, queue, rescan_result, result, save
from sqlalchemy import select, update
from test_desk_boxes import FORM, JSON, SQUARE, rows

from models import fail_scan, load_book_form, recount, save_book_form, verify_audit, work_left
from models.bare_pages import bare_total, books_with_bare
from models.clock import Now
from models.own_batches import own_scans
from models.queueing import make_ready, requeue_scans
from models.states import JobState, Role, ScanState
from models.tables import AuditEvent, Book, PageJob, Scan
from models.users import find_user
from pipeline.errors import InputError
from pipeline.form.ledger_notes import OFF_PAGE

NOTE = OFF_PAGE.format()


def unsure(number):
    """A scan whose boxes were not trusted, or with entries."""
    if number == 2:
        return replace(result(number), entries=(), layout_ok=False, notes=(NOTE,))
    return replace(result(number), entries=rows(number))


def read_all(database, book_id):
    for job in claim(database, book_id):
        assert save(database, job, unsure(job.ref.number))


@pytest.fixture
def read(database):
    (book_id,) = queue(database, book(3))
    save_book_form(database, book_id, FORM)
    read_all(database, book_id)
    return book_id


@pytest.fixture
def app(database, read, tmp_path):
    known(database, "lan", everywhere=True)
    known(database, "chi", Role.SUPERVISOR, everywhere=True)
    known(database, "la", Role.SUPERVISOR, units=[CAT_DAI.id])
    return desk_app(database, tmp_path, test_share=0)


def scan_id(database, number=2):
    with database.read() as connection:
        return connection.execute(select(Scan.id).where(Scan.number == number)).scalar_one()


def state(database):
    with database.read() as connection:
        return connection.execute(
            select(Scan.state, PageJob.state, Scan.person_reason, Book.state)
            .join(PageJob, PageJob.scan_id == Scan.id)
            .join(Book, Book.id == Scan.book_id)
            .where(Scan.number == 2)
        ).one()


def test_unsure_pages_are_listed_with_their_reasons_and_the_rest_is_not(app, database, read):
    client = enter(app, "chi")
    assert 'href="/pages"' in client.get("/overview").text
    assert f"/pages?book={read}" in client.get("/pages").text
    page = client.get(f"/pages?book={read}").text
    assert NOTE in page
    assert re.findall(r'href="/pages/(\d+)"', page) == [str(scan_id(database))]


def test_corners_laid_on_such_a_page_let_it_be_read_again(app, database, read):
    client = enter(app, "chi")
    number = scan_id(database)
    page = client.get(f"/pages/{number}")
    data = json.loads(re.search(r'id="boxes-data">(.*?)</script>', page.text, re.S)[1])
    assert data["base"] == f"/pages/{number}" and not data["pages"][0]["known"]
    body = {"stamp": data["stamp"], "rest": False, "moves": [{"page": 0, "corners": SQUARE}]}
    reply = client.post(f"/pages/{number}/save", json=body, headers=JSON)
    assert (reply.status_code, reply.json()) == (200, {"scans": 1})
    (edit,) = load_book_form(database, read).edits
    assert (edit.first, edit.last, edit.person) == (2, 2, "chi")
    assert work_left(database, read).ready == 1


def test_nothing_to_read_settles_the_page_for_good_and_can_be_taken_back(app, database, read):
    client = enter(app, "chi")
    number = scan_id(database)
    assert client.post(f"/pages/{number}/nothing", data={"reason": "bìa"}).status_code == 303
    assert state(database)[:3] == (ScanState.READ, JobState.DONE, "bìa")
    assert recount(database) == []
    assert "bìa" in client.get(f"/pages?book={read}").text
    # Reading it again finds nothing either: nobody is asked twice.
    with database.write() as connection:
        make_ready(connection, read, [number])
    read_all(database, read)
    assert state(database)[0] == ScanState.READ
    assert client.post(f"/pages/{number}/again").status_code == 303
    assert state(database)[:3] == (ScanState.WAITING, JobState.READY, None)
    read_all(database, read)
    assert state(database)[0] == ScanState.ATTENTION
    assert recount(database) == [] and verify_audit(database).sound
    with database.read() as connection:
        acts = set(connection.execute(select(AuditEvent.action)).scalars())
    assert {"scan.viewed", "scan.nothing_here", "scan.read_again"} <= acts


def test_nothing_to_read_holds_on_a_page_that_another_reading_finds_blurred_or_broken(
    app, database, read
):
    client = enter(app, "chi")
    number = scan_id(database)
    client.post(f"/pages/{number}/nothing", data={"reason": "bìa"})
    with database.write() as connection:
        make_ready(connection, read, [number])
    (job,) = claim(database, read)
    assert save(database, job, replace(rescan_result(), digest=job.ref.digest))
    assert state(database)[0] == ScanState.READ and recount(database) == []
    with database.write() as connection:
        make_ready(connection, read, [number])
    (job,) = claim(database, read)
    assert fail_scan(database, job, InputError("broken"), 3) is JobState.RESCAN
    assert state(database)[0] == ScanState.READ and recount(database) == []


def test_a_page_asked_for_again_and_put_back_is_asked_about_as_if_nothing_had_been_said(
    app, database, read
):
    client = enter(app, "chi")
    client.post(f"/pages/{scan_id(database)}/rescan", data={"reason": "mờ"})
    assert requeue_scans(database, read, (ScanState.RESCAN,), actor="chi") == 1
    assert state(database)[2] is None
    read_all(database, read)
    assert state(database)[0] == ScanState.ATTENTION


def test_corners_that_are_refused_take_nobodys_word_away(app, database, read):
    client = enter(app, "chi")
    number = scan_id(database)
    client.post(f"/pages/{number}/nothing", data={"reason": "bìa"})
    page = client.get(f"/pages/{number}")
    data = json.loads(re.search(r'id="boxes-data">(.*?)</script>', page.text, re.S)[1])
    for stamp, corners in (("0" * 16, SQUARE), (data["stamp"], SQUARE[:2])):
        body = {"stamp": stamp, "rest": False, "moves": [{"page": 0, "corners": corners}]}
        assert client.post(f"/pages/{number}/save", json=body, headers=JSON).status_code >= 400
    with database.write() as connection:
        connection.execute(update(Book).values(released_at=Now()))
    body = {"stamp": data["stamp"], "rest": False, "moves": [{"page": 0, "corners": SQUARE}]}
    assert client.post(f"/pages/{number}/save", json=body, headers=JSON).status_code >= 400
    assert state(database)[:3] == (ScanState.READ, JobState.DONE, "bìa")


def test_only_pages_without_entries_wait_for_a_word(app, database, read):
    chief = find_user(database, "chi")
    with database.write() as connection:  # scan 1 has entries and something to look at
        make_ready(connection, read, [scan_id(database, 1)])
    (job,) = claim(database, read)
    doubted = (replace(page(), reasons=("crossed_entries",)),)
    save(database, job, replace(unsure(1), pages=doubted))
    assert [(one.attention, one.others) for one in books_with_bare(database, chief)] == [(1, 0)]
    assert bare_total(database, chief) == 1
    assert recount(database) == []


def test_a_page_to_scan_again_reaches_the_contractors_list_with_its_reason(app, database, read):
    client = enter(app, "chi")
    number = scan_id(database)
    client.post(f"/pages/{number}/rescan", data={"reason": "mờ nửa trang"})
    assert state(database)[:2] == (ScanState.RESCAN, JobState.RESCAN)
    with database.read() as connection:
        batch = connection.execute(select(Book.batch_id)).scalar_one()
    (one,) = [each for each in own_scans(database, batch, stuck=True) if each.id == number]
    assert one.replaceable and one.asked == ("mờ nửa trang",)
    assert recount(database) == []


def test_a_reason_is_needed(app, database):
    client = enter(app, "chi")
    for reason in ("", "   ", "x" * 501, "a\x07b"):
        for act in ("nothing", "rescan"):
            reply = client.post(f"/pages/{scan_id(database)}/{act}", data={"reason": reason})
            assert reply.status_code == 422, reason
    assert state(database)[0] == ScanState.ATTENTION


def test_strangers_operators_and_pages_with_entries_are_out_of_reach(app, database, read):
    number, full = scan_id(database), scan_id(database, 1)
    stranger, operator, chief = enter(app, "la"), enter(app, "lan"), enter(app, "chi")
    for act in ("nothing", "rescan", "again"):
        data = {"reason": "bìa"}
        assert stranger.post(f"/pages/{number}/{act}", data=data).status_code == 404
        assert operator.post(f"/pages/{number}/{act}", data=data).status_code == 403
        assert chief.post(f"/pages/{full}/{act}", data=data).status_code == 404
    assert stranger.get(f"/pages/{number}").status_code == 404
    assert stranger.get(f"/pages?book={read}").status_code == 404
    assert chief.get(f"/pages/{full}").status_code == 404
    assert str(read) not in re.findall(r"book=(\d+)", stranger.get("/pages").text)


def test_markup_in_reasons_notes_and_file_names_stays_text(app, database, read):
    client = enter(app, "chi")
    odd = "<script>alert(1)</script>\u202e"
    reply = client.post(
        f"/pages/{scan_id(database)}/nothing", data={"reason": odd.rstrip("\u202e")}
    )
    assert reply.status_code == 303
    for address in (f"/pages?book={read}", f"/pages/{scan_id(database)}"):
        assert "<script>alert" not in client.get(address).text


def test_the_enter_key_in_a_reason_does_not_choose_what_it_is_for(app, database):
    page = enter(app, "chi").get(f"/pages/{scan_id(database)}").text
    form = page.split('class="say"')[1].split("</form>")[0]
    first = re.search(r"<button[^>]*>", form)  # the one that a browser presses for Enter
    assert first is not None and "disabled" in first[0]
