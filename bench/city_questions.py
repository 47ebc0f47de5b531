"""What the pages of ``bench.city`` ask of their database, warm and cold."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import typer
from sqlalchemy import func, select

from models import open_database
from models.board import books_of, unit_rows_of, unit_years
from models.database import Database
from models.looking_up import Asked, look_up, read_ahead
from models.search import search_key
from models.states import Role
from models.tables import PersonKey
from models.users import User
from pipeline.places.registering import registering_units
from pipeline.types import Kind
from samples.people import full_name

ANYBODY = User(1, "bench", "Bench", Role.ADMIN)


def measure(path: Path, rounds: int = 40, seed: int = 9) -> None:
    """Prints median and 95th percentile of what the pages ask of the database."""
    database = open_database(f"sqlite:///{path.resolve()}")
    ask_all(database, rounds, seed)
    database.close()


def ask_all(database: Database, rounds: int, seed: int) -> None:
    """Asks what the pages ask and prints how long it took."""
    chance = random.Random(seed)
    ids = [unit.id for unit in registering_units()]
    people = _people(chance, rounds)
    asked: dict[str, Callable[[], object]] = {
        "board": lambda: unit_rows_of(database, ANYBODY),
        "board, kind and decade": lambda: unit_rows_of(
            database, ANYBODY, kind=Kind.BIRTH, years=(1970, 1979)
        ),
        "unit by year": lambda: unit_years(database, ANYBODY, [chance.choice(ids)]),
        "books of a unit": lambda: books_of(database, ANYBODY, units=[chance.choice(ids)]),
        "books that lie still": lambda: books_of(database, ANYBODY, stuck=True, limit=50),
        "search, right": lambda: look_up(database, ANYBODY, Asked(chance.choice(people))),
        "search, no accents": lambda: look_up(
            database, ANYBODY, Asked(search_key(chance.choice(people)))
        ),
        "search, misspelt": lambda: look_up(
            database, ANYBODY, Asked(_misspelt(chance, chance.choice(people)))
        ),
    }
    typer.echo("what | median ms | p95 ms | CPU ms")
    for what, ask in asked.items():
        ask()
        walls, cpu = [], time.process_time()
        for _ in range(rounds):
            start = time.perf_counter()
            ask()
            walls.append(1000 * (time.perf_counter() - start))
        cpu = 1000 * (time.process_time() - cpu) / rounds
        p95 = statistics.quantiles(walls, n=20)[-1]
        typer.echo(f"{what} | {statistics.median(walls):.1f} | {p95:.1f} | {cpu:.1f}")


def cold(path: Path, rounds: int = 40, seed: int = 9, started: bool = False) -> None:
    """Searches with none of the database in memory, neither the system's nor SQLite's.

    ``--started``: after what a desk does when it starts (``desk.warming``), so that the indexes of
    names are there and nothing else is.
    """
    chance = random.Random(seed)
    people = _people(chance, rounds)
    ways: dict[str, Callable[[str], str]] = {
        "right": str, "no accents": search_key, "misspelt": lambda name: _misspelt(chance, name)
    }  # fmt: skip
    typer.echo("cold search | median ms | p95 ms | CPU ms")
    for what, written in ways.items():
        walls, cpu = [], 0.0
        for person in people:
            database = open_database(f"sqlite:///{path.resolve()}")
            with database.read() as connection:  # a desk that runs has this much open
                connection.execute(select(func.max(PersonKey.entry_id))).scalar()
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            if started:
                read_ahead(database)
            start, spent = time.perf_counter(), time.process_time()
            look_up(database, ANYBODY, Asked(written(person)))
            walls.append(1000 * (time.perf_counter() - start))
            cpu += 1000 * (time.process_time() - spent)
            database.close()
        p95 = statistics.quantiles(walls, n=20)[-1]
        typer.echo(f"{what} | {statistics.median(walls):.1f} | {p95:.1f} | {cpu / rounds:.1f}")


def _people(chance: random.Random, number: int) -> list[str]:
    return [full_name(chance, chance.choice(("male", "female")), 1960) for _ in range(number)]


def _misspelt(chance: random.Random, name: str) -> str:
    at = chance.randrange(len(name))
    return name[:at] + chance.choice("aeinhtg") + name[at + 1 :]
