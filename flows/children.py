"""Child processes that are kept alive, stopped in order, and never outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_TICK_SECONDS = 0.5
_START_SECONDS = 180.0
"""A child younger than this need not answer yet."""
_PROBE_SECONDS = 15.0
_PROBE_FAILURES = 6
"""A child that does not answer for 90 s is restarted."""
_BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30)
_STEADY_SECONDS = 60
"""A child that lived this long starts its back-off anew."""
_LOG_BYTES = 10_000_000


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
        or now - child.started < _START_SECONDS
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
