"""The routes of reviewing without a browser: what they refuse, and what they keep."""

from __future__ import annotations

import re

import pytest
from desk_browser import desk_app, enter, known
from models_samples import book, digitize, queue
from sqlalchemy import func, select

from models import recount
from models.review_entry import entry_for_review
from models.states import Role
from models.tables import AuditEvent, ReviewMark
from pipeline.types import ValueState

JSON = {"accept": "application/json"}


@pytest.fixture
def office(database, tmp_path):
    (book_id,) = queue(database, book())
    digitize(database, book_id)
    known(database, "lan", everywhere=True)
    known(database, "minh", everywhere=True)
    return desk_app(database, tmp_path, test_share=0)


def taken(client) -> tuple[int, str, int]:
    """Entry, token and version of what this person is given."""
    place = client.get("/entry").headers["location"]
    page = client.get(place).text
    token = re.search(r'"token": ?"(\w+)"', page)
    version = re.search(r'"version": ?(\d+)', page)
    assert token and version
    return int(place.rsplit("/", 1)[1]), token[1], int(version[1])


def said(field: str, text: str, base: str, state: str = "written", **more: object):
    return {
        "field": field, "text": text, "state": state,
        "base": {"text": base, "state": "written"}, **more,
    }  # fmt: skip


def save(client, entry, token, version, *fields):
    body = {"version": version, "token": token, "fields": list(fields)}
    return client.post(f"/entry/{entry}/save", json=body, headers=JSON)


def test_a_confirmed_value_is_kept_exactly_and_a_typed_one_is_understood(office, database):
    client = enter(office, "lan")
    entry, token, version = taken(client)
    reply = save(
        client, entry, token, version,
        said("mother_full_name", "Vũ Thị Đào", "Vũ Thị Đào"),
        said("birth_date", "2.3.08", "03/2008"),
    )  # fmt: skip
    assert reply.status_code == 200 and reply.json()["version"] == version + 1
    kept = entry_for_review(database, entry)
    assert kept.field("mother_full_name").person_value == "Vũ Thị Đào"
    birth = kept.field("birth_date")
    assert (birth.person_value, birth.person_literal) == ("2008-03-02", "2.3.08")


def test_what_has_no_meaning_is_refused_until_it_is_said_to_be_so(office, database):
    client = enter(office, "lan")
    entry, token, version = taken(client)
    wrong = said("birth_date", "31/2/2008", "03/2008")
    reply = save(client, entry, token, version, wrong)
    assert reply.status_code == 422
    assert [one["field"] for one in reply.json()["refused"]] == ["birth_date"]
    assert save(client, entry, token, version, {**wrong, "raw": True}).status_code == 200
    birth = entry_for_review(database, entry).field("birth_date")
    assert (birth.person_state, birth.person_literal) == (ValueState.WRITTEN, "31/2/2008")


def test_a_conflict_tells_both_values_and_the_version_to_save_with(office, database):
    from models import correct_field

    client = enter(office, "lan")
    entry, token, version = taken(client)
    correct_field(database, entry, "mother_full_name", value="Vũ Thị Đoan", person="hoa")
    mine = said("mother_full_name", "Vũ Thị Đang", "Vũ Thị Đào")
    reply = save(client, entry, token, version, mine)
    assert reply.status_code == 409
    (clash,) = reply.json()["conflicts"]
    assert (clash["yours"], clash["theirs"], clash["by"]) == ("Vũ Thị Đang", "Vũ Thị Đoan", "hoa")
    assert reply.json()["standing"]["mother_full_name"]["text"] == "Vũ Thị Đoan"
    seen = {**mine, "base": {"text": "Vũ Thị Đoan", "state": "written"}}
    assert save(client, entry, token, reply.json()["version"], seen).status_code == 200


def test_changes_elsewhere_in_the_entry_are_no_conflict(office, database):
    from models import correct_field

    client = enter(office, "lan")
    entry, token, version = taken(client)
    correct_field(database, entry, "sex", value="Nam", person="hoa")
    mine = said("mother_full_name", "Vũ Thị Đang", "Vũ Thị Đào")
    assert save(client, entry, token, version, mine).status_code == 200
    assert entry_for_review(database, entry).field("sex").person_value == "Nam"


def test_nobody_reaches_an_entry_in_other_hands(office):
    lan, minh = enter(office, "lan"), enter(office, "minh")
    entry, token, version = taken(lan)
    assert minh.get(f"/entry/{entry}").status_code == 404
    mine = said("sex", "Nam", "Nữ")
    assert save(minh, entry, token, version, mine).status_code == 409
    for path, body in (
        ("alive", {"token": token}), ("skip", {"token": token, "reason": "x"}),
        ("meaning", {"field": "sex", "text": "nam", "state": "written"}),
    ):  # fmt: skip
        reply = minh.post(f"/entry/{entry}/{path}", json=body, headers=JSON)
        assert reply.status_code == 409, path
    draft = minh.put(f"/entry/{entry}/draft", json={"version": 1, "fields": {}}, headers=JSON)
    assert draft.status_code == 404
    assert minh.get(f"/column/{entry}/sex").status_code == 404


def test_a_save_asked_for_again_because_its_answer_was_lost_is_saved_once(office, database):
    lan = enter(office, "lan")
    entry, token, version = taken(lan)
    mine = said("mother_full_name", "Vũ Thị Mận", "Vũ Thị Đào")
    first = save(lan, entry, token, version, mine)
    again = save(lan, entry, token, version, mine)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["version"] == first.json()["version"] == version + 1
    with database.read() as connection:
        query = select(func.count()).where(AuditEvent.action == "entry.reviewed")
        assert connection.execute(query).scalar_one() == 1
    assert recount(database) == []


def test_only_who_saved_under_a_hold_is_told_so(office, database):
    lan, minh = enter(office, "lan"), enter(office, "minh")
    entry, token, version = taken(lan)
    mine = said("sex", "Nam", "Nữ")
    assert save(lan, entry, token, version, mine).status_code == 200
    assert save(minh, entry, token, version, mine).status_code == 409
    assert save(lan, entry, "f" * len(token), version, mine).status_code == 409
    assert save(lan, entry, "", version, mine).status_code == 409
    assert save(lan, entry + 10_000, token, version, mine).status_code in (404, 409)


@pytest.mark.parametrize("kind", ["skip", "escalate", "rescan"])
def test_giving_back_is_done_once_however_often_it_is_asked_for(office, database, kind):
    lan = enter(office, "lan")
    entry, token, _ = taken(lan)
    for _ in range(2):
        body = {"token": token, "reason": "mờ quá"}
        assert lan.post(f"/entry/{entry}/{kind}", json=body, headers=JSON).status_code == 200
    with database.read() as connection:
        assert connection.execute(select(func.count(ReviewMark.id))).scalar_one() == 1


def test_contractors_never_see_an_entry(office, database):
    known(database, "thau", Role.CONTRACTOR, contractor="Ai đó")
    assert enter(office, "thau").get("/entry").status_code == 403


@pytest.mark.parametrize("text", ["x" * 4001, "a\u0000b"])
def test_impossible_texts_are_refused_clearly(office, database, text):
    client = enter(office, "lan")
    entry, token, version = taken(client)
    reply = save(client, entry, token, version, said("notes", text, ""))
    assert reply.status_code in (404, 422)
    assert entry_for_review(database, entry).version == version


def test_markup_in_values_is_text_on_the_page(office, database):
    from models import correct_field

    client = enter(office, "lan")
    entry, _, _ = taken(client)
    evil = '</script><script>alert(1)</script><img src=x onerror="alert(1)">'
    correct_field(database, entry, "child_full_name", value=evil, person="hoa")
    page = client.get(f"/entry/{entry}").text
    assert "<script>alert" not in page and "<img src=x" not in page


def test_addresses_of_pictures_are_good_in_their_own_session_only(office):
    lan, minh = enter(office, "lan"), enter(office, "minh")
    entry, _, _ = taken(lan)
    address = re.search(r'src="(/pic/crop/[^"]+)"', lan.get(f"/entry/{entry}").text)
    assert address
    # The samples of this test have no files: the address is right, the picture is missing.
    assert lan.get(address[1]).status_code == minh.get(address[1]).status_code == 404
    assert minh.get("/pic/crop/AAAA").status_code == 404
    assert lan.get("/pic/tile/x/1/0_0").status_code == 404


def test_an_empty_queue_says_so(office, database):
    client = enter(office, "lan")
    for _ in range(6):
        entry, token, _ = taken(client)
        body = {"token": token, "reason": "khó đọc"}
        assert client.post(f"/entry/{entry}/skip", json=body, headers=JSON).status_code == 200
    assert "Không còn trường hợp nào chờ bạn" in client.get("/entry").text


def column_rows(client, entry):
    """The two rows of a column that wait, each accepted."""
    page = client.get(f"/column/{entry}/mother_full_name").text
    found = re.findall(r'"entry": (\d+).*?"token": "(\w+)".*?"version": (\d+)', page)
    rows = [
        {"entry": int(number), "version": int(version), "token": token,
         "said": said("mother_full_name", "Vũ Thị Đào", "Vũ Thị Đào")}
        for number, token, version in found
    ]  # fmt: skip
    assert len(rows) == 2
    return rows


def test_a_column_is_saved_row_by_row(office, database):
    client = enter(office, "lan")
    entry, _, _ = taken(client)
    rows = column_rows(client, entry)
    rows[1]["token"] = "forged"
    reply = client.post("/column/save", json={"rows": rows}, headers=JSON).json()
    assert [one["state"] for one in reply["rows"]] == ["saved", "conflict"]
    kept = [entry_for_review(database, row["entry"]).field("mother_full_name") for row in rows]
    assert [one.person_by for one in kept] == ["lan", None]


def test_a_column_saved_whose_answer_was_lost_is_told_that_it_is_saved(office, database):
    client = enter(office, "lan")
    entry, _, _ = taken(client)
    rows = column_rows(client, entry)
    first = client.post("/column/save", json={"rows": rows[:1]}, headers=JSON).json()
    assert [one["state"] for one in first["rows"]] == ["saved"]
    versions = [entry_for_review(database, row["entry"]).version for row in rows]
    # The network was gone before the answer came, and the browser sends all of it once more.
    reply = client.post("/column/save", json={"rows": rows}, headers=JSON).json()
    assert [one["state"] for one in reply["rows"]] == ["saved", "saved"]
    after = [entry_for_review(database, row["entry"]) for row in rows]
    assert [one.field("mother_full_name").person_by for one in after] == ["lan", "lan"]
    assert after[0].version == versions[0]  # nothing was written a second time
    other = enter(office, "minh")
    told = other.post("/column/save", json={"rows": rows}, headers=JSON).json()
    assert [one["state"] for one in told["rows"]] == ["conflict", "conflict"]


def test_what_was_given_back_in_another_window_is_not_told_as_saved(office, database):
    client = enter(office, "lan")
    entry, token, _ = taken(client)
    rows = [row for row in column_rows(client, entry) if row["entry"] == entry]
    body = {"token": token, "reason": "khó đọc"}
    for _ in range(2):  # the second time its answer was lost
        assert client.post(f"/entry/{entry}/skip", json=body, headers=JSON).status_code == 200
    reply = client.post("/column/save", json={"rows": rows}, headers=JSON).json()
    assert [one["state"] for one in reply["rows"]] == ["conflict"]
    assert entry_for_review(database, entry).field("mother_full_name").person_by is None
