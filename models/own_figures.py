"""A firm's own statistics: what it handed over day by day, and what of it was good at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from models.clock import HERE, Now
from models.database import Database
from models.own_batches import OwnBatch, own_batches, own_condition, said_of_scan
from models.progress import Tally
from models.states import ScanState
from models.tables import Batch, Book, PageJob, Replacement, Scan
from models.users import User
from pipeline.errors import error_of
from pipeline.types import QualityFault

ASKED = "asked"
"""The reason of a page that a person asks for in words of their own."""
_FAULTS = frozenset(str(fault) for fault in QualityFault)


@dataclass(frozen=True)
class Reason:
    """Why pages had to come again: so many still must, so many came. A page may have several."""

    code: str
    waiting: int
    replaced: int


@dataclass(frozen=True)
class OwnFigures:
    """A firm's own statistics."""

    batches: int
    books: int
    tally: Tally
    replaced: int
    """Pictures sent in place of others."""
    bad: int
    """Scans that had to come again or still must."""
    finished: int
    """Batches all of whose pages were looked at."""
    right: int
    """Of these, those in which no page had to come again."""
    reasons: tuple[Reason, ...]
    """Most frequent first."""
    months: tuple[tuple[str, int, int], ...]
    """Month, books and scans handed over in it."""
    days: tuple[tuple[date, int], ...]
    """Each of the last days and the scans handed over on it, the newest last."""

    @property
    def bad_share(self) -> float:
        """Of the scans that were looked at."""
        return self.bad / self.tally.scans_done if self.tally.scans_done else 0.0

    @property
    def right_share(self) -> float | None:
        """Batches right at the first time, of those finished; None where none is."""
        return self.right / self.finished if self.finished else None

    @property
    def day_mean(self) -> float:
        """Scans a day, over the days on which any came."""
        busy = [scans for _, scans in self.days if scans]
        return sum(busy) / len(busy) if busy else 0.0


def own_figures(db: Database, user: User, days: int = 30) -> OwnFigures:
    """What a firm handed over, what of it was good, and why the rest was not.

    Args:
        db: the database.
        user: whose firm; a supervisor sees all firms of their units together.
        days: how many, today the last, are told one by one.
    """
    batches = own_batches(db, user)
    with db.read() as connection:
        now = connection.execute(select(Now())).scalar_one()
        replaced = connection.execute(
            select(Replacement.book_id, Replacement.number, Replacement.reasons, Book.batch_id)
            .join(Book, Book.id == Replacement.book_id)
            .join(Batch, Batch.id == Book.batch_id)
            .where(own_condition(user))
        ).all()
        waiting = connection.execute(
            select(
                Scan.book_id, Scan.number, Scan.quality, Scan.notes, Scan.person_reason,
                PageJob.error_code,
            )
            .join(Book, Book.id == Scan.book_id)
            .join(Batch, Batch.id == Book.batch_id)
            .join(PageJob, PageJob.scan_id == Scan.id)
            .where(own_condition(user), Scan.state == ScanState.RESCAN)
        ).all()  # fmt: skip
        marred = {row.batch_id for row in replaced} | set(
            connection.execute(
                select(Book.batch_id)
                .join(Batch, Batch.id == Book.batch_id)
                .join(Scan, Scan.book_id == Book.id)
                .where(own_condition(user), Scan.state == ScanState.RESCAN)
                .group_by(Book.batch_id)
                .having(func.count() > 0)
            ).scalars()
        )
    still: Counter[str] = Counter()
    for row in waiting:
        said = (row.error_code,) if row.error_code else said_of_scan(row.quality, row.notes)
        still.update(_codes((row.person_reason,) if row.person_reason else said))
    came: Counter[str] = Counter()
    for row in replaced:
        came.update(_codes(row.reasons))
    finished = [one for one in batches if 0 < one.tally.scans <= one.tally.scans_done]
    sums: Counter[str] = Counter()
    for batch in batches:
        sums.update(vars(batch.tally))
    bad = {(row.book_id, row.number) for row in (*replaced, *waiting)}
    return OwnFigures(
        batches=len(batches),
        books=sum(batch.size for batch in batches),
        tally=Tally(**sums),
        replaced=len(replaced),
        bad=len(bad),
        finished=len(finished),
        right=sum(one.id not in marred for one in finished),
        reasons=tuple(
            Reason(code, still[code], came[code]) for code, _ in (still + came).most_common()
        ),
        months=_months(batches),
        days=_days(batches, now.astimezone(HERE).date(), days),
    )


def _codes(said: Iterable[str]) -> set[str]:
    """Reasons of a page by code; whatever people wrote in their own words is one reason."""
    return {code if code in _FAULTS or error_of(code) else ASKED for code in map(str, said)}


def _months(batches: list[OwnBatch]) -> tuple[tuple[str, int, int], ...]:
    months: dict[str, list[int]] = {}
    for batch in batches:
        month = months.setdefault(batch.queued_at.astimezone(HERE).strftime("%Y-%m"), [0, 0])
        month[0] += batch.size
        month[1] += batch.tally.scans
    return tuple(
        (month, books, scans) for month, (books, scans) in sorted(months.items(), reverse=True)
    )


def _days(batches: list[OwnBatch], today: date, many: int) -> tuple[tuple[date, int], ...]:
    scans: Counter[date] = Counter()
    for batch in batches:
        scans[batch.queued_at.astimezone(HERE).date()] += batch.tally.scans
    days = [today - timedelta(days=back) for back in range(many - 1, -1, -1)]
    return tuple((day, scans[day]) for day in days)
