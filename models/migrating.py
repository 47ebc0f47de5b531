"""Bringing a database to the newest schema, also when many processes try at once."""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from models.database import BUSY_SECONDS, WRITER, connect_engine, parse_url, schema_version
from models.faults import place, translate
from models.locks import Lock, take
from models.migrations import HEAD
from pipeline.errors import DatabaseGoneError, DatabaseLockedError, DatabaseNewerError

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Create the database's tables or bring them to the newest schema; again changes nothing.

    All of it is one transaction: it is there whole or not at all, and who comes second waits
    and finds it done.

    Raises:
        DatabaseGoneError: the place cannot be reached or written.
        DatabaseNewerError: a newer version of this program has made it.
        DatabaseLockedError: another process held the database too long.
        DiskFullError: no space left.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        try:
            Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise translate(error, address) or DatabaseGoneError(
                str(error), where=place(address)
            ) from error
    engine = connect_engine(address)
    try:
        if engine.dialect.name == "sqlite":
            _use_write_ahead_log(engine)
        with engine.connect() as connection:
            connection = connection.execution_options(**{WRITER: True})
            with connection.begin():
                take(connection, Lock.MIGRATION)
                found = schema_version(connection)
                if found is not None and found > HEAD:  # revisions are numbered
                    raise DatabaseNewerError(f"schema {found} > {HEAD}", where=place(address))
                if found != HEAD:
                    command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration without a file: scripts beside this module, our connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers beside a writer. Stays in the file; SQLite does not wait for this lock itself."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw = engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
                return
            finally:
                raw.close()
        except Exception as error:
            known = translate(error, engine.url)
            if known is None:
                raise
            if not isinstance(known, DatabaseLockedError) or time.monotonic() > deadline:
                raise known from error
            time.sleep(0.05)
