"""Children are kept alive, stopped in order, and never outlive the one who started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from flows.children import ChildSpec, Supervisor
from flows.engine import engine_environment, settings_environment
from flows.supervise import cluster_address, running_engine
from pipeline.errors import EngineError
from pipeline.settings import PROJECT, Settings, load_settings

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT)}


def sleeper(name: str, log: Path, *, signal_: signal.Signals = signal.SIGTERM) -> ChildSpec:
    script = (
        "import signal, sys, time\n"
        f"def leave(*_): open({str(log)!r}, 'a').write('{name} left\\n'); sys.exit(0)\n"
        f"signal.signal({int(signal_)}, leave)\n"
        f"open({str(log)!r}, 'a').write('{name} up\\n')\n"
        "time.sleep(600)\n"
    )
    return ChildSpec(name, (sys.executable, "-c", script), signal_, 5.0)


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_children_stop_in_reverse_order(tmp_path: Path):
    log = tmp_path / "events"
    supervisor = Supervisor(ENVIRONMENT, tmp_path)
    supervisor.add(sleeper("server", log))
    assert eventually(lambda: lines(log) == ["server up"])
    supervisor.add(sleeper("worker", log, signal_=signal.SIGINT))
    assert eventually(lambda: "worker up" in lines(log))
    pids = supervisor.pids().values()
    supervisor.stop()
    assert lines(log)[-2:] == ["worker left", "server left"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_killed_child_comes_back(tmp_path: Path):
    log = tmp_path / "events"
    supervisor = Supervisor(ENVIRONMENT, tmp_path)
    supervisor.add(sleeper("worker", log))
    assert eventually(lambda: lines(log) == ["worker up"])
    os.kill(supervisor.pids()["worker"], signal.SIGKILL)
    assert eventually(lambda: lines(log) == ["worker up", "worker up"])
    supervisor.stop()
    assert supervisor.restarts == 1


def test_children_die_with_their_killed_parent(tmp_path: Path):
    script = (
        "import sys, time\n"
        f"sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(PROJECT)!r}]\n"
        "from pathlib import Path\n"
        "from test_engine_supervise import ENVIRONMENT, sleeper, eventually, lines\n"
        "from flows.children import Supervisor\n"
        f"here = Path({str(tmp_path)!r})\n"
        "supervisor = Supervisor(ENVIRONMENT, here)\n"
        "supervisor.add(sleeper('worker', here / 'events'))\n"
        "eventually(lambda: lines(here / 'events') == ['worker up'])\n"
        "print(supervisor.pids()['worker'], flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    assert eventually(lambda: not psutil.pid_exists(child))


def test_child_listens_to_interrupt_although_parent_ignores_it(tmp_path: Path):
    log = tmp_path / "events"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        supervisor = Supervisor(ENVIRONMENT, tmp_path)
        supervisor.add(
            ChildSpec(
                "plain",
                (
                    sys.executable,
                    "-c",
                    f"import time\nopen({str(log)!r}, 'a').write('up\\n')\n"
                    f"try: time.sleep(600)\n"
                    f"except KeyboardInterrupt: open({str(log)!r}, 'a').write('interrupted\\n')",
                ),
                signal.SIGINT,
                5.0,
            )
        )
        assert eventually(lambda: lines(log) == ["up"])
        supervisor.stop()
    finally:
        signal.signal(signal.SIGINT, before)
    assert lines(log) == ["up", "interrupted"]


def test_environment_is_silent_and_belongs_to_the_home(tmp_path: Path):
    settings = Settings(home=tmp_path / "h", engine="local")
    inherited = {"PREFECT_API_KEY": "somebody's", "PREFECT_HOME": "/elsewhere", "PATH": "/bin"}
    environment = engine_environment(settings, "http://127.0.0.1:1/api", inherited)
    assert "PREFECT_API_KEY" not in environment
    assert environment["PREFECT_HOME"] == str(tmp_path / "h" / "prefect")
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert environment["PATH"].endswith("/bin")


def test_settings_survive_the_way_through_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = Settings(home=tmp_path, workers=3, chunk_pages=7, as_of="2025-01-01")
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_a_cluster_without_an_address_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(EngineError, match="PREFECT_API_URL"):
        cluster_address()


def test_no_engine_in_a_fresh_home(tmp_path: Path):
    assert running_engine(Settings(home=tmp_path)) is None
