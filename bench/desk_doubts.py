"""Entries with so many doubtful fields as a run shall meet, the machine right or wrong in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sqlalchemy import delete, update

from bench.keystrokes import wanted_of
from models import Database
from models.entries import refresh_entries
from models.tables import Entry, FieldValue, FindingRow
from pipeline.evaluation.truth import TruthField
from pipeline.types import Decision, ValueState

FIRST = ("mother_full_name", "birth_date", "birth_place", "child_full_name", "father_full_name",
         "home_town", "registration_date")  # fmt: skip
"""Fields that are made doubtful: a name, a date and a place before others."""


def set_doubts(
    db: Database, known: Mapping[int, Mapping[str, TruthField]], count: int, *, right: bool
) -> list[int]:
    """Make ``count`` written fields of each entry doubtful and all others accepted.

    The machine's word in these is the truth, or one wrong letter away from it. Counters are not
    moved: this is for a copied home that is thrown away.

    Returns:
        The entries that have as many written fields of those kinds; others are laid aside.
    """
    made = []
    with db.write() as connection:
        connection.execute(update(FieldValue).values(decision=Decision.ACCEPTED))
        connection.execute(delete(FindingRow))
        for entry_id, truth in known.items():
            written = [
                name
                for name in FIRST
                if name in truth
                and truth[name].value
                and wanted_of(name, truth[name])[1] is ValueState.WRITTEN
            ][:count]
            if len(written) < count:
                continue
            made.append(entry_id)
            for name in written:
                value = str(truth[name].value)
                said = value if right else misread(value)
                connection.execute(
                    update(FieldValue)
                    .where(FieldValue.entry_id == entry_id, FieldValue.field == name)
                    .values(
                        decision=Decision.REVIEW, value=said, literal=said, reasons=[],
                        state=ValueState.WRITTEN, place=None, confidence=0.6,
                    )
                )  # fmt: skip
        refresh_entries(connection, list(known))
        connection.execute(update(Entry).where(Entry.id.not_in(made)).values(desk="done"))
    return made


def misread(value: str) -> str:
    """A text as a reader might get it wrong: a mark lost, or the last letter another one."""
    for at in range(len(value) - 1, -1, -1):
        bare = unicodedata.normalize("NFD", value[at])[0]
        if bare != value[at]:
            return value[:at] + bare + value[at + 1 :]
    last = value[-1]
    return value[:-1] + (str((int(last) + 1) % 10) if last.isdigit() else "m")
