"""The pure parts of the pages, by Node's own test runner."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "desk_js"
NODE = Path(sys.executable).with_name("node")


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.mjs")))
def test_browser_modules(name: str):
    run = subprocess.run([NODE, "--test", TESTS / name], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "pass 0" not in run.stdout
