"""A database for one run, on either kind of server."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path


def temporary_database(stack: ExitStack, name: str, postgres: bool) -> str:
    """Address of an empty database that goes with the stack: SQLite, or a PostgreSQL of its own."""
    if not postgres:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"hotich-{name}-"))
        return f"sqlite:///{folder}/{name}.sqlite"
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from postgres_cluster import running_cluster  # type: ignore[import-not-found]

    cluster = stack.enter_context(running_cluster())
    cluster.execute(f"CREATE DATABASE {name}")
    return str(cluster.url(name))
