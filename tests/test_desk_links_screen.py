"""Suggested links in Chromium: beside the entry in hand by keys alone, and a unit's list."""

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
from desk_quick import quick_home
from linked_stage import linked_books, suggest
from models_samples import AN_THAI
from playwright.sync_api import expect
from sqlalchemy import update

from models import find_books, find_entry_links, verify_audit
from models.link_runs import begin_link_run, end_link_run
from models.states import LinkState, Role
from models.tables import EntryLink

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    settings, book_id = quick_home(tmp_path_factory.mktemp("office"))
    office = Office(settings)
    office.book = book_id
    (office.unit,) = {one.unit for one in find_books(office.database, "")}
    office.stage = linked_books(office.database, book_id, office.unit, elsewhere=AN_THAI)
    with served(office.database, Path(settings.home), test_share=0) as address:
        office.port = int(address.rsplit(":", 1)[1])
        yield office
    office.close()


@pytest.fixture(autouse=True)
def tidy(office, browser):
    yield
    office.rest(browser)
    with office.database.write() as connection:
        connection.execute(update(EntryLink).values(state=LinkState.SUGGESTED, person_by=None))
    suggest(office.database, office.stage)


def at_the_first(office, browser, role=Role.SUPERVISOR, language="vi"):
    """Somebody at the entry with three links."""
    page = sit_down(browser, office, office.person(role, language))
    if number_of(page) != office.stage.births[0]:
        page.goto(f"{office.url}/entry/{office.stage.births[0]}")
        ready(page)
    expect(page.locator("#links-brief")).to_contain_text("01")
    return page


def states(office):
    links = find_entry_links(office.database, entry_ids=[office.stage.births[0]])
    return {one.second_role: one.state for one in links}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_links_are_told_in_one_line_and_opened_by_a_key(office, browser, language):
    page = at_the_first(office, browser, language=language)
    copy = {"vi": "Có thể là bản thứ hai", "en": "Maybe the second copy"}[language]
    expect(page.locator("#links-brief")).to_contain_text(copy)
    at = page.evaluate("document.activeElement.id")
    shot(page, f"links-line-{language}")
    page.keyboard.press("Alt+m")
    expect(page.locator(".link:focus")).to_contain_text(copy)
    expect(page.locator("#links-panel .link")).to_have_count(3)
    shot(page, f"links-open-{language}")
    assert violations(page) == []
    assert page.evaluate(WIDER) <= 0
    page.keyboard.press("ArrowDown")
    expect(page.locator(".link:focus")).to_contain_text("Nguyễn Vân An")
    shot(page, f"links-second-{language}")
    page.keyboard.press("Enter")  # says nothing
    page.keyboard.press("Escape")
    expect(page.locator("#links-panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == at
    assert set(states(office).values()) == {LinkState.SUGGESTED}
    assert page.problems == []


def test_three_words_by_keys_and_the_entry_saved_after(office, browser):
    page = at_the_first(office, browser, Role.OPERATOR)
    page.keyboard.press("Alt+m")
    expect(page.locator(".link:focus")).to_contain_text("bản thứ hai")
    page.keyboard.press("1")
    expect(page.locator(".link:focus")).to_contain_text("Nguyễn Vân An")
    expect(page.locator(".link.confirmed")).to_contain_text("cùng một việc")
    shot(page, "links-judged-vi")
    assert violations(page) == []
    page.keyboard.press("2")
    expect(page.locator(".link:focus")).to_contain_text("là vợ")
    page.keyboard.press("2")
    expect(page.locator("#links-panel")).to_be_hidden()  # all are judged: back to the field
    expect(page.locator(".field.now .text:focus")).to_be_visible()
    expect(page.locator("#links-brief")).to_contain_text("đã xem hết")
    assert states(office) == {
        "child": LinkState.CONFIRMED, "deceased": LinkState.REFUSED, "wife": LinkState.REFUSED,
    }  # fmt: skip
    page.keyboard.press("Alt+m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("0")
    expect(page.locator(".link.suggested")).to_have_count(1)
    page.keyboard.press("Escape")
    accept_all(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    assert page.problems == [] and verify_audit(office.database).sound


def test_a_word_on_its_way_arrives_before_the_entry_is_saved(office, browser):
    page = at_the_first(office, browser, Role.SUPERVISOR)
    accept_all(page)
    page.route(
        re.compile("/links/"), lambda route: (page.wait_for_timeout(700), route.continue_())
    )  # fmt: skip
    page.keyboard.press("Alt+m")
    expect(page.locator(".link:focus")).to_be_visible()
    page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    assert states(office)["child"] is LinkState.REFUSED
    assert page.problems == []


def test_a_supervisor_opens_the_other_entry_and_rules_there(office, browser):
    page = at_the_first(office, browser)
    page.keyboard.press("Alt+m")
    expect(page.locator(".link:focus")).to_be_visible()
    with page.context.expect_page() as opened:
        page.keyboard.press("3")
    record = opened.value
    record.wait_for_url(f"**/progress/entries/{office.stage.copies[0]}")  # it opens on a bare page
    expect(record.locator("#links")).to_be_visible()
    shot(record, "links-record-vi")
    assert violations(record) == []
    record.get_by_role("button", name="Không phải").first.click()
    expect(record.locator(".link.refused")).to_have_count(1)
    assert states(office)["child"] is LinkState.REFUSED


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_links_of_a_unit_by_keys(office, browser, language):
    boss = office.person(Role.SUPERVISOR, language)
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{office.url}/login")
    sign_in(page, boss)
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{office.url}/progress/units/{office.unit.id}?view=then")
    word = {"vi": "Liên kết gợi ý", "en": "Suggested links"}[language]
    page.get_by_role("link", name=word).click()
    expect(page.locator(".link")).to_have_count(6)
    shot(page, f"links-unit-{language}")
    assert violations(page) == []
    assert page.evaluate(WIDER) <= 0
    second = page.locator(".link").nth(1).get_attribute("id")
    expect(page.locator(".link:focus")).to_contain_text("+57")
    page.keyboard.press("2")
    page.wait_for_url(f"**#{second}")
    expect(page.locator(".link")).to_have_count(5)
    expect(page.locator(f"#{second}:focus")).to_be_visible()  # goes on after the one ruled on
    shot(page, f"links-unit-next-{language}")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#{second}:focus")).to_have_count(0)
    with page.context.expect_page() as opened:
        page.keyboard.press("3")
    opened.value.wait_for_url("**/progress/entries/*")
    page.goto(f"{office.url}/progress/units/{office.unit.id}/links?view=then&state=refused")
    expect(page.locator(".link.refused")).to_contain_text(boss.login)
    shot(page, f"links-unit-refused-{language}")
    assert violations(page) == []


def test_links_are_looked_for_by_a_press_and_the_page_tells_when_that_has_ended(office, browser):
    boss = office.person(Role.SUPERVISOR, "vi")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{office.url}/login")
    sign_in(page, boss)
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"{office.url}/progress/units/{office.unit.id}/links?view=then")
    page.get_by_role("button", name="Tìm liên kết ngay").click()
    expect(page.locator("#search")).to_contain_text("Đang chờ")
    expect(page.get_by_role("button", name="Tìm liên kết ngay")).to_have_count(0)
    shot(page, "links-asked-vi")
    assert violations(page) == []
    run = begin_link_run(office.database, by="dispatcher", asked=False)
    assert run is not None
    expect(page.locator("#search")).to_contain_text("Đang tìm từ")
    end_link_run(office.database, run, persons=19, suggested=6)
    page.get_by_role("link", name="Xem kết quả").click()
    expect(page.get_by_role("button", name="Tìm liên kết ngay")).to_be_visible()
    expect(page.locator("#search")).to_contain_text(boss.login)
