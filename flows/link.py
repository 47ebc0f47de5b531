"""Links between entries of all books: ``hotich links --find``, and by itself beside ``hotich up``.

By itself a while after books were finished, in a process of its own: the books' runs wait for
nothing, and what it has read leaves the memory with it (2.4 GB for a whole city).
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from flows.leash import tie_to_parent
from models import Database, mentions, open_database, save_links
from models.link_runs import begin_link_run, end_link_run, links_due
from pipeline.checks.linking.find import Notice, find_links
from pipeline.checks.linking.people import columns
from pipeline.errors import HotichError
from pipeline.settings import Settings, load_thresholds

log = logging.getLogger("hotich.flows")

_LOOK_SECONDS = 60.0
_ACTOR = "dispatcher"
_PAUSE = 0.05
"""Seconds between two bits of what is written, for people who save entries meanwhile."""


@dataclass(frozen=True)
class Linked:
    """What linking came to."""

    persons: int
    compared: int
    left_out: int
    """Rows under keys that too many share."""
    suggested: int


def link_office(
    database: Database,
    settings: Settings,
    *,
    actor: str,
    notice: Notice = lambda what, count: None,
) -> Linked:
    """Suggest links among all entries anew; what people have said of a link stays.

    Raises:
        StorageError: the database did not answer; what is missing comes with the next search.
    """
    run = begin_link_run(database, by=actor, asked=True)
    assert run is not None  # asked for
    return _link(database, settings, run, actor, notice)


def _link(
    database: Database,
    settings: Settings,
    run: int,
    actor: str,
    notice: Notice = lambda what, count: None,
    pause: float = 0.0,
) -> Linked:
    people = columns(mentions(database))
    found = find_links(people, load_thresholds(settings.config).linking, notice)
    saved = save_links(database, found.suggestions, actor=actor, pause=pause)
    end_link_run(database, run, persons=len(people), suggested=saved)
    return Linked(len(people), found.compared, found.left_out, saved)


def link_if_due(database: Database, settings: Settings) -> Linked | None:
    """The same where books were finished since and nobody else is at it; None where not."""
    run = begin_link_run(database, by=_ACTOR, asked=False)
    if run is None:
        return None
    return _link(database, settings, run, _ACTOR, pause=_PAUSE)


@dataclass
class Linker:
    """Looks once a minute whether links are due, and has a child look for them."""

    database: Database
    settings: Settings
    looked: float = -math.inf
    child: BaseProcess | None = field(default=None, repr=False)

    def tick(self) -> None:
        """Called again and again; returns at once.

        Raises:
            StorageError: the database does not answer.
        """
        if time.monotonic() < self.looked + _LOOK_SECONDS:
            return
        self.looked = time.monotonic()
        if (self.child is not None and self.child.is_alive()) or not links_due(self.database):
            return
        spawn = multiprocessing.get_context("spawn")  # no open database crosses into the child
        self.child = spawn.Process(target=_child, args=(self.settings, os.getpid()), daemon=True)
        self.child.start()

    def stop(self) -> None:
        """End the child; what it has not written, the next one writes."""
        if self.child is not None and self.child.is_alive():
            self.child.terminate()
            self.child.join()


def _child(settings: Settings, parent: int) -> None:
    tie_to_parent(parent)
    os.nice(10)  # people and pages come first
    database = open_database(settings.resolved_database_url)
    try:
        linked = link_if_due(database, settings)
        if linked is not None:
            log.info("links: %s persons, %s suggestions", linked.persons, linked.suggested)
    except HotichError as error:
        log.warning("links: %s", error)
    finally:
        database.close()
