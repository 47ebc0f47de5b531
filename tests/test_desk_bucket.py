"""Batches in a bucket of an S3-compatible server: over HTTP, with a line that breaks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs
from desk_browser import desk_app, enter
from desk_intake import jpeg
from desk_watch import Office, book, sums

from desk.intake.collecting import Swept
from desk.intake.watch_state import last_look
from models import Database
from models.tables import Batch, Scan
from pipeline.errors import WatchedPlaceError

pytestmark = pytest.mark.slow
LISTED = 10
"""Keys that the server names at once; Amazon's names 1,000."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "MOTO_S3_DEFAULT_MAX_KEYS": str(LISTED)},
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.1)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


class Line:
    """A line to the server that breaks off after so many bytes, as often as asked."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cuts: list[int] = []
        self.down = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            if self.down:
                caller.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._pass, args=(caller, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, caller, True), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while piece := source.recv(65536):
                # A large answer is a file on its way.
                if answers and len(piece) > 2000 and self.cuts:
                    sink.sendall(piece[: self.cuts.pop()])
                    break
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def line(server: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    line = Line(server)
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{line.port}", "AWS_ACCESS_KEY_ID": "hotich",
        "AWS_SECRET_ACCESS_KEY": "hotich", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    yield line
    s3fs.S3FileSystem.clear_instance_cache()
    line.close()


@pytest.fixture
def office(firms: Database, tmp_path: Path, line: Line) -> Iterator[Office]:
    bucket = f"in-{os.getpid()}-{abs(hash(tmp_path.name)) % 10**6}"
    made = Office(firms, tmp_path, f"s3://{bucket}/lo")
    made.fs.mkdir(bucket)
    yield made


def test_a_bucket_whose_folder_is_not_there_yet_is_empty(office: Office) -> None:
    assert office.look() == Swept()


def test_a_batch_in_a_bucket_is_taken_once_answered_and_put_away(office: Office) -> None:
    files = book()
    office.put("xanh/lô 17", {**files, "SHA256SUMS": sums(files), "XONG": b""})
    office.work()
    assert [one.name for one in office.rows(Batch)] == ["lô 17"]
    scans = office.rows(Scan)
    kept = [(office.settings.scan_store / scan.path).read_bytes() for scan in scans]
    assert kept == [jpeg(1), jpeg(2), jpeg(3)]
    assert "Đã vào hàng đợi: lô số 1." in office.answer("xanh/lô 17")
    office.fs.invalidate_cache()
    there = [path.removeprefix(f"{office.root}/") for path in office.fs.find(office.root)]
    assert sorted(there) == sorted(
        ["xanh/lô 17.KET-QUA.txt", "xanh/_da-nhan/lô 17.1/XONG",
         *(f"xanh/_da-nhan/lô 17.1/{path}" for path in (*files, "SHA256SUMS"))]
    )  # fmt: skip
    assert office.look() == Swept()


def test_a_batch_of_more_objects_than_a_listing_holds_is_seen_whole(office: Office) -> None:
    pages = 2 * LISTED + 3
    office.put("xanh/lo", {**book(pages=pages), "XONG": b""})
    office.work()
    assert len(office.rows(Scan)) == pages
    office.fs.invalidate_cache()
    assert len(office.fs.find(f"{office.root}/xanh/_da-nhan")) == pages + 2
    assert office.fs.find(f"{office.root}/xanh/lo") == []


def test_a_line_that_breaks_in_the_midst_of_files_changes_no_byte(
    office: Office, line: Line
) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    line.cuts = [700, 1500, 30]
    for _ in range(4):  # what is not got over by the client itself comes with the next look
        office.work()
    assert line.cuts == []
    scans = office.rows(Scan)
    kept = [(office.settings.scan_store / scan.path).read_bytes() for scan in scans]
    assert kept == [jpeg(1), jpeg(2), jpeg(3)]


def test_a_server_that_is_away_is_said_and_taken_up_again(office: Office, line: Line) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    line.down = True
    with pytest.raises(WatchedPlaceError) as raised:
        office.look()
    assert "không trả lời" in raised.value.what()
    assert "không trả lời" in shown(office)
    line.down = False
    office.work()
    assert len(office.rows(Scan)) == 3
    assert "không trả lời" not in shown(office)
    assert "Đang được xem đều" in shown(office)


def test_keys_that_are_refused_are_said_without_the_keys(office: Office, server: int) -> None:
    count_keys(server, b"0")
    try:
        with pytest.raises(WatchedPlaceError) as raised:
            office.look()
        assert "không được vào" in raised.value.what()
    finally:
        count_keys(server, b"inf")
    page = shown(office)
    assert "không được vào" in page and "khóa truy cập" in page


def count_keys(server: int, after: bytes) -> None:
    """From so many requests on, the server lets nobody in whose keys it has not given out."""
    url = f"http://127.0.0.1:{server}/moto-api/reset-auth"
    told = urllib.request.Request(url, data=after, headers={"content-type": "text/plain"})
    urllib.request.urlopen(told).close()


def test_a_bucket_that_vanishes_is_said_and_what_was_taken_stays(office: Office) -> None:
    office.put("xanh/lo", {**book(), "XONG": b""})
    office.work()
    office.fs.rm(office.root.split("/")[0], recursive=True)
    with pytest.raises(WatchedPlaceError) as raised:
        office.look()
    assert "không có “in-" in raised.value.what()
    state = last_look(office.home / "intake")
    assert state is not None
    assert state.said("en")["what"].startswith("The watched place fails: there is no “in-")
    assert len(office.rows(Scan)) == 3


def shown(office: Office) -> str:
    """The operations page."""
    app = desk_app(office.db, office.home, watch=office.address)
    return enter(app, "giamsat").get("/operations").text
