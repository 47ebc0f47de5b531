"""Quick questions to the database for ``hotich doctor``; ``recount`` is the slow, full one."""

from __future__ import annotations

from sqlalchemy import func, select, text

from models.audit import verify_audit
from models.counters import TALLIED
from models.database import Database
from models.tables import Book, BookCounter, PageJob, UnitCounter
from models.tables.jobs import OPEN_JOBS
from pipeline.errors import StorageError
from pipeline.texts import Text

AUDIT_TAIL = 1000
"""Events of the audit log that are checked; the whole chain takes a minute a million."""
MANY_ATTEMPTS = 10
"""A scan taken so often and still open takes its worker down with it."""


def integrity(db: Database) -> list[str]:
    """What is wrong, in the language of the moment; empty where all is well."""
    try:
        with db.write() as connection:
            connection.rollback()  # may be written, and is free
        return [*_counters(db), *_audit(db), *_jobs(db)]
    except StorageError as error:
        return [str(error)]


def _counters(db: Database) -> list[str]:
    by_unit = [func.coalesce(func.sum(UnitCounter.__table__.c[name]), 0) for name in TALLIED]
    by_book = [func.coalesce(func.sum(BookCounter.__table__.c[name]), 0) for name in TALLIED]
    with db.read() as connection:
        units = tuple(connection.execute(select(*by_unit)).one())
        books = tuple(connection.execute(select(*by_book)).one())
    if units == books:
        return []
    return [
        Text(
            "bộ đếm theo đơn vị và theo sổ không khớp", "counters of units and books disagree"
        ).format()
    ]


def _audit(db: Database) -> list[str]:
    state = verify_audit(db, last=AUDIT_TAIL)
    if state.sound:
        return []
    return [
        Text(
            "nhật ký kiểm toán bị sửa từ mục {number}", "the audit log is broken at event {number}"
        ).format(number=state.broken_at)
    ]


def _jobs(db: Database) -> list[str]:
    with db.read() as connection:
        stuck = connection.execute(
            select(Book.code, func.count())
            .join(PageJob, PageJob.book_id == Book.id)
            .where(text(f"page_job.{OPEN_JOBS}"), PageJob.attempt >= MANY_ATTEMPTS)
            .group_by(Book.code)
            .order_by(Book.code)
        ).all()
    return [
        Text(
            "{book}: {count} trang đã thử {times} lần trở lên mà không có kết quả",
            "{book}: {count} scans were tried {times} times or more without an outcome",
        ).format(book=code, count=count, times=MANY_ATTEMPTS)
        for code, count in stuck
    ]
