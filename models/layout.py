"""What people set right about the places on a book's pages, and the scans that follow from it."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import select, update

from models.audit import record_event
from models.database import Database
from models.queueing import make_ready
from models.rows import form_column, form_from
from models.states import JobState, ScanState, Stage
from models.tables import Book, PageJob, Scan
from pipeline.types import LayoutEdit


def add_layout_edit(db: Database, book_id: int, edit: LayoutEdit, *, actor: str) -> int:
    """Keep a correction with the book's form, and read the scans it holds for again.

    Values that people have set stay with their entries.

    Returns:
        How many scans were put back into the queue.

    Raises:
        LookupError: the book has no form yet.
    """
    return _change(db, book_id, edit, actor=actor, action="book.layout_edited")


def undo_layout_edit(db: Database, book_id: int, *, actor: str) -> tuple[LayoutEdit, int] | None:
    """Take the last correction back; returns it and how many scans are read again."""
    with db.read() as connection:
        column = connection.execute(select(Book.form).where(Book.id == book_id)).scalar_one()
    edits = form_from(column).edits if column else ()
    if not edits:
        return None
    scans = _change(db, book_id, edits[-1], actor=actor, action="book.layout_undone", undo=True)
    return edits[-1], scans


def forget_form(db: Database, book_id: int, *, actor: str) -> int:
    """Let a book's form and geometry be learned anew, and its scans be read again.

    For a book whose form was not known when it came in. Corrections of its layout go with the
    geometry they belong to; values that people have set stay with their entries.

    Returns:
        How many scans were put back into the queue.
    """
    with db.write() as connection:
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


def _change(
    db: Database, book_id: int, edit: LayoutEdit, *, actor: str, action: str, undo: bool = False
) -> int:
    with db.write() as connection:
        column = connection.execute(
            select(Book.form).where(Book.id == book_id).with_for_update()
        ).scalar_one()
        if column is None:
            raise LookupError(f"book {book_id} has no form")
        form = form_from(column)
        edits = [*form.edits]
        if undo:
            edits.remove(edit)
        else:
            edits.append(edit)
        scans = [
            scan_id
            for scan_id, number in connection.execute(
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
            if edit.covers(number)
        ]
        connection.execute(
            update(Book)
            .where(Book.id == book_id)
            .values(form=form_column(replace(form, edits=tuple(edits))))
        )
        # Also a scan that is being read just now: what comes of its old lease is not written.
        code = make_ready(connection, book_id, scans)
        detail = {**asdict(edit), "corners": [list(point) for point in edit.corners]}
        record_event(connection, actor, action, code, {**detail, "scans": len(scans)})
    return len(scans)
