"""Another picture for one page of a book; nothing else of the book is touched."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.counters import add_to_counters, count_rows, difference
from models.database import Database
from models.entries import refresh_entries
from models.own_batches import own_scans
from models.queueing import make_ready
from models.states import DeskState, EntryState, JobState
from models.tables import Book, Entry, PageJob, Replacement, Scan
from models.users import User
from pipeline.errors import IntakeError, OutOfReachError
from pipeline.scan.book import book_digest
from pipeline.texts import Text
from pipeline.types import ScanRef


def replace_scan(db: Database, user: User, batch_id: int, scan_id: int, new: ScanRef) -> str:
    """Put a new picture in place of a scan that nobody could use; it is read again.

    What people typed stays, on this page and on all others. The old picture stays in the store,
    its digest in the log.

    Args:
        db: the database.
        user: whoever may see the batch (look that up before).
        batch_id: the batch.
        scan_id: the scan.
        new: the new picture in the store; its number does not matter.

    Returns:
        Code of the book and number of the scan, ``code#12``.

    Raises:
        OutOfReachError: the batch has no such scan.
        IntakeError: nobody asked for another picture of it, it is being read just now, an entry
            of it is released, or the picture is the same, or that of another page of the book.
    """
    known = {scan.id: scan for scan in own_scans(db, batch_id, stuck=True)}
    with db.write() as connection:
        row = connection.execute(
            select(
                Scan.id, Scan.book_id, Scan.number, Scan.name, Scan.path, Scan.position,
                Scan.digest, Book.code, PageJob.state.label("job"),
            )
            .join(Book, Book.id == Scan.book_id)
            .join(PageJob, PageJob.scan_id == Scan.id)
            .where(Scan.id == scan_id, Book.batch_id == batch_id)
            .with_for_update()
        ).first()  # fmt: skip
        if row is None:
            raise OutOfReachError()
        if scan_id not in known:
            _refuse("không ai yêu cầu quét lại trang này", "nobody asked for this page again")
        if row.job == JobState.LEASED:
            _refuse(
                "trang đang được đọc, thử lại sau một phút", "it is being read; try in a minute"
            )
        released = select(Entry.id).where(
            Entry.scan_id == scan_id, Entry.state == EntryState.RELEASED
        )
        if connection.execute(released.limit(1)).first() is not None:
            _refuse(
                "trang có trường hợp đã ký duyệt; người giám sát phải sửa bằng bản ghi cải chính",
                "an entry of this page is signed off; a supervisor corrects it on record",
            )
        others = connection.execute(
            select(Scan.number, Scan.digest).where(Scan.book_id == row.book_id)
        ).all()
        if same := next((one for one in others if one.digest == new.digest), None):
            if same.number == row.number:
                _refuse("ảnh này chính là ảnh cũ", "this is the old picture")
            _refuse(
                f"ảnh này là trang {same.number} của quyển sổ",
                f"this is page {same.number} of the book",
            )
        reasons = [*known[scan_id].reasons, *known[scan_id].asked]
        connection.execute(
            insert(Replacement).values(
                book_id=row.book_id, number=row.number, name=row.name, path=row.path,
                position=row.position, digest=row.digest, by_digest=new.digest,
                reasons=reasons, by=user.login, at=Now(),
            )
        )  # fmt: skip
        connection.execute(
            update(Scan)
            .where(Scan.id == scan_id)
            .values(
                path=new.path, position=new.index, digest=new.digest, name=new.name,
                quality=None, notes=None, layout_confidence=None, layout_ok=None,
                person_reason=None, person_by=None, person_at=None,
            )
        )  # fmt: skip
        connection.execute(
            update(PageJob)
            .where(PageJob.scan_id == scan_id)
            .values(error_code=None, error_text=None)
        )
        code = make_ready(connection, row.book_id, [scan_id])
        _return_entries(connection, row.book_id, scan_id)
        digests = connection.execute(
            select(Scan.digest).where(Scan.book_id == row.book_id).order_by(Scan.number)
        ).scalars()
        connection.execute(
            update(Book).where(Book.id == row.book_id).values(digest=book_digest(digests))
        )
        detail = {
            "old": {"name": row.name, "path": row.path, "digest": row.digest},
            "new": {"name": new.name, "path": new.path, "digest": new.digest},
            "reasons": reasons,
        }
        subject = f"{code}#{row.number}"
        record_event(connection, user.login, "scan.replaced", subject, detail)
    return subject


def _return_entries(connection: Connection, book_id: int, scan_id: int) -> None:
    """Entries that waited for this picture wait no more."""
    waiting = list(
        connection.execute(
            select(Entry.id).where(Entry.scan_id == scan_id, Entry.desk == DeskState.RESCAN)
        ).scalars()
    )
    if not waiting:
        return
    before = count_rows(connection, scan_id=scan_id)[book_id]
    connection.execute(update(Entry).where(Entry.id.in_(waiting)).values(desk=DeskState.OPEN))
    refresh_entries(connection, waiting)
    after = count_rows(connection, scan_id=scan_id)[book_id]
    add_to_counters(connection, book_id, difference(after, before))


def _refuse(vi: str, en: str) -> None:
    raise IntakeError(Text(vi, en).format())
