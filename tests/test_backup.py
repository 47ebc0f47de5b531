"""Backups: taken while others write, sound, and enough to go on with in another home."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from models_samples import book, digitize, queue
from typer.testing import CliRunner

from models import backup, canonical_dump, correct_field, open_database, recount, verify_audit
from models.backup import back_up, check_copy, copy_scans, last_backups
from models.finishing import placed_entries
from pipeline.errors import StorageError


def test_a_copy_taken_while_somebody_writes_is_a_whole_home_elsewhere(database, tmp_path):
    if database.dialect != "sqlite":
        pytest.skip("SQLite's way; PostgreSQL's is the next test")
    home, store = tmp_path / "home", tmp_path / "home" / "scans"
    (store / "aa").mkdir(parents=True)
    (store / "aa" / "1.jpg").write_bytes(b"picture")
    [book_id] = queue(database, book(3))
    digitize(database, book_id)
    ids = [one.id for one in placed_entries(database, book_id)]
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            correct_field(database, ids[0], "sex", value="Nam", person="lan")

    writer = threading.Thread(target=write)
    writer.start()
    made = back_up(database, home, store, tmp_path / "disk", scans=True)
    stop.set()
    writer.join()
    assert (made.scans, made.copied) == (1, 1)
    again = back_up(database, home, store, tmp_path / "disk2", scans=False)
    assert last_backups(home) == (again, again)
    assert (tmp_path / "disk" / "scans.txt").read_text() == "7\taa/1.jpg\n"

    # As docs/operation.md says: the file under its name, the scans beside it.
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(again.file, other / "hotich.sqlite")
    shutil.copytree(tmp_path / "disk" / "scans", other / "scans")
    restored = open_database(f"sqlite:///{other / 'hotich.sqlite'}")
    assert canonical_dump(restored) == canonical_dump(database)
    assert recount(restored) == [] and verify_audit(restored).sound
    correct_field(restored, ids[1], "sex", value="Nam", person="lan")
    restored.close()


def test_a_copy_ends_however_often_others_write_meanwhile(tmp_path):
    source = tmp_path / "hotich.sqlite"
    with closing(sqlite3.connect(source)) as ours:
        ours.execute("PRAGMA journal_mode=WAL")
        ours.execute("CREATE TABLE scan (id INTEGER PRIMARY KEY, data BLOB)")
        ours.execute("INSERT INTO scan (data) VALUES (zeroblob(24000000))")
        ours.commit()
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=30)) as other:
            while not stop.is_set():
                other.execute("INSERT INTO scan (data) VALUES ('x')")
                other.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = backup._copy_sqlite(source, tmp_path / "copy.sqlite")
    finally:
        stop.set()
        writer.join()
    check_copy(copy)


def test_pictures_that_come_and_go_meanwhile_do_not_end_the_copy(tmp_path, monkeypatch):
    store, disk = tmp_path / "scans", tmp_path / "disk"
    for name in ("aa/1.jpg", ".incoming/half", "bb/2.jpg"):
        (store / name).parent.mkdir(parents=True)
        (store / name).write_bytes(b"picture")
    listed = list(backup._originals(store))
    (store / "bb/2.jpg").unlink()  # a delivery was withdrawn
    monkeypatch.setattr(backup, "_originals", lambda _: iter(listed))
    assert copy_scans(store, disk, copy=True) == (1, 1)
    assert (disk / "scans.txt").read_text() == "7\taa/1.jpg\n"
    assert [path.name for path in disk.rglob("*.jpg")] == ["1.jpg"]


@pytest.mark.postgres
def test_a_dump_of_postgres_is_restored_by_its_own_program(postgres_cluster, tmp_path):
    import subprocess

    from models import migrate

    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        pytest.skip("no pg_dump")
    for name in ("backed_up", "restored"):
        postgres_cluster.execute(f"CREATE DATABASE {name}")
    migrate(postgres_cluster.url("backed_up"))
    database = open_database(postgres_cluster.url("backed_up"))
    [book_id] = queue(database, book(2))
    digitize(database, book_id)
    (tmp_path / "scans").mkdir()
    made = back_up(database, tmp_path, tmp_path / "scans", tmp_path / "disk", scans=False)
    folder = database.engine.url.query["host"]
    subprocess.run(
        ["pg_restore", "--no-owner", "-h", folder, "-U", "hotich", "-d", "restored", made.file],
        check=True, capture_output=True,
    )  # fmt: skip
    restored = open_database(postgres_cluster.url("restored"))
    assert canonical_dump(restored) == canonical_dump(database)
    assert recount(restored) == []
    restored.close()
    database.close()


def test_a_damaged_copy_and_a_full_or_missing_disk_are_said_and_noted(tmp_path, sqlite_url):
    from models import migrate

    migrate(sqlite_url)
    database = open_database(sqlite_url)
    (tmp_path / "scans").mkdir()
    made = back_up(database, tmp_path, tmp_path / "scans", tmp_path / "disk", scans=True)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StorageError):
        back_up(database, tmp_path, tmp_path / "scans", blocked / "x", scans=True)
    known = last_backups(tmp_path)
    assert known is not None and known[0].error and known[1] == made
    whole = bytearray((tmp_path / "disk" / made.file).read_bytes())
    whole[5000:9000] = b"\0" * 4000
    (tmp_path / "broken.sqlite").write_bytes(whole)
    with pytest.raises(StorageError):
        check_copy(tmp_path / "broken.sqlite")
    database.close()


def test_the_command_notes_the_backup_in_its_home(tmp_path, monkeypatch):
    from cli.main import cli

    monkeypatch.setenv("HOTICH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HOTICH_DATABASE_URL", raising=False)
    (tmp_path / "home" / "scans").mkdir(parents=True)
    done = CliRunner().invoke(cli, ["backup", str(tmp_path / "disk"), "--json"])
    assert done.exit_code == 0, done.output
    known = last_backups(tmp_path / "home")
    assert known is not None and known[1] is not None
    check_copy(tmp_path / "disk" / known[1].file)
