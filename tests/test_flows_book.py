"""A book goes from scans to records, once, whatever happens on the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from made_once import books_in_peace, copied, told

from bench.homes import dump
from flows.book import conduct, identity
from flows.child import open_pool
from flows.dispatch import Dispatcher, FailedBook, is_gone, run_all
from flows.engine import settings_environment
from flows.learning import spread
from flows.persist import patiently
from models import (
    RunState,
    book_progress,
    claim_scans,
    end_run,
    open_database,
    open_runs,
    rescan_list,
    start_run,
    verify_audit,
    work_left,
)
from pipeline.errors import DatabaseLockedError, DiskFullError, TesseractMissingError
from pipeline.settings import PROJECT, Settings
from pipeline.types import ScanRef

pytestmark = pytest.mark.slow
SCANS = 2


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes with one small book."""
    return books_in_peace(tmp_path_factory, scans=SCANS)


@pytest.fixture
def finished(books: Path, tmp_path: Path) -> Settings:
    """A home whose book was digitized in peace."""
    return copied(books, "calm", tmp_path / "calm")


@pytest.fixture
def settings(books: Path, tmp_path: Path) -> Settings:
    """A home with the same book in its queue, its form already learned."""
    return copied(books, "learned", tmp_path / "home", workers=1)


def events(settings: Settings) -> int:
    database = open_database(settings.resolved_database_url)
    try:
        return verify_audit(database).events
    finally:
        database.close()


def test_every_scan_becomes_an_entry_with_its_fields(finished: Settings):
    database = open_database(finished.resolved_database_url)
    (book,) = book_progress(database)
    database.close()
    assert (book.tally.scans, book.tally.scans_read) == (SCANS, SCANS)
    assert book.tally.entries == SCANS
    assert book.tally.fields_accepted + book.tally.fields_review > 10 * SCANS
    assert str(book.state) == "done"


def test_second_run_does_nothing(finished: Settings):
    before, events_before = dump(finished), events(finished)
    outcome = run_all(finished)
    assert (outcome.books, outcome.exit_code) == (0, 0)
    assert (dump(finished), events(finished)) == (before, events_before)


def test_inline_run_shows_its_progress_and_never_imports_prefect(books: Path):
    said = told(books)
    assert said["books"] == 1
    assert said["shown"][0] == 0
    assert said["shown"][-1] == SCANS
    assert said["shown"] == sorted(said["shown"])
    assert said["prefect"] == []


def test_leases_of_a_killed_run_are_not_waited_for(settings: Settings, finished: Settings):
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    created = f"{psutil.Process(dead.pid).create_time():.0f}"
    dead.wait()
    gone = f"{identity().rsplit(':', 2)[0]}:{dead.pid}:{created}"
    assert is_gone(gone)
    database = open_database(settings.resolved_database_url)
    run = start_run(database, 1, "inline", gone)
    # A day: who waited for these leases would be waiting still.
    assert len(claim_scans(database, 1, run.ref, 10, 86_400)) == SCANS
    database.close()
    assert run_all(settings).books == 1
    assert dump(settings) == dump(finished)


def test_two_processes_share_the_work_and_do_nothing_twice(settings: Settings, finished: Settings):
    script = "from flows.dispatch import run_all; from pipeline.settings import *\n"
    script += "run_all(load_settings())\n"
    environment = {**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)}
    other = subprocess.Popen([sys.executable, "-c", script], env=environment)
    try:
        run_all(settings)
        assert other.wait(timeout=200) == 0
    finally:
        other.kill()
    assert dump(settings) == dump(finished)


def test_a_superseded_run_stops_without_a_trace(settings: Settings):
    database = open_database(settings.resolved_database_url)
    before = dump(settings)
    run = start_run(database, 1, "inline", identity())
    end_run(database, run.id, RunState.FAILED)
    with open_pool(settings) as pool:
        assert conduct(run, settings, database, pool) is None
    database.close()
    assert dump(settings) == before


def test_a_broken_file_goes_to_the_rescan_list_and_the_book_goes_on(settings: Settings):
    database = open_database(settings.resolved_database_url)
    first = claim_scans(database, 1, "test", 1, 0.0)[0]
    path = settings.scan_store / first.ref.path
    path.write_bytes(path.read_bytes()[:2000])
    assert run_all(settings).books == 1
    (broken,) = rescan_list(database)
    assert (broken.number, broken.reasons) == (first.ref.number, ("UnreadableFileError",))
    (book,) = book_progress(database)
    assert (str(book.state), book.tally.scans_read) == ("attention", SCANS - 1)
    database.close()


def test_a_missing_tesseract_stops_the_run_and_blames_no_page(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    empty = settings.resolved_home / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    with pytest.raises(TesseractMissingError):
        run_all(settings)
    database = open_database(settings.resolved_database_url)
    assert work_left(database, 1).ready == SCANS
    assert open_runs(database) == []
    database.close()


def test_an_interrupted_run_gives_its_scans_back(settings: Settings):
    # A shell that starts tests in the background has them ignore Ctrl-C.
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += "from flows.dispatch import run_all; from pipeline.settings import *\n"
    script += "run_all(load_settings())\n"
    environment = {**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)}
    process = subprocess.Popen([sys.executable, "-c", script], env=environment)
    database = open_database(settings.resolved_database_url)
    end = time.monotonic() + 200
    while not work_left(database, 1).leased and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(2)
    assert process.wait(timeout=30) != 0
    left = work_left(database, 1)
    assert (left.leased, open_runs(database)) == (0, [])
    database.close()


def test_a_book_on_no_known_form_goes_to_a_person(books: Path, tmp_path: Path):
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "ocr_config", config)
    for form in (config / "forms").glob("*.yaml"):
        if "ledger" not in form.name:
            form.unlink()
    settings = copied(books, "queued", tmp_path / "home", config=config, workers=1)
    assert run_all(settings).books == 1
    database = open_database(settings.resolved_database_url)
    (book,) = book_progress(database)
    database.close()
    assert (str(book.state), book.tally.scans_attention, book.tally.entries) == (
        "attention",
        SCANS,
        0,
    )


def test_a_locked_database_is_waited_for_and_then_said():
    tries = []

    def locked() -> str:
        tries.append(threading.get_ident())
        if len(tries) < 3:
            raise DatabaseLockedError("busy")
        return "written"

    assert patiently(locked, waits=(0.0, 0.0)) == "written"

    def full() -> None:
        raise DiskFullError("0 bytes")

    with pytest.raises(DiskFullError):
        patiently(full, waits=(0.0,))


def test_learning_looks_at_scans_spread_over_the_book():
    refs = [ScanRef(f"{n}.jpg", 0, n, str(n), f"{n}.jpg") for n in range(1, 101)]
    order = [ref.number for ref in spread(refs, 10)]
    assert sorted(order) == list(range(1, 101))
    assert order[:10] == list(range(6, 101, 10))
    assert [ref.number for ref in spread(refs[:3], 10)] == [1, 2, 3]


def test_a_failed_book_carries_the_exit_code_of_its_error():
    assert FailedBook("b", "TesseractMissingError", "").exit_code == 31
    assert FailedBook("b", "ZeroDivisionError", "").exit_code == 1


def test_a_book_whose_runs_are_always_lost_is_left_alone_in_the_end(settings: Settings):
    database = open_database(settings.resolved_database_url)
    node = identity().rsplit(":", 2)[0]
    dispatcher = Dispatcher(database, settings)
    for times in range(10):
        assert (len(dispatcher.pending()), dispatcher.failed) == (1, {}), times
        start_run(database, 1, "local", f"{node}:999999999:1")
        assert dispatcher.living_runs() == []
    assert dispatcher.pending() == []
    assert dispatcher.failed[1].exit_code == 50
    database.close()
