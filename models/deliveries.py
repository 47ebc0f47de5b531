"""Deliveries: files of a contractor on their way to being a batch.

Files are uploaded into a delivery, then it is checked, confirmed and queued. What was
received, and who is at checking, stands here, so that a killed server goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import aliased

from models.audit import record_event
from models.clock import After, Now
from models.database import Database
from models.states import DeliveryState, Role
from models.tables import Contractor, Delivery, DeliveryFile, DeskUser
from models.users import User
from pipeline.errors import OutOfReachError

OPEN_STATES = (DeliveryState.OPEN, DeliveryState.CHECKED, DeliveryState.FAILED)
"""States in which files may come, go and be checked anew."""
AT_WORK = (DeliveryState.CHECKING, DeliveryState.QUEUEING)
_LONGEST_NAME = 200


@dataclass(frozen=True)
class DeliveryView:
    """A delivery; ``files`` and sizes in bytes are those of its files."""

    id: int
    contractor_id: int
    contractor: str
    units: frozenset[str]
    """Units that the person who hands it over may deliver for; empty: any."""
    name: str
    login: str
    state: DeliveryState
    created_at: datetime
    changed_at: datetime
    done: int
    total: int
    books: tuple[dict[str, Any], ...]
    report: dict[str, Any]
    batch_id: int | None
    files: int
    files_whole: int
    size: int
    received: int

    @property
    def at_work(self) -> bool:
        """Something goes on by itself."""
        return self.state in AT_WORK

    @property
    def is_open(self) -> bool:
        """Files may still come or go."""
        return self.state in OPEN_STATES


def open_delivery(db: Database, user: User, name: str) -> int:
    """Begin a delivery of this person's firm; returns its number.

    Raises:
        OutOfReachError: the person belongs to no firm.
    """
    if user.contractor_id is None:
        raise OutOfReachError()
    name = " ".join(name.split())[:_LONGEST_NAME]
    with db.write() as connection:
        number = connection.execute(
            insert(Delivery)
            .values(
                contractor_id=user.contractor_id, user_id=user.id, name=name,
                state=DeliveryState.OPEN, created_at=Now(), changed_at=Now(),
            )
            .returning(Delivery.id)
        ).scalar_one()  # fmt: skip
        record_event(connection, user.login, "delivery.opened", f"delivery:{number}", {})
    return int(number)


def find_delivery(db: Database, user: User, delivery_id: int) -> DeliveryView:
    """One delivery.

    Raises:
        OutOfReachError: there is none, or it is another firm's; the latter is noted.
    """
    with db.read() as connection:
        found = _views(connection, Delivery.id == delivery_id, own(user))
        if found:
            return found[0]
    note_refused(db, user, f"delivery:{delivery_id}")
    raise OutOfReachError()


def deliveries_of(db: Database, user: User, limit: int = 200) -> list[DeliveryView]:
    """Deliveries that are no batch yet or were one lately, newest first."""
    with db.read() as connection:
        return _views(connection, own(user))[:limit]


def load_delivery(db: Database, delivery_id: int) -> DeliveryView:
    """One delivery, whoever asks: for the checker.

    Raises:
        LookupError: there is none.
    """
    with db.read() as connection:
        found = _views(connection, Delivery.id == delivery_id)
    if not found:
        raise LookupError(f"delivery {delivery_id}")
    return found[0]


def own(user: User) -> ColumnElement[bool]:
    """Condition on ``delivery``: what this person may see."""
    if user.role is Role.CONTRACTOR:
        return Delivery.contractor_id == (user.contractor_id or 0)
    return true() if user.sees_all else Delivery.user_id == user.id


def note_refused(db: Database, user: User, subject: str) -> None:
    """Keep in the audit log that somebody asked for what is not theirs, or is not there."""
    with db.write() as connection:
        record_event(connection, user.login, "access.refused", subject[:200], {})


def note_wrong_sum(db: Database, user: User, delivery_id: int, path: str) -> None:
    """Keep in the audit log that a piece came whose digest differs."""
    with db.write() as connection:
        detail = {"path": path[:500], "refused": ["WrongDigest"]}
        record_event(connection, user.login, "upload.refused", f"delivery:{delivery_id}", detail)


def move_delivery(
    db: Database,
    delivery_id: int,
    state: DeliveryState,
    *,
    actor: str,
    of: Sequence[DeliveryState],
    books: Sequence[dict[str, Any]] | None = None,
    report: dict[str, Any] | None = None,
    batch_id: int | None = None,
) -> bool:
    """Another state, with what goes with it; False where it was in none of the states ``of``."""
    given: dict[str, Any] = {"books": list(books) if books is not None else None}
    given |= {"report": report, "batch_id": batch_id}
    with db.write() as connection:
        moved = connection.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.state.in_(list(of)))
            .values(
                state=state, changed_at=Now(), claimed_by=None, claimed_until=None, done=0,
                total=0, attempts=0,
                **{key: value for key, value in given.items() if value is not None},
            )
        )  # fmt: skip
        if not moved.rowcount:
            return False
        detail: dict[str, Any] = {} if batch_id is None else {"batch": batch_id}
        refused = [one["code"] for one in (report or {}).get("refused", ())]
        refused += [one["error"]["code"] for one in books or () if one.get("error")]
        if refused:
            detail["refused"] = refused[:100]
        action = f"delivery.{state.value}"
        record_event(connection, actor, action, f"delivery:{delivery_id}", detail)
    return True


def set_books(db: Database, delivery_id: int, books: Sequence[dict[str, Any]]) -> None:
    """Keep what the contractor says of the books."""
    with db.write() as connection:
        connection.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(books=list(books), changed_at=Now())
        )


# --- the checker --------------------------------------------------------------------------------


def waiting_delivery(db: Database) -> bool:
    """Whether a delivery waits for a checker."""
    with db.read() as connection:
        return (
            connection.execute(select(Delivery.id).where(_CLAIMABLE).limit(1)).first() is not None
        )


def claim_delivery(db: Database, owner: str, seconds: float) -> tuple[int, int] | None:
    """Take the next delivery that waits; its number and how often it was begun, None if none.

    Firms take turns: first whose last one was done longest ago, and of theirs the oldest.
    """
    others = aliased(Delivery)
    served = (
        select(func.max(others.changed_at))
        .where(
            others.contractor_id == Delivery.contractor_id, others.state.not_in(list(AT_WORK)),
            others.state != DeliveryState.OPEN,
        )
        .correlate(Delivery)
        .scalar_subquery()
    )  # fmt: skip
    oldest = (
        select(Delivery.id)
        .where(_CLAIMABLE)
        .order_by(served.is_not(None), served, Delivery.changed_at, Delivery.id)
        .limit(1)
    )
    if db.dialect == "postgresql":
        oldest = oldest.with_for_update(skip_locked=True)
    with db.write() as connection:
        row = connection.execute(
            update(Delivery)
            .where(Delivery.id.in_(oldest))
            .values(claimed_by=owner, claimed_until=After(seconds), attempts=Delivery.attempts + 1)
            .returning(Delivery.id, Delivery.attempts)
        ).first()
    return None if row is None else (row.id, row.attempts)


def beat_delivery(
    db: Database, delivery_id: int, owner: str, seconds: float, done: int, total: int
) -> bool:
    """A sign of life with progress; False where somebody else has it, or it was withdrawn."""
    with db.write() as connection:
        kept = connection.execute(
            update(Delivery)
            .where(
                Delivery.id == delivery_id,
                Delivery.claimed_by == owner,
                Delivery.state.in_(list(AT_WORK)),
            )
            .values(claimed_until=After(seconds), done=done, total=total)
        )
        return bool(kept.rowcount)


_CLAIMABLE = Delivery.state.in_(list(AT_WORK)) & or_(
    Delivery.claimed_until.is_(None), Delivery.claimed_until < Now()
)


# --- inside -------------------------------------------------------------------------------------


def _views(connection: Connection, *conditions: ColumnElement[bool]) -> list[DeliveryView]:
    from models.tables import UserUnit

    sums = (
        select(
            DeliveryFile.delivery_id,
            func.count().label("files"),
            func.count().filter(DeliveryFile.received == DeliveryFile.size).label("files_whole"),
            func.sum(DeliveryFile.size).label("size"),
            func.sum(DeliveryFile.received).label("received"),
        )
        .group_by(DeliveryFile.delivery_id)
        .subquery()
    )
    rows = (
        connection.execute(
            select(
                Delivery.__table__, DeskUser.login, Contractor.name.label("contractor"),
                sums.c.files, sums.c.files_whole, sums.c.size, sums.c.received,
            )
            .join(DeskUser, DeskUser.id == Delivery.user_id)
            .join(Contractor, Contractor.id == Delivery.contractor_id)
            .outerjoin(sums, sums.c.delivery_id == Delivery.id)
            .where(*conditions)
            .order_by(Delivery.id.desc())
        )
        .mappings()
        .all()
    )  # fmt: skip
    units: dict[int, set[str]] = {}
    for user_id, unit in connection.execute(
        select(UserUnit.user_id, UserUnit.unit_id).where(
            UserUnit.user_id.in_({row["user_id"] for row in rows})
        )
    ):
        units.setdefault(user_id, set()).add(unit)
    return [_view(row, frozenset(units.get(row["user_id"], ()))) for row in rows]


def _view(row: RowMapping, units: frozenset[str]) -> DeliveryView:
    return DeliveryView(
        id=row["id"], contractor_id=row["contractor_id"], contractor=row["contractor"],
        units=units, name=row["name"], login=row["login"], state=DeliveryState(row["state"]),
        created_at=row["created_at"], changed_at=row["changed_at"], done=row["done"],
        total=row["total"], books=tuple(row["books"] or ()), report=row["report"] or {},
        batch_id=row["batch_id"], files=row["files"] or 0, files_whole=row["files_whole"] or 0,
        size=int(row["size"] or 0), received=int(row["received"] or 0),
    )  # fmt: skip


def drop_files(connection: Connection, delivery_id: int) -> None:
    """Forget the files of a delivery: they lie in the store, or are thrown away."""
    connection.execute(delete(DeliveryFile).where(DeliveryFile.delivery_id == delivery_id))
