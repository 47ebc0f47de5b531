"""The supervisors' way down in a browser; every page by itself: ``test_desk_guide.py``."""

from __future__ import annotations

import os
import shutil

import pytest
from board_stage import city, people, real_book, served, settle
from desk_browser import PASSWORD

from models import migrate, open_database

playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    url = f"sqlite:///{home / 'hotich.sqlite'}"
    migrate(url)
    database = open_database(url)
    city(database, 240, 480)
    people(database)
    book_id = real_book(database, home)
    settle(database, book_id)
    with served(database, home) as address:
        yield address, book_id
    database.close()


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        try:
            browser = started.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
        except playwright.Error:
            pytest.skip("no Chromium")
        yield browser
        browser.close()


def _supervisors_page(chromium, address, said=None):
    """A window in which the supervisor is logged in; ``said`` gathers what its console warns of.

    Not its remarks: a slow page may lose its first focus to a person who has begun to type.
    """
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(60_000)
    if said is not None:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda message: message.type in ("error", "warning") and said.append(message.text),
        )
    page.goto(f"{address}/login")
    page.fill("#login", "phutrach")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    return page


@pytest.mark.slow
def test_the_way_down_leads_from_the_board_to_the_picture_and_the_signature(desk, chromium):
    address, book_id = desk
    page = _supervisors_page(chromium, address)
    page.goto(f"{address}/progress")
    page.locator('a.tile[href*="hp-an-thai"]').click()
    page.locator(".matrix a").first.click()
    page.get_by_role("link", name="xa-an-thai.an-lao.KS.2008.01").click()
    page.locator("a.mark").first.click()
    picture = page.locator("svg.page image")
    with page.expect_response(lambda reply: "/pic/" in reply.url) as shown:
        page.reload()
    assert shown.value.status == 200
    assert picture.count() == 1 and page.locator("svg.page rect").count() == 8
    page.goto(f"{address}/progress/books/{book_id}")
    page.fill("#closing", "8")
    page.locator(".sign button").click()
    assert page.locator(".sign .good").inner_text().startswith("★ Đã duyệt: phutrach")
    assert page.locator("a.mark.released").count() == 8
    page.close()


@pytest.mark.slow
def test_a_target_is_changed_and_the_books_of_a_unit_are_compared(desk, chromium):
    address, _ = desk
    said: list[str] = []
    page = _supervisors_page(chromium, address, said)
    page.goto(f"{address}/quality")
    page.get_by_role("link", name="Mức sai cho phép").click()
    row = page.locator("#t-name")
    row.get_by_text("So sánh").click()
    assert row.locator("tr.now").count() == 1 and row.locator("tbody tr").count() == 6
    row.get_by_text("Đổi", exact=True).click()
    page.fill("#target-name", "0,25")
    page.fill("#reason-name", "mẫu tuần này nhiều lỗi")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="mẫu tuần này nhiều lỗi").wait_for()
    assert "0,25 %" in page.locator("#t-name td").first.inner_text()
    row.get_by_text("Đổi", exact=True).click()
    page.fill("#reason-name", "như cũ")
    row.get_by_role("button", name="Về mặc định").click()
    page.get_by_role("cell", name="như cũ").wait_for()
    assert "mặc định" not in page.locator("#t-name td").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{address}/progress")
    page.locator('a.tile[href*="hp-an-thai"]').click()
    page.get_by_role("link", name="Đối chiếu các quyển").click()
    page.get_by_role("button", name="So lại ngay").click()
    page.locator(".facts-row").first.wait_for()
    assert page.locator("h1").inner_text() == "Đối chiếu các quyển"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    if folder := os.environ.get("HOTICH_SHOTS"):
        page.screenshot(path=f"{folder}/rules.png", full_page=True)
        page.goto(f"{address}/quality/targets")
        page.screenshot(path=f"{folder}/targets.png", full_page=True)
    page.close()


@pytest.mark.slow
def test_no_tile_is_left_out_and_a_full_citys_wall_fits_its_screen(desk, chromium):
    address, _ = desk
    page = _supervisors_page(chromium, address)
    page.goto(f"{address}/progress")
    page.wait_for_function("!document.querySelector('template.later')")
    assert page.locator("a.tile").count() == 234  # the real book's unit too
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/progress/wall")
        assert page.locator("a.tile").count() == 234  # the real book's unit too
        # What a city of 2.5 million entries has in its head.
        page.evaluate("""() => {
          const head = document.querySelector(".wallhead"), last = head.lastElementChild;
          for (const text of ["2.512.345 trường hợp", "xong khoảng 12/2031 (10/2029 – 11/2036)"]) {
            const span = document.createElement("span"), big = document.createElement("b");
            big.textContent = text;
            span.append(big);
            head.insertBefore(span, last);
          }
        }""")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        high = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
        assert page.evaluate(wide) <= 0 and page.evaluate(high) <= 0
    page.close()
