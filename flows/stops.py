"""What the blind sample has stopped: counted anew by the runs themselves, told to supervisors."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from models import Database, decision_in_force, reviewed_sample, targets_moved_at
from pipeline.checks.sampling import Verdict, load_stops, save_stops, stops_file, verdicts
from pipeline.settings import Settings

EVERY_SECONDS = 3600
"""The sample grows by some fields an hour; counting it reads all of them."""
_CLOCKS_DIFFER = 60.0
"""Seconds by which the database's clock and the home's disk may differ."""
_LOG = logging.getLogger(__name__)


def current_stops(database: Database, settings: Settings) -> tuple[Verdict, ...]:
    """Kinds of fields that are not accepted unseen now.

    Counted anew where the last count is older than an hour, or a target was set since. What is
    kept is what ``hotich status``, ``hotich quality`` and the desk's page on quality show.

    Raises:
        SettingsError: what was kept cannot be used: nothing may be accepted then.
    """
    path = stops_file(settings.resolved_home)
    kept = load_stops(path)
    if path.exists() and _fresh(path.stat().st_mtime, targets_moved_at(database)):
        return kept
    found = verdicts(reviewed_sample(database), decision_in_force(database, settings.config))
    save_stops(found, path)
    stopped = tuple(one for one in found if one.stopped)
    for one in stopped:
        if one not in kept:
            _LOG.warning(
                "no longer accepted unseen: %s (%s %s): %.4f-%.4f wrong, allowed %.4f",
                *(one.field_type, one.what, one.which, one.low, one.high, one.target),
            )
    return stopped


def _fresh(counted: float, targets_moved: datetime | None) -> bool:
    """Whether a count (seconds since 1970) is young, and of the targets of today."""
    if targets_moved is not None and targets_moved.timestamp() >= counted - _CLOCKS_DIFFER:
        return False
    return time.time() - counted < EVERY_SECONDS
