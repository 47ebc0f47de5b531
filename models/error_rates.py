"""Errors of accepted fields as the blind sample tells, and of people as second keyings tell."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import String, and_, case, cast, func, select

from models.database import Database
from models.keyings import AGREED, RIGHT, WRONG
from models.tables import (
    Batch,
    Book,
    BookCounter,
    Contractor,
    DeskUser,
    Entry,
    FieldValue,
    Keying,
    Maker,
    Unit,
)
from models.users import User, in_scope
from pipeline.checks.sampling import SAMPLED, interval


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
    same = and_(
        FieldValue.person_state == FieldValue.state,
        func.coalesce(FieldValue.person_value, "") == func.coalesce(FieldValue.value, ""),
    )
    query = (
        select(
            Book.id, Book.code, Unit.name.label("unit"), Contractor.name.label("contractor"),
            Maker.reader, FieldValue.field, func.count().label("seen"),
            func.sum(case((same, 0), else_=1)).label("wrong"),
        )
        .join(BookCounter, BookCounter.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .join(Batch, Batch.id == Book.batch_id)
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .join(Entry, Entry.book_id == Book.id)
        .join(FieldValue, FieldValue.entry_id == Entry.id)
        .join(Maker, Maker.id == FieldValue.maker_id)
        .where(
            BookCounter.fields_person > 0, FieldValue.person_state.is_not(None),
            cast(FieldValue.reasons, String).contains(SAMPLED), in_scope(user),
        )
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
