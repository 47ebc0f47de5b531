"""Opening the database: SQLite on one machine, PostgreSQL from the second machine on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from models.base import to_json
from models.faults import place, translate
from models.migrations import HEAD, VERSION_TABLE
from pipeline.errors import DatabaseGoneError, SettingsError

_MORE_CONNECTIONS = 40
"""Beyond the pool's five: as many as the desk has threads, so that none waits for another's."""
BUSY_SECONDS = 30.0
"""How long a writer waits for another one before it calls the database locked."""
CONNECT_SECONDS = 10
WRITER = "hotich_writer"

SQLITE_PRAGMAS = (
    # Measured in docs/data-model.md; NORMAL loses no commit to a killed process, and the
    # last ones at most to a power cut, which the leases then repeat.
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)


@dataclass(frozen=True)
class Database:
    """An open database. One per process: connections do not survive a fork."""

    engine: Engine
    _writers: Lock = field(default_factory=Lock, compare=False, repr=False)
    """SQLite's own waiting is a sleep that grows to a tenth of a second, and whoever comes when it
    is over goes first: threads of one process stand in a queue before it instead."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def where(self) -> str:
        """Its place, without password."""
        return place(self.engine.url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                # SQLite's readers see one state anyway.
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end, or leaves no trace when it raises.

        On SQLite it begins with ``BEGIN IMMEDIATE``: a reader that turns writer fails at once
        with "locked", whatever the timeout.

        Raises:
            DatabaseLockedError: another process held the database too long.
            DiskFullError: no space left; nothing was written.
            DatabaseGoneError: the database cannot be reached any more.
        """
        with self._turn(), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITER: True})
            with connection.begin():
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """This process's one writer; whoever waited in vain finds the database locked after all."""
        mine = self.dialect == "sqlite" and self._writers.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._writers.release()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open a database that ``migrate`` has prepared.

    Raises:
        SettingsError: the address cannot be understood.
        DatabaseGoneError: it is not there, cannot be reached, or has another schema.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        raise DatabaseGoneError("no such file", where=place(address))
    database = Database(connect_engine(address, busy_seconds=busy_seconds))
    try:
        with database.read() as connection:
            found = schema_version(connection)
    except BaseException:
        database.close()
        raise
    if found != HEAD:
        database.close()
        raise DatabaseGoneError(
            f"schema {found or 'missing'}, expected {HEAD}", where=place(address)
        )
    return database


def schema_version(connection: Connection) -> str | None:
    """Revision of the schema, None where there is none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def parse_url(url: str) -> URL:
    """The address with the driver we use.

    Raises:
        SettingsError: not an address, or neither SQLite (in a file) nor PostgreSQL.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise SettingsError(f"HOTICH_DATABASE_URL: {error}") from error
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
        return address
    if address.drivername == "postgresql+psycopg":
        return address
    raise SettingsError(
        f"HOTICH_DATABASE_URL: sqlite:///file or postgresql://…, not {address.drivername}"
    )


def connect_engine(address: URL, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Engine with our pragmas, transactions and errors; connects to nothing yet."""
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address,
            json_serializer=to_json,
            hide_parameters=True,  # errors are logged, values of books are not
            max_overflow=_MORE_CONNECTIONS,
            connect_args={"timeout": busy_seconds, "check_same_thread": False},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            address,
            json_serializer=to_json,
            hide_parameters=True,
            max_overflow=_MORE_CONNECTIONS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "options": f"-c timezone=UTC -c lock_timeout={busy_seconds * 1000:.0f}",
            },
        )
    event.listen(engine, "handle_error", _say_it_plainly)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get(WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _say_it_plainly(context: ExceptionContext) -> BaseException | None:
    if context.engine is None:
        return None
    return translate(context.original_exception, context.engine.url)
