"""Links between entries of all books: ``hotich links --find``."""

from __future__ import annotations

from dataclasses import dataclass

from models import Database, mentions, save_links
from pipeline.checks.linking.find import Notice, find_links
from pipeline.checks.linking.people import columns
from pipeline.settings import Settings, load_thresholds


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
        StorageError: the database did not answer; nothing is half done.
    """
    people = columns(mentions(database))
    found = find_links(people, load_thresholds(settings.config).linking, notice)
    saved = save_links(database, found.suggestions, actor=actor)
    return Linked(len(people), found.compared, found.left_out, saved)
