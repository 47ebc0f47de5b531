"""The local engine: Prefect's server and worker as watched children of this process.

``with local_engine(settings) as engine:`` starts both, keeps them alive, and stops them in
order. Whatever happens to this process, they do not outlive it (``flows.leash``).
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from flows.engine import POOL, engine_environment, prepare_deployment, use_environment
from pipeline.errors import EngineError
from pipeline.settings import Settings
from pipeline.texts import Text

SERVER_START_SECONDS = 180
"""First start migrates Prefect's database: 14-26 s measured on an idle machine."""
_TICK_SECONDS = 0.5
_PROBE_SECONDS = 15.0
_PROBE_FAILURES = 6
"""A server that does not answer for 90 s is restarted."""
_BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30)
_STEADY_SECONDS = 60
"""A child that lived this long starts its back-off anew."""
_LOG_BYTES = 10_000_000
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Never through a proxy: the server is on this machine or in the office."""


@dataclass(frozen=True)
class ChildSpec:
    """What to run, how to ask it to stop, and how to see that it answers."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals
    stop_seconds: float
    answers: Callable[[], bool] | None = None


@dataclass
class _Child:
    spec: ChildSpec
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    """Deaths in a row, for the back-off."""
    silent: int = 0
    """Health probes in a row without answer."""
    probed: float = 0.0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Keeps children alive. One thread starts, watches and stops them all.

    One thread, because the kernel's parent-death signal follows the thread that forked.
    """

    environment: dict[str, str]
    logs: Path
    restarts: int = 0
    _wanted: list[ChildSpec] = field(default_factory=list)
    _children: dict[str, _Child] = field(default_factory=dict)
    _changed: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False
    _thread: threading.Thread | None = None

    def add(self, spec: ChildSpec) -> None:
        """Start ``spec`` and watch it from now on."""
        self._wanted.append(spec)
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._thread.start()
        self._changed.set()

    def pids(self) -> dict[str, int]:
        """Process ids of the living children by name."""
        return {
            name: child.process.pid
            for name, child in list(self._children.items())
            if child.process.poll() is None
        }

    def stop(self) -> None:
        """Stop the children, last started first, and wait for it."""
        self._stopping = True
        self._changed.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        try:
            while not self._stopping:
                for spec in self._wanted[len(self._children) :]:
                    self._children[spec.name] = _start(spec, self.environment, self.logs)
                for child in self._children.values():
                    self._tend(child)
                self._changed.wait(_TICK_SECONDS)
                self._changed.clear()
        finally:
            for child in reversed(self._children.values()):
                _stop(child)

    def _tend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process.poll() is None:
            if now - child.started > _STEADY_SECONDS:
                child.failures = 0
            if _is_silent(child, now):
                _end_group(child.process)
            return
        if child.restart_at is None:
            _end_group(child.process)
            wait = _BACKOFF_SECONDS[min(child.failures, len(_BACKOFF_SECONDS) - 1)]
            child.restart_at = now + wait
        elif now >= child.restart_at:
            fresh = _start(child.spec, self.environment, self.logs)
            fresh.failures = child.failures + 1
            self._children[child.spec.name] = fresh
            self.restarts += 1


def _is_silent(child: _Child, now: float) -> bool:
    if (
        child.spec.answers is None
        or now - child.started < SERVER_START_SECONDS
        or now - child.probed < _PROBE_SECONDS
    ):
        return False
    child.probed = now
    child.silent = 0 if child.spec.answers() else child.silent + 1
    return child.silent >= _PROBE_FAILURES


def _start(spec: ChildSpec, environment: dict[str, str], logs: Path) -> _Child:
    with _open_log(logs / f"{spec.name}.log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.leash", str(os.getpid()), *spec.command],
            env=environment,
            cwd=logs,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for us alone; we stop the children in order.
            start_new_session=True,
        )
    return _Child(spec, process, time.monotonic())


def _stop(child: _Child) -> None:
    if child.process.poll() is None:
        child.process.send_signal(child.spec.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(child.spec.stop_seconds)
    _end_group(child.process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child and of the processes it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


# --- one engine a home --------------------------------------------------------------------------


def _lock_path(settings: Settings) -> Path:
    return settings.resolved_home / "engine.json"


@contextmanager
def _engine_lock(settings: Settings) -> Iterator[IO[str]]:
    """Hold the home's engine lock; the kernel drops it with the process, so it is never stale.

    Raises:
        EngineError: another process runs this home's engine; says which and where.
    """
    path = _lock_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EngineError(_taken(running_engine(settings) or {})) from None
        yield lock
        lock.truncate(0)


def _taken(state: dict[str, Any]) -> str:
    return Text(
        "bộ máy của thư mục này đang chạy (tiến trình {pid}, {ui})",
        "this home's engine is already running (process {pid}, {ui})",
    ).format(pid=state.get("pid", "?"), ui=state.get("ui_url", "?"))


def running_engine(settings: Settings) -> dict[str, Any] | None:
    """``{"pid", "api_url", "ui_url"}`` of the engine that holds this home, None without."""
    path = _lock_path(settings)
    try:
        with path.open("r", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read()
                return dict(json.loads(text)) if text else {}
            return None
    except FileNotFoundError:
        return None


# --- the engine ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Engine:
    """A Prefect that answers: ours, or the cluster's (then without supervisor)."""

    api_url: str
    supervisor: Supervisor | None = None

    @property
    def ui_url(self) -> str:
        """Where a person may look at it."""
        return self.api_url.removesuffix("/api")


@contextmanager
def local_engine(
    settings: Settings, *, say: Callable[[str], None] = lambda _message: None
) -> Iterator[Engine]:
    """Prefect server and process worker of this home, ready for books.

    Args:
        settings: with ``engine == "local"``.
        say: told what is going on, for a person who waits.

    Raises:
        EngineError: already running in this home, or the server does not come up.
    """
    with _engine_lock(settings) as lock:
        port = _port(settings)
        engine = Engine(
            api_url=f"http://127.0.0.1:{port}/api",
            supervisor=Supervisor(
                engine_environment(settings, f"http://127.0.0.1:{port}/api"),
                _folder(settings.resolved_home / "logs"),
            ),
        )
        assert engine.supervisor is not None
        _write_state(settings, lock, engine)
        use_environment(engine.supervisor.environment)
        try:
            say(str(Text("Khởi động máy chủ Prefect …", "Starting the Prefect server …")))
            engine.supervisor.add(_server(port))
            wait_until_ready(engine.api_url, logs=engine.supervisor.logs)
            prepare_deployment()
            say(str(Text("Khởi động tiến trình xử lý …", "Starting the worker …")))
            engine.supervisor.add(worker(limit=1))
            yield engine
        finally:
            engine.supervisor.stop()


def _server(port: int) -> ChildSpec:
    command = (sys.executable, "-m", "prefect", "server", "start")
    return ChildSpec(
        "prefect-server",
        (*command, "--host", "127.0.0.1", "--port", str(port)),
        signal.SIGTERM,
        10.0,
        answers=lambda: is_healthy(f"http://127.0.0.1:{port}/api"),
    )


def worker(limit: int) -> ChildSpec:
    """A process worker that runs ``limit`` books at the same time."""
    command = (sys.executable, "-m", "prefect", "worker", "start", "--type", "process")
    return ChildSpec(
        "prefect-worker",
        (*command, "--pool", POOL, "--limit", str(limit), "--install-policy", "never"),
        # SIGINT: a worker on SIGTERM was seen to go on and take a new run (orchestration.md 3).
        signal.SIGINT,
        15.0,
    )


def is_healthy(api_url: str, timeout: float = 5.0) -> bool:
    """Whether Prefect's API answers."""
    try:
        with _DIRECT.open(f"{api_url}/health", timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def wait_until_ready(api_url: str, *, logs: Path, seconds: float = SERVER_START_SECONDS) -> None:
    """Return once Prefect's API answers.

    Raises:
        EngineError: it did not within ``seconds``.
    """
    end = time.monotonic() + seconds
    while not is_healthy(api_url):
        if time.monotonic() > end:
            raise EngineError(f"{api_url}, {logs / 'prefect-server.log'}")
        time.sleep(0.3)


def _port(settings: Settings) -> int:
    """A free loopback port: the one this home had last, so that bookmarks keep working, or any."""
    remembered = settings.resolved_home / "prefect" / "port"
    last = int(remembered.read_text()) if remembered.exists() else 0
    for candidate in (last, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            port = int(probe.getsockname()[1])
            _folder(remembered.parent)
            remembered.write_text(str(port))
            return port
    raise EngineError("no free port on 127.0.0.1")


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _write_state(settings: Settings, lock: IO[str], engine: Engine) -> None:
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "api_url": engine.api_url, "ui_url": engine.ui_url}))
    lock.flush()
