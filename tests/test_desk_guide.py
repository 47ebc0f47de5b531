"""Every screen of intake and supervision at both sizes, and the pictures of the guides.

``./run guide`` makes the pictures in ``docs/guide`` anew, in both languages.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import fsspec
import openpyxl
import pytest
from board_stage import served
from desk_intake import MANIFEST
from desk_office import (
    IN_CHROMIUM,
    Office,
    accept_all,
    number_of,
    ready,
    sign_in,
    sit_down,
)
from guide_stage import GUIDE, SIZES, guide_home, keep_picture, look, settle_book
from playwright.sync_api import Browser, Page, expect

from desk.intake.checking import work_off
from desk.intake.collecting import sweep
from desk.settings import DeskSettings
from models.checking import choose_plan, draw_round, note_check, rounds_of
from models.finishing import placed_entries
from models.keyings import plan_keying
from models.office import set_office
from models.reviewing import ask_rescan, hold_entry, return_entry
from models.states import Role
from models.tables import Book
from models.users import User
from pipeline.checks.lot_plan import PlanChoice
from pipeline.settings import PROJECT

pytestmark = IN_CHROMIUM
LANGUAGES = ("vi", "en") if GUIDE else ("vi",)
SAMPLE = PROJECT / "samples" / "batches" / "an-lao-2024-03" / "KS.2008.01"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guide")
    settings, book_id = guide_home(folder)
    office = Office(settings)
    office.book = book_id
    # Its address stands in a picture: a place that is the same on every machine.
    office.watched = "memory://kho-nhan-lo/nha-thau"
    more = {"test_share": 0, "reserve_gigabytes": 0, "watch": office.watched}
    with served(office.database, settings.home, **more) as address:
        office.port = int(address.rsplit(":", 1)[1])
        yield office
    memory = fsspec.filesystem("memory")
    if memory.exists("/kho-nhan-lo"):
        memory.rm("/kho-nhan-lo", recursive=True)
    office.close()


@pytest.fixture(autouse=True)
def tidy(office, browser):
    yield
    office.rest(browser)


def window(browser: Browser, office: Office, user: User) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(60_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.problems.append(said.text))
    page.goto(f"{office.url}/login")
    sign_in(page, user)
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def in_each_language(browser: Browser, office: Office, role: Role, **more: object):
    """A window of a person of this role for each language; sizes to look at only once."""
    for language in LANGUAGES:
        page = window(browser, office, office.person(role, language, **more))
        yield page, SIZES if language == "vi" else SIZES[:1]
        assert page.problems == []
        page.context.close()


def test_an_operators_screens(office, browser):
    boss = office.person(Role.SUPERVISOR)
    for language in LANGUAGES:
        page = sit_down(browser, office, office.person(language=language))
        sizes = SIZES if language == "vi" else SIZES[:1]
        look(page, "entry", sizes=sizes)
        entry = number_of(page)
        page.locator("[data-field=child_full_name] .text").focus()
        page.keyboard.press("Alt+t")
        page.wait_for_url("**/column/**")
        ready(page)
        look(page, "column", sizes=sizes)
        page.context.close()
        office.rest()
        chief = window(browser, office, office.person(Role.SUPERVISOR, language))
        chief.goto(f"{office.url}/boxes/{entry}")
        expect(chief.locator(".handle line.seen").first).to_be_attached()
        chief.keyboard.press("Alt+s")
        expect(chief.locator(".cuts .handle")).to_be_focused()
        look(chief, "boxes", sizes=sizes)
        assert chief.problems == []
        chief.context.close()
        office.rest()
    plan_keying(office.database, boss, office.book, ["child_full_name"])
    first = sit_down(browser, office, office.person())
    accept_all(first)
    first.keyboard.press("Enter")
    expect(first.locator("#kept")).to_have_text("đã lưu ✓")
    first.context.close()
    office.rest()
    for language in LANGUAGES:
        page = sit_down(browser, office, office.person(language=language))
        look(page, "second-keying", sizes=SIZES if language == "vi" else SIZES[:1])
        page.context.close()
        office.rest()
    plan_keying(office.database, boss, office.book, None)


def test_a_contractors_screens(office, browser, tmp_path):
    boss = office.person(Role.SUPERVISOR)
    hold = hold_entry(office.database, boss, entry_of(office), seconds=60)
    ask_rescan(office.database, hold, "Góc dưới bị mờ, không đọc được tên", boss)
    firm = {"everywhere": False, "contractor": "Số Hóa Xanh"}
    hand_in(office, office.person(Role.CONTRACTOR, **firm).login)
    folder = tmp_path / "Huyện An Lão" / "Xã An Thái" / "KS 2008 quyển 01"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"{number}.jpg").write_bytes((SAMPLE / f"000{number}.jpg").read_bytes())
    for page, sizes in in_each_language(browser, office, Role.CONTRACTOR, **firm):
        look(page, "batches", sizes=sizes)
        page.fill("#name", "Lô 22, xã An Thái")
        page.locator("form.begin button").click()
        page.set_input_files("#folder", tmp_path / "Huyện An Lão")
        expect(page.locator("#check")).to_be_enabled(timeout=180_000)
        look(page, "upload", sizes=sizes)
        page.click("#check")
        work_off(office.settings, office.database)
        expect(page.locator("table.editor")).to_be_visible(timeout=180_000)
        look(page, "confirm", sizes=sizes)
        batch = f"{office.url}/batches/{batch_of(office)}"
        for path, name in (
            (batch, "batch"), (f"{batch}/rescan", "rescan"),
            (f"{batch}/books/{office.book}", "batch-pages"), (f"{batch}/receipt", "receipt"),
            (f"{office.url}/batches/figures", "figures"), (f"{office.url}/plan", "own-plan"),
        ):  # fmt: skip
            page.goto(path)
            if name == "batch":  # the page of which an operator asked for a better picture
                expect(page.locator("a.main[href$='/rescan']")).to_contain_text("(1)")
            look(page, name, sizes=sizes)
    assert return_entry(office.database, boss, entry_of(office))


def test_a_supervisors_screens(office, browser, tmp_path):
    database, book = office.database, office.book
    chief = office.person(Role.ADMIN)
    settle_book(database, book)
    set_office(database, chief, "cost_rates", {"hour": 45_000, "scan": 900})
    choose_plan(database, chief, PlanChoice("share", share=0.3, allowed=0.05, limit=0.1))
    draw_round(database, chief, book, "tuần 48")
    [drawn] = rounds_of(database, chief, book)
    note_check(database, chief, drawn.id, drawn.entries[0].entry_id, wrong=False)
    left = drawn.entries[-1].entry_id
    for page, sizes in in_each_language(browser, office, Role.SUPERVISOR):
        for path, name in (
            ("/progress", "board"), ("/progress?kind=KS&decade=1970", "board-decade"),
            ("/progress/wall", "wall"), ("/progress/stuck", "still"),
            ("/progress/units/hp-xa-dai-dong@kien-thuy", "unit"),
            ("/progress/units/hp-xa-dai-dong@kien-thuy/rules", "unit-rules"),
            (f"/progress/books/{book}", "book"), (f"/progress/entries/{left}", "record"),
            ("/checks", "checks"), (f"/checks/books/{book}", "check-book"),
            ("/quality", "quality"), ("/quality/charts", "charts"),
            ("/quality/targets", "targets"),
            ("/search?name=tran+thanh+hung", "search"), ("/operations", "operations"),
            ("/overview", "overview"), ("/pages", "bare"), ("/batches", "all-batches"),
        ):  # fmt: skip
            reply = page.goto(office.url + path)
            assert reply is not None and reply.status == 200, path
            look(page, name, sizes=sizes)
        page.goto(f"{office.url}/pages?book={book}")
        with page.expect_response(lambda reply: "/pic/" in reply.url and reply.ok):
            page.locator("table[aria-labelledby=scans] a").first.click()
        expect(page.locator("circle.seen")).to_have_count(4)
        page.wait_for_load_state("networkidle")
        if GUIDE:
            page.wait_for_timeout(3000)  # the picture is cut and fades in
        look(page, "bare-page", sizes=sizes)
        page.goto(f"{office.url}/plan")
        year = 1990 if sizes == SIZES else 1992  # a sheet that brings nothing new is refused
        page.set_input_files("#sheet", inventory(tmp_path, year))
        page.locator("form[action='/plan/sheet'] button").click()
        expect(page.locator("[role=alert]")).to_be_visible()
        look(page, "plan", sizes=sizes)
        for path, name in (("/report.pdf", "report"),):
            paper = page.request.get(office.url + path)
            keep_picture(page, name, first_sheet(paper.body(), tmp_path))


# --- inside ---------------------------------------------------------------------------------------


def inventory(folder: Path, year: int) -> Path:
    """A sheet of two volumes, one of them twice."""
    sheet = openpyxl.Workbook()
    sheet.active.append(["Đơn vị", "Huyện", "Loại sổ", "Năm", "Quyển"])
    for volume in ("1-2", "2"):
        sheet.active.append(["Xã An Thái", "Huyện An Lão", "Khai sinh", year, volume])
    sheet.save(folder / "kiem-ke.xlsx")
    return folder / "kiem-ke.xlsx"


def first_sheet(data: bytes, folder: Path) -> bytes:
    """The first page of a PDF as a picture."""
    (folder / "paper.pdf").write_bytes(data)
    command = ["pdftoppm", "-png", "-r", "70", "-singlefile", "paper.pdf", "paper"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return (folder / "paper.png").read_bytes()


def entry_of(office: Office) -> int:
    """The last entry of the readable book."""
    return placed_entries(office.database, office.book)[-1].id


def batch_of(office: Office) -> int:
    with office.database.read() as connection:
        query = Book.__table__.select().where(Book.id == office.book)
        return int(connection.execute(query).one().batch_id)


def hand_in(office: Office, login: str) -> None:
    """A batch in the watched folder, taken and answered; another one still grows."""
    fs, root = fsspec.core.url_to_fs(office.watched)
    lot = f"{root}/{login}/Lô 23, xã An Thái"
    row = "ks,Xã An Thái,Huyện An Lão,KS,2009,01,\n"
    for path, data in {
        f"{lot}/manifest.csv": (MANIFEST + row).encode(),
        f"{lot}/ks/1.jpg": (SAMPLE / "0003.jpg").read_bytes(),
        f"{lot}/XONG": b"",
        f"{root}/{login}/Lô 24, xã An Thái/1.jpg.part": b"x",  # this one still grows
    }.items():
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(path, data)
    options = DeskSettings(watch=office.watched, reserve_gigabytes=0)
    for _ in range(2):
        sweep(office.database, office.settings, options)
        work_off(office.settings, office.database)
    assert "Đã vào hàng đợi" in fs.cat_file(f"{lot}.KET-QUA.txt").decode("utf-8-sig")
