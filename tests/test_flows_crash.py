"""``kill -9`` of pages and runs at random moments: the database ends as if nothing had happened.

``python -m bench.crash`` kills more, and more often; ``test_engine_prefect`` kills the engine.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from made_once import books_in_peace, copied

from bench.crash import compare, disturb

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_killed_flow_and_page_processes_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
):
    books = books_in_peace(tmp_path_factory, scans=4)
    wild = copied(books, "learned", tmp_path / "wild", chunk_pages=2)
    done = disturb(wild, ["page", "run"], 2, 2.0, random.Random(7))
    assert done["page"] and done["run"]
    assert compare(copied(books, "calm", tmp_path / "calm"), wild) == []
