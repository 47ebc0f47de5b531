"""What people's words teach about the machine's: the blind sample, spectra, rows of a unit."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    case,
    cast,
    func,
    or_,
    select,
    true,
)

from models.database import Database
from models.tables import (
    BirthRecord,
    Book,
    BookCounter,
    DeathRecord,
    Entry,
    FieldValue,
    Maker,
    MarriageRecord,
    Unit,
)
from pipeline.checks.at_hand import Counted
from pipeline.checks.book import book_key
from pipeline.checks.sampling import SAMPLED, STOPPED, Reviewed
from pipeline.checks.unit import Row
from pipeline.types import Decision, Kind, ValueState
from pipeline.values import Context

_BIN = 10_000
"""Probabilities are counted by ten-thousandths."""


def reviewed_sample(db: Database, unit: str | None = None) -> list[Reviewed]:
    """Fields of the blind sample that a person has seen.

    Only books in which a person has set anything are looked into; the counters know them.

    Args:
        db: the database.
        unit: only this registering unit's.
    """
    with db.read() as connection:
        return sample_of(connection, true() if unit is None else Book.unit_id == unit)


def sample_of(connection: Connection, which: ColumnElement[bool]) -> list[Reviewed]:
    """The reviewed blind sample of the books that ``which`` means."""
    query = (
        select(
            Book.unit_id, Book.kind, Book.year, Book.volume, Maker.reader, FieldValue.field,
            FieldValue.value, FieldValue.state, FieldValue.person_value, FieldValue.person_state,
            FieldValue.reasons, Unit.name, Unit.district,
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .join(Entry, Entry.book_id == Book.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(BookCounter.fields_person > 0, FieldValue.person_state.is_not(None), which)
        .order_by(Entry.id, FieldValue.position)
    )  # fmt: skip
    return [
        Reviewed(
            row.unit_id,
            book_key(
                Context(row.kind, row.year, row.name, row.district, row.unit_id, volume=row.volume)
            ),
            row.reader,
            row.field,
            row.person_state == row.state and (row.person_value or "") == (row.value or ""),
        )
        for row in connection.execute(query)
        if SAMPLED in row.reasons
    ]


def counted_values(
    db: Database, book: int | None = None, *, newest: int | None = None
) -> list[Counted]:
    """Values that the machine gave, by field, reader, probability and decision.

    Args:
        db: the database.
        book: only this book's.
        newest: only of so many entries, those read last.
    """
    reasons = cast(FieldValue.reasons, String)
    held = or_(reasons.contains(SAMPLED), reasons.contains(STOPPED))
    passed = case((FieldValue.decision == Decision.ACCEPTED, 1), (held, 1), else_=0).label("passed")
    probability = cast(func.floor(FieldValue.confidence * _BIN + 1e-6), Integer)
    columns = FieldValue.field, Maker.reader
    query = (
        select(
            *columns,
            probability.label("bin"),
            passed,
            func.count().label("fields"),
        )
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(
            FieldValue.value.is_not(None),
            FieldValue.state.in_((ValueState.WRITTEN, ValueState.DITTO)),
        )
        .group_by(*columns, "bin", "passed")  # by name: PostgreSQL compares parameters
    )
    if book is not None:
        query = query.join(Entry, Entry.id == FieldValue.entry_id).where(Entry.book_id == book)
    with db.read() as connection:
        if newest is not None:
            last = connection.execute(select(func.max(Entry.id))).scalar() or 0
            query = query.where(FieldValue.entry_id > last - newest)
        return [
            Counted(row.field, row.bin / _BIN, bool(row.passed), row.fields, row.reader)
            for row in connection.execute(query)
        ]


def unit_rows(db: Database, unit: str, kind: Kind) -> Iterator[Row]:
    """Main columns of all entries of a unit, as ``pipeline.checks.unit`` takes them.

    Args:
        db: the database.
        unit: id of the registering unit.
        kind: births, marriages or deaths.
    """
    names, beside = {
        Kind.BIRTH: (
            (BirthRecord.child_name,), (BirthRecord.birth_date, BirthRecord.mother_key)
        ),
        Kind.MARRIAGE: (
            (MarriageRecord.husband_name, MarriageRecord.wife_name),
            (MarriageRecord.registration_date,),
        ),
        Kind.DEATH: (
            (DeathRecord.deceased_name,), (DeathRecord.death_date, DeathRecord.birth_date)
        ),
    }[kind]  # fmt: skip
    records: dict[Kind, type[BirthRecord] | type[MarriageRecord] | type[DeathRecord]] = {
        Kind.BIRTH: BirthRecord,
        Kind.MARRIAGE: MarriageRecord,
        Kind.DEATH: DeathRecord,
    }
    record = records[kind]
    columns = (
        Book.code, record.entry_id, record.year, record.number, record.registration_date,
    )  # fmt: skip
    query = (
        select(*columns, *names, *beside)
        .join(Entry, Entry.id == record.entry_id)
        .join(Book, Book.id == Entry.book_id)
        .where(record.unit_id == unit)
        .order_by(Book.code, record.entry_id)
    )
    with db.read() as connection:
        for row in connection.execute(query):
            plain = tuple(row)
            who = plain[len(columns) : len(columns) + len(names)]
            also = plain[len(columns) + len(names) :]
            yield Row(
                book=plain[0],
                entry_id=plain[1],
                year=plain[2],
                number=plain[3],
                day=plain[4] or "",
                names=tuple(name or "" for name in who),
                beside=" ".join(also) if all(also) else "",
            )
