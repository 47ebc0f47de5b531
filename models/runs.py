"""Runs of the engine over a book, and which of them have gone silent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from models.clock import After, Now
from models.database import Database
from models.states import RunState
from models.tables import Book, EngineRun


@dataclass(frozen=True)
class Run:
    """A run. ``ref`` is its idempotency key for the engine: the same key starts nothing twice."""

    id: int
    book_id: int
    attempt: int
    external_id: str | None = None
    """Who works on it, as it says itself; None before it begins."""

    @property
    def ref(self) -> str:
        """``book:<id>:<attempt>``."""
        return f"book:{self.book_id}:{self.attempt}"


def start_run(db: Database, book_id: int, kind: str, external_id: str | None = None) -> Run:
    """Note that a run over a book begins. ``kind`` is the engine: inline, local, cluster."""
    with db.write() as connection:
        # The book's row is the lock under which attempts are numbered.
        connection.execute(select(Book.id).where(Book.id == book_id).with_for_update()).one()
        attempt = connection.execute(
            select(func.coalesce(func.max(EngineRun.attempt), 0) + 1).where(
                EngineRun.book_id == book_id
            )
        ).scalar_one()
        run_id = connection.execute(
            insert(EngineRun)
            .values(
                book_id=book_id, attempt=attempt, kind=kind, external_id=external_id,
                state=RunState.RUNNING, started_at=Now(), heartbeat_at=Now(),
            )
            .returning(EngineRun.id)
        ).scalar_one()  # fmt: skip
    return Run(run_id, book_id, attempt, external_id)


def beat_run(db: Database, run_id: int, external_id: str | None = None) -> bool:
    """Say that a run is alive; False where it is closed already."""
    columns = {"heartbeat_at": Now()} | ({"external_id": external_id} if external_id else {})
    with db.write() as connection:
        beaten = connection.execute(
            update(EngineRun)
            .where(EngineRun.id == run_id, EngineRun.state == RunState.RUNNING)
            .values(columns)
        )
        return beaten.rowcount == 1


def end_run(db: Database, run_id: int, state: RunState) -> None:
    """Close a run; one closed before stays as it was."""
    with db.write() as connection:
        connection.execute(
            update(EngineRun)
            .where(EngineRun.id == run_id, EngineRun.state == RunState.RUNNING)
            .values(state=state, ended_at=Now())
        )


def open_runs(db: Database, silent_seconds: float | None = None) -> list[Run]:
    """Runs not closed; with ``silent_seconds`` only those without a heartbeat for so long."""
    query = select(EngineRun.id, EngineRun.book_id, EngineRun.attempt, EngineRun.external_id).where(
        EngineRun.state == RunState.RUNNING
    )
    if silent_seconds is not None:
        query = query.where(EngineRun.heartbeat_at < After(-silent_seconds))
    with db.read() as connection:
        return [Run(*row) for row in connection.execute(query.order_by(EngineRun.id))]
