"""A watched folder or bucket: one folder a contractor, in it their batches.

Spoken to through fsspec, so that ``/srv/in``, ``s3://bucket/in`` and every other file system
that it knows are the same here. Nothing in it is trusted: links are left alone, paths are
checked like those of an upload.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO, Any, cast

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from desk.intake.room import safe_path
from pipeline.errors import HotichError, IntakeError, SettingsError, WatchedPlaceError
from pipeline.scan.manifest import is_manifest_name
from pipeline.scan.names import fold, is_ignored, nfc
from pipeline.texts import Text

log = logging.getLogger("hotich.watch")
TAKEN = "_da-nhan"
"""Where batches are moved that were taken; names with an underscore are ours."""
RESULT = ".KET-QUA.txt"
_MARKERS = {"xong", "done", "hoanthanh"}
"""A file of this name (any ending, any content) says: nothing more comes."""
_SUMS = {"sha256sums", "sha256sum", "sha256"}
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".uploading")
"""Endings that copying programs give to files they have not finished."""
_MOST_FILES = 200_000
_STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")


@dataclass(frozen=True)
class InboxFile:
    """A file of a batch: ``path`` in it, where it lies, bytes, and what changes when it does."""

    path: str
    where: str
    size: int
    stamp: str

    @property
    def modified(self) -> int:
        """The stamp as a number that JavaScript could hold, as uploads have it."""
        return int(hashlib.sha256(self.stamp.encode()).hexdigest()[:12], 16)


@dataclass(frozen=True)
class InboxBatch:
    """A batch as it lies there. ``login`` names the contractor's account."""

    login: str
    name: str
    where: str
    files: tuple[InboxFile, ...]
    whole: bool
    """Somebody said that nothing more comes."""
    unfinished: bool
    """A file is still being written, by its name."""

    @property
    def place(self) -> str:
        """Below the root."""
        return f"{self.login}/{self.name}"

    @cached_property
    def mark(self) -> str:
        """Digest over place, paths, sizes and stamps: the same batch has the same."""
        digest = hashlib.sha256(self.place.encode())
        for file in self.files:
            digest.update(f"\n{file.path}\0{file.size}\0{file.stamp}".encode())
        return digest.hexdigest()

    @property
    def contents(self) -> list[InboxFile]:
        """What is handed over: all but the marker and the digests."""
        return [file for file in self.files if not _is(file, _MARKERS | _SUMS)]

    @property
    def sums(self) -> InboxFile | None:
        """The file with the digests, as ``sha256sum`` writes it."""
        return next((file for file in self.files if _is(file, _SUMS)), None)

    @property
    def has_manifest(self) -> bool:
        """Whether a list of its books lies with it (a zip may hold one: we look later)."""
        return any(
            is_manifest_name(PurePosixPath(file.path).name) or file.path.lower().endswith(".zip")
            for file in self.files
            if file.path.count("/") <= 1
        )


@dataclass(frozen=True)
class Inbox:
    """The root, and the file system it lies in."""

    fs: AbstractFileSystem
    root: str

    @classmethod
    def at(cls, address: str) -> Inbox:
        """An inbox by its path or URL.

        Raises:
            SettingsError: no such file system, or its package is not installed.
        """
        try:
            fs, root = url_to_fs(address)
        except (ImportError, ValueError, OSError) as error:
            raise SettingsError(f"HOTICH_DESK_WATCH: {error}") from error
        return cls(fs, str(root).rstrip("/"))

    @property
    def keeps_objects(self) -> bool:
        """A bucket: folders are only names in it, and nothing in it can be moved at once."""
        return bool(getattr(self.fs, "async_impl", False))

    def entries(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Folders and zips that lie in the contractors' folders, each with whose it is.

        Raises:
            WatchedPlaceError: the place is not there, lets nobody in, or does not answer.
        """
        with reaching(self.root):
            yield from self._batches()

    def _batches(self) -> Iterator[tuple[str, dict[str, Any]]]:
        self.fs.invalidate_cache()
        for firm in self._firms():
            if firm["type"] != "directory" or _ours(firm):
                continue
            try:
                entries = self._entries(str(firm["name"]))
            except OSError as error:  # of one firm: the others' batches are taken
                log.warning("watch: %s: %s", _name(firm), error)
                continue
            for entry in entries:
                zipped = _name(entry).lower().endswith(".zip")
                if not _ours(entry) and (entry["type"] == "directory" or zipped):
                    yield nfc(_name(firm)), entry

    def _firms(self) -> list[dict[str, Any]]:
        try:
            return self._entries(self.root)
        except FileNotFoundError:
            # In a bucket a folder is there from its first file on; the bucket itself must be.
            if self.keeps_objects and self.fs.ls(self.root.split("/")[0], detail=True) is not None:
                return []
            raise

    def look(self, login: str, entry: dict[str, Any]) -> InboxBatch:
        """A batch with all its files.

        Raises:
            IntakeError: too many files, or a name that no disk can keep.
        """
        where, name = str(entry["name"]), nfc(_name(entry))
        files: list[InboxFile] = []
        if entry["type"] == "directory":
            for found in self._files(where):
                path = safe_path(str(found["name"])[len(where) :].lstrip("/"))
                files.append(InboxFile(path, str(found["name"]), _size(found), _stamp(found)))
                if len(files) > _MOST_FILES:
                    raise IntakeError(
                        Text("quá nhiều tệp trong một lô", "too many files in one batch").format()
                    )
        else:
            files.append(InboxFile(safe_path(name), where, _size(entry), _stamp(entry)))
        files.sort(key=lambda file: file.path)
        return InboxBatch(
            login, name, where, tuple(files),
            whole=any(_is(file, _MARKERS) for file in files),
            unfinished=any(file.path.lower().endswith(_UNFINISHED) for file in files),
        )  # fmt: skip

    def again(self, batch: InboxBatch) -> InboxBatch | None:
        """The batch as it lies there now; None where it is gone."""
        self.fs.invalidate_cache()
        folder = batch.where.rpartition("/")[0]
        for entry in self._entries(folder):
            if str(entry["name"]) == batch.where:
                return self.look(batch.login, entry)
        return None

    def open(self, where: str) -> IO[bytes]:
        """A file to be read.

        Raises:
            OSError: it is gone, or on the way to it stands a link: on this machine somebody may
                have put one there since it was listed.
        """
        if not isinstance(self.fs, LocalFileSystem):
            return cast("IO[bytes]", self.fs.open(where, "rb"))
        *folders, name = PurePosixPath(where).relative_to(self.root).parts
        at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for folder in folders:
                below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                os.close(at)
                at = below
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
            return os.fdopen(file, "rb")
        finally:
            os.close(at)

    def put_away(self, batch: InboxBatch, number: int) -> None:
        """Move a batch that was taken out of the way, under the number of its delivery.

        Raises:
            WatchedPlaceError: it cannot be moved.
        """
        with reaching(batch.where):
            self._move(batch, number)

    def _move(self, batch: InboxBatch, number: int) -> None:
        folder = f"{batch.where.rpartition('/')[0]}/{TAKEN}"
        self.fs.makedirs(folder, exist_ok=True)
        stem, dot, suffix = batch.name.rpartition(".") if batch.name.endswith(".zip") else (
            batch.name, "", "",
        )  # fmt: skip
        target = f"{folder}/{stem}.{number}{dot}{suffix}"
        if dot or not self.keeps_objects:
            self.fs.mv(batch.where, target, recursive=not dot)
            return
        # As a folder a bucket's client copies it, and then misses an object of its bare name.
        self.fs.invalidate_cache()
        there = list(self.fs.find(batch.where))
        self.fs.copy(there, [target + path[len(batch.where) :] for path in there])
        # What says that the batch is whole goes first: killed here, the rest is no batch.
        says = {file.where for file in batch.files if file.path.count("/") <= 1 and _says(file)}
        for part in (sorted(says), [path for path in there if path not in says]):
            if part:
                self.fs.rm(part)

    def tell(self, place: str, text: str) -> None:
        """Write what became of a batch beside where it lay.

        Raises:
            WatchedPlaceError: nothing can be written there.
        """
        # With a byte order mark: old editors of Windows take it for UTF-8 then.
        with reaching(self.root):
            self.fs.pipe_file(f"{self.root}/{place}{RESULT}", text.encode("utf-8-sig"))

    def _entries(self, folder: str) -> list[dict[str, Any]]:
        found = [
            entry
            for entry in self.fs.ls(folder, detail=True)
            if not entry.get("islink")
            and str(entry["name"]).rstrip("/") != folder.rstrip("/")
            and not is_ignored(PurePosixPath(_name(entry)))
        ]
        return sorted(found, key=lambda entry: str(entry["name"]))

    def _files(self, folder: str) -> Iterator[dict[str, Any]]:
        for entry in self._entries(folder):
            if entry["type"] == "directory":
                yield from self._files(str(entry["name"]))
            elif entry["type"] == "file":
                yield entry


@contextmanager
def reaching(place: str) -> Iterator[None]:
    """What a file system raises, in our words; what is ours passes.

    Raises:
        WatchedPlaceError: the place is not there, lets nobody in, or does not answer.
    """
    try:
        yield
    except HotichError:
        raise
    except FileNotFoundError as error:
        raise WatchedPlaceError(why=_GONE.filled(place=place)) from error
    except PermissionError as error:
        raise WatchedPlaceError(why=_SHUT.filled(place=place, why=_first_line(error))) from error
    # Clients of buckets raise errors of their own, which share no class but this one.
    except Exception as error:
        raise WatchedPlaceError(why=_SILENT.filled(place=place, why=_first_line(error))) from error


_GONE = Text("không có “{place}”", "there is no “{place}”")
_SHUT = Text("không được vào “{place}”: {why}", "access to “{place}” is refused: {why}")
_SILENT = Text("“{place}” không trả lời: {why}", "“{place}” does not answer: {why}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200] or type(error).__name__


def parse_sums(text: str) -> dict[str, str]:
    """Path to digest of a file as ``sha256sum`` writes it; lines that are none are left out."""
    found = {}
    for line in text.lstrip("\ufeff").splitlines():
        digest, _space, path = line.strip().partition(" ")
        digest = digest.lstrip("\\").lower()
        if len(digest) == 64 and all(letter in "0123456789abcdef" for letter in digest):
            found[nfc(path.lstrip(" *").replace("\\", "/").removeprefix("./"))] = digest
    return found


def _is(file: InboxFile, names: set[str]) -> bool:
    return "/" not in file.path and fold(file.path.split(".")[0]) in names


def _says(file: InboxFile) -> bool:
    return _is(file, _MARKERS) or is_manifest_name(PurePosixPath(file.path).name)


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def _ours(entry: dict[str, Any]) -> bool:
    return _name(entry).startswith("_")


def _size(entry: dict[str, Any]) -> int:
    return int(entry.get("size") or 0)


def _stamp(entry: dict[str, Any]) -> str:
    return next((f"{name}={entry[name]}" for name in _STAMPS if entry.get(name)), "")
