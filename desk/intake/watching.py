"""The desk's side of checking: starts the checker in a process of its own when there is work."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from desk.settings import DeskSettings
from models.database import Database, open_database
from models.deliveries import waiting_delivery
from pipeline.errors import HotichError
from pipeline.settings import Settings

log = logging.getLogger("hotich.desk")
_LOOK_SECONDS = 0.5
_STOP_SECONDS = 3.0


@contextmanager
def checking(
    settings: Settings, database: Database, options: DeskSettings | None = None
) -> Iterator[None]:
    """While the block runs, deliveries are checked and queued beside it.

    Where the options name a place to watch, batches are taken from there by another process.

    A file that kills the checker kills no page of the desk; the delivery is tried again and
    then refused. What a killed desk leaves is taken up by the next one.
    """
    stop = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(settings, database, options, stop), name="intake", daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join(_STOP_SECONDS)


def _watch(
    settings: Settings,
    database: Database,
    options: DeskSettings | None,
    stop: threading.Event,
) -> None:
    spawn = multiprocessing.get_context("spawn")  # no open database crosses into the child
    child: BaseProcess | None = None
    collector: BaseProcess | None = None
    while not stop.wait(_LOOK_SECONDS):
        if options and options.watch and (collector is None or not collector.is_alive()):
            collector = spawn.Process(target=_collect, args=(settings, options), daemon=True)
            collector.start()
        try:
            if child is not None and child.is_alive():
                continue
            if waiting_delivery(database):
                child = spawn.Process(target=_child, args=(settings,), daemon=True)
                child.start()
        except HotichError as error:
            log.warning("intake: %s", error)
    for process in (child, collector):
        if process is not None and process.is_alive():
            process.terminate()


def _child(settings: Settings) -> None:
    from desk.intake.checking import work_off  # only the child needs what reads pictures

    os.nice(5)  # people at the desk come first
    work_off(settings)


def _collect(settings: Settings, options: DeskSettings) -> None:
    """Look at the watched place again and again; a copy of gigabytes holds up nobody else."""
    from desk.intake.collecting import sweep

    os.nice(5)
    database = open_database(settings.resolved_database_url)
    desk = multiprocessing.parent_process()
    while desk is None or desk.is_alive():  # a killed desk leaves nobody behind
        try:
            sweep(database, settings, options)
        except HotichError as error:
            log.warning("watch: %s", error)
        except OSError as error:  # the place is away: a share, a bucket
            log.warning("watch: %s", error)
        time.sleep(options.watch_seconds)
