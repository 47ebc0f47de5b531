"""Rules over all books of a unit: compared when a book is finished, kept, shown with entries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from desk_browser import desk_app, enter, known
from models_samples import (
    AN_THAI,
    CAT_DAI,
    birth,
    book,
    claim,
    digitize,
    field,
    queue,
    result,
    save,
)  # fmt: skip
from sqlalchemy import delete

from flows.book import _finish
from flows.page import book_context
from models import (
    Database,
    check_unit_books,
    find_books,
    migrate,
    open_database,
    unit_finding_counts,
    unit_findings,
    unit_rows,
    units_checked,
)
from models.states import Role
from models.tables import Entry
from models.unit_rules import COPIES, MOST_KEPT
from pipeline.checks.unit import Row, check_unit
from pipeline.settings import load_settings
from pipeline.types import Kind


def with_numbers(database: Database, volume: str, *rows: tuple[str, str, str]) -> int:
    """A book of one scan: number, name and day of registration of each entry."""
    source = book(1, volume=volume)
    (book_id,) = queue(database, source, name=f"lô {volume}")
    entries = tuple(
        birth(n, number, name, registration_date=field("registration_date", day, day))
        for n, (number, name, day) in enumerate(rows)
    )
    for job in claim(database, book_id):
        save(database, job, replace(result(1, 0), entries=entries))
    return book_id


def two_books(database: Database) -> None:
    """A number that both have, and two that nobody has."""
    with_numbers(
        database, "01", ("1", "Lê An", "2008-03-05"), ("2", "Lê Bình", "2008-03-06"),
        ("3", "Lê Chi", "2008-03-07"),
    )  # fmt: skip
    with_numbers(
        database, "02", ("3", "Trần Dung", "2008-04-05"), ("6", "Trần Em", "2008-04-06"),
        ("7", "Trần Gia", "2008-04-07"),
    )  # fmt: skip


def test_gaps_and_doubles_over_books_are_kept_with_their_entries(database):
    two_books(database)
    assert unit_findings(database, [AN_THAI.id]) == [] == units_checked(database, [AN_THAI.id])
    check_unit_books(database, AN_THAI.id, Kind.BIRTH)
    for _ in range(2):  # looking again replaces
        double, gap = unit_findings(database, [AN_THAI.id])
        assert (double.rule, double.detail, gap.rule, gap.detail) == ("V02", "3", "V03", "4–5")
        assert [one.number for one in double.entries] == ["3", "3"]
        assert [(one.book.rpartition(".")[2], one.number) for one in gap.entries] == [
            ("01", "3"),
            ("02", "6"),
        ]
        check_unit_books(database, AN_THAI.id, Kind.BIRTH)
    (checked,) = units_checked(database, [AN_THAI.id, CAT_DAI.id])
    assert (checked.kind, checked.entries, checked.found) == (Kind.BIRTH, 6, 2)
    assert unit_finding_counts(database, [AN_THAI.id]) == {
        (Kind.BIRTH, "V02"): 1,
        (Kind.BIRTH, "V03"): 1,
    }
    assert unit_findings(database, [AN_THAI.id], rule="V03", start=1) == []
    assert unit_findings(database, [CAT_DAI.id]) == []
    with database.write() as connection:  # its scan was read anew and has fewer rows
        connection.execute(delete(Entry).where(Entry.number == "6"))
    assert [len(one.entries) for one in unit_findings(database, [AN_THAI.id])] == [2, 1]


def test_a_comparison_that_was_overtaken_keeps_nothing(database, monkeypatch):
    two_books(database)
    rows = unit_rows

    def slow(db, unit, kind):
        seen = list(rows(db, unit, kind))
        monkeypatch.undo()
        with db.write() as connection:
            connection.execute(delete(Entry).where(Entry.number == "6"))
        check_unit_books(db, unit, kind)
        return seen

    monkeypatch.setattr("models.unit_rules.unit_rows", slow)
    check_unit_books(database, AN_THAI.id, Kind.BIRTH)
    (checked,) = units_checked(database, [AN_THAI.id])
    assert checked.entries == 5
    assert [one.detail for one in unit_findings(database, [AN_THAI.id], rule="V03")] == ["4–6"]


def test_two_copies_of_a_book_are_told_and_no_fault(database):
    queue(database, book(1), book(1, volume="02"), name="hai bản")
    for one in find_books(database, ""):
        digitize(database, one.id)
    check_unit_books(database, AN_THAI.id, Kind.BIRTH)
    (copies,) = unit_findings(database, [AN_THAI.id])
    assert copies.rule == COPIES and "(2)" in copies.detail and len(copies.entries) == 2


def test_of_very_many_findings_the_first_are_kept_and_all_counted(database, monkeypatch):
    two_books(database)
    row = Row("b", 1, 2000, 1, "", ("",), "")
    many = [row._replace(year=1000 + n, number=2 * m) for n in range(30) for m in range(1, 30)]
    monkeypatch.setattr("models.unit_rules.unit_rows", lambda *_: many)
    found, _ = check_unit_books(database, AN_THAI.id, Kind.BIRTH)
    (checked,) = units_checked(database, [AN_THAI.id])
    assert checked.found == len(found) == 30 * 29 > MOST_KEPT
    assert sum(unit_finding_counts(database, [AN_THAI.id]).values()) == MOST_KEPT


def test_a_gap_late_in_a_year_is_found_as_well_as_an_early_one():
    row = Row("b", 1, 2000, 1, "2000-01-01", ("",), "")
    whole = [row._replace(number=n, entry_id=n) for n in range(1, 301) if n != 250]
    (gap,), _ = check_unit(whole)
    assert gap.finding.detail == "250"
    assert [one.number for one in gap.rows] == [249, 251]


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTICH_DATABASE_URL", sqlite_url)
    migrate(sqlite_url)
    database = open_database(sqlite_url)
    two_books(database)
    known(database, "phutrach", Role.SUPERVISOR)
    known(database, "rieng", Role.SUPERVISOR, units=[CAT_DAI.id])
    yield database, desk_app(database, tmp_path)
    database.close()


def test_finishing_a_book_compares_the_books_of_its_unit_and_the_page_tells(desk):
    database, app = desk
    boss = enter(app, "phutrach")
    boss.post("/language", data={"lang": "en", "next": "/"})
    page = f"/progress/units/{AN_THAI.id}/rules?view=then"
    assert "have not been compared yet" in boss.get(page).text
    unit = boss.get(f"/progress/units/{AN_THAI.id}?view=then").text
    assert "have not been compared yet" in unit
    one = find_books(database, "")[0]
    job = SimpleNamespace(
        database=database, settings=load_settings(), book=one, run=SimpleNamespace(ref="t"),
        context=book_context(
            one, load_settings()
        ),
    )  # fmt: skip
    _finish(job)
    text = boss.get(page).text
    assert "Two entries of a year bear one number." in text and "4–5" in text
    for entry in unit_findings(database, [AN_THAI.id])[0].entries:
        assert f"/progress/entries/{entry.id}" in text
        assert boss.get(f"/progress/entries/{entry.id}").status_code == 200
    assert "4–5" not in boss.get(f"{page}&kind=KS&rule=V02").text
    assert "4–5" in boss.get(f"{page}&kind=KS&rule=V03").text
    assert boss.get(f"{page}&kind=x&rule=%00&page=9").status_code == 200
    unit = boss.get(f"/progress/units/{AN_THAI.id}?view=then").text
    assert f"/progress/units/{AN_THAI.id}/rules?view=then" in unit and "<b>2</b> findings" in unit
    boss.post("/language", data={"lang": "vi", "next": "/"})
    assert "Đối chiếu các quyển" in boss.get(page).text


def test_comparing_by_a_press_and_a_unit_out_of_reach(desk):
    database, app = desk
    page = f"/progress/units/{AN_THAI.id}/rules?view=then"
    assert enter(app, "phutrach").post(page).status_code == 303
    assert len(unit_findings(database, [AN_THAI.id])) == 2
    stranger = enter(app, "rieng")
    assert stranger.get(page).status_code == 404
    assert stranger.post(page).status_code == 404
