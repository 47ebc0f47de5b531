"""What the desk has ready before anybody asks for it: its first pages are as fast as later ones."""

from __future__ import annotations

import logging
import threading

from desk.i18n import LANGUAGES, catalog
from models.database import Database
from models.looking_up import read_ahead
from pipeline.places import load_gazetteer
from pipeline.settings import Settings

_REST = 2.0
"""Of three seconds one is taken from those who already work."""

log = logging.getLogger("hotich.desk")


def warm_up(settings: Settings, database: Database) -> threading.Thread:
    """Begin to get ready, beside the first requests; nothing waits for it.

    Returns:
        The thread that does it.
    """
    thread = threading.Thread(target=_warm, args=(settings, database), name="warming", daemon=True)
    thread.start()
    return thread


def _warm(settings: Settings, database: Database) -> None:
    try:
        for language in LANGUAGES:
            catalog(language)
        load_gazetteer(settings.config)
        read_ahead(database, _REST)
    except Exception:  # whoever asks first pays then, and is told what is wrong
        log.warning("not ready beforehand", exc_info=True)
