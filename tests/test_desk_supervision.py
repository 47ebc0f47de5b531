"""The supervisors' pages over HTTP: what they show, to whom, and what signing does."""

from __future__ import annotations

import io

import pytest
from board_stage import people, real_book, settle
from desk_browser import browser, desk_app, enter, known
from openpyxl import load_workbook
from sqlalchemy import select

from models import load_units, migrate, open_database
from models.board import set_expected
from models.counters import recount
from models.states import Role
from models.tables import AuditEvent, Entry
from pipeline.places.registering import registering_units
from pipeline.types import Kind

PAGES = ("/progress", "/progress/wall", "/progress/stuck", "/search", "/quality", "/operations")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A desk with all units, one readable book, and people; shared, as hashing and drawing cost."""
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{home / 'hotich.sqlite'}"
    migrate(url)
    database = open_database(url)
    load_units(database, registering_units())
    people(database)
    book_id = real_book(database, home)
    known(database, "noikhac", Role.SUPERVISOR, units=["hp-xa-an-thang@an-lao"])
    yield database, desk_app(database, home), book_id
    database.close()


def entry_of(database, book_id):
    with database.read() as connection:
        query = select(Entry.id).where(Entry.book_id == book_id).order_by(Entry.id)
        return connection.execute(query).scalars().first()


def actions(database):
    with database.read() as connection:
        return list(connection.execute(select(AuditEvent.action)).scalars())


def test_every_page_answers_supervisors_in_both_languages_and_nobody_else(stage):
    database, app, book_id = stage
    pages = (
        *PAGES,
        f"/progress/books/{book_id}",
        f"/progress/entries/{entry_of(database, book_id)}",
    )
    boss, worker, nobody = enter(app, "phutrach"), enter(app, "nhaplieu"), browser(app)
    for page in (*pages, "/report.xlsx"):
        assert boss.get(page).status_code == 200, page
        assert worker.get(page).status_code == 403, page
        assert nobody.get(page).status_code == 303, page
    assert "Tiến độ" in boss.get("/progress").text
    boss.post("/language", data={"lang": "en", "next": "/"})
    for page in pages:
        assert boss.get(page).status_code == 200, page
    assert "233 of the plan" in boss.get("/progress").text
    boss.post("/language", data={"lang": "vi", "next": "/"})


def test_the_board_shows_units_without_a_book_and_filters(stage):
    _, app, _ = stage
    boss = enter(app, "phutrach")
    text = boss.get("/progress").text
    assert text.count('class="tile empty"') == 233
    assert "X. An Thái" in text and "chưa có sổ" in text
    assert text.count('class="tile"') == 1
    assert boss.get("/progress?kind=KT").text.count('class="tile"') == 0
    assert boss.get("/progress?decade=2000&kind=KS").text.count('class="tile"') == 1
    assert boss.get("/progress?view=%00&kind=x&decade=9").status_code == 200
    for view in ("then", "now"):
        assert boss.get(f"/progress?view={view}").status_code == 200


def test_a_supervisor_of_another_unit_reaches_nothing(stage):
    database, app, book_id = stage
    stranger = enter(app, "noikhac")
    entry_id = entry_of(database, book_id)
    for path in (
        f"/progress/books/{book_id}", f"/progress/entries/{entry_id}",
        "/progress/units/hp-an-thai?view=then", "/progress/books/99999999999999999999",
        "/progress/entries/0",
    ):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    for path in (f"/progress/books/{book_id}/release", f"/progress/entries/{entry_id}/release"):
        assert stranger.post(path).status_code == 404, path
    assert "Nguyễn Thị Hoa" not in stranger.get("/search?name=nguyen+thi+hoa").text
    assert "X. An Thái" not in stranger.get("/progress").text


def test_names_are_found_without_accents_misspelt_and_by_their_ends(stage):
    database, app, _ = stage
    boss = enter(app, "phutrach")
    for asked in (
        "nguyen thi hoa",
        "Nguyễn Thị Hoa",
        "nguyem thi hoa",
        "nguyễn hoa",
        "chan ni",
    ):
        text = boss.get("/search", params={"name": asked}).text
        assert ("Trần Văn Lý" if asked.startswith("chan") else "Nguyễn Thị Hoa") in text, asked
    assert "/pic/head/" in boss.get("/search?name=nguyen+thi+hoa").text
    assert "Không tìm thấy" in boss.get("/search?name=zzzzz+qqqq").text
    assert "Nguyễn Thị Hoa" in boss.get("/search?day=03/2008&place=an+lao").text
    assert "Không tìm thấy" in boss.get("/search?name=nguyen+thi+hoa&day=1999").text
    assert "Không phải ngày" in boss.get("/search?day=31/2/2008").text
    assert "Không có đơn vị" in boss.get("/search?name=a+b&place=khong+dau+ca").text
    assert "entries.searched" in actions(database)


def test_a_book_is_signed_at_the_desk_and_corrected_with_a_reason(stage):
    database, app, book_id = stage
    boss = enter(app, "phutrach")
    page = f"/progress/books/{book_id}"
    assert "ô chưa xử lý" in boss.get(page).text
    assert boss.post(f"{page}/release").status_code == 409
    settle(database, book_id)
    assert boss.post(f"{page}/release", data={"closing": "9"}).status_code == 409
    assert boss.post(f"{page}/release", data={"closing": "x"}).status_code == 422
    assert boss.post(f"{page}/release", data={"closing": "8"}).status_code == 303
    assert "Đã duyệt: phutrach" in boss.get(page).text
    entry_id = entry_of(database, book_id)
    entry = f"/progress/entries/{entry_id}"
    said = {"field": "birth_date", "text": "2/3/2008", "reason": "Theo bản chính"}
    assert boss.post(f"{entry}/correct", data={**said, "reason": ""}).status_code == 422
    assert boss.post(f"{entry}/correct", data={**said, "text": "hôm qua"}).status_code == 422
    assert boss.post(f"{entry}/correct", data=said).status_code == 303
    assert "02/03/2008" in boss.get(entry).text and "Theo bản chính" in boss.get(entry).text
    assert recount(database) == []
    assert {"book.released", "release.corrected", "entry.viewed"} <= set(actions(database))


def test_the_report_is_a_workbook_with_every_unit(stage):
    database, app, _ = stage
    set_expected(database, {("hp-an-thai", Kind.DEATH, 1990): 3}, actor="test")
    reply = enter(app, "phutrach").get("/report.xlsx")
    book = load_workbook(io.BytesIO(reply.content))
    assert book.sheetnames == ["Tổng hợp", "Theo đơn vị", "Theo tuần", "Sổ nằm lâu"]
    names = [row[1].value for row in book["Theo đơn vị"].iter_rows(min_row=6)]
    assert "Xã An Thái" in names and names[-1] == "TOÀN THÀNH PHỐ"
    summary = {row[0].value: row[1].value for row in book["Tổng hợp"].iter_rows(min_row=5)}
    assert (summary["Đơn vị đăng ký hộ tịch"], summary["Sổ dự kiến"]) == (234, 3)
    assert book["Theo đơn vị"].page_setup.orientation == "landscape"


def test_metrics_need_a_token_or_a_supervisor_and_name_nobody(stage, tmp_path):
    database, app, _ = stage
    assert browser(app).get("/healthz").json() == {"ok": True}
    assert browser(app).get("/metrics").status_code == 401
    assert enter(app, "nhaplieu").get("/metrics").status_code == 403
    watched = browser(desk_app(database, tmp_path, metrics_token="s3cret"))
    text = watched.get("/metrics", headers={"authorization": "Bearer s3cret"}).text
    assert watched.get("/metrics", headers={"authorization": "Bearer x"}).status_code == 401
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
    assert values['hotich_scans{state="read"}'] == 2
    assert sum(values[f'hotich_entries{{state="{one}"}}'] for one in
               ("review", "settled", "released")) == 8  # fmt: skip
    assert "phutrach" not in text and "Hoa" not in text
