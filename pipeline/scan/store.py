"""The scan store: originals kept by the digest of their bytes, each written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import DiskFullError, StorageError, UnreadableFileError
from pipeline.scan.names import nfc
from pipeline.texts import Text

_INCOMING = ".incoming"
_STALE_SECONDS = 24 * 3600
"""After a day, what lies in the incoming folder was left by a process that was killed."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class ScanStore:
    """Folder of originals, ``ab/abcdef….jpg``: two letters of the SHA-256, then all of it.

    A file that is there is complete and never changes, so that any process may add to the
    store at any time and a repeat costs one reading of the file.
    """

    root: Path

    def path(self, relative: str) -> Path:
        """Where a stored file lies; ``relative`` is what :meth:`put` returned."""
        return self.root / relative

    def has(self, digest: str, suffix: str) -> bool:
        """True if a file of that digest is kept."""
        return self.path(_relative(digest, suffix)).exists()

    def put(self, source: Path, digest: str, suffix: str, *, move: bool = False) -> str:
        """Keeps a file under its digest and returns its path relative to the store.

        Args:
            source: the file; a batch folder's files are copied, because hard links would let
                a later edit of the original change what is stored.
            digest: SHA-256 of ``source`` as :func:`file_digest` gave it.
            suffix: ending of the stored name, ``.jpg``.
            move: take the file away from where it is (it came out of an archive).

        Raises:
            DiskFullError: no space left; nothing half-written stays.
            UnreadableFileError: the file changed or went while it was copied.
        """
        relative = _relative(digest, suffix)
        target = self.root / relative
        with storage_errors(self.root):
            if target.exists():
                return relative
            target.parent.mkdir(parents=True, exist_ok=True)
            if move and _same_device(source, self.root):
                _sync(source)
                source.replace(target)
            else:
                self._copy(source, target)
            _sync(target.parent)
        return relative

    def _copy(self, source: Path, target: Path) -> None:
        before = _stamp(source)
        with self.incoming() as folder:
            half = folder / target.name
            shutil.copyfile(source, half)
            _sync(half)
            if _stamp(source) != before:
                raise UnreadableFileError(
                    Text(
                        "tệp thay đổi trong lúc sao chép", "the file changed while it was copied"
                    ).format(),
                    where=nfc(source.name),
                )
            half.replace(target)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A folder on the store's disk for files on their way in; gone when the block ends."""
        with storage_errors(self.root):
            parent = self.root / _INCOMING
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Removes what killed processes left in the incoming folder more than a day ago."""
        parent = self.root / _INCOMING
        if not parent.is_dir():
            return
        for folder in parent.iterdir():
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def require_space(self, size: int) -> None:
        """Refuses at once what cannot fit, rather than after an hour of copying.

        Raises:
            DiskFullError: fewer than ``size`` bytes are free.
        """
        with storage_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.root).free
        if free < size:
            raise DiskFullError(
                Text("cần {need} MB, còn {free} MB", "{need} MB needed, {free} MB free").format(
                    need=-(-size // 1_000_000), free=free // 1_000_000
                ),
                where=str(self.root),
            )


def _relative(digest: str, suffix: str) -> str:
    return f"{digest[:2]}/{digest}{suffix}"


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def storage_errors(where: Path) -> Iterator[None]:
    """Turns a full disk and other failures of the system into errors a person understands.

    Raises:
        DiskFullError: no space, or the quota is used up.
        StorageError: any other failure to write.
    """
    try:
        yield
    except OSError as error:
        kind = DiskFullError if error.errno in _FULL else StorageError
        raise kind(error.strerror or str(error), where=str(where)) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _same_device(source: Path, root: Path) -> bool:
    return source.stat().st_dev == root.stat().st_dev
