"""The commands around learning say what there is, in both languages and for scripts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from models_samples import birth, claim, digest, field, queue, result, save
from models_samples import book as sample_book
from typer.testing import CliRunner

from cli.adapt import sentences
from cli.main import cli
from flows.adapt import Adapted
from models import AdapterState, NewAdapter, adapters_of, open_database, save_adapters
from pipeline.reading.hand.naming import weights_name
from pipeline.settings import Settings
from pipeline.types import Decision


@pytest.fixture
def home(database_url, monkeypatch, tmp_path):
    """The environment of an office with one book of two scans; two of its entries are doubtful."""
    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTICH_DATABASE_URL", database_url)
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")
    database = open_database(database_url)
    (book_id,) = queue(database, sample_book(2))
    for job in claim(database, book_id):
        doubt = field("notes", "Cấp lại bản sao", decision=Decision.REVIEW, confidence=0.4)
        sure = {"mother_full_name": field("mother_full_name", "Vũ Thị Đào")}
        entries = (
            birth(0, f"{job.ref.number}0", "Hoa", **sure, notes=doubt),
            birth(1, f"{job.ref.number}1", "Lan", **sure),
        )
        save(database, job, replace(result(job.ref.number), entries=entries))
    yield database
    database.close()


def run(*arguments: str) -> str:
    answer = CliRunner().invoke(cli, list(arguments))
    assert answer.exit_code == 0, (answer.output, answer.exception)
    return answer.stdout


def version(**more) -> NewAdapter:
    plain = NewAdapter(
        AdapterState.ACTIVE, 0, (), weights_name(Settings().config), digest("file"),
        digest("data"), 400, 450, before=0.1, after=0.05,
    )  # fmt: skip
    return replace(plain, **more)


def test_the_entries_to_review_first_are_those_with_something_to_review(home):
    shown = json.loads(run("next", "1", "--json"))
    assert sorted((one["scan"], one["position"]) for one in shown) == [
        ("trang_001.jpg", 1),
        ("trang_002.jpg", 1),
    ]
    assert shown[0]["fields"] == ["notes"]
    assert len(json.loads(run("next", "1", "--json", "--most", "1"))) == 1
    assert "notes" in run("next", "1")


def test_versions_of_the_office_are_listed_used_and_taken_back(home):
    assert json.loads(run("train", "--list", "--json")) == []
    for number in (1, 2):
        save_adapters(home, None, [version(digest=digest(str(number)))], reviewed=500, actor="lan")
    table = run("train", "--list")
    assert "in use" in table
    assert "superseded" in table

    def states(*arguments):
        rows = json.loads(run("train", *arguments, "--json"))
        return [row["state"] for row in rows]

    assert states("--revert") == ["active", "reverted"]
    assert states("--use", "2") == ["superseded", "active"]
    assert states("--use", "0") == ["superseded", "superseded"]
    answer = CliRunner().invoke(cli, ["train", "--use", "7"])
    assert answer.exception is not None
    assert answer.exception.exit_code == 10


def test_an_office_with_few_corrections_is_told_how_many_it_needs(home):
    assert "300" in run("train")
    assert json.loads(run("train", "--json"))["adapter"] is None
    assert adapters_of(home, None) == []


def test_a_book_that_learned_nothing_has_nothing_to_take_back(home):
    assert "Nothing was learned" in run("adapt", "1", "--revert")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_came_of_learning_is_said_in_sentences(monkeypatch, language):
    monkeypatch.setenv("HOTICH_LANGUAGE", language)
    found = Adapted(
        "xa-an-thai", "hand-1", 80, 60, 64, 1, learned=tuple(
            version(state=state, detail={"note": "?"}) for state in AdapterState
        ), scans_again=3,
    )  # fmt: skip
    found.left_out["not_handwritten"] = 7
    said = "\n".join(sentences(found))
    assert {"80", "60", "64", "7", "3"} <= set(said.replace("(", " ").replace(":", " ").split())
    assert "10.0%" in said
    assert ("hotich run" in said) == found.helped
