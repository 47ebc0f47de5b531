"""A page's process may die, hang or be killed: only that page notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from flows.pool import ChildDiedError, PagePool, PageTimeoutError
from pipeline.errors import LanguageDataMissingError

_greeting = ""


def prepare(greeting: str) -> None:
    global _greeting
    if greeting == "no language":
        raise LanguageDataMissingError("vie")
    _greeting = greeting


def work(item: str) -> str:
    if item == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if item == "hang":
        time.sleep(600)
    if item == "raise":
        raise ValueError("bad page")
    return f"{_greeting} {item}"


def test_results_come_from_prepared_children():
    with PagePool(2, prepare, ("hello",)) as pool:
        outcomes = list(pool.run(work, ["a", "b", "c"], timeout=30))
        first = pool.pids()
        again = list(pool.run(work, ["d"], timeout=30))
        assert set(pool.pids()) <= set(first)
    assert {o.item: o.result for o in outcomes} == {"a": "hello a", "b": "hello b", "c": "hello c"}
    assert again[0].result == "hello d"


def test_death_hang_and_error_cost_only_their_page():
    items = ["a", "die", "b", "hang", "raise", "c", "d"]
    with PagePool(2, prepare, ("x",)) as pool:
        list(pool.run(work, ["warm", "warm"], timeout=30))
        outcomes = {o.item: o for o in pool.run(work, items, timeout=1.0)}
    assert set(outcomes) == set(items)
    assert [outcomes[i].result for i in "abcd"] == ["x a", "x b", "x c", "x d"]
    assert isinstance(outcomes["die"].error, ChildDiedError)
    assert isinstance(outcomes["hang"].error, PageTimeoutError)
    assert isinstance(outcomes["raise"].error, ValueError)


def test_what_prepare_raises_stops_the_run():
    with PagePool(1, prepare, ("no language",)) as pool, pytest.raises(LanguageDataMissingError):
        list(pool.run(work, ["a"], timeout=30))


def test_abandoned_run_leaves_no_process():
    with PagePool(2, prepare, ("x",)) as pool:
        run = pool.run(work, ["a", "hang", "b"], timeout=60)
        next(run)
        pids = pool.pids()
        run.close()
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_children_end_when_their_parent_is_killed(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\n"
        "from flows.pool import PagePool\n"
        "from test_flows_pool import prepare, work\n"
        "if __name__ == '__main__':\n"
        "    pool = PagePool(2, prepare, ('x',))\n"
        "    list(pool.run(work, ['a', 'b'], timeout=30))\n"
        "    print(*pool.pids(), flush=True)\n"
        "    list(pool.run(work, ['hang', 'c'], timeout=60))\n"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}"}
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    end = time.monotonic() + 5
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(psutil.pid_exists(pid) for pid in pids)
