"""The audit log: append-only, each event carrying the hash of the one before.

Who changes or removes an event breaks the chain from there on. Cutting off the end does not
show in the log itself; keep ``head`` somewhere else (the delivery protocol) to see that too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, insert, select

from models.base import to_json
from models.clock import Now
from models.database import Database
from models.locks import Lock, take
from models.tables import AuditEvent

GENESIS = "0" * 64
"""Hash before the first event."""
_END = select(AuditEvent.id, AuditEvent.hash, Now()).order_by(AuditEvent.id.desc()).limit(1)
_ADD = insert(AuditEvent)


@dataclass(frozen=True)
class AuditState:
    """Outcome of ``verify_audit``. ``broken_at`` is the first event that does not fit."""

    events: int
    head: str
    broken_at: int | None = None

    @property
    def sound(self) -> bool:
        """Whether every event is as it was written."""
        return self.broken_at is None


def record_event(
    connection: Connection, actor: str, action: str, subject: str, detail: dict[str, Any]
) -> None:
    """Add an event in the running transaction, as its last act.

    Last, because the chain has one end: whoever holds it should have nothing left to wait for.
    """
    take(connection, Lock.AUDIT)
    last = connection.execute(_END).first()
    number, prev_hash, now = (
        last if last else (0, GENESIS, connection.execute(select(Now())).scalar_one())
    )
    at = now.astimezone(UTC)
    event = {
        "id": number + 1,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "prev_hash": prev_hash,
    }
    connection.execute(_ADD, {**event, "hash": _hash(event)})


def verify_audit(db: Database, *, last: int | None = None) -> AuditState:
    """Walk the chain, all of it or its ``last`` events, and say where it breaks."""
    with db.read() as connection:
        query = select(AuditEvent.__table__).order_by(AuditEvent.id)
        number, head, start = 0, GENESIS, True
        if last is not None:
            newest = connection.execute(
                select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)
            ).scalar()
            number = max(0, (newest or 0) - last)
            query = query.where(AuditEvent.id > number)
            start = number == 0
        for row in connection.execution_options(yield_per=1000).execute(query):
            event = dict(row._mapping)
            written = event.pop("hash")
            follows = event["id"] == number + 1 and (not start or event["prev_hash"] == head)
            if not follows or _hash(event) != written:
                return AuditState(events=number, head=head, broken_at=number + 1)
            number, head, start = event["id"], written, True
        return AuditState(events=number, head=head)


def has_event(db: Database, hash_: str) -> bool:
    """Whether an event of this hash is in the log: a ``head`` noted down before must be."""
    with db.read() as connection:
        query = select(AuditEvent.id).where(AuditEvent.hash == hash_.strip().lower())
        return connection.execute(query.limit(1)).first() is not None


def _hash(event: dict[str, Any]) -> str:
    return hashlib.sha256(to_json(event).encode()).hexdigest()
