"""Scans of which no entry came: who sees them, and what a person says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Subquery, exists, func, select, text, update

from models.audit import record_event
from models.books import load_book_form
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.fixing import BoxesToFix
from models.layout import form_stamp, keep_layout_edits, layout_effect
from models.queueing import make_ready
from models.review_entry import ReviewEntry, load_pages
from models.scan_boxes import scan_boxes
from models.states import DeskState, EntryState, JobState, ScanState
from models.tables import Book, Entry, Page, PageJob, Scan, Unit
from models.tables.books import STUCK_SCANS
from models.users import User, in_scope
from pipeline.errors import BadValueError, OutOfReachError, ReleasedError
from pipeline.types import BookForm, Kind, LayoutEdit, PageClass, ScanRef

_KEYS = 2**63
LONGEST_REASON = 500


@dataclass(frozen=True)
class BookWithBare:
    """A book and how many of its scans wait for a person's word."""

    id: int
    code: str
    unit: str
    attention: int
    others: int
    """To be scanned again, or set aside after errors."""


@dataclass(frozen=True)
class BareScan:
    """A scan without entries. ``notes`` are the machine's reasons, ``reason`` a person's."""

    id: int
    book_id: int
    code: str
    number: int
    name: str
    state: ScanState
    classes: tuple[PageClass, ...]
    notes: tuple[str, ...]
    error: str
    reason: str | None
    by: str | None
    at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether a person has to say something."""
        return self.state is ScanState.ATTENTION


def books_with_bare(
    db: Database, user: User, *, after: str = "", limit: int = 100
) -> list[BookWithBare]:
    """Unreleased books of this person's units with scans of which nothing came, by their codes.

    Args:
        db: the database.
        user: whose units.
        after: only codes behind this one.
        limit: so many at the most.
    """
    bare = _bare()
    attention = func.count().filter(bare.c.state == ScanState.ATTENTION)
    query = (
        select(Book.id, Book.code, Unit.name, attention, func.count() - attention)
        .join(bare, bare.c.book_id == Book.id)
        .join(Unit, Unit.id == Book.unit_id)
        .where(Book.released_at.is_(None), in_scope(user))
        .group_by(Book.id, Book.code, Unit.name)
        .order_by(Book.code)
        .limit(limit)
    )
    if after:
        query = query.where(Book.code > after)
    with db.read() as connection:
        return [BookWithBare(*row) for row in connection.execute(query)]


def bare_total(db: Database, user: User) -> int:
    """Scans of this person's unreleased books whose boxes nobody trusts, without entries."""
    bare = _bare()
    query = (
        select(func.count())
        .select_from(bare)
        .join(Book, Book.id == bare.c.book_id)
        .where(bare.c.state == ScanState.ATTENTION, Book.released_at.is_(None), in_scope(user))
    )
    with db.read() as connection:
        return connection.execute(query).scalar_one()


def _bare() -> Subquery:
    """Stuck scans without entries, from the index of stuck ones: few among a city's."""
    no_entry = ~exists().where(Entry.scan_id == Scan.id)
    return select(Scan.book_id, Scan.state).where(text(STUCK_SCANS), no_entry).subquery()


def bare_scans(db: Database, user: User, book_id: int) -> list[BareScan]:
    """All scans of a book that were looked at and gave no entry, in reading order."""
    with db.read() as connection:
        return _scans(connection, user, Scan.book_id == book_id)


def bare_scan(db: Database, user: User, scan_id: int) -> BareScan:
    """One of them; that it was looked at is kept in the log.

    Raises:
        OutOfReachError: no such scan, or of a foreign unit, or it has entries.
    """
    with db.write() as connection:
        scan = _one(connection, user, scan_id)
        record_event(connection, user.login, "scan.viewed", f"{scan.code}#{scan.number}", {})
    return scan


def bare_boxes(db: Database, user: User, scan_id: int) -> BoxesToFix:
    """What can be set right on such a scan, as an entry without fields.

    Raises:
        OutOfReachError: as :func:`bare_scan`.
    """
    with db.read() as connection:
        scan = _one(connection, user, scan_id)
        entry = _as_entry(connection, scan)
    form = load_book_form(db, scan.book_id)
    number = scan.number
    return BoxesToFix(
        entry, form or BookForm("", 0.0, {}, ""), form_stamp(form), tuple(scan_boxes(db, scan_id)),
        layout_effect(db, scan.book_id, number, number),
        layout_effect(db, scan.book_id, number, 0),
    )  # fmt: skip


def fix_bare(
    db: Database, user: User, scan_id: int, stamp: str, edits: Sequence[LayoutEdit]
) -> int:
    """Keep corners of a scan and read it again; returns how many scans are read again.

    Raises:
        OutOfReachError: as :func:`bare_scan`.
        InputError, StaleEntryError, ReleasedError: as ``models.layout.add_layout_edits``.
    """
    with db.write() as connection:
        scan = _one(connection, user, scan_id)
        scans = keep_layout_edits(connection, scan.book_id, edits, actor=user.login, stamp=stamp)
        _say(connection, scan_id, None, None)
    return scans


def nothing_here(db: Database, user: User, scan_id: int, reason: str) -> None:
    """A person says that there is nothing to read on a scan: a cover, a blank page, a note.

    It holds however often the scan is read again, until a reading finds entries.

    Raises:
        OutOfReachError: as :func:`bare_scan`.
        BadValueError: without a reason, or with one too long.
        ReleasedError: the book is signed off.
    """
    _settle(db, user, scan_id, reason, ScanState.READ, "scan.nothing_here")


def scan_again(db: Database, user: User, scan_id: int, reason: str) -> None:
    """Ask the contractor for another picture of a scan; as :func:`nothing_here`."""
    _settle(db, user, scan_id, reason, ScanState.RESCAN, "scan.rescan_asked")


def read_again(db: Database, user: User, scan_id: int) -> None:
    """Take a person's word about a scan back and let it be read once more.

    Raises:
        OutOfReachError, ReleasedError: as :func:`nothing_here`.
    """
    with db.write() as connection:
        scan = _one(connection, user, scan_id)
        _refuse_released(connection, scan)
        _say(connection, scan_id, None, None)
        make_ready(connection, scan.book_id, [scan_id])
        record_event(connection, user.login, "scan.read_again", f"{scan.code}#{scan.number}", {})


def _settle(
    db: Database, user: User, scan_id: int, reason: str, state: ScanState, action: str
) -> None:
    text = " ".join(reason.split())
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        raise BadValueError(text[:20])
    with db.write() as connection:
        scan = _one(connection, user, scan_id)
        _refuse_released(connection, scan)
        job = select(PageJob.id).where(PageJob.scan_id == scan_id)
        connection.execute(job.with_for_update())
        lock_scans(connection, Scan.id == scan_id)
        # The book is looked at as a whole again; its row is locked before the counters.
        make_ready(connection, scan.book_id, [])
        before = count_rows(connection, scan_id=scan_id)[scan.book_id]
        _say(connection, scan_id, text, user.login)
        connection.execute(update(Scan).where(Scan.id == scan_id).values(state=state))
        if state is ScanState.RESCAN:
            closed = update(PageJob).where(PageJob.scan_id == scan_id)
            connection.execute(closed.values(state=JobState.RESCAN))
        after = count_rows(connection, scan_id=scan_id)[scan.book_id]
        add_to_counters(connection, scan.book_id, difference(after, before))
        subject = f"{scan.code}#{scan.number}"
        record_event(connection, user.login, action, subject, {"reason": text})


def _say(connection: Connection, scan_id: int, reason: str | None, by: str | None) -> None:
    at = None if reason is None else Now()
    connection.execute(
        update(Scan)
        .where(Scan.id == scan_id)
        .values(person_reason=reason, person_by=by, person_at=at)
    )


def _refuse_released(connection: Connection, scan: BareScan) -> None:
    released = select(Book.released_at).where(Book.id == scan.book_id)
    if connection.execute(released).scalar() is not None:
        raise ReleasedError(scan.code)


def _one(connection: Connection, user: User, scan_id: int) -> BareScan:
    found = _scans(connection, user, Scan.id == scan_id) if 0 < scan_id < _KEYS else []
    if not found:
        raise OutOfReachError()
    return found[0]


def _scans(connection: Connection, user: User, which: object) -> list[BareScan]:
    if not user.supervises:
        return []
    rows = connection.execute(
        select(
            Scan.id, Scan.book_id, Book.code, Scan.number, Scan.name, Scan.state, Scan.notes,
            PageJob.error_text, Scan.person_reason, Scan.person_by, Scan.person_at,
        )
        .join(Book, Book.id == Scan.book_id)
        .join(PageJob, PageJob.scan_id == Scan.id)
        .where(
            which, in_scope(user), Scan.state != ScanState.WAITING,  # type: ignore[arg-type]
            ~exists().where(Entry.scan_id == Scan.id),
        )
        .order_by(Scan.number)
    ).all()  # fmt: skip
    classes: dict[int, list[PageClass]] = {}
    pages = select(Page.scan_id, Page.page_class).where(Page.scan_id.in_([row.id for row in rows]))
    for scan_id, page_class in connection.execute(pages.order_by(Page.scan_id, Page.position)):
        classes.setdefault(scan_id, []).append(PageClass(page_class))
    return [
        BareScan(
            row.id, row.book_id, row.code, row.number, row.name, ScanState(row.state),
            tuple(classes.get(row.id, ())), tuple(row.notes or ()), row.error_text or "",
            row.person_reason, row.person_by, row.person_at,
        )
        for row in rows
    ]  # fmt: skip


def _as_entry(connection: Connection, scan: BareScan) -> ReviewEntry:
    row = connection.execute(
        select(
            Book.kind, Book.year, Book.unit_id, Book.batch_id, Book.form_id.label("book_form"),
            Unit.name, Unit.type, Scan.form_id, Scan.path, Scan.position, Scan.digest,
        )
        .join(Book, Book.id == Scan.book_id)
        .join(Unit, Unit.id == Book.unit_id)
        .where(Scan.id == scan.id)
    ).one()  # fmt: skip
    named = row.name.lower().startswith(row.type.lower())
    return ReviewEntry(
        id=scan.id, version=0, person_version=0, book_id=scan.book_id, book_code=scan.code,
        kind=Kind(row.kind), year=row.year, unit_id=row.unit_id,
        unit_name=row.name if named else f"{row.type} {row.name}", batch_id=row.batch_id,
        form_id=row.form_id or row.book_form or "", scan_id=scan.id,
        scan=ScanRef(row.path, row.position, scan.number, row.digest, scan.name), position=-1,
        number="", state=EntryState.REVIEW, desk=DeskState.OPEN, reviewed_at=None, fields=(),
        findings=(), pages=load_pages(connection, scan.id),
    )  # fmt: skip
