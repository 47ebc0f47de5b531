"""Uploads over a line that breaks: byte-exact, no page twice, how fast, in how much memory.

The file is a zip of scans, so that after the upload it is checked and queued as a batch too.

``python -m bench.uploads --megabytes 500 --breaks 20``
"""

from __future__ import annotations

import argparse
import base64
import contextlib
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
import zipfile
from pathlib import Path

import cv2
import numpy as np
import psutil

from desk.security.passwords import hash_password, invent_password
from models.database import open_database
from models.migrating import migrate
from models.states import Role
from models.tables import Scan
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
    source = folder / "source.zip"
    pages = _batch(source, megabytes)
    size = source.stat().st_size
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
        source.unlink()
        checked = client.work_off(server.pid)
        with database.read() as connection:
            scans = [row.digest for row in connection.execute(Scan.__table__.select())]
    finally:
        server.terminate()
        server.wait()
        database.close()
    return {
        "megabytes": megabytes, "breaks": breaks, "byte_exact": same,
        "seconds": round(seconds, 1), "megabytes_a_second": round(size / 1e6 / seconds, 1),
        "pages": pages, "scans_queued": len(scans),
        "scans_of_one_digest": len(scans) - len(set(scans)), **checked,
        "bytes_sent_again": resent, "server_rss_megabytes": [before // 10**6, after // 10**6],
    }  # fmt: skip


def _batch(path: Path, megabytes: int) -> int:
    """Write a zip of scans of about 5 MB, no two alike, with its manifest; returns how many."""
    noise = np.random.default_rng(1).integers(0, 255, (3400, 2400), dtype=np.uint8)
    done, picture = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert done
    data = picture.tobytes()
    pages = max(1, megabytes * 1_000_000 // len(data))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(
            "manifest.csv",
            "path,unit,district,kind,year,volume,note\nks,Xã An Thái,Huyện An Lão,KS,2008,01,\n",
        )
        for page in range(pages):
            said = f"page {page:06d}".encode()  # a JPEG's comment makes it another file
            comment = b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said
            archive.writestr(f"ks/{page:06d}.jpg", data[:2] + comment + data[2:])
    return pages


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

    def work_off(self, pid: int) -> dict[str, object]:
        """Have the delivery checked and queued: seconds, how fast the answers, memory."""
        told: dict[str, object] = {}
        peak = 0
        for act, over in (("check", "checked"), ("queue", "queued")):
            began = time.monotonic()
            self._ask("POST", f"{self._delivery}/{act}")
            told[f"{act}_answer_milliseconds"] = round(1000 * (time.monotonic() - began))
            while self._ask("GET", f"{self._delivery}/state").getheader("hx-refresh") is None:
                for child in psutil.Process(pid).children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        peak = max(peak, child.memory_info().rss)
                time.sleep(0.2)
            told[f"{over}_after_seconds"] = round(time.monotonic() - began, 1)
        return {**told, "checker_rss_megabytes": peak // 10**6}

    def upload(
        self, source: Path, size: int, cuts: set[int], chance: random.Random
    ) -> tuple[str, int]:
        """Address of the file, and how many bytes went twice."""
        form = urllib.parse.urlencode({"name": "bench"}).encode()
        kind = "application/x-www-form-urlencoded"
        place = self._ask("POST", "/deliveries", form, Content_Type=kind).getheader("location")
        self._delivery = str(place)
        number = self._delivery.rsplit("/", 1)[1]
        said = {"delivery": number, "path": "source.zip", "modified": "1"}
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
