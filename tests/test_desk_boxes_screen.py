"""Setting boxes right in Debian's Chromium: by mouse, by keyboard, and read again afterwards."""

from __future__ import annotations

import pytest
from desk_office import (
    IN_CHROMIUM,
    Office,
    chromium,
    digitized,
    number_of,
    ready,
    shot,
    sit_down,
    violations,
)
from playwright.sync_api import expect

from models import load_book_form, verify_audit, work_left
from models.review_entry import entry_for_review
from pipeline.types import EditKind

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(digitized(tmp_path_factory))
    office.start()
    yield office
    office.close()


def test_a_column_edge_and_a_corner_are_moved_and_the_page_is_read_again(office):
    with chromium() as browser:
        page = sit_down(browser, office, office.person())
        entry, book = number_of(page), 0
        page.locator("[data-field=child_full_name] .text").focus()
        page.keyboard.type("Lee Thij Mai")
        expect(page.locator("#kept")).to_have_text("đã giữ trên máy chủ")
        page.keyboard.press("Alt+u")
        expect(page.locator(".handle line.seen").first).to_be_attached()
        expect(page.locator(".pane-stage canvas").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.locator("#edge option:checked").inner_text().startswith("Cạnh cột")
        expect(page.locator("#moved")).to_contain_text("chưa dời")
        # By keyboard: into the page, the next edge and back, three steps, one of them large.
        page.keyboard.press("F6")
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#moved")).to_contain_text("dời 1.0 mm")
        page.keyboard.press("Control+z")
        expect(page.locator("#moved")).to_contain_text("dời 0.5 mm")
        # By mouse: a corner inwards.
        corner = page.locator("circle.seen").first.bounding_box()
        x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 12, y + 6, steps=3)
        page.mouse.up()
        expect(page.locator("#moved")).to_contain_text("2 chỗ đã dời")
        shot(page, "boxes")
        assert violations(page) == []
        page.keyboard.press("Control+Enter")
        expect(page.locator("#banner")).to_contain_text("1 ảnh sẽ được đọc lại")
        expect(page.locator("#back")).to_be_focused()
        shot(page, "boxes-saved")
        book = entry_for_review(office.database, entry).book_id
        edits = load_book_form(office.database, book).edits
        assert {edit.kind for edit in edits} == {EditKind.CORNERS, EditKind.EDGE}
        (edge,) = [edit for edit in edits if edit.kind is EditKind.EDGE]
        assert edge.by_mm == pytest.approx(0.5)
        assert work_left(office.database, book).ready == 1
        # Back at the entry nothing that was typed is lost.
        page.keyboard.press("Enter")
        ready(page)
        assert number_of(page) == entry
        typed = page.locator("[data-field=child_full_name] .text")
        expect(typed).to_have_value("Lê Thị Mai")
        assert page.problems == []
        assert verify_audit(office.database).sound
