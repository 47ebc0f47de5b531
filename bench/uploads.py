"""Uploads over a line that breaks: byte-exact, how fast, and how much memory the desk takes.

``python -m bench.uploads --megabytes 500 --breaks 20``
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import psutil

from desk.security.passwords import hash_password, invent_password
from models.database import open_database
from models.migrating import migrate
from models.states import Role
from models.users import add_user
from pipeline.settings import PROJECT, Settings

_PIECE = 8 * 1024 * 1024
_TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def main() -> None:
    """Upload one file of random bytes and say what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--breaks", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), asked.megabytes, asked.breaks), indent=1))


def measure(folder: Path, megabytes: int, breaks: int) -> dict[str, object]:
    """The figures of one upload whose line is cut in the middle of pieces, at random."""
    chance = random.Random(1)
    size = megabytes * 1_000_000
    source = folder / "source.pdf"
    with source.open("wb") as file:
        for _ in range(megabytes):
            file.write(chance.randbytes(1_000_000))
    password = invent_password()
    settings = Settings(home=folder / "home")
    settings.home.mkdir()
    migrate(settings.resolved_database_url)
    database = open_database(settings.resolved_database_url)
    add_user(
        database, "bench", "Bench", Role.CONTRACTOR, hash_password(password), contractor="Bench",
        must_change=False, actor="bench",
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "desk"],
        env={**os.environ, "HOTICH_HOME": str(settings.home), "HOTICH_DESK_PORT": str(port),
             "HOTICH_DESK_RESERVE_GIGABYTES": "0", "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        client = _Client(port)
        client.log_in("bench", password)
        before = psutil.Process(server.pid).memory_info().rss
        cuts = set(chance.sample(range(max(breaks, -(-size // _PIECE))), breaks))
        began = time.monotonic()
        url, resent = client.upload(source, size, cuts, chance)
        seconds = time.monotonic() - began
        after = psutil.Process(server.pid).memory_info().rss
        part = next((settings.home / "intake").rglob(f"parts/{url.rsplit('/', 1)[1]}"))
        with part.open("rb") as one, source.open("rb") as other:
            same = (
                hashlib.file_digest(one, "sha256").digest()
                == hashlib.file_digest(other, "sha256").digest()
            )
    finally:
        server.terminate()
        server.wait()
        database.close()
    return {
        "megabytes": megabytes, "breaks": breaks, "byte_exact": same,
        "seconds": round(seconds, 1), "megabytes_a_second": round(size / 1e6 / seconds, 1),
        "bytes_sent_again": resent, "server_rss_megabytes": [before // 10**6, after // 10**6],
    }  # fmt: skip


class _Client:
    """Speaks tus over one connection that it may cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._headers = {"Origin": f"http://127.0.0.1:{port}", "Accept": "application/json"}
        for _ in range(600):
            try:
                self._ask("GET", "/health")
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the desk does not answer")

    def _ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, path, body, {**self._headers, **named})
        reply = connection.getresponse()
        reply.read()
        connection.close()
        return reply

    def log_in(self, login: str, password: str) -> None:
        form = urllib.parse.urlencode({"login": login, "password": password}).encode()
        kind = "application/x-www-form-urlencoded"
        reply = self._ask("POST", "/login", form, Content_Type=kind)
        self._headers["Cookie"] = str(reply.getheader("set-cookie")).split(";")[0]

    def upload(
        self, source: Path, size: int, cuts: set[int], chance: random.Random
    ) -> tuple[str, int]:
        """Address of the file, and how many bytes went twice."""
        form = urllib.parse.urlencode({"name": "bench"}).encode()
        kind = "application/x-www-form-urlencoded"
        place = self._ask("POST", "/deliveries", form, Content_Type=kind).getheader("location")
        number = str(place).rsplit("/", 1)[1]
        said = {"delivery": number, "path": "source.pdf", "modified": "1"}
        metadata = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items()
        )
        made = self._ask(
            "POST", "/uploads", Tus_Resumable="1.0.0", Upload_Length=str(size),
            Upload_Metadata=metadata,
        )  # fmt: skip
        url = str(made.getheader("location"))
        piece_number, again = 0, 0
        with source.open("rb") as file:
            offset = 0
            while offset < size:
                file.seek(offset)
                piece = file.read(_PIECE)
                if piece_number in cuts:
                    again += self._cut(url, piece, offset, chance.randrange(1, len(piece)))
                else:
                    self._ask("PATCH", url, piece, **_named(piece, offset))
                piece_number += 1
                head = self._ask("HEAD", url, Tus_Resumable="1.0.0")
                offset = int(str(head.getheader("upload-offset")))
        return url, again

    def _cut(self, url: str, piece: bytes, offset: int, after: int) -> int:
        """Send part of a piece, then hang up without a word."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        line.putrequest("PATCH", url)
        headers = {key.replace("_", "-"): text for key, text in _named(piece, offset).items()}
        for key, text in {**self._headers, **headers, "Content-Length": str(len(piece))}.items():
            line.putheader(key, text)
        line.endheaders()
        line.send(piece[:after])
        line.close()
        return after


def _named(piece: bytes, offset: int) -> dict[str, str]:
    checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
    return {
        **_TUS, "Upload-Offset": str(offset), "Upload-Checksum": f"sha256 {checksum}",
    }  # fmt: skip


if __name__ == "__main__":
    main()
