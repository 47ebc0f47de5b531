"""What the dispatcher asks of Prefect: take this run, how is it, forget it.

Every call may fail while the server is being restarted; the dispatcher asks again later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from flows.engine import DEPLOYMENT, FLOW, POOL
from models import Run
from pipeline.errors import EngineError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas import FlowRun

_STUCK_SECONDS = 180
"""A worker killed between taking a run and starting it leaves it pending for ever."""
_RAISED = re.compile(r"exception: (?:[\w.]*\.)?(?P<name>\w+): ?(?P<text>.*)", re.DOTALL)


class Fate(StrEnum):
    """What Prefect knows of a run, as far as it matters here."""

    WAITING = "waiting"
    WORKING = "working"
    ENDED = "ended"
    """Completed, crashed or cancelled: our own rows tell whether the book is done."""
    FAILED = "failed"
    """The flow raised; ``message`` says what."""


@dataclass(frozen=True)
class Sight:
    """A run as Prefect sees it now."""

    fate: Fate
    message: str = ""

    @property
    def error(self) -> tuple[str, str]:
        """Class and text of what the flow raised, out of Prefect's message."""
        match = _RAISED.search(self.message)
        return (match["name"], match["text"]) if match else ("EngineError", self.message)


@dataclass(frozen=True)
class Queue:
    """Prefect's deployment of the book flow."""

    client: SyncPrefectClient
    deployment: UUID

    def submit(self, run: Run, book: str = "") -> UUID:
        """Hand a run over; a run handed over before is found again, not started twice.

        Args:
            run: from ``start_run``.
            book: code of the book, for whoever looks at Prefect's pages.
        """
        with _asking():
            flow_run = self.client.create_flow_run_from_deployment(
                self.deployment,
                parameters={"book_id": run.book_id, "attempt": run.attempt, "run_id": run.id},
                idempotency_key=run.ref,
                name=f"{book or run.book_id} ({run.attempt})",
            )
        return flow_run.id

    def look(self, external: list[UUID]) -> dict[UUID, Sight]:
        """How these runs are; those that Prefect does not know (any more) are missing."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        if not external:
            return {}
        with _asking():
            found = self.client.read_flow_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=external))
            )
        return {flow_run.id: _sight(flow_run) for flow_run in found}

    def forget(self, external: UUID) -> None:
        """Close a run that is lost, so that no worker takes it up later."""
        from prefect.client.schemas import State
        from prefect.client.schemas.objects import StateType

        state: State[None] = State(type=StateType.CRASHED, message="given up by the dispatcher")
        with _asking():
            self.client.set_flow_run_state(external, state, force=True)

    def workers(self) -> int:
        """Workers that sent a heartbeat lately."""
        from prefect.client.schemas.objects import WorkerStatus

        with _asking():
            found = self.client.read_workers_for_work_pool(POOL)
        return sum(worker.status == WorkerStatus.ONLINE for worker in found)


def _sight(flow_run: FlowRun) -> Sight:
    state = flow_run.state
    if state is None or state.is_scheduled():
        return Sight(Fate.WAITING)
    if state.is_failed():
        return Sight(Fate.FAILED, state.message or "")
    if state.is_final() or state.is_cancelling():
        return Sight(Fate.ENDED, state.message or "")
    age = (datetime.now(UTC) - state.timestamp).total_seconds()
    if state.is_pending():
        return Sight(Fate.ENDED if age > _STUCK_SECONDS else Fate.WAITING)
    return Sight(Fate.WORKING)


@contextmanager
def open_queue() -> Iterator[Queue]:
    """The deployment that ``prepare_deployment`` made, in the environment set before.

    Raises:
        EngineError: the server does not answer or knows no such deployment.
    """
    from prefect.client.orchestration import get_client

    with _asking(), get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(f"{FLOW}/{DEPLOYMENT}")
        yield Queue(client, deployment.id)


@contextmanager
def _asking() -> Iterator[None]:
    import httpx
    from prefect.exceptions import PrefectException

    try:
        yield
    except (PrefectException, httpx.HTTPError, RuntimeError) as error:
        raise EngineError(f"{type(error).__name__}: {error}") from error
