"""What somebody laid down, known again where the answer was lost and the browser asks once more.

A save ends the hold. Asked again, the desk could only say that the entry is in other hands,
though all was written: the audit event of the save keeps a digest of the hold's token, and who
shows that token again is told what they were told, or would have been.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from models.correcting import entry_subject
from models.database import Database
from models.states import EntryState
from models.tables import AuditEvent, Book, Entry, Scan
from models.users import User

_SHOWN = 16
_SAVES = ("entry.reviewed", "entry.tested")
_LATEST = 20
"""So many events of an entry at most lie between a save and its being asked for again."""


@dataclass(frozen=True)
class Saved:
    """A saved review: the entry's version now, and whether nobody has to look at it again.

    ``repeated``: other entries in which a ditto follows what was said here.
    """

    version: int
    settled: bool
    repeated: tuple[int, ...] = ()


def proof_of(token: str) -> str:
    """Digest of a hold's token, to be kept with what was done under it."""
    return hashlib.sha256(token.encode()).hexdigest()[:_SHOWN]


def laid_down(
    db: Database, user: User, entry_id: int, token: str, *, saved: bool = True
) -> Saved | None:
    """What this person has done with an entry under a hold; None where nothing was done.

    Args:
        db: the database.
        user: who asks once more.
        entry_id: the entry.
        token: of the hold.
        saved: whether it was to be saved; else given back. Who gave it back in another window has
            not saved it.
    """
    if not token:
        return None
    with db.read() as connection:
        place = (
            connection.execute(
                select(Entry.version, Entry.state, Entry.position, Scan.number, Book.code)
                .join(Scan, Scan.id == Entry.scan_id)
                .join(Book, Book.id == Scan.book_id)
                .where(Entry.id == entry_id)
            )
            .mappings()
            .first()
        )
        if place is None:
            return None
        query = (
            select(AuditEvent.detail)
            .where(
                AuditEvent.subject == entry_subject(place),
                AuditEvent.actor == user.login,
                AuditEvent.action.in_(_SAVES) if saved else AuditEvent.action.not_in(_SAVES),
            )
            .order_by(AuditEvent.id.desc())
            .limit(_LATEST)
        )
        details = list(connection.execute(query).scalars())
    if not any(detail.get("hold") == proof_of(token) for detail in details):
        return None
    return Saved(place["version"], EntryState(place["state"]) is EntryState.SETTLED)
