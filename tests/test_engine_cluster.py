"""A cluster in small: a server of its own, a worker that finds it, a dispatcher that finds both."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.homes import dump, make_batch, queue_in
from flows.dispatch import run_all
from flows.engine import engine_environment, settings_environment
from flows.supervise import cluster_address, is_healthy
from pipeline.errors import EngineError
from pipeline.settings import PROJECT, Settings

RUN = "from flows.dispatch import run_all; from pipeline.settings import *\n"
RUN += "raise SystemExit(run_all(load_settings()).exit_code)\n"
WORKER = "from flows.supervise import run_worker; from pipeline.settings import *\n"
WORKER += "raise SystemExit(run_worker(load_settings(), 1))\n"


def test_without_an_address_the_cluster_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(EngineError, match="PREFECT_API_URL"):
        cluster_address()


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_book_goes_through_a_server_and_a_worker_started_elsewhere(tmp_path: Path):
    batch = make_batch(tmp_path / "batch", scans=2)
    settings = Settings(home=tmp_path / "home", engine="cluster")
    queue_in(settings, batch)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}/api"
    server_home = settings.model_copy(update={"home": tmp_path / "server"})
    (server_home.resolved_home / "prefect").mkdir(parents=True)
    command = (sys.executable, "-m", "prefect", "server", "start", "--port", port)
    server = subprocess.Popen(command, env=engine_environment(server_home, address))
    processes = [server]
    try:
        end = time.monotonic() + 300
        while not is_healthy(address) and time.monotonic() < end:
            time.sleep(0.3)
        environment = {
            **os.environ,
            **settings_environment(settings),
            "PREFECT_API_URL": address,
            "PYTHONPATH": str(PROJECT),
        }
        run = subprocess.Popen((sys.executable, "-c", RUN), env=environment)
        processes.append(run)
        worker = subprocess.Popen((sys.executable, "-c", WORKER), env=environment)
        processes.append(worker)
        assert run.wait(timeout=400) == 0
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
    calm = Settings(home=tmp_path / "calm")
    queue_in(calm, batch)
    run_all(calm)
    assert dump(settings) == dump(calm)
