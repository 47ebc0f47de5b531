"""Batches in the contractor's hands: replaced pages, pauses, withdrawals, places; and the plan."""

from __future__ import annotations

from datetime import date

import pytest
from desk_people import person
from models_samples import AN_THAI, CAT_DAI, book, claim, digest, queue, rescan_result, result, save
from sqlalchemy import select

from desk.intake.words import reason_of
from models import (
    Database,
    book_scans,
    correct_field,
    load_units,
    pending_books,
    recount,
    verify_audit,
)
from models.bare_pages import scan_again
from models.own_batches import own_batches, own_books, own_scans
from models.own_figures import own_figures
from models.plan_lists import plan_gaps, plan_totals, planned_books
from models.planning import put_plan, refuse_foreign, remove_planned
from models.replacing import replace_scan
from models.states import Role
from models.steering import move_batch, pause_batch, withdraw_batch
from models.tables import AuditEvent, Entry, FieldValue, Scan, UnitCounter
from pipeline.errors import DuplicateBookError, ForeignBookError, IntakeError, OutOfReachError
from pipeline.scan.inventory import Expected
from pipeline.types import Kind, ScanRef

NEW = ScanRef("bb/new.jpg", 0, 1, digest("new picture"), "mới.jpg")


@pytest.fixture
def firm(database: Database):
    return person(database, "xanh", Role.CONTRACTOR, contractor="Số Hóa Xanh", units=[])


def batch_ids(db: Database, user) -> list[int]:
    return sorted(batch.id for batch in own_batches(db, user))


def typed_rows(db: Database, jobs) -> list:
    """All fields of some scans as they stand."""
    of_scans = Entry.scan_id.in_([job.scan_id for job in jobs])
    query = FieldValue.__table__.select().where(
        FieldValue.entry_id.in_(select(Entry.id).where(of_scans))
    )
    with db.read() as connection:
        return connection.execute(query.order_by(FieldValue.entry_id, FieldValue.field)).all()


def test_a_replaced_page_is_read_again_and_nothing_else_is_touched(database, firm):
    (book_id,) = queue(database, book(3))
    bad, *good = claim(database, book_id)
    assert save(database, bad, rescan_result())
    for job in good:
        assert save(database, job)
    with database.read() as connection:
        entry = connection.execute(
            Entry.__table__.select().where(Entry.scan_id == good[0].scan_id)
        ).first()
    correct_field(database, entry.id, "mother_full_name", value="Vũ Thị Lê", person="lan")
    before = typed_rows(database, good)
    (batch_id,) = batch_ids(database, firm)
    (stuck,) = own_scans(database, batch_id, stuck=True)
    assert (stuck.number, stuck.reasons, stuck.replaceable) == (1, ("blurred",), True)
    assert replace_scan(database, firm, batch_id, stuck.id, NEW).endswith("#1")
    assert typed_rows(database, good) == before
    assert any(row.person_value == "Vũ Thị Lê" for row in before)
    (again,) = claim(database, book_id)  # that page alone
    assert (again.ref.digest, again.ref.name) == (NEW.digest, "mới.jpg")
    assert save(database, again, result(1))
    assert own_scans(database, batch_id, stuck=True) == []
    assert own_figures(database, firm).replaced == 1
    with database.read() as connection:
        event = connection.execute(
            AuditEvent.__table__.select().where(AuditEvent.action == "scan.replaced")
        ).one()
    assert event.detail["old"]["digest"] == bad.ref.digest
    assert event.detail["new"]["digest"] == NEW.digest
    assert recount(database) == []
    assert verify_audit(database).sound


def test_peoples_own_words_are_one_reason_among_a_firms_figures(database, firm):
    (book_id,) = queue(database, book(3))
    for job in claim(database, book_id):
        first = job.ref.number == 1
        assert save(database, job, rescan_result() if first else result(job.ref.number, entries=0))
    chief = person(database, "chi", Role.SUPERVISOR)
    (batch_id,) = batch_ids(database, firm)
    asked = [one.id for one in own_scans(database, batch_id) if one.number > 1]
    for scan_id, why in zip(asked, ("mờ nửa trang", "thiếu góc"), strict=True):
        scan_again(database, chief, scan_id, why)

    def told():
        found = own_figures(database, firm).reasons
        return {(one.code, one.waiting, one.replaced) for one in found}

    assert told() == {("asked", 2, 0), ("blurred", 1, 0)}
    replace_scan(database, firm, batch_id, asked[0], NEW)
    assert told() == {("asked", 1, 1), ("blurred", 1, 0)}
    assert reason_of("asked") != reason_of("anything")


def test_a_page_nobody_asked_for_or_the_same_picture_is_not_taken(database, firm):
    (book_id,) = queue(database, book(2))
    bad, good = claim(database, book_id)
    assert save(database, bad, rescan_result())
    (batch_id,) = batch_ids(database, firm)
    old, other = book_scans(database, book_id)
    for ref in (old, other):
        with pytest.raises(IntakeError):
            replace_scan(database, firm, batch_id, bad.scan_id, ref)
    assert save(database, good)
    with pytest.raises(IntakeError):
        replace_scan(database, firm, batch_id, good.scan_id, NEW)
    with pytest.raises(OutOfReachError):
        replace_scan(database, firm, batch_id + 1, good.scan_id, NEW)
    assert [scan.digest for scan in book_scans(database, book_id)] == [old.digest, other.digest]


def test_a_paused_batch_begins_no_further_book_and_goes_on_when_told(database, firm):
    first, second = queue(database, book(1), book(1, volume="02"))
    (batch_id,) = batch_ids(database, firm)
    claim(database, first)
    pause_batch(database, firm, batch_id, paused=True)
    assert [one.id for one in pending_books(database)] == [first]
    pause_batch(database, firm, batch_id, paused=False)
    assert [one.id for one in pending_books(database)] == [first, second]


def test_a_firm_orders_its_own_batches_and_passes_nobody(database, firm):
    old = queue(database, book(1), book(1, volume="02"), name="cũ")
    (new,) = queue(database, book(1, year=2009), name="mới")
    (foreign,) = queue(database, book(1, unit=CAT_DAI), contractor="Khác", name="khác")
    mine = batch_ids(database, firm)
    assert [one.id for one in pending_books(database)] == [old[0], foreign, old[1], new]
    move_batch(database, firm, mine[1], first=True)
    order = [one.id for one in pending_books(database)]
    assert order == [new, foreign, old[0], old[1]]
    told = {one.id: one.place for batch in mine for one in own_books(database, batch)}
    assert told == {one: order.index(one) + 1 for one in (new, *old)}
    with pytest.raises(OutOfReachError):
        move_batch(database, firm, max(mine) + 1, first=True)


def test_books_not_begun_can_be_taken_back_and_handed_over_again(database, firm):
    first, _second = queue(database, book(2), book(2, volume="02"))
    (batch_id,) = batch_ids(database, firm)
    claim(database, first, limit=1)
    (gone,) = withdraw_batch(database, firm, batch_id)
    assert gone.endswith(".02")
    assert recount(database) == []
    assert [one.id for one in own_books(database, batch_id)] == [first]
    assert queue(database, book(2, volume="02"), name="lần hai")
    with database.read() as connection:
        assert len(connection.execute(Scan.__table__.select()).all()) == 4
    assert recount(database) == []


def expected(row: int, year: int, volume: str, **more) -> Expected:
    given = {"unit_id": AN_THAI.id, "kind": Kind.BIRTH, "pages": None, "due": None,
             "contractor": "", "note": ""}  # fmt: skip
    return Expected(row=row, year=year, volume=volume, **(given | more))


def test_the_plan_tells_what_came_what_is_late_and_what_a_series_lacks(database, firm):
    load_units(database, [AN_THAI, CAT_DAI])
    boss = person(database, "sep", Role.SUPERVISOR)
    rows = [expected(2, 2005, "1"), expected(3, 2005, "3"),
            expected(4, 2008, "01", due=date(2020, 1, 1), contractor="Số Hóa Xanh"),
            expected(5, 2009, "01", due=date(2020, 1, 1)),
            expected(6, 2009, "02", contractor="Không Ai"),
            expected(7, 2009, "02", unit_id="hp-nowhere")]  # fmt: skip
    added, changed, unknown = put_plan(database, rows, source="kiểm kê.xlsx", user=boss)
    assert (added, changed) == (4, 0)
    assert unknown == [(6, "Không Ai"), (7, "hp-nowhere")]
    assert put_plan(database, rows[:4], source="lần hai", user=boss)[:2] == (0, 0)
    queue(database, book(1), book(1, unit=CAT_DAI))
    totals = plan_totals(database, boss)
    assert (totals.expected, totals.arrived, totals.overdue, totals.unplanned) == (4, 1, 1, 1)
    gap = next(one for one in plan_gaps(database, boss).gaps if one.unit_id == AN_THAI.id)
    assert (gap.years, gap.volumes) == ((2006, 2007), ((2005, (2,)),))
    assert gap.year_runs == ["2006–2007"]
    late = [one for one in planned_books(database, boss) if one.overdue]
    assert [(one.year, one.source) for one in late] == [(2009, "kiểm kê.xlsx, 5")]
    mine = planned_books(database, firm)
    assert [(one.year, one.book != "") for one in mine] == [(2008, True)]
    key = (AN_THAI.id, Kind.BIRTH, 2008, "1")
    refuse_foreign(database, firm.contractor_id, *key, duplicates=False)
    with pytest.raises(DuplicateBookError):
        refuse_foreign(database, firm.contractor_id, *key, duplicates=True)
    with pytest.raises(ForeignBookError):
        refuse_foreign(database, 999, *key, duplicates=False)
    assert expected_books(database) == {2005: 2, 2008: 1, 2009: 1}
    assert remove_planned(database, boss, late[0].id)
    assert expected_books(database) == {2005: 2, 2008: 1}


def test_a_long_plan_is_read_page_by_page_and_its_holes_unit_by_unit(database):
    load_units(database, [AN_THAI, CAT_DAI])
    boss = person(database, "sep", Role.SUPERVISOR)
    kinds = (Kind.BIRTH, Kind.DEATH)
    rows = [
        expected(2, year, str(volume), unit_id=unit.id, kind=kind)
        for unit in (CAT_DAI, AN_THAI) for kind in kinds
        for year in (1990, 1993) for volume in (1, 3)
    ]  # fmt: skip
    assert put_plan(database, rows, source="kiểm kê.xlsx", user=boss)[:2] == (16, 0)
    whole = planned_books(database, boss)
    assert len({one.place for one in whole}) == 16
    assert [one.unit_id for one in whole] == [CAT_DAI.id] * 8 + [AN_THAI.id] * 8
    paged, after = [], None
    while page := planned_books(database, boss, after=after, limit=5):
        paged += page
        after = page[-1].place
    assert paged == whole
    queue(database, book(1, year=1990))
    missing = planned_books(database, boss, unit="an thai", missing_only=True)
    assert len(missing) == 7
    gone = ("hp-nowhere", Kind.BIRTH, 1990, "01")
    assert planned_books(database, boss, after=gone) == []
    first = plan_gaps(database, boss, units=1)
    assert (first.first, first.last, first.units) == (1, 1, 2)
    assert [(gap.unit_id, gap.kind) for gap in first.gaps] == [(CAT_DAI.id, one) for one in kinds]
    second = plan_gaps(database, boss, first=2, units=1)
    assert {gap.unit_id for gap in second.gaps} == {AN_THAI.id}
    assert second.gaps[0].volumes == ((1990, (2,)), (1993, (2,)))
    assert plan_gaps(database, boss, first=99, units=1).first == 2
    assert plan_gaps(database, boss, unit="không có đâu").units == 0


def expected_books(db: Database) -> dict[int, int]:
    """What the counters of the progress board say of the plan, by year."""
    query = select(UnitCounter.year, UnitCounter.books_expected).where(
        UnitCounter.books_expected > 0
    )
    with db.read() as connection:
        return {row.year: row.books_expected for row in connection.execute(query)}
