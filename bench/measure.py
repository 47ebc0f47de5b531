"""CPU seconds, wall time and peak memory of a whole process tree."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What a command cost, its children included. Memory in MB (10⁶ bytes).

    ``largest_mb`` is the proportional set size of the largest single process, ``tree_mb`` of all
    together, both sampled: short peaks between two samples are missed.
    """

    cpu_seconds: float
    wall_seconds: float
    largest_mb: float
    tree_mb: float


def run_measured(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, log: Path
) -> Cost:
    """Runs a command to its end.

    Raises:
        RuntimeError: it failed; names the log with its output.
    """
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peaks = _Peaks(process.pid)
        peaks.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        peaks.stop()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: see {log}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, peaks.largest / 1e6, peaks.tree / 1e6)


class _Peaks(threading.Thread):
    """Samples the memory of a process and all its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._over = threading.Event()
        self.largest = self.tree = 0

    def run(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            sizes = [_pss(process) for process in self._family()]
            self.largest = max([self.largest, *sizes])
            self.tree = max(self.tree, sum(sizes))

    def stop(self) -> None:
        self._over.set()
        self.join()

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0
