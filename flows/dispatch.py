"""Which book next: from our own tables to the engine, and back where a run was lost.

Prefect is handed a few runs ahead, no more: order, fairness, cancelling and starting again
after a crash stay in our tables (orchestration.md 4). The same loop serves all engines; in
inline mode a run is worked off right here.
"""

from __future__ import annotations

import logging
import math
import platform
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import psutil

from flows.book import conduct, identity
from flows.child import open_pool
from flows.link import Linker
from flows.submit import Fate, Queue, Sight, open_queue
from flows.supervise import open_engine, running_engine
from flows.waking import wake_due
from models import (
    Database,
    PendingBook,
    Run,
    RunState,
    UnitProgress,
    beat_run,
    end_run,
    load_book,
    open_database,
    open_runs,
    pending_books,
    release,
    start_run,
    work_left,
)
from models import (
    progress as unit_progress,
)
from pipeline import errors
from pipeline.errors import EngineError, HotichError, SetupError, StorageError
from pipeline.settings import Settings

log = logging.getLogger("hotich.flows")

Progress = Callable[[list[UnitProgress]], None]

_TICK_SECONDS = 1.0
_DISPATCH_TICKS = 3
"""Prefect is asked every third tick: each question costs its server CPU that pages could use."""
_SILENT_LEASES = 1.5
"""A run without heartbeat for so many lease times is lost; it beats four times a lease."""
_DUE_SECONDS = 60.0
"""How often it is looked for books whose hand is due."""
_AWAY_SECONDS = 180.0
"""Longest time without server or database before a run gives up; a restart takes 11 s."""
_BOOK_FAILURES = 3
"""Runs of a book that may fail by an error of their own before it is left alone."""
_BOOK_LOSSES = 10
"""Runs of a book that may be lost in a row without one more scan done: a worker that cannot
even start the flow would otherwise be asked for ever."""


@dataclass(frozen=True)
class FailedBook:
    """A book that could not be finished, and why. ``error`` is the name of the error's class."""

    code: str
    error: str
    text: str

    @property
    def exit_code(self) -> int:
        """That of the error's class."""
        return (_error_class(self.error) or HotichError).exit_code


def _error_class(name: str) -> type[HotichError] | None:
    """Our error of this name; None where it is somebody else's, a fault in the program."""
    known = getattr(errors, name, None)
    return known if isinstance(known, type) and issubclass(known, HotichError) else None


@dataclass(frozen=True)
class RunOutcome:
    """What a whole run came to. Books without trusted pages are finished too (status tells)."""

    books: int
    """Books finished now."""
    failed: tuple[FailedBook, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or that of the first failed book."""
        return self.failed[0].exit_code if self.failed else 0


@dataclass
class Dispatcher:
    """The loop's memory. Everything that must survive it is in the database."""

    database: Database
    settings: Settings
    batch: int | None = None
    queue: Queue | None = None
    """None: there is no engine, runs are worked off by the caller."""
    submitted: dict[int, tuple[Run, UUID]] = field(default_factory=dict)
    """Our runs and their ids in Prefect; found again by idempotency key after a restart."""
    failures: Counter[int] = field(default_factory=Counter)
    losses: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Scans left of a book when its last run was lost, and how often in a row it was so many."""
    failed: dict[int, FailedBook] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    looked: float = -math.inf
    """When books whose hand or rules are due were last looked for."""

    def pending(self) -> list[PendingBook]:
        """Books still to be finished, in fair order, without those given up."""
        self._wake_due()
        books = pending_books(self.database, self.batch)
        self.seen.update(book.id for book in books)
        return [book for book in books if book.id not in self.failed]

    def _wake_due(self) -> None:
        if time.monotonic() < self.looked + _DUE_SECONDS:
            return
        self.looked = time.monotonic()
        wake_due(self.database, self.settings, self.batch, self.failed)

    def living_runs(self) -> list[Run]:
        """Open runs that are at work or wait for it; those that were lost are closed first."""
        runs = open_runs(self.database)
        patience = _SILENT_LEASES * self.settings.lease_seconds
        silent = {run.id for run in open_runs(self.database, patience)}
        sights = self._sights(runs)
        living = []
        for run in runs:
            sight = sights.get(run.id)
            why = _why_lost(run, sight, run.id in silent)
            if why is not None:
                log.warning("run %s is lost: %s", run.ref, why)
                self._give_up(run, sight, why)
            else:
                living.append(run)
                if sight and sight.fate is Fate.WAITING:
                    beat_run(self.database, run.id)
        self._count_failures({run.id for run in runs})
        return living

    def dispatch(self, books: list[PendingBook]) -> None:
        """Hand the engine as many runs as it can work on, and one ahead."""
        assert self.queue is not None
        living = self.living_runs()
        taken = {run.book_id for run in living}
        waiting = [book for book in books if book.id not in taken]
        if not waiting:
            return
        room = max(1, self.queue.workers()) * self.settings.books_at_once + 1 - len(living)
        for book in waiting[: max(0, room)]:
            run = start_run(self.database, book.id, self.settings.engine)
            self.submitted[run.id] = (run, self.queue.submit(run, book.code))

    def finished(self) -> int:
        """Books that were pending once and are no more."""
        return len(self.seen - {book.id for book in pending_books(self.database, self.batch)})

    def note_failure(self, book_id: int, error: str, text: str) -> None:
        """Count a run that failed by an error of its own; give the book up when it is hopeless."""
        self.failures[book_id] += 1
        known = _error_class(error)
        hopeless = known is not None and not known.retryable
        log.warning("book %s failed: %s: %s", book_id, error, text)
        if hopeless or self.failures[book_id] >= _BOOK_FAILURES:
            code = load_book(self.database, book_id).code
            self.failed[book_id] = FailedBook(code, error, text)

    def _sights(self, runs: list[Run]) -> dict[int, Sight]:
        """How Prefect sees the open runs; one that it has not got is handed over (again)."""
        if self.queue is None:
            return {}
        for run in runs:
            if run.id not in self.submitted and run.external_id is None:
                self.submitted[run.id] = (run, self.queue.submit(run))
        found = self.queue.look([external for _, external in self.submitted.values()])
        unknown = Sight(Fate.ENDED)
        return {id_: found.get(external, unknown) for id_, (_, external) in self.submitted.items()}

    def _give_up(self, run: Run, sight: Sight | None, why: str) -> None:
        """Close a lost run and free its scans at once, instead of when its leases run out."""
        end_run(self.database, run.id, RunState.FAILED)
        release(self.database, run.ref)
        if self.queue and sight and sight.fate in (Fate.WAITING, Fate.WORKING):
            self.queue.forget(self.submitted[run.id][1])
        left = work_left(self.database, run.book_id)
        scans, times = self.losses.get(run.book_id, (-1, 0))
        times = times + 1 if scans == left.ready + left.leased else 1
        self.losses[run.book_id] = (left.ready + left.leased, times)
        if times >= _BOOK_LOSSES:
            code = load_book(self.database, run.book_id).code
            self.failed[run.book_id] = FailedBook(code, EngineError.__name__, why)

    def _count_failures(self, open_ids: set[int]) -> None:
        """Look at runs that ended since the last time: by an error of their own, or well?"""
        if self.queue is None:
            return
        ended = [each for id_, each in self.submitted.items() if id_ not in open_ids]
        found = self.queue.look([external for _, external in ended])
        for run, external in ended:
            sight = found.get(external)
            if sight and sight.fate is Fate.WORKING:
                continue  # our row is closed, Prefect will follow
            del self.submitted[run.id]
            if sight and sight.fate is Fate.FAILED:
                self.note_failure(run.book_id, *sight.error)


def _why_lost(run: Run, sight: Sight | None, silent: bool) -> str | None:
    """What tells that nobody works on an open run any more; None while somebody does."""
    if run.external_id is not None and is_gone(run.external_id):
        return f"{run.external_id} has ended"
    if run.external_id is None and sight is not None and sight.fate in (Fate.ENDED, Fate.FAILED):
        return f"never began: {sight.message}"
    return "no heartbeat" if silent else None


def is_gone(process: str) -> bool:
    """Whether a process (``identity``) of this machine has ended; False where we cannot know."""
    node, pid, created = process.rsplit(":", 2)
    if node != platform.node():
        return False
    try:
        there = psutil.Process(int(pid))
        dead = there.status() == psutil.STATUS_ZOMBIE
        return dead or f"{there.create_time():.0f}" != created
    except psutil.NoSuchProcess:
        return True


# --- whole runs ---------------------------------------------------------------------------------


def run_all(
    settings: Settings,
    batch: int | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda _message: None,
) -> RunOutcome:
    """Digitize what is queued until nothing is left, with the engine of the settings.

    Where another process runs this home's engine, it does the work and we look on.

    Args:
        settings: engine, home, workers.
        batch: only this batch.
        progress: called about once a second, in this thread, with the progress of the units.
        say: told what is going on, for a person who waits.

    Raises:
        SetupError: (inline) this machine cannot digitize.
        StorageError: the database did not answer for too long; nothing is lost.
        EngineError: Prefect did not answer for too long.
    """
    database = open_database(settings.resolved_database_url)
    try:
        show = _Show(database, batch, progress)
        if settings.engine == "inline":
            outcome = _run_inline(Dispatcher(database, settings, batch), show)
        elif not Dispatcher(database, settings, batch).pending():
            outcome = RunOutcome(0)
        elif settings.engine == "local" and running_engine(settings) is not None:
            outcome = _look_on(Dispatcher(database, settings, batch), show)
        else:
            with open_engine(settings, say=say) as engine, open_queue() as queue:
                say(engine.ui_url)
                dispatcher = Dispatcher(database, settings, batch, queue)
                outcome = _run_engine(dispatcher, show, forever=lambda: False)
        show(now=True)
        return outcome
    finally:
        database.close()


def serve(
    settings: Settings,
    stop: threading.Event,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda _message: None,
) -> None:
    """Keep the engine up and give it what is queued, until ``stop`` is set (``hotich up``).

    Raises:
        EngineError: this home's engine is running already, or does not come up.
    """
    database = open_database(settings.resolved_database_url)
    linker = Linker(database, settings)
    try:
        with open_engine(settings, say=say) as engine, open_queue() as queue:
            say(engine.ui_url)
            dispatcher = Dispatcher(database, settings, queue=queue)
            show = _Show(database, None, progress)
            _run_engine(dispatcher, show, lambda: not stop.is_set(), linker.tick)
    finally:
        linker.stop()
        database.close()


class _Show:
    """Calls ``progress``, but not more than once a tick."""

    def __init__(self, database: Database, batch: int | None, progress: Progress | None) -> None:
        self._database = database
        self._batch = batch
        self._progress = progress
        self._last = 0.0

    def __call__(self, *, now: bool = False) -> None:
        if self._progress is None or not (now or time.monotonic() > self._last + _TICK_SECONDS):
            return
        self._last = time.monotonic()
        self._progress(unit_progress(self._database, batch=self._batch))


def _run_inline(dispatcher: Dispatcher, show: _Show) -> RunOutcome:
    with open_pool(dispatcher.settings) as pool:
        while books := dispatcher.pending():
            show()
            taken = {run.book_id for run in dispatcher.living_runs()}
            free = [book for book in books if book.id not in taken]
            if not free:
                time.sleep(_TICK_SECONDS)  # another process is at them
                continue
            run = start_run(dispatcher.database, free[0].id, "inline", identity())
            try:
                conduct(run, dispatcher.settings, dispatcher.database, pool, notice=show)
            except (StorageError, SetupError):
                raise
            except Exception as error:
                log.debug("run %s", run.ref, exc_info=error)
                dispatcher.note_failure(free[0].id, type(error).__name__, str(error))
    return RunOutcome(dispatcher.finished(), tuple(dispatcher.failed.values()))


def _run_engine(
    dispatcher: Dispatcher,
    show: _Show,
    forever: Callable[[], bool],
    beside: Callable[[], None] = lambda: None,
) -> RunOutcome:
    """Dispatch every few seconds; a server or database that is away for a while is waited for."""
    last_answer = time.monotonic()
    while True:
        try:
            books = dispatcher.pending()
            if not books and not forever():
                break
            dispatcher.dispatch(books)
            beside()
            last_answer = time.monotonic()
        except (EngineError, StorageError) as error:
            log.warning("%s", error)
            if not forever() and time.monotonic() - last_answer > _AWAY_SECONDS:
                raise
        for _ in range(_DISPATCH_TICKS):
            time.sleep(_TICK_SECONDS)
            with suppress(StorageError):
                show()
                if not forever() and not dispatcher.pending():
                    break
    return RunOutcome(dispatcher.finished(), tuple(dispatcher.failed.values()))


def _look_on(dispatcher: Dispatcher, show: _Show) -> RunOutcome:
    while dispatcher.pending():
        if running_engine(dispatcher.settings) is None:
            raise EngineError("the process that ran this home's engine has ended")
        show()
        time.sleep(_TICK_SECONDS)
    return RunOutcome(dispatcher.finished())
