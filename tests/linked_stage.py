"""Links to look at: a second copy of a ledger, and a marriage and a death of people in it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from desk_quick import NAMES
from models_samples import book, claim, field, queue, result, save
from sqlalchemy import select

from models import Database, save_links
from models.link_runs import begin_link_run, end_link_run
from models.tables import Book, Entry, Scan
from models.units import UnitName
from pipeline.checks.linking.blocks import Relation
from pipeline.checks.linking.find import Reason, Suggestion
from pipeline.types import EntryResult, Kind

SECOND_COPY = (
    Reason("name", "same", 11.3), Reason("event", "same", 13.7), Reason("sex", "same", 0.1),
    Reason("unit", "same", 7.6), Reason("other", "same", 9.2), Reason("number", "same", 15.1),
)  # fmt: skip
ONE_LIFE = (
    Reason("name", "marks", 9.6),
    Reason("born", "one_part", 4.2),
    Reason("unit", "other", -1.7),
)


class Stage(NamedTuple):
    """Entries by the row of the ledger they are of."""

    births: list[int]
    copies: list[int]
    marriage: int
    death: int


def linked_books(database: Database, book_id: int, unit: UnitName, *, elsewhere: UnitName) -> Stage:
    """Beside a digitized book of births: its copy, and two acts of another unit, all linked.

    The first birth has a second copy, a marriage (the bride is of row 1) and a death.
    """
    births = _entries(database, book_id)
    copy, wedding, burial = (
        _book(database, one, made)
        for one, made in (
            (book(1, unit=unit, year=1982, volume="02"), _births()),
            (book(1, unit=elsewhere, kind=Kind.MARRIAGE, year=2004), [_marriage()]),
            (book(1, unit=elsewhere, kind=Kind.DEATH, year=2011), [_death()]),
        )
    )  # fmt: skip
    copies = _entries(database, copy)
    stage = Stage(births, copies, _entries(database, wedding)[0], _entries(database, burial)[0])
    suggest(database, stage)
    return stage


def ledger(database: Database, unit: UnitName) -> int:
    """Four births of 1982, where no digitized book is at hand."""
    return _book(database, book(1, unit=unit, year=1982), _births())


def suggestions(stage: Stage) -> list[Suggestion]:
    twice = [
        Suggestion(
            Relation.REGISTRATION, one, "child", other, "child", 57.0 - n, 0.9998 - n / 100,
            SECOND_COPY,
        )
        for n, (one, other) in enumerate(zip(stage.births, stage.copies, strict=False))
    ]  # fmt: skip
    life = Suggestion(
        Relation.PERSON, stage.births[0], "child", stage.death, "deceased", 12.1, 0.83, ONE_LIFE
    )
    bride = replace(
        life, second=stage.marriage, second_role="wife", weight=10.4, probability=0.71,
        reasons=(Reason("name", "same", 12.3), Reason("born", "near_year", -1.9)),
    )  # fmt: skip
    return [*twice, life, bride]


def suggest(database: Database, stage: Stage) -> int:
    run = begin_link_run(database, by="test", asked=True)
    saved = save_links(database, suggestions(stage), actor="test")
    end_link_run(database, run, persons=19, suggested=saved)
    return saved


def _book(database: Database, source, entries: list[EntryResult]) -> int:
    (book_id,) = queue(database, source, name=source.path)
    for job in claim(database, book_id):
        assert save(database, job, replace(result(job.ref.number, 0), entries=tuple(entries)))
    return book_id


def _entries(database: Database, book_id: int) -> list[int]:
    query = (
        select(Entry.id)
        .join(Scan, Scan.id == Entry.scan_id)
        .join(Book, Book.id == Scan.book_id)
        .where(Book.id == book_id)
        .order_by(Scan.number, Entry.position)
    )
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def _births() -> list[EntryResult]:
    return [
        EntryResult(
            n, f"{n + 1:02d}",
            (
                field("entry_number", f"{n + 1:02d}"), field("child_full_name", name),
                field("birth_date", f"{n + 1}/3/1982", f"1982-03-{n + 1:02d}"),
                field("mother_full_name", "Vũ Thị Đào"),
            ),
            (),
        )
        for n, name in enumerate(NAMES[:4])
    ]  # fmt: skip


def _marriage() -> EntryResult:
    return EntryResult(
        0, "27",
        (
            field("entry_number", "27"), field("husband_full_name", "Lý Đình Khôi"),
            field("wife_full_name", NAMES[0]), field("wife_birth_date", "1983", "1983"),
            field("registration_date", "9/11/2004", "2004-11-09"),
        ),
        (),
    )  # fmt: skip


def _death() -> EntryResult:
    return EntryResult(
        0, "5",
        (
            field("entry_number", "5"), field("deceased_full_name", "Nguyễn Vân An"),
            field("birth_date", "1/5/1982", "1982-05-01"),
            field("death_date", "30/8/2011", "2011-08-30"),
        ),
        (),
    )  # fmt: skip
