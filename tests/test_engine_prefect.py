"""The same book through Prefect: server and worker as children, silent, and gone at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.homes import dump, make_batch, queue_in
from flows.dispatch import run_all
from flows.engine import ZOMBIE_AUTOMATION, settings_environment
from flows.supervise import is_healthy, local_engine, running_engine
from models import open_database, verify_audit
from pipeline.errors import EngineBusyError
from pipeline.settings import PROJECT, Settings

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

RUN = (
    "from flows.dispatch import run_all; from pipeline.settings import load_settings\n"
    "outcome = run_all(load_settings())\n"
    "print(outcome.books, outcome.exit_code)\n"
)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_batch(tmp_path_factory.mktemp("batch"), scans=2, books=2)


@pytest.fixture(scope="module")
def settings(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("home"), engine="local")
    queue_in(settings, batch)
    return settings


def start(settings: Settings) -> subprocess.Popen[str]:
    environment = {**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def running(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A run of the home with the local engine, its server already answering."""
    process = start(settings)
    end = time.monotonic() + 300
    while time.monotonic() < end and process.poll() is None:
        state = running_engine(settings)
        if state and is_healthy(state["api_url"]):
            break
        time.sleep(0.2)
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait()


def ask(address: str, payload: dict[str, object]) -> object:
    request = urllib.request.Request(
        address, json.dumps(payload).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_second_engine_in_the_home_is_refused(running: subprocess.Popen[str], settings: Settings):
    with pytest.raises(EngineBusyError) as refusal, local_engine(settings):
        pass
    state = running_engine(settings)
    assert state is not None
    assert state["pid"] == running.pid
    assert state["ui_url"] in str(refusal.value)


def test_somebody_else_who_runs_the_home_looks_on_and_the_work_is_done_once(
    running: subprocess.Popen[str], settings: Settings, batch: Path, tmp_path: Path
):
    state = running_engine(settings)
    assert state is not None
    family = psutil.Process(running.pid).children(recursive=True)
    assert run_all(settings).exit_code == 0
    automations = ask(f"{state['api_url']}/automations/filter", {})
    assert isinstance(automations, list)
    assert [each["name"] for each in automations] == [ZOMBIE_AUTOMATION]
    assert running.wait(timeout=300) == 0
    assert running.stdout is not None
    assert running.stdout.read().split() == ["2", "0"]
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    calm = Settings(home=tmp_path / "calm")
    queue_in(calm, batch)
    run_all(calm)
    assert dump(settings) == dump(calm)


def test_a_second_run_starts_no_engine_and_changes_nothing(
    running: subprocess.Popen[str], settings: Settings
):
    assert running.wait(timeout=300) == 0
    before = dump(settings)
    database = open_database(settings.resolved_database_url)
    events = verify_audit(database).events
    assert run_all(settings).books == 0
    assert verify_audit(database).events == events
    database.close()
    assert dump(settings) == before
    assert running_engine(settings) is None
