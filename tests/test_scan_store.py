"""The scan store and the archives it is fed from."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from scan_samples import SETTINGS, encoded, page, store_in

from pipeline.errors import ArchiveError, DiskFullError
from pipeline.scan.archive import member_name, unpack
from pipeline.scan.store import ScanStore, file_digest
from pipeline.settings import Settings


def kept(store: ScanStore) -> list[str]:
    return sorted(
        path.relative_to(store.root).as_posix() for path in store.root.rglob("*") if path.is_file()
    )


def test_a_file_is_kept_once_under_its_digest(tmp_path: Path):
    store, source = store_in(tmp_path), tmp_path / "1.jpg"
    source.write_bytes(b"content")
    digest = file_digest(source)
    assert digest == hashlib.sha256(b"content").hexdigest()
    first = store.put(source, digest, ".jpg")
    assert first == store.put(source, digest, ".jpg") == f"{digest[:2]}/{digest}.jpg"
    assert kept(store) == [first]
    assert store.path(first).read_bytes() == b"content"
    assert store.path(first).stat().st_ino != source.stat().st_ino


def test_an_unpacked_file_is_moved(tmp_path: Path):
    store = store_in(tmp_path)
    with store.incoming() as folder:
        source = folder / "1.jpg"
        source.write_bytes(b"content")
        relative = store.put(source, file_digest(source), ".jpg", move=True)
        assert not source.exists()
    assert kept(store) == [relative]


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path):
    store = store_in(tmp_path)
    with store.incoming() as young:
        old = young.parent / "old"
        old.mkdir()
        os.utime(old, (time.time() - 90_000,) * 2)
        store.sweep()
        assert young.exists()
        assert not old.exists()


def test_a_batch_that_cannot_fit_is_refused_at_once(tmp_path: Path):
    with pytest.raises(DiskFullError) as caught:
        store_in(tmp_path).require_space(10**18)
    assert caught.value.exit_code == 41
    assert caught.value.retryable


_FILL = """
import sys
from pathlib import Path
from pipeline.errors import DiskFullError
from pipeline.scan.store import ScanStore, file_digest
source, root = Path(sys.argv[1]), Path(sys.argv[2])
store = ScanStore(root / "scans")
try:
    store.put(source, file_digest(source), ".jpg")
except DiskFullError as error:
    print("full", error.where.startswith(str(root)))
left = [path for path in root.rglob("*") if path.is_file()]
print("left", len(left))
"""


def test_a_full_disk_leaves_nothing_half(tmp_path: Path):
    source = tmp_path / "large.jpg"
    source.write_bytes(os.urandom(600_000))
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=256k tmpfs "$2" 2>/dev/null || exit 77; exec "$3" -c "$4" "$1" "$2"'
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", source, disk, sys.executable, _FILL],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode in (1, 77) and not done.stdout:
        pytest.skip("no private mounts here")
    assert done.stdout.split() == ["full", "True", "left", "0"], done.stderr


# --- archives -----------------------------------------------------------------------------------


def zipped(tmp_path: Path, members: dict[str, bytes], **options: int) -> Path:
    path = tmp_path / "lo.zip"
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def unpacked(tmp_path: Path, archive: Path, settings: Settings = SETTINGS) -> list[str]:
    folder = tmp_path / "out"
    folder.mkdir()
    unpack(archive, folder, store_in(tmp_path), settings)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_a_plain_archive_is_unpacked_and_reported(tmp_path: Path):
    archive = zipped(tmp_path, {"sổ/1.jpg": b"1", "so\\2.jpg": b"2", "__MACOSX/sổ/._1.jpg": b"x"})
    calls = []
    folder = tmp_path / "out"
    folder.mkdir()
    unpack(archive, folder, store_in(tmp_path), SETTINGS, lambda *call: calls.append(call))
    assert [call[:2] for call in calls] == [(1, 2), (2, 2)]
    assert (folder / "sổ" / "1.jpg").read_bytes() == b"1"
    assert (folder / "so" / "2.jpg").read_bytes() == b"2"


@pytest.mark.parametrize(
    "name", ["../1.jpg", "a/../../1.jpg", "/etc/1.jpg", "C:\\1.jpg", "..\\1.jpg", "a\x01b.jpg"]
)
def test_a_name_that_leads_out_is_refused_before_anything_is_written(tmp_path: Path, name: str):
    archive = zipped(tmp_path, {"ok.jpg": b"1", name: b"2"})
    with pytest.raises(ArchiveError) as caught:
        unpacked(tmp_path, archive)
    assert caught.value.where == "lo.zip"
    assert caught.value.exit_code == 15
    assert not any((tmp_path / "out").iterdir())


def test_a_symbolic_link_is_refused(tmp_path: Path):
    link = zipfile.ZipInfo("1.jpg")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "lo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match=r"1\.jpg"):
        unpacked(tmp_path, path)


def test_a_bomb_is_refused_from_its_list(tmp_path: Path):
    archive = zipped(tmp_path, {"1.bmp": bytes(300_000_000)}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ArchiveError, match=r"0\.3 GB"):
        unpacked(tmp_path, archive)


def test_an_archive_over_the_limit_is_refused(tmp_path: Path):
    archive = zipped(tmp_path, {"1.jpg": os.urandom(2000)})
    with pytest.raises(ArchiveError, match="HOTICH_MAX_ARCHIVE_GIGABYTES"):
        unpacked(tmp_path, archive, Settings(max_archive_gigabytes=1e-6))


def test_a_password_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOTICH_LANGUAGE", "en")
    archive = zipped(tmp_path, {"1.jpg": b"1"})
    data = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at] |= 1
    archive.write_bytes(data)
    with pytest.raises(ArchiveError, match="password"):
        unpacked(tmp_path, archive)


@pytest.mark.parametrize("cut", [10, 400, 700])
def test_a_broken_archive_is_refused(tmp_path: Path, cut: int):
    archive = zipped(tmp_path, {f"{n}.jpg": os.urandom(200) for n in range(3)})
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(ArchiveError):
        unpacked(tmp_path, archive)


def test_damaged_content_is_noticed_by_its_checksum(tmp_path: Path):
    archive = zipped(tmp_path, {"1.jpg": b"\xff" * 500})
    data = bytearray(archive.read_bytes())
    data[100] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(ArchiveError):
        unpacked(tmp_path, archive)


def test_an_archive_in_the_archive_is_refused_alone(tmp_path: Path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1.jpg", b"1")
    path = zipped(tmp_path, {"a/1.jpg": b"1", "a/more.zip": inner.getvalue()})
    folder = tmp_path / "out"
    folder.mkdir()
    [refusal] = unpack(path, folder, store_in(tmp_path), SETTINGS)
    assert refusal.where == "lo.zip/a/more.zip"
    assert isinstance(refusal.error, ArchiveError)
    assert [path.name for path in folder.rglob("*.*")] == ["1.jpg"]


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path):
    archive = zipped(tmp_path, {"a": b"1", "a/1.jpg": b"1"})
    with pytest.raises(ArchiveError):
        unpacked(tmp_path, archive)


def test_utf8_names_without_the_flag_are_read_as_macos_means_them():
    info = zipfile.ZipInfo("Sổ khai sinh/1.jpg".encode().decode("cp437"))
    assert member_name(info) == "Sổ khai sinh/1.jpg"
    assert member_name(zipfile.ZipInfo("caf\u00e9.jpg")) == "café.jpg"
    flagged = zipfile.ZipInfo("Sổ.jpg")
    flagged.flag_bits |= 0x800
    assert member_name(flagged) == "Sổ.jpg"


def test_a_lie_about_the_size_is_caught(tmp_path: Path):
    archive = zipped(tmp_path, {"1.jpg": encoded(page())})
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    archive.write_bytes(data)
    with pytest.raises(ArchiveError):
        unpacked(tmp_path, archive)
