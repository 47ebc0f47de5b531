"""Where deliveries lie until they are batches: parts as uploaded, and the tree made of them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from desk.settings import DeskSettings
from models.database import Database
from models.delivery_files import IncomingFile, bytes_awaited, bytes_of_contractor
from pipeline.errors import ArchiveError, IntakeError
from pipeline.scan.archive import unpack
from pipeline.scan.names import is_ignored, nfc
from pipeline.scan.report import Progress, Refusal
from pipeline.scan.store import ScanStore, storage_errors
from pipeline.settings import Settings
from pipeline.texts import Text

_DEEPEST = 16
_LONGEST = 1000


@dataclass(frozen=True)
class IntakeRoom:
    """Folder of the deliveries of a home, ``intake/<number>/parts`` and ``…/tree``."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> IntakeRoom:
        """The room of a home."""
        return cls(settings.resolved_home / "intake")

    def folder(self, delivery_id: int) -> Path:
        """All of a delivery."""
        return self.root / str(delivery_id)

    def part(self, file: IncomingFile) -> Path:
        """Where the bytes of a file are collected."""
        return self.folder(file.delivery_id) / "parts" / file.token

    def room_left(self) -> int:
        """Free bytes of the disk."""
        with storage_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            return shutil.disk_usage(self.root).free

    def lacks(
        self, db: Database, contractor_id: int, size: int, options: DeskSettings
    ) -> Literal["quota", "disk", ""]:
        """What keeps so many bytes more of a firm out; empty where there is room."""
        promised, _there = bytes_of_contractor(db, contractor_id)
        if promised + size > options.upload_gigabytes * 1e9:
            return "quota"
        left = self.room_left() - bytes_awaited(db)
        return "disk" if left - size < options.reserve_gigabytes * 1e9 else ""

    def throw_away(self, delivery_id: int) -> None:
        """Remove all of a delivery from the disk."""
        shutil.rmtree(self.folder(delivery_id), ignore_errors=True)


def safe_path(written: str) -> str:
    """The path of a file in its delivery, NFC and with slashes.

    Raises:
        IntakeError: it leads out of the delivery, or no disk could keep it.
    """
    path = nfc(written.replace("\\", "/"))
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if (
        not parts
        or path.startswith("/")
        or ".." in parts
        or re.match(r"[A-Za-z]:", path)
        or any(ord(letter) < 32 or ord(letter) == 127 for letter in path)
        or any(len(part.encode("utf-8", "replace")) > 255 for part in parts)
        or len(parts) > _DEEPEST
        or len(path) > _LONGEST
    ):
        raise IntakeError(
            Text("tên tệp “{name}” không dùng được", "the file name “{name}” cannot be used")
            .format(name=path[:200])
        )  # fmt: skip
    return "/".join(parts)


def build_tree(
    room: IntakeRoom,
    delivery_id: int,
    files: Sequence[IncomingFile],
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[Path, list[Refusal]]:
    """Lay the whole files of a delivery out as a batch folder, zips unpacked.

    Files are linked, not copied. A delivery of one zip is that zip's content.

    Returns:
        The folder, and archives that were refused.
    """
    tree = room.folder(delivery_id) / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    with storage_errors(tree):
        tree.mkdir(parents=True)
    refused: list[Refusal] = []
    wanted = [file for file in files if file.whole and not is_ignored(PurePosixPath(file.path))]
    for file in wanted:
        source, target = room.part(file), tree / file.path
        if PurePosixPath(file.path).suffix.lower() == ".zip":
            folder = tree if len(wanted) == 1 else target.with_suffix("")
            refused += _unpacked(source, target.name, folder, settings, progress)
            continue
        with storage_errors(target):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, target)
            except (FileExistsError, NotADirectoryError):
                clash = IntakeError(Text("hai tệp cùng tên", "two files of one name").format())
                refused.append(Refusal(file.path, clash))
    return tree, refused


def _unpacked(
    source: Path, name: str, folder: Path, settings: Settings, progress: Progress | None
) -> list[Refusal]:
    """Unpack one zip; a broken one is refused alone."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ArchiveError(
                Text("thư mục cùng tên đã có", "there is a folder of that name").format()
            )
        folder.mkdir(parents=True, exist_ok=True)
        return unpack(source, folder, ScanStore(settings.scan_store), settings, progress)
    except ArchiveError as error:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        error.where = name
        return [Refusal(name, error)]
