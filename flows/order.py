"""Which entries of a book people should see first: the order of ``pipeline.checks.order``."""

from __future__ import annotations

from dataclasses import dataclass

from models import Database, placed_entries
from pipeline.checks.order import candidate, first_to_review
from pipeline.types import Decision

_OPEN = (Decision.REVIEW, Decision.UNREADABLE)


@dataclass(frozen=True)
class Shown:
    """An entry to be seen. ``position`` counts from 1 on its scan; ``fields`` are the open ones."""

    entry_id: int
    scan: str
    position: int
    number: str
    fields: tuple[str, ...]


def review_order(database: Database, book_id: int, most: int) -> list[Shown]:
    """Entries with open fields that nobody has touched, the most telling one first.

    What people have set before counts as learned: entries like it come later.
    """
    placed = placed_entries(database, book_id)
    touched = [
        one for one in placed if any(f.decision is Decision.PERSON for f in one.entry.fields)
    ]
    fresh = [one for one in placed if one not in touched]
    order = first_to_review(
        [candidate(one.scan_number, one.entry) for one in fresh],
        [candidate(one.scan_number, one.entry) for one in touched],
        most,
    )
    return [
        Shown(
            fresh[n].id,
            fresh[n].scan,
            fresh[n].entry.index + 1,
            fresh[n].entry.number,
            tuple(f.field for f in fresh[n].entry.fields if f.decision in _OPEN),
        )
        for n in order
    ]
