"""Prefect as this house wants it: on loopback, silent, in the home, and prepared for books.

Nothing here imports Prefect before the environment is set, and nothing at all in inline
mode: the import alone costs 1.5 s (orchestration.md 1).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import EngineError
from pipeline.settings import PROJECT, Settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

POOL = "hotich"
FLOW = "book-flow"
DEPLOYMENT = "bulk"
HEARTBEAT_SECONDS = 30
"""Prefect's minimum."""
ZOMBIE_SECONDS = 4 * HEARTBEAT_SECONDS
"""A run without heartbeat for this long is crashed; under 3 beats live runs are hit (#16459)."""
ZOMBIE_AUTOMATION = "hotich: runs without heartbeat are crashed"

_QUIET = {
    # No call leaves the office: telemetry is on in Prefect unless all of these say no.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    # A missing server shall be an error, not a silent temporary one that forgets.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    # Prefect's history is disposable; ours is the record.
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "2d",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "14d",
}


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings as ``HOTICH_…`` variables, paths absolute, for child processes."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    values["home"] = settings.resolved_home
    values["config"] = settings.config.resolve()
    return {f"HOTICH_{name.upper()}": str(value) for name, value in values.items()}


def engine_environment(
    settings: Settings, api_url: str, inherited: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Whole environment of Prefect processes of this home.

    Args:
        settings: where the home is; also handed on as ``HOTICH_…``.
        api_url: address of Prefect's API, ending in ``/api``.
        inherited: environment to start from, by default this process's own. With the local
            engine its ``PREFECT_…`` variables are dropped, so that neither a profile of the
            user nor another home has a say.
    """
    base = dict(os.environ if inherited is None else inherited)
    if settings.engine == "local":
        base = {name: value for name, value in base.items() if not name.startswith("PREFECT_")}
        base["PREFECT_HOME"] = str(settings.resolved_home / "prefect")
    else:
        base.setdefault("PREFECT_HOME", str(settings.resolved_home / "prefect"))
    # The flow process must find this python and this code, wherever the worker starts it.
    base["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), base.get("PATH", "")))
    base["PYTHONPATH"] = str(PROJECT)
    base["PYTHONUNBUFFERED"] = "1"
    base["OMP_THREAD_LIMIT"] = "1"
    base["NO_PROXY"] = ",".join(filter(None, (base.get("NO_PROXY", ""), "127.0.0.1,localhost")))
    return base | _QUIET | settings_environment(settings) | {"PREFECT_API_URL": api_url}


def use_environment(environment: Mapping[str, str]) -> None:
    """Make ``environment`` this process's Prefect settings; must precede ``import prefect``.

    Raises:
        EngineError: Prefect was imported with another address before.
    """
    if "prefect" in sys.modules and os.environ.get("PREFECT_API_URL") != environment.get(
        "PREFECT_API_URL"
    ):
        raise EngineError("Prefect is in use with another address in this process")
    wanted = ("PREFECT_", "DO_NOT_TRACK")
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        if name not in environment:
            del os.environ[name]
    os.environ.update({k: v for k, v in environment.items() if k.startswith(wanted)})


def prepare_deployment() -> None:
    """Create work pool, deployment and zombie automation where they are missing or outdated.

    Safe to repeat. Needs the environment of :func:`use_environment`.

    Raises:
        EngineError: the server refuses or does not answer.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import PrefectException
    from prefect.workers.process import ProcessWorker

    from flows.orchestrated import book_flow

    try:
        with get_client(sync_client=True) as client:
            client.create_work_pool(
                WorkPoolCreate(
                    name=POOL,
                    type=ProcessWorker.type,
                    base_job_template=ProcessWorker.get_default_base_job_template(),
                ),
                overwrite=True,
            )
            flow_id = client.create_flow_from_name(FLOW)
            client.create_deployment(
                flow_id=flow_id,
                name=DEPLOYMENT,
                work_pool_name=POOL,
                # A module, found through PYTHONPATH: no path of one machine in the deployment.
                entrypoint="flows.orchestrated.book_flow",
                job_variables={"command": "python -m flows.flow_process", "stream_output": True},
                parameter_openapi_schema=_parameter_schema(book_flow),
                enforce_parameter_schema=True,
            )
            _ensure_zombie_automation(client)
    except (PrefectException, OSError) as error:
        raise EngineError(f"{type(error).__name__}: {error}") from error


def _parameter_schema(flow: Flow[Any, Any]) -> dict[str, Any]:
    from prefect.utilities.callables import parameter_schema

    return parameter_schema(flow).model_dump_for_openapi()


def _ensure_zombie_automation(client: SyncPrefectClient) -> None:
    """Self-hosted Prefect leaves a killed run ``Running`` for ever without this (measured)."""
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

    if client.read_automations_by_name(ZOMBIE_AUTOMATION):
        return
    client.create_automation(
        AutomationCore(
            name=ZOMBIE_AUTOMATION,
            trigger=EventTrigger(
                after={"prefect.flow-run.heartbeat"},
                expect={
                    "prefect.flow-run.heartbeat",
                    "prefect.flow-run.Completed",
                    "prefect.flow-run.Failed",
                    "prefect.flow-run.Cancelled",
                    "prefect.flow-run.Crashed",
                },
                match={"prefect.resource.id": ["prefect.flow-run.*"]},
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=timedelta(seconds=ZOMBIE_SECONDS),
            ),
            actions=[ChangeFlowRunState(state=StateType.CRASHED, message="no heartbeat")],
        )
    )
