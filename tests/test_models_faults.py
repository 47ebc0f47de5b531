"""When the database is locked, gone or full: what, where, what to do, and nothing half-written."""

from __future__ import annotations

import pickle

import pytest
from models_samples import AN_THAI, batch, book, claim, digitize, queue, result
from sqlalchemy import text

from models import canonical_dump, load_units, migrate, open_database, queue_batch, save_scan
from pipeline.errors import (
    DatabaseGoneError,
    DatabaseLockedError,
    DiskFullError,
    SettingsError,
    StorageError,
)


def test_another_process_holding_the_database_is_called_locked(database, database_url):
    [book_id] = queue(database, book(1))
    hasty = open_database(database_url, busy_seconds=0.2)
    with database.write() as connection:
        connection.execute(text("UPDATE page_job SET attempt = attempt"))
        if database.dialect == "postgresql":
            connection.execute(text("LOCK TABLE page_job"))
        with pytest.raises(DatabaseLockedError) as raised:
            claim(hasty, book_id)
    assert raised.value.exit_code == 42
    assert raised.value.retryable
    assert database.where in raised.value.what()
    assert len(claim(hasty, book_id)) == 1
    hasty.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{folder}/nothing.sqlite",
        "sqlite:///{folder}",
        "sqlite:///{folder}/garbage.sqlite",
        "postgresql://hotich@/hotich?host={folder}",
        "postgresql://hotich:secret@127.0.0.1:1/hotich",
    ],
    ids=["no file", "a folder", "not a database", "no server", "nobody listens"],
)
def test_a_database_that_is_not_there_is_called_gone(url, tmp_path):
    (tmp_path / "garbage.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseGoneError) as raised:
        open_database(url.format(folder=tmp_path))
    assert raised.value.exit_code == 43
    assert "HOTICH_DATABASE_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.postgres
def test_a_server_without_our_database_is_called_gone(postgres_cluster):
    with pytest.raises(DatabaseGoneError, match="nothing_here"):
        open_database(postgres_cluster.url("nothing_here"))


def test_opening_a_database_that_is_not_there_makes_none(tmp_path):
    with pytest.raises(DatabaseGoneError):
        open_database(f"sqlite:///{tmp_path / 'nothing.sqlite'}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://a/b"])
def test_an_address_that_cannot_be_used_is_a_wrong_setting(url):
    with pytest.raises(SettingsError, match="HOTICH_DATABASE_URL"):
        open_database(url)


def test_a_folder_that_cannot_be_made_is_called_gone(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseGoneError):
        migrate(f"sqlite:///{tmp_path}/file/hotich.sqlite")


@pytest.mark.postgres
def test_a_lost_connection_is_called_gone_and_the_next_call_works(postgres_url):
    migrate(postgres_url)
    db = open_database(postgres_url)
    with pytest.raises(DatabaseGoneError), db.read() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert canonical_dump(db) == []
    db.close()


def test_a_full_disk_leaves_no_trace_of_what_did_not_fit(sqlite_url):
    migrate(sqlite_url)
    db = open_database(sqlite_url)
    [book_id] = queue(db, book(3))
    digitize(db, book_id)
    before = canonical_dump(db)
    _let_it_grow(db, 0)
    with pytest.raises(DiskFullError) as raised:
        queue_batch(db, batch(book(5000, year=1999), name="big"), contractor="A")
    assert raised.value.exit_code == 41
    assert raised.value.retryable
    assert "hotich.sqlite" in str(raised.value)
    assert canonical_dump(db) == before
    _let_it_grow(db, 100_000)
    load_units(db, [AN_THAI])
    receipt = queue_batch(db, batch(book(5000, year=1999), name="big"), contractor="A")
    assert receipt.scans == 5000
    db.close()


def test_a_disk_that_fills_while_saving_keeps_the_lease(sqlite_url):
    migrate(sqlite_url)
    db = open_database(sqlite_url)
    [book_id] = queue(db, book(1))
    [job] = claim(db, book_id)
    _let_it_grow(db, 0)
    big = result(1, entries=2000)
    with pytest.raises(DiskFullError):
        save_scan(db, job, big, run_ref="run", versions="1")
    _let_it_grow(db, 100_000)
    assert save_scan(db, job, big, run_ref="run", versions="1")
    db.close()


def _let_it_grow(db, pages):
    """As a disk with so many pages of 4 KiB left."""
    with db.read() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}")


def test_storage_errors_cross_process_borders():
    error: StorageError = DatabaseLockedError("database is locked", where="/x/hotich.sqlite")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
