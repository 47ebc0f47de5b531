"""Generated documents are those of the code, every command has help in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.main import get_command

from cli.dictionary import data_dictionary
from cli.main import cli
from cli.rule_table import rule_table
from pipeline.settings import PROJECT


def commands(group: object, name: str = "hotich") -> Iterator[tuple[str, object]]:
    for sub, command in sorted(getattr(group, "commands", {}).items()):
        yield f"{name} {sub}", command
        yield from commands(command, f"{name} {sub}")


ALL = dict(commands(get_command(cli)))


def test_the_data_dictionary_is_up_to_date() -> None:
    written = (PROJECT / "docs" / "data-dictionary.md").read_text("utf-8")
    assert written == data_dictionary(), "run: ./run hotich dictionary > docs/data-dictionary.md"


def test_the_table_of_rules_is_up_to_date() -> None:
    written = (PROJECT / "docs" / "rules.md").read_text("utf-8")
    assert written == rule_table(), "run: ./run hotich dictionary --rules > docs/rules.md"


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(name: str) -> None:
    assert (ALL[name].help or "").strip()


@pytest.mark.parametrize(
    "call",
    ["queue", "run", "status", "export fields", "read", "places resolve", "evaluate", "init", "up",
     "show rescan", "show entry", "decide", "quality", "check", "doctor", "worker", "demo"],
)  # fmt: skip
def test_the_promised_calls_exist(call: str) -> None:
    assert f"hotich {call}" in ALL


@pytest.mark.parametrize(("language", "word"), [("vi", "Tiến độ"), ("en", "Progress")])
def test_help_speaks_the_language_of_the_setting(language: str, word: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "cli.main", "--help"],
        env={**os.environ, "HOTICH_LANGUAGE": language, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert word in answer.stdout
