"""Patience with the database, and leases kept alive while pages are worked on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from models import Database, Job, release, renew
from pipeline.errors import DatabaseLockedError, DiskFullError, StorageError

log = logging.getLogger("hotich.flows")

Result = TypeVar("Result")

_WAITS_SECONDS = (0.5, 2.0, 5.0, 15.0)
"""On top of the 30 s that a writer waits for another one by itself."""
_PASSING = (DatabaseLockedError, DiskFullError)
BEATS = 4
"""Beats a lease: one or two may fail, on a busy database, before somebody else takes over."""


def patiently(act: Callable[[], Result], waits: tuple[float, ...] = _WAITS_SECONDS) -> Result:
    """Run ``act`` again while the database is locked or the disk is full, then give up.

    ``act`` is one transaction, so that nothing is half done between two tries.

    Raises:
        StorageError: the last try's.
    """
    for wait in waits:
        try:
            return act()
        except _PASSING as error:
            log.warning("%s: waiting %.1f s", error.code, wait)
            time.sleep(wait)
    return act()


@contextmanager
def repeating(act: Callable[[], object], seconds: float, name: str) -> Iterator[None]:
    """Run ``act`` every ``seconds`` in a thread while the block lasts; storage errors pass."""
    end = threading.Event()

    def beat() -> None:
        while not end.wait(seconds):
            try:
                act()
            except StorageError as error:
                log.warning("%s: not this time: %s", name, error)

    thread = threading.Thread(target=beat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


@contextmanager
def held_leases(
    database: Database, owner: str, jobs: Iterable[Job], seconds: float
) -> Iterator[Callable[[Job], None]]:
    """Renew the leases of ``jobs``; yields what to call with each job that is closed.

    At the end what is not closed is given back: after a stop, the next one need not wait.
    """
    open_ids = {job.id for job in jobs}

    def renew_open() -> None:
        renew(database, owner, tuple(open_ids), seconds)

    try:
        with repeating(renew_open, seconds / BEATS, "leases"):
            yield lambda job: open_ids.discard(job.id)
    finally:
        if open_ids:
            try:
                release(database, owner, open_ids)
            except StorageError as error:
                log.warning("leases not given back, they run out by themselves: %s", error)
