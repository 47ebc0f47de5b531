"""Saving what came of a scan, whole or not at all.

One transaction a scan: the lease is closed first, so that whoever has lost it writes nothing;
the audit event comes last. Locks are taken in one order everywhere (job, scan, book, counters,
audit), so that writers wait for each other but never in a circle.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, delete, insert, select, update

from models.audit import record_event
from models.counters import add_to_counters, count_rows, difference, lock_scans
from models.database import Database
from models.entries import replace_entries
from models.leases import Job
from models.rows import page_columns, quality_column
from models.states import JobState, ScanState
from models.tables import Book, Page, PageJob, Scan
from pipeline.errors import HotichError, InputError, SetupError
from pipeline.types import PageClass, ScanResult

_WRITTEN_ON = (PageClass.ENTRIES, PageClass.OTHER, PageClass.SLIP)


def save_scan(db: Database, job: Job, result: ScanResult, *, run_ref: str, versions: str) -> bool:
    """Write all that digitizing a scan gave, and close its job.

    Args:
        db: the database.
        job: the lease under which the work was done.
        result: what the pipeline made of the scan.
        run_ref: run of the engine, for the log.
        versions: version of the pipeline (code, forms, thresholds, calibration) in one word.

    Returns:
        False where the lease was lost or the job is already closed: then nothing is changed.
    """
    closed = JobState.RESCAN if result.rescan else JobState.DONE
    with db.write() as connection:
        if not _close_job(connection, job, closed, run_ref=run_ref):
            return False
        before = _lock_and_count(connection, job)
        connection.execute(delete(Page).where(Page.scan_id == job.scan_id))
        if result.pages:
            connection.execute(
                insert(Page),
                [
                    {"scan_id": job.scan_id, "position": position, **page_columns(page)}
                    for position, page in enumerate(result.pages)
                ],
            )
        replace_entries(connection, job.book_id, job.scan_id, result.entries, versions)
        state = _outcome(result)
        if state is not ScanState.READ and not result.entries and _settled(connection, job):
            state = ScanState.READ  # a person has said that there is nothing to read
        connection.execute(
            update(Scan)
            .where(Scan.id == job.scan_id)
            .values(
                state=state,
                quality=quality_column(result.quality),
                form_id=result.form_id or None,
                layout_confidence=result.layout_confidence,
                layout_ok=result.layout_ok,
                notes=list(result.notes),
                seconds=result.seconds,
            )
        )
        change = _recount(connection, job, before)
        detail = {
            "state": str(state),
            "digest": result.digest,
            "entries": len(result.entries),
            "attempt": job.attempt,
            "versions": versions,
            "change": change,
        }
        record_event(connection, run_ref, "scan.saved", scan_subject(connection, job), detail)
    return True


def fail_scan(
    db: Database, job: Job, error: BaseException, max_attempts: int, *, run_ref: str = ""
) -> JobState | None:
    """Note that a scan could not be digitized, and decide what becomes of it.

    * an ``InputError`` (file broken, empty, encrypted, too large): to be scanned again, at once;
    * another error that no second try can mend (``NotARegisterError``): quarantined, at once;
    * a ``SetupError``: the machine is at fault, the scan goes back and nothing is held against
      it; stop working, or it will be claimed again;
    * anything else: back to the queue, quarantined after ``max_attempts`` failures.

    Returns:
        The state of the job now, None where the lease was lost (nothing is changed).
    """
    counts = not isinstance(error, SetupError)
    with db.write() as connection:
        failures = connection.execute(
            select(PageJob.failures).where(PageJob.id == job.id)
        ).scalar_one() + int(counts)
        state = _verdict(error, failures, max_attempts)
        code = error.code if isinstance(error, HotichError) else type(error).__name__
        noted = {"failures": failures, "error_code": code, "error_text": str(error)}
        if not _close_job(connection, job, state, run_ref=run_ref, **noted):
            return None
        if state is not JobState.READY:
            before = _lock_and_count(connection, job)
            # Also where a person has said that there is nothing to read on it.
            said = ScanState.READ if _settled(connection, job) else ScanState(state.value)
            connection.execute(update(Scan).where(Scan.id == job.scan_id).values(state=said))
            _recount(connection, job, before)
        detail = {"state": str(state), "error": code, "text": str(error), "attempt": job.attempt}
        record_event(connection, run_ref, "scan.failed", scan_subject(connection, job), detail)
    return state


def _verdict(error: BaseException, failures: int, max_attempts: int) -> JobState:
    if isinstance(error, SetupError):
        return JobState.READY
    if isinstance(error, InputError):
        return JobState.RESCAN
    permanent = isinstance(error, HotichError) and not error.retryable
    return JobState.QUARANTINED if permanent or failures >= max_attempts else JobState.READY


def _outcome(result: ScanResult) -> ScanState:
    if result.rescan:
        return ScanState.RESCAN
    if any(page.reasons for page in result.pages):
        return ScanState.ATTENTION
    # Covers, statements and blank pages have no boxes to trust.
    written_on = any(page.page_class in _WRITTEN_ON for page in result.pages)
    return ScanState.READ if result.layout_ok or not written_on else ScanState.ATTENTION


def _settled(connection: Connection, job: Job) -> bool:
    """A person has said that a scan has nothing to read.

    Their other word, that another picture is needed, is taken back before it is read again.
    """
    said = select(Scan.person_reason).where(Scan.id == job.scan_id)
    return connection.execute(said).scalar() is not None


def _close_job(connection: Connection, job: Job, state: JobState, **columns: object) -> bool:
    done = connection.execute(
        update(PageJob)
        .where(
            PageJob.id == job.id,
            PageJob.state == JobState.LEASED,
            PageJob.lease_owner == job.owner,
            PageJob.attempt == job.attempt,
        )
        .values(
            {
                "state": state,
                "lease_owner": None,
                "lease_until": None,
                "error_code": None,
                "error_text": None,
                **columns,
            }
        )
    )
    return done.rowcount == 1


def _lock_and_count(connection: Connection, job: Job) -> Counter[str]:
    lock_scans(connection, Scan.id == job.scan_id)
    return count_rows(connection, scan_id=job.scan_id)[job.book_id]


def _recount(connection: Connection, job: Job, before: Counter[str]) -> dict[str, int]:
    after = count_rows(connection, scan_id=job.scan_id)[job.book_id]
    change = {name: number for name, number in difference(after, before).items() if number}
    add_to_counters(connection, job.book_id, change)
    return change


def scan_subject(connection: Connection, job: Job) -> str:
    """A scan's name in the audit log: code of its book, ``#`` and its number."""
    code = connection.execute(select(Book.code).where(Book.id == job.book_id)).scalar_one()
    return f"{code}#{job.ref.number}"
