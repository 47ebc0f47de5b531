"""Runs of the engine: numbered per book, alive while they beat."""

from __future__ import annotations

import time

import pytest
from models_samples import book, queue

from models import RunState, beat_run, end_run, load_book, open_runs, start_run


def test_runs_of_a_book_are_numbered_and_named_after_it(database):
    first, second = queue(database, book(1), book(1, year=1999))
    runs = [start_run(database, first, "inline") for _ in range(2)]
    runs.append(start_run(database, second, "inline"))
    assert [run.ref for run in runs] == [f"book:{first}:1", f"book:{first}:2", f"book:{second}:1"]
    assert open_runs(database) == runs


def test_a_silent_run_is_seen_and_a_beating_one_is_not(database):
    first, second = queue(database, book(1), book(1, year=1999))
    silent, beating = start_run(database, first, "local"), start_run(database, second, "local")
    time.sleep(0.3)
    assert beat_run(database, beating.id, "flow-run-1")
    assert open_runs(database, silent_seconds=0.2) == [silent]
    assert open_runs(database, silent_seconds=60) == []


def test_a_closed_run_beats_no_more_and_stays_as_it_ended(database):
    [book_id] = queue(database, book(1))
    run = start_run(database, book_id, "local")
    end_run(database, run.id, RunState.FAILED)
    end_run(database, run.id, RunState.DONE)
    assert not beat_run(database, run.id)
    assert open_runs(database) == []


def test_a_book_that_is_not_there_says_so(database):
    with pytest.raises(LookupError, match="book 7"):
        load_book(database, 7)
