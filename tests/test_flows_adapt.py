"""A book's hand is learned from its corrections, and the rest is read again with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from corrected import correct, handwritten, queued
from sqlalchemy import select

from flows.adapt import adapt_book, due, learn_when_due, taught_of
from flows.adapters import adapter_file
from flows.child import open_pool
from flows.dispatch import Dispatcher, run_all
from flows.engine import settings_environment
from flows.teaching import keep, lines_of
from models import (
    AdapterState,
    NewAdapter,
    adapters_of,
    book_progress,
    export_fields,
    find_books,
    open_database,
    recount,
    reviewed_fields,
    save_adapters,
    verify_audit,
)
from models.tables import Maker
from pipeline.evaluation.truth import load_truth
from pipeline.reading.hand.net import load_net, load_weights
from pipeline.settings import PROJECT, Settings, load_thresholds

pytestmark = pytest.mark.slow
SCANS, REVIEWED = 3, 2
BASE = load_weights(PROJECT / "ocr_config")[1]


@pytest.fixture(scope="session")
def config(tmp_path_factory) -> Path:
    """The office's configuration, but learning is short and begins early."""
    folder = tmp_path_factory.mktemp("office") / "ocr_config"
    shutil.copytree(PROJECT / "ocr_config", folder)
    path = folder / "thresholds.yaml"
    thresholds = yaml.safe_load(path.read_text("utf-8"))
    thresholds["learning"] |= {"first_fields": 40, "hand_fields": 30, "seconds": 3}
    path.write_text(yaml.safe_dump(thresholds), "utf-8")
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A printed book of a handwriting face."""
    return handwritten(tmp_path_factory.mktemp("book"), scans=SCANS, hand="hand:dancing-script")


@pytest.fixture(scope="session")
def reviewed(made, config, tmp_path_factory) -> Path:
    """A home in which that book was digitized, and its first two scans reviewed."""
    home = tmp_path_factory.mktemp("reviewed") / "home"
    settings = Settings(home=home, config=config, adapt="off", workers=1)
    truth = queued(made, settings)
    assert run_all(settings).books == 1
    database = open_database(settings.resolved_database_url)
    assert correct(database, truth, range(REVIEWED)) > 40
    database.close()
    return home


@pytest.fixture
def settings(reviewed, config, tmp_path) -> Settings:
    """A copy of that home."""
    shutil.copytree(reviewed, tmp_path / "home")
    return Settings(home=tmp_path / "home", config=config, workers=1)


@pytest.fixture
def database(settings):
    database = open_database(settings.resolved_database_url)
    yield database
    database.close()


@pytest.fixture
def book(database):
    return find_books(database, "1")[0]


def persons_words(database):
    return [row for row in export_fields(database) if row.decision == "person"]


def readers(database, scan):
    return {row.reader for row in export_fields(database) if row.scan == scan}


def true_texts(made):
    (truth,) = load_truth(made / "truth")
    return {
        (scan.name, field.field): field.literal
        for scan in truth.scans
        for entry in scan.entries
        for field in entry.fields
    }


def test_the_text_of_nearly_all_reviewed_fields_is_found_as_it_is_written(
    database, book, settings, made
):
    fields = reviewed_fields(database, book.id)
    with open_pool(settings) as pool:
        taught, _ = taught_of(database, book, fields, settings, pool)
    net = load_net(settings.config)
    lines, left_out = lines_of(taught, lambda _: net)
    assert len(lines) >= 0.85 * len(fields), left_out
    truth = true_texts(made)
    name = {field.scan.number: field.scan.name for field in fields}
    found = [(" ".join(example.text for example in one.examples), one.taught) for one in lines]
    wrong = [
        (text, taught.field)
        for text, taught in found
        # a reading that means the value is taken as it is: capitals and dots may be amiss
        if _signs(text) != _signs(truth[name[taught.scan], taught.field])
    ]
    assert len(wrong) <= 0.05 * len(found), wrong


def test_a_finished_book_with_enough_reviewed_learns_by_itself_once(database, book, settings):
    assert due(database, settings) == [book.id]
    words = persons_words(database)
    assert run_all(settings).books == 1
    (one,) = adapters_of(database, book.id)
    assert one.state in (AdapterState.ACTIVE, AdapterState.ROLLED_BACK), one.detail
    assert (one.base, one.scans) == (BASE.name, (1, 2))
    assert one.fields >= 40 and one.before is not None and one.after is not None
    # no other book teaches yet: the lines that come with the weights stand in
    assert one.detail["old_lines"] == load_thresholds(settings.config).learning.old_lines
    assert (one.digest is not None) == (one.state is AdapterState.ACTIVE)
    assert persons_words(database) == words
    assert due(database, settings) == []
    assert run_all(settings).books == 0
    assert str(book_progress(database)[0].state) == "done"
    assert recount(database) == [] and verify_audit(database).sound


def test_open_scans_are_read_again_with_the_adapter_and_people_keep_their_words(
    database, book, settings
):
    one = some_adapter(settings)
    words = persons_words(database)
    assert save_adapters(database, book.id, [one], reviewed=50, actor="lan") == 1
    assert run_all(settings.model_copy(update={"adapt": "off"})).books == 1
    assert f"{BASE.name}+{one.digest[:8]}" in readers(database, "0003.jpg")
    assert persons_words(database) == words
    with database.read() as connection:
        assert len(list(connection.execute(select(Maker.reader)).scalars())) > 1


def test_a_lost_adapter_does_not_hold_up_its_book(database, book, settings):
    one = some_adapter(settings)
    save_adapters(database, book.id, [one], reviewed=50, actor="lan")
    adapter_file(settings, one.digest).path.unlink()
    assert run_all(settings.model_copy(update={"adapt": "off"})).books == 1
    assert BASE.name in readers(database, "0003.jpg")


def test_killed_while_it_learns_nothing_has_happened_and_it_begins_anew(
    database, book, settings, tmp_path
):
    before = (list(export_fields(database)), verify_audit(database).events)
    mark = tmp_path / "learning"
    script = (
        "import sys; from pathlib import Path\n"
        "from flows.adapt import adapt_book; from flows.child import open_pool\n"
        "from models import find_books, open_database\n"
        "from pipeline.settings import load_settings\n"
        "def notice(stage, done, all):\n"
        "    if stage == 'learn': Path(sys.argv[1]).touch()\n"
        "settings = load_settings(); database = open_database(settings.resolved_database_url)\n"
        "with open_pool(settings) as pool:\n"
        "    adapt_book(database, find_books(database, '1')[0], settings, pool, actor='lan',"
        " notice=notice)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(mark)],
        env={**os.environ, **settings_environment(settings), "PYTHONPATH": str(PROJECT)},
    )
    end = time.monotonic() + 280
    while not mark.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    assert mark.exists()
    process.kill()
    process.wait()
    assert adapters_of(database, book.id) == []
    assert (list(export_fields(database)), verify_audit(database).events) == before
    with open_pool(settings) as pool:
        assert learn_when_due(database, book, settings, pool, actor="run") is not None
    assert len(adapters_of(database, book.id)) == 1


def test_an_error_of_the_learner_is_kept_and_the_book_goes_on(database, book, settings):
    def broken(*_args, **_kw):
        raise ValueError("what nobody thought of")

    class Broken:
        run = broken

    assert learn_when_due(database, book, settings, Broken(), actor="run") is None
    (one,) = adapters_of(database, book.id)
    assert (one.state, one.digest) == (AdapterState.FAILED, None)
    assert "nobody thought of" in one.detail["note"]
    assert due(database, settings) == []


def test_a_dry_run_says_what_there_is_and_changes_nothing(database, book, settings):
    with open_pool(settings) as pool:
        found = adapt_book(database, book, settings, pool, actor="lan", dry=True)
    assert (found.hands, found.learned, found.scans_again) == (1, (), 0)
    assert found.fields >= 40
    assert adapters_of(database, book.id) == []


def test_nothing_is_learned_without_being_asked_where_that_is_off(database, settings):
    off = settings.model_copy(update={"adapt": "off"})
    printed = settings.model_copy(update={"recognizer": "tesseract"})
    assert due(database, off) == due(database, printed) == []
    assert run_all(off).books == 1  # what people set is heard all the same, once
    assert Dispatcher(database, off).pending() == []
    assert len(Dispatcher(database, settings).pending()) == 1


def _signs(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def some_adapter(settings: Settings) -> NewAdapter:
    """An adapter that hardly changes anything, in the home."""
    import numpy as np

    from pipeline.reading.hand.adapter import Adapter
    from pipeline.reading.hand.onnx_file import weights_of

    _, card, weights = load_weights(settings.config)
    name, tensor = max(weights_of(weights).items())
    change = np.full(tensor.shape, 1e-4, np.float16)
    digest = keep(Adapter(card.digest, "data" * 16, {name: change}), settings)
    return NewAdapter(
        AdapterState.ACTIVE, 0, (1, 2), card.name, digest, "0" * 64, 60, 60, 0.1, 0.05
    )
