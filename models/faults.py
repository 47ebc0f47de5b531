"""What a database driver complains about, as errors that a person understands.

Codes: https://www.sqlite.org/rescode.html and PostgreSQL's appendix A. Class 08 and 57P are
lost connections, 40 and 55P03 are conflicts that another try solves, 53100 is a full disk.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

import psycopg
from sqlalchemy import URL

from pipeline.errors import DatabaseGoneError, DatabaseLockedError, DiskFullError, StorageError

FULL_DISK_BYTES = 1 << 20
"""SQLite calls a disk with less than this a plain input/output error when it cannot grow its
shared memory file."""


def place(url: URL) -> str:
    """Where a database is, without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.render_as_string(hide_password=True)


def translate(error: BaseException | None, url: URL) -> StorageError | None:
    """The storage error that a driver's error means; None where it is a programming error."""
    where = place(url)
    if isinstance(error, sqlite3.Error):
        return _sqlite(error, where)
    if isinstance(error, psycopg.Error):
        return _postgresql(error, where)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(str(error), where=where)
    return None


def _sqlite(error: sqlite3.Error, where: str) -> StorageError | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    detail = str(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseLockedError(detail, where=where)
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _disk_is_full(where)):
        return DiskFullError(detail, where=where)
    gone = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_READONLY", "SQLITE_IOERR")
    if name.startswith(gone) or "no such table" in detail:
        return DatabaseGoneError(detail, where=where)
    return None


def _disk_is_full(where: str) -> bool:
    try:
        return shutil.disk_usage(Path(where).parent).free < FULL_DISK_BYTES
    except OSError:
        return False


def _postgresql(error: psycopg.Error, where: str) -> StorageError | None:
    state = error.sqlstate or ""
    detail = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if state.startswith("40") or state in ("55P03", "57014"):
        return DatabaseLockedError(detail, where=where)
    if state == "53100":
        return DiskFullError(detail, where=where)
    lost = not state and isinstance(error, psycopg.OperationalError)
    if lost or state[:2] in ("08", "28", "53", "58") or state[:3] in ("57P", "3D0", "3F0", "42P"):
        return DatabaseGoneError(detail, where=where)
    return None
