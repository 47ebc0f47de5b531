"""Two keyings, split and joined entries, pages without entries, and every screen, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from board_stage import served
from desk_office import (
    IN_CHROMIUM,
    WIDER,
    Office,
    accept_all,
    number_of,
    ready,
    shot,
    sign_in,
    sit_down,
    violations,
)
from desk_quick import ROWS, digitize_again, quick_home
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import correct_field, verify_audit
from models.keyings import operator_rates, plan_keying
from models.review_entry import entry_for_review
from models.states import DeskState, Role
from models.tables import Entry, Scan

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    settings, book_id = quick_home(tmp_path_factory.mktemp("office"))
    office = Office(settings)
    office.book = book_id
    # In this process: nobody kills this server, and it is there at once.
    with served(office.database, Path(settings.home), test_share=0) as address:
        office.port = int(address.rsplit(":", 1)[1])
        yield office
    office.close()


@pytest.fixture(autouse=True)
def tidy(office, browser):
    yield
    office.rest(browser)


def go_to(page: Page, field: str) -> None:
    page.locator(f"[data-field={field}] .text").focus()


def entries(office: Office, scan: int) -> list[int]:
    query = select(Entry.id).join(Scan, Scan.id == Entry.scan_id).where(Scan.number == scan)
    with office.database.read() as connection:
        return list(connection.execute(query.order_by(Entry.position)).scalars())


def test_two_key_blindly_and_a_third_decides(office, browser):
    boss = office.person(Role.SUPERVISOR)
    plan_keying(office.database, boss, office.book, ["mother_full_name"])
    first, second, third = (office.person() for _ in range(3))
    page = sit_down(browser, office, first)
    entry = number_of(page)
    accept_all(page)
    page.keyboard.press("Enter")
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    page.context.close()

    page = sit_down(browser, office, second)
    assert number_of(page) == entry
    mother = page.locator("[data-field=mother_full_name]")
    expect(mother.locator(".text")).to_have_value("")
    assert "Đào" not in mother.inner_text() and first.name not in page.content()
    expect(page.locator(".task")).to_contain_text("lần hai")
    shot(page, "second-keying")
    assert violations(page) == []
    go_to(page, "mother_full_name")
    page.keyboard.type("Vux Thij Ddaor")
    page.keyboard.press("Enter")
    accept_all(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    assert entry_for_review(office.database, entry).desk is DeskState.ARBITRATE
    page.context.close()

    page = sit_down(browser, office, third)
    assert number_of(page) == entry
    go_to(page, "mother_full_name")
    field = page.locator("[data-field=mother_full_name]")
    expect(field).to_contain_text("Vũ Thị Đảo")
    expect(field.locator(".text")).to_have_value("Vũ Thị Đào")
    shot(page, "arbitration")
    assert violations(page) == []
    page.keyboard.press("Enter")
    accept_all(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    done = entry_for_review(office.database, entry)
    assert done.desk is DeskState.DONE
    assert done.field("mother_full_name").person_value == "Vũ Thị Đào"
    rates = {one.login: one.wrong for one in operator_rates(office.database)}
    assert (rates[first.login], rates[second.login]) == (0, 1)
    plan_keying(office.database, boss, office.book, None)
    assert page.problems == []


def test_an_entry_is_split_by_keys_and_taken_back(office, browser):
    chief = office.person(Role.SUPERVISOR)
    page = sit_down(browser, office, chief)
    entry = entries(office, 2)[2]
    correct_field(office.database, entry, "child_full_name", value="Tên Đã Gõ", person="lan")
    page.goto(f"{office.url}/boxes/{entry}")
    expect(page.locator(".handle line.seen").first).to_be_attached()
    expect(page.locator("#which")).to_have_value("2")
    page.keyboard.press("Alt+s")
    expect(page.locator(".cuts .handle")).to_be_focused()
    expect(page.locator("#regrouped")).to_have_text("tách ở 50 % chiều cao")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#regrouped")).to_have_text("tách ở 19 % chiều cao")
    page.keyboard.press("Escape")
    expect(page.locator("#cutting")).to_be_hidden()
    page.keyboard.press("Alt+s")
    # By mouse: the line follows.
    line = page.locator(".cuts polyline.seen").first.bounding_box()
    x, y = line["x"] + line["width"] / 2, line["y"] + line["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 6, steps=3)
    page.mouse.up()
    expect(page.locator("#regrouped")).not_to_have_text("tách ở 50 % chiều cao")
    shot(page, "split")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator("#banner")).to_contain_text("1 ảnh sẽ được đọc lại")
    digitize_again(office.database, office.book, rows=ROWS + 1)
    assert len(entries(office, 2)) == ROWS + 1
    kept = entry_for_review(office.database, entry)
    assert (kept.position, kept.field("child_full_name").person_value) == (2, "Tên Đã Gõ")
    page.goto(f"{office.url}/boxes/{entry}")
    expect(page.locator(".handle line.seen").first).to_be_attached()
    page.keyboard.press("F6")
    page.keyboard.press("ArrowRight")
    page.locator("#unregroup").click()
    expect(page.locator("#banner")).to_contain_text("các cạnh đã dời")
    page.locator("#undo").click()
    page.locator("#unregroup").click()
    expect(page.locator("#banner")).to_contain_text("1 ảnh sẽ được đọc lại")
    digitize_again(office.database, office.book)
    assert len(entries(office, 2)) == ROWS
    assert page.problems == [] and verify_audit(office.database).sound


def test_two_entries_are_joined_and_both_words_are_shown(office, browser):
    chief = office.person(Role.SUPERVISOR)
    page = sit_down(browser, office, chief)
    one, other = entries(office, 2)[4:6]
    for entry, word, who in ((one, "Lê Văn", "lan"), (other, "Hai", "minh")):
        correct_field(office.database, entry, "child_full_name", value=word, person=who)
    page.goto(f"{office.url}/boxes/{one}")
    expect(page.locator(".handle line.seen").first).to_be_attached()
    page.keyboard.press("Alt+j")
    expect(page.locator("#regrouped")).to_contain_text("Bấm lần nữa")
    page.keyboard.press("Alt+j")
    expect(page.locator("#words")).to_contain_text("Lê Văn Hai")
    shot(page, "join-words")
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#banner")).to_contain_text("1 ảnh sẽ được đọc lại")
    joined = entry_for_review(office.database, one)
    assert joined.field("child_full_name").person_value == "Lê Văn Hai"
    assert other not in entries(office, 2)
    page.reload()
    expect(page.locator("#unregroup")).to_be_visible()
    page.keyboard.press("Alt+z")
    expect(page.locator("#banner")).to_contain_text("Đã ghi")
    words = [entry_for_review(office.database, n).field("child_full_name") for n in (one, other)]
    assert [word.person_value for word in words] == ["Lê Văn", "Hai"]
    digitize_again(office.database, office.book)
    # What a browser says of an answer that asks for a choice (409) is no fault of the page.
    assert [text for text in page.problems if "409" not in text] == []


def test_a_page_without_entries_is_found_seen_and_given_corners(office, browser):
    chief = office.person(Role.SUPERVISOR)
    page = sit_down(browser, office, chief)
    page.goto(f"{office.url}/overview")
    page.get_by_role("link", name="Các trang không có trường hợp").click()
    page.locator("table a").first.click()
    shot(page, "bare-list")
    assert violations(page) == []
    page.locator("table[aria-labelledby=scans] a").first.click()
    expect(page.locator("circle.seen")).to_have_count(4)
    expect(page.locator(".pane-stage canvas").first).to_be_visible()
    shot(page, "bare-page")
    assert violations(page) == []
    page.keyboard.press("F6")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#banner")).to_contain_text("1 ảnh sẽ được đọc lại")
    digitize_again(office.database, office.book)
    page.goto(f"{office.url}/pages?book={office.book}")
    page.locator("table[aria-labelledby=scans] a").first.click()
    page.fill("#reason", "bìa")
    page.get_by_role("button", name="Không có gì để đọc").click()
    expect(page.locator("table[aria-labelledby=scans]")).to_contain_text("bìa")
    assert page.problems == []


def test_a_column_goes_on_through_the_book_and_shows_its_keys(office, browser):
    page = sit_down(browser, office, office.person())
    go_to(page, "child_full_name")
    page.keyboard.press("Alt+t")
    page.wait_for_url("**/column/**")
    ready(page)
    one = page.locator(".field").count()
    page.keyboard.press("Alt+t")
    page.wait_for_url("**book=1")
    ready(page)
    assert page.locator(".field").count() > one
    page.keyboard.press("F1")
    expect(page.locator("#keys-table")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-table")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.field .text')")
    shot(page, "column-book")
    page.keyboard.press("Alt+t")
    page.wait_for_url(re.compile("/column/[^?]*$"))
    assert page.problems == []


SCREENS_OF = {
    Role.ADMIN: (
        "/overview", "/users", "/account", "/account/password", "/pages", "/progress",
        "/progress/wall", "/progress/stuck", "/search?name=nguyen", "/quality", "/operations",
        "/batches", "/plan", "/nowhere",
    ),
    Role.OPERATOR: ("/account", "/users"),
    Role.CONTRACTOR: ("/batches", "/batches/figures", "/plan"),
}  # fmt: skip
IN_THE_GUIDE = {
    "/overview", "/pages", "/progress", "/progress/wall", "/progress/stuck",
    "/search?name=nguyen", "/quality", "/batches", "/batches/figures", "/plan",
}  # fmt: skip
"""What ``test_desk_guide`` looks at in Vietnamese, at both sizes and with more in it."""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_screen_fits_and_breaks_no_rule_of_accessibility(office, browser, language):
    found: dict[str, object] = {}
    for role, paths in SCREENS_OF.items():
        more = {"everywhere": False, "contractor": "Bench"} if role is Role.CONTRACTOR else {}
        user = office.person(role, language, **more)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.goto(f"{office.url}/login")
        if role is Role.ADMIN:
            shot(page, f"login-{language}")
            found["/login"] = violations(page)
        sign_in(page, user)
        page.wait_for_url(lambda url: "/login" not in url)
        for path in paths:
            if language == "vi" and path in IN_THE_GUIDE:
                continue
            page.goto(office.url + path)
            name = path.strip("/").split("?")[0].replace("/", "-")
            shot(page, f"{role}-{name}-{language}")
            found[f"{role}{path}"] = violations(page)
            wider = page.evaluate(WIDER)
            assert wider <= 0, (path, wider)
        context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}
