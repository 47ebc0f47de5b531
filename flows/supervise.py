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
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flows.children import ChildSpec, Supervisor
from flows.engine import POOL, engine_environment, prepare_deployment, use_environment
from pipeline.errors import EngineBusyError, EngineError
from pipeline.settings import Settings
from pipeline.texts import Text

SERVER_START_SECONDS = 180
"""First start migrates Prefect's database: 14-26 s measured on an idle machine."""
_CLUSTER_SECONDS = 60.0
_SERVER_STARTS = 3
"""A server that dies so often before it answers will not answer."""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Never through a proxy: the server is on this machine or in the office."""


# --- one engine a home --------------------------------------------------------------------------


def _lock_path(settings: Settings) -> Path:
    return settings.resolved_home / "engine.json"


@contextmanager
def _engine_lock(settings: Settings) -> Iterator[IO[str]]:
    """Hold the home's engine lock; the kernel drops it with the process, so it is never stale.

    Raises:
        EngineBusyError: another process runs this home's engine; says which and where.
    """
    path = _lock_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state = running_engine(settings) or {}
            raise EngineBusyError(
                f"{state.get('ui_url', '?')}, pid {state.get('pid', '?')}"
            ) from None
        yield lock
        lock.truncate(0)


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
        EngineBusyError: already running in this home.
        EngineError: the server does not come up.
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
            _wait_until_ready(engine.api_url, engine.supervisor)
            prepare_deployment()
            say(str(Text("Khởi động tiến trình xử lý …", "Starting the worker …")))
            engine.supervisor.add(worker(settings.books_at_once))
            yield engine
        finally:
            engine.supervisor.stop()


@contextmanager
def open_engine(
    settings: Settings, *, say: Callable[[str], None] = lambda _message: None
) -> Iterator[Engine]:
    """The engine of the settings: the home's own, started now, or the cluster's, found.

    Raises:
        EngineError: it cannot be started, or does not answer.
    """
    if settings.engine == "local":
        with local_engine(settings, say=say) as engine:
            yield engine
    else:
        yield _cluster_engine(settings)


def _cluster_engine(settings: Settings) -> Engine:
    engine = Engine(cluster_address())
    use_environment(engine_environment(settings, engine.api_url))
    _find_cluster(engine.api_url)
    prepare_deployment()
    return engine


def _find_cluster(address: str) -> None:
    """Wait a moment for a server that is just starting, as all do after a power cut."""
    end = time.monotonic() + _CLUSTER_SECONDS
    while not is_healthy(address):
        if time.monotonic() > end:
            raise EngineError(address)
        time.sleep(1.0)


def cluster_address() -> str:
    """``PREFECT_API_URL``.

    Raises:
        EngineError: it is not set.
    """
    address = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if not address:
        raise EngineError("PREFECT_API_URL")
    return address


def run_worker(settings: Settings, limit: int) -> int:
    """Keep a worker of this machine up until a signal says stop (``hotich worker``).

    Args:
        settings: with ``engine == "cluster"``.
        limit: books at the same time.

    Returns:
        Exit code 0, when it was told to stop.

    Raises:
        EngineError: the cluster's server does not answer.
    """
    address = cluster_address()
    _find_cluster(address)
    supervisor = Supervisor(
        engine_environment(settings, address), _folder(settings.resolved_home / "logs")
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    supervisor.add(worker(limit))
    try:
        stop.wait()
    finally:
        supervisor.stop()
    return 0


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


def _wait_until_ready(api_url: str, supervisor: Supervisor) -> None:
    """Return once Prefect's API answers.

    Raises:
        EngineError: it did not in time, or died again and again; names the log.
    """
    end = time.monotonic() + SERVER_START_SECONDS
    while not is_healthy(api_url):
        if time.monotonic() > end or supervisor.restarts >= _SERVER_STARTS:
            raise EngineError(
                Text(
                    "{api_url}; xem {log} (có thể xóa {prefect}, không mất dữ liệu)",
                    "{api_url}; see {log} ({prefect} may be deleted, no work is lost)",
                ).format(
                    api_url=api_url,
                    log=supervisor.logs / "prefect-server.log",
                    prefect=supervisor.environment["PREFECT_HOME"],
                )
            )
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
