"""The queue: batches go in once, contractors take turns, leases keep work from being done twice."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from models_samples import AN_THAI, CAT_DAI, PROCESSES, batch, book, claim, queue, save

from models import (
    BookState,
    book_progress,
    book_scans,
    claim_scans,
    find_books,
    find_units,
    load_book,
    load_units,
    open_database,
    pending_books,
    progress,
    queue_batch,
    recount,
    release,
    renew,
    sweep_expired,
    verify_audit,
    work_left,
)
from pipeline.errors import DuplicateBookError, UnknownUnitError
from pipeline.types import Kind


def test_a_batch_becomes_books_with_readable_codes(database):
    load_units(database, [AN_THAI, CAT_DAI])
    receipt = queue_batch(
        database,
        batch(book(3), book(2, unit=CAT_DAI, kind=Kind.DEATH, year=1976, volume="2")),
        contractor="Số Hóa Xanh",
    )
    assert [(one.code, one.scans) for one in receipt.queued] == [
        ("xa-an-thai.an-lao.KS.2008.01", 3),
        ("phuong-cat-dai.le-chan.KT.1976.02", 2),
    ]
    assert receipt.scans == 5
    assert not receipt.already
    assert not receipt.refused
    assert [ref.number for ref in book_scans(database, receipt.queued[0].id)] == [1, 2, 3]
    assert recount(database) == []


def test_the_same_batch_again_changes_nothing_and_says_so(database):
    load_units(database, [AN_THAI])
    first = queue_batch(database, batch(book(3)), contractor="A")
    before = verify_audit(database)
    again = queue_batch(database, batch(book(3)), contractor="A")
    assert again.batch_id == first.batch_id
    assert again.queued == ()
    assert [one.code for one in again.already] == [first.queued[0].code]
    assert isinstance(again.already[0].error, DuplicateBookError)
    assert first.queued[0].code in str(again.already[0].error)
    assert verify_audit(database) == before
    assert recount(database) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(book(3), volume="7"),  # the same scans under another number
        book(4, volume="1", salt="scanned once more"),  # the same book, scanned otherwise
    ],
    ids=["same scans", "same unit, kind, year and volume"],
)
def test_a_book_already_here_is_refused_and_the_others_go_in(database, other):
    queue(database, book(3))
    receipt = queue_batch(database, batch(other, book(2, year=2009), name="lô 2"), contractor="B")
    assert [one.code for one in receipt.already] == ["xa-an-thai.an-lao.KS.2008.01"]
    assert [one.code for one in receipt.queued] == ["xa-an-thai.an-lao.KS.2009.01"]


def test_a_book_of_no_known_unit_is_refused_alone(database):
    load_units(database, [AN_THAI])
    unknown = replace(book(1, year=1999), unit_id="", unit="Xã Nào Đó")
    receipt = queue_batch(database, batch(unknown, book(1)), contractor="A")
    assert len(receipt.queued) == 1
    assert isinstance(receipt.refused[0].error, UnknownUnitError)
    assert "Xã Nào Đó" in str(receipt.refused[0].error)


def test_contractors_take_turns(database):
    queue(database, *(book(1, year=year) for year in (2001, 2002, 2003)), contractor="A", name="a")
    queue(database, book(1, year=1991), contractor="B", name="b")
    queue(database, book(1, year=1981), book(1, year=1982), contractor="C", name="c")
    years = [one.year for one in pending_books(database)]
    assert years == [2001, 1991, 1981, 2002, 1982, 2003]


def test_the_pages_of_a_running_book_count_as_taken(database):
    of_a = queue(database, *(book(2, year=year) for year in (2001, 2002)), contractor="A", name="a")
    queue(database, *(book(1, year=year) for year in (1991, 1992)), contractor="B", name="b")
    assert claim(database, of_a[0], limit=1)
    pending = pending_books(database)
    assert [(one.year, one.state, one.ready, one.leased) for one in pending] == [
        (2001, BookState.RUNNING, 1, 1),
        (1991, BookState.QUEUED, 1, 0),
        (1992, BookState.QUEUED, 1, 0),
        (2002, BookState.QUEUED, 2, 0),
    ]
    assert [one.year for one in pending_books(database, batch=pending[1].batch_id)] == [1991, 1992]


def test_claims_come_in_reading_order_and_once(database):
    [book_id] = queue(database, book(5))
    first = claim_scans(database, book_id, "one", 3, 60)
    second = claim_scans(database, book_id, "two", 3, 60)
    assert [job.ref.number for job in first] == [1, 2, 3]
    assert [job.ref.number for job in second] == [4, 5]
    assert first[0].ref == book(5).scans[0]
    assert claim_scans(database, book_id, "three", 3, 60) == []
    left = work_left(database, book_id)
    assert (left.ready, left.leased) == (0, 5)


def test_an_expired_lease_is_taken_over_and_its_holder_cannot_save(database):
    [book_id] = queue(database, book(1))
    [late] = claim(database, book_id, owner="late", seconds=0.05)
    time.sleep(0.1)
    [other] = claim(database, book_id, owner="other")
    assert other.attempt == 2
    assert renew(database, "late", [late.id], 60) == frozenset()
    assert not save(database, late)
    assert book_progress(database)[0].tally.scans_waiting == 1
    assert save(database, other)


def test_an_owner_who_claims_again_cannot_save_under_the_older_lease(database):
    [book_id] = queue(database, book(1))
    [old] = claim(database, book_id, owner="same", seconds=0.05)
    time.sleep(0.1)
    [new] = claim(database, book_id, owner="same")
    assert not save(database, old)
    assert save(database, new)


def test_a_renewed_lease_holds(database):
    [book_id] = queue(database, book(2))
    jobs = claim(database, book_id, owner="one", seconds=0.3)
    assert renew(database, "one", [job.id for job in jobs], 60) == {job.id for job in jobs}
    time.sleep(0.4)
    assert claim(database, book_id, owner="two") == []


def test_released_and_swept_scans_wait_again(database):
    [book_id] = queue(database, book(3))
    jobs = claim(database, book_id, owner="one", seconds=0.05)
    assert release(database, "one", [jobs[0].id]) == 1
    assert release(database, "someone else", [jobs[1].id]) == 0
    time.sleep(0.1)
    assert sweep_expired(database) == 2
    assert sweep_expired(database) == 0
    left = work_left(database, book_id)
    assert (left.ready, left.leased) == (3, 0)


def test_all_scans_of_a_lost_owner_can_be_freed_at_once(database):
    [book_id] = queue(database, book(3))
    claim(database, book_id, owner="lost", limit=2)
    claim(database, book_id, owner="alive")
    assert release(database, "lost") == 2
    left = work_left(database, book_id)
    assert (left.ready, left.leased) == (2, 1)


def test_the_first_claim_sets_the_book_running(database):
    [book_id] = queue(database, book(2))
    assert load_book(database, book_id).state is BookState.QUEUED
    claim(database, book_id, limit=1)
    assert load_book(database, book_id).state is BookState.RUNNING
    [unit] = progress(database)
    assert (unit.books_queued, unit.books_running) == (0, 1)
    assert recount(database) == []


def test_books_and_units_are_found_as_people_type_them(database):
    queue(database, book(1), book(1, unit=CAT_DAI))
    assert [one.unit.full_name for one in find_books(database, "xa-an-thai")] == ["Xã An Thái"]
    assert find_units(database, "an thai") == [AN_THAI]
    assert find_units(database, "Phường Cát Dài") == [CAT_DAI]
    assert find_units(database, "hp-cat-dai") == [CAT_DAI]
    assert find_units(database, "không có") == []


def test_loading_units_again_changes_nothing(database):
    assert load_units(database, [AN_THAI, CAT_DAI]) == 2
    assert load_units(database, [AN_THAI, CAT_DAI]) == 0
    assert load_units(database, [replace(AN_THAI, name="An Thái mới")]) == 1


def _claim_all(arguments):
    url, book_id, owner = arguments
    db = open_database(url)
    taken = []
    while jobs := claim_scans(db, book_id, owner, 7, 60):
        taken += [job.scan_id for job in jobs]
    db.close()
    return taken


@pytest.mark.slow
def test_four_processes_claim_500_scans_and_none_twice(database, database_url):
    [book_id] = queue(database, book(500))
    work = [(database_url, book_id, f"worker-{n}") for n in range(4)]
    with PROCESSES.Pool(4) as pool:
        taken = [scan for part in pool.map(_claim_all, work, chunksize=1) for scan in part]
    assert len(taken) == 500
    assert len(set(taken)) == 500


def _queue_same(url):
    db = open_database(url)
    receipt = queue_batch(db, batch(book(20)), contractor="A")
    db.close()
    return len(receipt.queued), len(receipt.already)


def test_one_batch_queued_by_several_processes_at_once_goes_in_once(database, database_url):
    load_units(database, [AN_THAI])
    with PROCESSES.Pool(3) as pool:
        outcomes = pool.map(_queue_same, [database_url] * 3, chunksize=1)
    assert sorted(outcomes) == [(0, 1), (0, 1), (1, 0)]
    assert book_progress(database)[0].tally.scans == 20


def test_five_contractors_share_by_pages_however_thick_their_books_are(database):
    from bench.fairness import measure

    told = measure(database, 600, 2)
    thickest = 200
    for part in ("four", "five"):
        pages = told[part]["pages"]
        # Fair to one book: nobody is ahead of anybody by more than the thickest one.
        assert max(pages.values()) - min(pages.values()) <= thickest
        assert min(pages.values()) > 0
