"""Setting boxes right at the desk without a browser: who may, what is told, what is kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from desk_browser import desk_app, enter, known
from models_samples import CAT_DAI, book, claim, field, queue, result, save
from sqlalchemy import select, update

from models import correct_field, load_book_form, save_book_form, verify_audit, work_left
from models.review_entry import entry_for_review
from models.states import Role
from models.tables import AuditEvent, Book, Entry, Scan
from pipeline.types import BookForm, Decision, EntryResult

JSON = {"accept": "application/json"}
MM = 300 / 25.4
XS = [10.0, 30.0, 90.0, 150.0]
YS = [20.0, 40.0, 60.0, 80.0, 100.0, 120.0]
COLUMNS = ["entry_number", "child_full_name", "mother_full_name"]
FORM = BookForm(
    "birth-158-a4",
    0.9,
    {
        "sides": {
            "single": {
                "grid": {"xs": XS, "ys": YS, "first": 1},
                "columns": [{"field": name} for name in COLUMNS],
            }
        },
        "link": None,
    },
    "form-2",
)


def cell(column: int, row: int):
    x0, x1, y0, y1 = XS[column], XS[column + 1], YS[row + 1], YS[row + 2]
    return tuple((x * MM + 50, y * MM) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def rows(number: int):
    """A page of four rows, its grid 50 pixels to the right of the frame."""
    return tuple(
        EntryResult(
            row, f"{4 * number + row:02d}",
            tuple(
                field(name, f"chữ {row}", decision=Decision.REVIEW, polygon=cell(at, row))
                for at, name in enumerate(COLUMNS)
            ),
        )
        for row in range(4)
    )  # fmt: skip


@pytest.fixture
def read(database):
    """A book of three scans on a ledger."""
    (book_id,) = queue(database, book(3))
    save_book_form(database, book_id, FORM)
    for job in claim(database, book_id):
        number = job.ref.number
        assert save(database, job, replace(result(number), entries=rows(number)))
    return book_id


@pytest.fixture
def app(database, read, tmp_path):
    known(database, "lan", everywhere=True)
    known(database, "minh", everywhere=True)
    known(database, "chi", Role.SUPERVISOR, everywhere=True)
    known(database, "la", Role.SUPERVISOR, units=[CAT_DAI.id])
    return desk_app(database, tmp_path, test_share=0)


def taken(client) -> int:
    return int(client.get("/entry").headers["location"].rsplit("/", 1)[1])


def shown(client, entry: int) -> tuple[dict, str]:
    page = client.get(f"/boxes/{entry}?field=child_full_name")
    assert page.status_code == 200, page.text
    found = re.search(r'id="boxes-data">(.*?)</script>', page.text, re.S)
    assert found
    return json.loads(found[1]), page.text


def send(client, entry: int, data: dict, *moves: dict, rest: bool = False):
    body = {"stamp": data["stamp"], "rest": rest, "moves": list(moves)}
    return client.post(f"/boxes/{entry}/save", json=body, headers=JSON)


COLUMN = {"page": 0, "side": "single", "edge": "column", "index": 1, "by_mm": 2.5}
SQUARE = [[100, 100], [2000, 110], [1990, 3000], [90, 2990]]


def test_the_grid_lies_on_the_boxes_of_the_record(app):
    client = enter(app, "lan")
    data, _ = shown(client, taken(client))
    (page,) = data["pages"]
    assert page["known"] and page["width"] == 2480
    expected = [(10, 20), (150, 20), (150, 120), (10, 120)]
    for (x, y), (mx, my) in zip(page["corners"], expected, strict=True):
        assert (x, y) == pytest.approx((mx * MM + 50, my * MM), abs=1.0)
    edges = {(one["edge"], one["index"]): one for one in page["edges"]}
    assert len(edges) == len(XS) + len(YS)
    assert edges["column", 1]["along"] == pytest.approx([MM, 0.0], abs=0.05)
    assert edges["column", 1]["between"] == COLUMNS[:2]
    (x0, y0), (x1, y1) = edges["row", 2]["line"]
    assert (x0, y0, x1, y1) == pytest.approx((10 * MM + 50, 60 * MM, 150 * MM + 50, 60 * MM), abs=1)


def test_an_edge_for_the_rest_of_the_book_is_kept_and_its_scans_are_read_again(app, database, read):
    client = enter(app, "lan")
    entry = taken(client)
    correct_field(database, entry, "child_full_name", value="Lê Thị Mai", person="lan")
    data, page = shown(client, entry)
    told = [int(n) for n in re.findall(r"<b>(\d+)</b>", page)]
    assert told == [1, 1, 3, 1]
    reply = send(client, entry, data, COLUMN, rest=True)
    assert (reply.status_code, reply.json()) == (200, {"scans": 3})
    (edit,) = load_book_form(database, read).edits
    assert (edit.first, edit.last, edit.person, edit.by_mm) == (1, 0, "lan", 2.5)
    for job in claim(database, read):
        number = job.ref.number
        assert save(database, job, replace(result(number), entries=rows(number)))
    kept = entry_for_review(database, entry).field("child_full_name")
    assert kept.person_value == "Lê Thị Mai"
    with database.read() as connection:
        acts = connection.execute(select(AuditEvent.action, AuditEvent.actor)).all()
    assert ("book.layout_edited", "lan") in [tuple(act) for act in acts]
    assert verify_audit(database).sound
    # Boxes of the record have not moved with the edge: the grid still lies on most of them.
    assert shown(client, entry)[0]["pages"][0]["known"]


def test_corners_are_this_pages_alone_and_kept_in_pixels_of_the_scan(app, database, read):
    client = enter(app, "chi")
    (entry,) = ids(database, number=2)[:1]
    data, _ = shown(client, entry)
    assert send(client, entry, data, {"page": 0, "corners": SQUARE}, rest=True).json() == {
        "scans": 1
    }
    (edit,) = load_book_form(database, read).edits
    assert (edit.first, edit.last) == (2, 2)
    assert edit.corners == tuple((float(x), float(y)) for x, y in SQUARE)
    again, _ = shown(client, entry)
    assert again["pages"][0]["corners"] == SQUARE


@pytest.mark.parametrize(
    "move",
    [
        {"page": 0, "corners": [[100, 100], [9000, 110], [1990, 3000], [90, 2990]]},
        {"page": 0, "corners": SQUARE[::-1]},
        {"page": 0, "corners": SQUARE[:3]},
        {"page": 3, "corners": SQUARE},
        {**COLUMN, "by_mm": 80.0},
        {**COLUMN, "by_mm": 1e300},
        {**COLUMN, "index": 99},
        {**COLUMN, "side": "left"},
        {**COLUMN, "edge": "diagonal"},
        {"page": 0, "field": "notes", "edge": "left", "by_mm": 1},
        {**COLUMN, "more": 1},
    ],
)
def test_what_cannot_be_is_refused_whole(app, database, read, move):
    client = enter(app, "lan")
    entry = taken(client)
    data, _ = shown(client, entry)
    reply = send(client, entry, data, COLUMN, move)
    assert reply.status_code == 422, reply.text
    assert "Traceback" not in reply.text and reply.json()["what"]
    assert load_book_form(database, read).edits == ()
    assert work_left(database, read).ready == 0


def test_who_neither_holds_the_entry_nor_supervises_its_unit_is_refused(app, database):
    client, other = enter(app, "lan"), enter(app, "minh")
    entry = taken(client)
    data, _ = shown(client, entry)
    for stranger in (other, enter(app, "la")):
        assert stranger.get(f"/boxes/{entry}").status_code == 404
        assert send(stranger, entry, data, COLUMN).status_code == 404
    assert client.get("/boxes/999999").status_code == 404


def test_two_people_do_not_correct_over_each_other(app, database, read):
    client, chief = enter(app, "lan"), enter(app, "chi")
    entry = taken(client)
    (mine, _), (hers, _) = shown(client, entry), shown(chief, entry)
    assert send(chief, entry, hers, COLUMN).status_code == 200
    reply = send(client, entry, mine, COLUMN)
    assert (reply.status_code, reply.json()["error"]) == (409, "StaleEntryError")
    assert len(load_book_form(database, read).edits) == 1


def test_a_book_without_form_and_a_released_one_say_why(app, database, read):
    client = enter(app, "chi")
    (entry,) = ids(database, number=1)[:1]
    data, _ = shown(client, entry)
    with database.write() as connection:
        connection.execute(update(Book).values(released_at=datetime.now(UTC)))
    assert client.get(f"/boxes/{entry}").status_code == 409
    assert send(client, entry, data, COLUMN).status_code == 409
    with database.write() as connection:
        connection.execute(update(Book).values(released_at=None, form=None))
    reply = client.get(f"/boxes/{entry}")
    assert reply.status_code == 422 and "mẫu" in reply.text


def ids(database, *, number: int) -> list[int]:
    query = select(Entry.id).join(Scan, Scan.id == Entry.scan_id).where(Scan.number == number)
    with database.read() as connection:
        return list(connection.execute(query.order_by(Entry.id)).scalars())
