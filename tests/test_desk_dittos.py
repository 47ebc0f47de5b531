"""Dittos at the desk, in Chromium: what is corrected above shows below before it is kept."""

from __future__ import annotations

import re
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from board_stage import served
from desk_office import IN_CHROMIUM, Office, number_of, ready, shot, sit_down
from desk_quick import FORM, digitize_again, entry, queued_book
from playwright.sync_api import expect

from models import open_database, recount, save_book_form
from models.review_entry import entry_for_review
from pipeline.types import Decision, ValueState

pytestmark = IN_CHROMIUM
SAID = "Đỗ Thị Mận"


def row(scan, at):
    """A row with one open field, the mother's name: a ditto but in the first row."""
    read = entry(scan, at)
    fields = [
        replace(one, decision=Decision.ACCEPTED)
        if one.field != "mother_full_name"
        else replace(one, state=ValueState.DITTO, literal='"', reasons=("ditto",))
        if at
        else one
        for one in read.fields
    ]
    return replace(read, fields=tuple(fields))


@pytest.fixture
def office(tmp_path, browser):
    settings, book_id = queued_book(tmp_path, 1)
    with closing(open_database(settings.resolved_database_url)) as database:
        save_book_form(database, book_id, FORM)
        digitize_again(database, book_id, 1, read=row)
    office = Office(settings)
    with served(office.database, Path(settings.home), test_share=0) as address:
        office.port = int(address.rsplit(":", 1)[1])
        yield office
        office.rest(browser)
    office.close()


def mother(office, entry_id):
    return entry_for_review(office.database, entry_id).field("mother_full_name")


def at_the_first(office, browser):
    """Somebody before the first entry, the next one here as it stands; the entry's number."""
    page = sit_down(browser, office, office.person())
    page.wait_for_load_state("networkidle")
    return page, number_of(page)


def correct(page):
    """The field at hand is set and accepted, and the entry saved."""
    page.keyboard.type(SAID)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def test_the_next_entry_shows_the_value_that_was_just_corrected_above_it(office, browser):
    page, first = at_the_first(office, browser)
    correct(page)
    page.wait_for_url(f"**/entry/{first + 1}")
    ready(page)
    at_hand = page.locator("[data-field=mother_full_name]")
    expect(at_hand.locator(".text")).to_have_value(SAID)
    expect(at_hand).to_contain_text("vừa được sửa")
    shot(page, "ditto")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/entry/{first + 2}")
    kept = mother(office, first + 1)
    assert (kept.person_value, kept.person_state) == (SAID, ValueState.DITTO)
    assert page.problems == []
    assert recount(office.database) == []


def test_nothing_more_is_asked_of_an_entry_that_is_saved(office, browser):
    """However long the next page takes: the entry left these hands, an answer would be a 409."""
    page, first = at_the_first(office, browser)
    asked = []

    def late(route):
        time.sleep(1)  # the page lives on: what it was about to ask, it would ask now
        route.continue_()

    page.route(f"**/entry/{first + 1}", late)
    page.on("request", lambda request: asked.append(request.url))
    correct(page)
    page.keyboard.press("Enter")  # a key too many saves nothing twice
    page.wait_for_url(f"**/entry/{first + 1}")
    ready(page)
    saved = asked.index(f"{office.url}/entry/{first}/save")
    assert [url for url in asked[saved + 1 :] if f"/entry/{first}/" in url] == []
    expect(page.locator("#kept")).to_have_text("đã lưu ✓")
    assert page.problems == []


def test_a_column_asks_once_more_for_dittos_whose_row_above_was_corrected(office, browser):
    page = sit_down(browser, office, office.person())
    entry_id = number_of(page)
    page.goto(f"{office.url}/column/{entry_id}/mother_full_name")
    ready(page)
    first, second = (page.locator(f'.field[data-field="e{entry_id + n}"]') for n in (0, 1))
    second.locator(".tick input").check()
    first.locator(".text").fill(SAID)
    page.keyboard.press("Control+Enter")
    expect(first).to_have_class(re.compile(r"\bgone\b"))
    expect(second.locator(".text")).to_have_value(SAID)
    expect(second.locator(".meaning")).to_contain_text(SAID)
    expect(second.locator(".tick input")).not_to_be_checked()
    assert mother(office, entry_id + 1).person_state is None
    shot(page, "column-ditto")
    second.locator(".tick input").check()
    page.keyboard.press("Control+Enter")
    expect(second).to_have_class(re.compile(r"\bgone\b"))
    kept = mother(office, entry_id + 1)
    assert (kept.person_value, kept.person_state) == (SAID, ValueState.DITTO)
    assert page.problems == []


def test_a_save_whose_answer_is_lost_on_the_way_goes_on_to_the_next_entry(office, browser):
    page, first = at_the_first(office, browser)
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the desk has written it; the browser never hears so
        route.abort("connectionreset")

    page.route(f"**/entry/{first}/save", lose)
    correct(page)
    page.wait_for_url(f"**/entry/{first + 1}")
    ready(page)
    assert lost == [200]
    assert mother(office, first).person_value == SAID
    assert recount(office.database) == []
