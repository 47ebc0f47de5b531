"""``kill -9`` of anything at random moments: the database ends as if nothing had happened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.crash import compare, disturb
from bench.homes import make_batch, queue_in
from flows.dispatch import run_all
from pipeline.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_batch(tmp_path_factory.mktemp("batch"), scans=6)


@pytest.fixture(scope="module")
def calm(batch: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("calm"))
    queue_in(settings, batch)
    run_all(settings)
    return settings


def test_killed_flow_and_page_processes_leave_no_trace(batch: Path, calm: Settings, tmp_path: Path):
    wild = Settings(home=tmp_path / "wild", chunk_pages=3)
    queue_in(wild, batch)
    done = disturb(wild, ["page", "run", "page"], 5, 2.0, random.Random(7))
    assert done["page"] and done["run"]
    assert compare(calm, wild) == []


@pytest.mark.engine
def test_killed_worker_server_and_flow_process_leave_no_trace(
    batch: Path, calm: Settings, tmp_path: Path
):
    wild = Settings(home=tmp_path / "wild", engine="local")
    queue_in(wild, batch)
    done = disturb(wild, ["worker", "flow", "server"], 3, 4.0, random.Random(7))
    assert done.total() == 3
    assert compare(calm, wild) == []
