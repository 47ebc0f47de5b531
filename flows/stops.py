"""What the blind sample has stopped: counted anew by the runs themselves, told to supervisors."""

from __future__ import annotations

import logging
import time

from models import Database, reviewed_sample
from pipeline.checks.sampling import Verdict, load_stops, save_stops, stops_file, verdicts
from pipeline.settings import Settings, load_thresholds

EVERY_SECONDS = 3600
"""The sample grows by some fields an hour; counting it reads all of them."""
_LOG = logging.getLogger(__name__)


def current_stops(database: Database, settings: Settings) -> tuple[Verdict, ...]:
    """Kinds of fields that are not accepted unseen now.

    Counted anew where the last count is older than an hour. What is kept is what ``hotich
    status``, ``hotich quality`` and the desk's page on quality show the supervisor.

    Raises:
        SettingsError: what was kept cannot be used: nothing may be accepted then.
    """
    path = stops_file(settings.resolved_home)
    kept = load_stops(path)
    if path.exists() and time.time() - path.stat().st_mtime < EVERY_SECONDS:
        return kept
    found = verdicts(reviewed_sample(database), load_thresholds(settings.config).decision)
    save_stops(found, path)
    stopped = tuple(one for one in found if one.stopped)
    for one in stopped:
        if one not in kept:
            _LOG.warning(
                "no longer accepted unseen: %s (%s %s): %.4f-%.4f wrong, allowed %.4f",
                *(one.field_type, one.what, one.which, one.low, one.high, one.target),
            )
    return stopped
