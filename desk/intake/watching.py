"""The desk's side of checking: starts the checker in a process of its own when there is work."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from desk.intake.checking import work_off
from models.database import Database
from models.deliveries import waiting_delivery
from pipeline.errors import HotichError
from pipeline.settings import Settings

log = logging.getLogger("hotich.desk")
_LOOK_SECONDS = 0.5
_STOP_SECONDS = 3.0


@contextmanager
def checking(settings: Settings, database: Database) -> Iterator[None]:
    """While the block runs, deliveries are checked and queued beside it.

    A file that kills the checker kills no page of the desk; the delivery is tried again and
    then refused. What a killed desk leaves is taken up by the next one.
    """
    stop = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(settings, database, stop), name="intake", daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join(_STOP_SECONDS)


def _watch(settings: Settings, database: Database, stop: threading.Event) -> None:
    spawn = multiprocessing.get_context("spawn")  # no open database crosses into the child
    child: BaseProcess | None = None
    while not stop.wait(_LOOK_SECONDS):
        try:
            if child is not None and child.is_alive():
                continue
            if waiting_delivery(database):
                child = spawn.Process(target=_child, args=(settings,), daemon=True)
                child.start()
        except HotichError as error:
            log.warning("intake: %s", error)
    if child is not None and child.is_alive():
        child.terminate()


def _child(settings: Settings) -> None:
    os.nice(5)  # people at the desk come first
    work_off(settings)
