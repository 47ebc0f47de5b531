"""The same book through Prefect: server and worker as children, silent, and gone at the end.

All tests of a real engine are in this file: the first one has Prefect make its database, which
takes longer than a book; the others begin with a copy of it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from made_once import books_in_peace, copied

from bench.crash import compare, disturb
from bench.homes import dump
from flows.dispatch import run_all
from flows.engine import ZOMBIE_AUTOMATION, engine_environment, settings_environment
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
WORKER = "from flows.supervise import run_worker; from pipeline.settings import *\n"
WORKER += "raise SystemExit(run_worker(load_settings(), 1))\n"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return books_in_peace(tmp_path_factory, scans=1, books=2)


@pytest.fixture(scope="module")
def settings(books: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(books, "learned", tmp_path_factory.mktemp("office") / "home", engine="local")


def start(settings: Settings, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)}
    environment |= more
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


@pytest.fixture
def history(
    running: subprocess.Popen[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Prefect's folder of the home, after its engine has ended and nothing here points to it."""
    assert running.wait(timeout=300) == 0
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    return settings.resolved_home / "prefect"


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
    running: subprocess.Popen[str], settings: Settings, books: Path, tmp_path: Path
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
    assert dump(settings) == dump(copied(books, "calm", tmp_path / "calm"))


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


def test_a_book_goes_through_a_server_and_a_worker_started_elsewhere(
    history: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
):
    """A cluster in small: a server of its own, a worker and a dispatcher that find it."""
    book = books_in_peace(tmp_path_factory, scans=2)
    settings = copied(book, "learned", tmp_path / "home", engine="cluster", workers=1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}/api"
    server_home = settings.model_copy(update={"home": tmp_path / "server"})
    shutil.copytree(history, server_home.resolved_home / "prefect")
    command = (sys.executable, "-m", "prefect", "server", "start", "--port", port)
    server = subprocess.Popen(command, env=engine_environment(server_home, address))
    processes: list[subprocess.Popen[bytes] | subprocess.Popen[str]] = [server]
    try:
        end = time.monotonic() + 300
        while not is_healthy(address) and time.monotonic() < end:
            time.sleep(0.3)
        run = start(settings, PREFECT_API_URL=address)
        processes.append(run)
        environment = {
            **os.environ,
            **settings_environment(settings),
            "PREFECT_API_URL": address,
            "PYTHONPATH": str(PROJECT),
        }
        worker = subprocess.Popen((sys.executable, "-c", WORKER), env=environment)
        processes.append(worker)
        assert run.wait(timeout=400) == 0
        assert run.stdout is not None
        assert run.stdout.read().split() == ["1", "0"]
        family = psutil.Process(worker.pid).children(recursive=True)
        assert family
        worker.terminate()
        assert worker.wait(timeout=60) == 0
        _, alive = psutil.wait_procs(family, timeout=5)
        assert alive == []
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert dump(settings) == dump(copied(book, "calm", tmp_path / "calm"))


def test_killed_worker_server_and_flow_process_leave_no_trace(
    history: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
):
    """``python -m bench.crash`` kills more, and more often."""
    book = books_in_peace(tmp_path_factory, scans=4)
    # One page at a time: there must be some left for the last kill, however fast the machine.
    wild = copied(book, "learned", tmp_path / "wild", engine="local", workers=1)
    shutil.copytree(history, wild.resolved_home / "prefect")
    done = disturb(wild, ["worker", "flow", "server"], 3, 4.0, random.Random(7))
    assert done.total() == 3
    assert compare(copied(book, "calm", tmp_path / "calm"), wild) == []
