"""How long people have entries in hand: what an entry costs."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from models.clock import Now
from models.counters import add_to_day
from models.holding import Hold
from models.tables import Book, ReviewHold

LONGEST = 600.0
"""Seconds that count for one entry at the most: whoever took longer was away."""

_TAKEN = select(Now(), ReviewHold.taken_at).where(ReviewHold.entry_id == bindparam("entry"))
_UNIT = select(Book.unit_id).where(Book.id == bindparam("book"))
_ANEW = update(ReviewHold).where(ReviewHold.user_id == bindparam("user")).values(taken_at=Now())


def note_handling(connection: Connection, hold: Hold, book_id: int) -> None:
    """Add the time since an entry was taken to the day of its unit, before it is laid down.

    An entry that was taken ahead is in nobody's eyes yet: for all that this person holds, the
    time begins anew now.
    """
    now, taken = connection.execute(_TAKEN, {"entry": hold.entry_id}).one()
    seconds = min(max((now - taken).total_seconds(), 0.0), LONGEST)
    unit_id = connection.execute(_UNIT, {"book": book_id}).scalar_one()
    add_to_day(connection, unit_id, {"reviews": 1, "hand_seconds": round(seconds)})
    connection.execute(_ANEW, {"user": hold.user_id})
