"""A contractor's day in Debian's Chromium: real server, real files, a broken line."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import openpyxl
import pytest
from desk_browser import hashed
from desk_intake import MANIFEST, jpeg, units_of_plan
from desk_office import IN_CHROMIUM, Office, shot, sign_in, violations
from models_samples import claim, rescan_result, result, save
from playwright.sync_api import Browser, Page, expect

from models import migrate, recount, verify_audit
from models.states import Role
from models.tables import Book, Scan
from models.users import User, add_user
from pipeline.settings import PROJECT, Settings

pytestmark = IN_CHROMIUM
SAMPLE = PROJECT / "samples" / "batches" / "an-lao-2024-03" / "KS.2008.01"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    home = tmp_path_factory.mktemp("office") / "home"
    home.mkdir()
    settings = Settings(home=home, workers=1)
    migrate(settings.resolved_database_url)
    office = Office(settings)
    units_of_plan(office.database)
    office.start()
    yield office
    assert recount(office.database) == []
    assert verify_audit(office.database).sound
    office.close()


def account(office: Office, login: str, role: Role, **more: object) -> User:
    return add_user(
        office.database, login, login.title(), role, hashed(), must_change=False, actor="test",
        **{"everywhere": role is not Role.CONTRACTOR, **more},
    )  # fmt: skip


def window(
    browser: Browser, office: Office, user: User, path: str = "/", width: int = 1366
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 768 if width == 1366 else 1080}, locale="vi-VN"
    )
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{office.url}/login?next={path}")
    sign_in(page, user)
    return page


def books_folder(folder: Path, pages: int = 3, size: int = 900) -> Path:
    """Two books of a commune, without a manifest; one says little of itself."""
    root = folder / "Huyện An Lão"
    for name, first in (("Xã An Thái/KS 2008 quyển 01", 1), ("Xã An Thái/sổ cũ", 50)):
        target = root / name
        target.mkdir(parents=True)
        for page in range(pages):
            (target / f"{page + 1:03d}.jpg").write_bytes(jpeg(first + page, (size, size * 4 // 3)))
    (root / "Thumbs.db").write_bytes(b"x")
    return root


def rows(office: Office, table) -> list:
    with office.database.read() as connection:
        return list(connection.execute(table.__table__.select()))


def test_a_folder_is_handed_over_confirmed_and_queued_while_the_engine_is_down(
    office, browser, tmp_path
):
    page = window(browser, office, account(office, "thu", Role.CONTRACTOR, contractor="Số Hóa A"))
    expect(page.locator("h1")).to_have_text("Lô")
    page.fill("#name", "Lô 17, xã An Thái")
    page.click("text=Giao nộp lô mới >> nth=-1")
    shot(page, "intake-upload")
    assert violations(page) == []
    page.set_input_files("#folder", books_folder(tmp_path))
    expect(page.locator("#told")).to_contain_text("Đã nhận đủ tệp", timeout=180_000)
    shot(page, "intake-uploaded")
    page.click("#check")
    expect(page.locator("table.editor")).to_be_visible(timeout=180_000)
    expect(page.locator("input[name=unit-0]")).to_have_value("Xã An Thái")
    expect(page.locator("input[name=year-0]")).to_have_value("2008")
    expect(page.locator(".source").first).to_have_text("theo tên")
    assert violations(page) == []
    shot(page, "intake-confirm")
    for name, value in (("kind", "KT"), ("year", "1999"), ("volume", "02")):
        page.fill(f"input[name={name}-1]", value)
    page.click("text=Lưu và kiểm tra lại")
    expect(page.locator("text=Đưa 2 quyển vào hàng đợi")).to_be_enabled(timeout=180_000)
    page.click("text=Đưa 2 quyển vào hàng đợi")
    expect(page.locator("text=Lô đã vào hàng đợi.")).to_be_visible(timeout=180_000)
    shot(page, "intake-queued")
    page.click("section a:has-text('Biên bản')")
    expect(page.locator("h1")).to_have_text("Biên bản giao nhận ảnh quét sổ hộ tịch")
    assert len(rows(office, Scan)) == 6
    assert violations(page) == []
    shot(page, "intake-receipt")
    paper = page.request.get(f"{office.url}/batches/1/receipt.pdf")
    assert paper.body().startswith(b"%PDF-")
    page.goto(f"{office.url}/batches/1")
    expect(page.locator("text=1 / 2")).to_be_visible()
    shot(page, "intake-batch")
    # All pages of a contractor are looked at, at both sizes, in test_desk_guide.
    page.goto(f"{office.url}/batches")
    shot(page, "intake-batches")
    assert page.problems == []


def test_an_upload_outlives_kills_of_the_server_and_a_closed_browser(office, browser, tmp_path):
    user = account(office, "ben", Role.CONTRACTOR, contractor="Số Hóa B")
    page = window(browser, office, user)
    page.fill("#name", "Lô lớn")
    page.click("text=Giao nộp lô mới >> nth=-1")
    address = page.url
    folder = tmp_path / "lo"
    folder.mkdir()
    data = random.Random(3).randbytes(40_000_000)
    (folder / "to.bin.pdf").write_bytes(data)
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(jpeg(700 + number))
    page.set_input_files("#folder", folder)
    for _ in range(2):
        page.wait_for_timeout(700)
        office.kill()
        page.wait_for_timeout(500)
        office.start()
    page.wait_for_timeout(1500)
    page.context.close()  # the lid of the notebook
    page = window(browser, office, user, address.removeprefix(office.url))
    page.set_input_files("#folder", folder)
    expect(page.locator("#told")).to_contain_text("Đã nhận đủ tệp", timeout=240_000)
    parts = [path.read_bytes() for path in (office.settings.home / "intake").rglob("parts/*")]
    assert sorted(parts, key=len)[-1] == data
    assert len(parts) == 5
    page.context.close()


def test_pages_to_scan_again_are_shown_with_reasons_and_replaced_one_by_one(
    office, browser, tmp_path
):
    from desk.intake.checking import work_off
    from models.deliveries import move_delivery, open_delivery
    from models.delivery_files import announce_file, note_received
    from models.states import DeliveryState

    user = account(office, "chi", Role.CONTRACTOR, contractor="Số Hóa C")
    delivery = open_delivery(office.database, user, "Lô 3")
    for path, data in {
        "manifest.csv": (MANIFEST + "ks,Xã An Thái,Huyện An Lão,KS,2010,01,\n").encode(),
        "ks/1.jpg": (SAMPLE / "0002.jpg").read_bytes(),
        "ks/2.jpg": (SAMPLE / "0003.jpg").read_bytes(),
    }.items():
        file, _ = announce_file(office.database, delivery, path, len(data), 1)
        part = office.settings.home / "intake" / str(delivery) / "parts" / file.token
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        note_received(office.database, file.token, 0, len(data))
    for state in (DeliveryState.CHECKING, DeliveryState.QUEUEING):
        move_delivery(office.database, delivery, state, actor="test", of=tuple(DeliveryState))
        work_off(office.settings, office.database)
    book = next(one for one in rows(office, Book) if one.year == 2010)
    bad, good = claim(office.database, book.id)
    assert save(office.database, bad, rescan_result())
    assert save(office.database, good, result(2))
    page = window(browser, office, user, f"/batches/{book.batch_id}/rescan")
    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("article")).to_contain_text("Ảnh nhòe")
    expect(page.locator("article img")).to_be_visible()
    shot(page, "intake-rescan")
    assert violations(page) == []
    fresh = tmp_path / "moi.jpg"
    shutil.copy(SAMPLE / "0001.jpg", fresh)
    page.set_input_files("input[name=page]", fresh)
    page.click("text=Thay trang này")
    expect(page.locator("text=đã có ảnh mới và đang chờ đọc")).to_be_visible()
    expect(page.locator("article")).to_have_count(0)
    states = {scan.number: scan.state for scan in rows(office, Scan) if scan.book_id == book.id}
    assert states == {1: "waiting", 2: "read"}
    page.goto(f"{office.url}/batches/{book.batch_id}/books/{book.id}")
    expect(page.locator("text=đã thay")).to_be_visible()
    shot(page, "intake-pages")
    page.goto(f"{office.url}/batches/figures")
    shot(page, "intake-figures")
    assert violations(page) == []
    page.context.close()


def test_a_sheet_becomes_the_plan_and_shows_its_holes(office, browser, tmp_path):
    sheet = openpyxl.Workbook()
    sheet.active.append(["Đơn vị", "Huyện", "Loại sổ", "Năm", "Quyển", "Hạn", "Nhà thầu"])
    for row in (
        ["Xã An Thái", "Huyện An Lão", "Khai sinh", 1990, "1-2", "31/12/2026", ""],
        ["Xã An Thái", "Huyện An Lão", "Khai sinh", 1993, "4", "01/01/2020", ""],
        ["Xã An Thái", "Huyện An Lão", "Khai sinh", 1990, "2", "", ""],
        ["Xã Không Có", "Huyện An Lão", "Khai tử", 1990, "1", "", ""],
    ):
        sheet.active.append(row)
    sheet.save(tmp_path / "kiem-ke.xlsx")
    page = window(browser, office, account(office, "sep", Role.SUPERVISOR), "/plan", 1920)
    page.set_input_files("#sheet", tmp_path / "kiem-ke.xlsx")
    page.click("text=Nạp vào")
    expect(page.locator("[role=status]")).to_contain_text("3 quyển mới")
    expect(page.locator("[role=alert]")).to_contain_text("quyển 2 trùng với dòng 2")
    expect(page.locator("[role=alert]")).to_contain_text("Xã Không Có")
    expect(page.locator("table:has-text('Năm không có sổ')").first).to_contain_text("1991–1992")
    shot(page, "plan")
    assert violations(page) == []
    page.click("text=English")
    page.goto(f"{office.url}/plan?missing=true")
    expect(page.locator("h1")).to_have_text("Plan: which books exist")
    shot(page, "plan-english")
    assert page.problems == []
    page.context.close()
