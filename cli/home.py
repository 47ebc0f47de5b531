"""The home a command works on: its settings and its database, opened once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cli.output import complain
from cli.places_load import load_gazetteer_tables
from models.database import Database, open_database
from models.migrating import migrate
from models.units import load_units
from pipeline.errors import DatabaseGoneError, GazetteerError
from pipeline.settings import Settings, load_settings


@dataclass(frozen=True)
class Home:
    """A prepared data directory."""

    settings: Settings
    database: Database


@contextmanager
def open_home(settings: Settings | None = None) -> Iterator[Home]:
    """The home of the environment (or of ``settings``), its database open for a command.

    Where there is no database yet it is made, with the registering units in it: whoever queues
    a first batch need not know that something had to be prepared.

    Raises:
        DatabaseGoneError: it cannot be reached.
        SettingsError: a setting cannot be used.
    """
    settings = settings or load_settings()
    try:
        database = open_database(settings.resolved_database_url)
    except DatabaseGoneError:
        prepare(settings)
        database = open_database(settings.resolved_database_url)
    try:
        yield Home(settings, database)
    finally:
        database.close()


def prepare(settings: Settings) -> int:
    """Creates or upgrades home and database; returns how many registering units it knows."""
    from pipeline.places import load_gazetteer, registering_units

    settings.resolved_home.mkdir(parents=True, exist_ok=True)
    migrate(settings.resolved_database_url)
    database = open_database(settings.resolved_database_url)
    try:
        units = registering_units(load_gazetteer(settings.config))
        load_units(database, units)
        try:
            load_gazetteer_tables(settings, database)
        except GazetteerError as error:
            complain(error)  # the tables stay as they were; nothing else waits for them
    finally:
        database.close()
    return len(units)
