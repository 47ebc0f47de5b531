"""The committed samples, digitized whole, pass the bars of the first milestone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SAMPLES = PROJECT / "samples"


def hotich(home: Path, *arguments: object) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        env={**os.environ, "HOTICH_HOME": str(home), "HOTICH_ENGINE": "inline"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("samples") / "home"
    for batch in sorted((SAMPLES / "batches").iterdir()):
        hotich(home, "queue", batch)
    hotich(home, "run")
    return dict(json.loads(hotich(home, "evaluate", SAMPLES / "truth", "--json")))


def test_every_entry_is_found_and_none_made_up(figures: dict[str, Any]) -> None:
    assert figures["missing_books"] == []
    assert figures["entries"]["found"] == figures["entries"]["true"]
    assert figures["entries"]["extra"] == 0


def test_the_blurred_scan_is_on_the_rescan_list(figures: dict[str, Any]) -> None:
    assert figures["rescans"] == {"expected": 1, "found": 1}


def test_no_box_lies_on_another_field(figures: dict[str, Any]) -> None:
    assert figures["all"]["slips"] == 0


@pytest.mark.parametrize(("wear", "bar"), [("mild", 1.0), ("medium", 0.99), ("heavy", 0.9)])
def test_boxes_are_where_the_fields_are(figures: dict[str, Any], wear: str, bar: float) -> None:
    assert figures["by"]["wear"][wear]["boxes_good"] >= bar


@pytest.mark.parametrize("group", ["mild/print", "mild/type", "medium/print", "medium/type"])
def test_print_and_type_are_read(figures: dict[str, Any], group: str) -> None:
    assert figures["by"]["wear_hand"][group]["exact_value"] >= 0.95


def test_what_is_accepted_unseen_is_right(figures: dict[str, Any]) -> None:
    assert figures["all"]["accepted"] > 0.2
    assert figures["all"]["accepted_wrong"] <= 0.01


@pytest.mark.parametrize(("wear", "most"), [("mild", 0), ("medium", 0), ("heavy", 2)])
def test_no_value_is_invented_in_a_blank(figures: dict[str, Any], wear: str, most: int) -> None:
    # On heavy wear one speck in 31 blanks is still read as a word (and sent to review).
    assert figures["by"]["wear"][wear]["invented"] <= most
