"""Finished books that go back to the engine without any scan to be read."""

from __future__ import annotations

import logging
from collections.abc import Collection

from flows.adapt import due
from models import Database, books_to_check, books_to_hear, wake_book
from pipeline.settings import Settings, load_thresholds

log = logging.getLogger("hotich.flows")


def wake_due(
    database: Database, settings: Settings, batch: int | None, given_up: Collection[int]
) -> None:
    """Queue books whose hand is to be learned, and those that are to be finished again.

    Rules are asked about what people have set, and what people have set about what is open.

    Args:
        database: ours.
        settings: thresholds, recogniser.
        batch: only books of this batch.
        given_up: books that are left alone.
    """
    limits = load_thresholds(settings.config).learning
    to_hear = books_to_hear(
        database, first=limits.heard_fields, growth=limits.heard_growth, batch=batch
    )
    for reason, books, told in (
        ("learn", due(database, settings, batch=batch), "its hand is to be learned"),
        ("check", books_to_check(database, batch), "people have corrected what rules found"),
        ("hear", to_hear, "people have set enough to speak for the rest"),
    ):
        for book_id in books:
            if book_id not in given_up and wake_book(
                database, book_id, actor="dispatcher", reason=reason
            ):
                log.info("book %s: %s", book_id, told)
