"""A copy of a living database that can be put in its place, and what the last one was.

SQLite is copied by its online backup while everybody works on; the copy is checked before it
gets its name. PostgreSQL is dumped by its own ``pg_dump``.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.database import Database
from pipeline.errors import DatabaseGoneError, StorageError
from pipeline.texts import Text


@dataclass(frozen=True)
class Backup:
    """A backup of a home. ``scans``: how many originals it has; ``copied``: how many of them new.

    Where it failed, ``error`` says why, and ``file`` is empty.
    """

    at: datetime
    file: str
    size: int
    seconds: float
    scans: int
    copied: int
    error: str = ""


def back_up_database(db: Database, folder: Path, moment: datetime) -> Path:
    """Copy the database into a folder; returns the file, checked and complete.

    Raises:
        StorageError: it could not be copied, or the copy is not sound.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"hotich-{moment:%Y%m%d-%H%M%S}"
    if db.dialect == "sqlite":
        return _copy_sqlite(Path(db.engine.url.database or ""), folder / f"{stamp}.sqlite")
    return _dump_postgres(db, folder / f"{stamp}.dump")


def check_copy(path: Path) -> None:
    """Whether SQLite finds a copy sound from the first page to the last.

    Raises:
        StorageError: it does not.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            said = copy.execute("PRAGMA integrity_check(3)").fetchall()
    except sqlite3.Error as error:
        raise StorageError(str(error), where=str(path)) from error
    if said != [("ok",)]:
        raise StorageError("; ".join(row[0] for row in said), where=str(path))


def copy_scans(store: Path, folder: Path, *, copy: bool) -> tuple[int, int]:
    """List the originals in ``scans.txt``, and copy those that the folder lacks.

    They are named by their digests and never change: what is there already is the same.

    Returns:
        How many there are, and how many were copied.
    """
    listed = copied = 0
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "scans.txt.part").open("w", encoding="utf-8") as told:
        for path in _originals(store):
            name = path.relative_to(store).as_posix()
            target = folder / "scans" / name
            try:
                size = path.stat().st_size
                if copy and not (target.exists() and target.stat().st_size == size):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    part = target.with_name(target.name + ".part")
                    shutil.copyfile(path, part)
                    part.replace(target)
                    copied += 1
            except FileNotFoundError:
                if path.exists():
                    raise  # the folder of the backup is away
                continue  # withdrawn since it was listed
            told.write(f"{size}\t{name}\n")
            listed += 1
    (folder / "scans.txt.part").replace(folder / "scans.txt")
    return listed, copied


def _originals(store: Path) -> Iterator[Path]:
    """Files of the store but those on their way in (``.incoming``), which come and go."""

    def away(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for folder, folders, names in os.walk(store, onerror=away):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(names))


def note_backup(home: Path, backup: Backup) -> None:
    """Keep what the last backup was, beside the last good one."""
    last = last_backups(home)
    good = backup if not backup.error else (last[1] if last else None)
    rows = [_row(one) if one else None for one in (backup, good)]
    part = home / "backup.json.part"
    part.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(home / "backup.json")


def last_backups(home: Path) -> tuple[Backup, Backup | None] | None:
    """The last backup, and the last good one; None where none was ever made."""
    try:
        rows = json.loads((home / "backup.json").read_text("utf-8"))
        last, good = (
            row and Backup(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (last, good) if last else None


def now() -> datetime:
    """This moment, to the second: names of files tell it."""
    return datetime.now(UTC).replace(microsecond=0)


def _row(backup: Backup) -> dict[str, object]:
    return {**asdict(backup), "at": backup.at.isoformat()}


def _copy_sqlite(source: Path, target: Path) -> Path:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(part)) as copy:
            # In one step, which reads one state beside all writers (WAL): in several, SQLite
            # begins anew whenever somebody has written between two of them.
            ours.backup(copy)
            # A single file: nothing of it is left in a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except (sqlite3.Error, OSError) as error:
        raise StorageError(str(error), where=str(target)) from error
    check_copy(part)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)
    return target


def _dump_postgres(db: Database, target: Path) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise DatabaseGoneError(
            Text("thiếu pg_dump (gói postgresql-client)", "pg_dump is missing (postgresql-client)")
            .format(),
            where=db.where,
        )  # fmt: skip
    url = db.engine.url
    host = url.host or url.query.get("host", "")
    environment = {**os.environ, "PGPASSWORD": str(url.password or "")}
    given = {
        "PGHOST": host if isinstance(host, str) else host[0], "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "", "PGDATABASE": url.database or "",
    }  # fmt: skip
    environment |= {name: value for name, value in given.items() if value}
    part = target.with_name(target.name + ".part")
    done = subprocess.run(
        [program, "--format=custom", "--no-owner", f"--file={part}"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        part.unlink(missing_ok=True)
        raise StorageError(done.stderr.strip()[-500:], where=db.where)
    part.replace(target)
    return target


def back_up(db: Database, home: Path, store: Path, folder: Path, *, scans: bool) -> Backup:
    """Back a home up into a folder and note it; a failure is noted too, and raised.

    Args:
        db: the database.
        home: the home, where it is noted.
        store: its originals.
        folder: where the backup goes; of another disk, best of another machine.
        scans: copy the originals too, not only list them.

    Raises:
        StorageError: it failed.
    """
    moment, begun = now(), time.monotonic()
    try:
        try:
            file = back_up_database(db, folder, moment)
            listed, copied = copy_scans(store, folder, copy=scans)
        except OSError as error:
            raise StorageError(str(error), where=str(folder)) from error
    except StorageError as error:
        note_backup(home, Backup(moment, "", 0, time.monotonic() - begun, 0, 0, error.what()))
        raise
    seconds = time.monotonic() - begun
    made = Backup(moment, str(file), file.stat().st_size, seconds, listed, copied)
    note_backup(home, made)
    return made
