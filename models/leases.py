"""Who works on which scan, and until when.

A lease is the only guard against work done twice: the engine may forget a run, a worker may
be killed or cut off. Statement and figures: docs/data-model.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, update

from models.clock import After, Now
from models.counters import add_to_counters
from models.database import Database
from models.states import BookState, JobState
from models.tables import Book, PageJob, Scan
from models.tables.jobs import OPEN_JOBS
from pipeline.types import ScanRef


@dataclass(frozen=True)
class Job:
    """A leased scan. ``owner`` and ``attempt`` together prove the lease when saving."""

    id: int
    book_id: int
    scan_id: int
    owner: str
    attempt: int
    ref: ScanRef


@dataclass(frozen=True)
class WorkLeft:
    """Open jobs of a book. ``ready`` may be claimed now, expired leases included."""

    ready: int
    leased: int

    @property
    def any(self) -> bool:
        """Whether the book cannot be finished yet."""
        return bool(self.ready or self.leased)


_EXPIRED = and_(PageJob.state == JobState.LEASED, PageJob.lease_until < Now())
_CLAIMABLE = or_(PageJob.state == JobState.READY, _EXPIRED)


def claim_scans(
    db: Database, book_id: int, owner: str, limit: int, lease_seconds: float
) -> list[Job]:
    """Lease up to ``limit`` scans of a book that wait, or whose lease has run out.

    In reading order. The first claim sets the book running. Other claimers are passed by, not
    waited for.
    """
    candidates = (
        select(PageJob.id)
        .where(PageJob.book_id == book_id, text(OPEN_JOBS), _CLAIMABLE)
        .order_by(PageJob.id)
        .limit(limit)
    )
    if db.dialect == "postgresql":
        candidates = candidates.with_for_update(skip_locked=True)
    with db.write() as connection:
        leased = connection.execute(
            update(PageJob)
            .where(PageJob.id.in_(candidates))
            .values(
                state=JobState.LEASED,
                lease_owner=owner,
                lease_until=After(lease_seconds),
                attempt=PageJob.attempt + 1,
            )
            .returning(PageJob.id, PageJob.scan_id, PageJob.attempt)
        ).all()
        if not leased:
            return []
        started = connection.execute(
            update(Book)
            .where(Book.id == book_id, Book.state == BookState.QUEUED)
            .values(state=BookState.RUNNING, started_at=func.coalesce(Book.started_at, Now()))
        )
        if started.rowcount:
            add_to_counters(connection, book_id, {"books_queued": -1, "books_running": 1})
        scans = {
            row.id: ScanRef(row.path, row.position, row.number, row.digest, row.name)
            for row in connection.execute(
                select(
                    Scan.id, Scan.path, Scan.position, Scan.number, Scan.digest, Scan.name
                ).where(Scan.id.in_([job.scan_id for job in leased]))
            )
        }
    jobs = [
        Job(job.id, book_id, job.scan_id, owner, job.attempt, scans[job.scan_id]) for job in leased
    ]
    return sorted(jobs, key=lambda job: job.ref.number)


def renew(
    db: Database, owner: str, job_ids: Collection[int], lease_seconds: float
) -> frozenset[int]:
    """Prolong leases; returns those still held. Stop working on the others."""
    with db.write() as connection:
        held = connection.execute(
            update(PageJob)
            .where(_held(owner, job_ids))
            .values(lease_until=After(lease_seconds))
            .returning(PageJob.id)
        )
        return frozenset(held.scalars())


def release(db: Database, owner: str, job_ids: Collection[int] | None = None) -> int:
    """Give leases back unworked, all of the owner's by default; returns how many were held."""
    with db.write() as connection:
        result = connection.execute(
            update(PageJob)
            .where(text(OPEN_JOBS), _held(owner, job_ids))
            .values(state=JobState.READY, lease_owner=None, lease_until=None)
        )
        return result.rowcount


def sweep_expired(db: Database) -> int:
    """Free the leases of those who died. Claiming does so by itself; this is for the eye."""
    with db.write() as connection:
        result = connection.execute(
            update(PageJob)
            .where(text(OPEN_JOBS), _EXPIRED)
            .values(state=JobState.READY, lease_owner=None, lease_until=None)
        )
        return result.rowcount


def work_left(db: Database, book_id: int) -> WorkLeft:
    """Open jobs of a book."""
    with db.read() as connection:
        total, ready = connection.execute(
            select(func.count(), func.coalesce(func.sum(case((_CLAIMABLE, 1), else_=0)), 0)).where(
                PageJob.book_id == book_id, text(OPEN_JOBS)
            )
        ).one()
        return WorkLeft(ready=ready, leased=total - ready)


def _held(owner: str, job_ids: Collection[int] | None) -> ColumnElement[bool]:
    held = and_(PageJob.lease_owner == owner, PageJob.state == JobState.LEASED)
    return held if job_ids is None else and_(held, PageJob.id.in_(list(job_ids)))
