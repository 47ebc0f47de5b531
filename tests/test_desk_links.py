"""Links at the desk: whoever may see both entries sees and judges them; nobody else knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_browser import desk_app, enter, known
from linked_stage import Stage, ledger, linked_books, suggest, suggestions
from models_samples import AN_THAI, CAT_DAI, field
from sqlalchemy import event, select, update

from models import Database, LinkState, find_entry_links, save_links, verify_audit
from models.clock import After
from models.drafts import save_draft
from models.entries import replace_entries
from models.holding import hold_entry
from models.link_runs import (
    ask_for_links,
    begin_link_run,
    end_link_run,
    last_asked_search,
    last_link_search,
    links_due,
)
from models.linked import count_links, count_unit_links, links_of_units, rule_on_link
from models.states import DeskState, Role
from models.tables import AuditEvent, Book, Entry, EntryLink, LinkRun, Scan
from models.users import find_user
from pipeline.checks.linking.blocks import Relation
from pipeline.errors import OutOfReachError
from pipeline.types import EntryResult


@pytest.fixture
def stage(database: Database) -> Stage:
    return linked_books(database, ledger(database, AN_THAI), AN_THAI, elsewhere=CAT_DAI)


@pytest.fixture
def here(database: Database, stage: Stage, tmp_path: Path):
    known(database, "chinh", Role.SUPERVISOR)
    known(database, "rieng", Role.SUPERVISOR, units=[AN_THAI.id])
    known(database, "lan", everywhere=True)
    known(database, "minh", units=[AN_THAI.id])
    return desk_app(database, tmp_path)


def link_of(database: Database, one: int, other: int) -> EntryLink:
    query = select(EntryLink.__table__).where(
        EntryLink.first_entry_id == one, EntryLink.second_entry_id == other
    )
    with database.read() as connection:
        return connection.execute(query).one()


def take_in_hand(database: Database, app, login: str, entry: int):
    """A browser of somebody who has this entry, and the token."""
    user = find_user(database, login)
    save_draft(database, user.id, entry, 0, {"x": 1})  # what they have drafted they may take up
    hold = hold_entry(database, user, entry, seconds=600)
    return enter(app, login), hold.token


# --- the entry in hand --------------------------------------------------------------------------


def test_an_operator_sees_what_the_entry_may_belong_to_and_why(database, stage, here):
    client, _ = take_in_hand(database, here, "lan", stage.births[0])
    client.post("/language", data={"lang": "en", "next": "/"})
    page = client.get(f"/entry/{stage.births[0]}").text
    assert "3 links with other entries" in page and "01/05/1982" not in page
    text = client.get(f"/entry/{stage.births[0]}/links").text
    for said in (
        "Maybe the second copy: <b>No. 01", "Maybe the death of this person",
        "Maybe a marriage of this person (as wife)", "Nguyễn Vân An", "01/05/1982",
        "names differ in marks alone", "a year apart", "−2", "+15", "83 %",
    ):  # fmt: skip
        assert said in text, said
    assert "100 %" not in text  # a chance that is reckoned is never certain
    assert "data-look" not in text  # an operator opens no entry that is not theirs
    client.post("/language", data={"lang": "vi", "next": "/"})
    text = client.get(f"/entry/{stage.births[0]}/links").text
    assert "Có thể là bản thứ hai" in text and "tên chỉ khác dấu" in text


def test_an_entry_without_links_asks_for_nothing(database, stage, here):
    entry = stage.copies[0]
    with database.write() as connection:
        connection.execute(update(EntryLink).values(state=LinkState.REFUSED))
    client, _ = take_in_hand(database, here, "lan", entry)
    assert 'id="linked"' not in client.get(f"/entry/{entry}").text
    save_links(database, [], actor="t")
    with database.write() as connection:
        connection.execute(EntryLink.__table__.delete())
    assert client.get(f"/entry/{entry}/links").status_code == 204


def test_what_is_out_of_scope_or_not_in_hand_is_not_told(database, stage, here):
    client, token = take_in_hand(database, here, "minh", stage.births[0])
    assert 'id="linked"' in client.get(f"/entry/{stage.births[0]}").text
    text = client.get(f"/entry/{stage.births[0]}/links").text
    assert "bản thứ hai" in text and "khai tử" not in text and "Nguyễn Vân An" not in text
    foreign = link_of(database, stage.births[0], stage.death)
    body = {"token": token, "says": "confirmed", "was": "suggested"}
    reply = client.post(f"/entry/{stage.births[0]}/links/{foreign.id}", json=body)
    assert "không còn được gợi ý" in reply.text
    assert client.get(f"/entry/{stage.births[1]}/links").status_code in (404, 409)
    other = link_of(database, stage.births[1], stage.copies[1])
    client.post(f"/entry/{stage.births[0]}/links/{other.id}", json=body)  # not of this entry
    for one in (foreign, other):
        assert link_of(database, one.first_entry_id, one.second_entry_id).state == "suggested"
    wrong = {**body, "token": "x"}
    mine = link_of(database, stage.births[0], stage.copies[0])
    assert client.post(f"/entry/{stage.births[0]}/links/{mine.id}", json=wrong).status_code == 409


def test_a_second_keyer_is_told_nothing_by_links(database, stage, here):
    for entry, state in ((stage.births[0], DeskState.SECOND), (stage.copies[1], DeskState.SECOND)):
        with database.write() as connection:
            connection.execute(update(Entry).where(Entry.id == entry).values(desk=state, keying=2))
    client, token = take_in_hand(database, here, "lan", stage.births[0])
    assert 'id="linked"' not in client.get(f"/entry/{stage.births[0]}").text
    assert client.get(f"/entry/{stage.births[0]}/links").status_code == 204
    link = link_of(database, stage.births[0], stage.copies[0])
    body = {"token": token, "says": "confirmed", "was": "suggested"}
    assert client.post(f"/entry/{stage.births[0]}/links/{link.id}", json=body).status_code == 404
    # And nobody is shown the values of an entry that waits to be keyed a second time.
    client, _ = take_in_hand(database, here, "lan", stage.births[1])
    assert 'id="linked"' not in client.get(f"/entry/{stage.births[1]}").text
    assert client.get(f"/entry/{stage.births[1]}/links").status_code == 204


def test_a_word_is_kept_with_who_and_when_and_can_be_taken_back(database, stage, here):
    client, token = take_in_hand(database, here, "lan", stage.births[0])
    link = link_of(database, stage.births[0], stage.copies[0])
    address = f"/entry/{stage.births[0]}/links/{link.id}"

    def say(says: str, was: str):
        return client.post(address, json={"token": token, "says": says, "was": was})

    assert "cùng một việc · lan" in say("confirmed", "suggested").text
    now = link_of(database, stage.births[0], stage.copies[0])
    assert (now.state, now.person_by) == ("confirmed", "lan") and now.person_at is not None
    assert say("confirmed", "suggested").status_code == 200  # once more, the answer was lost
    assert 'data-says="suggested"' not in say("suggested", "confirmed").text
    now = link_of(database, stage.births[0], stage.copies[0])
    assert (now.state, now.person_by, now.person_at) == ("suggested", None, None)
    assert say("nonsense", "suggested").status_code == 422
    query = select(AuditEvent.actor, AuditEvent.subject, AuditEvent.detail).where(
        AuditEvent.action == "link.judged"
    )
    with database.read() as connection:
        said = connection.execute(query.order_by(AuditEvent.id)).all()
    assert [(one.actor, one.detail["was"], one.detail["is"]) for one in said] == [
        ("lan", "suggested", "confirmed"), ("lan", "confirmed", "suggested"),
    ]  # fmt: skip
    assert said[0].subject.endswith("#1/0") and said[0].detail["other"].endswith("KS.1982.02#1/0")
    assert verify_audit(database).sound


def test_of_two_who_judge_at_once_the_later_is_told(database, stage, here):
    link = link_of(database, stage.births[0], stage.copies[0])
    client, token = take_in_hand(database, here, "lan", stage.births[0])
    boss = enter(here, "chinh")
    reply = boss.post(
        f"/progress/entries/{stage.births[0]}/links/{link.id}",
        data={"says": "refused", "was": "suggested"},
    )
    assert reply.status_code == 303 and "moved" not in reply.headers["location"]
    body = {"token": token, "says": "confirmed", "was": "suggested"}
    text = client.post(f"/entry/{stage.births[0]}/links/{link.id}", json=body).text
    assert "chinh vừa có ý kiến khác" in text
    assert link_of(database, stage.births[0], stage.copies[0]).person_by == "chinh"


def test_looks_at_links_are_in_the_audit_log_without_names(database, stage, here):
    client, _ = take_in_hand(database, here, "lan", stage.births[0])
    client.get(f"/entry/{stage.births[0]}/links")
    enter(here, "chinh").get(f"/progress/units/{AN_THAI.id}/links?view=then")
    query = select(AuditEvent).where(AuditEvent.action.in_(("links.viewed", "links.listed")))
    with database.read() as connection:
        rows = connection.execute(select(AuditEvent.__table__).where(query.whereclause)).all()
    assert {row.action: row.actor for row in rows} == {
        "links.viewed": "lan",
        "links.listed": "chinh",
    }
    assert any(len(row.detail.get("others", ())) == 3 for row in rows)
    assert "Nguyễn" not in repr(rows) and "An Thái" not in repr([row.detail for row in rows])


# --- supervisors --------------------------------------------------------------------------------


def test_a_supervisor_rules_on_the_links_of_a_unit_strongest_first(database, stage, here):
    boss = enter(here, "chinh")
    boss.post("/language", data={"lang": "en", "next": "/"})
    page = f"/progress/units/{AN_THAI.id}/links?view=then"
    text = boss.get(page).text
    ids = [link_of(database, *ends).id for ends in zip(stage.births, stage.copies, strict=True)]
    places = [text.index(f'id="l-{one}"') for one in ids]
    assert places == sorted(places)
    assert "one act, written twice (4)" in text and "acts of one life (2)" in text
    assert "19 persons, 6 open links" in text
    only = boss.get(f"{page}&kind=same_person").text
    assert "Maybe the death" in only and "second copy" not in only
    reply = boss.post(
        f"/progress/units/{AN_THAI.id}/links/{ids[0]}?view=then&kind=same_registration&page=1",
        data={"says": "refused", "was": "suggested", "after": str(ids[1])},
    )
    assert reply.headers["location"].endswith(f"&page=1#l-{ids[1]}")
    assert f'id="l-{ids[0]}"' not in boss.get(page).text
    assert f'id="l-{ids[0]}"' in boss.get(f"{page}&state=refused").text
    assert "not the same · chinh" in boss.get(f"{page}&state=refused").text
    again = boss.post(
        f"/progress/units/{AN_THAI.id}/links/{ids[0]}?view=then",
        data={"says": "confirmed", "was": "suggested"},
    )
    assert "moved=true" in again.headers["location"]
    assert "what they said stands" in boss.get(again.headers["location"]).text
    unit = boss.get(f"/progress/units/{AN_THAI.id}?view=then").text
    assert "<b>5</b> open: one act written twice" in unit
    record = boss.get(f"/progress/entries/{stage.births[0]}").text
    assert f"/progress/entries/{stage.death}" in record and "Maybe the death" in record


def test_a_supervisor_of_one_unit_is_shown_nothing_of_another(database, stage, here):
    boss = enter(here, "rieng")
    text = boss.get(f"/progress/units/{AN_THAI.id}/links?view=then").text
    assert "bản thứ hai" in text and "khai tử của" not in text and "(0)" in text
    assert boss.get(f"/progress/units/{CAT_DAI.id}/links?view=then").status_code == 404
    foreign = link_of(database, stage.births[0], stage.death)
    for address in (
        f"/progress/units/{AN_THAI.id}/links/{foreign.id}?view=then",
        f"/progress/entries/{stage.births[0]}/links/{foreign.id}",
    ):
        reply = boss.post(address, data={"says": "confirmed", "was": "suggested"})
        assert reply.status_code == 404
    assert "khai tử của" not in boss.get(f"/progress/entries/{stage.births[0]}").text
    lan = enter(here, "lan")
    assert lan.get(f"/progress/units/{AN_THAI.id}/links?view=then").status_code == 403


def test_pages_of_a_units_links_end_where_the_links_do(database, stage, here):
    boss = known(database, "ba", Role.SUPERVISOR)
    seen = []
    for start in (0, 2, 4):
        rows = links_of_units(database, boss, [AN_THAI.id], start=start, most=2)
        seen += [one.id for one in rows[:2]]
        assert len(rows) == (3 if start < 4 else 2)
    assert len(set(seen)) == 6
    both = links_of_units(database, boss, [AN_THAI.id, CAT_DAI.id])
    assert [one.id for one in both] == seen  # a link of two units is shown once
    assert count_unit_links(database, boss, [AN_THAI.id], most=2) == {
        Relation.REGISTRATION: 3, Relation.PERSON: 2,
    }  # fmt: skip
    with database.write() as connection:  # crossed out since: nothing to link any more
        connection.execute(update(Entry).where(Entry.id == stage.death).values(voided=True))
    assert count_unit_links(database, boss, [CAT_DAI.id])[Relation.PERSON] == 1


def test_links_of_an_entry_and_of_a_unit_are_found_by_their_indexes(database, stage):
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics")
    boss = known(database, "ba", Role.SUPERVISOR)
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        if "FROM entry_link" in statement:
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    count_links(database, boss, stage.births[0])
    assert len(asked) == 1  # all that opening an entry costs
    links_of_units(database, boss, [AN_THAI.id, CAT_DAI.id], most=20)
    event.remove(database.engine, "before_cursor_execute", note)
    steps = []
    with database.read() as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [row[-1] for row in plan]
    of_links = [one for one in steps if re.match(r"\w+ entry_link\b", one)]
    assert of_links and all(one.startswith("SEARCH") for one in of_links)
    assert not any("entry_link_state" in one for one in of_links)  # those of the whole office
    wanted = ("uq_entry_link_pair|autoindex", "second_entry_id", "first_unit_id", "second_unit_id")
    for index in wanted:
        assert any(re.search(index, one) for one in of_links), (index, of_links)


# --- looking for links anew ---------------------------------------------------------------------


def test_what_was_said_is_neither_asked_again_nor_lost_when_the_scan_is_read_again(database, stage):
    lan = known(database, "lan", Role.SUPERVISOR)
    link = link_of(database, stage.births[0], stage.copies[0])
    rule_on_link(database, lan, link.id, LinkState.REFUSED, was=LinkState.SUGGESTED)
    assert suggest(database, stage) == 5
    with database.write() as connection:
        scan = connection.execute(
            select(Entry.scan_id).where(Entry.id == stage.births[0])
        ).scalar_one()
    _read_again(database, scan)
    with database.read() as connection:
        left = set(connection.execute(select(Entry.id).where(Entry.scan_id == scan)).scalars())
    assert stage.births[0] in left and stage.births[1] not in left
    assert suggest(database, stage) == 2  # of rows that have gone nothing is suggested
    now = link_of(database, stage.births[0], stage.copies[0])
    assert (now.id, now.state, now.person_by) == (link.id, "refused", "lan")


def _read_again(database: Database, scan: int) -> None:
    with database.write() as connection:
        row = connection.execute(
            select(Scan.book_id, Book.code).join(Book).where(Scan.id == scan)
        ).one()
        entries = [EntryResult(0, "01", (field("child_full_name", "Nguyễn Văn An"),), ())]
        replace_entries(connection, row.book_id, scan, entries, "0.2.0")


def test_a_suggestion_made_again_keeps_its_row_and_one_that_is_not_goes(database, stage):
    before = {one.entries: one.id for one in find_entry_links(database)}
    changed = [*suggestions(stage)]
    gone = changed.pop()
    heavier = changed[0].__class__(**{**changed[0].__dict__, "weight": 60.0})
    assert save_links(database, [heavier, *changed[1:]], actor="t") == 5
    after = {one.entries: one for one in find_entry_links(database)}
    assert {ends: one.id for ends, one in after.items()} == {
        ends: id_ for ends, id_ in before.items() if ends != (gone.first, gone.second)
    }
    assert after[heavier.first, heavier.second].weight == 60.0


def test_links_are_due_once_a_book_is_finished_and_some_time_has_passed(database, stage):
    assert last_link_search(database).books_since == 0
    assert not links_due(database)  # nothing was finished

    def finish(seconds: float) -> None:
        with database.write() as connection:
            connection.execute(update(Book).values(finished_at=After(seconds)))

    def ago(seconds: float, took: float) -> None:
        values = {"begun_at": After(-seconds - took), "done_at": After(-seconds)}
        with database.write() as connection:
            connection.execute(update(LinkRun).values(**values))

    finish(0)
    assert last_link_search(database).books_since == 4
    assert not links_due(database)  # the last time is too short ago
    ago(700, 5)
    assert links_due(database)
    ago(700, 60)  # it takes a minute: not again before twenty
    assert not links_due(database)
    ago(1300, 60)
    assert links_due(database)
    run = begin_link_run(database, by="one", asked=False)
    assert run is not None
    assert begin_link_run(database, by="other", asked=False) is None  # somebody is at it
    end_link_run(database, run, persons=3, suggested=1)
    assert last_link_search(database).persons == 3
    assert not links_due(database)


def test_nobody_judges_what_they_may_not_see(database, stage):
    operator = known(database, "lan", units=[AN_THAI.id])
    link = link_of(database, stage.births[0], stage.copies[0])
    for id_, entry in ((link.id, None), (10**6, stage.births[0]), (2**70, stage.births[0])):
        with pytest.raises(OutOfReachError):
            rule_on_link(
                database, operator, id_, LinkState.CONFIRMED, was=LinkState.SUGGESTED,
                entry_id=entry,
            )  # fmt: skip


# --- looking for links, asked for at the desk ---------------------------------------------------


def asks(database: Database) -> list[tuple[str, str]]:
    query = select(AuditEvent.actor, AuditEvent.subject).where(AuditEvent.action == "links.asked")
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_a_supervisor_has_links_looked_for_and_sees_how_far_it_is(database, stage, here):
    boss = enter(here, "rieng")
    boss.post("/language", data={"lang": "en", "next": "/"})
    page = f"/progress/units/{AN_THAI.id}/links?view=then"
    search = f"/progress/units/{AN_THAI.id}/links/search?view=then"
    assert f'action="{search}"' in boss.get(page).text and not links_due(database)
    reply = boss.post(search)
    assert reply.status_code == 303 and reply.headers["location"] == page
    text = boss.get(page).text
    assert "rieng asked for a search on" in text and "It waits" in text
    assert f'hx-get="{search}"' in text and "Look for links now" not in text
    assert enter(here, "chinh").post(search).status_code == 303  # it is asked for already
    assert asks(database) == [("rieng", "office")] and links_due(database)

    run = begin_link_run(database, by="dispatcher", asked=False)
    assert run is not None and not links_due(database)
    assert begin_link_run(database, by="other", asked=False) is None
    assert "At work since" in boss.get(search).text
    assert not ask_for_links(database, find_user(database, "chinh"))
    end_link_run(database, run, persons=19, suggested=6)
    ended = boss.get(search)
    assert ended.status_code == 286  # htmx asks no more
    assert "The search has ended" in ended.text and f'href="{page}"' in ended.text
    text = boss.get(page).text
    assert "Look for links now" in text and "rieng asked for a search on" in text
    assert "hx-get" not in text and "It waits" not in text
    assert ask_for_links(database, find_user(database, "chinh"))  # and may be asked for again
    assert verify_audit(database).sound


def test_a_search_that_was_killed_is_begun_again_and_its_request_with_it(database, stage, here):
    assert ask_for_links(database, find_user(database, "chinh"))
    killed = begin_link_run(database, by="dispatcher", asked=False)
    with database.write() as connection:
        connection.execute(update(LinkRun).where(LinkRun.id == killed).values(begun_at=After(-590)))
    assert not links_due(database) and not last_asked_search(database).lost
    with database.write() as connection:
        connection.execute(update(LinkRun).where(LinkRun.id == killed).values(begun_at=After(-610)))
    assert links_due(database) and last_asked_search(database).lost
    boss = enter(here, "chinh")
    boss.post("/language", data={"lang": "en", "next": "/"})
    assert "has not ended" in boss.get(f"/progress/units/{AN_THAI.id}/links?view=then").text
    again = begin_link_run(database, by="dispatcher", asked=False)
    assert again not in (None, killed) and not links_due(database)
    end_link_run(database, again, persons=19, suggested=6)
    assert not last_asked_search(database).waits and not links_due(database)


def test_a_search_begun_by_hand_does_what_the_desk_has_asked_for(database, stage, here):
    assert last_asked_search(database) is None
    before = begin_link_run(database, by="lan", asked=True)
    assert ask_for_links(database, find_user(database, "chinh"))
    end_link_run(database, before, persons=19, suggested=6)
    assert last_asked_search(database).waits  # that one began before it
    run = begin_link_run(database, by="lan", asked=True)
    end_link_run(database, run, persons=19, suggested=6)
    assert not last_asked_search(database).waits and not links_due(database)


def test_only_supervisors_of_the_unit_have_links_looked_for(database, stage, here):
    search = f"/progress/units/{AN_THAI.id}/links/search?view=then"
    assert enter(here, "lan").post(search).status_code == 403
    foreign = f"/progress/units/{CAT_DAI.id}/links/search?view=then"
    boss = enter(here, "rieng")
    for reply in (
        boss.post(foreign),
        boss.get(foreign),
        boss.post("/progress/units/x/links/search"),
    ):
        assert reply.status_code == 404
    with pytest.raises(OutOfReachError):
        ask_for_links(database, find_user(database, "lan"))
    assert last_asked_search(database) is None and asks(database) == []
