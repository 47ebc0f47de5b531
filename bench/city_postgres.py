"""The questions of ``bench.city measure`` on PostgreSQL, over the same city.

``python -m bench.city_postgres PATH --rounds 20``, PATH a database of ``bench.city``: makes
a PostgreSQL server of its own, copies every row there, asks, and takes the server away again.
The server runs as the tests' do (``tests/postgres_cluster.py``: nothing is synced).
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import typer
from sqlalchemy import func, make_url, select

from bench.city_questions import ANYBODY, ask_all
from bench.databases import temporary_database
from models import migrate, open_database
from models.board import books_of, days, scans_of
from models.database import Database
from models.tables import Book, DayCounter

_AT_ONCE = 5000
_PLAIN = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public'
  AND indexname NOT IN (SELECT conname FROM pg_constraint) AND indexdef NOT LIKE '%UNIQUE%'
"""


def main(path: Path, rounds: int = 20, seed: int = 9) -> None:
    """Copies, asks, prints."""
    with ExitStack() as stack:
        url = temporary_database(stack, "city", True)
        migrate(url)
        begun = time.monotonic()
        rows, size = _copy(path, url)
        typer.echo(
            f"{rows} rows, {size / 2**20:.0f} MB, copied in {time.monotonic() - begun:.0f} s"
        )
        database = open_database(url)
        stack.callback(database.close)
        ask_all(database, rounds, seed)
        _ask_below(database, rounds)


def _copy(path: Path, url: str) -> tuple[int, int]:
    """Every row of every table; how many, and how large the database is then."""
    address = make_url(url)
    folder = str(address.query["host"])
    copied = 0
    with (
        closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as source,
        psycopg.connect(
            host=folder, user=address.username, dbname=address.database, autocommit=True
        ) as target,
    ):
        # The rows are known to fit: neither keys nor indexes are looked at one by one.
        target.execute("SET session_replication_role = replica")
        target.execute("SET timezone = 'UTC'")
        plain = target.execute(_PLAIN).fetchall()
        for name, _definition in plain:
            target.execute(f'DROP INDEX "{name}"')
        for table in Book.metadata.sorted_tables:
            target.execute(f'TRUNCATE "{table.name}" CASCADE')
        for table in Book.metadata.sorted_tables:
            copied += _copy_table(source, target, table.name, [one.name for one in table.columns])
        for _name, definition in plain:
            target.execute(definition)
        target.execute("ANALYZE")
        found = target.execute("SELECT pg_database_size(current_database())").fetchone()
    return copied, int(found[0]) if found else 0


def _copy_table(
    source: sqlite3.Connection, target: psycopg.Connection[Any], name: str, columns: list[str]
) -> int:
    names = ", ".join(f'"{one}"' for one in columns)
    rows, copied = source.execute(f'SELECT {names} FROM "{name}"'), 0
    with target.cursor() as cursor, cursor.copy(f'COPY "{name}" ({names}) FROM STDIN') as copy:
        while chunk := rows.fetchmany(_AT_ONCE):
            for row in chunk:
                copy.write_row(row)
            copied += len(chunk)
    return copied


def _ask_below(database: Database, rounds: int) -> None:
    """What the pages below a unit ask, and the burn-up of the board."""
    with database.read() as connection:
        books = list(connection.execute(select(Book.id).order_by(Book.id).limit(rounds)).scalars())
        since = connection.execute(select(func.max(DayCounter.day))).scalar_one()
    asked: dict[str, Callable[[int], object]] = {
        "one book": lambda book: books_of(database, ANYBODY, book_id=book),
        "its scans and entries": lambda book: scans_of(database, ANYBODY, book),
        "the last two days": lambda _book: days(database, ANYBODY, since),
        "all days of the burn-up": lambda _book: days(database, ANYBODY, since.replace(year=2001)),
    }
    for what, ask in asked.items():
        ask(books[0])
        walls = []
        for book in books:
            begun = time.perf_counter()
            ask(book)
            walls.append(1000 * (time.perf_counter() - begun))
        p95 = statistics.quantiles(walls, n=20)[-1]
        typer.echo(f"{what} | {statistics.median(walls):.1f} | {p95:.1f} | ")


if __name__ == "__main__":
    typer.run(main)
