"""Entries split and joined at the desk: people's words, counters, the log, and the way back."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from desk_browser import desk_app, enter, known
from models_samples import book, claim, queue, result, save
from sqlalchemy import insert, select
from test_desk_boxes import FORM, JSON, ids, rows, taken

from models import correct_field, load_book_form, recount, save_book_form, verify_audit, work_left
from models.drafts import save_draft
from models.layout import undo_layout_edit
from models.regroup_rows import join_rows, undo_rows
from models.review_entry import entry_for_review
from models.states import EntryState, Role
from models.tables import AuditEvent, Entry, FieldValue
from pipeline.types import EditKind


@pytest.fixture
def read(database):
    (book_id,) = queue(database, book(2))
    save_book_form(database, book_id, FORM)
    read_all(database, book_id)
    return book_id


def read_all(database, book_id, entries=rows):
    for job in claim(database, book_id):
        number = job.ref.number
        assert save(database, job, replace(result(number), entries=entries(number)))


@pytest.fixture
def app(database, read, tmp_path):
    known(database, "lan", everywhere=True)
    known(database, "minh", everywhere=True)
    known(database, "chi", Role.SUPERVISOR, everywhere=True)
    return desk_app(database, tmp_path, test_share=0)


def data_of(client, entry):
    page = client.get(f"/boxes/{entry}")
    assert page.status_code == 200, page.text
    return json.loads(re.search(r'id="boxes-data">(.*?)</script>', page.text, re.S)[1])


def send(client, on, what, **body):
    body = {"stamp": data_of(client, on)["stamp"], **body}
    return client.post(f"/boxes/{on}/{what}", json=body, headers=JSON)


def words(database, number=1):
    """Position → field → a person's word, of a scan."""
    with database.read() as connection:
        found = connection.execute(
            select(Entry.position, FieldValue.field, FieldValue.person_value)
            .join(FieldValue, FieldValue.entry_id == Entry.id)
            .where(Entry.id.in_(ids(database, number=number)), FieldValue.person_state.is_not(None))
            .order_by(Entry.position)
        ).all()
    told: dict = {}
    for position, field, value in found:
        told.setdefault(position, {})[field] = value
    return told


def say(database, entry, field, value, person="lan"):
    correct_field(database, entry, field, value=value, person=person)


def sound(database):
    assert recount(database) == []
    assert verify_audit(database).sound


def acts(database):
    with database.read() as connection:
        return list(connection.execute(select(AuditEvent.action)).scalars())


def test_a_split_moves_the_later_entries_with_all_that_people_said(app, database, read):
    client = enter(app, "lan")
    entry = taken(client)
    first, second, third, _ = ids(database, number=1)
    assert entry == first
    for one, value in ((first, "Một"), (second, "Hai"), (third, "Ba")):
        say(database, one, "child_full_name", value)
    reply = send(client, entry, "split", entry=1, share=0.5)
    assert (reply.status_code, reply.json()) == (200, {"scans": 1})
    assert words(database) == {
        0: {"child_full_name": "Một"}, 1: {"child_full_name": "Hai"},
        3: {"child_full_name": "Ba"},
    }  # fmt: skip
    assert work_left(database, read).ready == 1
    sound(database)
    read_all(database, read, lambda number: (*rows(number), replace(rows(number)[3], index=4)))
    assert words(database)[3] == {"child_full_name": "Ba"}
    assert len(ids(database, number=1)) == 5 and "entry.split" in acts(database)
    sound(database)
    # The way back: the new entry is laid into the first again, what was typed in it too.
    new = next(one for one in ids(database, number=1) if one not in (first, second, third))
    say(database, new, "mother_full_name", "Mẹ")
    assert data_of(client, entry)["last"] == {"kind": "split", "at": 1}
    assert send(client, entry, "regroup-undo").status_code == 200
    told = words(database)
    assert told[1]["child_full_name"] == "Hai" and told[2] == {"child_full_name": "Ba"}
    assert load_book_form(database, read).edits == ()
    assert "entry.regroup_undone" in acts(database)
    sound(database)


def test_a_join_keeps_both_entries_words_and_can_be_taken_back(app, database, read):
    client = enter(app, "lan")
    entry = taken(client)
    first, second, third, _ = ids(database, number=1)
    say(database, first, "child_full_name", "Một")
    say(database, second, "mother_full_name", "Mẹ")
    say(database, third, "child_full_name", "Ba")
    assert send(client, entry, "join", entry=0).json() == {"scans": 1}
    assert words(database) == {
        0: {"child_full_name": "Một", "mother_full_name": "Mẹ"}, 1: {"child_full_name": "Ba"},
    }  # fmt: skip
    sound(database)
    (edit,) = load_book_form(database, read).edits
    assert (edit.kind, edit.index, edit.first, edit.person) == (EditKind.JOIN, 0, 1, "lan")
    read_all(database, read, lambda number: rows(number)[:3])
    say(database, first, "entry_number", "12")
    assert send(client, entry, "regroup-undo").status_code == 200
    assert words(database) == {
        0: {"child_full_name": "Một", "entry_number": "12"}, 1: {"mother_full_name": "Mẹ"},
        2: {"child_full_name": "Ba"},
    }  # fmt: skip
    assert entry_for_review(database, second).position == 1
    sound(database)
    read_all(database, read)
    assert words(database)[1] == {"mother_full_name": "Mẹ"}


def test_a_join_is_taken_back_where_the_number_of_the_entry_was_given_out_again(database, read):
    first, second, *others = ids(database, number=1)
    say(database, second, "mother_full_name", "Mẹ")
    with database.write() as connection:
        scan = select(Entry.scan_id).where(Entry.id == first)
        scan_id = connection.execute(scan).scalar_one()
        join_rows(connection, scan_id, 0, "lan", {})
        new = {"id": second, "book_id": read, "scan_id": scan_id, "position": 9, "number": "n"}
        connection.execute(insert(Entry).values(**new, state=EntryState.SETTLED))
        assert undo_rows(connection, scan_id, "lan", {}) is EditKind.JOIN
    (back,) = set(ids(database, number=1)) - {first, second, *others}
    assert words(database) == {1: {"mother_full_name": "Mẹ"}}
    assert entry_for_review(database, back).position == 1
    assert entry_for_review(database, second).position == 10


@pytest.mark.parametrize(
    ("choice", "kept"), [("first", "Đầu"), ("second", "Sau"), ("both", "Đầu Sau")]
)
def test_where_people_said_different_things_one_chooses(app, database, choice, kept):
    client = enter(app, "lan")
    entry = taken(client)
    first, second, *_ = ids(database, number=1)
    say(database, first, "child_full_name", "Đầu")
    say(database, second, "child_full_name", "Sau", person="minh")
    reply = send(client, entry, "join", entry=0)
    assert (reply.status_code, reply.json()["error"]) == (409, "WordsDifferError")
    (word,) = reply.json()["words"]
    assert (word["first"], word["second"], word["both"]) == ("Đầu", "Sau", True)
    assert words(database)[1] == {"child_full_name": "Sau"}  # nothing has changed
    assert send(client, entry, "join", entry=0, choices={"child_full_name": choice}).is_success
    assert words(database)[0] == {"child_full_name": kept}
    assert send(client, entry, "regroup-undo").is_success
    assert words(database)[0] == {"child_full_name": "Đầu"}
    assert words(database)[1] == {"child_full_name": "Sau"}


def test_what_somebody_else_has_in_hand_or_drafted_is_not_joined(app, database):
    client, other = enter(app, "lan"), enter(app, "minh")
    entry, theirs = taken(client), taken(other)
    assert entry_for_review(database, theirs).position == 1
    reply = send(client, entry, "join", entry=0)
    assert reply.status_code == 400 and "minh" in reply.json()["what"]
    lan = known_user(database, "lan")
    third = ids(database, number=1)[2]
    save_draft(database, lan.id, third, 1, {"child_full_name": "chưa lưu"})
    reply = send(client, entry, "join", entry=1)
    assert reply.status_code == 400 and "nháp" in reply.json()["what"]
    assert len(ids(database, number=1)) == 4


def known_user(database, login):
    from models.users import list_users

    return next(user for user in list_users(database) if user.login == login)


BAD = [
    ("split", {"entry": 0}, 422),
    ("split", {"entry": 0, "share": 0.999}, 422),
    ("split", {"entry": 77, "share": 0.5}, 400),
    ("split", {"entry": 0, "share": "x"}, 422),
    ("join", {"entry": 3}, 400),
    ("join", {"entry": 0, "choices": {"x": "y"}}, 422),
    ("join", {"entry": 0, "stamp": "old"}, 409),
]


def test_what_cannot_be_is_refused_and_changes_nothing(app, database, read):
    client = enter(app, "chi")
    entry = ids(database, number=1)[0]
    for what, body, status in BAD:
        reply = send(client, entry, what, **body)
        assert reply.status_code == status, (what, body, reply.text)
        assert reply.json()["what"] and "Traceback" not in reply.text
    assert load_book_form(database, read).edits == () and work_left(database, read).ready == 0


def test_strangers_split_nothing_and_the_command_line_takes_back_too(app, database, read):
    client, other = enter(app, "lan"), enter(app, "minh")
    entry = taken(client)
    stamp = data_of(client, entry)["stamp"]
    for what in ("split", "join", "regroup-undo"):
        body = {"stamp": stamp, "entry": 0, "share": 0.5}
        assert other.post(f"/boxes/{entry}/{what}", json=body, headers=JSON).status_code == 404
    assert send(client, entry, "split", entry=0, share=0.5).is_success
    assert len(data_of(client, entry)["entries"]) == 4  # the new one comes with the reading
    edit, scans = undo_layout_edit(database, read, actor="chi")
    assert (edit.kind, scans) == (EditKind.SPLIT, 0)
    assert positions(database) == [0, 1, 2, 3]
    sound(database)


def positions(database):
    return [entry_for_review(database, one).position for one in ids(database, number=1)]


def test_the_grid_lies_right_on_a_page_with_a_split_row(app, database, read):
    client = enter(app, "chi")
    entry = ids(database, number=1)[0]
    before = data_of(client, entry)["pages"][0]["corners"]
    assert send(client, entry, "split", entry=0, share=0.5).is_success
    page = data_of(client, entry)["pages"][0]
    assert page["known"]
    assert [c for point in page["corners"] for c in point] == pytest.approx(
        [c for point in before for c in point], abs=1.0
    )
