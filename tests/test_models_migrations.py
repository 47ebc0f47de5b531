"""The schema: made once however many try, and the same as the tables in the code."""

from __future__ import annotations

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from models_samples import PROCESSES

from models import migrate, open_database, tables  # noqa: F401
from models.base import Base
from models.database import connect_engine, parse_url, schema_version
from models.migrating import alembic_config
from models.migrations import HEAD, VERSION_TABLE
from pipeline.errors import DatabaseGoneError, DatabaseNewerError


def test_migrated_schema_is_that_of_the_tables(empty_url):
    migrate(empty_url)
    engine = connect_engine(parse_url(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_head_in_the_code_is_the_newest_revision(sqlite_url):
    engine = connect_engine(parse_url(sqlite_url))
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    engine.dispose()
    assert scripts.get_heads() == [HEAD]


def test_migrating_again_changes_nothing(empty_url):
    migrate(empty_url)
    migrate(empty_url)
    db = open_database(empty_url)
    with db.read() as connection:
        assert schema_version(connection) == HEAD
    db.close()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(empty_url):
    migrate(empty_url)
    engine = connect_engine(parse_url(empty_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9001'")
    with pytest.raises(DatabaseNewerError) as refusal:
        migrate(empty_url)
    assert "9001" in str(refusal.value)
    with engine.connect() as connection:
        assert schema_version(connection) == "9001"
    engine.dispose()


def test_many_processes_migrate_an_empty_database_at_once(empty_url):
    with PROCESSES.Pool(4) as pool:
        pool.map(migrate, [empty_url] * 8, chunksize=1)
    open_database(empty_url).close()


def test_sqlite_is_opened_with_write_ahead_log_and_foreign_keys(sqlite_url):
    migrate(sqlite_url)
    db = open_database(sqlite_url)
    with db.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    db.close()
    assert pragma == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "synchronous": 1,
    }


def test_our_version_table_is_not_the_one_prefect_uses(sqlite_url, tmp_path):
    migrate(sqlite_url)
    names = {
        row[0]
        for row in sqlite3.connect(tmp_path / "hotich.sqlite").execute(
            "SELECT name FROM sqlite_master WHERE type='table'"
        )
    }
    assert VERSION_TABLE in names
    assert "alembic_version" not in names


def test_a_database_without_our_schema_is_gone(empty_url, tmp_path):
    (tmp_path / "hotich.sqlite").touch()
    with pytest.raises(DatabaseGoneError, match="hotich init"):
        open_database(empty_url)


def test_a_database_of_another_version_says_both_versions(database_url):
    db = open_database(database_url)
    with db.write() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    db.close()
    with pytest.raises(DatabaseGoneError) as raised:
        open_database(database_url)
    assert "9999" in raised.value.detail
    assert HEAD in raised.value.detail
