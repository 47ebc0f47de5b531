"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_SECONDS = 60
ROOM_IN_MEMORY = 4 * 2**30
# Nothing here outlives the test run: speed before safety.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "max_connections": "60",
    "listen_addresses": "",
}
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://hotich@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="hotich", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def binary(name: str) -> str | None:
    """A server program: in PATH, or where Debian keeps it out of PATH (newest version first)."""
    found = shutil.which(name)
    if found:
        return found
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(versions, key=lambda path: float(path.parts[4]), reverse=True)
    return str(newest[0]) if newest else None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster, run it, and remove it. Root starts it as another user, as it demands."""
    folder = Path(tempfile.mkdtemp(prefix="hotich-pg-", dir=_memory()))
    user = _other_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    log = folder / "log"
    with log.open("w") as output:
        subprocess.run(
            [binary("initdb"), "-D", data, "-U", "hotich", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, env=environment, cwd=folder, stdout=output, **as_user,
        )  # fmt: skip
        options = [f"-c{name}={value}" for name, value in FAST.items()]
        server = subprocess.Popen(
            [binary("postgres"), "-D", data, "-k", folder, *options],
            env=environment, cwd=folder, stdout=output, stderr=output, preexec_fn=_die_with_parent,
            **as_user,
        )  # fmt: skip
    try:
        _wait(folder, server, log)
        yield Cluster(folder)
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing here is kept
        server.wait(START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """Where there is room, the server's files stay off the disk: a test writes 20 MB of them."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_IN_MEMORY
    return memory if roomy else None


def _other_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no other user")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait(folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        try:
            psycopg.connect(host=str(folder), user="hotich", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL is not ready after {START_SECONDS} s:\n{log.read_text()}")
