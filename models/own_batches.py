"""A contractor's own batches: how far each is, where it stands in the queue, what must come again.

Never another firm's: who asks for one is told that there is none, and the log keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, text, true

from models.audit import record_event
from models.counters import TALLIED
from models.database import Database
from models.deliveries import note_refused
from models.progress import Tally
from models.states import BookState, DeskState, JobState, Role, ScanState
from models.tables import (
    Batch,
    Book,
    BookCounter,
    Contractor,
    Entry,
    PageJob,
    Replacement,
    Scan,
    Unit,
)
from models.tables.entries import WAITING_ENTRIES
from models.turns import in_queue, turns
from models.users import User, in_scope
from pipeline.errors import OutOfReachError
from pipeline.types import Kind, ScanRef

_STUCK = (ScanState.RESCAN, ScanState.QUARANTINED, ScanState.ATTENTION)


@dataclass(frozen=True)
class OwnBatch:
    """A batch with its books by state and the rest counted."""

    id: int
    name: str
    contractor: str
    queued_at: datetime
    digest: str
    paused: bool
    rank: int
    books: dict[BookState, int]
    tally: Tally
    asked: int
    """Readable scans of which people at the desk asked for a better picture."""

    @property
    def again(self) -> int:
        """Scans that have to come again."""
        return self.tally.scans_rescan + self.asked

    @property
    def size(self) -> int:
        """Books in it."""
        return sum(self.books.values())

    @property
    def waiting(self) -> int:
        """Books not begun."""
        return self.books.get(BookState.QUEUED, 0)

    @property
    def finished(self) -> bool:
        """Nothing of it is left to be read."""
        return not self.waiting and not self.books.get(BookState.RUNNING, 0)


@dataclass(frozen=True)
class OwnBook:
    """A book of a batch. ``place`` is its turn in the whole queue, 0 where it has none."""

    id: int
    code: str
    unit: str
    district: str
    kind: Kind
    year: int
    volume: str
    digest: str
    path: str
    state: BookState
    tally: Tally
    place: int


@dataclass(frozen=True)
class OwnScan:
    """A scan of a book; ``replaceable`` where another picture of it may be sent."""

    id: int
    book_id: int
    book: str
    number: int
    name: str
    state: ScanState
    reasons: tuple[str, ...]
    text: str
    """Words of an error; empty where quality faults say it all."""
    asked: tuple[str, ...]
    """What people at the desk said who asked for a better picture."""
    replaceable: bool
    at_work: bool
    replaced: int
    """How often another picture took its place."""


def own_batches(
    db: Database, user: User, *, before: int | None = None, limit: int | None = None
) -> list[OwnBatch]:
    """Batches of this person's firm, newest first; a supervisor sees those of their units.

    Args:
        db: the database.
        user: whose.
        before: only older ones than this batch.
        limit: so many at the most; without it all are counted.
    """
    mine = own_condition(user)
    older = Batch.id < before if before is not None else true()
    with db.read() as connection:
        query = _batches(mine, older)
        if limit is not None:
            # Their numbers first: else the books of all batches were summed for one page.
            shown = select(Batch.id).outerjoin(Book, Book.batch_id == Batch.id).where(mine, older)
            shown = shown.group_by(Batch.id).order_by(Batch.id.desc()).limit(limit)
            ids = list(connection.execute(shown).scalars())
            query = _batches(mine, Batch.id.in_(ids))
        rows = connection.execute(query).mappings().all()
        asked = _asked(connection, [row["id"] for row in rows])
    return [_batch(row, asked) for row in rows]


def find_own_batch(db: Database, user: User, batch_id: int) -> OwnBatch:
    """One batch.

    Raises:
        OutOfReachError: there is none, or it is not theirs; the log keeps that.
    """
    with db.read() as connection:
        row = (
            connection.execute(_batches(own_condition(user), Batch.id == batch_id))
            .mappings()
            .first()
        )
        asked = _asked(connection, [batch_id])
    if row is None:
        note_refused(db, user, f"batch:{batch_id}")
        raise OutOfReachError()
    return _batch(row, asked)


def own_books(db: Database, batch_id: int) -> list[OwnBook]:
    """Books of a batch in the order of their codes, with their places in the queue."""
    query = (
        select(
            Book.id, Book.code, Unit.name, Unit.type, Unit.district, Book.kind, Book.year,
            Book.volume, Book.digest, Book.path, Book.state, BookCounter.__table__,
        )
        .join(Unit, Unit.id == Book.unit_id)
        .join(BookCounter, BookCounter.book_id == Book.id)
        .where(Book.batch_id == batch_id)
        .order_by(Book.code)
    )  # fmt: skip
    with db.read() as connection:
        places = dict(connection.execute(_places(batch_id)).all())
        return [
            OwnBook(
                row["id"], row["code"], f"{row['type']} {row['name']}".strip(), row["district"],
                Kind(row["kind"]), row["year"], row["volume"], row["digest"], row["path"],
                BookState(row["state"]), _tally(dict(row)), places.get(row["id"], 0),
            )
            for row in connection.execute(query).mappings()
        ]  # fmt: skip


def queue_length(db: Database) -> int:
    """Books in the queue of all contractors, those at work included."""
    with db.read() as connection:
        return int(
            connection.execute(
                select(func.count())
                .select_from(Book)
                .join(Batch, Batch.id == Book.batch_id)
                .where(in_queue())
            ).scalar_one()
        )


def own_scans(
    db: Database, batch_id: int, *, book_id: int | None = None, stuck: bool = False
) -> list[OwnScan]:
    """Scans of a batch or a book in reading order; ``stuck``: those of which nothing came.

    Also those of which somebody at the desk asked for a better picture.
    """
    from models.tables import ReviewMark

    replaced = (
        select(func.count())
        .where(Replacement.book_id == Scan.book_id, Replacement.number == Scan.number)
        .correlate(Scan)
        .scalar_subquery()
    )
    asked = (
        select(Entry.scan_id, ReviewMark.reason)
        .join(ReviewMark, ReviewMark.entry_id == Entry.id)
        .join(Book, Book.id == Entry.book_id)
        .where(
            Book.batch_id == batch_id, Entry.desk == DeskState.RESCAN,
            ReviewMark.kind == DeskState.RESCAN.value,
        )
        .order_by(ReviewMark.id)
    )  # fmt: skip
    query = (
        select(
            Scan.id, Scan.book_id, Book.code, Scan.number, Scan.name, Scan.state, Scan.quality,
            Scan.notes, Scan.person_reason, PageJob.error_code, PageJob.error_text,
            PageJob.state.label("job"), replaced.label("replaced"),
        )
        .join(Book, Book.id == Scan.book_id)
        .join(PageJob, PageJob.scan_id == Scan.id)
        .where(Book.batch_id == batch_id)
        .order_by(Book.code, Scan.number)
    )  # fmt: skip
    if book_id is not None:
        query = query.where(Scan.book_id == book_id)
    with db.read() as connection:
        wishes: dict[int, list[str]] = {}
        for scan_id, reason in connection.execute(asked):
            wishes.setdefault(scan_id, []).append(reason)
        if stuck:
            query = query.where(or_(Scan.state.in_(_STUCK), Scan.id.in_(sorted(wishes))))
        rows = connection.execute(query).all()
    for row in rows:
        if row.person_reason and row.state == ScanState.RESCAN:
            wishes.setdefault(row.id, []).append(row.person_reason)
    return [
        OwnScan(
            row.id, row.book_id, row.code, row.number, row.name, ScanState(row.state),
            (row.error_code,) if row.error_code else said_of_scan(row.quality, row.notes),
            row.error_text or "", tuple(dict.fromkeys(wishes.get(row.id, ()))),
            replaceable=ScanState(row.state) in _STUCK or row.id in wishes,
            at_work=row.job == JobState.LEASED, replaced=row.replaced,
        )
        for row in rows
    ]  # fmt: skip


def own_scan(db: Database, user: User, batch_id: int, scan_id: int) -> ScanRef:
    """Where the picture of a scan lies.

    Raises:
        OutOfReachError: not of a batch of theirs; the log keeps that.
    """
    query = (
        select(Scan.path, Scan.position, Scan.number, Scan.digest, Scan.name)
        .join(Book, Book.id == Scan.book_id)
        .join(Batch, Batch.id == Book.batch_id)
        .where(Scan.id == scan_id, Batch.id == batch_id, own_condition(user))
    )
    with db.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        note_refused(db, user, f"scan:{scan_id}")
        raise OutOfReachError()
    return ScanRef(*row)


def note_viewed(db: Database, user: User, subject: str, scans: int) -> None:
    """Keep in the log that pages of a batch were looked at."""
    with db.write() as connection:
        record_event(connection, user.login, "batch.viewed", subject, {"scans": scans})


# --- inside -------------------------------------------------------------------------------------


def own_condition(user: User) -> ColumnElement[bool]:
    """Condition on ``batch`` joined with ``book``: a contractor's is the firm's alone."""
    if user.role is Role.CONTRACTOR:
        return Batch.contractor_id == (user.contractor_id or 0)
    return in_scope(user)


def _batches(*conditions: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    sums = [
        func.coalesce(func.sum(BookCounter.__table__.c[name]), 0).label(name) for name in TALLIED
    ]
    states = [func.count().filter(Book.state == state).label(f"b_{state}") for state in BookState]
    return (
        select(
            Batch.id, Batch.name, Contractor.name.label("contractor"), Batch.queued_at,
            Batch.digest, Batch.paused, Batch.rank, *states, *sums,
        )
        .join(Contractor, Contractor.id == Batch.contractor_id)
        .outerjoin(Book, Book.batch_id == Batch.id)
        .outerjoin(BookCounter, BookCounter.book_id == Book.id)
        .where(*conditions)
        .group_by(
            Batch.id, Batch.name, Contractor.name, Batch.queued_at, Batch.digest, Batch.paused,
            Batch.rank,
        )
        .order_by(Batch.id.desc())
    )  # fmt: skip


def _asked(connection: Connection, batches: list[int]) -> dict[int, int]:
    """By batch, the scans that were read and of which somebody wants a better picture."""
    query = (
        select(Book.batch_id, func.count(Entry.scan_id.distinct()))
        .join(Entry, Entry.book_id == Book.id)
        .join(Scan, Scan.id == Entry.scan_id)
        .where(
            text(f"entry.{WAITING_ENTRIES}"), Entry.desk == DeskState.RESCAN,
            Scan.state.not_in(_STUCK), Book.batch_id.in_(batches),
        )
        .group_by(Book.batch_id)
    )  # fmt: skip
    return {row[0]: row[1] for row in connection.execute(query)}


def _batch(row: object, asked: dict[int, int]) -> OwnBatch:
    columns = dict(row)  # type: ignore[call-overload]
    return OwnBatch(
        columns["id"], columns["name"], columns["contractor"], columns["queued_at"],
        columns["digest"], columns["paused"], columns["rank"],
        {state: columns[f"b_{state}"] for state in BookState}, _tally(columns),
        asked.get(int(columns["id"]), 0),
    )  # fmt: skip


def _tally(columns: dict[str, object]) -> Tally:
    return Tally(**{name: int(columns[name] or 0) for name in Tally.__dataclass_fields__})  # type: ignore[call-overload]


_TURNS = turns()
_PLACED = select(
    _TURNS.c.id,
    _TURNS.c.batch_id,
    func.row_number().over(order_by=(_TURNS.c.tag, _TURNS.c.batch_id, _TURNS.c.id)).label("place"),
).subquery()


def _places(batch_id: int) -> Select[int, int]:
    """Books of a batch and their places, in the order in which ``pending_books`` gives them."""
    return select(_PLACED.c.id, _PLACED.c.place).where(_PLACED.c.batch_id == batch_id)


def said_of_scan(quality: dict[str, list[str]] | None, notes: list[str] | None) -> tuple[str, ...]:
    """Codes of what is wrong with a scan, else the notes of whoever gave it up."""
    return tuple((quality or {}).get("faults", ())) or tuple(notes or ())
