"""What runs, what waits, what failed: for the operations page and for monitoring. No names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from models.board import SUMMED
from models.clock import After, Now
from models.database import Database
from models.states import BookState, JobState, RunState, ScanState
from models.tables import AuditEvent, Book, DecadeCounter, EngineRun, PageJob, ReviewHold, Scan
from models.tables.entries import QUEUED_ENTRIES, WAITING_ENTRIES
from models.tables.jobs import OPEN_JOBS

_SHOWN = 12
_EVENTS = 30_000
"""Of the audit log that are looked through for the throughput."""


@dataclass(frozen=True)
class Worker:
    """Who holds leases, how many, and until when the last of them."""

    owner: str
    scans: int
    until: datetime | None
    alive: bool


@dataclass(frozen=True)
class Failure:
    """Scans that failed for one reason."""

    code: str
    state: str
    scans: int
    books: int


@dataclass(frozen=True)
class Throughput:
    """What was done in the last hour, or day; ``whole`` where all of it could be looked through."""

    read: int
    failed: int
    saved: int
    whole: bool


@dataclass(frozen=True)
class EngineRoom:
    """A moment of the whole machine."""

    now: datetime
    jobs: Mapping[str, int]
    books: Mapping[str, int]
    runs: int
    silent_runs: int
    """Running by the record, without a heartbeat for five minutes."""
    last_beat: datetime | None
    workers: tuple[Worker, ...]
    failures: tuple[Failure, ...]
    entries_queued: int
    entries_waiting: int
    people: int
    hour: Throughput
    day: Throughput
    totals: Mapping[str, int]


def engine_room(db: Database) -> EngineRoom:
    """What runs, waits and failed now."""
    with db.read() as connection:
        now = connection.execute(select(Now())).scalar_one()
        jobs = dict.fromkeys((str(JobState.READY), str(JobState.LEASED)), 0)
        for state, number in connection.execute(
            select(PageJob.state, func.count())
            .where(text(f"page_job.{OPEN_JOBS}"))
            .group_by(PageJob.state)
        ):
            jobs[str(state)] = number
        columns = DecadeCounter.__table__.c
        sums = connection.execute(
            select(*(func.coalesce(func.sum(columns[name]), 0).label(name) for name in SUMMED))
        ).one()
        totals = {name: int(getattr(sums, name)) for name in SUMMED}
        workers = tuple(
            Worker(row.lease_owner or "?", row.scans, row.until, bool(row.alive))
            for row in connection.execute(
                select(
                    PageJob.lease_owner, func.count().label("scans"),
                    func.max(PageJob.lease_until).label("until"),
                    (func.max(PageJob.lease_until) >= Now()).label("alive"),
                )
                .where(text(f"page_job.{OPEN_JOBS}"), PageJob.state == JobState.LEASED)
                .group_by(PageJob.lease_owner)
                .order_by(PageJob.lease_owner)
            )
        )  # fmt: skip
        failures = tuple(
            Failure(row.error_code or "quality", str(row.state), row.scans, row.books)
            for row in connection.execute(
                select(
                    PageJob.error_code, Scan.state, func.count().label("scans"),
                    func.count(Scan.book_id.distinct()).label("books"),
                )
                .join(Scan, Scan.id == PageJob.scan_id)
                .where(Scan.state.in_((ScanState.RESCAN, ScanState.QUARANTINED,
                                       ScanState.ATTENTION)))
                .group_by(PageJob.error_code, Scan.state)
                .order_by(func.count().desc())
                .limit(_SHOWN)
            )
        )  # fmt: skip
        running = select(func.count(), func.max(EngineRun.heartbeat_at)).where(
            EngineRun.state == RunState.RUNNING
        )
        runs, beat = connection.execute(running).one()
        silent = connection.execute(
            running.where(EngineRun.heartbeat_at < After(-300.0)).with_only_columns(func.count())
        ).scalar_one()
        return EngineRoom(
            now, jobs, {str(state): totals[f"books_{state}"] for state in BookState}, runs, silent,
            beat, workers, failures,
            _count(connection, f"SELECT count(*) FROM entry WHERE {QUEUED_ENTRIES}"),
            _count(connection, f"SELECT count(*) FROM entry WHERE {WAITING_ENTRIES}"),
            connection.execute(
                select(func.count(ReviewHold.user_id.distinct())).where(ReviewHold.until >= Now())
            ).scalar_one(),
            _throughput(connection, now, 1), _throughput(connection, now, 24), totals,
        )  # fmt: skip


def _throughput(connection: Connection, now: datetime, hours: int) -> Throughput:
    """From the end of the audit log, which is walked by its running number."""
    last = connection.execute(select(func.coalesce(func.max(AuditEvent.id), 0))).scalar_one()
    since = f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}"
    query = (
        select(AuditEvent.action, func.count(), func.min(AuditEvent.id))
        .where(AuditEvent.id > last - _EVENTS, AuditEvent.at >= since)
        .group_by(AuditEvent.action)
    )
    rows = connection.execute(query).all()
    counts = {row[0]: row[1] for row in rows}
    first = min((row[2] for row in rows), default=last)
    whole = first > last - _EVENTS + 1 or last <= _EVENTS
    return Throughput(
        counts.get("scan.saved", 0), counts.get("scan.failed", 0),
        counts.get("entry.reviewed", 0), whole,
    )  # fmt: skip


def _count(connection: Connection, query: str) -> int:
    return int(connection.execute(text(query)).scalar_one())


def stuck_books(db: Database, code: str, limit: int = 50) -> list[tuple[int, str, int]]:
    """Books with scans that failed for a reason: id, code, how many scans."""
    query = (
        select(Book.id, Book.code, func.count())
        .join(PageJob, PageJob.book_id == Book.id)
        .where(PageJob.error_code == code, PageJob.state == JobState.QUARANTINED)
        .group_by(Book.id, Book.code)
        .order_by(func.count().desc())
        .limit(limit)
    )
    with db.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]
