"""The audit log and the counters: what was done can be proved afterwards."""

from __future__ import annotations

import pytest
from models_samples import PROCESSES, book, claim, digitize, queue, save
from sqlalchemy import text

from models import book_progress, integrity, open_database, recount, verify_audit
from models.audit import GENESIS


def test_each_act_adds_one_event_and_the_chain_holds(database):
    assert verify_audit(database).head == GENESIS
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    state = verify_audit(database)
    assert (state.events, state.sound) == (3, True)
    assert verify_audit(database, last=2) == state


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE id = 2", 2),
        ("UPDATE audit_event SET detail = '{}' WHERE id = 3", 3),
        ("DELETE FROM audit_event WHERE id = 2", 2),
        ("DELETE FROM audit_event WHERE id = 1", 1),
        ("UPDATE audit_event SET id = 9 WHERE id = 4", 4),
    ],
)
def test_tampering_shows_where_it_begins(database, tampering, broken_at):
    [book_id] = queue(database, book(3))
    digitize(database, book_id)
    with database.write() as connection:
        connection.execute(text(tampering))
    state = verify_audit(database)
    assert not state.sound
    assert state.broken_at == broken_at
    assert any(str(broken_at) in problem for problem in integrity(database))


def test_a_wrong_counter_is_found(database):
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    assert integrity(database) == []
    with database.write() as connection:
        connection.execute(text("UPDATE unit_counter SET fields_accepted = fields_accepted + 1"))
    [fault] = recount(database)
    assert (fault.of, fault.name) == ("hp-an-thai/KS/2008", "fields_accepted")
    assert fault.counted == fault.rows + 1
    assert len(integrity(database)) == 1


def test_a_scan_that_takes_its_worker_down_again_and_again_is_pointed_out(database):
    [book_id] = queue(database, book(1))
    for _ in range(10):
        claim(database, book_id, seconds=-1)
    [problem] = integrity(database)
    assert "xa-an-thai.an-lao.KS.2008.01" in problem


def _digitize_part(arguments):
    url, book_id, owner = arguments
    db = open_database(url)
    while jobs := claim(db, book_id, limit=3, owner=owner):
        for job in jobs:
            assert save(db, job)
    db.close()


@pytest.mark.slow
def test_counters_and_chain_hold_when_several_processes_write(database, database_url):
    [book_id] = queue(database, book(40))
    work = [(database_url, book_id, f"worker-{n}") for n in range(3)]
    with PROCESSES.Pool(3) as pool:
        pool.map(_digitize_part, work, chunksize=1)
    assert book_progress(database)[0].tally.scans_read == 40
    assert recount(database) == []
    state = verify_audit(database)
    assert (state.events, state.sound) == (41, True)
