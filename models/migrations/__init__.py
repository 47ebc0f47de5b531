"""Schema of the database through time (Alembic)."""

from __future__ import annotations

VERSION_TABLE = "hotich_version"
"""Our own: Prefect keeps ``alembic_version`` in its database, and the two must never mix."""
HEAD = "0017"
"""Newest revision. Stands here so that opening a database need not load Alembic."""
