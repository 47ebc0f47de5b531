"""What people set right about the places on a book's pages, and the scans that follow from it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.queueing import make_ready
from models.regroup_rows import join_rows, split_rows, undo_rows
from models.rows import form_column, form_from
from models.scan_boxes import scan_pages
from models.states import JobState, ScanState, Stage
from models.tables import Book, Entry, FieldValue, PageJob, Regrouping, Scan
from pipeline.errors import ReleasedError, StaleEntryError
from pipeline.form.edits import check_edit
from pipeline.form.regroup import check_regroup, regroups
from pipeline.types import BookForm, EditKind, LayoutEdit


def add_layout_edit(db: Database, book_id: int, edit: LayoutEdit, *, actor: str) -> int:
    """Keep one correction; as :func:`add_layout_edits`."""
    return add_layout_edits(db, book_id, (edit,), actor=actor)


def add_layout_edits(
    db: Database, book_id: int, edits: Sequence[LayoutEdit], *, actor: str, stamp: str = ""
) -> int:
    """Keep corrections with the book's form, and read the scans they hold for again.

    Values that people have set stay with their entries. All or nothing.

    Args:
        db: the database.
        book_id: the book.
        edits: in the order in which they were made.
        actor: whose.
        stamp: what ``form_stamp`` said when the person began; empty does not ask.

    Returns:
        How many scans were put back into the queue.

    Raises:
        InputError: a correction cannot be applied (``pipeline.form.edits.check_edit``).
        StaleEntryError: somebody else has corrected the book's layout meanwhile.
        ReleasedError: the book is signed off.
    """
    with db.write() as connection:
        return keep_layout_edits(connection, book_id, edits, actor=actor, stamp=stamp)


def keep_layout_edits(
    connection: Connection, book_id: int, edits: Sequence[LayoutEdit], *, actor: str, stamp: str
) -> int:
    """:func:`add_layout_edits` in the transaction that runs."""
    _lock_jobs(connection, Scan.book_id == book_id)
    form = _locked_form(connection, book_id)
    if stamp and stamp != form_stamp(form):
        raise StaleEntryError()
    for edit in edits:
        check_edit(form, edit, scan_pages(connection, book_id, edit.first))
        assert form is not None  # a book without form was refused
        form = replace(form, edits=(*form.edits, edit))
    assert form is not None or not edits
    if form is None:
        return 0
    return _keep(connection, book_id, form, edits, actor, "book.layout_edited")


def form_stamp(form: BookForm | None) -> str:
    """Changes with the geometry a book is read by and with every correction of it."""
    if form is None:
        return "none"
    plain = json.dumps(form_column(form), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class LayoutEffect:
    """What a correction would do: scans read again, and fields on them that people have set."""

    scans: int
    kept_fields: int


def layout_effect(db: Database, book_id: int, first: int, last: int) -> LayoutEffect:
    """What correcting the scans of these numbers would do; ``last`` 0: to the end of the book."""
    with db.read() as connection:
        held = EditKind.EDGE
        scans = _scans_again(connection, book_id, (LayoutEdit(held, first, last, ""),))
        within = [Scan.book_id == book_id, Scan.number >= first]
        if last:
            within.append(Scan.number <= last)
        kept = connection.execute(
            select(func.count())
            .select_from(FieldValue)
            .join(Entry, Entry.id == FieldValue.entry_id)
            .join(Scan, Scan.id == Entry.scan_id)
            .where(*within, FieldValue.person_state.is_not(None))
        ).scalar_one()
    return LayoutEffect(len(scans), kept)


def regroup(
    db: Database,
    book_id: int,
    edit: LayoutEdit,
    *,
    actor: str,
    stamp: str = "",
    choices: Mapping[str, str] | None = None,
) -> int:
    """Split an entry, or join two, and read their scan again.

    Args:
        db: the database.
        book_id: the book.
        edit: a split or join of one scan.
        actor: whose.
        stamp: what ``form_stamp`` said when the person began; empty does not ask.
        choices: as ``models.regroup_rows.join_rows``.

    Returns:
        How many scans were put back into the queue.

    Raises:
        InputError, StaleEntryError: as :func:`add_layout_edits`.
        WordsDifferError, ReleasedError, DeskError: as ``join_rows``.
    """
    check_regroup(edit)
    with db.write() as connection:
        scan_id, before = _own_scan(connection, book_id, edit.first)
        if edit.kind is EditKind.SPLIT:
            split_rows(connection, scan_id, edit.index, actor)
        else:
            join_rows(connection, scan_id, edit.index, actor, choices or {})
        form = _locked_form(connection, book_id)
        if stamp and stamp != form_stamp(form):
            raise StaleEntryError()
        check_edit(form, edit)
        assert form is not None  # a book without form was refused
        _count_again(connection, book_id, scan_id, before)
        form = replace(form, edits=(*form.edits, edit))
        return _keep(connection, book_id, form, (edit,), actor, f"entry.{edit.kind}")


def undo_regroup(
    db: Database,
    book_id: int,
    number: int,
    *,
    actor: str,
    stamp: str = "",
    choices: Mapping[str, str] | None = None,
) -> int | None:
    """Take the last split or join of a scan back; as :func:`regroup`, None where there is none."""
    with db.write() as connection:
        return _take_back(connection, book_id, number, actor, choices or {}, stamp)


def _take_back(
    connection: Connection,
    book_id: int,
    number: int,
    actor: str,
    choices: Mapping[str, str],
    stamp: str = "",
) -> int | None:
    scan_id, before = _own_scan(connection, book_id, number)
    undone = undo_rows(connection, scan_id, actor, choices)
    form = _locked_form(connection, book_id)
    if stamp and stamp != form_stamp(form):
        raise StaleEntryError()
    there = regroups(form.edits, number) if form else ()
    if undone is None or form is None or not there:
        return None
    _count_again(connection, book_id, scan_id, before)
    at = len(form.edits) - 1 - form.edits[::-1].index(there[-1])
    form = replace(form, edits=(*form.edits[:at], *form.edits[at + 1 :]))
    return _keep(connection, book_id, form, there[-1:], actor, "entry.regroup_undone")


def _own_scan(connection: Connection, book_id: int, number: int) -> tuple[int, Counter[str]]:
    """The scan of a number with its counts; its job and its rows are kept from others."""
    scan_id = connection.execute(
        select(Scan.id).where(Scan.book_id == book_id, Scan.number == number)
    ).scalar_one()
    _lock_jobs(connection, Scan.id == scan_id)
    return scan_id, count_rows(connection, scan_id=scan_id)[book_id]


def _lock_jobs(connection: Connection, which: ColumnElement[bool]) -> None:
    """Job, scan, entry, book: the order in which whoever reads a scan takes them too."""
    jobs = select(PageJob.id).where(PageJob.scan_id.in_(select(Scan.id).where(which)))
    connection.execute(jobs.order_by(PageJob.id).with_for_update()).all()
    lock_scans(connection, which)


def _count_again(connection: Connection, book_id: int, scan_id: int, before: Counter[str]) -> None:
    after = count_rows(connection, scan_id=scan_id)[book_id]
    add_to_counters(connection, book_id, difference(after, before))


def undo_layout_edit(db: Database, book_id: int, *, actor: str) -> tuple[LayoutEdit, int] | None:
    """Take the last correction back; returns it and how many scans are read again.

    Raises:
        WordsDifferError, ReleasedError, DeskError: it is a split that cannot be taken back
            without a person's choice: the desk asks for it.
    """
    with db.write() as connection:
        newest = (
            form_from(column).edits[-1:] if (column := _form_column(connection, book_id)) else ()
        )
        if newest and regroups(newest, newest[0].first):
            return newest[0], _take_back(connection, book_id, newest[0].first, actor, {}) or 0
        _lock_jobs(connection, Scan.book_id == book_id)
        form = _locked_form(connection, book_id)
        if form is None or not form.edits:
            return None
        *before, last = form.edits
        form = replace(form, edits=tuple(before))
        scans = _keep(connection, book_id, form, (last,), actor, "book.layout_undone")
    return last, scans


def forget_form(db: Database, book_id: int, *, actor: str) -> int:
    """Let a book's form and geometry be learned anew, and its scans be read again.

    For a book whose form was not known when it came in. Corrections of its layout go with the
    geometry they belong to; values that people have set stay with their entries.

    Returns:
        How many scans were put back into the queue.

    Raises:
        ReleasedError: the book is signed off.
    """
    with db.write() as connection:
        _lock_jobs(connection, Scan.book_id == book_id)
        _locked_form(connection, book_id)
        # Splits and joins go with the geometry they were made on; entries stay as they are counted.
        of_book = select(Scan.id).where(Scan.book_id == book_id)
        connection.execute(
            update(Regrouping)
            .where(Regrouping.scan_id.in_(of_book), Regrouping.undone_at.is_(None))
            .values(undone_at=Now(), undone_by=actor)
        )
        connection.execute(update(Book).where(Book.id == book_id).values(form=None, form_id=None))
        closed = (
            select(Scan.id)
            .join(PageJob, PageJob.scan_id == Scan.id)
            .where(
                Scan.book_id == book_id,
                PageJob.stage == Stage.DIGITIZE,
                PageJob.state != JobState.READY,
                Scan.state != ScanState.RESCAN,
            )
        )
        scans = list(connection.execute(closed.order_by(Scan.id)).scalars())
        code = make_ready(connection, book_id, scans)
        record_event(connection, actor, "book.form_forgotten", code, {"scans": len(scans)})
    return len(scans)


def _form_column(connection: Connection, book_id: int) -> dict[str, Any] | None:
    form: dict[str, Any] | None = connection.execute(
        select(Book.form).where(Book.id == book_id)
    ).scalar_one()
    return form


def _locked_form(connection: Connection, book_id: int) -> BookForm | None:
    column, code, released = connection.execute(
        select(Book.form, Book.code, Book.released_at).where(Book.id == book_id).with_for_update()
    ).one()
    if released is not None:
        raise ReleasedError(code)
    return form_from(column) if column else None


def _scans_again(connection: Connection, book_id: int, edits: Sequence[LayoutEdit]) -> list[int]:
    """Scans that corrections hold for and that do not wait already."""
    rows = connection.execute(
        select(Scan.id, Scan.number)
        .join(PageJob, PageJob.scan_id == Scan.id)
        .where(
            Scan.book_id == book_id,
            PageJob.stage == Stage.DIGITIZE,
            PageJob.state != JobState.READY,
            Scan.state != ScanState.RESCAN,
        )
        .order_by(Scan.id)
    )
    return [row.id for row in rows if any(edit.covers(row.number) for edit in edits)]


def _keep(
    connection: Connection,
    book_id: int,
    form: BookForm,
    edits: Sequence[LayoutEdit],
    actor: str,
    action: str,
) -> int:
    scans = _scans_again(connection, book_id, edits)
    connection.execute(update(Book).where(Book.id == book_id).values(form=form_column(form)))
    # Also a scan that is being read just now: what comes of its old lease is not written.
    code = make_ready(connection, book_id, scans)
    for edit in edits:
        detail = {**asdict(edit), "corners": [list(point) for point in edit.corners]}
        record_event(connection, actor, action, code, {**detail, "scans": len(scans)})
    return len(scans)
