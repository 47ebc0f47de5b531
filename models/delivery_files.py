"""Files of a delivery: announced with name and size, received piece by piece."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from models.clock import Now
from models.database import Database
from models.deliveries import OPEN_STATES
from models.states import DeliveryState
from models.tables import Delivery, DeliveryFile
from models.users import User


@dataclass(frozen=True)
class IncomingFile:
    """A file on its way in: ``received`` of ``size`` bytes are safe; ``modified`` in ms."""

    token: str
    delivery_id: int
    path: str
    size: int
    received: int
    modified: int

    @property
    def whole(self) -> bool:
        """Nothing of it is missing."""
        return self.received == self.size


_COLUMNS = (
    DeliveryFile.token, DeliveryFile.delivery_id, DeliveryFile.path, DeliveryFile.size,
    DeliveryFile.received, DeliveryFile.modified,
)  # fmt: skip


def announce_file(
    db: Database, delivery_id: int, path: str, size: int, modified: int
) -> tuple[IncomingFile, str] | None:
    """A place for a file, and the token of the one it takes the place of (empty: none).

    The same file announced again (path, size, moment) is the same place: no page comes twice,
    and an upload goes on from another browser. None where the delivery takes no files now.
    """
    with db.write() as connection:
        state = connection.execute(
            select(Delivery.state).where(Delivery.id == delivery_id).with_for_update()
        ).scalar()
        if state is None or DeliveryState(state) not in OPEN_STATES:
            return None
        there = connection.execute(
            select(*_COLUMNS).where(
                DeliveryFile.delivery_id == delivery_id, DeliveryFile.path == path
            )
        ).first()
        if there is not None and (there.size, there.modified) == (size, modified):
            return IncomingFile(*there), ""
        old = ""
        if there is not None:
            old = there.token
            connection.execute(delete(DeliveryFile).where(DeliveryFile.token == old))
        token = secrets.token_hex(16)
        connection.execute(
            insert(DeliveryFile).values(
                token=token, delivery_id=delivery_id, path=path, size=size, received=0,
                modified=modified, created_at=Now(),
            )
        )  # fmt: skip
        connection.execute(
            update(Delivery).where(Delivery.id == delivery_id).values(state=DeliveryState.OPEN)
        )
    return IncomingFile(token, delivery_id, path, size, 0, modified), old


def find_file(db: Database, user: User, token: str) -> IncomingFile | None:
    """The file of a token, where it is of this person's firm and its delivery takes files."""
    with db.read() as connection:
        row = connection.execute(
            select(*_COLUMNS)
            .join(Delivery, Delivery.id == DeliveryFile.delivery_id)
            .where(
                DeliveryFile.token == token,
                Delivery.contractor_id == (user.contractor_id or 0),
                Delivery.state.in_(list(OPEN_STATES)),
            )
        ).first()
    return None if row is None else IncomingFile(*row)


def note_received(db: Database, token: str, before: int, now: int) -> bool:
    """Bytes up to ``now`` are safe on the disk; False where others have moved it meanwhile."""
    with db.write() as connection:
        moved = connection.execute(
            update(DeliveryFile)
            .where(DeliveryFile.token == token, DeliveryFile.received == before)
            .values(received=now)
        )
        return bool(moved.rowcount)


def received_of(db: Database, token: str) -> int:
    """Bytes of a file that are safe; -1 where it is gone."""
    with db.read() as connection:
        found = connection.execute(
            select(DeliveryFile.received).where(DeliveryFile.token == token)
        ).scalar()
    return -1 if found is None else int(found)


def remove_file(db: Database, token: str) -> None:
    """Forget a file."""
    with db.write() as connection:
        connection.execute(delete(DeliveryFile).where(DeliveryFile.token == token))


def files_of(db: Database, delivery_id: int) -> list[IncomingFile]:
    """Files of a delivery by path."""
    with db.read() as connection:
        rows = connection.execute(
            select(*_COLUMNS)
            .where(DeliveryFile.delivery_id == delivery_id)
            .order_by(DeliveryFile.path)
        )
        return [IncomingFile(*row) for row in rows]


def bytes_of_contractor(db: Database, contractor_id: int) -> tuple[int, int]:
    """What the open deliveries of a firm will take on the disk, and what is already there."""
    with db.read() as connection:
        row = connection.execute(
            select(func.sum(DeliveryFile.size), func.sum(DeliveryFile.received))
            .join(Delivery, Delivery.id == DeliveryFile.delivery_id)
            .where(Delivery.contractor_id == contractor_id)
        ).one()
    return int(row[0] or 0), int(row[1] or 0)


def bytes_awaited(db: Database) -> int:
    """Bytes announced by anybody and not yet on the disk."""
    with db.read() as connection:
        missing = func.sum(DeliveryFile.size - DeliveryFile.received)
        return int(connection.execute(select(missing)).scalar() or 0)
