"""The operator's screen in Debian's Chromium: real server, real pages, the keyboard alone."""

from __future__ import annotations

import pytest
from desk_office import (
    IN_CHROMIUM,
    Office,
    accept_all,
    digitized,
    log_in,
    number_of,
    ready,
    shot,
    sit_down,
    violations,
)
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from models import correct_field, verify_audit
from models.review_entry import entry_for_review
from models.states import DeskState
from models.tables import FieldValue, ReviewMark
from models.users import list_users
from models.web_sessions import end_sessions
from pipeline.types import Decision, ValueState

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(digitized(tmp_path_factory))
    office.start()
    yield office
    office.close()


@pytest.fixture
def desk(office, browser):
    """Somebody new at an entry; in the end everything is laid back."""
    yield sit_down(browser, office, office.seated(1982))
    office.rest(browser)


def entry_of(office: Office, page: Page):
    return entry_for_review(office.database, number_of(page))


def doubt(office: Office, entry, more: int) -> None:
    """Let so many accepted fields ask for a person too."""
    accepted = [field.field for field in entry.fields if field.decision is Decision.ACCEPTED]
    with office.database.write() as connection:
        connection.execute(
            update(FieldValue)
            .where(
                FieldValue.entry_id == entry.id,
                FieldValue.field.in_(accepted[: max(0, more)]),
            )
            .values(decision=Decision.REVIEW)
        )


def go_to(page: Page, field: str) -> None:
    page.locator(f"[data-field={field}] .text").focus()


def said(office: Office, entry: int, field: str):
    found = entry_for_review(office.database, entry).field(field)
    return found.person_value, found.person_state


def test_an_entry_is_corrected_accepted_and_saved_by_the_keyboard_alone(office, desk):
    entry, keys = number_of(desk), desk.keyboard
    shot(desk, "entry-ledger")
    go_to(desk, "child_full_name")
    keys.type("Nguyeenx Thij Hoaf")
    expect(desk.locator("[data-field=child_full_name] .text")).to_have_value("Nguyễn Thị Hòa")
    keys.press("Enter")
    go_to(desk, "birth_date")
    keys.type("5.12.81")
    expect(desk.locator("[data-field=birth_date] .meaning")).to_have_text(
        "ngày 5 tháng 12 năm 1981"
    )
    keys.press("Enter")
    go_to(desk, "mother_full_name")
    keys.press("?")
    accept_all(desk)
    expect(desk.locator("#save")).to_be_focused()
    shot(desk, "entry-ready")
    keys.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert number_of(desk) != entry
    assert said(office, entry, "child_full_name") == ("Nguyễn Thị Hòa", ValueState.WRITTEN)
    assert said(office, entry, "birth_date") == ("1981-12-05", ValueState.WRITTEN)
    assert said(office, entry, "mother_full_name") == (None, ValueState.UNREADABLE)
    assert not entry_for_review(office.database, entry).doubtful
    assert verify_audit(office.database).sound
    assert desk.problems == []


def test_three_doubtful_fields_take_four_keys_when_the_first_choice_is_right(office, desk):
    entry = entry_of(office, desk)
    for field in entry.doubtful[3:]:
        correct_field(office.database, entry.id, field.field, value=field.value, person="somebody")
    doubt(office, entry, 3 - len(entry.doubtful))
    desk.reload()
    ready(desk)
    expect(desk.locator("#left")).to_have_text("3")
    keys = accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert keys + 1 == 4


def test_an_entry_with_fields_not_looked_at_is_not_saved(office, desk):
    entry = number_of(desk)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".field.now .meaning")).to_contain_text("ô chưa xem")
    assert entry_for_review(office.database, entry).doubtful
    assert number_of(desk) == entry


def test_states_candidates_and_endless_undo(office, desk):
    keys = desk.keyboard
    row = desk.locator("[data-field=mother_full_name]")
    before = row.locator(".text").input_value()
    go_to(desk, "mother_full_name")
    keys.press("F8")
    assert row.get_attribute("data-state") == "struck"
    go_to(desk, "mother_full_name")
    keys.press("Alt+r")
    assert row.get_attribute("data-state") == "blank" and row.locator(".text").input_value() == ""
    go_to(desk, "mother_full_name")
    keys.type("Vux")
    for _ in range(8):
        if (
            row.get_attribute("data-state") == "written"
            and before == row.locator(".text").input_value()
        ):
            break
        keys.press("Control+z")
    assert row.locator(".text").input_value() == before
    assert row.get_attribute("data-state") == "written"
    keys.press("Control+y")
    assert row.get_attribute("data-state") == "struck"
    keys.press("Control+z")
    choice = row.locator("[data-choice] b").first
    if choice.count():
        wanted = choice.inner_text()
        go_to(desk, "mother_full_name")
        keys.press("1")
        expect(row.locator(".text")).to_have_value(wanted)


def test_undo_goes_back_into_the_entry_saved_before(office, desk):
    entry = number_of(desk)
    accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    desk.keyboard.press("Control+z")
    desk.wait_for_url(f"**/entry/{entry}")
    ready(desk)
    go_to(desk, "child_full_name")
    desk.keyboard.type("Trần Văn Nam")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "child_full_name")[0] == "Trần Văn Nam"


def test_an_entry_is_crossed_out_by_one_key_and_lifted_again(office, desk):
    entry, keys = number_of(desk), desk.keyboard
    mark, row = desk.locator(".void-mark"), desk.locator("[data-field=voided]")
    expect(mark).to_be_hidden()
    expect(row).to_be_hidden()
    keys.press("Alt+h")
    expect(mark).to_be_visible()
    expect(row.locator(".text")).to_have_value("Hủy")
    expect(desk.locator("#banner")).to_contain_text("bị gạch bỏ")
    shot(desk, "entry-crossed-out")
    assert violations(desk) == []
    keys.press("Control+z")
    expect(mark).to_be_hidden()
    keys.press("Control+y")
    expect(mark).to_be_visible()
    accept_all(desk)
    keys.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "voided") == ("Hủy", ValueState.WRITTEN)
    keys.press("Alt+p")
    desk.wait_for_url(f"**/entry/{entry}")
    ready(desk)
    expect(mark).to_be_visible()
    keys.press("Alt+h")
    expect(mark).to_be_hidden()
    keys.press("Control+Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "voided") == (None, ValueState.BLANK)
    assert verify_audit(office.database).sound
    assert desk.problems == []


@pytest.mark.parametrize(
    ("key", "state", "note"),
    [("Alt+b", "open", "bỏ qua"), ("Alt+l", "escalated", "người phụ trách"),
     ("Alt+q", "rescan", "quét lại")],
)  # fmt: skip
def test_an_entry_is_given_back_with_a_reason(office, desk, key, state, note):
    entry = number_of(desk)
    desk.keyboard.press(key)
    expect(desk.locator("#give")).to_be_visible()
    shot(desk, f"give-{state}")
    assert violations(desk) == []
    desk.keyboard.press("1")
    reason = desk.locator("#give-reason").input_value()
    desk.keyboard.press("Enter")
    expect(desk.locator("#kept")).to_contain_text(note)
    assert number_of(desk) != entry
    assert entry_for_review(office.database, entry).desk == DeskState(state)
    with office.database.read() as connection:
        query = select(ReviewMark.reason).where(ReviewMark.entry_id == entry)
        assert connection.execute(query).scalars().all()[-1] == reason


def test_what_is_typed_survives_a_lost_network_and_is_saved_when_it_returns(office, desk):
    entry = number_of(desk)
    desk.context.set_offline(True)
    go_to(desk, "child_full_name")
    desk.keyboard.type("Lee Vawn Muwowif")
    accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#banner")).to_contain_text("Mất liên lạc")
    shot(desk, "no-network")
    desk.context.set_offline(False)
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "child_full_name")[0] == "Lê Văn Mười"


def test_a_server_killed_in_the_middle_costs_no_key(office, desk):
    entry = number_of(desk)
    go_to(desk, "child_full_name")
    desk.keyboard.type("Phamj Vawn")
    office.kill()
    desk.keyboard.type(" Ddoong")
    accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#banner")).to_contain_text("Mất liên lạc")
    office.start()
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "child_full_name")[0] == "Phạm Văn Đông"


def test_a_draft_is_there_after_a_reload_and_on_another_computer(office, browser, desk):
    go_to(desk, "child_full_name")
    desk.keyboard.type("Ddoox Thij Lan")
    desk.reload()
    ready(desk)
    field = "[data-field=child_full_name] .text"
    expect(desk.locator(field)).to_have_value("Đỗ Thị Lan")
    expect(desk.locator("#banner")).to_have_text("Đã mở lại bản nháp của bạn.")
    go_to(desk, "father_full_name")
    desk.keyboard.type("Ddoox Vawn Bay")
    expect(desk.locator("#kept")).to_have_text("đã giữ trên máy chủ")
    login = f"nguoi{office._people}"
    user = next(one for one in list_users(office.database) if one.login == login)
    other = sit_down(browser, office, user)
    expect(other.locator(field)).to_have_value("Đỗ Thị Lan")
    expect(other.locator("[data-field=father_full_name] .text")).to_have_value("Đỗ Văn Bay")


def test_two_operators_never_get_the_same_entry(office, browser, desk):
    others = [sit_down(browser, office, office.person()) for _ in range(2)]
    seen = {number_of(page) for page in (desk, *others)}
    assert len(seen) == 3
    others[0].goto(f"{office.url}/entry/{number_of(desk)}")
    expect(others[0].locator("#entry")).to_have_count(0)
    shot(others[0], "out-of-reach")


def test_of_two_windows_on_one_entry_the_newer_works_and_the_older_waits(office, desk):
    second = desk.context.new_page()
    second.goto(desk.url)
    ready(second)
    expect(desk.locator("#banner")).to_contain_text("cửa sổ khác")
    go_to(second, "child_full_name")
    second.keyboard.type("Lê Thị Sáu")
    desk.bring_to_front()
    shot(desk, "two-windows")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-field=child_full_name] .text")).to_have_value("Lê Thị Sáu")


def test_an_ended_session_loses_nothing(office, desk):
    entry = number_of(desk)
    go_to(desk, "child_full_name")
    desk.keyboard.type("Buif Thij Nhaf")
    accept_all(desk)
    user = next(one for one in list_users(office.database) if one.login == f"nguoi{office._people}")
    end_sessions(office.database, user.id, actor="test")
    desk.keyboard.press("Enter")
    expect(desk.locator("#banner")).to_contain_text("Phiên làm việc đã hết")
    shot(desk, "session-ended")
    desk.keyboard.press("Enter")
    log_in(desk, user)
    expect(desk.locator("[data-field=child_full_name] .text")).to_have_value("Bùi Thị Nhà")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "child_full_name")[0] == "Bùi Thị Nhà"


def test_a_conflict_shows_both_values_and_one_is_chosen(office, desk):
    entry = number_of(desk)
    go_to(desk, "child_full_name")
    desk.keyboard.type("Tôi Gõ")
    accept_all(desk)
    correct_field(
        office.database, entry, "child_full_name", value="Người Khác Gõ", person="somebody"
    )
    correct_field(office.database, entry, "notes", value="con nuôi", person="somebody")
    desk.keyboard.press("Enter")
    panel = desk.locator("#conflict")
    expect(panel).to_contain_text("Tôi Gõ")
    expect(panel).to_contain_text("Người Khác Gõ")
    shot(desk, "conflict")
    assert violations(desk) == []
    desk.keyboard.press("1")
    expect(panel).to_be_hidden()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    assert said(office, entry, "child_full_name")[0] == "Tôi Gõ"
    assert said(office, entry, "notes")[0] == "con nuôi"


def test_a_text_without_meaning_is_asked_about_and_then_kept_as_written(office, desk):
    entry = number_of(desk)
    go_to(desk, "birth_date")
    desk.keyboard.type("31/2/1982")
    expect(desk.locator("[data-field=birth_date] .meaning")).to_contain_text("Không hiểu")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-field=birth_date].refused")).to_have_count(1)
    desk.keyboard.press("Enter")
    accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    found = entry_for_review(office.database, entry).field("birth_date")
    assert (found.person_value, found.person_literal) == (None, "31/2/1982")


def test_a_draft_that_is_answered_late_does_not_unsay_that_the_entry_is_saved(desk):
    late: list = []
    desk.route("**/draft", lambda route: late.append(route))
    go_to(desk, "child_full_name")
    with desk.expect_request("**/draft"):
        desk.keyboard.type("Trần Văn Nam")
    desk.keyboard.press("Enter")
    accept_all(desk)
    desk.keyboard.press("Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    late[0].fulfill(json={})
    desk.evaluate("fetch('/health')")  # the late answer has been seen before this one
    assert desk.locator("#kept").inner_text() == "đã lưu ✓"
    assert desk.problems == []


def test_a_column_is_accepted_in_one_go(office, desk):
    with office.database.write() as connection:  # whatever the machine was sure of
        connection.execute(
            update(FieldValue)
            .where(FieldValue.field == "mother_full_name", FieldValue.person_state.is_(None))
            .values(decision=Decision.REVIEW)
        )
    desk.reload()
    ready(desk)
    go_to(desk, "mother_full_name")
    desk.keyboard.press("Alt+t")
    desk.wait_for_url("**/column/**")
    ready(desk)
    field = desk.url.rsplit("/", 1)[1]
    expect(desk.locator(".field").first).to_be_visible()
    shot(desk, "column")
    assert violations(desk) == []
    rows = desk.locator(".field").count()
    ticked = desk.locator(".field .tick input:checked").count()
    entry = int(desk.locator(".field").nth(0).get_attribute("data-field")[1:])
    desk.keyboard.type("Mot Chu Moi")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#kept")).to_have_text("đã lưu ✓")
    gone = desk.locator(".field.gone").count()
    assert 1 <= gone <= rows and gone >= ticked
    assert said(office, entry, field)[0] == "Mot Chu Moi"
    assert desk.problems == []


def test_the_page_can_be_zoomed_turned_and_left_again_with_keys(desk):
    desk.keyboard.press("F6")
    assert desk.evaluate("document.activeElement.closest('#pane') !== null")
    for key in ("+", "ArrowRight", "ArrowDown", "r", "c", "0", "-"):
        desk.keyboard.press(key)
    shot(desk, "pane")
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement.matches('.field .text')")
    assert desk.problems == []


def test_both_languages_large_type_and_the_table_of_keys(office, browser, desk):
    english = sit_down(browser, office, office.person(language="en"))
    expect(english.locator("#save")).to_contain_text("Save, next entry")
    expect(english.locator("html")).to_have_attribute("lang", "en")
    shot(english, "entry-english")
    english.locator("#larger").click()
    expect(english.locator("html")).to_have_class("large")
    shot(english, "entry-large")
    assert violations(english) == []
    desk.keyboard.press("F1")
    shot(desk, "keys")
    assert violations(desk) == []
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement.matches('.field .text')")


def test_an_entry_weighs_little_and_its_pictures_are_light(office, browser):
    page = sit_down(browser, office, office.person())
    sizes: dict[str, int] = {}

    def weigh(response):
        if response.status == 200:
            sizes[response.url] = int(response.request.sizes()["responseBodySize"])

    page.on("response", weigh)
    page.reload()
    ready(page)
    page.wait_for_load_state("networkidle")
    pictures = {url: size for url, size in sizes.items() if "/pic/" in url}
    other = sum(size for url, size in sizes.items() if "/pic/" not in url)
    assert pictures and max(pictures.values()) <= 150_000
    assert other <= 400_000
    page.context.close()
    office.rest()


def test_keyboards_of_the_computer_are_not_fought(desk):
    go_to(desk, "child_full_name")
    desk.keyboard.press("Delete")
    # As UniKey sends its letters: no key of their own, the text comes all the same.
    desk.keyboard.insert_text("Nguyễ")
    desk.keyboard.insert_text("n")
    expect(desk.locator("#typing")).to_contain_text("Dùng bộ gõ của máy")
    desk.keyboard.type("ass")
    expect(desk.locator("[data-field=child_full_name] .text")).to_have_value("Nguyễnass")
    desk.keyboard.press("Alt+v")
    desk.keyboard.type(" as")
    expect(desk.locator("[data-field=child_full_name] .text")).to_have_value("Nguyễnass á")
