"""Errors of accepted fields as the blind sample tells, and of people as second keyings tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, case, func, select, text

from models.clock import HERE, DayOf
from models.database import Database
from models.keyings import AGREED, RIGHT, WRONG
from models.tables import (
    Batch,
    Book,
    Contractor,
    DeskUser,
    Entry,
    FieldValue,
    Keying,
    Maker,
    Unit,
)
from models.tables.entries import SEEN_SAMPLE
from models.users import User, in_scope
from pipeline.checks.sampling import interval


@dataclass(frozen=True)
class Rate:
    """Of ``seen`` compared fields ``wrong`` were wrong; the interval holds the true share."""

    what: str
    """book, contractor, reader, field, operator."""
    key: str
    name: str
    seen: int
    wrong: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Wrong among seen."""
        return self.wrong / self.seen if self.seen else 0.0


def sample_rates(db: Database, user: User, level: float) -> list[Rate]:
    """Rates of what was accepted unseen, by book, contractor, reader and field.

    Args:
        db: the database.
        user: whose units.
        level: of the intervals.
    """
    query = (
        select(
            Book.id, Book.code, Unit.name.label("unit"), Contractor.name.label("contractor"),
            Maker.reader, FieldValue.field, func.count().label("seen"),
            func.sum(case((_same(), 0), else_=1)).label("wrong"),
        )
        .join(Unit, Unit.id == Book.unit_id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .join(Entry, Entry.book_id == Book.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(seen_sample(), in_scope(user))
        .group_by(Book.id, Book.code, Unit.name, Contractor.name, Maker.reader, FieldValue.field)
    )  # fmt: skip
    sums: dict[tuple[str, str, str], list[int]] = {}
    with db.read() as connection:
        for row in connection.execute(query):
            for key in (
                ("book", str(row.id), row.code),
                ("contractor", row.contractor, row.contractor),
                ("reader", row.reader, row.reader),
                ("field", row.field, row.field),
            ):
                total = sums.setdefault(key, [0, 0])
                total[0] += row.seen
                total[1] += int(row.wrong)
    return [
        Rate(*key, seen, wrong, *interval(wrong, seen, level))
        for key, (seen, wrong) in sorted(sums.items())
    ]


@dataclass(frozen=True)
class WeekRate:
    """What the fields seen in one week tell of a contractor, reader or operator."""

    what: str
    name: str
    monday: date
    seen: int
    wrong: int


def weekly_rates(db: Database, user: User, since: date) -> list[WeekRate]:
    """Seen and wrong fields by week: of the sample by contractor and reader, of keyings by person.

    Args:
        db: the database.
        user: whose units.
        since: the first day that counts, in Viet Nam as all days here.
    """
    begin = datetime(since.year, since.month, since.day, tzinfo=HERE)
    day = DayOf(FieldValue.person_at)
    sample = (
        select(
            Contractor.name.label("contractor"), Maker.reader, day.label("day"),
            func.count().label("seen"), func.sum(case((_same(), 0), else_=1)).label("wrong"),
        )
        .join(Entry, Entry.id == FieldValue.entry_id)
        .join(Book, Book.id == Entry.book_id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(seen_sample(), FieldValue.person_at >= begin, in_scope(user))
        .group_by(Contractor.name, Maker.reader, text("day"))
    )  # fmt: skip
    keyed = (
        select(
            DeskUser.login, DeskUser.name, DayOf(Keying.at).label("day"),
            func.count().label("seen"),
            func.count().filter(Keying.settled == WRONG).label("wrong"),
        )
        .join(DeskUser, DeskUser.id == Keying.user_id)
        .join(Entry, Entry.id == Keying.entry_id)
        .join(Book, Book.id == Entry.book_id)
        .where(
            Keying.settled.in_((AGREED, RIGHT, WRONG)), Keying.round < 3, Keying.at >= begin,
            in_scope(user),
        )
        .group_by(DeskUser.login, DeskUser.name, text("day"))  # two may have one name
    )  # fmt: skip
    sums: Counter[tuple[str, str, date]] = Counter()
    wrong: Counter[tuple[str, str, date]] = Counter()
    with db.read() as connection:
        told = [
            (what, name, row)
            for row in connection.execute(sample)
            for what, name in (("contractor", row.contractor), ("reader", row.reader))
        ]
        told += [
            ("operator", f"{row.name} ({row.login})", row) for row in connection.execute(keyed)
        ]
    for what, name, row in told:
        key = (what, name, row.day - timedelta(days=row.day.weekday()))
        sums[key] += row.seen
        wrong[key] += int(row.wrong)
    return [WeekRate(*key, sums[key], wrong[key]) for key in sorted(sums)]


def seen_sample() -> TextClause:
    """The fields of the blind sample that people have seen, by their own small index."""
    return text(SEEN_SAMPLE.format("field_value."))


def _same() -> ColumnElement[bool]:
    return and_(
        FieldValue.person_state == FieldValue.state,
        func.coalesce(FieldValue.person_value, "") == func.coalesce(FieldValue.value, ""),
    )


def keying_rates(db: Database, user: User, level: float) -> list[Rate]:
    """Rates of people by second keyings, arbiters and tests, in this supervisor's units."""
    judged = Keying.settled.in_((AGREED, RIGHT, WRONG))
    query = (
        select(
            DeskUser.login, DeskUser.name, func.count().label("seen"),
            func.count().filter(Keying.settled == WRONG).label("wrong"),
        )
        .join(Keying, Keying.user_id == DeskUser.id)
        .join(Entry, Entry.id == Keying.entry_id)
        .join(Book, Book.id == Entry.book_id)
        .where(judged, Keying.round < 3, in_scope(user))
        .group_by(DeskUser.login, DeskUser.name)
        .order_by(DeskUser.login)
    )  # fmt: skip
    with db.read() as connection:
        return [
            Rate("operator", row.login, row.name, row.seen, row.wrong,
                 *interval(row.wrong, row.seen, level))
            for row in connection.execute(query)
        ]  # fmt: skip
