"""The second loop, control charts, costs and papers over HTTP: shown, done, refused, audited."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, date, datetime

import pytest
from board_stage import people, real_book, settle
from desk_browser import desk_app, enter, known
from sqlalchemy import select, update

from models import load_units, migrate, open_database
from models.checking import rounds_of
from models.error_rates import sample_rates, weekly_rates
from models.reviewing import held_entry, hold_entry, save_review
from models.states import Role
from models.tables import AuditEvent, Book, DayCounter, FieldValue
from models.users import find_user
from pipeline.places.registering import registering_units


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A desk with all units, one settled book of eight entries, and people."""
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{home / 'hotich.sqlite'}"
    migrate(url)
    database = open_database(url)
    load_units(database, registering_units())
    people(database)
    book_id = real_book(database, home)
    settle(database, book_id)
    known(database, "noikhac", Role.SUPERVISOR, units=["hp-xa-an-thang@an-lao"])
    yield database, desk_app(database, home), book_id, home
    database.close()


def words(reply, folder):
    path = folder / "paper.pdf"
    path.write_bytes(reply.content)
    told = subprocess.run(
        ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
    )
    return told.stdout


def test_a_book_goes_through_its_second_loop_at_the_desk_and_gets_its_certificate(stage):
    database, app, book_id, home = stage
    boss, worker, stranger = enter(app, "phutrach"), enter(app, "nhaplieu"), enter(app, "noikhac")
    assert boss.get("/checks").status_code == 200 and worker.get("/checks").status_code == 403
    form = {"mode": "share", "share": "30", "allowed": "0", "limit": "10"}
    assert stranger.post("/checks/plan", data=form).status_code == 404
    assert boss.post("/checks/plan", data={**form, "share": "viele"}).status_code == 422
    assert boss.post("/checks/plan", data=form).status_code == 303
    assert "chưa kiểm tra vòng 2" in boss.get(f"/progress/books/{book_id}").text
    assert stranger.post(f"/checks/books/{book_id}/draw").status_code == 404
    assert boss.post(f"/checks/books/{book_id}/draw", data={"seed": "tuần 48"}).status_code == 303
    user = find_user(database, "phutrach")
    [drawn] = rounds_of(database, user, book_id)
    assert drawn.seed == "tuần 48" and len(drawn.entries) == 3
    first = drawn.entries[0].entry_id
    text = boss.get(f"/progress/entries/{first}").text
    assert "Đúng hết" in text
    # Enter in the note presses the first button of its form.
    [noting] = [one for one in text.split("<form")[1:] if 'name="note"' in one.split("</form>")[0]]
    assert re.findall(r'<button[^>]* value="(\w+)"', noting.split("</form>")[0]) == ["true"]
    where = f"/checks/rounds/{drawn.id}/entries/{first}"
    assert boss.post(where, data={"wrong": "true", "book": book_id}).status_code == 422
    said = {"wrong": "true", "book": book_id, "field": ["sex"], "note": "giới tính nhầm"}
    elsewhere = {**said, "book": book_id + 1}
    assert boss.post(where, data=elsewhere).status_code == 404
    assert boss.post(where, data=said).headers["location"] == f"/checks/books/{book_id}"
    text = boss.get(f"/checks/books/{book_id}").text
    assert "không đạt" in text and "giới tính nhầm" in text
    text = boss.get(f"/progress/entries/{first}").text
    assert "giới tính nhầm" in text and "1 trường hợp bị trả lại ở vòng 2" in text
    hold = hold_entry(database, user, first, seconds=60)
    _, seen = held_entry(database, user, first)
    save_review(database, hold, seen.version, [], user=user)
    boss.post(f"/checks/books/{book_id}/draw")
    newest = rounds_of(database, user, book_id)[0]
    for one in newest.entries:
        boss.post(
            f"/checks/rounds/{newest.id}/entries/{one.entry_id}",
            data={"wrong": "false", "book": book_id},
        )
    assert boss.get(f"/progress/books/{book_id}/certificate.pdf").status_code == 404
    assert boss.post(f"/progress/books/{book_id}/release").status_code == 303
    with database.write() as connection:
        connection.execute(
            update(Book).values(released_at=datetime(2026, 3, 31, 18, 30, tzinfo=UTC))
        )
    reply = boss.get(f"/progress/books/{book_id}/certificate.pdf")
    assert reply.headers["content-type"] == "application/pdf"
    text = words(reply, home)
    for said in (
        "GIẤY XÁC NHẬN",
        "xa-an-thai.an-lao.KS.2008.01",
        "Phutrach".lower(),
        "Đạt",
        "01:30 01/04/2026",
    ):
        assert said in text, said
    assert stranger.get(f"/progress/books/{book_id}/certificate.pdf").status_code == 404
    with database.read() as connection:
        acts = set(connection.execute(select(AuditEvent.action)).scalars())
    assert {"office.set", "check.drawn", "check.failed", "check.passed", "book.certified"} <= acts


def test_the_weekly_paper_says_what_the_workbook_says(stage):
    _, app, _, home = stage
    text = words(enter(app, "phutrach").get("/report.pdf"), home)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "BÁO CÁO TUẦN VỀ SỐ HÓA SỔ HỘ TỊCH" in text
    assert "PHỤ LỤC 1" in text and "Xã An Thái" in text
    assert "Trang 1/" in text


def test_the_cost_of_an_entry_follows_from_handling_times_and_rates(stage):
    database, app, _, _ = stage
    boss = enter(app, "phutrach")
    assert boss.post("/progress/rates", data={"hour": "x"}).status_code == 422
    assert boss.post("/progress/rates", data={"hour": "45.000", "scan": "900"}).status_code == 303
    assert "Chưa đủ thời gian soát" in boss.get("/progress").text
    with database.write() as connection:
        connection.execute(DayCounter.__table__.update().values(reviews=40, hand_seconds=1600))
    # 8 entries checked, 2 scans read: 1600 s × 45,000 đ / 3600 / 8 = 2,500 đ; 900 × 2 / 8 = 225 đ.
    assert "Chưa đủ thời gian soát" not in boss.get("/progress?kind=KS").text  # nothing is known
    text = boss.get("/progress").text
    assert "2.725 đ" in text and "40,0 s" in text


def test_the_seen_sample_is_counted_by_week(stage):
    database, app, _, _ = stage
    with database.write() as connection:
        connection.execute(
            FieldValue.__table__.update()
            .where(FieldValue.field == "mother_full_name")
            .values(reasons=["blind_sample"])
        )
    user = find_user(database, "phutrach")
    rates = {(one.what, one.key): one for one in sample_rates(database, user, 0.95)}
    assert (rates["field", "mother_full_name"].seen, rates["field", "mother_full_name"].wrong) == (
        8, 0,
    )  # fmt: skip
    weeks = weekly_rates(database, user, date(2020, 1, 1))
    assert {(one.what, one.seen, one.wrong) for one in weeks} == {
        ("contractor", 8, 0), ("reader", 8, 0),
    }  # fmt: skip
    assert all(one.monday.weekday() == 0 for one in weeks)
    assert enter(app, "phutrach").get("/quality/charts").status_code == 200
