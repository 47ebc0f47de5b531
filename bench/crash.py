"""``python -m bench.crash``: kill parts of the engine at random moments, compare the end.

One home digitizes a book in peace; another one digitizes the same book while worker, server
and flow process are killed with SIGKILL in turn. Both databases must then hold the same.
"""

from __future__ import annotations

import difflib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import psutil
import typer

from bench.homes import AS_OF, dump, make_batch, queue_in
from flows.dispatch import run_all
from flows.engine import settings_environment
from models import integrity, open_database, recount, work_left
from pipeline.settings import PROJECT, Settings

PARTS = {
    "server": "prefect server start",
    "worker": "prefect worker start",
    "flow": "-m flows.flow_process",
    "page": "multiprocessing.spawn",
    "run": "flows.dispatch",
}
"""What can be killed, and by which words of its command line it is known."""
_RUN = "from flows.dispatch import run_all; from pipeline.settings import load_settings;\
raise SystemExit(run_all(load_settings()).exit_code)"

_LAST_STARTS = 5


def main(
    kills: int = 20,
    scans: int = 40,
    kinds: Annotated[str, typer.Option(help=f"of {', '.join(PARTS)}")] = "worker,server,flow",
    engine: Annotated[str, typer.Option(help="local or inline")] = "local",
    workers: int = 2,
    longest: Annotated[float, typer.Option(help="seconds between two kills at most")] = 8.0,
    seed: int = 1,
) -> None:
    """Print kills and comparison; exit code 1 where the databases differ."""
    with tempfile.TemporaryDirectory(prefix="hotich-crash-") as folder:
        batch = make_batch(Path(folder), scans=scans)
        calm = Settings(home=Path(folder) / "calm", workers=workers, as_of=AS_OF)
        queue_in(calm, batch)
        started = time.monotonic()
        run_all(calm)
        typer.echo(f"undisturbed, inline: {scans} scans in {time.monotonic() - started:.0f} s")
        wild = Settings(
            home=Path(folder) / "wild",
            workers=workers,
            engine="local" if engine == "local" else "inline",
            as_of=AS_OF,
        )
        queue_in(wild, batch)
        started = time.monotonic()
        done = disturb(wild, kinds.split(","), kills, longest, random.Random(seed))
        typer.echo(f"disturbed, {engine}: {time.monotonic() - started:.0f} s, killed {dict(done)}")
        problems = compare(calm, wild)
        for problem in problems:
            typer.echo(problem)
        if done.total() < kills:
            typer.echo(f"only {done.total()} of {kills} kills before the end: use more scans")
        raise typer.Exit(1 if problems or done.total() < kills else 0)


def disturb(
    settings: Settings, kinds: list[str], kills: int, longest: float, chance: random.Random
) -> Counter[str]:
    """Run the home's queue to its end, killing ``kinds`` in turn on the way.

    Every second kill, on average, waits for another committed scan before its random moment:
    otherwise a slow machine would see nothing but kills of what is still starting.
    """
    done: Counter[str] = Counter()
    began, last = time.monotonic(), _left(settings)
    process = _start(settings)
    try:
        for kind in islice(cycle(kinds), kills):
            if chance.random() < 0.5:
                while process.poll() is None and _left(settings) >= last:
                    time.sleep(0.2)
            time.sleep(chance.uniform(0.2, longest))
            victim = _find(process, kind)
            while victim is None:
                if process.poll() is not None:
                    if process.returncode == 0:
                        return done
                    process = _start(settings)
                time.sleep(0.1)
                victim = _find(process, kind)
            victim.send_signal(signal.SIGKILL)
            done[kind] += 1
            last = _left(settings)
            typer.echo(f"  {time.monotonic() - began:6.1f} s: killed {kind}, {last} scans left")
        for _ in range(_LAST_STARTS):
            if process.wait() == 0:
                return done
            process = _start(settings)
        raise RuntimeError("the run does not come to its end")
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def compare(calm: Settings, wild: Settings) -> list[str]:
    """What is different or inconsistent; empty where all is well."""
    problems = list(
        difflib.unified_diff(dump(calm), dump(wild), "undisturbed", "disturbed", lineterm="", n=0)
    )
    database = open_database(wild.resolved_database_url)
    try:
        problems += integrity(database)
        problems += [str(fault) for fault in recount(database)]
    finally:
        database.close()
    typer.echo(f"{len(dump(calm))} records compared, {len(problems)} differences")
    return problems


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen([sys.executable, "-c", _RUN], env=environment)


def _find(process: subprocess.Popen[bytes], kind: str) -> psutil.Process | None:
    """A living part of the tree below ``process``, or the process itself for ``run``."""
    try:
        root = psutil.Process(process.pid)
        family = [root] if kind == "run" else root.children(recursive=True)
        for member in family:
            alive = member.status() != psutil.STATUS_ZOMBIE
            if alive and PARTS[kind] in " ".join(member.cmdline()):
                return member
    except psutil.NoSuchProcess:
        pass
    return None


def _left(settings: Settings) -> int:
    database = open_database(settings.resolved_database_url)
    try:
        left = work_left(database, 1)
        return left.ready + left.leased
    finally:
        database.close()


if __name__ == "__main__":
    typer.run(main)
