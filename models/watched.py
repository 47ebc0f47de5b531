"""Batches of watched folders and buckets: each is taken once, whoever looks how often."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, update

from models.audit import record_event
from models.clock import Now
from models.database import Database
from models.locks import Lock, take
from models.states import DeliveryState
from models.tables import Delivery, WatchedBatch
from models.users import User
from pipeline.errors import OutOfReachError

_LONGEST_NAME = 200
TOLD_STATES = (
    DeliveryState.CHECKED, DeliveryState.FAILED, DeliveryState.QUEUED, DeliveryState.WITHDRAWN,
)  # fmt: skip
"""States that are worth a word beside the batch."""


@dataclass(frozen=True)
class Watched:
    """A batch that was seen, and the delivery made of it."""

    id: int
    place: str
    delivery_id: int
    state: DeliveryState
    told: str


def seen_batch(db: Database, mark: str) -> Watched | None:
    """The delivery of a batch that was seen before."""
    with db.read() as connection:
        return _find(connection, mark)


def see_batch(db: Database, user: User, place: str, mark: str) -> Watched:
    """The delivery of a batch; opened where this is the first time that it is seen.

    Raises:
        OutOfReachError: the person belongs to no firm.
    """
    if user.contractor_id is None:
        raise OutOfReachError()
    there = seen_batch(db, mark)
    if there is not None:
        return there
    with db.write() as connection:
        take(connection, Lock.QUEUE)  # who looks at the same moment waits, and then sees ours
        there = _find(connection, mark)
        if there is not None:
            return there
        name = place.rpartition("/")[2][:_LONGEST_NAME]
        delivery_id = connection.execute(
            insert(Delivery)
            .values(
                contractor_id=user.contractor_id, user_id=user.id, name=name,
                state=DeliveryState.OPEN, created_at=Now(), changed_at=Now(),
            )
            .returning(Delivery.id)
        ).scalar_one()  # fmt: skip
        watched_id = connection.execute(
            insert(WatchedBatch)
            .values(place=place, mark=mark, delivery_id=delivery_id, told="", seen_at=Now())
            .returning(WatchedBatch.id)
        ).scalar_one()
        record_event(
            connection, user.login, "delivery.opened", f"delivery:{delivery_id}",
            {"watched": place[:_LONGEST_NAME]},
        )  # fmt: skip
    return Watched(watched_id, place, delivery_id, DeliveryState.OPEN, "")


def forget_batch(db: Database, watched_id: int) -> None:
    """As if it had never been seen: it changed while it was read."""
    with db.write() as connection:
        connection.execute(delete(WatchedBatch).where(WatchedBatch.id == watched_id))


def untold(db: Database) -> list[Watched]:
    """Batches whose delivery came to something that the file beside them does not say yet."""
    query = _QUERY.where(
        Delivery.state.in_(list(TOLD_STATES)), WatchedBatch.told != Delivery.state
    ).order_by(WatchedBatch.id)
    with db.read() as connection:
        return [_watched(row) for row in connection.execute(query)]


def note_told(db: Database, watched_id: int, state: DeliveryState) -> None:
    """The file beside the batch tells this state now."""
    with db.write() as connection:
        connection.execute(
            update(WatchedBatch).where(WatchedBatch.id == watched_id).values(told=state.value)
        )


def is_watched(db: Database, delivery_id: int) -> bool:
    """Whether a delivery came from a watched folder: nobody sits before it to press a button."""
    with db.read() as connection:
        query = select(WatchedBatch.id).where(WatchedBatch.delivery_id == delivery_id)
        return connection.execute(query).first() is not None


_QUERY = select(
    WatchedBatch.id, WatchedBatch.place, WatchedBatch.delivery_id, Delivery.state,
    WatchedBatch.told,
).join(Delivery, Delivery.id == WatchedBatch.delivery_id)  # fmt: skip


def _find(connection: Connection, mark: str) -> Watched | None:
    row = connection.execute(_QUERY.where(WatchedBatch.mark == mark)).first()
    return None if row is None else _watched(row)


def _watched(row: Row[int, str, int, DeliveryState, str]) -> Watched:
    return Watched(row.id, row.place, row.delivery_id, DeliveryState(row.state), row.told)
