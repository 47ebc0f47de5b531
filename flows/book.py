"""One book, from its first scan to its last check: the body of a flow run.

All state is in our database; this process may be killed at any point and another one goes
on with what is missing. Knows no Prefect: ``flows.orchestrated`` wraps it for the engine.
"""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

import psutil

from flows.adapt import learn_when_due
from flows.adapters import AdapterFile, hand_of, scan_adapter
from flows.child import digitize_in_child, learn_in_child
from flows.learning import UNKNOWN, LearningTask
from flows.page import PageTask, book_context
from flows.persist import BEATS, held_leases, patiently, repeating
from flows.pool import ChildDiedError, Outcome, PagePool, PageTimeoutError
from flows.stops import current_stops
from flows.versions import pipeline_versions
from models import (
    BookRecord,
    BookState,
    Database,
    Job,
    JobState,
    Run,
    RunState,
    ScanRows,
    adapters_in_force,
    bars_in_force,
    beat_run,
    book_entries,
    book_pages,
    book_scans,
    check_unit_books,
    claim_scans,
    end_run,
    fail_scan,
    load_book,
    load_book_form,
    release,
    save_book_form,
    save_finished_book,
    save_scan,
    scan_rows,
    work_left,
)
from pipeline.checks.book import finish_book
from pipeline.checks.closing import closing_of
from pipeline.checks.sampling import with_stops
from pipeline.errors import HotichError, SetupError, StorageError
from pipeline.form import unknown_columns
from pipeline.form.edits import rows_placed
from pipeline.logs import log_to
from pipeline.reading.hand.naming import weights_name
from pipeline.settings import Settings
from pipeline.types import BookForm, ScanResult
from pipeline.values import Context

log = logging.getLogger("hotich.flows")
_LEARN_TIME = 3
"""Learning may take as long as so many pages."""
_DEADLY = (ChildDiedError, PageTimeoutError)


class RunSuperseded(Exception):  # noqa: N818 - not an error: somebody else goes on
    """This run was given up as lost and another one may be at work: stop without a trace."""


@dataclass(frozen=True)
class BookRun:
    """A run over a book: what a chunk needs."""

    settings: Settings
    database: Database
    run: Run
    book: BookRecord
    form: BookForm
    context: Context
    pool: PagePool
    notice: Callable[[], None]
    """Called after each settled page."""


@dataclass(frozen=True)
class ChunkSummary:
    """What became of the scans of a chunk."""

    claimed: int = 0
    saved: int = 0
    failed: int = 0
    """To be tried again."""
    closed: int = 0
    """Given up: quarantined, or to be scanned again because the file cannot be read."""
    lost: int = 0
    """Somebody else took the lease; nothing was written."""

    def __add__(self, other: ChunkSummary) -> ChunkSummary:
        mine, its = asdict(self), asdict(other)
        return ChunkSummary(**{name: mine[name] + its[name] for name in mine})


@dataclass(frozen=True)
class BookSummary:
    """What a run over a book did."""

    book: str
    state: BookState
    work: ChunkSummary


def identity() -> str:
    """This process among all processes of all machines: ``host:pid:created``."""
    me = psutil.Process()
    return f"{platform.node()}:{me.pid}:{me.create_time():.0f}"


def conduct(
    run: Run,
    settings: Settings,
    database: Database,
    pool: PagePool,
    *,
    chunk: Callable[[BookRun], ChunkSummary] | None = None,
    notice: Callable[[], None] = lambda: None,
) -> BookSummary | None:
    """Like :func:`run_book`, and closes the run; None where another run has taken over."""
    try:
        summary = run_book(run, settings, database, pool, chunk=chunk, notice=notice)
    except RunSuperseded:
        return None
    except BaseException:
        with suppress(StorageError):
            # Also what was claimed just before: the next run need not wait for these leases.
            release(database, run.ref)
            end_run(database, run.id, RunState.FAILED)
        raise
    patiently(lambda: end_run(database, run.id, RunState.DONE))
    return summary


def run_book(
    run: Run,
    settings: Settings,
    database: Database,
    pool: PagePool,
    *,
    chunk: Callable[[BookRun], ChunkSummary] | None = None,
    notice: Callable[[], None] = lambda: None,
) -> BookSummary:
    """Digitize what is missing of a book, then check it as a whole and close it.

    Args:
        run: this run, opened by ``start_run``.
        settings: workers, chunk and lease sizes, attempts, timeouts.
        database: ours.
        pool: from :func:`open_pool`.
        chunk: wraps :func:`digitize_chunk`, to show it to Prefect.
        notice: called after each settled page.

    Raises:
        SetupError: this machine cannot digitize.
        StorageError: the database did not answer for too long; nothing is lost.
        RunSuperseded: another run has taken over.
    """
    _still_ours(database, run)
    log_to(settings.resolved_home / "logs", "engine")
    book = load_book(database, run.book_id)
    alive = repeating(
        lambda: beat_run(database, run.id), settings.lease_seconds / BEATS, "heartbeat"
    )
    with alive:
        form = _form_of(book, settings, database, pool, run)
        context = book_context(book, settings)
        patiently(lambda: learn_when_due(database, book, settings, pool, actor=run.ref))
        job = BookRun(settings, database, run, book, form, context, pool, notice)
        work = ChunkSummary()
        while (left := patiently(lambda: work_left(database, book.id))).any:
            _still_ours(database, run)
            if left.ready:
                work += (chunk or digitize_chunk)(job)
            else:
                # Another run's leases: it finishes them, or they run out.
                time.sleep(min(2.0, settings.lease_seconds / BEATS))
        return BookSummary(book.code, patiently(lambda: _finish(job)), work)


def _still_ours(database: Database, run: Run) -> None:
    if not patiently(lambda: beat_run(database, run.id, identity())):
        raise RunSuperseded(run.ref)


def digitize_chunk(job: BookRun) -> ChunkSummary:
    """Claim the next scans of the book, digitize them in the pool, commit each as it ends."""
    settings, database, run = job.settings, job.database, job.run
    adapters = _adapters(job)
    # Asked anew each chunk: a person may have set its geometry right meanwhile.
    form = patiently(lambda: load_book_form(database, job.book.id)) or job.form
    # Claimed last: nothing waits between the claim and ``held_leases``.
    jobs = patiently(
        lambda: claim_scans(
            database, run.book_id, run.ref, settings.chunk_pages, settings.lease_seconds
        )
    )
    work = ChunkSummary(claimed=len(jobs))
    tasks = [
        _Leased(each, PageTask(each.ref, form, job.context, adapters(each.ref.number)))
        for each in jobs
    ]
    suspects: list[_Leased] = []
    with held_leases(database, run.ref, jobs, settings.lease_seconds) as close:

        def settle(outcome: Outcome[_Leased, ScanResult]) -> ChunkSummary:
            settled = _settle(job, outcome)
            close(outcome.item.job)
            job.notice()
            return settled

        for outcome in job.pool.run(_digitize_leased, tasks, settings.page_timeout_seconds):
            if isinstance(outcome.error, ChildDiedError):
                # Somebody may have killed it: only a second death is held against the page.
                suspects.append(outcome.item)
            else:
                work += settle(outcome)
        for outcome in job.pool.run(_digitize_leased, suspects, settings.page_timeout_seconds):
            work += settle(outcome)
    return work


def _adapters(job: BookRun) -> Callable[[int], AdapterFile | None]:
    """What scan of a number is read with: asked anew each chunk, a book may learn meanwhile."""
    base = weights_name(job.settings.config, job.settings.hand_weights)
    book = patiently(lambda: adapters_in_force(job.database, job.book.id, base))
    office = patiently(lambda: adapters_in_force(job.database, None, base))
    return lambda number: scan_adapter(number, book, office, job.settings)


@dataclass(frozen=True)
class _Leased:
    job: Job
    task: PageTask


def _settle(job: BookRun, outcome: Outcome[_Leased, ScanResult]) -> ChunkSummary:
    """Commit one page, or note why there is none."""
    leased, result, error = outcome.item.job, outcome.result, outcome.error
    if result is not None:
        versions = pipeline_versions(job.settings.config)
        saved = patiently(
            lambda: save_scan(job.database, leased, result, run_ref=job.run.ref, versions=versions)
        )
        if saved:
            _tell(job, leased, "scan read", seconds=round(sum(result.seconds.values()), 2))
        return ChunkSummary(saved=1) if saved else ChunkSummary(lost=1)
    assert error is not None
    verdict = patiently(
        lambda: fail_scan(
            job.database, leased, error, job.settings.max_attempts, run_ref=job.run.ref
        )
    )
    code = error.code if isinstance(error, HotichError) else type(error).__name__
    _tell(job, leased, "scan failed", code=code, state=str(verdict or "lost"))
    if isinstance(error, SetupError):
        raise error
    if verdict is None:
        return ChunkSummary(lost=1)
    return ChunkSummary(failed=1) if verdict is JobState.READY else ChunkSummary(closed=1)


def _tell(job: BookRun, leased: Job, what: str, **more: object) -> None:
    ids = {
        "book": job.book.code, "unit": job.book.unit.id, "scan": leased.ref.number,
        "run": job.run.ref,
    }  # fmt: skip
    log.info(what, extra={**ids, **more})


def _form_of(
    book: BookRecord, settings: Settings, database: Database, pool: PagePool, run: Run
) -> BookForm:
    """The book's form: as stored, or learned now in a child and stored."""
    stored = load_book_form(database, book.id)
    if stored is not None:
        return stored
    task = LearningTask(tuple(book_scans(database, book.id)), book.kind, book.year)
    for _ in range(settings.max_attempts):
        (outcome,) = pool.run(learn_in_child, [task], _LEARN_TIME * settings.page_timeout_seconds)
        if not isinstance(outcome.error, _DEADLY):
            break
    learned = outcome.result
    if learned is None:
        assert outcome.error is not None
        if not isinstance(outcome.error, _DEADLY) or run.attempt < settings.max_attempts:
            raise outcome.error
        learned = UNKNOWN  # it kills whoever looks at it: leave it to a person
    return patiently(lambda: save_book_form(database, book.id, learned, run_ref=run.ref))


def _finish(job: BookRun) -> BookState:
    """Dittos over page turns, running numbers, totals: what only the whole book can tell."""
    entries = book_entries(job.database, job.book.id)
    home = job.settings.resolved_home
    bars = with_stops(
        bars_in_force(job.database, job.settings.config, home),
        current_stops(job.database, job.settings),
    )
    closing = closing_of(book_pages(job.database, job.book.id), job.book.kind)
    form = load_book_form(job.database, job.book.id)
    rows = scan_rows(job.database, job.book.id)
    breaks, placed = of_scans(rows, form)
    finished, findings = finish_book(
        entries,
        job.context,
        closing,
        bars,
        breaks=breaks,
        placed=placed,
        unknown=unknown_columns(form) if form else (),
        hands=_hands(job, rows),
    )
    state = save_finished_book(job.database, job.book.id, finished, findings, run_ref=job.run.ref)
    # What only all books of the unit tell: this one may fill a gap, or open one.
    check_unit_books(job.database, job.book.unit.id, job.book.kind)
    return state


def _hands(job: BookRun, rows: Sequence[ScanRows]) -> list[int]:
    """The hand of each entry of the book, as far as hands were told apart."""
    base = weights_name(job.settings.config, job.settings.hand_weights)
    in_force = adapters_in_force(job.database, job.book.id, base)
    return [hand_of(scan.number, in_force) for scan in rows for _ in range(scan.entries)]


def of_scans(
    scans: Sequence[ScanRows], form: BookForm | None
) -> tuple[frozenset[int], frozenset[int]]:
    """Positions of entries after what was not read, and of those a person has placed.

    Whole scans are left unread, and single pages of a scan: crossed out, or under a slip.
    """
    edits = form.edits if form else ()
    breaks: set[int] = set()
    placed: set[int] = set()
    at = 0
    gap = False
    for scan in scans:
        if scan.entries and gap:
            breaks.add(at)
        breaks.update(at + hole for hole in scan.holes if hole < scan.entries)
        # What was left out of a scan may be its last rows.
        gap = not scan.read or (gap and not scan.entries)
        if rows_placed(edits, scan.number):
            placed.update(range(at, at + scan.entries))
        at += scan.entries
    return frozenset(breaks), frozenset(placed)


def _digitize_leased(leased: _Leased) -> ScanResult:
    return digitize_in_child(leased.task)
